"""Evidently's defaults on the draws that the Go program beside this one made, and the whole table. By hand, after it:

    pip install -r .ci/peers/drift/requirements.txt
    python .ci/peers/drift/evidently_peer.py work [DRAWS]
"""

import collections
import json
import logging
import pathlib
import sys
import warnings

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
work = pathlib.Path(sys.argv[1])
most = int(sys.argv[2]) if len(sys.argv) > 2 else 10**9

pool = pd.read_csv(work / "pool.csv")
constant = [c for c in pool.columns[2:] if pool[c].nunique() == 1]
answers = {change: part.set_index("row").drop(columns=["change", *constant]) for change, part in pool.groupby("change")}
columns = list(answers["nothing"].columns)
definition = DataDefinition(categorical_columns=["label"], numerical_columns=[c for c in columns if c != "label"])

alarms, draws = collections.defaultdict(collections.Counter), collections.Counter()
for line in open(work / "draws.jsonl"):
    draw = json.loads(line)
    key = draw["change"], draw["n"]
    if draws[key] == most:
        continue
    draws[key] += 1
    reference = Dataset.from_pandas(answers["nothing"].loc[draw["base"]].reset_index(drop=True), data_definition=definition)
    current = Dataset.from_pandas(answers[draw["change"]].loc[draw["window"]].reset_index(drop=True), data_definition=definition)
    found = Report([DataDriftPreset()]).run(current, reference).dict()
    drifted = next(m["value"] for m in found["metrics"] if "DriftedColumnsCount" in str(m.get("metric_name", m.get("metric_id", ""))))
    alarms[key]["Evidently, half of the columns"] += drifted["share"] >= 0.5
    alarms[key]["Evidently, any column"] += drifted["count"] >= 1

table = json.load(open(work / "table.json"))
rules = ["scones once", "scones every 1h", "Evidently, half of the columns", "Evidently, any column", "Model Monitor, Simple 0.1", "Model Monitor, Robust 0.1", "PSI 0.1"]
print("| n | change | " + " | ".join(rules) + " |")
print("|---|---|" + "---|" * len(rules))
for row in table:
    key = row["change"], row["n"]
    cells = []
    for rule in rules:
        if rule.startswith("Evidently"):
            cells.append(f"{100 * alarms[key][rule] / max(1, draws[key]):.0f} %")
        else:
            cells.append(f"{100 * row['alarms'].get(rule, 0) / row['draws']:.0f} %")
    print(f"| {row['n']} | {row['change']} | " + " | ".join(cells) + " |")
