#!/usr/bin/env bash
# Runs the tests of the crates without an operating system of their own on aarch64 (NEON), in an emulator:
# tools/aarch64.sh
# Needs Debian's rustc-web, cargo-web, rust-web-src, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user; installs
# them where it may. The standard library is built along, so the first run takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(rustc-web cargo-web rust-web-src gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
if ! dpkg -s "${packages[@]}" > /dev/null 2>&1; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
        echo "check-aarch64: needs these packages, and apt and root to install them: ${packages[*]}" >&2
        exit 2
    fi
    apt-get update -qq > /dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
fi
target=aarch64-unknown-linux-gnu
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
/usr/bin/cargo test -Zbuild-std --target "$target" --target-dir target/aarch64 --quiet -p ironcliw-change -p ironcliw-dedup \
    --lib --tests "$@"
