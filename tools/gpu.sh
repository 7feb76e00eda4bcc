#!/usr/bin/env bash
# Builds the extension with the kernels for graphics processors and says in which folder the package lies that has it.
# tools/gpu.sh; it leaves the common build as it is: the folder holds links to python/ironcliw and its own extension.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --locked --profile quick -p ironcliw-python --features extension-module,gpu >&2
folder=$PWD/target/gpu-package
mkdir -p "$folder/ironcliw"
find "$folder/ironcliw" -maxdepth 1 -type l -delete
for each in python/ironcliw/*; do
    case $each in *.so | *.pyd | */__pycache__) continue ;; esac
    ln -s "$PWD/$each" "$folder/ironcliw/"
done
built=(target/quick/lib_native.so target/quick/lib_native.dylib target/quick/_native.dll)
for each in "${built[@]}"; do
    [ -e "$each" ] || continue
    name=_native.abi3.so
    [ "${each##*.}" = dll ] && name=_native.pyd
    cp "$each" "$folder/ironcliw/$name"
done
echo "$folder"
