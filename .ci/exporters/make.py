"""Makes the cases of testdata/models: tiny networks of other libraries with random weights, each with the answers of its library.

    python make.py OUT [--fresh] [--library NAME]...

--library makes the cases of one library alone, --fresh also those that are not committed. Usually called by run.sh.
"""

import argparse
import importlib
import time
import warnings

LIBRARIES = ["transformers", "timm", "torchvision", "ultralytics"]


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--library", action="append", choices=LIBRARIES)
    parser.add_argument("--fresh", action="store_true")
    args = parser.parse_args()
    for library in args.library or LIBRARIES:
        start = time.monotonic()
        module = importlib.import_module("from_" + library)
        if library == "ultralytics":
            module.all_cases(args.out, args.fresh)
        else:
            module.all_cases(args.out)
        print(f"{library}: {time.monotonic() - start:.0f} s", flush=True)


main()
