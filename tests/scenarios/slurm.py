#!/usr/bin/env python3
"""A sweep on a real Slurm of one node: arrays, kills, time limits, requeues, pre-emption, cancelling, hostile folders.

    slurm.py PROGRAM SOURCE_DIR --quick | --full

Every case must end with the table that one machine makes without any Slurm. Where there is no Slurm: exit 77.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import yaml

from scratch import held, scratch_folder

program, source, full = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] == "--full"
scratch = scratch_folder()
failures = []
began = time.monotonic()


def expect(what, holds, more=""):
    print(f"{time.monotonic() - began:4.0f} s  {'ok' if holds else 'FAILED'}: {what}" + ("" if holds else f"\n    {more}"), flush=True)
    if not holds:
        failures.append(what)


def tell(*words, timeout=120, **more):
    done = subprocess.run([str(w) for w in words], cwd=scratch, capture_output=True, text=True, timeout=timeout, **more)
    return done.returncode, done.stdout, done.stderr


def invado(*words, **more):
    return tell(program, *words, **more)


def wait_for(condition, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.3)
    return False


def queue(*options):
    return tell("squeue", "--noheader", "--array", "--format=%F|%K|%T|%j|%A", *options)[1].splitlines()


def quiet():
    return not queue()


def write(name, **keys):
    (scratch / name).write_text(yaml.safe_dump({"sweep": 1, "name": name, "base": "tiny.yaml", "observables": {"msd": {"column": "msd_um2"}}, **keys}, sort_keys=False))
    return name


def done(folder):
    return len(list((scratch / folder / "points").glob("*/done.json")))


def table(folder):
    path = scratch / folder / "sweep.csv"
    return path.read_bytes() if path.exists() else b""


def logs(folder):
    return "".join(f"--- {f.name}\n{f.read_text(errors='replace')}" for f in sorted((scratch / folder / "slurm").glob("*.txt")))


def undisturbed(file):
    """The table that this machine makes by itself."""
    code, out, err = invado("sweep", "run", file, "-o", f"local_{file}", "--progress", "none", timeout=600)
    invado("sweep", "collect", f"local_{file}")
    expect(f"{file}: one machine computes it", code == 0, out + err)
    return table(f"local_{file}")


def submit(file, folder, *options):
    code, out, err = invado("sweep", "run", file, "-o", folder, "--executor", "slurm", *options)
    expect(f"{folder}: is submitted", code == 0 and "submitted" in out, out + err)
    return re.search(r"arrays ([\d, ]+), afterwards (\d+)", out)


tiny = {"schema": 1, "name": "a few cells", "seed": 3, "duration": "2 h", "domain": {"size": ["100 um"] * 3, "voxel": "20 um"}, "matrix": "none",
        "cell_types": {"walker": {"signalling": "off", "motility": {"fixed": {"speed": "0.5 um/min", "persistence": "15 min"}}, "mechanics": {"radius": "8.4 um"}}},
        "population": {"cells": {"type": "walker", "count": 5, "place": {"box": {"from": ["0 um"] * 3, "to": ["100 um"] * 3}}}},
        "processes": {"division": "off", "death": "off", "anoikis": "off"}, "output": {"series": "1 h", "snapshots": "off", "checkpoints": "off"}}
(scratch / "tiny.yaml").write_text(yaml.safe_dump(tiny, sort_keys=False))
cells = {"cells": {"path": "population.cells.count", "values": [3, 4]}}

# --- without Slurm: a sentence, and the exit code of what is not there ---
few = write("few.yaml", axes=cells)
code, out, err = tell(program, "sweep", "run", few, "-o", "none", "--executor", "slurm", env={**os.environ, "PATH": "/nonexistent"})
expect("without Slurm: 66 and a sentence", code == 66 and "there is no sbatch on the PATH" in err and not (scratch / "none").exists(), f"{code} {err}")
for words, told in ((["--executor", "slum"], "slurm"), (["--partition", "debug"], "--executor slurm"), (["--executor", "slurm", "--partition", "-rf"], "--partition"), (["--executor", "slurm", "--account", "a;b"], "--account"),
                    (["--executor", "slurm", "--qos", "a b"], "--qos"), (["--executor", "slurm", "--mem", "$(id)"], "--mem"), (["--executor", "slurm", "--time", "soon"], "--time"),
                    (["--executor", "slurm", "--time", "1 min"], "save"), (["--executor", "slurm", "--chunk", "0"], "--chunk")):
    code, out, err = invado("sweep", "run", few, "-o", "none", *words)
    expect(f"{words}: 2", code == 2 and told in err and not (scratch / "none").exists(), f"{code} {err}")
code, out, err = invado("sweep", "run", few, "-o", "none", "--machine", "slurn")
expect("an unknown machine: 66, and what was meant", code == 66 and "did you mean 'slurm'" in err, f"{code} {err}")

folder = scratch / "slurm"
up = tell(source / "tools/dev/slurm_up", folder)
if up[0] == 77:
    print(up[2])
    sys.exit(77)
expect("Slurm comes up", up[0] == 0, up[2])
os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
try:
    # --- arrays, longer than this Slurm allows; chunks; the table is made by the last job ---
    many = write("many.yaml", axes=cells, replicates=25)
    wanted = undisturbed(many)
    begun = time.monotonic()
    jobs = submit(many, "arrays", "--chunk", "2", "--cpus", "2")
    expect("25 tasks are two arrays where one holds 20", jobs and jobs[1].count(",") == 1, jobs and jobs[0])
    code, out, err = invado("sweep", "status", "arrays")
    expect("status tells of jobs", code == 0 and " of 50 done" in out and "of Slurm" in out, out + err)
    code, out, err = invado("sweep", "run", many, "-o", "arrays", "--executor", "slurm")
    expect("a second run while jobs work: 75", code == 75 and "sweep cancel" in err, f"{code} {out} {err}")
    code, out, err = invado("sweep", "plan", many, "-o", "arrays")
    expect("nor is it planned again", code == 75, f"{code} {out} {err}")
    expect("it ends", wait_for(quiet), queue())
    expect("the table is there, as one machine makes it", table("arrays") == wanted, logs("arrays")[-3000:])
    print(f"    50 runs in 25 jobs: {time.monotonic() - begun:.0f} s")
    code, out, err = invado("sweep", "run", many, "-o", "arrays", "--executor", "slurm")
    expect("again: nothing is submitted", code == 0 and "started      0" in out and quiet(), out + err)
    script = (scratch / "arrays/slurm/job.sh").read_text()
    expect("the script is constant", script.count("\n") == 3 and "many" not in script and str(scratch) not in script, script)

    # --- the look at the end: somebody holds the sweep just then; the cluster takes the arrays but not that job ---
    wanted_few = undisturbed(few)
    submit(few, "looked_at")
    with held(scratch / "looked_at"):
        expect("all ran", wait_for(lambda: done("looked_at") == 2), logs("looked_at"))
        time.sleep(4)
        expect("the last job waits", len(queue()) == 1 and not table("looked_at"), queue())
    expect("they end", wait_for(quiet), queue())
    expect("looked at: then it makes the table", table("looked_at") == wanted_few, logs("looked_at"))
    real = shutil.which("sbatch")
    (scratch / "bin").mkdir()
    (scratch / "bin/sbatch").write_text(f'#!/bin/sh\ncase "$*" in *" sweep check "*) echo "sbatch: error: no" >&2; exit 1 ;; esac\nexec {real} "$@"\n')
    (scratch / "bin/sbatch").chmod(0o755)
    code, out, err = tell(program, "sweep", "run", few, "-o", "unlooked", "--executor", "slurm", env={**os.environ, "PATH": f"{scratch}/bin:{os.environ['PATH']}"})
    expect("the arrays run all the same, and it says what is missing", code == 0 and "afterwards nothing" in out and "nobody looks" in err, f"{code} {out} {err}")
    expect("they end", wait_for(quiet), queue())
    code, out, err = invado("sweep", "run", few, "-o", "unlooked", "--executor", "slurm")
    expect("nothing is left to do", code == 0 and "started      0" in out, f"{code} {out} {err}")
    invado("sweep", "collect", "unlooked")
    expect("unlooked: the table is the same", table("unlooked") == wanted_few, logs("unlooked"))

    # --- folders and names that would do something in a shell, in a script, or in a pattern of Slurm ---
    canary = scratch / "PWNED"
    names = ["a b;$(touch PWNED) %j", "%A_%a"] + ([f"`touch {canary.name}`", "'\"'\"'", "-rf", "=cmd|' /c'!A1", "\u202egnp", "&& touch PWNED", "#SBATCH --wrap=x"] if full else [])
    hostile = write("hostile.yaml", axes={"about": {"path": "about", "values": [json.dumps(v) for v in ("; touch PWNED", "$(touch PWNED)", "x\n#SBATCH --wrap='touch PWNED'", "%j")]}})
    wanted = undisturbed(hostile)
    for name in names:
        submit(hostile, f"./{name}")
    expect("they end", wait_for(quiet), queue())
    for name in names:
        expect(f"a folder named {name!r} is a folder", table(name) == wanted and list((scratch / name / "slurm").glob("*_0.txt")), logs(name))
    expect("nothing else was run", not canary.exists() and not list(scratch.rglob("PWNED")))
    for name in ("line\nbreak", "x\\%j", "\x1b[31m"):
        code, out, err = invado("sweep", "run", few, "-o", name, "--executor", "slurm")
        expect(f"a folder named {name!r} is refused", code == 2 and "control characters" in err and "\x1b" not in err and quiet(), f"{code} {err}")

    # --- a task that is killed with all its runs; Slurm says FAILED, the look at the end hands it over again ---
    long = write("long.yaml", axes=cells, set={"duration": "2000 h", "output.series": "100 h", "output.checkpoints": "20 h"})
    wanted = undisturbed(long)
    submit(long, "killed")
    expect("two run", wait_for(lambda: len(list((scratch / "killed/points").glob("*/a1/checkpoints/*"))) >= 2), logs("killed"))
    for process in tell("pgrep", "-f", f"sweep (task|point) {scratch}/killed ")[1].split():
        try:
            os.kill(int(process), signal.SIGKILL)
        except ProcessLookupError:
            pass
    expect("they end", wait_for(quiet), queue())
    expect("killed: it was handed over again, and nothing is lost", table("killed") == wanted and (scratch / "killed/slurm/s2.json").exists(), logs("killed"))
    expect("killed: runs went on, none began afresh", not list((scratch / "killed/points").glob("*/a2")))

    # --- cancelled, then gone on with: checkpoints are written only when asked to stop ---
    unsaved = write("unsaved.yaml", axes=cells, set={"duration": "2000 h", "output.series": "100 h"})
    wanted_unsaved = undisturbed(unsaved)
    submit(unsaved, "cancelled")
    expect("they run", wait_for(lambda: len(list((scratch / "cancelled/points").glob("*/a1/run.json"))) >= 2), logs("cancelled"))
    code, out, err = invado("sweep", "cancel", "cancelled")
    expect("cancel empties the queue, and runs have saved what they have", code == 0 and quiet() and done("cancelled") == 0
           and len(list((scratch / "cancelled/points").glob("*/a1/checkpoints/*"))) >= 2, f"{out} {err} {logs('cancelled')}")
    submit(unsaved, "cancelled")
    expect("they end", wait_for(quiet), queue())
    expect("cancelled: then it goes on, to the same table", table("cancelled") == wanted_unsaved and not list((scratch / "cancelled/points").glob("*/a2")), logs("cancelled"))

    if full:
        # --- turned out for others: Slurm asks, puts back, starts again ---
        submit(unsaved, "preempted")
        expect("they run", wait_for(lambda: len(list((scratch / "preempted/points").glob("*/a1/run.json"))) >= 2), logs("preempted"))
        tell("sbatch", "--partition=high", "--cpus-per-task=8", "--output=/dev/null", "--wrap", "sleep 1")
        expect("they are put back", wait_for(lambda: "PREEMPTION" in logs("preempted")), queue())
        expect("they end", wait_for(quiet), queue())
        expect("pre-empted: nothing is lost", table("preempted") == wanted_unsaved, logs("preempted"))
        expect("pre-empted: runs went on, none began afresh", not list((scratch / "preempted/points").glob("*/a2")))

        # --- requeued by the administrator, in the middle ---
        submit(long, "requeued")
        expect("they run", wait_for(lambda: len(list((scratch / "requeued/points").glob("*/a1/run.json"))) >= 2), logs("requeued"))
        for line in queue("--states=RUNNING"):
            tell("scontrol", "requeue", line.split("|")[4])
        expect("they end", wait_for(quiet), queue())
        expect("requeued: nothing is lost", table("requeued") == wanted and not list((scratch / "requeued/points").glob("*/a2")), logs("requeued"))

        # --- longer than a job may be: it saves in time, queues itself again, goes on ---
        (scratch / "short.yaml").write_text(yaml.safe_dump({"machine": 1, "name": "one minute a job", "executor": "slurm", "slurm": {"time": "1 min", "save_time": "20 s", "cpus": 2}}))
        slow = write("slow.yaml", axes=cells, set={"duration": sys.argv[4] if len(sys.argv) > 4 else "100000 h", "output.series": "10000 h"})
        jobs = submit(slow, "limited", "--machine", "short.yaml")
        expect("one minute is not enough: queued again by itself", wait_for(lambda: re.search(r"exit 85(.|\n)*exit 0", logs("limited")), 900), logs("limited"))
        expect("they end", wait_for(quiet), queue())
        wanted = undisturbed(slow)
        expect("time limit: nothing is lost", table("limited") == wanted and not list((scratch / "limited/points").glob("*/a2")), logs("limited"))

        # --- a node that is lost ---
        submit(long, "lost")
        expect("they run", wait_for(lambda: len(list((scratch / "lost/points").glob("*/a1/run.json"))) >= 2), logs("lost"))
        host = tell("hostname", "-s")[1].strip()
        tell("scontrol", "update", f"NodeName={host}", "State=DOWN", "Reason=test")
        time.sleep(2)
        tell("scontrol", "update", f"NodeName={host}", "State=RESUME")
        expect("they end", wait_for(quiet, 400), queue())
        expect("node lost: nothing is lost", table("lost") == wanted or table("lost") == table("requeued"), logs("lost"))
finally:
    tell(source / "tools/dev/slurm_up", "--stop", folder)
left = tell("pgrep", "-f", str(folder))[1].split()
expect("Slurm is gone", not left, left)
print(f"{len(failures)} promises broken; INVADO_KEEP=1 keeps {scratch}" if failures else "sweeps keep their promises on Slurm")
sys.exit(bool(failures))
