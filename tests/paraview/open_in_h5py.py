#!/usr/bin/env python3
"""Opens snapshots and wrappers with h5py, as a user's notebook does.
  open_in_h5py.py UNIT_IO      UNIT_IO: the executable of tests/unit/io, which writes the folders that are opened here
Exit codes: 0 all as it should be, 1 not, 77 numpy or h5py is missing."""
import json, os, pathlib, subprocess, sys, tempfile, xml.etree.ElementTree as xml
try:
    import h5py, numpy as np
except ImportError as missing:
    print(f"skipped: {missing}"); sys.exit(77)

def same(what, got, wanted, tolerance=0.0):
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.shape != wanted.shape or not np.all(np.abs(got.astype(float) - wanted.astype(float)) <= tolerance):
        raise SystemExit(f"{what}: got {got}, expected {wanted}")

def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)

def check_usual(folder):
    for index, (tick, n) in enumerate([(0, 40), (10, 40), (25, 45)]):
        path = folder / "snapshots" / f"snap_{index:06}.h5"
        with h5py.File(path) as f:
            assert text(f.attrs["format"]) == "invado snapshot", f.attrs["format"]
            same("format_version", f.attrs["format_version"], 1)
            same("time_h", f.attrs["time_h"], tick / 10)
            same("step", f.attrs["step"], tick)
            assert int(f.attrs["seed"]) == 18446744073709551557, f.attrs["seed"]
            assert text(f.attrs["digest"]) == "00112233445566778899aabbccddeeff"
            ids = np.arange(n)
            same("id", f["cells/id"], ids)
            same("position", f["cells/position"], np.stack([10.0 + ids, 20.0 + 2 * ids + tick, 3 + 0.1 * ids], 1), 1e-12)
            same("pakt", f["cells/pakt"], ids / 100, 1e-6)
            assert f["cells/pakt"].dtype == "<f4" and f["cells/position"].dtype == "<f8" and f["cells/type"].dtype == "u1"
            assert f["cells/velocity"].shape == (n, 3) and text(f["cells/velocity"].attrs["unit"]) == "um/min"
            assert [text(t) for t in f["cells/type"].attrs["names"]] == ["sts", "fibroblast"]
            k, j, i = np.meshgrid(range(3), range(5), range(7), indexing="ij")
            same("density", f["lattice/density"], 1 + 0.1 * i + 0.01 * j + 0.001 * k, 1e-6)
            same("origin", f["lattice"].attrs["origin"], [5, 10, 2.5])
            for name in ("position", "pakt"):  # no dataset or group tells when it was made
                assert h5py.h5g.get_objinfo(f["cells/" + name].id).mtime == 0, name
        for what, group in (("cells", "cells"), ("lattice", "lattice"), ("fields", "fields")):
            with h5py.File(folder / "snapshots" / f"{what}_{index:06}.hdf") as f:
                assert os.path.getsize(f.filename) < 20000, "wrappers are a few kB"
                kind = f["VTKHDF"].attrs.get_id("Type")
                assert kind.get_type().get_class() == h5py.h5t.STRING and not kind.get_type().is_variable_str()
                assert kind.get_type().get_cset() == h5py.h5t.CSET_ASCII
                same("Version", f["VTKHDF"].attrs["Version"], [1, 0])
                for name in f["VTKHDF/PointData"]:
                    link = f["VTKHDF/PointData"].get(name, getlink=True)
                    assert isinstance(link, h5py.ExternalLink) and link.filename == f"snap_{index:06}.h5", (name, link)
                    assert f["VTKHDF/PointData"][name].size > 0, name
                if what == "cells":
                    same("Points", f["VTKHDF/Points"].shape, [n, 3])
                    same("NumberOfPoints", f["VTKHDF/NumberOfPoints"], [n])
                    same("Offsets", f["VTKHDF/Offsets"], np.arange(n + 1))
                    same("Types", f["VTKHDF/Types"], np.ones(n))
    for what in ("cells", "lattice", "fields"):
        series = json.loads((folder / f"{what}.hdf.series").read_text())
        assert series["file-series-version"] == "1.0"
        assert [e["time"] for e in series["files"]] == [0.0, 1.0, 2.5], series
        assert all((folder / e["name"]).is_file() for e in series["files"])
    # Every item of the XDMF file is there, with the extents that it claims; origin and spacing run z y x.
    tree = xml.parse(folder / "run.xdmf")
    times = {}
    for item in tree.iter("DataItem"):
        if item.get("Format") != "HDF": continue
        name, dataset = item.text.split(":")
        with h5py.File(folder / name) as f:
            same(item.text, f[dataset].shape, [int(n) for n in item.get("Dimensions").split()])
            assert f[dataset].dtype.itemsize == int(item.get("Precision")), item.text
    for collection in tree.getroot().find("Domain"):
        times[collection.get("Name")] = [float(t.get("Value")) for t in collection.iter("Time")]
        if collection.get("Name") == "lattice":
            origin, spacing = (item.text for item in next(collection.iter("Geometry")))
            assert origin == "2.5 10 5" and spacing == "5 20 10", (origin, spacing)
            assert next(collection.iter("Topology")).get("Dimensions") == "3 5 7"
    assert times == {"cells": [0.0, 1.0, 2.5], "lattice": [0.0, 1.0, 2.5], "fields": [0.0, 1.0, 2.5]}, times

def check_large(folder):
    with h5py.File(folder / "snapshots" / "snap_000000.h5") as f:
        data = f["lattice/density"]
        assert data.chunks and all(n % c == 0 for n, c in zip(data.shape, data.chunks)), data.chunks
        assert data.compression == "gzip" and data.compression_opts in (1, 2, 3) and data.shuffle
        k, j, i = np.meshgrid(range(60), range(50), range(64), indexing="ij")
        same("density", data, 1 + 0.1 * i + 0.01 * j + 0.001 * k, 1e-5)
        ids = np.arange(70003)
        assert f["cells/position"].chunks[0] < 70003
        same("position", f["cells/position"], np.stack([10.0 + ids, 20.0 + 2 * ids, 3 + 0.1 * ids], 1), 1e-9)

def check_small(top):
    with h5py.File(top / "empty" / "snapshots" / "cells_000000.hdf") as f:
        assert f["VTKHDF/Points"].shape == (0, 3) and list(f["VTKHDF/Offsets"]) == [0]
    with h5py.File(top / "bare" / "snapshots" / "snap_000000.h5") as f:
        assert "lattice" not in f and "fields" not in f
    with h5py.File(top / "thin" / "snapshots" / "lattice_000000.hdf") as f:
        same("WholeExtent", f["VTKHDF"].attrs["WholeExtent"], [0, 6, 0, 4, 0, 1])
        assert f["VTKHDF/PointData/density"].shape == (2, 5, 7)  # the two faces of the layer
    with h5py.File(top / "thin" / "snapshots" / "snap_000000.h5") as f:
        assert f["lattice/density"].shape == (1, 5, 7)

with tempfile.TemporaryDirectory() as scratch:
    subprocess.run([sys.argv[1], "--test-case=sample folders", "--minimal"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "INVADO_SAMPLE_FOLDER": scratch})
    top = pathlib.Path(scratch)
    check_usual(top / "usual")
    check_large(top / "large")
    check_small(top)
print("snapshots, wrappers and XDMF open in h5py: ok")
