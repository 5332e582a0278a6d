#!/bin/sh
# read-made-file.sh MAKE-FILE PYTHON READ-FILES: make a small result file and read it with the
# Python tools; 77 (skipped) where modules are missing.
set -u
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
"$1" "$folder/out.h5" || exit 1
"$2" "$3" "$folder/out.h5"
