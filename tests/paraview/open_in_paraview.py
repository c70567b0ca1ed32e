#!/usr/bin/env python3
"""Opens run folders in a real ParaView: times, positions, names, ranges; empty population; anisotropic and thin grids.
  open_in_paraview.py UNIT_IO            starts the pvpython that tools/dev/paraview has unpacked
                                         (exit 77 when there is none: run tools/dev/paraview once)
  pvpython open_in_paraview.py --inside FOLDER
UNIT_IO is the executable of tests/unit/io, which writes the folders that are opened here."""
import os, pathlib, subprocess, sys, tempfile

def outside(unit_io):
    top = pathlib.Path(__file__).resolve().parents[2]
    found = subprocess.run([top / "tools/dev/paraview", "--check"], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0 or not found.stdout.strip():
        print("skipped: no ParaView (tools/dev/paraview unpacks one)")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([unit_io, "--test-case=sample folders", "--minimal"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "INVADO_SAMPLE_FOLDER": scratch})
        return subprocess.run([found.stdout.strip(), __file__, "--inside", scratch]).returncode

if sys.argv[1] != "--inside":
    sys.exit(outside(sys.argv[1]))

from paraview import simple, servermanager
from vtkmodules.numpy_interface import dataset_adapter
import numpy as np
top = pathlib.Path(sys.argv[2])

def same(what, got, wanted, tolerance=0.0):
    got, wanted = np.asarray(got, float), np.asarray(wanted, float)
    if got.shape != wanted.shape or not np.all(np.abs(got - wanted) <= tolerance):
        raise SystemExit(f"{what}: got {got}, expected {wanted}")

def opened(path):
    reader = simple.OpenDataFile(str(path))
    if reader is None: raise SystemExit(f"{path}: ParaView has no reader for it")
    reader.UpdatePipelineInformation()
    return reader

def times(reader):
    steps = reader.TimestepValues
    return list(steps) if hasattr(steps, "__len__") else [steps]

def at(reader, time):
    reader.UpdatePipeline(time)
    return servermanager.Fetch(reader)

def arrays(data):
    return dataset_adapter.WrapDataObject(data).PointData

def positions(data):
    return np.array([data.GetPoint(i) for i in range(data.GetNumberOfPoints())]).reshape(-1, 3)

def expected_positions(n, tick):
    ids = np.arange(n)
    return np.stack([10.0 + ids, 20.0 + 2 * ids + tick, 3 + 0.1 * ids], 1)

def check_image(what, data, shape, origin, spacing):
    same(what + ": dimensions", data.GetDimensions(), shape)
    same(what + ": bounds", data.GetBounds(),
         np.stack([origin, np.array(origin) + (np.array(shape) - 1) * spacing], 1).ravel(), 1e-9)

def check_density(data, shape):
    k, j, i = np.meshgrid(*(range(n) for n in reversed(shape)), indexing="ij")
    same("density", np.asarray(arrays(data)["density"]), (1 + 0.1 * i + 0.01 * j + 0.001 * k).ravel(), 1e-6)

# --- a usual run: cells and lattice through time
frames = [(0.0, 0, 40), (1.0, 10, 40), (2.5, 25, 45)]
cells = opened(top / "usual" / "cells.hdf.series")
same("times of cells", times(cells), [0, 1, 2.5])
for time, tick, n in frames[::-1] + frames:  # also backwards: a time slider goes both ways
    data = at(cells, time)
    assert data.IsA("vtkUnstructuredGrid") and data.GetNumberOfCells() == n, (data.GetClassName(), data.GetNumberOfCells())
    assert data.GetCellType(0) == 1, "vertices"
    same("positions", positions(data), expected_positions(n, tick), 1e-9)
    assert len({data.GetCell(c).GetPointId(0) for c in range(n)}) == n
    point = arrays(data)
    names = set(point.keys())
    for name in ("id", "type", "pakt", "vimentin_stability", "runx2_activity", "velocity", "radius", "speed_um_h", "persistence_h"):
        assert name in names, (name, sorted(names))
    same("pakt", point["pakt"], np.arange(n) / 100, 1e-6)
    same("runx2_activity", point["runx2_activity"], np.arange(n) / 200 + 1, 1e-6)
    same("velocity", np.asarray(point["velocity"])[0], [0.5, -0.25, 0])
    same("range of pakt", data.GetPointData().GetArray("pakt").GetRange(), [0, (n - 1) / 100], 1e-6)
    same("id", point["id"], np.arange(n))

lattice = opened(top / "usual" / "lattice.hdf.series")
same("times of the lattice", times(lattice), [0, 1, 2.5])
for time in (2.5, 0.0):
    data = at(lattice, time)
    check_image("lattice", data, [7, 5, 3], [5, 10, 2.5], [10, 20, 5])
    check_density(data, [7, 5, 3])
    assert {"density", "pore", "stiffness", "alignment", "fibre", "crosslinking", "tissue"} <= set(arrays(data).keys())
    same("fibre", np.asarray(arrays(data)["fibre"])[17], [0.5, 0, 0], 1e-6)

fields = opened(top / "usual" / "fields.hdf.series")
data = at(fields, 1.0)
check_image("fields", data, [4, 3, 2], [8.75, 50 / 3, 3.75], [17.5, 100 / 3, 7.5])
k, j, i = np.meshgrid(range(2), range(3), range(4), indexing="ij")
same("egf", np.asarray(arrays(data)["egf"]), (i + 10 * j + 100 * k).ravel())

# --- the same run as XDMF
def leaves(data):
    if not data.IsA("vtkCompositeDataSet"): return [data]
    blocks, found = data.NewIterator(), []
    blocks.InitTraversal()
    while not blocks.IsDoneWithTraversal():
        found.append(blocks.GetCurrentDataObject())
        blocks.GoToNextItem()
    return found

checked = []
for name in ("Xdmf3ReaderT", "XDMFReader"):
    kind = getattr(simple, name, None)
    if kind is None: continue
    checked.append(name)
    try:
        reader = kind(FileNames=[str(top / "usual" / "run.xdmf")])
    except AttributeError:
        reader = kind(FileName=[str(top / "usual" / "run.xdmf")])
    reader.UpdatePipelineInformation()
    same(f"{name}: times", times(reader), [0, 1, 2.5])
    blocks = leaves(at(reader, 2.5))
    clouds = [b for b in blocks if b.GetNumberOfPoints() == 45]
    assert len(clouds) == 1 and len(blocks) == 3, (name, [(b.GetClassName(), b.GetNumberOfPoints()) for b in blocks])
    same(f"{name}: positions", positions(clouds[0]), expected_positions(45, 25), 1e-9)
    same(f"{name}: pakt", arrays(clouds[0])["pakt"], np.arange(45) / 100, 1e-6)
    boxes = [b for b in blocks if b.GetNumberOfPoints() == 7 * 5 * 3]
    assert len(boxes) == 1
    same(f"{name}: lattice", boxes[0].GetBounds(), [5, 65, 10, 90, 2.5, 12.5], 1e-9)
    same(f"{name}: density", boxes[0].GetPointData().GetArray("density").GetRange(), [1, 1.642], 1e-6)
    simple.Delete(reader)
assert checked, "no XDMF reader"

# --- nobody there
data = at(opened(top / "empty" / "cells.hdf.series"), 0.0)
assert data.GetNumberOfPoints() == 0 and data.GetNumberOfCells() == 0
later = opened(top / "empty_later" / "cells.hdf.series")
for time, n in ((0.0, 40), (1.0, 0), (0.0, 40)):
    assert at(later, time).GetNumberOfPoints() == n, (time, at(later, time).GetNumberOfPoints())
nobody = simple.XDMFReader(FileNames=[str(top / "empty" / "run.xdmf")])
assert sorted(b.GetNumberOfPoints() for b in leaves(at(nobody, 0.0))) == [24, 105]  # lattice and fields, no cells

# --- one voxel thick (shown by the two faces of the layer); many chunks; no matrix
data = at(opened(top / "thin" / "lattice.hdf.series"), 0.0)
check_image("thin lattice", data, [7, 5, 2], [5, 10, 0], [10, 20, 15])
j, i = np.meshgrid(range(5), range(7), indexing="ij")
same("thin density", np.asarray(arrays(data)["density"]), np.tile((1 + 0.1 * i + 0.01 * j).ravel(), 2), 1e-6)
same("thin fibre", np.asarray(arrays(data)["fibre"])[69], [0.5, 0, 0], 1e-6)
data = at(opened(top / "thread" / "lattice.hdf.series"), 0.0)
check_image("thread", data, [7, 2, 2], [5, 0, 0], [10, 20, 15])
same("thread density", np.asarray(arrays(data)["density"]), np.tile(1 + 0.1 * np.arange(7), 4), 1e-6)
data = at(opened(top / "large" / "lattice.hdf.series"), 0.0)
check_image("large lattice", data, [64, 50, 60], [0.5, 1, 0.125], [1, 2, 0.25])
same("large density", np.asarray(arrays(data)["density"]).reshape(60, 50, 64)[59, 49, 63], 1 + 6.3 + 0.49 + 0.059, 1e-5)
data = at(opened(top / "large" / "cells.hdf.series"), 0.0)
same("last of many cells", data.GetPoint(70002), expected_positions(70003, 0)[-1], 1e-8)
assert at(opened(top / "bare" / "cells.hdf.series"), 0.0).GetNumberOfPoints() == 40

print(f"cells, lattice, fields and XDMF open in ParaView {simple.GetParaViewVersion()} ({', '.join(checked)}): ok")
