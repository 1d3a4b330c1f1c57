#!/usr/bin/env bash
# Measures scones against other ways to do the same work, in alternation on this machine, and prints a table of ratios.
#
#   .ci/peers/run.sh [WORK...] [--pairs N] [--quick] [--json FILE]      WORK is W1 to W6 or scaling; without any, all of them
#
# The peers: a Python script (onnxruntime, Pillow, numpy; the best of a grid of its settings), a C program on the same runtime
# library, and hugot. They are installed by version into the user's cache, where the pictures and models also lie: 600 MB in all,
# and removing the folder is safe. PYTHON names the interpreter of a new environment. A run of everything takes up to 25 minutes on
# two idle cores, with --quick 4.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/scones-ci/peers
mkdir -p "$cache/bin"
cd "$here/../.."

[ -x "$cache/venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$cache/venv"
if ! cmp -s "$here/requirements.txt" "$cache/venv/installed.txt"; then
  "$cache/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$cache/venv/installed.txt"
fi

go build -p 1 -o "$cache/bin/scones" ./cmd/scones
go build -p 1 -o "$cache/bin/session" ./.ci/peers/session
go build -p 1 -o "$cache/bin/artifact" ./.ci/peers/artifact
header=$(go list -m -f '{{.Dir}}' github.com/yalue/onnxruntime_go)
"${CC:-cc}" -O2 -Wall -Wextra -I"$header" -o "$cache/bin/c_peer" "$here/c_peer.c" -ldl
if ! (cd "$here/hugot" && go build -p 1 -tags ORT -o "$cache/bin/hugot" .) 2>"$cache/hugot.log"; then
  rm -f "$cache/bin/hugot"
  echo "peers: hugot cannot be built here, its rows are left out: $(tail -n 1 "$cache/hugot.log")" >&2
fi

exec "$cache/venv/bin/python" "$here/peers.py" --cache "$cache" "$@"
