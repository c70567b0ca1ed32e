#!/usr/bin/env python3
"""A sweep to which everything happens (reliability.md 5a-5g): its table must be the one of a sweep to which nothing happened.

    sweep_faults.py PROGRAM DICE --quick | --full

5a crashes, kills, hangs, full disks, bad data, lost nodes, workers that die before they report, truncated results (dice.c)
5b the controller is killed, again and again   5c two controllers   5d a complete sweep   5e results deleted, damaged; points
added, changed   5f a full disk in the middle   5g ten thousand points. And sixty hostile values, which nothing may run.

Seen to fail: what a killed controller had half written was left in the folder; a run that hung, and whose controller was killed, kept
its folder locked and the next controller waiting.
"""
import csv
import io
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

import yaml

from scratch import scratch_folder, time_scale

program, dice, full = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3] == "--full"
points, kills = (1000, 50) if full else (100, 6)
jobs = 8
scratch = scratch_folder()
failures = []


def expect(what, holds, more=""):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what}\n    {more}", flush=True)


def invado(*words, env=None, timeout=3600):
    """Exit code, stdout, stderr, seconds of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, *map(str, words)], cwd=scratch, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.returncode, done.stdout, done.stderr, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def started(out):
    return int(next((line.split()[1] for line in out.splitlines() if line.startswith("started")), -1))


def run(*words, **more):
    return invado("sweep", "run", *words, "--jobs", jobs, "--progress", "none", **more)


def tables(folder):
    invado("sweep", "collect", folder)
    return {name: (scratch / folder / name).read_bytes() for name in ("sweep.csv", "curves.csv", "sweep.h5")}


def rows(table):
    return list(csv.DictReader(io.StringIO(table["sweep.csv"].decode(), newline="")))


def write(name, values, path="cell_types.walker.motility.fixed.speed", **keys):
    with open(scratch / f"{name}.csv", "w", newline="") as file:
        csv.writer(file).writerows([["x"], *([value] for value in values)])
    (scratch / name).write_text(yaml.safe_dump({"sweep": 1, "name": name, "base": "mini.yaml", "axes": {"x": {"path": path}}, "design": {"csv": {"file": f"{name}.csv"}},
                                                "observables": {"msd": {"column": "msd_um2"}, "msds": {"column": "msd_um2", "take": "curve"}}, **keys}, sort_keys=False))
    return name


# Of a run that the dice of dice.c throw: the same arithmetic.
names = ["none", "SIGSEGV", "SIGKILL", "hang", "full disk", "bad data", "node lost", "killed when published", "truncated"]
seed = 5 if full else 8


def fate(number):
    def mixed(x):
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            x = ((x ^ (x >> shift)) * factor) & (2**64 - 1)
        return x ^ (x >> 31)
    face = mixed((number * 0x9E3779B97F4A7C15 + seed) & (2**64 - 1)) % 100
    return next((i + 1 for i, below in enumerate((5, 10, 13, 16, 18, 20, 21, 22)) if face < below), 0)


mini = {"schema": 1, "name": "mini", "seed": 3, "duration": "1 h", "domain": {"size": ["100 um"] * 3, "voxel": "20 um"}, "matrix": "none",
        "cell_types": {"walker": {"signalling": "off", "motility": {"fixed": {"speed": "0.5 um/min", "persistence": "15 min"}}, "mechanics": {"radius": "8.4 um"}}},
        "population": {"cells": {"type": "walker", "count": 3, "place": {"box": {"from": ["0 um"] * 3, "to": ["100 um"] * 3}}}},
        "processes": {"division": "off", "death": "off", "anoikis": "off"}, "output": {"series": "30 min", "snapshots": "off", "checkpoints": "off"}}
(scratch / "mini.yaml").write_text(yaml.safe_dump(mini, sort_keys=False))
speeds = [f"{1000 + i}e-4 um/min" for i in range(points)]
limit = {"time_limit": f"{10 * time_scale:g} s"}

# --- nothing happens ---
calm = write("calm.yaml", speeds, **limit)
code, out, err, cpu = run(calm)
expect("the undisturbed sweep", code == 0 and started(out) == points, out + err)
undisturbed = tables("sweeps/calm")
print(f"undisturbed: {points} runs, {cpu:.1f} s of one core, {1000 * cpu / points:.0f} ms a run", flush=True)

# --- 5a, 5b, 5c: everything happens, and the controller is killed at every so many runs ---
fates = {number: fate(number) for number in range(points)}
marks = scratch / "marks"
marks.mkdir()
env = {"LD_PRELOAD": dice, "DICE_FOLDER": str(marks), "DICE_SEED": str(seed)}
begun, killed, lost, controllers = time.monotonic(), 0, 0, 0
folder = scratch / "hurt/points"
while True:
    controller = subprocess.Popen([program, "sweep", "run", calm, "-o", "hurt", "--jobs", str(jobs), "--progress", "none"], cwd=scratch, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, env={**os.environ, **env})
    controllers += 1
    goal = (killed + 0.5) * points / kills
    while controller.poll() is None and not (killed < kills and folder.exists() and len(os.listdir(folder)) > goal):
        time.sleep(0.02)
    if controller.poll() is None:
        if killed % 5 == 0:
            code, out, err, _ = run(calm, "-o", "hurt", env=env)
            expect("5c: a second controller is refused", code == 75 or controller.poll() is not None, f"{code} {out} {err}")
        controller.kill()
        controller.communicate()
        killed += 1
        continue
    out, err = controller.communicate()
    if controller.returncode == -signal.SIGKILL:
        lost += 1
    elif started(out) == 0:
        break
    if controllers > 10 * kills:
        expect("it ends", False, out + err)
        break
expect("controller: exit 1, for there are runs that fail for good", controller.returncode == 1, f"{controller.returncode} {out} {err}")
befallen = {int(m.name.split(".")[0]): int(m.name.split(".")[1]) for m in marks.iterdir()}
expect("every misfortune took place", befallen == {n: f for n, f in fates.items() if f}, sorted(set(fates.items()) - set(befallen.items()) - {(n, 0) for n in fates}))
hurt = tables("hurt")
bad = [n for n, f in fates.items() if names[f] == "bad data"]
whole, now = rows(undisturbed), rows(hurt)
expect("one row for every run, none twice", [r["id"] for r in now] == [r["id"] for r in whole])
expect("only bad data have failed", [n for n, r in enumerate(now) if r["state"] == "failed"] == bad and sum(r["state"] == "done" for r in now) == points - len(bad),
       [(n, r["state"], names[fates[n]]) for n, r in enumerate(now) if (r["state"] == "failed") != (n in bad) or r["state"] == "missing"])
expect("the others have the values of the undisturbed sweep", all(a == b for n, (a, b) in enumerate(zip(now, whole)) if n not in bad))
counted = {name: sum(f == i for f in fates.values()) for i, name in enumerate(names) if i}
print(f"5a: {points} runs: {counted}; {points - len(bad)} done, {len(bad)} failed for good, in {time.monotonic() - begun:.0f} s\n"
      f"5b: controller killed {killed} times, and {lost} times with a node; {controllers} controllers", flush=True)
expect("5b: the controller was killed often enough", killed == kills or not full, killed)
code, out, err, _ = run(calm, "-o", "hurt", "--retry-failed")
expect("5a: once the data are good the rest runs", code == 0 and started(out) == len(bad), out + err)
expect("5a, 5b: the tables are those of the undisturbed sweep, byte for byte", tables("hurt") == undisturbed)
expect("nothing was left beside", not [p for p in (scratch / "hurt").rglob(".tmp*")])
for _ in range(3):  # two that begin at once
    both = [subprocess.Popen([program, "sweep", "run", calm, "-o", "twins", "--jobs", "2", "--progress", "none"], cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    time.sleep(0.5)
    for one in both:
        one.kill()
        one.wait()
code, out, err, _ = run(calm, "-o", "twins")
expect("5c: twins", code == 0 and tables("twins") == undisturbed, out + err)

# --- 5d: complete ---
before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
code, out, err, cpu = run(calm, "-o", "hurt")
expect("5d: a complete sweep starts nothing and changes nothing", code == 0 and started(out) == 0 and before == {p: p.stat().st_mtime_ns for p in folder.rglob("*")}, out + err)
expect("5d: within 5 s", cpu < 5 * time_scale, cpu)
print(f"5d: resume of the complete sweep: {cpu:.2f} s of one core", flush=True)

# --- 5e: deleted, damaged, added, changed ---
ids = [r["id"] for r in now]
for n in range(17):
    shutil.rmtree(folder / ids[n]) if n % 2 else (folder / ids[n] / "done.json").unlink()
newest = {n: folder / ids[n] / f"a{json.loads((folder / ids[n] / 'done.json').read_text())['attempt']}" for n in (20, 21, 22)}
with open(newest[20] / "series.csv", "r+b") as file:
    file.truncate(300)
with open(newest[21] / "series.csv", "r+b") as file:
    file.seek(2000)
    file.write(b"7")
(folder / ids[22] / "done.json").write_text("{")
code, out, err, _ = run(calm, "-o", "hurt")
expect("5e: 17 deleted and 3 damaged: 20 run", code == 0 and started(out) == 20, out + err)
expect("5e: to the same tables", tables("hurt") == undisturbed)
write("calm.yaml", speeds + [f"{5000 + i}e-4 um/min" for i in range(10)], **limit)
code, out, err, _ = run(calm, "-o", "hurt")
expect("5e: 10 points more: 10 run", code == 0 and started(out) == 10, out + err)
write("calm.yaml", ["0.9 um/min"] + speeds[1:], **limit)
code, out, err, _ = run(calm, "-o", "hurt")
expect("5e: one changed: 1 runs", code == 0 and started(out) == 1 and rows(tables("hurt"))[1:] == whole[1:], out + err)

# --- 5f: the disk is full in the middle ---
namespace = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
few = write("few.yaml", speeds[:100], **limit)
run(few)
if subprocess.run([*namespace, "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"], capture_output=True).returncode == 0:
    (scratch / "full").mkdir()
    script = '''mount -t tmpfs -o size=2m none full && "$0" sweep run few.yaml -o full/sweep --jobs 8 --progress none
echo "code $?"; ls full/sweep/points/*/done.json | wc -l
mount -o remount,size=64m full && "$0" sweep run few.yaml -o full/sweep --jobs 8 --progress none; echo "then $?"
"$0" sweep collect full/sweep; cp full/sweep/sweep.csv full.csv'''
    done = subprocess.run([*namespace, "sh", "-c", script, program], cwd=scratch, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    some = int(lines[lines.index("code 74") + 1]) if "code 74" in lines else -1
    expect("5f: a full disk ends it with 74, a part is done", 0 < some < 100, done.stdout + done.stderr)
    expect("5f: with space it goes on, to the same table", "then 0" in lines and (scratch / "full.csv").read_bytes() == tables("sweeps/few")["sweep.csv"], done.stdout + done.stderr)
    print(f"5f: disk full with {some} of 100 done: exit 74; then the rest", flush=True)
else:
    print("5f: mounting is not permitted here")

# --- 5g: ten thousand points ---
many = write("many.yaml", [f"{100000 + i}e-6 um/min" for i in range(10000)])
code, out, err, plan = invado("sweep", "plan", many)
expect("5g: ten thousand points are planned", code == 0 and "10000 runs" in out, out + err)
code, out, err, status = invado("sweep", "status", "sweeps/many")
expect("5g: status within 2 s", code == 0 and "0 of 10000 done" in out and status < 2 * time_scale, f"{status} {out} {err}")
files = [p.name for p in (scratch / "sweeps/many").rglob("*")]
expect("5g: no files for points that nobody has begun", sorted(files) == ["points.jsonl", "sweep.yaml"], files)
print(f"5g: 10000 points: plan {plan:.2f} s, status {status:.2f} s of one core", flush=True)

# --- sixty hostile values ---
canary = scratch / "PWNED"
do = f"touch {canary}"
hostile = [f"; {do}", f"$({do})", f"`{do}`", f"| {do}", f"|| {do}", f"&& {do}", f"& {do} &", f"> {canary}", f">> {canary}", f"x\n{do}\n", "&", f"x\n#SBATCH --wrap='{do}'",
           f"#SBATCH --output={canary}", f"\n#!/bin/sh\n{do}", f"$(({do}))", "${IFS}", f"${{x:=$({do})}}", "$PATH", "~", "~root", "*", "?", "[a-z]", "{a,b}", "!!", "!$", "-rf", "--help",
           "--set=seed=1", "-o/tmp/x", "@file", "../../../etc/passwd", "/etc/passwd", "..", ".", "con", "a/b", "\\", "\\n", "\\'", "'", '"', "'\"'\"'", f"'; {do}; '", f"\"; {do}; \"", "%j", "%A_%a", "%s%n", "%%",
           f"=cmd|'/c {do}'!A1", "+1+1", "@SUM(1)", "\t", "a,b", "a;b", "\u202egnp.exe", "\ufeffx", "\u200b", "{{x}}", "a" * 30000]
assert len(set(hostile)) == 60, len(set(hostile))
quoted = [json.dumps(h) for h in hostile]
words = write("words.yaml", quoted, path="about", **limit)
code, out, err, _ = run(words)
expect("hostile values run as words", code == 0 and started(out) == len(hostile), out + err)
table = tables("sweeps/words")
expect("hostile values come back as they were", [json.loads(r["x"]) for r in rows(table)] == hostile, [(a["x"], b) for a, b in zip(rows(table), hostile) if json.loads(a["x"]) != b])
for n, name in enumerate(h for h in hostile if "/" not in h and h not in (".", "..") and len(h) < 200):
    if n % (1 if full else 6):
        continue
    code, out, err, _ = invado("sweep", "plan", few, "-o", f"./{name}")
    expect(f"a folder named {name!r} is a folder", code == 0 and (scratch / name / "points.jsonl").exists(), f"{code} {out} {err}")
expect("nothing was run", not list(scratch.rglob("*PWNED")) and not canary.exists())

print(f"{len(failures)} promises broken; INVADO_KEEP=1 keeps {scratch}" if failures else "whatever happens, the table is the same")
sys.exit(bool(failures))
