#!/usr/bin/env bash
# Makes small models with other libraries and their real exporters, and compares whole answers with the libraries' own.
#
#   .ci/exporters/run.sh            make all again and compare (downloads PyTorch: 2.5 GB, 6 GB unpacked)
#   .ci/exporters/run.sh --commit   also replace testdata/models
#
# Without arguments from anyone the committed models are compared by go test anyway; this finds out whether today's exporters still
# write what is read. PYTHON names the interpreter of a new environment, SCONES_EXPORTERS_VENV an environment that is there already.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=${SCONES_EXPORTERS_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/scones-ci/exporters}
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
install() { "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }

if ! install -r .ci/exporters/requirements.txt; then
  echo "exporters: skipped, all of them: PyTorch cannot be installed here (see pip's message above)"
  exit 0
fi
wanted=(--library torchvision)
for package in transformers==5.24.0 timm==1.0.31 ultralytics==8.4.190; do
  name=${package%%==*}
  if install "$package" && "$venv/bin/python" -c "import $name" 2>/dev/null; then
    wanted+=(--library "$name")
  else
    echo "exporters: skipped, $name: pip cannot install $package or Python cannot import it here"
  fi
done

models=$(mktemp -d)
trap 'rm -rf "$models"' EXIT
start=$SECONDS
HF_HUB_OFFLINE=1 "$venv/bin/python" .ci/exporters/make.py "$models" --fresh "${wanted[@]}" >"$models/log" 2>&1 ||
  { tail -n 40 "$models/log"; exit 1; }
grep ' s$' "$models/log"
echo "exporters: models made in $((SECONDS - start)) s"
SCONES_MODELS=$models SCONES_TEST_REQUIRE=ort go test -count=1 -run TestForeignModelsAnswerAsTheirLibrary -v ./infer | grep -v '^=== '

if [ "${1:-}" = --commit ]; then
  rm -rf "$models/ultralytics-export" # under its library's licence
  mkdir -p testdata/models
  find testdata/models -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
  find "$models" -mindepth 1 -maxdepth 1 -type d -exec cp -r {} testdata/models/ \;
fi
