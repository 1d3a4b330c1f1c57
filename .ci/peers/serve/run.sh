#!/usr/bin/env bash
# Loads scones serve and servers of other makes in turn, on this machine, with the built-in model and pictures of 32 × 32 pixels, and prints
# a table of answers a second and latencies.
#
#   .ci/peers/serve/run.sh [--seconds N] [--pairs N] [--clients 1,8,64]
#
# The others are installed by version into the user's cache. By default a run takes 20 minutes on two idle cores.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/scones-ci/peers
mkdir -p "$cache/bin"
cd "$here/../../.."
for peer in python mlserver; do
  venv=$cache/serve-$peer
  [ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
  if ! cmp -s "$here/$peer.txt" "$venv/installed.txt"; then
    if "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/$peer.txt"; then
      cp "$here/$peer.txt" "$venv/installed.txt"
    else
      echo "peers: $peer cannot be installed here, its rows are left out" >&2
    fi
  fi
done
go build -o "$cache/bin/scones" ./cmd/scones
exec "$cache/serve-python/bin/python" "$here/compare.py" --cache "$cache" "$@"
