#!/usr/bin/env bash
# Loads scones serve and servers of other makes in turn, on this machine, with the built-in model and pictures of 32 × 32 pixels, and prints
# a table of answers a second and latencies.
#
#   .ci/peers/serve/run.sh [--seconds N] [--pairs N] [--clients 1,8,64]
#   .ci/peers/serve/run.sh endure [overload|swaps|batching|soak]... [--seconds N] [--swaps N] [--minutes N]
#
# The second form lets scones serve alone be overloaded, swap its model a thousand times, batch a large model, and run for ten minutes
# with captures. The others are installed by version into the user's cache. Each form takes about 20 minutes on two idle cores.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/scones-ci/peers
mkdir -p "$cache/bin"
cd "$here/../../.."
program=compare.py
if [ "${1:-}" = endure ]; then
  program=endure.py
  shift
fi
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
go build -o "$cache/bin/artifact" ./.ci/peers/artifact
export PYTHONPATH=$here/.. PYTHONDONTWRITEBYTECODE=1 # the tools of the other comparison
exec "$cache/serve-python/bin/python" "$here/$program" --cache "$cache" "$@"
