#!/usr/bin/env python3
"""What the documentation names is there: commands with their options, keys, columns.

Wherever a page writes a command of imagrid, that command has the options that follow it. Names in the
pages that define the experiments are keys, words of the reference configurations, or columns.
"""
import os
import pathlib
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

try:
    import yaml
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

SOURCE = pathlib.Path(support.SOURCE)
DEFINING = ("paper-silent.md", "protocol.md")


def texts():
    """Pages and scripts that a person reads or copies from."""
    for pattern in ("*.md", "docs/**/*.md", "jobs/*.sbatch", "tools/quickstart"):
        for path in sorted(SOURCE.glob(pattern)):
            yield path.name, path.read_text(encoding="utf-8")


def wrong_options():
    """Options that a page gives to a command which has no such option."""
    printed = support.must(support.run(0, "--help")).stdout
    commands = re.findall(r"(?m)^  ([a-z]+)  +\S", printed)
    known = {name: set(re.findall(r"--[\w-]+", support.must(support.run(0, name, "--help")).stdout))
             for name in commands}
    form = rf'imagrid"?[ -]({"|".join(commands)})\b([^`|;&<>#\n]*)'
    for page, text in texts():
        for command, words in re.findall(form, text.replace("\\\n", " ")):
            for option in re.findall(r"(?<!\S)--[a-z][\w-]*", words):
                if option not in known[command]:
                    yield f"{page}: imagrid {command} has no {option}"


def paths(mapping, before=""):
    """Dotted names of all keys of a configuration."""
    for key, value in mapping.items():
        yield before + key
        if isinstance(value, dict):
            yield from paths(value, before + key + ".")


def known_names():
    """Keys, from the configurations that the references resolve to, and all words of these; columns."""
    names = set()
    for path in sorted((SOURCE / "configs" / "reference").glob("*.yaml")):
        listed = support.must(support.run(0, "list", path)).stdout
        config = yaml.safe_load(listed[listed.index("# resolved configuration"):])
        for part in config.pop("parts", []):
            config.update(part)
        names |= {*paths(config), *re.findall(r"[a-z]+(?:[._][a-z]+)*", path.read_text(encoding="utf-8"))}
    for path in (SOURCE / "src").rglob("*.c"):
        names |= set(re.findall(r'"([a-z_]+)"', path.read_text(encoding="utf-8")))
    return names


def wrong_names():
    known = known_names()
    for page in DEFINING:
        text = (SOURCE / "docs" / page).read_text(encoding="utf-8")
        used = set(re.findall(r"`([a-z]+(?:[._][a-z]+)*)`", text))
        print(f"{page}: {len(used)} names, {len(known)} known")
        yield from (f"{page}: neither key nor column: {name}" for name in sorted(used - known))


wrong = [*wrong_options(), *wrong_names()]
print("\n".join(wrong))
sys.exit(bool(wrong))
