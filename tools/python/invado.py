"""Reads what invado writes: runs, snapshots, tracks and sweeps as pandas DataFrames (and AnnData, where it is installed).

    import sys; sys.path.append("tools/python")
    import invado
    run = invado.Run("runs/sarcoma_spheroid")
    run.series().plot("time_h", "front_um_q90")
    run.snapshot(-1).cells()                 # one row per cell, columns pakt, vimentin_stability, ...
    invado.Sweep("sweeps/loop_collapse").table()

Needs numpy and pandas, for snapshots h5py, for anndata() the package anndata. Nothing is ever written.
"""
import io
import json
import pathlib

import numpy as np
import pandas as pd

__all__ = ["Run", "Snapshot", "Sweep"]


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _read_csv(path):
    """A table of invado: a comma-separated file with one header; empty fields are NaN. A row that is being written (no line end
    yet) is left out, so that a running simulation can be read."""
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: is not there")
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    return pd.read_csv(io.BytesIO(whole), float_precision="round_trip")


class Snapshot:
    """One moment of a run: snapshots/snap_000123.h5.

    time_h, step, seed, digest, run_id: as in the file. Everything is read when it is asked for."""

    def __init__(self, path):
        import h5py

        self.path = pathlib.Path(path)
        with h5py.File(self.path, "r") as file:
            kind = _text(file.attrs.get("format", ""))
            if kind != "invado snapshot":
                raise ValueError(f"{self.path}: is no snapshot of invado (format {kind!r})")
            self.time_h = float(file.attrs["time_h"])
            self.step = int(file.attrs["step"])
            self.seed = int(file.attrs["seed"])
            self.digest = _text(file.attrs["digest"])
            self.run_id = _text(file.attrs["run_id"])
            #: names of the sites; [""] when there is only one
            self.sites = list(file["sites"]) if "sites" in file else [""]

    def __repr__(self):
        return f"Snapshot({str(self.path)!r}, {self.time_h:g} h)"

    def _place(self, site):
        site = site or self.sites[0]
        if site not in self.sites:
            raise ValueError(f"{self.path}: no site {site!r}; there are {self.sites}")
        return f"sites/{site}/" if site else ""

    def cells(self, site=""):
        """One row per cell, by id. Vectors become three columns (x_um, y_um, z_um; velocity_x, ...), `type` becomes a categorical
        of names. Units of the columns: cells().attrs["units"]."""
        import h5py

        with h5py.File(self.path, "r") as file:
            group = file[self._place(site) + "cells"]
            columns, units = {}, {}
            for name, data in group.items():
                unit = _text(data.attrs.get("unit", ""))
                values = data[()]
                if name == "type":
                    names = [_text(n) for n in data.attrs["names"]]
                    columns[name] = pd.Categorical.from_codes(values, names)
                elif values.ndim == 2:
                    for axis, letter in enumerate("xyz"):
                        column = f"{letter}_um" if name == "position" else f"{name}_{letter}"
                        columns[column], units[column] = values[:, axis], unit
                elif values.ndim == 1:
                    columns[name], units[name] = values, unit
        table = pd.DataFrame(columns).set_index("id").sort_index()
        table.attrs["units"] = units
        return table

    def grid(self, name, site=""):
        """A lattice array ("density", "fibre", ...) or a soluble factor ("mmp", ...) as a numpy array (z, y, x[, 3]), and the places
        of its voxels: values, {"origin": centre of voxel 0 [x, y, z], "spacing": [x, y, z]} in um."""
        import h5py

        with h5py.File(self.path, "r") as file:
            known = []
            for kind in ("lattice", "fields"):
                try:
                    group = file[self._place(site) + kind]
                except KeyError:
                    continue
                known += list(group)
                if name in group:
                    return group[name][()], {key: np.array(group.attrs[key]) for key in ("origin", "spacing")}
        raise KeyError(f"{self.path}: no array {name!r}; there are {known}")

    def anndata(self, site=""):
        """Cells as AnnData: X the signalling state and phenotypes (all columns of single numbers in single precision), obs the rest,
        obsm["spatial"] the positions in um. Needs the package anndata (Debian: python3-anndata)."""
        import anndata

        cells = self.cells(site)
        place = [c for c in ("x_um", "y_um", "z_um") if c in cells]
        state = [c for c in cells if cells[c].dtype.kind == "f" and c not in place and not c.startswith("velocity_")]
        obs = cells.drop(columns=state + place)
        obs.index = obs.index.astype(str)
        var = pd.DataFrame({"unit": [cells.attrs["units"].get(c, "") for c in state]}, index=state)
        data = anndata.AnnData(X=cells[state].to_numpy(np.float32), obs=obs, var=var)
        if place:
            data.obsm["spatial"] = cells[place].to_numpy()
        data.uns.update(time_h=self.time_h, digest=self.digest, run_id=self.run_id)
        return data


class Run:
    """The results folder of a run; it may still be going on."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not (self.folder / "run.json").is_file():
            raise FileNotFoundError(f"{self.folder}: is no results folder of invado (no run.json)")

    def __repr__(self):
        return f"Run({str(self.folder)!r})"

    @property
    def provenance(self):
        """run.json: version, commit, seed, digest, exit code, ..."""
        return json.loads((self.folder / "run.json").read_text())

    def series(self):
        """series.csv: one row per sample; units are in the names of the columns."""
        return _read_csv(self.folder / "series.csv")

    def tracks(self):
        """tracks.csv: one row per cell and frame (track_id, frame, time_h, x_um, ...)."""
        return _read_csv(self.folder / "tracks.csv")

    def msd(self):
        """msd.csv: mean square displacement against lag."""
        return _read_csv(self.folder / "msd.csv")

    @property
    def snapshots(self):
        """All snapshots, in the order of time."""
        return [Snapshot(path) for path in sorted((self.folder / "snapshots").glob("snap_*.h5"))]

    def snapshot(self, number=-1):
        """One snapshot, by its number in time; -1 is the newest."""
        files = sorted((self.folder / "snapshots").glob("snap_*.h5"))
        if not files:
            raise FileNotFoundError(f"{self.folder}: has no snapshots")
        return Snapshot(files[number])

    def cells(self):
        """The cells of all snapshots in one table, with a column time_h."""
        tables = [s.cells().reset_index().assign(time_h=s.time_h) for s in self.snapshots]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


class Sweep:
    """The folder of a sweep; it may still be going on."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        plan = self.folder / "points.jsonl"
        if not plan.is_file():
            raise FileNotFoundError(f"{self.folder}: is no sweep (no points.jsonl)")
        lines = [json.loads(line) for line in plan.read_text(encoding="utf-8").split("\n") if line]
        #: what is common to all runs: axes, observables, base, ...
        self.plan = lines[0]
        self._runs = lines[1:-1]  # the last line is the checksum

    def __repr__(self):
        return f"Sweep({str(self.folder)!r}, {len(self._runs)} runs)"

    @property
    def axes(self):
        """Names of the axes."""
        return [axis["name"] for axis in self.plan["axes"]]

    def points(self):
        """One row per planned run: point, replicate, id, seed, a column per axis (as written, with units), and `done`."""
        rows = []
        for run in self._runs:
            row = {key: run[key] for key in ("point", "replicate", "id", "seed")}
            row.update(zip(self.axes, run["values"]))
            row["done"] = (self.folder / "points" / run["id"] / "done.json").is_file()
            rows.append(row)
        return pd.DataFrame(rows)

    def table(self):
        """sweep.csv, as `invado sweep collect` makes it: one row per run."""
        return _read_csv(self.folder / "sweep.csv")

    def curves(self):
        """curves.csv: the observables with `take: curve`, one row per run and time."""
        return _read_csv(self.folder / "curves.csv")

    def effects(self):
        """effects.csv of `invado sweep analyse`: mean of each observable per level of each axis."""
        return _read_csv(self.folder / "effects.csv")

    def indices(self):
        """indices.csv of `invado sweep analyse`: shares of the variance, Sobol indices, elementary effects."""
        return _read_csv(self.folder / "indices.csv")

    def interactions(self):
        """interactions.csv of `invado sweep analyse`: excess over independence."""
        return _read_csv(self.folder / "interactions.csv")

    def run(self, point, replicate=0):
        """The finished Run of a point and replicate; KeyError when there is no such run, FileNotFoundError when it is not done."""
        for run in self._runs:
            if run["point"] == point and run["replicate"] == replicate:
                folder = self.folder / "points" / run["id"]
                done = folder / "done.json"
                if not done.is_file():
                    raise FileNotFoundError(f"{folder}: is not done")
                return Run(folder / f"a{json.loads(done.read_text())['attempt']}")
        raise KeyError(f"{self.folder}: no point {point} with replicate {replicate}")
