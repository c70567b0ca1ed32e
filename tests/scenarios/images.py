#!/usr/bin/env python3
"""Matrices from pictures through the program: every format gives the same matrix, what is broken is refused with its name and
reason before anything is made of it, and a run keeps its picture.
  images.py PROGRAM SOURCE
Seen to fail: rows of TIFF turned, a MetaImage that ends too early taken as it is, escape sequences of a header in a message."""
import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys

import h5py
import numpy as np

from scratch import scratch_folder, time_scale

program, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
scratch = scratch_folder()
failures = []


def expect(what, holds, more=""):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what} {more}")


def invado(*arguments, **environment):
    done = subprocess.run([program, *map(str, arguments)], cwd=scratch, capture_output=True, text=True, timeout=300 * time_scale,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


SCENARIO = """schema: 1
name: picture
extends: [cells/sts.yaml]
duration: 2 min
domain: {size: [40 um, 40 um, 40 um], voxel: 20 um, boundary: {x: periodic, y: periodic, z: periodic}}
matrix: {voxel: 10 um, density: 1 mg/ml, image: {file: %s, white: 4 mg/ml, fibres: {gradient: 2.5 um}%s}}
population: {one: {type: sts, count: 2, place: {box: {from: [0 um, 0 um, 0 um], to: [40 um, 40 um, 40 um]}}}}
output: {series: off, snapshots: 2 min}
"""


def scenario(file, more=""):
    path = scratch / "s.yaml"
    path.write_text(SCENARIO % (file, more))
    return path


def refused(name, code, *words, more=""):
    """The program says what is wrong, where, and with which exit code."""
    got, out, err = invado("validate", scenario(name, more))
    text = " ".join((out + err).split())
    expect(f"{name}{more} is refused with {code}", got == code, f"{got}: {text}")
    for word in words:
        expect(f"{name}{more} says '{word}'", word in text, text)
    expect(f"{name}{more} names the place", "s.yaml:6:" in text and "matrix.image" in text, text)


# --- one picture in all formats ------------------------------------------------------------------------------------------------
rng = np.random.default_rng(1)
pixels = rng.integers(0, 65536, (8, 20, 16)).astype("<u2")  # slices, rows, columns; 2.5 x 2 x 5 um
raw = pixels.tobytes()
NRRD = ("NRRD0004\ntype: uint16\ndimension: 3\nsizes: 16 20 8\nspacings: 2.5 2 5\nunits: \"um\" \"um\" \"um\"\nendian: little\n"
        "encoding: %s\n\n")
MHA = ("ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
       "ElementSpacing = 2.5 2 5\nDimSize = 16 20 8\nElementType = MET_USHORT\nElementDataFile = %s\n")


def vti(values, extent="0 15 0 19 0 7", array="intensity", kind="PointData"):
    return (f'<?xml version="1.0"?>\n<VTKFile type="ImageData" version="0.1" byte_order="LittleEndian">\n'
            f'<ImageData WholeExtent="{extent}" Origin="0 0 0" Spacing="2.5 2 5"><Piece Extent="{extent}">\n'
            f'<{kind} Scalars="{array}"><DataArray type="UInt16" Name="{array}" format="ascii">\n{values}\n'
            f'</DataArray></{kind}></Piece></ImageData></VTKFile>\n')


def tiff(stack):
    """Little-endian TIFF, one strip a page, no compression."""
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for page in stack:
        data = page.tobytes()
        at = len(out)
        out += data + (b"\0" if len(data) % 2 else b"")
        tags = [(256, 4, page.shape[1]), (257, 4, page.shape[0]), (258, 3, 8 * page.dtype.itemsize), (259, 3, 1), (262, 3, 1),
                (273, 4, at), (277, 3, 1), (278, 4, page.shape[0]), (279, 4, len(data)), (339, 3, 1)]
        struct.pack_into("<I", out, link, len(out))
        out += struct.pack("<H", len(tags))
        for tag, kind, value in tags:
            out += struct.pack("<HHII", tag, kind, 1, value)
        link = len(out)
        out += b"\0\0\0\0"
    return bytes(out)


files = {
    "a.nrrd": (NRRD % "raw").encode() + raw,
    "b.nrrd": (NRRD % "gzip").encode() + gzip.compress(raw),
    "c.nhdr": (NRRD % "raw").replace("encoding", "data file: c.raw\nencoding").encode(), "c.raw": raw,
    "big.nrrd": (NRRD % "raw").replace("little", "big").encode() + pixels.astype(">u2").tobytes(),
    "a.mha": (MHA % "LOCAL").encode() + raw,
    "b.mhd": (MHA % "b.raw").encode(), "b.raw": raw,
    "a.vti": vti(" ".join(map(str, pixels.ravel()))).encode(),
    "cells.vti": vti(" ".join(map(str, pixels.ravel())), "0 16 0 20 0 8", kind="CellData").encode(),
    "a.tif": tiff(pixels),
}
for name, content in files.items():
    (scratch / name).write_bytes(content)

with_vtk = "built without it" not in "".join(invado("validate", scenario("a.mha"))[1:])
if not with_vtk:
    refused("a.mha", 65, "libvtk9-dev", ".nrrd")
    print("built without VTK: only NRRD is tried")
formats = [name for name in files if not name.endswith(".raw") and (with_vtk or "nrrd" in name or "nhdr" in name)]
ids = {}
for name in formats:
    spacing = ", spacing: [2.5 um, 2 um, 5 um]" if ".tif" in name else ""
    folder = scratch / f"run_{name}"
    code, out, err = invado("run", scenario(name, spacing), "-o", folder, "--progress", "none")
    expect(f"{name} runs", code == 0, err)
    if code == 0:
        run = json.loads((folder / "run.json").read_text())
        ids[name] = (run["run_id"], run["digest"])
expect("every format gives the same run", len(set(ids.values())) == 1 and len(ids) == len(formats), ids)

# Every type of pixels in either order of bytes, and one of several channels, as they are kept.
kinds = [("CHAR", "int8"), ("UCHAR", "uint8"), ("SHORT", "int16"), ("USHORT", "uint16"), ("INT", "int32"), ("UINT", "uint32"), ("FLOAT", "float"),
         ("DOUBLE", "double")]
for number, (met, word) in enumerate(kinds if with_vtk else []):
    values = (pixels % 100).astype({"float": "<f4", "double": "<f8"}.get(word, "<" + np.dtype(word).str[1:])) - (0 if word[0] == "u" else 50)
    big = number % 2 == 1
    (scratch / "type.mha").write_bytes((MHA % "LOCAL").replace("MET_USHORT", "MET_" + met).replace("MSB = False", f"MSB = {big}").encode() +
                                       values.astype(values.dtype.newbyteorder(">" if big else "<")).tobytes())
    code, out, err = invado("run", scenario("type.mha", ", grey_black: -50, grey_white: 99"), "-o", scratch / f"type_{word}", "--progress", "none")
    kept = (scratch / f"type_{word}/inputs/matrix_image.nrrd").read_bytes() if code == 0 else b""
    expect(f"MetaImage of {word}", f"\ntype: {word}\n".encode() in kept and kept.endswith(b"\n\n" + values.tobytes()), (err, kept[:200]))
if with_vtk:
    both = np.stack([65535 - pixels.ravel(), pixels.ravel()], 1)
    (scratch / "two_channels.vti").write_bytes(vti(" ".join(map(str, both.ravel()))).replace("format=", 'NumberOfComponents="2" format=').encode())
    (scratch / "two_channels.mha").write_bytes((MHA % "LOCAL").replace("ElementType", "ElementNumberOfChannels = 2\nElementType").encode() + both.tobytes())
    for name in ("two_channels.vti", "two_channels.mha"):
        code, out, err = invado("run", scenario(name, ", channel: 1"), "-o", scratch / f"run_{name}", "--progress", "none")
        expect(f"the second channel of {name}", code == 0 and (scratch / f"run_{name}/inputs/matrix_image.nrrd").read_bytes().endswith(raw), err)

# The matrix is what the picture says: means over 4 x 5 x 2 pixels.
with h5py.File(scratch / "run_a.nrrd/snapshots/snap_000000.h5") as snap:
    density = snap["lattice/density"][...]
expected = 4 * pixels.reshape(4, 2, 4, 5, 4, 4).mean(axis=(1, 3, 5)) / 65535
expect("densities are means of the greys", np.abs(density - expected).max() < 1e-5, np.abs(density - expected).max())

# --- a run keeps its picture -----------------------------------------------------------------------------------------------------
folder = scratch / "run_a.nrrd"
kept = (folder / "inputs/matrix_image.nrrd").read_bytes()
expect("the run folder holds the pixels", kept.endswith(raw))
for name in files:
    (scratch / name).unlink()
code, out, err = invado("resume", folder, "--until", "4 min", "--progress", "none")
expect("a run goes on without the picture's file", code == 0, err)
(scratch / "a.nrrd").write_bytes(files["a.nrrd"])
again = scratch / "again"
code, out, err = invado("run", folder / "scenario.resolved.yaml", "-o", again, "--progress", "none", "--until", "2 min")
expect("the resolved copy runs again", code == 0, err)
changed = bytearray(files["a.nrrd"])
changed[-1] ^= 255
(scratch / "changed.nrrd").write_bytes(changed)
code, out, err = invado("run", scenario("changed.nrrd"), "-o", scratch / "other", "--progress", "none")
expect("another pixel is another run", code == 0 and
       json.loads((scratch / "other/run.json").read_text())["run_id"] != ids["a.nrrd"][0], err)
code, out, err = invado("run", scenario("a.nrrd"), "-o", scratch / "threads", "--threads", "3", "--progress", "none")
expect("the same on three threads", code == 0 and
       json.loads((scratch / "threads/run.json").read_text())["digest"] == ids["a.nrrd"][1], err)
(folder / "inputs/matrix_image.nrrd").write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
expect("verify sees a changed picture", invado("verify", folder)[0] == 65)

# --- what is refused -------------------------------------------------------------------------------------------------------------
HEAD = (NRRD % "raw").encode()
bad = {
    "short.nrrd": (HEAD + raw[:-1], "ends too early"),
    "none.nrrd": (b"", "no NRRD file"),
    "text.nrrd": (b"hello\n" * 1000, "no NRRD file"),
    "endless.nrrd": (b"NRRD0004\n" + b"a: b\n" * 100000, "header that does not end"),
    "huge.nrrd": (HEAD.replace(b"16 20 8", b"100000 100000 100000") + raw, "too many pixels"),
    "gigantic.nrrd": (HEAD.replace(b"16 20 8", b"1e300 1e300 8") + raw, "size"),
    "negative.nrrd": (HEAD.replace(b"16 20 8", b"16 -20 8") + raw, "size"),
    "bomb.nrrd": ((NRRD % "gzip").replace("16 20 8", "600 600 700").encode() + gzip.compress(bytes(1000)), "compressed pixels"),
    "nan.nrrd": (HEAD.replace(b"uint16", b"float").replace(b"16 20 8", b"4 4 4") +
                 np.full(64, np.nan, "<f4").tobytes(), "no finite number"),
    "even.nrrd": (HEAD.replace(b"uint16", b"float").replace(b"16 20 8", b"4 4 4") + bytes(256), "no grey between"),
    "control.nrrd": (HEAD.replace(b"uint16", b"\x1b[31mred\x07") + raw, r"'\x1b[31mred\x07'"),
    "mixed.nrrd": (HEAD.replace(b'"um" "um" "um"', b'"um" "um" "mm"') + raw, "different units"),
    "last.nrrd": (HEAD.replace(b"endian", b"kinds: domain domain vector\nendian") + raw, "'vector' behind another"),
    "unit.nrrd": (HEAD.replace(b'"um"', b'"parsec"') + raw, "unit of length"),
    "nospacing.nrrd": (HEAD.replace(b"spacings: 2.5 2 5\n", b"") + raw, "spacing"),
    "away.nhdr": (HEAD.replace(b"encoding", b"data file: ../../secret.raw\nencoding"), "not beside its header"),
    "a.png": (b"\x89PNG\r\n", "allowed .vti, .nrrd"),
}
if with_vtk:
    bad |= {
        "short.mha": ((MHA % "LOCAL").encode() + raw[:-100], "broken"),
        "none.mha": (b"", "header"),
        "huge.mha": ((MHA % "LOCAL").replace("16 20 8", "99999 99999 99999").encode() + raw, "too many pixels"),
        "negative.mha": ((MHA % "LOCAL").replace("16 20 8", "16 -20 8").encode() + raw, ""),
        "away.mhd": ((MHA % "/etc/passwd").encode(), "not beside its header"),
        "short.vti": (files["a.vti"][:-3000], "broken"),
        "huge.vti": (vti("1 2 3", "0 99999 0 99999 0 99999").encode(), "too many pixels"),
        "overflow.vti": (vti("1 2 3", "0 2147483647 -2147483648 0 0 9").encode(), ""),
        "few.vti": (vti("1 2 3").encode(), ""),
        "text.vti": (b"hello\n", "broken"),
        "deep.vti": (b"<a>" * 200000, ""),
        "short.tif": (files["a.tif"][:200], ""),
        "text.tif": (b"hello\n", ""),
        "nospacing.tif": (files["a.tif"], "spacing"),
        "slice.tif": (tiff(pixels[:1]), "single slice"),
    }
for name, (content, words) in bad.items():
    (scratch / name).write_bytes(content)
    refused(name, 65, name, words)
(scratch / "a.nrrd").write_bytes(files["a.nrrd"])
refused("missing.nrrd", 66, "missing.nrrd")
(scratch / "control.nhdr").write_bytes(HEAD.replace(b"encoding", b"data file: a\x1b[1m\nencoding"))
refused("control.nhdr", 66, r"'a\x1b[1m'")
refused("../outside.nrrd", 64, "..")
refused("a.nrrd", 65, "no channel 3", more=", channel: 3")
refused("a.nrrd", 64, "each axis once", more=", axes: [x, -x, z]")
refused("a.nrrd", 64, "grey_black", more=", grey_black: 5, grey_white: 5")
if with_vtk:
    (scratch / "two.vti").write_bytes(vti("1 " * 2560).replace("</PointData>", vti("2 " * 2560, array="other").split('Scalars="other">')[1].split("</PointData>")[0] + "</PointData>").encode())
    refused("two.vti", 65, "intensity, other")
    refused("two.vti", 65, "no array 'x'", more=", array: x")
    expect("an array can be chosen", invado("validate", scenario("two.vti", ", array: other"))[0] == 0)
code, out, err = invado("validate", scenario("a.nrrd"), INVADO_IMAGE_READER="/bin/false")
expect("a reader that fails is named", code == 65 and "reader" in out + err, out + err)
(scratch / "large.nrrd").write_bytes((NRRD % "gzip").replace("16 20 8", "400 400 100").encode() + gzip.compress(bytes(32000000), 1))
code, out, err = invado("plan", scenario("large.nrrd"), "--memory", "100M")
expect("what does not fit is refused", code == 71 and "400 x 400 x 100" in out + err, (code, out + err))

code, out, err = invado("validate", scenario("a.nrrd", ", origin: [20 um, 0 um, 0 um]"))
expect("what is not covered is said", code == 0 and "covers 50 % of the box" in out + err, out + err)

print(f"{len(formats)} formats, {len(bad)} broken pictures, {len(failures)} failures")
sys.exit(1 if failures else 0)
