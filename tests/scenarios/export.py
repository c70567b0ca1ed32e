#!/usr/bin/env python3
"""invado export, read back by the readers that users have: tables, XML, VTI, NRRD, VTKHDF, tar.

    export.py PROGRAM SOURCE_DIR UNIT_IO

UNIT_IO writes the folders of known content (tests/unit/io/made_up_world.h): cell i at (10 + i, 20 + 2 i + step, 3 + 0.1 i), voxel (i, j, k)
with density 1 + 0.1 i + 0.01 j + 0.001 k on 7 x 5 x 3 voxels of 10 x 20 x 5 um, egf = i + 10 j + 100 k on 4 x 3 x 2.

Planted mistakes seen to fail: hours for minutes in each form of tracks, columns of polylines swapped, a cell seen only once counted as a
line, mothers and ids confused, tracks not in the order of time, blocks of arrays of 1 MiB and more; types, vectors and axes of cells
shifted, their doubles as floats, units twice, zeros left out; voxels at corners, axes and spacings swapped, extents of n, arrays of 8
bits as floats; moments counted wrongly, the first moment or another array for all, another site; lines, long names and dates of packs; earlier exports packed;
columns of all sites whose name begins alike taken for one; no words of what was meant; exports of a site packed.
"""
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as xml
import zlib

import h5py
import numpy as np

from trial import expect, invado, program, rows_of, scratch, source, verdict

unit_io = sys.argv[3]


def same(what, got, wanted, tolerance=0.0):
    got, wanted = np.asarray(got, float), np.asarray(wanted, float)
    expect(what, got.shape == wanted.shape and np.all(np.abs(got - wanted) <= tolerance), f"got {got}, expected {wanted}")


made = set()  # by exports of this test


def exported(what, *arguments, folder="usual"):
    code, out, err = invado("export", folder, *arguments)
    expect(f"{what}: ends with 0 and names one file", code == 0 and len(out.splitlines()) == 1, f"{code} {out} {err}")
    made.add(scratch / out.strip())
    return scratch / out.strip(), err


# --- folders of known content, and a real run whose run.json they borrow ---
subprocess.run([unit_io, "--test-case=sample folders", "--minimal"], check=True, stdout=subprocess.DEVNULL,
               env={**os.environ, "INVADO_SAMPLE_FOLDER": str(scratch)})
spheroid = [source / "scenarios" / "breast_invasive.yaml", "--set", "population.core.count=60", "--set", "output.tracks=6 min",
            "--set", "output.snapshots=30 min", "--progress", "none", "-q"]
code, _, err = invado("run", *spheroid, "--until", "1 h", "-o", "run")
expect("the run ends well", code == 0, err)
for folder in ("usual", "empty_later", "bare", "thin", "two_sites"):
    shutil.copy(scratch / "run" / "run.json", scratch / folder)
    shutil.copy(scratch / "run" / "scenario.resolved.yaml", scratch / folder)
usual = scratch / "usual"

# --- tracks: three cells, one of them born at 0.2 h, one frame at another interval, a last line that is being written ---
rows = [(track, frame, time, 1.5 * track + frame, 2 * frame - 0.125, 7 + track, parent)
        for frame, time in ((0, 0.0), (1, 0.1), (2, 0.2), (3, 0.25)) for track, parent in ((4, -1), (7, -1), (9, 4)) if track < 9 or frame > 1]
head = "track_id,frame,time_h,x_um,y_um,z_um,parent_id,type,site,radius_um,speed_um_h,pakt,vimentin_stability,runx2_activity\n"
text = head + "".join(",".join(map(str, row)) + f",sts,primary,8.5,12.5,{row[0] / 10},0.2,0.9\n" for row in rows)
text += "4,0,0,500,500,500,-1,sts,lung,8,1,1,1,1\n"
(usual / "tracks.csv").write_text(text + "4,4,0.5,99,9")
by_track = {track: [row for row in rows if row[0] == track] for track in (4, 7, 9)}

path, err = exported("celltrackR", "tracks", "--site", "primary")
expect("celltrackR: its name and what it says", path == usual / "primary.tracks.celltrackr.csv" and "3 tracks, 10 places" in err, f"{path} {err}")
got = rows_of(path)
expect("celltrackR: columns by place, as read.tracks.csv takes them", list(got[0]) == ["id", "time_min", "x_um", "y_um", "z_um"])
same("celltrackR: all places, time in minutes", [[float(v) for v in r.values()] for r in got],
     [[r[0], round(60 * r[2], 9), *r[3:6]] for r in rows], 1e-9)
path, err = exported("trackpy", "tracks", "--site", "primary", "--format", "trackpy")
expect("trackpy: the frame at another interval is left out, and it says so", "left out: 1 frame" in err, err)
got = rows_of(path)
expect("trackpy: its columns", list(got[0])[:5] == ["frame", "particle", "x", "y", "z"])
same("trackpy: all places", [[float(r[k]) for k in ("frame", "particle", "x", "y", "z")] for r in got],
     [[r[1], r[0], *r[3:6]] for r in rows if r[1] < 3])
same("trackpy: times in hours", [float(r["time_h"]) for r in got], [r[2] for r in rows if r[1] < 3])
path, _ = exported("TrackMate", "tracks", "--site", "primary", "-o", "tracks.xml")
root = xml.parse(path).getroot()
expect("TrackMate: root", root.tag == "Tracks" and root.get("nTracks") == "3" and root.get("spaceUnits") == "\u00b5m" and
       root.get("timeUnits") == "min" and float(root.get("frameInterval")) == 6 and root.get("generationDateTime"), root.attrib)
for particle, wanted in zip(root.findall("particle"), by_track.values()):
    spots = particle.findall("detection")
    expect("TrackMate: nSpots", int(particle.get("nSpots")) == len(spots) == sum(r[1] < 3 for r in wanted))
    same("TrackMate: detections", [[float(s.get(k)) for k in "txyz"] for s in spots], [[r[1], *r[3:6]] for r in wanted if r[1] < 3])
path, _ = exported("the first site", "tracks", "-o", "first.csv")
expect("without --site the first one", len(rows_of(path)) == len(rows))
path, _ = exported("another site", "tracks", "--site", "lung")
expect("another site: its places", [r["x_um"] for r in rows_of(path)] == ["500"])


# --- VTK's XML files, read by hand as "VTK File Formats" says ---
def vtk_arrays(path):
    data = path.read_bytes()
    at = data.index(b"<AppendedData")
    start = data.index(b"_", at) + 1
    root = xml.fromstring(data[:at] + b"</VTKFile>")
    expect("VTK: zlib blocks with 64-bit heads", root.get("compressor") == "vtkZLibDataCompressor" and root.get("header_type") == "UInt64")
    arrays = {}
    for element in root.iter("DataArray"):
        begin = start + int(element.get("offset"))
        blocks, size, last = struct.unpack_from("<3Q", data, begin)
        sizes = struct.unpack_from(f"<{blocks}Q", data, begin + 24)
        begin, plain = begin + 24 + 8 * blocks, b""
        for n, packed in enumerate(sizes):
            piece = zlib.decompress(data[begin:begin + packed])
            expect("VTK: size of a block", len(piece) == (last if n == blocks - 1 and last else size))
            plain, begin = plain + piece, begin + packed
        kind = {"Float32": "<f4", "Float64": "<f8", "UInt8": "u1", "Int64": "<i8"}[element.get("type")]
        values = np.frombuffer(plain, kind)
        components = int(element.get("NumberOfComponents"))
        arrays[element.get("Name")] = values.reshape(-1, components) if components > 1 else values
    return root, arrays


path, _ = exported("polylines", "tracks", "--site", "primary", "--format", "vtp")
expect("polylines: their name", path.name == "primary.tracks.vtp")
root, arrays = vtk_arrays(path)
piece = root.find("PolyData/Piece")
expect("polylines: counts", (piece.get("NumberOfPoints"), piece.get("NumberOfLines")) == ("10", "3"), piece.attrib)
ends = [0, *arrays["offsets"]]
for line, (track, wanted) in enumerate(by_track.items()):
    points = arrays["connectivity"][ends[line]:ends[line + 1]]
    same(f"polyline {track}: places in the order of time", arrays["Points"][points], [r[3:6] for r in wanted])
    same(f"polyline {track}: times", arrays["time_h"][points], [r[2] for r in wanted])
    same(f"polyline {track}: signal", arrays["pakt"][points], [track / 10] * len(wanted), 1e-7)
    expect(f"polyline {track}: who it is", arrays["track_id"][line] == track and arrays["parent_id"][line] == wanted[0][6])

# A table of 131072 places: time_h fills one block of 1 MiB, Points three, neither has a smaller last one. Cell 5 is seen only once, which
# gives a point and no line; cell 32768 comes later.
count, frames = 32768, 4
big = np.array([(c, f) for f in range(frames) for c in range(count + 1) if (c != 5 or f == 0) and (c != count or f > 0)])
with open(scratch / "thin" / "tracks.csv", "w") as file:
    file.write(head)
    file.writelines(f"{c},{f},{f / 4},{c},{f + c / 8},{-c},{c - 1},sts,primary,{c % 7},{c % 11},{c % 13},{c % 17},{c % 19}\n" for c, f in big)
path, _ = exported("polylines of many cells", "tracks", "--format", "vtp", folder="thin")
root, arrays = vtk_arrays(path)
c, f = big[np.lexsort((big[:, 1], big[:, 0]))].T
expect("polylines of many cells: counts", len(c) == 131072 and root.find("PolyData/Piece").get("NumberOfPoints") == "131072" and
       root.find("PolyData/Piece").get("NumberOfLines") == str(count))
same("polylines of many cells: places", arrays["Points"], np.stack([c, f + c / 8, -c], 1))
same("polylines of many cells: times", arrays["time_h"], f / 4)
for column, value in (("radius_um", c % 7), ("speed_um_h", c % 11), ("pakt", c % 13), ("vimentin_stability", c % 17), ("runx2_activity", c % 19)):
    same(f"polylines of many cells: {column}", arrays[column], value)
same("polylines of many cells: all points but that one", arrays["connectivity"], np.flatnonzero(c != 5))
lines = [line for line in range(count + 1) if line != 5]
same("polylines of many cells: lines", arrays["track_id"], lines)
same("polylines of many cells: mothers", arrays["parent_id"], np.array(lines) - 1)
same("polylines of many cells: ends", arrays["offsets"], np.cumsum([frames if line != count else frames - 1 for line in lines]))

# --- cells ---
path, err = exported("cells", "cells")
got = rows_of(path)
ids = np.arange(45)
expect("cells: the last snapshot by default", path.name == "cells_2.5h.csv" and len(got) == 45 and not err, f"{path} {err}")
same("cells: places", [[float(r[k]) for k in ("id", "x_um", "y_um", "z_um", "time_h")] for r in got],
     np.stack([ids, 10.0 + ids, 20.0 + 2 * ids + 25, 3 + 0.1 * ids, 2.5 + 0 * ids], 1), 1e-12)
expect("cells: types by name", [r["type"] for r in got] == [("fibroblast" if i % 4 == 3 else "sts") for i in ids])
for column, value in (("pakt", ids / 100), ("runx2_activity", ids / 200 + 1), ("radius_um", 8 + 0.01 * ids), ("velocity_x_um_min", 0 * ids + 0.5),
                      ("velocity_y_um_min", 0 * ids - 0.25), ("speed_um_h", 0 * ids + 12.5), ("age_h", 0 * ids + 2.5)):
    same(f"cells: {column}", [float(r[column]) for r in got], value, 1e-6)
with h5py.File(usual / "snapshots" / "snap_000002.h5") as file:
    columns = sum(3 if d.ndim == 2 else 1 for d in file["cells"].values())
expect("cells: every column of the snapshot", len(got[0]) == 1 + columns and None not in got[0].values(), f"{len(got[0])} {columns}")
path, _ = exported("cells of a run", "cells", folder="run")
got = rows_of(path)
with h5py.File(scratch / "run" / "snapshots" / "snap_000002.h5") as file:
    for axis, column in enumerate(("x_um", "y_um", "z_um")):
        same(f"cells of a run: {column} with all its digits", [float(r[column]) for r in got], file["cells/position"][:, axis])
    same("cells of a run: z of the velocity", [float(r["velocity_z_um_min"]) for r in got], file["cells/velocity"][:, 2], 1e-7)
path, err = exported("cells near a time", "cells", "--time", "80 min")
expect("cells near a time: the nearest, and it says so", path.name == "cells_1h.csv" and "nearest, at 1 h" in err, f"{path} {err}")
same("cells near a time: moved", [float(r["y_um"]) for r in rows_of(path)][:2], [30, 32])
path, err = exported("cells at a time", "cells", "--time", "0 h")
expect("cells at a time: nothing to say", path.name == "cells_0h.csv" and not err and len(rows_of(path)) == 40)
path, _ = exported("no cells", "cells", folder="empty_later")
expect("no cells: a head without rows", path.read_text().count("\n") == 1 and path.read_text().startswith("time_h,id,type,x_um"))
path, _ = exported("a site", "cells", "--site", "lung", folder="two_sites")
expect("a site: its cells", path.name == "lung.cells_0h.csv" and len(rows_of(path)) == 12)
path, _ = exported("the first site", "cells", folder="two_sites")
expect("the first site: its cells", path.name == "primary.cells_0h.csv" and len(rows_of(path)) == 40)

# --- series ---
path, _ = exported("series", "series", "--columns", "cells,front_um_q90", folder="run")
whole, got = rows_of(scratch / "run" / "series.csv"), rows_of(path)
expect("series: the time and what was asked for", got == [{k: r[k] for k in ("time_h", "cells", "front_um_q90")} for r in whole], got)
again, _ = exported("series with other columns", "series", "--columns", "births", folder="run")
expect("series: replaces its own earlier file, whatever its columns were", again == path and list(rows_of(path)[0]) == ["time_h", "births"])
path, _ = exported("series by pattern", "series", "--columns", "front_um_q*,cells", folder="run")
chosen = list(rows_of(path)[0])
expect("series: * stands for any letters, in the order of the wishes", chosen[0] == "time_h" and len(chosen) > 3 and chosen[-1] == "cells" and all(name.startswith("front_um_q") for name in chosen[1:-1]), chosen)
code, _, err = invado("export", "run", "series", "--columns", "front_qm_*")
expect("series: a pattern that meets nothing is 2", code == 2 and "no such column (got 'front_qm_*'" in err, f"{code} {err}")
path.write_text("time_h,my_own\n0,1\n")
code, _, err = invado("export", "run", "series", "--columns", "births")
expect("series: never somebody's table", code == 73 and path.read_text().startswith("time_h,my_own"), f"{code} {err}")
path.unlink()
path, _ = exported("series in long form", "series", "--format", "long", folder="run")
values = {(float(r["time_h"]), r["observable"]): float(r["value"]) for r in rows_of(path)}
expect("series in long form: every number once", values == {(float(r["time_h"]), k): float(v) for r in whole for k, v in r.items() if k != "time_h" and v})

# Of several sites.
(scratch / "two_sites" / "series.csv").write_text("time_h,lodged,primary.cells,lung.cells,lung.pakt_mean,lungs.cells\n0,0,5,0,,7\n1,2,4,1,0.5,7\n")
path, _ = exported("series of a site", "series", "--site", "lung", folder="two_sites")
expect("series of a site: its columns, by the names of one site", path.name == "lung.series.export.csv" and path.read_text() == "time_h,cells,pakt_mean\n0,0,\n1,1,0.5\n",
       path.read_text())
again, _ = exported("series of a site, some columns", "series", "--site", "lung", "--columns", "c*", folder="two_sites")
expect("series of a site: replaces its own earlier file", again == path and path.read_text() == "time_h,cells\n0,0\n1,1\n", path.read_text())
_, err = exported("pack after series of a site", "pack", folder="two_sites")
expect("series of a site: not packed", "left out: lung.series.export.csv" in err, err)

# --- grids: three different extents and spacings ---
k, j, i = np.meshgrid(range(3), range(5), range(7), indexing="ij")
density = 1 + 0.1 * i + 0.01 * j + 0.001 * k
path, _ = exported("VTI", "lattice")
root, arrays = vtk_arrays(path)
image = root.find("ImageData")
expect("VTI: grid", (image.get("WholeExtent"), image.get("Origin"), image.get("Spacing")) == ("0 6 0 4 0 2", "5 10 2.5", "10 20 5") and
       image.find("Piece").get("Extent") == "0 6 0 4 0 2", image.attrib)
same("VTI: x runs fastest, then y", arrays["density"], density.ravel(), 1e-6)
same("VTI: vectors", arrays["fibre"], np.tile([0.5, 0, 0], (105, 1)), 1e-6)
same("VTI: time", arrays["TimeValue"], [2.5])
with h5py.File(usual / "snapshots" / "snap_000002.h5") as file:
    expect("VTI: every array", set(arrays) == set(file["lattice"]) | {"TimeValue"}, set(arrays))


def read_nrrd(path):
    head, data = path.read_bytes().split(b"\n\n", 1)
    lines = head.decode().splitlines()
    expect("NRRD: magic", lines[0] == "NRRD0004")
    fields = dict(line.split(":=", 1) for line in lines[1:] if ":=" in line)
    fields |= dict(line.split(": ", 1) for line in lines[1:] if ": " in line and not line.startswith("#"))
    expect("NRRD: encoding", fields["encoding"] == "gzip" and fields["endian"] == "little")
    sizes = [int(n) for n in fields["sizes"].split()]
    values = np.frombuffer(gzip.decompress(data), {"float": "<f4", "uint8": "u1"}[fields["type"]])
    return fields, values.reshape(sizes[::-1])  # the first axis runs fastest


path, _ = exported("NRRD", "lattice", "--format", "nrrd", "--time", "1 h")
fields, values = read_nrrd(path)
expect("NRRD: its name", path.name == "lattice_1h_density.nrrd", path)
same("NRRD: density", values, density, 1e-6)
expect("NRRD: grid", (fields["sizes"], fields["space directions"], fields["space origin"], fields["dimension"], fields["space dimension"]) ==
       ("7 5 3", "(10,0,0) (0,20,0) (0,0,5)", "(5,10,2.5)", "3", "3"), fields)
expect("NRRD: its moment and unit", fields["time_h"] == "1" and fields["unit"] == "mg/ml", fields)
path, _ = exported("NRRD of a vector", "lattice", "--array", "fibre", "-o", "fibre.nrrd")
fields, values = read_nrrd(path)
same("NRRD of a vector", values, np.tile([0.5, 0, 0], (3, 5, 7, 1)), 1e-6)
expect("NRRD of a vector: axes", fields["space directions"].startswith("none (10,0,0)") and fields["kinds"] == "vector domain domain domain", fields)
path, _ = exported("a factor", "fields", "--format", "nrrd")
fields, values = read_nrrd(path)
k, j, i = np.meshgrid(range(2), range(3), range(4), indexing="ij")
same("a factor", values, i + 10 * j + 100 * k)

# The grids of a run, where arrays differ from moment to moment: in the middle one the values of its snapshot, of every type.
moments = [h5py.File(file) for file in sorted((scratch / "run" / "snapshots").glob("snap_*.h5"))]
for kind in ("lattice", "fields"):
    there = moments[1][kind]
    expect(f"{kind} of a run: they change", any(not np.array_equal(there[name], moment[kind][name]) for name in there for moment in moments[::2]))
    path, _ = exported(f"{kind} of a run", kind, "--time", "30 min", folder="run")
    _, arrays = vtk_arrays(path)
    expect(f"{kind} of a run: every array", set(arrays) == set(there) | {"TimeValue"}, set(arrays))
    for name in there:
        wanted = there[name][...]
        same(f"{kind} of a run: {name}", arrays[name].reshape(wanted.shape), wanted)
        path, _ = exported(f"NRRD of {name}", kind, "--format", "nrrd", "--array", name, "--time", "30 min", "-o", f"run_{name}.nrrd", folder="run")
        fields, values = read_nrrd(path)
        expect(f"NRRD of {name}: its type", values.dtype == wanted.dtype, values.dtype)
        same(f"NRRD of {name}: values", values, wanted)
    path, _ = exported(f"VTKHDF {kind} of a run", "vtk", "--part", kind, folder="run")
    with h5py.File(path) as file:
        same(f"VTKHDF {kind} of a run: x, y and z are its axes", file["VTKHDF"].attrs["Direction"], np.eye(3).ravel())
        expect(f"VTKHDF {kind} of a run: every array", set(file["VTKHDF/PointData"]) == set(there))
        for name in there:
            same(f"VTKHDF {kind} of a run: {name}", file["VTKHDF/PointData"][name], [moment[kind][name][...] for moment in moments])
for moment in moments:
    moment.close()
path, _ = exported("a thin lattice", "lattice", folder="thin")
expect("a thin lattice: one layer", vtk_arrays(path)[0].find("ImageData").get("WholeExtent") == "0 6 0 4 0 0")

# --- VTKHDF with time, as its specification says: moments one after the other, with their offsets ---
def text_of(value):
    return value.decode() if isinstance(value, bytes) else str(value)


path, _ = exported("VTKHDF", "vtk")
with h5py.File(path) as file:
    root, steps = file["VTKHDF"], file["VTKHDF/Steps"]
    expect("VTKHDF: type and version", text_of(root.attrs["Type"]) == "UnstructuredGrid" and tuple(root.attrs["Version"]) == (2, 0))
    kind = root.attrs.get_id("Type").get_type()
    expect("VTKHDF: type is fixed-length ASCII", not kind.is_variable_str() and kind.get_cset() == h5py.h5t.CSET_ASCII)
    same("VTKHDF: times", steps["Values"], [0, 1, 2.5])
    expect("VTKHDF: NSteps", int(steps.attrs["NSteps"]) == 3)
    expect("VTKHDF: offsets of topology have one column", steps["CellOffsets"].shape == steps["ConnectivityIdOffsets"].shape == (3, 1))
    expect("VTKHDF: an offset for every column", set(steps["PointDataOffsets"]) == set(root["PointData"]) >= {"id", "pakt", "velocity", "radius"})
    for moment, (tick, cells) in enumerate(((0, 40), (10, 40), (25, 45))):
        ids = np.arange(cells)
        part = int(steps["PartOffsets"][moment])
        expect("VTKHDF: one part per moment", int(steps["NumberOfParts"][moment]) == 1 and
               [int(root[f"NumberOf{what}"][part]) for what in ("Points", "Cells", "ConnectivityIds")] == [cells] * 3)
        at = int(steps["PointOffsets"][moment])
        same(f"VTKHDF: places {moment}", root["Points"][at:at + cells], np.stack([10.0 + ids, 20.0 + 2 * ids + tick, 3 + 0.1 * ids], 1), 1e-12)
        first = int(steps["CellOffsets"][moment, 0])
        same("VTKHDF: vertices", root["Types"][first:first + cells], np.ones(cells))
        # A reader finds the offsets of a moment behind as many numbers as there are cells and parts before.
        same("VTKHDF: offsets", root["Offsets"][first + part:first + part + cells + 1], np.arange(cells + 1))
        first = int(steps["ConnectivityIdOffsets"][moment, 0])
        same("VTKHDF: connectivity", root["Connectivity"][first:first + cells], ids)
        at = int(steps["PointDataOffsets/runx2_activity"][moment])
        same("VTKHDF: signal", root["PointData/runx2_activity"][at:at + cells], ids / 200 + 1, 1e-6)
path, _ = exported("VTKHDF lattice", "vtk", "--part", "lattice")
with h5py.File(path) as file:
    root = file["VTKHDF"]
    expect("VTKHDF lattice: type", text_of(root.attrs["Type"]) == "ImageData" and list(root.attrs["WholeExtent"]) == [0, 6, 0, 4, 0, 2])
    same("VTKHDF lattice: origin and spacing", [root.attrs["Origin"], root.attrs["Spacing"]], [[5, 10, 2.5], [10, 20, 5]])
    same("VTKHDF lattice: moment, z, y, x", root["PointData/density"], np.tile(density, (3, 1, 1, 1)), 1e-6)
    same("VTKHDF lattice: offsets", root["Steps/PointDataOffsets/density"], [0, 1, 2])
    expect("VTKHDF lattice: vectors", root["PointData/fibre"].shape == (3, 3, 5, 7, 3))
nobody = ["--set", "population.core.count=0", "--set", "output.snapshots=6 min", "--until", "6 min", "--progress", "none", "-q"]
code, _, err = invado("run", spheroid[0], *nobody, "-o", "nobody")
expect("a run without cells ends well", code == 0, err)
path, _ = exported("VTKHDF without cells", "vtk", folder="nobody")
with h5py.File(path) as file:
    expect("VTKHDF without cells: places and vectors have three columns", file["VTKHDF/Points"].shape == file["VTKHDF/PointData/velocity"].shape == (0, 3))
path, _ = exported("VTKHDF of a site", "vtk", "--site", "lung", folder="two_sites")
with h5py.File(path) as file:
    expect("VTKHDF of a site: its cells", int(file["VTKHDF/NumberOfPoints"][0]) == 12)

# --- one file to take home ---
before = {f: f.stat().st_mtime_ns for f in (scratch / "run").rglob("*") if f.is_file()}
path, err = exported("pack", "pack", folder="run")
expect("pack: it lies beside the folder", path == scratch / "run.tar" and "without checkpoints" in err, f"{path} {err}")
expect("pack: nothing changes in the folder", before == {f: f.stat().st_mtime_ns for f in (scratch / "run").rglob("*") if f.is_file()})


def unpacked(archive, name):
    home = scratch / f"home_{name}"
    with tarfile.open(archive) as file:
        start = datetime.datetime.fromisoformat(json.loads((scratch / name / "run.json").read_text())["start"])
        for member in file.getmembers():
            expect("pack: files are as old as the run", member.mtime == start.timestamp(), (member.mtime, start))
            expect("pack: ordinary files in one folder", member.isfile() and member.name.startswith(name + "/") and ".." not in member.name and
                   (member.uid, member.gid, member.mode) == (0, 0, 0o644), member.name)
        file.extractall(home)
    return home / name


home = unpacked(path, "run")
earlier = {pathlib.Path(line.split()[2]) for line in err.splitlines() if "an earlier export" in line}
expect("pack: only exports are left out", {scratch / "run" / f for f in earlier} <= made, earlier)
kept = {f.relative_to(scratch / "run") for f in before if "checkpoints" not in f.parts} - earlier
expect("pack: all files but checkpoints and earlier exports, and a report", {f.relative_to(home) for f in home.rglob("*") if f.is_file()} ==
       kept | {pathlib.Path("report.html"), pathlib.Path("tracks.vtp")})
expect("pack: the same bytes", all((home / f).read_bytes() == (scratch / "run" / f).read_bytes() for f in kept))
code, _, err = invado("verify", home)
expect("pack: what is unpacked verifies", code == 0, err)
with h5py.File(home / "snapshots" / "cells_000000.hdf") as file:
    expect("pack: wrappers find their data", file["VTKHDF/PointData/pakt"].shape == (60,))
first = hashlib.sha256(path.read_bytes()).hexdigest()
path, _ = exported("pack again", "pack", folder="run")
expect("pack: an earlier one is replaced, by the same bytes", hashlib.sha256(path.read_bytes()).hexdigest() == first)
again = [exported(f"an export beside the run's files: {what}", *what.split(), folder="run")[0].name for what in
         ("tracks", "tracks --format trackpy", "tracks --format trackmate", "tracks --format vtp", "cells", "series --overwrite", "series --format long",
          "lattice", "lattice --format nrrd", "vtk")]
(scratch / "run" / "mine.csv").write_text("x,y\n1,2\n")
(scratch / "run" / "again.sh").write_text("invado export run pack\n")
path, err = exported("pack without earlier exports", "pack", "-o", "packs/lean.tar", folder="run")
with tarfile.open(path) as file:
    names = file.getnames()
expect("pack: earlier exports stay, and it says so; tracks.vtp is made anew; other files come along", all((f"run/{name}" in names) == (name == "tracks.vtp") and
       (f"left out: {name}" in err) == (name != "tracks.vtp") for name in again) and {"run/mine.csv", "run/again.sh"} <= set(names) and "run/series.csv" in names, (names, err))
expect("pack: what the run wrote is all there", {f"run/{f}" for f in kept} <= set(names), {f"run/{f}" for f in kept} - set(names))
for name in (*again, "mine.csv", "again.sh"):
    os.remove(scratch / "run" / name)
path, _ = exported("pack into the folder", "pack", "-o", "run/inside.tar", folder="run")
path, _ = exported("pack into the folder again", "pack", "-o", "run/inside.tar", "--checkpoints", folder="run")
with tarfile.open(path) as file:
    names = file.getnames()
expect("pack: with checkpoints when asked, never packs in packs", any("checkpoints/" in n for n in names) and "run/inside.tar" not in names, names)
os.remove(path)
deep = scratch / "run" / ("a" * 120) / ("b" * 60)
deep.mkdir(parents=True)
(deep / "note.txt").write_text("mine")
(scratch / "run" / "link").symlink_to("/etc/passwd")
path, err = exported("pack with long names", "pack", "-o", "long.tar", folder="run")
expect("pack: links are left out, and it says so", "left out: link" in err, err)
with tarfile.open(path) as file:
    expect("pack: long names", file.extractfile(f"run/{'a' * 120}/{'b' * 60}/note.txt").read() == b"mine")
expect("pack: tar agrees", "note.txt" in subprocess.run(["tar", "tf", path], capture_output=True, text=True, check=True).stdout)
shutil.rmtree(scratch / "run" / ("a" * 120))
os.remove(scratch / "run" / "link")

# --- a run that is going on, and one that was killed ---
live = subprocess.Popen([program, "run", *map(str, spheroid), "-o", "live"], cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while live.poll() is None and not (scratch / "live/snapshots/snap_000001.h5").is_file():
        pass
    path, err = exported("pack of a run that goes on", "pack", folder="live")
    exported("tracks of a run that goes on", "tracks", folder="live")
finally:
    live.kill()
    live.wait()
home = unpacked(path, "live")
for name in ("cells", "lattice", "fields"):
    for entry in json.loads((home / f"{name}.hdf.series").read_text())["files"]:
        expect("pack of a run that goes on: listed files are there", (home / entry["name"]).is_file(), entry)
for name in ("series.csv", "tracks.csv", "log.jsonl"):
    expect(f"pack of a run that goes on: whole lines in {name}", (home / name).read_bytes().endswith(b"\n"))
expect("pack of a run that goes on: no lock, no checkpoints", not (home / ".lock").exists() and not (home / "checkpoints").exists())
exported("pack of a run that was killed", "pack", folder="live")

# --- refusals ---
(scratch / "mine.csv").write_text("frame,particle,x,y,z\n1,2,3,4,5\n")
(scratch / "mine.vti").write_text("<VTKFile/>")
for what, arguments, wanted, words in [
    ("no such thing", ["usual", "trakcs"], 2, ["tracks, cells, series, lattice, fields, vtk, pack", "did you mean 'tracks'?"]),
    ("no such form", ["usual", "tracks", "--format", "trackmat"], 2, ["did you mean 'trackmate'?"]),
    ("no such option", ["usual", "tracks", "--tiem", "1 h"], 2, ["did you mean '--time'?"]),
    ("an option without meaning", ["usual", "tracks", "--time", "1 h"], 2, ["--time: has no meaning for tracks"]),
    ("a time in um", ["usual", "cells", "--time", "3 um"], 2, ["--time", "must be a time"]),
    ("a time beyond the run", ["usual", "cells", "--time", "9 h"], 2, ["--time", "0 h to 2.5 h"]),
    ("no track in such a site", ["usual", "tracks", "--site", "liver"], 65, ["--site liver", "lung, primary"]),
    ("no such site", ["two_sites", "cells", "--site", "lugn"], 65, ["did you mean 'lung'?"]),
    ("no such array", ["usual", "lattice", "--format", "nrrd", "--array", "densty"], 2, ["did you mean 'density'?"]),
    ("no such column", ["run", "series", "--columns", "cels"], 2, ["did you mean 'cells'?"]),
    ("no such site in the series", ["two_sites", "series", "--site", "lugn"], 65, ["did you mean 'lung'?"]),
    ("a column of a site", ["two_sites", "series", "--columns", "cells"], 2, ["did you mean 'primary.cells'?"]),
    ("no such part", ["usual", "vtk", "--part", "cell"], 2, ["did you mean 'cells'?"]),
    ("no matrix", ["bare", "lattice"], 66, ["has no matrix"]), ("no tracks", ["bare", "tracks"], 66, ["kept no tracks"]),
    ("no folder", ["nowhere", "pack"], 66, ["nowhere"]), ("no run", [".", "pack"], 66, ["holds no run"]),
    ("somebody's table", ["usual", "tracks", "--format", "trackpy", "-o", "mine.csv"], 73, ["mine.csv", "--overwrite"]),
    ("somebody's picture", ["usual", "lattice", "-o", "mine.vti"], 73, ["mine.vti", "--overwrite"]),
    ("a file of the run", ["run", "series", "-o", "run/series.csv", "--overwrite"], 73, ["belongs to the run"]),
    ("a snapshot of the run", ["run", "cells", "-o", "run/snapshots/snap_000000.h5", "--overwrite"], 73, ["belongs to the run"]),
    ("a checkpoint of the run", ["run", "cells", "-o", "run/checkpoints/mine.csv"], 73, ["belongs to the run"]),
    ("a folder", ["usual", "cells", "-o", "run"], 73, ["is a folder"]),
    ("no place for a folder", ["usual", "cells", "-o", "mine.csv/cells.csv"], 73, ["mine.csv"])]:
    code, out, err = invado("export", *arguments)
    expect(f"{what}: {wanted}, one line that says {words}", code == wanted and not out and err.count("\n") == 1 and all(w in err for w in words), f"{code} {out} {err}")
expect("nothing was written over", (scratch / "mine.vti").read_text() == "<VTKFile/>" and (scratch / "mine.csv").read_text().startswith("frame,particle,x,y,z\n1"))
exported("--overwrite", "lattice", "-o", "mine.vti", "--overwrite")
exported("an earlier export is replaced", "lattice", "-o", "mine.vti")
exported("an earlier table is replaced", "cells", "-o", "usual/cells_2.5h.csv")
exported("an earlier VTKHDF is replaced", "vtk")
damage = usual / "snapshots" / "snap_000002.h5"
damage.write_bytes(damage.read_bytes()[:3000] + b"?" + damage.read_bytes()[3001:])
for what in ("cells", "lattice", "vtk"):
    code, out, err = invado("export", "usual", what, "-o", f"damaged.{what}")
    expect(f"a damaged snapshot: {what} says 65 and writes nothing", code == 65 and "snap_000002.h5" in err and not (scratch / f"damaged.{what}").exists(), f"{code} {err}")
(usual / "tracks.csv").write_text(head + "1,0,0,1,2,3,-1,a\n")
code, _, err = invado("export", "usual", "tracks", "-o", "damaged.csv")
expect("a damaged table of tracks: 65, with its line", code == 65 and "tracks.csv:2:" in err and not (scratch / "damaged.csv").exists(), f"{code} {err}")
# Not what the killed run was writing.
left = [file for file in scratch.rglob(".tmp*") if scratch / "live" not in file.parents]
expect("no temporary file is left", not left, left)

verdict()
