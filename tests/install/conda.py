#!/usr/bin/env python3
"""The conda recipe is rendered, built and its tests are run, without a channel: the packages that it depends on are
empty here, so that compiler, MPI and libraries are the system's.

usage: conda.py FOLDER      with the Python package py-rattler-build; FOLDER is for what it builds
"""
import pathlib
import sys

try:
    import rattler_build as rb
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

PLACE = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "conda"
EMPTY = "schema_version: 1\npackage: {{name: {}, version: {}}}\nbuild: {{noarch: generic, script: ['true']}}\n"


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    recipe = rb.Stage0Recipe.from_file(PLACE / "recipe.yaml")
    variants = rb.VariantConfig.from_file(PLACE / "variants.yaml")
    needed = {"dejavu"}
    for platform in ("linux-64", "linux-aarch64"):
        for built in recipe.render(variants, rb.RenderConfig(rb.PlatformConfig(target_platform=platform))):
            print(platform, built.recipe.package.name, built.recipe.build.string)
            uses = built.recipe.requirements
            needed |= {str(use) for use in [*uses.build, *uses.host, *uses.run]}
    for need in needed:
        name, _, version = need.partition(" ")
        number = version.strip(">=").replace(".*", "") or "1"
        rb.Stage0Recipe.from_yaml(EMPTY.format(name, f"'{number}'")).run_build(output_dir=folder / "channel")
    only = rb.VariantConfig({**{key: variants[key] for key in variants.keys()}, "mpi": ["openmpi"]})
    channel = (folder / "channel").as_uri()
    passed = True
    for result in recipe.run_build(only, output_dir=folder / "built", channels=[channel],
                                   env_isolation=rb.EnvironmentIsolation.NONE):
        print("built", result.packages[0])
        for test in rb.Package.from_file(result.packages[0]).run_tests(channel=[channel]):
            print("\n".join(test.output), "passed" if test.success else "failed", sep="\n")
            passed = passed and test.success
    sys.exit(not passed)


main()
