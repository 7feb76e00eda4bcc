#!/usr/bin/env bash
# Sees to it that there is a driver for Vulkan: Mesa's software one where there is no other and it may be installed.
set -euo pipefail
compgen -G '/usr/share/vulkan/icd.d/*.json' > /dev/null && exit 0
compgen -G '/etc/vulkan/icd.d/*.json' > /dev/null && exit 0
[ "$(uname)" = Linux ] || exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "gpu: installing mesa-vulkan-drivers" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq > /dev/null || true
    apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1 > /dev/null && exit 0
fi
echo "gpu: there is no driver for Vulkan; on Debian, mesa-vulkan-drivers has one in software" >&2
exit 2
