#!/bin/sh
# Makes .venv with everything in it. Run by `make`; safe to run again.
set -eu

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for one in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
    if [ -n "$one" ] && command -v "$one" >/dev/null 2>&1 && new_enough "$one"; then
        python=$one
        break
    fi
done
if [ -z "$python" ]; then
    echo "relay needs Python 3.11 or newer / 需要 Python 3.11 或更新版本" >&2
    exit 2
fi

# Debian ships venv apart from Python.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv"
    else
        echo "please install python$version-venv / 请先安装 python$version-venv" >&2
        exit 2
    fi
fi

echo "installing into .venv, about a minute / 正在安装到 .venv，约一分钟"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
PYTHONWARNINGS=ignore .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
