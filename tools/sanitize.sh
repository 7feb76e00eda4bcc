#!/usr/bin/env bash
# Looks for leaks and bad memory accesses in the native code: AddressSanitizer with LeakSanitizer over the crates' tests,
# valgrind over the extension as Python uses it. Each must first find a leak that was planted.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(rustc -vV | sed -n 's/^host: //p')
export RUSTC_BOOTSTRAP=1 # sanitizers are not stable yet; the compiler is the ordinary one
export CARGO_TARGET_DIR=target/sanitized
sanitized() { RUSTFLAGS=-Zsanitizer=address cargo test --release --target "$target" --quiet "$@"; }

echo "sanitize: the planted leak"
if sanitized -p ironcliw-change --test planted_leak -- --ignored > /dev/null 2>&1; then
    echo "sanitize: LeakSanitizer does not find a planted leak here, so it would find no other either" >&2
    exit 1
fi
echo "sanitize: the crates' tests"
# Documentation tests are compiled by rustdoc, which does not link the sanitizer's runtime. The GPU crate's tests would
# look into a driver that is not ours.
sanitized --workspace --exclude ironcliw-python --exclude ironcliw-gpu --lib --bins --tests
echo "sanitize: the extension under valgrind (minutes)"
unset RUSTC_BOOTSTRAP CARGO_TARGET_DIR
.venv/bin/python tools/valgrind.py
echo "sanitize: 0 reports"
