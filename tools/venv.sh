#!/usr/bin/env bash
# Makes or renews the one virtual environment from the hashed lock file: tools/venv.sh VENV LOCK
set -euo pipefail
venv=$1 lock=$2
python=${PYTHON:-python3}
"$python" - <<'PY' || { echo "setup: Python 3.11 or newer is needed; name it with make PYTHON=..." >&2; exit 2; }
import sys
raise SystemExit(sys.version_info < (3, 11))
PY
[ -x "$venv/bin/python" ] || { echo "setup: making $venv with $("$python" --version)"; "$python" -m venv "$venv"; }
# uv installs in seconds what pip installs in a minute; it is itself pinned by the lock file.
if [ ! -x "$venv/bin/uv" ]; then
    echo "setup: installing uv"
    pinned=$(mktemp)
    trap 'rm -f "$pinned"' EXIT
    awk '/^[a-z]/ {on = /^uv==/} on' "$lock" > "$pinned"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$pinned"
fi
echo "setup: installing $(grep -c '^[a-z]' "$lock") packages into $venv"
VIRTUAL_ENV=$venv "$venv/bin/uv" pip sync --quiet --require-hashes --python "$venv/bin/python" "$lock"
