#!/usr/bin/env python3
"""invado render: cells at the right pixels, of the right size and colour; the scale bar as long as it says; colour bars that stay
the same over a series; every preset; vessels as wide as they are; all sites of a run side by side, to one scale; empty and unfinished
runs; and what it says when it cannot draw.

    render.py PROGRAM SOURCE_DIR

Exit code 77: this program was built without VTK. (Its errors are tested all the same.)
Seen to fail with, planted in what the program hands to the renderer: a wrong range of colours; looking from below; no words of what was meant; the cut left out;
a section drawn from outside. Planted in the renderer: cells and the scale bar 6 % too large; the range of colours of each frame its own;
up turned into down; vessels of twice the radius; sections of vessels with round ends; vessels of organs not moved beside the tumour; cells
of organs in the colours of the tumour; the blood offered as a site; cells alone in the surface of the front; vessels not cut, or not in
sight; strokes wherever fibres are; a slab cut across y; a share of all collagen, and a surface at places that had none; a title without the site;
a tumour that never was kept, or its bar; a box around the cells instead of the domain; labels without what has happened so far, or all in the middle; what leaves a tumour told of organs;
a section that repeats; cells of organs by their state whatever the colours; a cut that takes vessels, or organs, too.
"""
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import zlib

import numpy

from scratch import time_scale
from trial import expect, failures, invado, program, scratch, source, verdict

VIRIDIS = {0.0: (0x44, 0x01, 0x54), 0.5: (0x21, 0x91, 0x8C), 1.0: (0xFD, 0xE7, 0x25)}  # base/colours.h


def png(path):
    """Pixels of an 8-bit RGB file, checksums checked (ISO/IEC 15948), as rows from the top of (red, green, blue)."""
    data, at, body = path.read_bytes(), 8, b""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + chunk)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert (depth, colour) == (8, 2)
        body += chunk if kind == b"IDAT" else b""
        at += 12 + size
    raw = zlib.decompress(body)
    rows = [bytearray(3 * width)]
    for y in range(height):
        kind, row = raw[y * (3 * width + 1)], bytearray(raw[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)])
        above = rows[-1]
        for i in range(3 * width):
            a, b, c = (row[i - 3] if i >= 3 else 0), above[i], (above[i - 3] if i >= 3 else 0)
            if kind == 1:
                guess = a
            elif kind == 2:
                guess = b
            elif kind == 3:
                guess = (a + b) // 2
            elif kind == 4:
                p = a + b - c
                guess = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            else:
                break
            row[i] = (row[i] + guess) & 255
        rows.append(row)
    return numpy.array([list(r) for r in rows[1:]]).reshape(height, width, 3)


def draw(folder, *options, name="picture.png"):
    code, out, err = invado("render", folder, "-o", name, *options)
    expect(f"{options}: ends with 0 and names the picture", code == 0 and out.strip() == name, f"{code} {out} {err}")
    return png(scratch / name) if code == 0 else numpy.full((10, 10, 3), 255)


def pieces(mask):
    """Connected parts of a mask (by edges), the largest first: lists of (row, column)."""
    left, found = set(map(tuple, numpy.argwhere(mask))), []
    while left:
        part, heap = [], [left.pop()]
        while heap:
            y, x = heap.pop()
            part.append((y, x))
            for near in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if near in left:
                    left.remove(near)
                    heap.append(near)
        found.append(numpy.array(part))
    return sorted(found, key=len, reverse=True)


def colourful(picture):
    """Neither white, black nor grey."""
    return picture.max(axis=2) - picture.min(axis=2) > 40


# --- errors come before any drawing, and before anybody asks for VTK ---
code, _, err = invado("render", "nowhere")
expect("a missing folder is 66", code == 66 and "nowhere" in err, f"{code} {err}")

# Three cells that stand still: where, how large, which colour.
(scratch / "cells.csv").write_text("x_um,y_um,z_um,type,radius_um\n100,100,100,one,10\n300,100,100,one,15\n100,220,100,one,20\n")
(scratch / "still.yaml").write_text("""schema: 1
name: Three cells that stand still
duration: 1 h
domain: {size: [400 um, 400 um, 200 um], voxel: 20 um}
matrix: none
cell_types:
  one: {signalling: off, motility: {fixed: {speed: 0 um/min, persistence: 15 min}}}
processes: {mechanics: off, division: off, death: off, anoikis: off}
population:
  all: {type: one, place: {points: {file: cells.csv}}}
output: {snapshots: 30 min, series: 30 min}
""")
code, _, err = invado("run", "still.yaml", "-o", "still", "--progress", "none", "-q")
expect("the still run ends well", code == 0, err)
code, _, err = invado("render", "still", "--colour-by", "raduis")
expect("an unknown column is 2, with what was meant and what there is", code == 2 and "'radius'" in err and "vimentin_stability" in err, f"{code} {err}")
code, _, err = invado("render", "still", "--colour-by", "AKT")
expect("capitals are no other word", code == 2 and "did you mean 'akt'" in err, f"{code} {err}")
code, _, err = invado("render", "still", "--time", "9 h")
expect("a time beyond the run is 2, with what there is", code == 2 and "0 h to 1 h" in err, f"{code} {err}")
for options, meant in ((("--preset", "sginals"), "signals"), (("--front", "densty=0.5"), "density"), (("--colour-by", "vimentn"), "vimentin")):
    code, _, err = invado("render", "still", *options)
    expect(f"{options}: 2, with what was meant", code == 2 and f"did you mean '{meant}'?" in err, f"{code} {err}")
for options in (("--front", "density=2"), ("--range", "3:1"), ("--size", "10x10"), ("--cut", "w"),
                ("--time", "1 um"), ("-o", "picture.tiff"), ("--site", "lung"), ("--elevation", "95"), ("--movie", "--time", "1h")):
    code, _, err = invado("render", "still", *options)
    expect(f"{options}: 2, with what is allowed", code == 2 and ("allowed" in err or "one site" in err), f"{code} {err}")
for options, told in ((("--section", "y", "--cut", "x"), "cut"), (("--fps", "3"), "--movie"), (("--fibres",), "section"), (("--section", "y", "--front", "cells"), "front"),
                      (("--colour-by", "founder", "--range", "0:1"), "range"), (("--colour-by", "type", "--range", "fixed"), "range"), (("--colour-by", "radius", "--range", "fixed"), "range"),
                      (("--movie", "-o", "film.gif"), ".mp4"), (("--preset", "front", "--section", "y"), "preset"), (("--preset", "signals"), "no cell of this run has any"), (("--colour-by", "type,akt"), "akt: no cell of this run has signals"), (("--colour-by", "snai2"), "snai2: no cell"), (("--colour-by", "runx2_activity"), "runx2_activity: no cell"),
                      (("--preset", "cascade"), "one site")):
    code, _, err = invado("render", "still", *options)
    expect(f"{options}: what would be ignored is refused", code == 2 and told in err, f"{code} {err}")
code, _, err = invado("run", source / "scenarios" / "persistent_walk.yaml", "--until", "1 h", "-o", "bare", "--progress", "none", "-q")
for options in (("--front", "density"), ("--preset", "matrix"), ("--section", "y", "--fibres")):
    code, _, err = invado("render", "bare", *options)
    expect(f"{options}: there is no matrix", code == 2 and ("no matrix" in err or "no fibres" in err), f"{code} {err}")
shutil.copytree(scratch / "still", scratch / "damaged")
victim = scratch / "damaged" / "snapshots" / "snap_000002.h5"
content = bytearray(victim.read_bytes())
content[len(content) // 2] ^= 1
victim.write_bytes(content)
code, _, err = invado("render", "damaged")
expect("a damaged snapshot is 65, by name", code == 65 and "snap_000002.h5" in err, f"{code} {err}")
shutil.rmtree(scratch / "damaged" / "snapshots")
code, _, err = invado("render", "damaged")
expect("no snapshots is 66, with the reason", code == 66 and "no snapshots" in err, f"{code} {err}")

# Two sites and the blood, where everybody stands still.
(scratch / "tumour.csv").write_text("x_um,y_um,z_um,type,radius_um\n40,40,40,one,10\n160,160,160,one,10\n")
(scratch / "organ.csv").write_text("x_um,y_um,z_um,type,radius_um\n50,50,20,one,15\n")
(scratch / "sites.yaml").write_text("""schema: 1
name: Two sites that stand still
duration: 1 h
domain: {size: [200 um, 200 um, 200 um], voxel: 20 um}
matrix: {density: 1 mg/ml}
vessels: {artery: {path: [[0 um, 100 um, 100 um], [200 um, 100 um, 100 um]], radius: 20 um}}
circulation: {lodging: {lung: 0.5}}
secondary_sites:
  lung:
    domain: {size: [100 um, 100 um, 100 um], voxel: 20 um}
    matrix: {density: 1 mg/ml}
    vessels: {capillary: {path: [[50 um, 0 um, 50 um], [50 um, 100 um, 50 um]], radius: 10 um}}
cell_types:
  one: {signalling: off, motility: {fixed: {speed: 0 um/min, persistence: 15 min}}}
processes: {mechanics: off, division: off, death: off, anoikis: off, intravasation: off, colonisation: off, angiogenesis: off}
population:
  core: {type: one, place: {points: {file: tumour.csv}}}
  met: {type: one, site: lung, place: {points: {file: organ.csv}}}
output: {snapshots: 30 min, series: 30 min}
""")
code, _, err = invado("run", "sites.yaml", "-o", "sites", "--progress", "none", "-q")
expect("the run with two sites ends well", code == 0, err)
code, _, err = invado("render", "sites", "--site", "blood")
expect("the blood is no site that can be drawn", code == 2 and "primary, lung" in err, f"{code} {err}")
for options, told in ((("--site", "lung"), "site"), (("--section", "x"), "section"), (("--cut", "none=3um"), "none"), (("--colour-by", "akt,runx2"), "one column")):
    code, _, err = invado("render", "sites", "--preset", "cascade", *options)
    expect(f"cascade, {options}: what would be ignored is refused", code == 2 and told in err, f"{code} {err}")

code, _, err = invado("run", source / "scenarios" / "wells_akt_vimentin.yaml", "--until", "1 h", "-o", "wells", "--progress", "none", "-q")
code, _, err = invado("render", "wells")
expect("cells without a place are 65, with what shows them", code == 65 and "invado report" in err, f"{code} {err}")

if not (pathlib.Path(program).parent / "invado-render").exists():
    code, _, err = invado("render", "still")
    expect("without VTK it says how to get it", code == 66 and "libvtk9-dev" in err, f"{code} {err}")
    sys.exit(1 if failures else 77)

bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "XAUTHORITY")}
code, _, err = invado("render", "still", env={**bare, "PATH": str(scratch)})
expect("without an X server it says what to install", code == 66 and "xvfb" in err and not (scratch / "still" / "picture.png").exists(),
       f"{code} {err}")

# --- the three cells, from above ---
SIZE = ("--size", "500x400", "--title", "")
above = draw("still", "--azimuth", 0, "--elevation", 90, "--colour-by", "radius", "--range", "10:20", *SIZE)
expect("the picture has the size that was asked for", above.shape == (400, 500, 3), above.shape)
# The colour bar is at the right; letters and the scale bar are smaller than a cell.
cells = [p for p in pieces(above.min(axis=2) < 150) if p[:, 1].max() < 430 and numpy.ptp(p[:, 0]) > 12]
expect("three cells are seen", len(cells) == 3, [len(p) for p in cells])
if len(cells) == 3:
    large, middle, small = cells  # radius 20, 15, 10 at (100, 220), (300, 100), (100, 100)
    centre = [p.mean(axis=0) for p in cells]
    per_um = (centre[1][1] - centre[2][1]) / 200  # x to the right
    expect("x goes to the right, y up", abs(centre[0][1] - centre[2][1]) < 1 and abs(centre[1][0] - centre[2][0]) < 1 and per_um > 0)
    expect("both directions have one scale", abs((centre[2][0] - centre[0][0]) / 120 / per_um - 1) < 0.01, (centre, per_um))
    for piece, radius in zip(cells, (20, 15, 10)):
        # Within the pixels that the rim touches, half of them counted.
        drawn = (len(piece) / numpy.pi) ** 0.5
        expect(f"a cell of {radius} um is drawn so large", abs(drawn - radius * per_um) < 0.6, f"{drawn} {radius * per_um}")
    for c, share in zip(centre, (1.0, 0.5, 0.0)):
        seen = above[round(c[0]), round(c[1])].astype(float)
        wanted = numpy.array(VIRIDIS[share], float)
        seen, wanted = seen / numpy.linalg.norm(seen), wanted / numpy.linalg.norm(wanted)
        expect(f"the cell at {share} of the range has its colour", numpy.abs(seen - wanted).max() < 0.06, f"{seen} {wanted}")
    # The scale bar: the longest flat black piece. 1, 2 or 5 times a power of ten, to a pixel.
    black = pieces(above.max(axis=2) < 90)
    bar = max((p for p in black if numpy.ptp(p[:, 0]) <= 4), key=lambda p: numpy.ptp(p[:, 1]), default=None)
    length = (numpy.ptp(bar[:, 1]) + 1) / per_um
    nearest = min((m * 10.0**k for k in range(4) for m in (1, 2, 5)), key=lambda r: abs(r - length))
    expect("the scale bar has a round length", abs(length - nearest) < 1.2 / per_um, f"{length} {nearest}")

# Radii of 10 to 20 um, ids from 0 to 2: one range, beyond which there is nobody, or all at its lower end.
inks = []
for column in ("radius", "id"):
    right = draw("still", "--azimuth", 0, "--elevation", 90, "--colour-by", column, "--range", "10:20", *SIZE)[:, 430:]
    bar = pieces(colourful(right))[0]
    low, edge = bar[:, 0].max(), bar[:, 1].max()
    inks.append((255.0 - right[low - 8:low + 9, edge + 4:].mean(axis=2)).sum())
expect("an end of the bar that stands for more has a sign", inks[1] > 1.15 * inks[0] > 0, inks)

draw("still", *SIZE, name="as_it_is.png")
draw("still", "--colour-by", "type", *SIZE, name="by_type.png")
expect("cells without signals are coloured by type", (scratch / "as_it_is.png").read_bytes() == (scratch / "by_type.png").read_bytes())
spheres = draw("still", "--azimuth", 0, "--elevation", 90, "--colour-by", "radius", "--range", "10:20", "--true-spheres", *SIZE)
differing = (numpy.abs(spheres.astype(int) - above) > 60).any(axis=2).sum()
expect("true spheres look the same but for their rims", differing < 0.2 * sum(map(len, cells)), differing)
cut = draw("still", "--colour-by", "radius", "--range", "10:20", "--cut", "y=150um", "--azimuth", 0, "--elevation", 0, *SIZE)
expect("a cut takes away the two cells before it", 
       sum(p[:, 1].max() < 430 and numpy.ptp(p[:, 0]) > 12 for p in pieces(cut.min(axis=2) < 150)) == 1)
front = draw("still", "--preset", "front", "--cut", "y=50um", "--colour-by", "radius", "--range", "10:20", "--azimuth", 0, "--elevation", 0, *SIZE)
plain = draw("still", "--cut", "y=50um", "--colour-by", "radius", "--range", "10:20", "--azimuth", 0, "--elevation", 0, *SIZE)
expect("cells alone have no surface around them", len(pieces(colourful(front))) >= 3 and abs(colourful(front).sum() / colourful(plain).sum() - 1) < 0.2,
       (colourful(front).sum(), colourful(plain).sum()))
jpeg = scratch / "picture.jpg"
code, _, err = invado("render", "still", "-o", "picture.jpg")
expect("JPEG by its name", code == 0 and jpeg.exists() and jpeg.read_bytes()[:2] == b"\xff\xd8", err)

# --- vessels, and sites side by side ---
def red(picture):
    return (picture[:, :, 0] > 2.5 * picture[:, :, 1]) & (picture[:, :, 0] > 1.5 * picture[:, :, 2]) & (picture[:, :, 0] > 60)


def blue(picture):
    return (picture[:, :, 2] > 1.3 * picture[:, :, 1]) & (picture[:, :, 0] < 0.6 * picture[:, :, 2]) & (picture[:, :, 2] > 60)


def extent(part):
    return numpy.ptp(part[:, 1]) + 1, numpy.ptp(part[:, 0]) + 1


STRAIGHT = ("--azimuth", 0, "--elevation", 0, "--colour-by", "radius", "--range", "5:10", "--title", "")
one_site = draw("sites", "--whole", *STRAIGHT, "--size", "500x400")
tube = pieces(red(one_site))[0]
wide, high = extent(tube)
expect("a vessel is as wide as it is, to a pixel", abs(high - wide / 5) < 1.5, (wide, high))
expect("the vessel hides no cell, and the key names its colour", len([p for p in pieces(red(one_site)) if len(p) > 12]) == 2,
       [len(p) for p in pieces(red(one_site))])
lung = draw("sites", "--site", "lung", "--whole", *STRAIGHT, "--size", "500x400")
expect("another site has its own vessel, seen from its end", abs(numpy.divide(*extent(pieces(red(lung))[0])) - 1) < 0.05, extent(pieces(red(lung))[0]))
plane = draw("sites", "--whole", "--section", "y", "--title", "", "--size", "500x400")
wide, high = extent(pieces(red(plane))[0])
expect("a section shows what the plane meets of a vessel", abs(high - wide / 5) < 1.5, (wide, high))
expect("which ends with the tissue", red(plane).sum() < len(pieces(red(plane))[0]) + 60, (red(plane).sum(), len(pieces(red(plane))[0])))
across = pieces(red(draw("sites", "--whole", "--section", "x", "--title", "", "--size", "500x400")))[0]
expect("also across it: a disc", abs(len(across) / (numpy.pi / 4 * numpy.multiply(*map(float, extent(across)))) - 1) < 0.04, extent(across))
wide, high = extent(pieces(red(draw("sites", *STRAIGHT, "--size", "500x400")))[0])
expect("also without --whole a vessel is seen from end to end", abs(high - wide / 5) < 1.5, (wide, high))
# The box is the domain's, also where there is neither matrix nor field: 400 by 400 by 200 um, the cells in a corner of it.
boxed = draw("still", "--whole", *STRAIGHT, "--size", "500x400")
edges = pieces(abs(boxed.astype(int) - 140).max(axis=2) < 12)[0]
expect("without a matrix, --whole shows the box of the domain", abs(numpy.divide(*extent(edges)) - 2) < 0.03, extent(edges))

# A transwell for four cells, 100 um wide: a plug of 40 um on a membrane of 10 um.
(scratch / "transwell.yaml").write_text("""schema: 1
name: A transwell
duration: 1 min
assay: {kind: transwell, plug: 40 um, membrane: 10 um}
matrix: {density: 2 mg/ml}
cell_types: {one: {signalling: off, motility: {fixed: {speed: 0 um/min, persistence: 15 min}}}}
population: {all: {type: one, count: 4}}
output: {snapshots: 1 min, series: 1 min}
""")
code, _, err = invado("run", "transwell.yaml", "-o", "transwell", "--progress", "none", "-q")
expect("a transwell runs", code == 0, err)
chamber = draw("transwell", "--section", "y", "--whole", "--title", "", "--size", "500x400").astype(int)
plug = pieces(chamber[:, :, 0] > chamber[:, :, 2] + 60)[0]
membrane = pieces((abs(chamber - (0x8A, 0x90, 0x98)).max(axis=2) < 12) & (chamber[:, :, 2] > chamber[:, :, 0] + 8))
pixels_per_um = extent(plug)[0] / 100
expect("a section shows the membrane, across the whole plug, and the key names it",
       len(membrane) >= 2 and abs(extent(membrane[0])[0] - extent(plug)[0]) < 4, [extent(p) for p in membrane[:3]])
expect("below it: 25 um from middle to middle",
       abs((membrane[0][:, 0].mean() - plug[:, 0].mean()) / pixels_per_um - 25) < 1.5, (membrane[0][:, 0].mean(), plug[:, 0].mean(), pixels_per_um))

# Dense at one face of the box, thin at the other: a section shows each face as it is, not the one that would follow beyond it.
code, _, err = invado("run", "sites.yaml", "--set", "matrix.density=1 mg/ml", "--set",
                      "matrix.regions.dense={shape: {box: {from: [160 um, 0 um, 0 um], to: [200 um, 200 um, 200 um]}}, density: 40 mg/ml}",
                      "-o", "faces", "--progress", "none", "-q")
expect("a box with a dense face runs", code == 0, err)
sheet = draw("faces", "--section", "y=40um", "--whole", "--title", "", "--size", "500x400").astype(int)
dense = pieces(sheet[:, :, 0] > sheet[:, :, 2] + 60)[0]
wide, high = extent(dense)  # 40 of 200 um, less what fades, and 200 um
thin = dense[:, 1].max() + 1 - high + numpy.arange(1, high // 5)  # from the other edge of the box on
row = sheet[int(dense[:, 0].mean()), thin]
expect("a section shows no collagen of the opposite face", 4.5 < high / wide < 5.5 and abs(row - row[len(row) // 2]).max() < 6, (wide, high, row[:4]))

# A plane 10 um behind the axis, which has a radius of 20 um: what it meets is 2 sqrt(20^2 - 10^2) um high.
wide, high = extent(pieces(red(draw("sites", "--whole", "--cut", "y=110um", *STRAIGHT, "--size", "500x400")))[0])
expect("a cut goes through vessels too, and their section is filled", abs(high - wide * 34.64 / 200) < 1.5, (wide, high))
gone = draw("sites", "--whole", "--cut", "y=130um", *STRAIGHT, "--size", "500x400")
expect("those before the cut are gone, from the key too", red(gone).sum() == 0, red(gone).sum())
draw("sites", "--site", "lung", name="named.png")
draw("sites", "--site", "lung", "--title", "Two sites that stand still: lung")
expect("the title says which site is shown", (scratch / "named.png").read_bytes() == (scratch / "picture.png").read_bytes())

beside = draw("sites", "--preset", "cascade", *STRAIGHT, "--size", "900x400")
tube, end = [p for p in pieces(red(beside)) if len(p) > 100][:2]
cell = pieces(blue(beside))[0]
per_um = extent(tube)[0] / 200
expect("all sites to one scale: a vessel across the tumour, one towards us in the organ, its cell",
       abs(extent(tube)[1] / per_um - 40) < 1.5 / per_um and abs(extent(end)[0] / per_um - 20) < 1.5 / per_um and abs(extent(cell)[0] / per_um - 30) < 1.5 / per_um,
       (extent(tube), extent(end), extent(cell)))
# The organ stands a tenth of the tumour's width right of it, on one line with it: both vessels are at half the height of their boxes.
expect("the organ stands beside the tumour", abs((end[:, 1].mean() - tube[:, 1].mean()) / per_um - (100 + 20 + 50)) < 3 / per_um,
       (end[:, 1].mean() - tube[:, 1].mean()) / per_um)
expect("and on one line with it", abs((end[:, 0].mean() - tube[:, 0].mean()) / per_um - (100 - 50)) < 2 / per_um)
yellow = (beside[:, :, 0] > 150) & (beside[:, :, 1] > 150) & (beside[:, :, 2] < 110)
expect("cells of the tumour have the colours of their column", len([p for p in pieces(yellow[:, :700]) if len(p) > 100]) == 2)
# Cut open at y = 130 um the tumour keeps the cell behind; its vessel, before it, and the organ stay as they are.
opened = draw("sites", "--preset", "cascade", "--cut", "y=130um", *STRAIGHT, "--size", "900x400")
yellow = (opened[:, :, 0] > 150) & (opened[:, :, 1] > 150) & (opened[:, :, 2] < 110)
expect("a tumour is cut open, its vessel and the organ are not", len([p for p in pieces(yellow[:, :700]) if len(p) > 100]) == 1 and
       [len(p) for p in pieces(red(opened))[:2]] == [len(p) for p in pieces(red(beside))[:2]] and len(pieces(blue(opened))[0]) == len(pieces(blue(beside))[0]))
# Founders have their colours at all sites: the cell of the organ that of its picture alone.
FOUNDERS = ("--azimuth", 0, "--elevation", 0, "--colour-by", "founder", "--title", "")


def hue(picture, where):
    pixels = picture[tuple(where.T)].astype(float)
    return (pixels / numpy.linalg.norm(pixels, axis=1)[:, None]).mean(axis=0)


def cell_colour(picture, part):  # most of what a cell's disc shows
    rows, columns = part.mean(axis=0).round().astype(int)
    return hue(picture, numpy.array([(rows + dy, columns + dx) for dy in range(-3, 4) for dx in range(-3, 4)]))


clones = draw("sites", "--preset", "cascade", *FOUNDERS, "--size", "900x400")
alone = draw("sites", "--site", "lung", "--whole", *FOUNDERS, "--size", "500x400")
here = cell_colour(clones, cell)
there = min((cell_colour(alone, p) for p in pieces(colourful(alone) & ~red(alone))[:3]), key=lambda colour: numpy.abs(colour - here).max())
expect("a founder has its colour in organs too", numpy.abs(there - here).max() < 0.05 and numpy.abs(cell_colour(beside, cell) - here).max() > 0.1,
       (here, there, cell_colour(beside, cell)))
code, out, err = invado("render", "sites", "--preset", "cascade", "--movie", "-o", "sites.mp4", "--size", "600x300")
expect("a film of all sites", code == 0 and out.split()[:3] == [f"sites_{i:04}.png" for i in range(3)], f"{code} {out} {err}")

# Words under the sites: below their boxes (the vessel lies at half the height of a cube), above the scale bar, the key and the caption.
tall = draw("sites", "--preset", "cascade", "--azimuth", 0, "--elevation", 0, "--title", "")
tube = pieces(red(tall))[0]
below = tall[int(tube[:, 0].mean() + 0.52 * extent(tube)[0]):int(0.88 * len(tall)), :int(0.85 * tall.shape[1])].max(axis=2) < 110
columns = numpy.flatnonzero(below.any(axis=0))
wide_gaps = numpy.flatnonzero(numpy.diff(columns) > 40)
expect("two labels apart, not cut off", len(wide_gaps) == 1 and columns[0] > 10, (columns[0], len(wide_gaps)))
middle = columns[wide_gaps[0]] + 20 if len(wide_gaps) else 900
lines = [(numpy.diff(half.any(axis=1).astype(int)) == 1).sum() for half in (below[:, :middle], below[:, middle:])]
expect("who is there and what has happened so far: two lines for the tumour, four for the organ", lines == [2, 4], lines)

# Where cells are injected the tumour is a box in which there never was anything: it is left out, and the bar of its colours.
code, _, err = invado("run", source / "scenarios" / "lung_foci.yaml", "--until", "24 h", "--set", "population.injected.count=40", "-o", "injected", "--progress", "none", "-q")
expect("the run of injected cells ends well", code == 0, err)
injected = draw("injected", "--preset", "cascade", "--size", "600x600")
yellow = (injected[:, :, 0] > 200) & (injected[:, :, 1] > 200) & (injected[:, :, 2] < 90)
expect("a tumour that never was has no bar of colours", yellow.sum() == 0 and red(injected).sum() > 500, (yellow.sum(), red(injected).sum()))

# A tumour in which RUNX2 sleeps is coloured by AKT, unless somebody wants it otherwise.
code, _, err = invado("run", source / "scenarios" / "metastasis_lung_adenocarcinoma.yaml", "--until", "1 h", "-o", "asleep", "--progress", "none", "-q")
expect("the run of a nodule ends well", code == 0, err)
by = {colour: draw("asleep", "--preset", "cascade", *options, "--size", "600x400")
      for colour, options in (("default", ()), ("akt", ("--colour-by", "akt")), ("runx2", ("--colour-by", "runx2")))}
expect("where RUNX2 sleeps AKT tells the cells apart", (by["default"] == by["akt"]).all() and (by["default"] != by["runx2"]).any())

# --- what was eaten: a surface where half is left of what proteases could remove, and nowhere else ---
# A protease whose level rises from 0 at x = 0 to 2 at x = 200 um, and stays, leaves exp(-k m t) of the density above the floor: half
# at m = ln 2 / (k t) = 1, x = 100 um, in the gel (1.7 mg/ml) as in the bed (0.5); in the medium there was nothing.
(scratch / "one.csv").write_text("x_um,y_um,z_um,type,radius_um\n30,100,20,one,10\n")
(scratch / "eaten.yaml").write_text("""schema: 1
name: A plane
duration: 1 h
domain: {size: [200 um, 200 um, 200 um], voxel: 20 um}
matrix:
  voxel: 10 um
  density: 1.7 mg/ml
  law: {density_floor: 0.25 mg/ml}
  regions:
    bed: {shape: {sphere: {centre: [120 um, 100 um, 50 um], radius: 45 um}}, density: 0.5 mg/ml, tissue: bed}
    pool: {shape: {sphere: {centre: [120 um, 100 um, 150 um], radius: 35 um}}, tissue: none}
fields: {mmp: {diffusion: 1 um^2/min, decay: 0 1/min, frozen: true, gradient: {axis: x, low: 0, high: 2}}}
cell_types:
  one: {signalling: off, motility: {fixed: {speed: 0 um/min, persistence: 15 min}}}
processes: {mechanics: off, division: off, death: off, anoikis: off, proteolysis: {soluble_rate: 0.6931 1/h}}
population:
  all: {type: one, place: {points: {file: one.csv}}}
output: {snapshots: 1 h, series: 1 h}
""")
code, _, err = invado("run", "eaten.yaml", "-o", "eaten", "--progress", "none", "-q")
expect("the run that is eaten ends well", code == 0, err)


def sand(picture):
    return (picture[:, :, 0] > picture[:, :, 2] + 12) & (picture[:, :, 1] > picture[:, :, 2] + 4)


HERE = ("--whole", "--azimuth", 5, "--elevation", 0, "--cut", "y=0um", "--colour-by", "radius", "--range", "10:20", "--dark", *SIZE)
expect("nothing is left by half at the start", sand(draw("eaten", "--time", "0h", *HERE)[:, :430]).sum() == 0)
picture = draw("eaten", *HERE)[:, :430]
surface = pieces(sand(picture))
box = pieces((picture.max(axis=2) - picture.min(axis=2) < 9) & (picture.min(axis=2) > 100))[0]
per_um, middle = (numpy.ptp(box[:, 0]) + 1) / 200, box[:, 1].mean()
# From centre to centre of the outer voxels, 190 um; turned by 5 degrees. In its upper half, the hole where nothing was.
wide, high = 190 * numpy.sin(numpy.pi / 36) * per_um, 190 * per_um
expect("afterwards it is one plane, where half is left", len(surface) == 1 and numpy.abs(numpy.subtract(extent(surface[0]), (wide, high))).max() < 3 and
       abs(surface[0][:, 1].mean() - middle) < 2, ([(len(p), extent(p)) for p in surface], wide, high))
expect("with a hole where nothing was", 0.8 < sum(map(len, surface)) / (wide * high) < 0.97, (sum(map(len, surface)), wide * high))

# --- a slab: seen on its large face; strokes only where fibres have a direction ---
slab = ["eaten.yaml", "--set", "domain.size=[200 um, 200 um, 80 um]", "--until", "6 min", "--progress", "none", "-q"]
inks = []
for alignment in ("0.2", "0.9"):
    code, _, err = invado("run", *slab, "--set", f"matrix.alignment={alignment}", "-o", f"slab{alignment}")
    expect("the slab runs", code == 0, err)
    picture = draw(f"slab{alignment}", "--preset", "matrix", *SIZE)
    inks.append((numpy.abs(picture - numpy.array([105, 75, 40])).max(axis=2) < 30).sum())
expect("strokes are drawn where fibres are aligned, not as dots where they hardly are", inks[0] == 0 and inks[1] > 500, inks)
draw("slab0.9", "--section", "z", "--fibres", *SIZE, name="face.png")
expect("the section of a slab is its large face", (scratch / "face.png").read_bytes() == (scratch / "picture.png").read_bytes())

# --- a spheroid: presets, series, films ---
spheroid = [source / "scenarios" / "sarcoma_spheroid.yaml", "--set", "population.core.count=120", "--set", "output.snapshots=1 h",
            "--progress", "none", "-q"]
code, _, err = invado("run", *spheroid, "--until", "3 h", "-o", "spheroid")
expect("the spheroid runs", code == 0, err)
plain = draw("spheroid", "--front", "none", "--cut", "y", *SIZE)
front = draw("spheroid", "--preset", "front", *SIZE)
changed = (numpy.abs(front - plain) > 8).any(axis=2).mean()
expect("the front is a surface around the cells that are left", 0.05 < changed < 0.6 and
       colourful(front).sum() < 0.9 * colourful(plain).sum(), changed)
signals = draw("spheroid", "--preset", "signals", "--size", "900x420", "--title", "")
thirds = [signals[:280, i * 300:(i + 1) * 300] for i in range(3)]
means = [t[colourful(t)].mean(axis=0) for t in thirds]  # of the same cells, so that a pixel more or less changes them by less than 1
expect("three panels of the same cells in other colours", all(colourful(t).sum() > 500 for t in thirds) and
       all(numpy.abs(means[i] - means[j]).max() > 3 for i, j in ((0, 1), (1, 2), (0, 2))), means)
matrix = draw("spheroid", "--preset", "matrix", *SIZE)
brown = (abs(matrix - numpy.array([196, 158, 104])).max(axis=2) < 12).mean()
expect("the middle plane shows collagen", brown > 0.15, brown)
lineage = draw("spheroid", "--preset", "lineage", *SIZE)
hues = {tuple((c // 24).tolist()) for c in lineage[colourful(lineage)]}
expect("founders have many colours", len(hues) > 12, len(hues))
times = draw("spheroid", "--times", "0h,3h", "--size", "800x400", "--title", "")
again = draw("spheroid", "--times", "0h,3h", "--size", "800x400", "--title", "", name="again.png")
expect("the same picture again has the same bytes", (scratch / "picture.png").read_bytes() == (scratch / "again.png").read_bytes())
expect("different times are different panels", (numpy.abs(times[:, 20:340] - again[:, 360:680]) > 20).any(axis=2).sum() > 300)
code, out, err = invado("render", "spheroid", "--movie", "-o", "still.yaml/age.mp4", *SIZE)
expect("a folder that cannot be made is 73", code == 73 and "still.yaml" in err, f"{code} {err}")
code, out, err = invado("render", "spheroid", "--movie", "--colour-by", "age_h", "-o", "films/one/age.mp4", *SIZE)
names = [f"films/one/age_{i:04}.png" for i in range(4)]
expect("a film is a frame per snapshot, in a folder that is made", code == 0 and out.split()[:4] == names, f"{code} {out} {err}")


def frames_of(film):
    answer = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,r_frame_rate", "-of", "csv=p=0",
                             f"file:{film}"], cwd=scratch, capture_output=True, text=True)
    return answer.stdout.strip() or answer.stderr


expect("and one film of them", frames_of("films/one/age.mp4") == "12/1,4", frames_of("films/one/age.mp4"))
unusual = "it's %04d/movie.mp4"
shutil.copytree(scratch / "spheroid", scratch / "it's %04d")
code, out, err = invado("render", "it's %04d", "--movie", "--fps", "5", *SIZE)
expect("whatever the folder is called, as fast as asked", code == 0 and frames_of(unusual) == "5/1,4", f"{code} {err} {frames_of(unusual)}")
(scratch / "bin").mkdir()
(scratch / "bin/Xvfb").symlink_to(shutil.which("Xvfb"))  # all that drawing starts
code, out, err = invado("render", "spheroid", "--movie", "-o", "without.mp4", *SIZE, env={**os.environ, "PATH": str(scratch / "bin")})
expect("without ffmpeg the frames are there, and a word", code == 0 and "apt-get install ffmpeg" in err and (scratch / "without_0003.png").exists()
       and not (scratch / "without.mp4").exists(), f"{code} {err}")
frames = [png(scratch / n) for n in names]
right = [f[:, 425:] for f in frames]  # colour bar with its numbers
expect("the colour bar is the same in all frames", all((r == right[0]).all() for r in right[1:]) and colourful(right[0]).sum() > 300)
expect("while the cells change", (frames[0][:, :400] != frames[3][:, :400]).any())

# --- nobody there, and a run that goes on ---
shutil.copytree(scratch / "spheroid", scratch / "killed")
record = (scratch / "killed" / "run.json").read_text()
(scratch / "killed" / "run.json").write_text(record.replace('"exit": 0', '"exit": null'))
draw("killed", *SIZE)
code, _, err = invado("run", *spheroid[:1], "--set", "population.core.count=0", "--until", "0.5 h", "--progress", "none", "-q", "-o", "empty")
expect("an empty run runs", code == 0, err)
for options in ((), ("--preset", "front"), ("--preset", "signals"), ("--preset", "matrix"), ("--preset", "lineage")):
    draw("empty", *options, "--size", "300x240")
done = subprocess.run(["sh", "-c", 'exec "$0" "$@" 0<&- 1>&- 2>&-', program, "render", "empty", "-o", "closed.png"], cwd=scratch, timeout=300 * time_scale)
expect("standard streams may be closed", done.returncode == 0 and (scratch / "closed.png").exists(), done.returncode)
expect("nothing is left behind", not list(scratch.rglob(".tmp*")))

verdict()
