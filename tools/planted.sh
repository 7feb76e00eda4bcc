#!/usr/bin/env bash
# Builds the extension with faults that tests plant (panic, abort, SIGSEGV within native work) and says where it lies.
# It takes a minute and a half the first time, so only `make test-full` asks for it.
set -euo pipefail
cd "$(dirname "$0")/.."
features=extension-module,planted
if cargo build --quiet --locked --release -p ironcliw-python --features "$features" 2> /dev/null; then
    echo "planted: a release build takes planted faults in" >&2
    exit 1
fi
cargo build --quiet --locked --profile planted -p ironcliw-python --features "$features" >&2
echo "$PWD/target/planted/lib_native.so"
