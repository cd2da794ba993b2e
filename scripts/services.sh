#!/usr/bin/env bash
# The tests of engines start PostgreSQL and Spark (Java): use what is there, or install Debian's and say so.
set -euo pipefail
wanted=()
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || wanted+=(postgresql)
command -v java >/dev/null || wanted+=(openjdk-17-jre-headless)
[ "${#wanted[@]}" -eq 0 ] && exit 0
echo "The tests of engines need what is not on this machine: installing Debian's packages ${wanted[*]}."
if [ "$(id -u)" -ne 0 ]; then
  echo "This needs root. Run: sudo apt-get install -y ${wanted[*]}" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${wanted[@]}" >/dev/null
