#!/usr/bin/env python3
"""paraview/view.py in a real ParaView: what it sets up is what the files of a run say, at any time; pictures; state files; refusals.
  view_in_paraview.py PROGRAM SOURCE_DIR   starts the pvpython that tools/dev/paraview has unpacked (exit 77 when there is none)
  pvpython view_in_paraview.py --inside SOURCE_DIR RUN, --sites: of a run with several sites, --template: opens paraview/run.pvsm for it
Seen to fail with: vessels without the radius of the file; the name of the tumour under all sites; the floor left out; bone of another
kind of tissue; a template that keeps the name of its folder, or loses what its filters are linked to."""
import os, pathlib, subprocess, sys, tempfile


def outside(program, source):
    found = subprocess.run([source / "tools/dev/paraview", "--check"], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0 or not found.stdout.strip():
        print("skipped: no ParaView (tools/dev/paraview unpacks one)")
        return 77
    pvpython, view = found.stdout.strip(), source / "paraview/view.py"
    with tempfile.TemporaryDirectory() as scratch:
        run = pathlib.Path(scratch) / "run"
        subprocess.run([program, "run", source / "scenarios/contact_guidance.yaml", "--until", "2 h", "-o", run, "-q",
                        "--set", "domain.size=[200 um, 200 um, 120 um]", "--set", "population.singles.count=30",
                        "--set", "population.singles.place={box: {from: [20 um, 20 um, 20 um], to: [180 um, 180 um, 100 um]}}", "--set", "output.snapshots=1 h", "--progress", "none"], check=True)
        subprocess.run([program, "export", run, "tracks", "--format", "vtp"], check=True, stdout=subprocess.DEVNULL)
        inside = subprocess.run([pvpython, __file__, "--inside", source, run], cwd=run).returncode
        sites = pathlib.Path(scratch) / "sites"
        subprocess.run([program, "run", source / "scenarios/metastasis_breast.yaml", "--until", "6 min", "-o", sites, "-q", "--progress", "none"], check=True)
        beside = subprocess.run([pvpython, __file__, "--sites", source, sites], cwd=sites, stderr=subprocess.PIPE, text=True)
        template = subprocess.run([pvpython, __file__, "--template", source, run], cwd=scratch).returncode
        picture = subprocess.run([pvpython, view, run, "--time", "1", "--both", "--size", "640x320", "-o", run / "a.png"], capture_output=True, text=True)
        lost = subprocess.run([pvpython, view, run / "snapshots"], capture_output=True, text=True)
        column = subprocess.run([pvpython, view, run, "--colour-by", "nonsense"], capture_output=True, text=True)
        capitals = subprocess.run([pvpython, view, run, "--colour-by", "AKT"], capture_output=True, text=True)
        good = [inside == 0, beside.returncode == 0, "WARN" not in beside.stderr, template == 0, picture.returncode == 0 and picture.stdout.strip().endswith("a.png"), (run / "a.png").is_file(),
                lost.returncode == 66 and "cells.hdf.series" in lost.stderr, column.returncode == 2 and "there are akt" in column.stderr, capitals.returncode == 2 and "did you mean 'akt'" in capitals.stderr]
        if not all(good):
            raise SystemExit(f"{good}\n{beside.stderr}{picture.stdout}{picture.stderr}{lost.stderr}{column.stderr}")
        subprocess.run([pvpython, __file__, "--picture", run / "a.png"], check=True)
    return 0


if sys.argv[1] not in ("--inside", "--sites", "--template", "--picture"):
    sys.exit(outside(sys.argv[1], pathlib.Path(sys.argv[2]).resolve()))

from paraview import simple, servermanager
from vtkmodules.numpy_interface import dataset_adapter
import numpy as np


def same(what, got, wanted, tolerance):
    got, wanted = np.asarray(got, float), np.asarray(wanted, float)
    if got.shape != wanted.shape or not np.all(np.abs(got - wanted) <= tolerance):
        raise SystemExit(f"{what}: got {got}, expected {wanted}")


def fetched(name, time):
    source = simple.FindSource(name)
    assert source is not None, f"there is no '{name}' in {list(simple.GetSources())}"
    source.UpdatePipeline(time)
    return servermanager.Fetch(source)


if sys.argv[1] == "--picture":
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOImage import vtkPNGReader
    reader = vtkPNGReader()
    reader.SetFileName(sys.argv[2])
    reader.Update()
    pixels = vtk_to_numpy(reader.GetOutput().GetPointData().GetScalars())[:, :3].astype(int)
    # Viridis goes from blue to yellow by green: in cells and in the colour bar.
    white, green = (pixels.min(1) > 250).mean(), ((pixels[:, 1] - pixels[:, 0] > 40) & (pixels[:, 1] > 80)).mean()
    assert len(pixels) == 640 * 320 and 0.2 < white < 0.95 and green > 0.002, (len(pixels), white, green)
    sys.exit()

kind, source, run = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
if kind == "--template":
    assert 'value="/' not in (source / "paraview/run.pvsm").read_text(), "the template names no folder"
    simple.LoadState(str(source / "paraview/run.pvsm"), data_directory=str(run))
    files = sorted(file for shown in simple.GetSources().values() for file in getattr(shown, "FileName", None) or [])
    assert files == sorted(str(run / name) for name in ("cells.hdf.series", "lattice.hdf.series", "snapshots/lattice_000000.hdf")), files
    scene = simple.GetAnimationScene()
    same("the clock has the times of the run", [scene.StartTime, scene.EndTime], [0, 2], 1e-9)
    cells, balls = (fetched(name, 2.0) for name in ("cells.hdf.series", "cells as spheres"))
    radius = np.asarray(dataset_adapter.WrapDataObject(cells).PointData["radius"])[:, None]
    places = np.array([cells.GetPoint(i) for i in range(cells.GetNumberOfPoints())])
    same("spheres are the cells of the run", balls.GetBounds(), np.stack([(places - radius).min(0), (places + radius).max(0)], 1).ravel(), 0.02 * radius.max())
    print("state template: ok")
    sys.stdout.flush()
    os._exit(0)
sys.argv[1:] = []  # as a macro: in the folder of the run, without arguments
exec(compile((source / "paraview/view.py").read_text(), "view.py", "exec"), {"__name__": "__main__"})

if kind == "--sites":
    left = -1
    for site, radius in (("primary", 15), ("bone", 15), ("lung", 8)):
        box = simple.FindSource(f"{site}: box")
        box.UpdatePipeline()
        bounds = box.GetDataInformation().GetBounds()
        assert bounds[0] > left, (site, bounds, left)  # in the order in which the blood passes them, beside one another
        left = bounds[1]
        lines, tubes = fetched(f"{site}: vessels", 0.0), fetched(f"{site}: vessels as tubes", 0.0)
        # Lowest and highest of the walls: those of the axes and one radius more, as near as 20 sides come.
        ends, walls = lines.GetBounds(), tubes.GetBounds()
        same(f"{site}: tubes are as thick as the vessels", [walls[5] - ends[5], ends[4] - walls[4]], [radius, radius], 0.02 * radius)
        assert walls[0] > bounds[0] - 1.1 * radius and walls[1] < bounds[1] + 1.1 * radius, (site, walls, bounds)
        assert simple.FindSource(f"{site}: name").Text == site
    # Two beams along x, in two corners of the box, from 60 to 340 um (configs/sites/bone.yaml); its outer voxels have centres at 5 and 395 um.
    box, bone = (fetched(f"bone: {name}", 0.0).GetBounds() for name in ("box", "bone"))
    same("bone is where it is", bone, [*box[:4], box[4] + 55, box[5] - 55], 1)
    assert fetched("primary: cells as spheres", 0.0).GetNumberOfPoints() > 0 and simple.FindSource("blood: cells") is None
    print("sites side by side: ok")
    sys.stdout.flush()
    os._exit(0)

scene = simple.GetAnimationScene()
for time in (2.0, 1.0):
    scene.AnimationTime = time
    cells = fetched("cells", time)
    places = np.array([cells.GetPoint(i) for i in range(cells.GetNumberOfPoints())])
    radius = np.asarray(dataset_adapter.WrapDataObject(cells).PointData["radius"])[:, None]
    # A sphere of 16 x 16 faces touches its true one within 2 % of the radius.
    wanted = np.stack([(places - radius).min(0), (places + radius).max(0)], 1).ravel()
    same("spheres have the radius of the cells", fetched("cells as spheres", time).GetBounds(), wanted, 0.02 * radius.max())
    tracks = fetched("tracks until now", time)
    times = np.asarray(dataset_adapter.WrapDataObject(tracks).PointData["time_h"])
    same("tracks end now", times.max(), time, 1e-6)
    ends = np.array([tracks.GetPoint(i) for i in np.flatnonzero(np.abs(times - time) < 1e-6)])
    same("and their ends are the cells", sorted(ends[:, 0]), sorted(places[:, 0]), 1e-3)
lattice = dataset_adapter.WrapDataObject(fetched("lattice", 0.0)).PointData
start, end = np.asarray(lattice["density"]), np.asarray(dataset_adapter.WrapDataObject(fetched("lattice", 2.0)).PointData["density"])
left = np.asarray(dataset_adapter.WrapDataObject(fetched("share of the matrix left", 2.0)).PointData["left"])
floor = 0.25  # that of contact_guidance.yaml [mg/ml]
assert start.min() > 1.01 * floor
same("the front follows what is left of each voxel, of what could be eaten", left, (end - floor) / (start - floor), 1e-6)
assert left.min() < 0.5, f"something has been eaten: {left.min()}"
same("and is where half is left", simple.FindSource("front").Isosurfaces[0], 0.5, 1e-9)
fibres = fetched("fibres", 2.0)
lines = np.array([np.subtract(fibres.GetCell(i).GetPoints().GetPoint(1), fibres.GetCell(i).GetPoints().GetPoint(0)) for i in range(200)])
mean = np.asarray(lattice["fibre"]).mean(0)
along = np.abs(lines @ mean) / np.linalg.norm(lines, axis=1) / np.linalg.norm(mean)
assert along.mean() > 0.95, f"fibres are drawn along the fibres: {along.mean()}"
table = simple.GetColorTransferFunction("pakt")
seen = np.concatenate([np.asarray(dataset_adapter.WrapDataObject(fetched("cells", time)).PointData["pakt"]) for time in (0.0, 1.0, 2.0)])
low, high = table.RGBPoints[0], table.RGBPoints[-4]
inside = ((low <= seen) & (seen <= high)).mean()
assert inside >= 0.98 and high - low >= 0.25 * 1.3 - 1e-9 and high - low < 2 * max(np.ptp(seen), 0.25 * 1.3), ("the range of pAKT is that of the series", low, high, inside)
assert simple.FindSource("clock").Format == "{time:.1f} h"
simple.SaveState(str(run / "view.pvsm"))
assert str(run / "cells.hdf.series") in (run / "view.pvsm").read_text()
print(f"view.py in ParaView {simple.GetParaViewVersion()}: ok")
sys.stdout.flush()
os._exit(0)
