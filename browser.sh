#!/bin/sh
# Debian's own browsers and a Chinese font, for the tests of the console. Only root installs; elsewhere they are skipped.
set -eu
missing=
command -v chromium >/dev/null 2>&1 || missing=chromium
command -v firefox-esr >/dev/null 2>&1 || command -v firefox >/dev/null 2>&1 || missing="$missing firefox-esr"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    for one in $missing; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$one" fonts-wqy-microhei >/dev/null ||
            echo "$one cannot be had here; its tests are skipped / 装不上 $one，跳过它的测试" >&2
    done
else
    echo "without $missing the tests of the console in a browser are skipped / 缺少 $missing，跳过网页测试" >&2
fi
