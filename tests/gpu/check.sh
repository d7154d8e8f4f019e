#!/bin/sh
# What a GPU gives: rightness, speed and memory of a bundle (packaging/bundle.sh) on this machine, as one JSON document. --help says the rest.
exec "${PYTHON:-python3}" -B "$(dirname "$0")/check.py" "$@"
