#!/usr/bin/env python3
"""Sensitivity analysis with SALib: its points in, its indices out; invado runs what lies between.

    salib_sobol.py PROGRAM [POINTS]          PROGRAM: build/release/invado

Needs SALib (pip install SALib; not in Debian 12) and pandas. Not run by the tests: only checked to be Python. `design: {saltelli: ...}` and `invado sweep analyse` do the same
without Python."""
import pathlib
import subprocess
import sys

import pandas as pd
from SALib.analyze import sobol
from SALib.sample import saltelli

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import invado

program, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 64
problem = {"num_vars": 2, "names": ["myr_akt", "inhibitor"], "bounds": [[1, 6], [0, 0.95]]}
x = saltelli.sample(problem, n, calc_second_order=False)
points = pd.DataFrame(x, columns=problem["names"])
points.drop_duplicates().to_csv("salib_points.csv", index=False)  # a sweep refuses equal points

pathlib.Path("salib.yaml").write_text("""\
sweep: 1
name: myr-AKT against an AKT inhibitor, points from SALib
base: wells_akt_vimentin.yaml
set: {duration: 48 h, output.snapshots: 48 h}
axes:
  myr_akt:   {path: perturbations.myr_akt.knobs.myr_akt}
  inhibitor: {path: perturbations.drug.knobs.akt_inhibitor}
design: {csv: {file: salib_points.csv}}
observables:
  stability: {column: vimentin_stability_mean}
""")
subprocess.run([program, "sweep", "run", "salib.yaml"], check=True)
subprocess.run([program, "sweep", "collect", "salib.yaml"], check=True)
table = invado.Sweep("sweeps/salib").table()
y = points.merge(table, on=problem["names"], how="left")["stability"].to_numpy()
print(sobol.analyze(problem, y, calc_second_order=False).to_df())
