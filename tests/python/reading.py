#!/usr/bin/env python3
"""tools/python/invado.py on a run, a running one, a sweep and an analysis; and that the examples are Python.

    reading.py PROGRAM SOURCE_DIR            exit code 77: pandas, h5py or anndata is missing
"""
import ast
import atexit
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import anndata  # noqa: F401 (asked for here, used by the module)
    import h5py
    import numpy as np
    import pandas as pd
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.append(str(source / "tools" / "python"))
sys.dont_write_bytecode = True
import invado

scratch = pathlib.Path(tempfile.mkdtemp(prefix="invado_"))
atexit.register(shutil.rmtree, scratch, ignore_errors=True)
shutil.copy(source / "scenarios/wells_akt_vimentin.yaml", scratch)
failures = []


def expect(what, holds, more=""):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what} {more}")


def run(*arguments):
    subprocess.run([program, *map(str, arguments)], cwd=scratch, check=True, capture_output=True)


def raises(kind, call):
    try:
        call()
    except kind:
        return True
    return False


# --- A run ------------------------------------------------------------------------------------------------------------------
run("run", source / "scenarios/persistent_walk.yaml", "-o", "walk", "--until", "4 h", "--set", "population.walkers.count=50", "-q")
walk = invado.Run(scratch / "walk")
series, tracks, msd = walk.series(), walk.tracks(), walk.msd()
expect("series has a row per 10 min", len(series) == 25 and series["time_h"].iloc[-1] == 4, series["time_h"])
expect("tracks have every cell in every frame", len(tracks) == 50 * 25 and tracks["track_id"].nunique() == 50, len(tracks))
expect("msd has lags", len(msd) > 3 and (msd.iloc[:, 1] > 0).any(), msd.head())
expect("provenance", walk.provenance["seed"] == 1917 and walk.provenance["exit"] == 0)
first, last = walk.snapshot(0), walk.snapshot()
expect("snapshots in time", (first.time_h, last.time_h) == (0, 4) and len(walk.snapshots) == 2, walk.snapshots)
cells = last.cells()
expect("a row per cell", len(cells) == 50 and list(cells.index) == list(range(50)), cells.index)
expect("types are names", set(cells["type"]) == {"walker"} and isinstance(cells["type"].dtype, pd.CategoricalDtype))
expect("units", cells.attrs["units"]["x_um"] == "um" and cells.attrs["units"]["velocity_z"] == "um/min", cells.attrs)
with h5py.File(last.path) as file:
    order = np.argsort(file["cells/id"][()])
    expect("positions are the file's", np.array_equal(cells[["x_um", "y_um", "z_um"]], file["cells/position"][()][order]))
# The end of the run in snapshot, tracks and series is one and the same: displacement of founders, boundaries periodic.
end = tracks[tracks["time_h"] == 4].set_index("track_id")[["x_um", "y_um", "z_um"]]
begin = tracks[tracks["time_h"] == 0].set_index("track_id")[["x_um", "y_um", "z_um"]]
far = np.sqrt(((end - begin) ** 2).sum(axis=1)).mean()
expect("tracks and series agree", abs(far / series["net_displacement_um_mean"].iloc[-1] - 1) < 1e-4, far)
expect("snapshot and tracks agree", np.allclose((cells[["x_um", "y_um", "z_um"]] - end) % 1000 % 999.999, 0, atol=0.01))
expect("all snapshots in one table", len(walk.cells()) == 100 and set(walk.cells()["time_h"]) == {0, 4})
# A row that is being written is left out.
with open(scratch / "walk/series.csv", "a") as file:
    file.write("4.1666")
expect("an incomplete row is left out", len(walk.series()) == 25)
expect("no run", raises(FileNotFoundError, lambda: invado.Run(scratch)))
expect("no array", raises(KeyError, lambda: last.grid("density")))

# --- A sweep ------------------------------------------------------------------------------------------------------------------
(scratch / "doses.yaml").write_text("""\
sweep: 1
name: doses
base: wells_akt_vimentin.yaml
replicates: 2
set: {duration: 4 h, output.snapshots: 4 h, population.well.count: 20, cell_types.sts.noise.intrinsic: 1}
axes:
  inhibitor: {path: perturbations.drug.knobs.akt_inhibitor, values: [0, 0.9]}
observables:
  pakt: {column: pakt_mean}
  curve: {column: pakt_mean, take: curve}
""")
run("sweep", "plan", "doses.yaml")
sweep = invado.Sweep(scratch / "sweeps/doses")
expect("a planned sweep", sweep.axes == ["inhibitor"] and not sweep.points()["done"].any() and len(sweep.points()) == 4)
expect("a run that is not there yet", raises(FileNotFoundError, lambda: sweep.run(0)))
run("sweep", "run", "doses.yaml", "--progress", "none")
run("sweep", "collect", "doses.yaml")
run("sweep", "analyse", "doses.yaml")
table, points = sweep.table(), sweep.points()
expect("all are done", points["done"].all() and (table["state"] == "done").all())
expect("seeds are exact", list(table["seed"]) == list(points["seed"]), (table["seed"], points["seed"]))
expect("curves end in the table", np.allclose(sweep.curves().groupby(["point", "replicate"])["curve"].last().to_numpy(), table["pakt"]))
one = sweep.run(1, 1)
expect("a run of a sweep", one.series()["pakt_mean"].iloc[-1] == table["pakt"].iloc[3], table)
expect("its drug acts", table.groupby("inhibitor")["pakt"].mean().is_monotonic_decreasing)
expect("effects are means", np.isclose(sweep.effects()["mean"], table.groupby("inhibitor")["pakt"].mean()).all())
expect("no such point", raises(KeyError, lambda: sweep.run(9)))
wells = one.snapshot()
data = wells.anndata()
expect("AnnData", data.X.shape[0] == 20 and "pakt" in data.var_names and np.allclose(data[:, "pakt"].X[:, 0], wells.cells()["pakt"]))

# --- Examples -------------------------------------------------------------------------------------------------------------------
for example in sorted((source / "tools/python/examples").glob("*.py")):
    try:
        ast.parse(example.read_text(), str(example))
    except SyntaxError as error:
        expect(f"{example.name} is Python", False, error)

print(f"{len(failures)} failures")
sys.exit(bool(failures))
