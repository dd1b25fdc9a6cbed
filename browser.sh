#!/bin/sh
# Debian's own browser and a Chinese font, for the tests of the console. Only root installs; elsewhere they are skipped.
set -eu
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-wqy-microhei >/dev/null
else
    echo "without chromium the tests of the console in a browser are skipped / 没有 chromium，跳过网页测试" >&2
fi
