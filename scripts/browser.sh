#!/usr/bin/env bash
# The browser tests need Chromium: use the one that is there, or install Debian's and say so.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
echo "The browser tests need Chromium, which is not on this machine: installing Debian's package chromium (and CJK fonts)."
if [ "$(id -u)" -ne 0 ]; then
  echo "This needs root. Run: sudo apt-get install -y chromium fonts-noto-cjk" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
