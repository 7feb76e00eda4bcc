#!/usr/bin/env bash
# Runs the Python tests: tools/test.sh PYTHON [ARGUMENTS of pytest]
#
# Hundreds of them watch real screens on a machine that does other things, too. Where a few have failed they are run once
# more, alone and in a process of their own: one that fails again has failed, and one that passes then is named at the end,
# because it, or what it tests, has a fault that is still to be found. Many that fail are not run again: that is no chance.
set -uo pipefail
cd "$(dirname "$0")/.."
python=$1
shift
most=3
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
"$python" -m pytest -o cache_dir="$cache" "$@"
status=$?
[ "$status" -eq 1 ] || exit "$status"
list='import json, sys; print(*json.load(open(sys.argv[1])), sep="\n")'
mapfile -t failed < <("$python" -c "$list" "$cache/v/cache/lastfailed")
if [ "${#failed[@]}" -eq 0 ] || [ "${#failed[@]}" -gt "$most" ]; then
    exit "$status"
fi
printf '\ntest: %d failed; once more, alone\n' "${#failed[@]}"
"$python" -m pytest -o cache_dir="$cache" "${failed[@]}" || exit
printf 'test: failed once and passed alone, to be looked into:\n'
printf '  %s\n' "${failed[@]}"
