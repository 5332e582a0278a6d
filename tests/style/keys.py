#!/usr/bin/env python3
"""Every key that docs/paper-silent.md names belongs to the experiment of its section."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

try:
    import yaml
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


def paths(mapping, before=""):
    """Dotted names of all keys of a configuration."""
    for key, value in mapping.items():
        yield before + key
        if isinstance(value, dict):
            yield from paths(value, before + key + ".")


def reference_keys(experiment):
    """The keys of an experiment, from the configuration that its reference resolves to."""
    path = os.path.join(support.SOURCE, "configs", "reference", experiment + ".yaml")
    listed = support.must(support.run(0, "list", path)).stdout
    config = yaml.safe_load(listed[listed.index("# resolved configuration"):])
    for part in config.pop("parts", []):
        config.update(part)
    return set(paths(config))


def rows_of(section):
    """(number of cells, names in the column of keys) of each row of the section's table."""
    for line in re.findall(r"^\| .*\|$", section, re.MULTILINE):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells != ["open in the paper", "here", "key"]:
            yield len(cells), re.findall(r"`([^`]+)`", cells[-1]) or [cells[-1]]


def main():
    with open(os.path.join(support.SOURCE, "docs", "paper-silent.md"), encoding="utf-8") as page:
        parts = re.split(r"^## `(\w+)`\n", page.read(), flags=re.MULTILINE)
    experiments = {name[:-5] for name in os.listdir(os.path.join(support.SOURCE, "configs", "reference"))}
    wrong = [f"no section on {name}" for name in experiments - set(parts[1::2])]
    for experiment, section in zip(parts[1::2], parts[2::2]):
        known = reference_keys(experiment)
        rows = list(rows_of(section))
        wrong += [f"{experiment}: a row of {n} cells" for n, _ in rows if n != 3]
        wrong += [f"{experiment}: no key '{key}'" for _, keys in rows for key in keys
                  if key not in known | {"none"}]
        wrong += [f"{experiment}: no table"] * (len(rows) < 3)
        print(f"{experiment}: {sum(len(keys) for _, keys in rows)} keys named, {len(known)} there")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
