#!/usr/bin/env bash
# Type-checks what captures macOS and Windows for these systems, on Debian: tools/targets.sh
# Needs Debian's rustc-web, cargo-web and rust-web-src; installs them where it may. The standard library is checked along
# (`-Zbuild-std`), so the first run takes minutes. Nothing is linked, and nothing of it has been run there yet.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(rustc-web cargo-web rust-web-src)
if ! dpkg -s "${packages[@]}" > /dev/null 2>&1; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
        echo "check-targets: needs these packages, and apt and root to install them: ${packages[*]}" >&2
        exit 2
    fi
    apt-get update -qq > /dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
fi
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
check() {
    /usr/bin/cargo check --quiet --locked -Zbuild-std=std --target "$1" --target-dir target/targets "${@:2}"
}
# C code is not compiled: its compiler is told that all went well, and its archives are empty.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
cat > "$tools/ar" << 'END'
#!/usr/bin/env bash
for each in "$@"; do
    each=${each#-out:}
    case $each in *.a | *.lib) : >> "$each" ;; esac
done
END
chmod +x "$tools/ar"
export CC=true AR=$tools/ar SDKROOT=/ PYO3_NO_PYTHON=1
# Whether errors are found at all.
control() {
    if check "$@" --features planted 2> /dev/null; then
        echo "check-targets: an error that was planted for $1 was not found" >&2
        exit 1
    fi
}
check aarch64-apple-darwin -p ironcliw-macos -p ironcliw-python
check aarch64-apple-darwin -p ironcliw-gpu -p ironcliw-python --features ironcliw-python/gpu
check x86_64-pc-windows-msvc -p ironcliw-windows -p ironcliw-python
control aarch64-apple-darwin -p ironcliw-macos
control aarch64-apple-darwin -p ironcliw-gpu
control x86_64-pc-windows-msvc -p ironcliw-windows
echo "check-targets: macOS and Windows sources are well typed; they were not run"
