#!/usr/bin/env python3
"""The program as its users call it: exit codes, what a run leaves, and that neither threads nor output change a result.

    command_line.py PROGRAM SOURCE_DIR
"""
import json
import re
import subprocess
import time

from scratch import time_scale
from trial import expect, invado, program, rows_of, scratch, source, verdict


def run_json(folder):
    return json.loads((scratch / folder / "run.json").read_text())


spheroid = source / "scenarios" / "sarcoma_spheroid.yaml"
short = [spheroid, "--until", "1 h", "--set", "population.core.count=200", "--progress", "none"]

# --- a run and what it leaves ---
code, out, err = invado("run", *short, "-o", "one", "--threads", "1", "--digest-every", "60")
expect("a run ends with 0", code == 0, err)
reference = run_json("one")
expect("stdout has the digest of run.json", reference["digest"] in out)
expect("run.json says exit 0", reference["exit"] == 0)
for name in ["scenario.yaml", "scenario.resolved.yaml", "series.csv", "tracks.csv", "msd.csv", "cells.hdf.series", "lattice.hdf.series",
             "fields.hdf.series", "run.xdmf", "log.jsonl", "snapshots/snap_000000.h5", "snapshots/cells_000000.hdf"]:
    expect(f"{name} is there", (scratch / "one" / name).is_file())
rows = rows_of("one/series.csv")
expect("series has a row at 0, 0.5 and 1 h", [float(r["time_h"]) for r in rows] == [0, 0.5, 1])
expect("no temporary file is left", not list((scratch / "one").rglob("*.tmp*")))

# --- the same bits on other threads, with other output ---
ways = {"two threads": ["--threads", "2"], "three threads": ["--threads", "3"], "eight threads": ["--threads", "8"],
        "rare output": ["--set", "output.snapshots=1 h", "--set", "output.series=1 h", "--set", "output.tracks=1 h"],
        "frequent output": ["--set", "output.snapshots=6 min", "--set", "output.series=0.5 min"]}
for i, (what, more) in enumerate(ways.items()):
    code, _, err = invado("run", *short, "-o", f"way{i}", *more)
    expect(f"{what}: exit 0", code == 0, err)
    expect(f"{what}: the same digest", code == 0 and run_json(f"way{i}")["digest"] == reference["digest"])
code, _, _ = invado("run", *short, "-o", "seed", "--seed", "8")
expect("another seed gives another digest", run_json("seed")["digest"] != reference["digest"])
equal = all((scratch / "one/snapshots" / f.name).read_bytes() == f.read_bytes() for f in (scratch / "way0/snapshots").iterdir())
expect("equal runs give equal snapshot files", equal)

# --- refusals ---
code, _, err = invado("run", *short, "-o", "one")
expect("a folder with results is refused with 73", code == 73, f"{code} {err}")
code, _, err = invado("run", *short, "-o", "one", "--overwrite")
expect("--overwrite moves the old one aside", code == 0 and (scratch / "one.old-1" / "run.json").is_file(), err)
for what, arguments, wanted in [
    ("no such file", ["run", "nowhere.yaml"], 66), ("bad option", ["run", spheroid, "--nonsense"], 2), ("no subcommand", [], 2),
    ("no such command", ["rnu", spheroid], 2), ("bad seed", ["run", spheroid, "--seed", "-1"], 2),
    ("bad progress", ["run", spheroid, "--progress", "fancy"], 2), ("info of a folder without a run", ["info", source], 66),
    ("info of a file that is no snapshot", ["info", spheroid], 65),
    ("bad time", ["run", spheroid, "--until", "3 um"], 2), ("bad amount", ["run", spheroid, "--memory", "much"], 2),
    ("too little memory", ["run", spheroid, "--memory", "1M"], 71), ("unknown path", ["run", spheroid, "--set", "matrix.densty=1 mg/ml"], 64),
    ("wrong dimension", ["run", spheroid, "--set", "domain.voxel=3 h"], 64), ("output in a missing place", ["run", *short, "-o", "/proc/x/y"], 73),
    ("info of nothing", ["info", "nowhere"], 66), ("threads in words", ["run", spheroid, "--threads", "two"], 2),
    ("no threads", ["run", spheroid, "--threads", "0"], 2), ("seed of 2^63", ["run", spheroid, "--seed", "9223372036854775808"], 2),
    ("two scenarios", ["run", spheroid, spheroid], 2), ("checkpoints: no", ["run", spheroid, "--set", "output.checkpoints=no"], 64)]:
    code, out, err = invado(*arguments)
    expect(f"{what}: exit {wanted}", code == wanted, f"got {code}: {err[:300]}")
    expect(f"{what}: it says why", err.strip() != "")
code, _, err = invado("run", spheroid, "--set", "matrix.densty=1 mg/ml")
expect("a typing mistake gets a suggestion", "density" in err, err)
for arguments, words in [(["--nonsense"], ["no such option (got '--nonsense'"]), (["--thread", "2"], ["did you mean '--threads'?"]),
                         (["--output-dir=x"], ["did you mean '--output'?"]),
                         (["--threads", "two"], ["--threads: is not a whole number (got 'two', allowed a whole number from 1 to 1024)"]),
                         (["--seed", "18446744073709551615"], ["from 0 to 9223372036854775807"]),
                         (["--set", "output.checkpoints=no"], ["output.checkpoints", "allowed off"]), ([spheroid], ["one word too many"])]:
    code, _, err = invado("run", spheroid, *arguments, "--dry-run")
    expect(f"{arguments}: one line that says {words}", all(w in err for w in words) and err.count("\n") == 1, err)
code, _, err = invado("validate", spheroid, "--json-errors", "--set", "seed=x")
problems = [json.loads(line) for line in err.splitlines()]
expect("--json-errors gives a JSON line per problem, with its key", [(p["exit"], p["key"]) for p in problems] == [(64, "seed")], err)

# --- looking ---
code, out, _ = invado("run", spheroid, "--dry-run")
expect("--dry-run names run_id and writes nothing", code == 0 and "run_id: " in out and not (scratch / "runs").exists())
code, out, _ = invado("schema")
expect("the schema is JSON", code == 0 and json.loads(out)["$schema"].startswith("http://json-schema.org/draft-07"))
code, out, _ = invado("schema", "--table")
expect("the table has the pore law", code == 0 and "um^2" in out)
expect("info shows the run", "finished" in invado("info", "one")[1])
expect("info shows a snapshot", "cells" in invado("info", scratch / "one/snapshots/snap_000001.h5")[1] or "cells" in invado("info", scratch / "one/snapshots/snap_000000.h5")[1])
expect("watch shows the run", "front" in invado("watch", "--once", "one")[1])

# --- a scenario of one's own, anywhere on the disk, from a shipped one; who was injected is told ---
(scratch / "mine.yaml").write_text("schema: 1\nextends: lung_foci.yaml\npopulation: {injected: {count: 120}}\n")
code, out, err = invado("run", "mine.yaml", "-o", "mine", "--until", "1 h", "--progress", "none")
expect("a shipped scenario is found from anywhere", code == 0, err)
expect("info tells who was injected", re.search(r"injected into the blood +120\b", invado("info", "mine")[1]), invado("info", "mine")[1])
expect("and nothing where nobody was", "injected" not in invado("info", "one")[1])

# --- watching: a run that goes on, to its end, and one that is stopped ---
def watched(name, *more, after=None):
    """The run's exit code, and what `invado watch` beside it says and ends with."""
    run = subprocess.Popen([program, "run", spheroid, "--set", "population.core.count=200", "--set", "output.series=3 min", "--progress", "none", "-o", name, *more], cwd=scratch,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None and not (scratch / name / "series.csv").is_file():
        time.sleep(0.01)
    watch = subprocess.Popen([program, "watch", name], cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if after is not None:
        time.sleep(after)
        run.terminate()
    out, err = watch.communicate(timeout=120 * time_scale)
    return run.wait(), watch.returncode, out, err


code, ended, out, err = watched("seen", "--until", "12 h")
expect("watch ends by itself when the run does, with its exit code", code == 0 and ended == 0 and not err, f"{code} {ended} {err}")
blocks = out.split("\n\n")
expect("watch says where, what and how far", all(w in out for w in ["Sarcoma", "(seen)", "running: ", "front, 90 % quantile", "births"]), out)
expect("watch tells pace and ETA while it runs, not at the end", "simulated per minute, ETA" in out and "ETA" not in blocks[-2] and
       "finished" in blocks[-2] and "12 of 12 h (100 %)" in blocks[-2], out)
expect("watch has no block twice", len(set(blocks)) == len(blocks), out)
code, ended, out, err = watched("cut", "--until", "60 h", after=2)
expect("watch of a run that is stopped ends with 85 and says how to go on", code == 85 and ended == 85 and "go on with:" in out, f"{code} {ended} {out}")
expect("watch --once ends with 0, whatever it sees", invado("watch", "--once", "cut")[0] == 0)
code, _, err = invado("run", *short[:-2], "-o", "line", "--progress", "json")
lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
last = rows_of("line/series.csv")[-1]
expect("progress has the front of series.csv", lines and abs(lines[-1]["front_um_q90"] - float(last["front_um_q90"])) <= 0.0501, lines[-1:])
code, _, err = invado("run", *short[:-2], "-o", "plain", "--progress", "plain")
expect("the progress line has the front", f"front {float(last['front_um_q90']):.0f} um" in err, err)
expect("--version names compiler and library", "HDF5" in invado("--version")[1])
code, out, err = invado("plan", spheroid, "--set", "population.core.count=100")
expect("plan predicts memory, disk and time", code == 0 and all(w in out for w in ("memory", "disk", "thread")), err)
if time_scale == 1:  # the memory of a sanitized program is that of its shadow
    predicted = re.search(r"together ([\d.]+) MiB", invado("plan", spheroid, "--set", "population.core.count=200")[1])
    measured = reference["figures"]["peak_memory_bytes"] / 2**20
    expect("plan predicts the memory of a run to 15 %", predicted and abs(float(predicted[1]) / measured - 1) < 0.15,
           f"predicted {predicted and predicted[1]} MiB, measured {measured:.1f} MiB")
# More founders than their shape can hold: refused at once, by every command; parted no more, they are the user's own affair.
for command in ("validate", "plan", "run"):
    code, _, err = invado(command, spheroid, "--set", "population.core.count=100000")
    expect(f"{command}: an impossible start is 64, with how full it is", code == 64 and "population.core.place" in err and " % of the shape" in err, f"{code} {err}")
code, _, err = invado("validate", spheroid, "--set", "population.core.count=100000", "--set", "processes.mechanics.settle=false")
expect("founders that are not parted may lie upon one another", code == 0, f"{code} {err}")
for command in ("validate", "plan"):
    code, _, err = invado(command, spheroid, "--set", "population.core.count=1700")  # 76 %
    expect(f"{command}: a crowded start is warned of", code == 0 and "fit without overlap" in err, f"{code} {err}")
comma = scratch / "comma.yaml"
comma.write_text("schema: 1\nname: x\nduration: 1 h\ndomain: {size: [100 um, 100 um, 100 um], voxel: 20 um}\nmatrix: {density: 2,5 mg/ml}\n"
                 "cell_types: {cell: {signalling: off}}\npopulation: {p: {type: cell, count: 1, place: {box: {from: [0 um, 0 um, 0 um], to: [99 um, 99 um, 99 um]}}}}\n")
code, _, err = invado("validate", comma)
expect("a decimal comma is understood, and what to write, once", code == 64 and err.count("matrix.density") == 1 and "matrix.density: the comma ends the value; the decimal sign is a point (did you mean '2.5 mg/ml'?)" in err, err)
shipped = sorted(f for f in (source / "scenarios").rglob("*.yaml") if f.parent.name not in ("sweeps", "fits", "bench"))
expect("every shipped scenario is valid", len(shipped) > 25 and invado("validate", *shipped)[0] == 0)

verdict()
