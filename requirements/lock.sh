#!/bin/sh
# Pin all dependencies with hashes, for any platform's wheels and without the address of any index: `make lock`.
set -eu
python=$1
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet pip-tools

lock() {
    name=$1
    shift
    "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file "requirements/$name.txt" "$@"
}

printf 'hatchling\neditables\n' > "$tools/build.in"
lock runtime --extra all pyproject.toml
lock build --constraint requirements/runtime.txt "$tools/build.in"
# The project itself, named by its own extras, has no hash and is installed from the checkout.
lock dev --constraint requirements/runtime.txt --constraint requirements/build.txt --extra all --extra boundaries --extra dev pyproject.toml
lock bench --constraint requirements/dev.txt --extra all --extra boundaries --extra dev --extra bench pyproject.toml
