"""Checks ONNX files with onnx's own checker, shapes included. Fails at the first file that it does not accept.

    pip install onnx
    python .ci/onnx-check.py FILE...
"""
import sys

import onnx

if not sys.argv[1:]:
    sys.exit(__doc__)
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as err:
        sys.exit("%s: %s" % (path, err))
print("%d files accepted by onnx %s" % (len(sys.argv) - 1, onnx.__version__))
