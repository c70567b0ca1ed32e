#!/usr/bin/env python3
"""Bad checkpoints and snapshots, given to the program: resume, verify and info refuse each with code 65 and its reason, in
little time and memory, and touch nothing. The files are made by unit_io out of a good run.

    bad_files.py PROGRAM UNIT_IO SOURCE_DIR
"""
import os
import pathlib
import resource
import shutil
import subprocess
import sys

from scratch import scratch_folder, time_scale

program, maker, source = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
shelf = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # thousands of small files, each synced: not on a disk
scratch = scratch_folder(shelf)
failures = []
checks = 0


def expect(what, holds, more=""):
    global checks
    checks += 1
    if not holds:
        failures.append(what)
        print(f"FAILED: {what}: {str(more)[:1500]}")


def invado(*arguments):
    # 60 s: none of these files may keep the program busy.
    done = subprocess.run([program, *map(str, arguments)], cwd=scratch, capture_output=True, text=True, errors="replace", timeout=60 * time_scale)
    return done.returncode, done.stdout + done.stderr


def stamps(folder):
    return {str(f.relative_to(folder)): (f.lstat().st_mtime_ns, f.read_bytes()) for f in folder.rglob("*")
            if f.is_file() and f.parent.name != "checkpoints"}


def unsuitable(text):
    return any(ord(c) < 32 and c not in "\n\t\r" for c in text)


code, said = invado("run", source / "tests/unit/io/checkpoint.yaml", "-o", "run", "--until", "23 min", "-q", "--threads", "1")
expect("a good run", code == 0, said)
good = scratch / "run/checkpoints/checkpoint_000000023.ckpt"
shutil.copy(good, scratch / "good.ckpt")
shutil.copy(scratch / "run/snapshots/snap_000001.h5", scratch / "good.h5")
made = subprocess.run([maker, "-tc=corpus of bad*"], env={**os.environ, "INVADO_CORPUS_FOLDER": str(scratch)}, capture_output=True, text=True)
expect("the corpus is made", made.returncode == 0, made.stdout)

# The good one is accepted by the same way that the bad ones must take.
shutil.copytree(scratch / "run", scratch / "control")
for old in (scratch / "control/checkpoints").iterdir():
    old.unlink()
shutil.copy(scratch / "good.ckpt", scratch / "control/checkpoints" / good.name)
code, said = invado("resume", "control", "--until", "25 min")
expect("the good checkpoint goes on", code == 0 and "resumed at step 23 " in said, said)

rows = [line.split("\t") for line in (scratch / "checkpoints.tsv").read_text().splitlines()]
for name, seen_by, message in rows:
    work = scratch / "work"
    shutil.copytree(scratch / "run", work)
    shutil.rmtree(work / "checkpoints")
    (work / "checkpoints").mkdir()
    if os.path.lexists(scratch / "checkpoints" / name):
        os.rename(scratch / "checkpoints" / name, work / "checkpoints" / good.name)
    before = stamps(work)
    code, said = invado("resume", "work", "--until", "25 min")
    expect(f"resume, {name}: 65", code == 65, f"{code} {said}")
    if name == "missing":
        expect(f"resume, {name}: says so", "there is no checkpoint" in said, said)
    else:
        expect(f"resume, {name}: its reason", message in said, f"{message!r} is not in: {said}")
    expect(f"resume, {name}: nothing but text", not unsuitable(said), repr(said))
    now = stamps(work)
    expect(f"resume, {name}: touches nothing", now == before, [k for k in now.keys() | before.keys() if now.get(k) != before.get(k)])
    if seen_by == "reader" and name != "missing":
        code, said = invado("verify", "work")
        expect(f"verify, {name}: 65", code == 65, f"{code} {said}")
        expect(f"verify, {name}: its reason", message in said or "do not fit" in message, f"{message!r} is not in: {said}")
    shutil.rmtree(work)
checkpoints = len(rows)
expect("at least 60 bad checkpoints", checkpoints >= 60, checkpoints)

rows = [line.split("\t") for line in (scratch / "snapshots.tsv").read_text().splitlines()]
for number, (name, wanted, message) in enumerate(rows):
    file = scratch / "snapshots" / name
    code, said = invado("info", file)
    # A folder is looked at as the results of a run.
    wanted = "66" if name == "directory" else wanted
    expect(f"info, {name}: {wanted}", code == int(wanted), f"{code} {said}")
    if name not in ("directory", "missing", "dangling_link"):
        expect(f"info, {name}: its reason", message in said, f"{message!r} is not in: {said}")
    expect(f"info, {name}: nothing but text", not unsuitable(said), repr(said))
    if number % 4 == 0 and os.path.lexists(file):
        work = scratch / "work"
        shutil.copytree(scratch / "run", work)
        (work / "snapshots/snap_000001.h5").unlink()
        os.rename(file, work / "snapshots/snap_000001.h5")
        code, said = invado("verify", "work")
        expect(f"verify, snapshot {name}: 65, names it", code == 65 and "snap_000001.h5" in said, f"{code} {said}")
        before = stamps(work / "snapshots")
        code, said = invado("resume", "work", "--until", "25 min")
        expect(f"resume, snapshot {name}: 65, names it", code == 65 and "snap_000001.h5: is missing or has changed" in said, f"{code} {said}")
        expect(f"resume, snapshot {name}: touches no snapshot", stamps(work / "snapshots") == before)
        shutil.rmtree(work)

memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
expect("no file takes much memory", memory < 400, f"{memory} MiB")
print(f"{checkpoints} bad checkpoints, {len(rows)} bad snapshots, {checks} checks, at most {memory} MiB: "
      + (f"{len(failures)} failed" if failures else "ok"))
sys.exit(1 if failures else 0)
