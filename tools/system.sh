#!/usr/bin/env bash
# Installs the system packages that the demo and the live tests use, where it may (apt, as root); otherwise names
# what is missing. What is there already is left alone.
set -euo pipefail
declare -A package=(
    [Xvfb]=xvfb [xterm]=xterm [xauth]=xauth [xdotool]=xdotool [xrandr]=x11-xserver-utils [Xvnc]=tigervnc-standalone-server
    [xmessage]=x11-utils [dbus-daemon]=dbus [sway]=sway [foot]=foot
    [pipewire]=pipewire-bin
)
missing=()
for program in "${!package[@]}"; do
    command -v "$program" > /dev/null || missing+=("${package[$program]}")
done
# The whole list is read: with pipefail, a grep that leaves early looks like a missing font.
fc-list 2> /dev/null | grep -i dejavu > /dev/null || missing+=(fontconfig fonts-dejavu-core)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "setup: installing system packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null 2>&1 && exit 0
    apt-get update -qq > /dev/null || true
    apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null && exit 0
    echo "setup: could not install ${missing[*]}" >&2
    exit 0
fi
echo "setup: not installed (needs apt and root): ${missing[*]}; live tests that need them will be skipped" >&2
