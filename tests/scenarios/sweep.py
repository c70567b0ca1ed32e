#!/usr/bin/env python3
"""A sweep as its users run it: killed, repeated, changed, damaged, stopped; its table must never notice.

    sweep.py PROGRAM SOURCE_DIR

Planted and seen to fail: results not compared with their checksum before a second run; the seed of the plan not passed on; a
changed scenario not noticed; ids by place in the list; failures for good tried again; children that live on without controller; a
note on every perturbation that only axes make.
"""
import json
import os
import pathlib
import signal
import subprocess
import time

import h5py
import yaml

from scratch import held, time_scale
from trial import expect, invado, program, rows_of, scratch, verdict


def started(out):
    return int(next(line.split()[1] for line in out.splitlines() if line.startswith("started")))


def rows(folder):
    return rows_of(f"{folder}/sweep.csv")


def write(name, base, **keys):
    (scratch / name).write_text(yaml.safe_dump({"sweep": 1, "name": name, "base": base, **keys}, sort_keys=False))
    return name


def tables(folder):
    return {name: (scratch / folder / name).read_bytes() for name in ("sweep.csv", "curves.csv", "sweep.h5")}


def contents(folder):
    return {str(f): (f.stat().st_mtime_ns, f.stat().st_size) for f in (scratch / folder / "points").rglob("*")}


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


# --- a grid of real runs, small ones, with checkpoints ---
tiny = {"schema": 1, "name": "a few cells", "seed": 3, "duration": "20 h", "steps": {"fields": "0.5 min", "signalling": "6 min"},
        "domain": {"size": ["200 um"] * 3, "voxel": "20 um"}, "matrix": "none",
        "cell_types": {"walker": {"signalling": "off", "motility": {"heterogeneity": 0.3, "fixed": {"speed": "0.5 um/min", "persistence": "15 min"}},
                                  "mechanics": {"radius": "8.4 um"}}},
        "population": {"cells": {"type": "walker", "count": 60, "place": {"box": {"from": ["0 um"] * 3, "to": ["200 um"] * 3}}}},
        "processes": {"division": "off", "death": "off", "anoikis": "off"},
        "output": {"series": "1 h", "snapshots": "20 h", "checkpoints": "1 h"}}
(scratch / "tiny.yaml").write_text(yaml.safe_dump(tiny, sort_keys=False))
axes = {"speed": {"path": "cell_types.walker.motility.fixed.speed", "values": ["0.1 um/min", "0.5 um/min", "1 um/min"]},
        "cells": {"path": "population.cells.count", "from": 20, "to": 60, "steps": 3, "whole": True}}
observables = {"msd": {"column": "msd_um2"}, "msd_10": {"column": "msd_um2", "take": "at", "time": "10 h"},
               "growth": {"column": "msd_um2", "take": "slope"}, "curve": {"column": "msd_um2", "take": "curve"}}
grid = write("grid.yaml", "tiny.yaml", axes=axes, observables=observables, replicates=2, seed=5)

code, out, err = invado("sweep", "plan", grid)
expect("a plan runs nothing", code == 0 and "9 points, 18 runs" in out and not (scratch / "sweeps/grid/points").exists(), out + err)
code, out, err = invado("sweep", "collect", "sweeps/grid")
expect("nothing is done yet: exit 1 and a row for every run", code == 1 and [r["state"] for r in rows("sweeps/grid")] == ["missing"] * 18, out + err)
code, out, err = invado("sweep", "run", grid, "--jobs", "3", "--progress", "none")
expect("all of it runs", code == 0 and started(out) == 18, out + err)
code, out, err = invado("sweep", "collect", "sweeps/grid")
expect("it is collected", code == 0, out + err)
undisturbed = tables("sweeps/grid")
table = rows("sweeps/grid")
expect("one row per point and replicate", [(int(r["point"]), int(r["replicate"])) for r in table] == [(p, r) for p in range(9) for r in range(2)])
expect("units are in the names, numbers are numbers", [float(r["speed_um_min"]) for r in table[::6]] == [0.1, 0.5, 1.0], table[0].keys())
expect("all seeds differ", len({r["seed"] for r in table}) == 18)
expect("faster cells get farther", float(table[0]["msd"]) < float(table[6]["msd"]) < float(table[12]["msd"]))
first = json.loads((scratch / "sweeps/grid/points" / table[0]["id"] / "done.json").read_text())
series = rows_of(f"sweeps/grid/points/{table[0]['id']}/a{first['attempt']}/series.csv")
expect("values are those of series.csv", (table[0]["msd"], table[0]["msd_10"]) == (series[-1]["msd_um2"], series[10]["msd_um2"]))
with h5py.File(scratch / "sweeps/grid/sweep.h5") as file:
    expect("HDF5 holds the same", list(file["runs/msd"][:]) == [float(r["msd"]) for r in table] and bytes(file["runs/id"][0]).decode() == table[0]["id"]
           and file["runs/speed_um_min"].attrs["unit"] in ("um/min", b"um/min") and len(file["curves/curve"]) == 18 * 21)
single, _, err = invado("run", "tiny.yaml", "-o", "single", "--seed", table[0]["seed"], "--set", "cell_types.walker.motility.fixed.speed=0.1 um/min",
                        "--set", "population.cells.count=20", "--progress", "none")
expect("a row is what `invado run` computes", json.loads((scratch / "single/run.json").read_text())["digest"] == table[0]["digest"], err)

# --- again: nothing to do, nothing changes ---
before = contents("sweeps/grid")
for again in (grid, "sweeps/grid"):
    code, out, err = invado("sweep", "run", again)
    expect("a second run starts nothing", code == 0 and started(out) == 0 and contents("sweeps/grid") == before, out + err)
invado("sweep", "collect", "sweeps/grid")
expect("a second collect gives the same bytes", tables("sweeps/grid") == undisturbed)
expect("status is one line", invado("sweep", "status", "sweeps/grid")[1] == "grid.yaml: 18 of 18 done, 0 failed, 0 running, 0 to do\n")

# --- the controller is killed, again and again where the machine is not too quick; so is a run ---
kills, saved = 0, False
for attempt in range(12):
    controller = subprocess.Popen([program, "sweep", "run", grid, "-o", "killed", "--jobs", "3", "--progress", "none"], cwd=scratch,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    target = 2 * attempt  # so many more done, so that it gets on however slow the machine is
    points = scratch / "killed/points"
    wait_for(lambda: controller.poll() is not None or len(list(points.glob("*/a*/run.json"))) > target)
    if controller.poll() is None:
        second, _, err = invado("sweep", "run", grid, "-o", "killed")
        expect("a second controller is refused with 75", second in (75, 0), f"{second} {err}")
        children = pathlib.Path(f"/proc/{controller.pid}/task/{controller.pid}/children").read_text().split()
        if children and attempt % 3 == 2:
            try:
                os.kill(int(children[0]), signal.SIGKILL)
            except ProcessLookupError:
                pass
        controller.kill()
        kills += 1
        controller.wait()
    else:
        break
expect("it was killed", kills >= 1, kills)
code, out, err = invado("sweep", "run", grid, "-o", "killed", "--jobs", "3", "--progress", "none")
expect("then it ends", code == 0, out + err)
invado("sweep", "collect", "killed")
expect(f"after {kills} kills the tables are those of the undisturbed sweep", tables("killed") == undisturbed)

# --- asked to stop: by a signal, by cancel ---
long = write("long.yaml", "tiny.yaml", axes={"cells": {"path": "population.cells.count", "values": [20, 30]}}, observables=observables,
             set={"duration": "100000 h", "output.series": "10000 h", "output.checkpoints": "off"})
for how in ("KILL", "TERM", "cancel"):
    controller = subprocess.Popen([program, "sweep", "run", long, "--jobs", "2", "--progress", "none"], cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    runs = scratch / "sweeps/long/points"
    wait_for(lambda: "2 running" in (words := invado("sweep", "status", "sweeps/long")[1]) and "run by" in words)
    if how == "KILL":
        children = pathlib.Path(f"/proc/{controller.pid}/task/{controller.pid}/children").read_text().split()
        controller.kill()
        expect("two runs end with their controller", len(children) == 2 and wait_for(lambda: not any(pathlib.Path(f"/proc/{c}").exists() for c in children), 60))
        controller.communicate()
        continue
    if how == "TERM":
        controller.terminate()
    else:
        code, out, err = invado("sweep", "cancel", long)
        expect("cancel waits until it has stopped", code == 0 and "stopped" in out, out + err)
    controller.communicate(timeout=120 * time_scale)
    expect(f"stopped by {how}: exit 85", controller.returncode == 85, controller.returncode)
expect("stopped runs have saved what they have", len(list(runs.glob("*/a1/checkpoints/*"))) >= 2 and len(list(runs.glob("*/a2"))) == 0)
# One that is only beginning takes an older wish away.
with held(scratch / "sweeps/long"):
    cancel = subprocess.Popen([program, "sweep", "cancel", long], cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wish = scratch / "sweeps/long/cancel"
    expect("cancel leaves its wish", wait_for(wish.exists, 20))
    wish.unlink()
    expect("and again when it is taken away", wait_for(wish.exists, 20))
cancel.communicate(timeout=60 * time_scale)
expect("it ends with who held the sweep", cancel.returncode == 0 and not wish.exists(), cancel.returncode)
expect("cancel of nothing is harmless", invado("sweep", "cancel", long)[0] == 0)

# --- a file that has changed since it was planned ---
write("grid.yaml", "tiny.yaml", axes=axes, observables={"late": {"column": "msd_um2"}}, replicates=2, seed=5)
for command in ("collect", "analyse"):
    code, out, err = invado("sweep", command, grid)
    expect(f"{command} of a changed file is refused", code == 2 and "grid.yaml: has changed since sweeps/grid was planned" in err, out + err)
    expect("and nothing of it is written", tables("sweeps/grid") == undisturbed and not (scratch / "sweeps/grid/analysis.html").exists())
code, out, err = invado("sweep", "status", grid)
expect("status says so", code == 0 and "18 of 18 done" in out and "has changed since" in err, out + err)
expect("the folder means what was planned", invado("sweep", "collect", "sweeps/grid")[0] == 0 and tables("sweeps/grid") == undisturbed)

# --- a changed axis ---
axes["speed"]["values"] = ["2 um/min", "0.7 um/min", "0.1 um/min", "1 um/min"]
write("grid.yaml", "tiny.yaml", axes=axes, observables={"msd": {"column": "msd_um2"}}, replicates=2, seed=5)
code, out, err = invado("sweep", "run", grid, "--jobs", "3", "--progress", "none")
expect("a changed axis runs only what is new", code == 0 and started(out) == 12, out + err)
invado("sweep", "collect", grid)
same = {r["id"]: r["msd"] for r in rows("sweeps/grid")}
expect("what stayed has its value", len(same) == 24 and sum(same.get(r["id"]) == r["msd"] for r in table) == 12)

# --- results that are gone or damaged ---
ids = [r["id"] for r in rows("sweeps/grid")]
(scratch / "sweeps/grid/points" / ids[0] / "done.json").unlink()
with open(scratch / "sweeps/grid/points" / ids[1] / "a1/series.csv", "r+b") as file:
    file.truncate(300)
(scratch / "sweeps/grid/points" / ids[2] / "done.json").write_text('{"attempt": ')
code, out, err = invado("sweep", "collect", grid)
expect("damaged results are not in the table", code == 1 and [r["state"] for r in rows("sweeps/grid")][:4] == ["missing"] * 3 + ["done"], err)
code, out, err = invado("sweep", "run", grid, "--progress", "none")
expect("three damaged, three run", code == 0 and started(out) == 3, out + err)
invado("sweep", "collect", grid)
expect("the damaged ones are as they were", {r["id"]: r["msd"] for r in rows("sweeps/grid")} == same)

# --- two attempts of one run with different digests: the alarm is not lost behind results ---
(scratch / "sweeps/grid/points" / ids[3] / "failed.json").write_text(
    json.dumps({"code": 65, "reason": "two attempts of one run have different digests", "passing": False, "time_limit_s": 0}))
for command in ("run", "collect"):
    code, out, err = invado("sweep", command, grid)
    expect(f"{command} ends with the alarm", code == 1 and "different digests" in err, out + err)
code, out, err = invado("sweep", "run", grid, "--retry-failed", "--progress", "none")
expect("--retry-failed computes it anew", code == 0 and started(out) == 1 and "different digests" not in err, out + err)
invado("sweep", "collect", grid)
expect("as it was", {r["id"]: r["msd"] for r in rows("sweeps/grid")} == same)

# --- failures: for good, out of time ---
bad = write("bad.yaml", "tiny.yaml", axes={"radius": {"path": "cell_types.walker.mechanics.radius", "values": ["8.4 um", "8 um"]}}, set={"duration": "1 h"},
            observables={"msd": {"column": "msd_um2"}})
invado("sweep", "plan", bad)
(scratch / "tiny.yaml").write_text(yaml.safe_dump({**tiny, "seed": 4}, sort_keys=False))
code, out, err = invado("sweep", "run", "sweeps/bad", "--progress", "none")
expect("a scenario that changed since the plan fails for good, once, with its reason", code == 1 and started(out) == 2 and "has changed since" in err, out + err)
expect("and is not tried again", started(invado("sweep", "run", "sweeps/bad", "--progress", "none")[1]) == 0)
invado("sweep", "collect", "sweeps/bad")
expect("failed runs have a row", [(r["state"], r["msd"]) for r in rows("sweeps/bad")] == [("failed", "")] * 2)
(scratch / "tiny.yaml").write_text(yaml.safe_dump(tiny, sort_keys=False))
code, out, err = invado("sweep", "run", bad, "--retry-failed", "--progress", "none")
expect("--retry-failed tries them again", code == 0 and started(out) == 2, out + err)
slow = {"axes": {"cells": {"path": "population.cells.count", "values": [60]}}, "set": {"duration": "10000 h"}, "observables": {"msd": {"column": "msd_um2"}}}
late = write("late.yaml", "tiny.yaml", time_limit="0.5 s", **slow)
code, out, err = invado("sweep", "run", late, "--progress", "none")
expect("a run that takes too long is stopped and reported", code == 1 and "longer than the time limit" in err, out + err)
late = write("late.yaml", "tiny.yaml", time_limit="30 s", **slow)
code, out, err = invado("sweep", "plan", late)
expect("a longer limit: the plan says that it is tried again", code == 0 and "1 failed (1 of them to be tried again)" in out, out + err)

# --- a misspelt perturbation is one of its own: the plan says so ---
(scratch / "dosed.yaml").write_text(yaml.safe_dump({**tiny, "cell_types": {"walker": {"mechanics": {"radius": "8.4 um"}}},
                                                    "perturbations": {"drug": {"knobs": {"akt_inhibitor": 0.5}}}}, sort_keys=False))
for name, noted in (("drug", False), ("durg", True)):
    path = f"perturbations.{name}.knobs.akt_inhibitor"
    code, out, err = invado("sweep", "plan", write("doses.yaml", "dosed.yaml", axes={"dose": {"path": path, "values": [0.1, 0.2]}}))
    expect(f"a dose of {name}", code == 0 and noted == (
        "note: doses.yaml:6:5: axes.dose.path: makes a perturbation that the scenario does not have (got 'durg', allowed drug; did you mean 'drug'?)" in out), out + err)

# --- axes may make a whole perturbation, which is no mistake; a part of one by another name is ---
for ends, wanted in (("sirna", 0), ("sinra", 64)):
    axes = {"dose": {"path": "perturbations.sirna.knobs.akt_inhibitor"}, "begins": {"path": "perturbations.sirna.from"}, "ends": {"path": f"perturbations.{ends}.until"}}
    design = {"list": {"points": {"late": {"dose": 0.5, "begins": "2 h", "ends": "4 h"}}}}
    code, out, err = invado("sweep", "plan", write("therapy.yaml", "dosed.yaml", axes=axes, design=design))
    expect(f"a perturbation of axes alone that {ends} ends", code == wanted and "note:" not in out and (wanted == 0 or "perturbations.sinra.knobs: is missing" in err), f"{code} {out} {err}")

# --- hostile values: nothing is run, everything comes back as it was ---
canary = scratch / "PWNED"
hostile = [f"; touch {canary}", f"$(touch {canary})", f"`touch {canary}`", f"x\n#SBATCH --wrap='touch {canary}'", "-rf", "--help", "../../../etc", "'\"'\"'", "%A_%a",
           f"=cmd|'/c touch {canary}'!A1", "\u202egnp.exe", "a" * 5000, "\\", "*", "~", "|| true", "&& true", "> x", "{{x}}"]
(scratch / "tiny.yaml").write_text(yaml.safe_dump(tiny, sort_keys=False))
words = write("words.yaml", "tiny.yaml", axes={"about": {"path": "about", "values": ['"' + h.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"' for h in hostile]}},
              set={"duration": "1 h", "output.snapshots": "off"}, observables={"cells": {"column": "cells"}})
code, out, err = invado("sweep", "run", words, "--progress", "none", "--jobs", "4")
expect("hostile values run as words", code == 0 and started(out) == len(hostile), out + err)
invado("sweep", "collect", words)
expect("hostile values come back as they were", [json.loads(r["about"]) for r in rows("sweeps/words")] == hostile)
expect("nothing else was run", not canary.exists() and not [f for f in scratch.rglob("*PWNED*")])
for name in ("-rf", "a b;c", "$(touch PWNED)"):
    code, out, err = invado("sweep", "run", bad, "-o", f"./{name}", "--progress", "none", "--jobs", "2")
    expect(f"a folder named {name} is a folder", code == 0 and (scratch / name / "points.jsonl").exists(), out + err)
for arguments, wanted in ((["sweep"], 2), (["sweep", "frobnicate"], 2), (["sweep", "run", "nowhere.yaml"], 66), (["sweep", "status", "nowhere"], 66),
                          (["sweep", "run", words, "--nonsense"], 2), (["sweep", "run", words, "--jobs", "0"], 2), (["sweep", "point", "sweeps/words", "999"], 65)):
    code, out, err = invado(*arguments)
    expect(f"{arguments}: exit {wanted}", code == wanted and err.strip() != "", f"{code} {err}")

verdict()
