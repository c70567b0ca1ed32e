#!/usr/bin/env python3
"""Interrupted runs as their users see them: resume ends in the same bytes as a run at one stretch, refuses what does not
belong to the run, verify finds every damage, info and watch tell how a run is doing.

    resume.py PROGRAM SOURCE_DIR

Planted mistakes seen to fail: HUP heard under nohup; --seed or --set believed when no scenario is named; an edited table of
points not compared with its checksum; 3:60:00 and 1-24:00:00 taken for times; in verify: run.json not compared with the rest,
missing checkpoints passed over, names of checkpoints believed, lines of the log that are none passed over; progress of the stretch
taken for that of the run; founders that are still to come forgotten.
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

from scratch import scratch_folder, time_scale

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
shelf = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a thousand small files, each synced: not on a disk
scratch = scratch_folder(shelf)
failures = []
checks = 0

SCENARIO = """\
# A small box in which everything happens within an hour: births, deaths, newcomers, tunnels, oxygen, a perturbation.
schema: 1
name: Resume
extends: [cells/sts.yaml, matrices/collagen_1.7.yaml, fields/mmp.yaml, fields/oxygen.yaml]
seed: 5
duration: 1 h
steps: {motion: 1 min, fields: 1 min, signalling: 6 min, matrix: 1 min, fate: 3 min}
domain: {size: [200 um, 200 um, 200 um], voxel: 20 um}
cell_types: {sts: {life: {doubling: 2 h}, response: {death_rate: {scale: 0.2 1/h}}}}
population:
  core: {type: sts, count: 60, place: {sphere: {centre: [100 um, 100 um, 100 um], radius: 45 um}}}
  late: {type: sts, count: 3, place: {slab: {from: 0 um, to: 30 um}}, from: 6 min, every: 9 min, until: 54 min}
perturbations: {akt1_sirna: {knobs: {akt1_knockdown: 0.85}, from: 0.3 h, onset: 0.2 h}}
processes: {transport: {steady_every: 5 min}}
output: {series: 1 min, snapshots: 10 min, tracks: 3 min, checkpoints: 7 min}
"""
(scratch / "a.yaml").write_text(SCENARIO)


def invado(*arguments, cwd=scratch):
    done = subprocess.run([program, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, errors="replace", timeout=300 * time_scale)
    return done.returncode, done.stdout, done.stderr


def expect(what, holds, more=""):
    global checks
    checks += 1
    if not holds:
        failures.append(what)
        print(f"FAILED: {what} {str(more)[:1500]}")


def run_json(folder):
    return json.loads((scratch / folder / "run.json").read_text())


def contents(folder):
    """Every file that must not depend on interruptions: all but the record, the log and the checkpoints."""
    top = scratch / folder
    return {str(f.relative_to(top)): f.read_bytes() for f in top.rglob("*")
            if f.is_file() and f.name not in ("run.json", "log.jsonl") and f.parent.name != "checkpoints"}


def differences(a, b):
    one, two = contents(a), contents(b)
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


def expect_same(what, a, b):
    expect(f"{what}: the same bytes", not differences(a, b), differences(a, b))
    expect(f"{what}: the same digest", run_json(a)["digest"] == run_json(b)["digest"])


def steps_done(folder):
    """Rows of series.csv beyond the header and the row of t = 0: one per step."""
    try:
        return (scratch / folder / "series.csv").read_bytes().count(b"\n") - 2
    except OSError:
        return -1


def interrupted(folder, number, after_steps, arguments):
    """Sends the signal once so many steps are done; the exit code (negative: killed by it). Again if the run was faster."""
    for _ in range(10):
        shutil.rmtree(scratch / folder, ignore_errors=True)
        run = subprocess.Popen([program, "run", *map(str, arguments), "-o", folder], cwd=scratch, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
        while run.poll() is None and steps_done(folder) < after_steps:
            time.sleep(0.0005)
        run.send_signal(number)
        _, err = run.communicate(timeout=300 * time_scale)
        if run.returncode != 0:
            return run.returncode, err
    return run.returncode, err


code, _, err = invado("run", "a.yaml", "-o", "whole", "--progress", "none")
expect("the undisturbed run", code == 0, err)
expect("births, deaths and snapshots happened in it", len(contents("whole")) > 30, len(contents("whole")))
code, out, err = invado("verify", "whole")
expect("verify finds it good", code == 0 and "good" in out, out + err)

# --- stopped by a signal, resumed ---
trials = 0
for number, after in [(signal.SIGTERM, 3), (signal.SIGINT, 12), (signal.SIGUSR1, 22), (signal.SIGXCPU, 33), (signal.SIGHUP, 41)]:
    folder = f"stopped{after}"
    code, err = interrupted(folder, number, after, ["a.yaml", "--threads", "1"])
    expect(f"signal {number}: exit 85", code == 85, f"{code} {err}")
    expect(f"signal {number}: it says how to go on", f"invado resume {folder}" in err, err)
    step = run_json(folder)["step"]
    expect(f"signal {number}: a checkpoint of that step", (scratch / folder / f"checkpoints/checkpoint_{step:09}.ckpt").is_file())
    expect(f"signal {number}: nobody holds the folder", not (scratch / folder / ".lock").exists())
    code, out, _ = invado("info", folder)
    expect(f"signal {number}: info says stopped", code == 0 and "stopped, with a checkpoint" in out, out)
    code, out, _ = invado("watch", "--once", folder)
    expect(f"signal {number}: watch says stopped", code == 0 and "stopped, with a checkpoint" in out, out)
    code, out, err = invado("verify", folder)
    expect(f"signal {number}: verify finds it good, and not finished", code == 0 and "not finished" in out, out + err)
    code, _, err = invado("resume", folder, "--threads", "2")
    expect(f"signal {number}: resume ends with 0", code == 0, err)
    expect(f"signal {number}: resumed where it stopped",
           f"resumed at step {step} " in err and f"from checkpoints/checkpoint_{step:09}.ckpt" in err, err)
    expect(f"signal {number}: recorded", [r["step"] for r in run_json(folder)["resumed"]] == [step])
    expect_same(f"signal {number}", "whole", folder)
    trials += 1

# --- killed, resumed: from the last checkpoint, or from the beginning ---
for after in [2, 11, 26, 47]:
    folder = f"killed{after}"
    code, err = interrupted(folder, signal.SIGKILL, after, ["a.yaml"])
    expect(f"killed after {after}: by the signal", code == -signal.SIGKILL, f"{code} {err}")
    events = [json.loads(line) for line in (scratch / folder / "log.jsonl").read_text().splitlines()]
    told = max([e["step"] for e in events if e["event"] == "checkpoint"], default=0)
    code, out, _ = invado("info", folder)
    expect(f"killed after {after}: info says so", code == 0 and "killed" in out, out)
    code, out, _ = invado("watch", "--once", folder)
    expect(f"killed after {after}: watch says so", code == 0 and "killed" in out, out)
    code, _, err = invado("resume", folder, "--threads", "3")
    found = re.search(r"resumed at step (\d+) \(", err)
    expect(f"killed after {after}: resume ends with 0", code == 0 and found, err)
    expect(f"killed after {after}: from the last checkpoint that was announced", found and int(found[1]) >= told, f"{told} {err}")
    expect(f"killed after {after}: without a checkpoint from the beginning",
           told > 0 or "no checkpoint yet" in err or int(found[1]) > 0, err)
    expect_same(f"killed after {after}", "whole", folder)
    trials += 1

# --- a limit of wall time: each stretch makes progress, and ends in time ---
code, _, err = invado("run", "a.yaml", "-o", "limited", "--max-walltime", "1s")
expect("--max-walltime ends with 85", code == 85, f"{code} {err}")
before = run_json("limited")["step"]
for n in range(3):
    code, _, err = invado("resume", "limited", "--max-walltime", "1 s")
    now = run_json("limited")["step"]
    expect(f"--max-walltime, stretch {n}: 85 and further on", code == 85 and now > before, f"{code} {before} {now} {err}")
    before = now
    trials += 1
code, _, err = invado("resume", "limited", "--max-walltime", "2h 30min")
expect("--max-walltime, enough: 0", code == 0, err)
expect_same("--max-walltime", "whole", "limited")
code, _, err = invado("resume", "limited", "--until", "30 h", "--max-walltime", "4 s", "--progress", "json")
told = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
expect("progress after a resume is that of the run, not of the stretch",
       told and all(abs(line["fraction"] - line["time_h"] / line["end_h"]) < 2e-4 for line in told), f"{code} {err}")
for bad in ["", "5", "3 parsecs", "-1s", "1h1", "0s", "3:55", "3:5:00", "3:60:00", "0:00:00", "1-24:00:00", "1-2", ":1:00", "1:00:00 h"]:
    code, _, err = invado("resume", "limited", "--max-walltime", bad)
    expect(f"--max-walltime {bad!r} is refused with 2", code == 2, f"{code} {err}")

# As Slurm writes it: three seconds do not suffice, an hour does.
for limit, wanted in [("0:00:01", 85), ("0-00:00:01", 85), ("1:00:00", 0)]:
    shutil.rmtree(scratch / "slurm", ignore_errors=True)
    code, _, err = invado("run", "a.yaml", "-o", "slurm", "--max-walltime", limit)
    expect(f"--max-walltime {limit}: {wanted}", code == wanted, f"{code} {err}")

# --- nohup: a closed terminal does not matter ---
held = subprocess.run(["sh", "-c", 'trap "" HUP; "$@" & run=$!; while [ ! -s nohup/series.csv ]; do sleep 0.01; done; kill -HUP $run; wait $run',
                       "sh", program, "run", "a.yaml", "-o", "nohup", "-q"], cwd=scratch, capture_output=True, text=True, timeout=300 * time_scale)
expect("under nohup HUP is not heard", held.returncode == 0, held.stderr)

# --- USR2: a checkpoint, and the run goes on ---
logged = []
for _ in range(10):  # again if the run was faster than the signal
    shutil.rmtree(scratch / "usr2", ignore_errors=True)
    run = subprocess.Popen([program, "run", "a.yaml", "-o", "usr2", "--set", "output.checkpoints=off"], cwd=scratch,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None and steps_done("usr2") < 5:
        time.sleep(0.0005)
    run.send_signal(signal.SIGUSR2)
    expect("USR2 does not end the run", run.wait(300) == 0)
    logged = [json.loads(line)["event"] for line in (scratch / "usr2/log.jsonl").read_text().splitlines()]
    if "checkpoint" in logged:
        break
expect("USR2 makes a checkpoint", logged.count("checkpoint") == 1 and len(list((scratch / "usr2/checkpoints").iterdir())) == 1, logged)
expect("USR2 changes no result", run_json("usr2")["digest"] == run_json("whole")["digest"])

# --- running: told, and left alone ---
run = subprocess.Popen([program, "run", "a.yaml", "-o", "busy", "--set", "duration=500 h", "--set", "output.checkpoints=off"], cwd=scratch,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while run.poll() is None and steps_done("busy") < 3:
    time.sleep(0.001)
for arguments in [["resume", "busy"], ["run", "a.yaml", "-o", "busy"], ["run", "a.yaml", "-o", "busy", "--overwrite"]]:
    code, _, err = invado(*arguments)
    expect(f"{' '.join(arguments)} of a running folder: 75 and by whom", code == 75 and f"process {run.pid} " in err, f"{code} {err}")
for arguments in [["info", "busy"], ["watch", "--once", "busy"]]:
    code, out, err = invado(*arguments)
    expect(f"{' '.join(arguments)}: running, and who", code == 0 and f"running: process {run.pid} " in out, out + err)
code, out, err = invado("verify", "busy")
expect("verify of a running folder", code == 0 and "still running" in out, out + err)
run.kill()
run.wait()
expect("the others left it alone", not (scratch / "busy.old-1").exists())

# --- cadences of output and checkpoints change no digest ---
short = ["a.yaml", "--until", "0.4 h", "--digest-every", "1", "-q"]
digests = {}
for output in ["1 min", "7 min", "off"]:
    for checkpoints in ["1 min", "13 min", "off"]:
        folder = f"cadence{len(digests)}"
        code, out, err = invado("run", *short, "-o", folder, "--set", f"output.series={output}", "--set", f"output.snapshots={output}",
                                "--set", f"output.tracks={output}", "--set", f"output.checkpoints={checkpoints}")
        expect(f"output {output}, checkpoints {checkpoints}: exit 0", code == 0, err)
        digests[output, checkpoints] = [line for line in out.splitlines() if line.startswith("digest ")]
        kept = len(list((scratch / folder).glob("checkpoints/*.ckpt")))
        expect(f"checkpoints {checkpoints}: kept", kept == (0 if checkpoints == "off" else 2), kept)
expect("24 digests per run", all(len(d) == 24 for d in digests.values()))
expect("9 cadences, the same digests at every step", len({tuple(d) for d in digests.values()}) == 1)

# --- stopping early and going on; beyond the end of the scenario ---
code, _, err = invado("run", "a.yaml", "-o", "halves", "--until", "0.45 h")
expect("--until 0.45 h", code == 0 and run_json("halves")["step"] == 27, err)
code, _, err = invado("resume", "halves", "--until", "1 h")
expect("then resume --until 1 h", code == 0 and "resumed at step 27 " in err, err)
expect_same("two halves", "whole", "halves")

code, _, err = invado("run", "a.yaml", "-o", "longer", "--set", "duration=1.3 h")
expect("a longer scenario", code == 0, err)
shutil.copytree(scratch / "whole", scratch / "extended")
code, _, err = invado("resume", "extended", "--until", "1.3 h")
expect("a finished run goes on beyond its scenario", code == 0 and "resumed at step 60 " in err, err)
expect("the extension has the digest of the longer scenario", run_json("extended")["digest"] == run_json("longer")["digest"])
expect("the extension has its run_id", run_json("extended")["run_id"] == run_json("longer")["run_id"])
for name in ["series.csv", "tracks.csv", "msd.csv", "cells.hdf.series"]:
    expect(f"the extension has the {name} of the longer scenario", contents("extended")[name] == contents("longer")[name])
code, out, err = invado("verify", "extended")
expect("verify finds the extension good", code == 0, out + err)
code, _, err = invado("resume", "extended")
expect("the extension is finished", code == 0 and "nothing to do" in err, err)
code, _, err = invado("resume", "cadence2", "--until", "0.8 h")
expect("without checkpoints a finished run cannot be extended: 65", code == 65 and "no checkpoint" in err, f"{code} {err}")

# --- resume of a finished run changes nothing, not even a time ---
def stamps(folder):
    return {str(f): (f.stat().st_mtime_ns, f.stat().st_ino, f.read_bytes() if f.is_file() else b"")
            for f in [scratch / folder, *(scratch / folder).rglob("*")]}


before = stamps("whole")
for more in [[], ["--threads", "1"], ["--until", "0.5 h"], ["--until", "1 h"], ["--scenario", "a.yaml"]]:
    code, _, err = invado("resume", "whole", *more)
    expect(f"resume {' '.join(more)} of a finished run: 0, nothing to do", code == 0 and "nothing to do" in err, f"{code} {err}")
expect("resume of a finished run changes neither bytes nor times", stamps("whole") == before)

# --- another scenario is refused, with the difference; nothing is touched ---
shutil.copytree(scratch / "stopped22", scratch / "part")  # finished by now: make it unfinished again
code, err = interrupted("part", signal.SIGTERM, 20, ["a.yaml"])
expect("a part of a run", code == 85, err)
(scratch / "other.yaml").write_text(SCENARIO.replace("doubling: 2 h", "doubling: 3 h"))
(scratch / "gone.yaml").write_text(SCENARIO.replace("perturbations: {akt1_sirna: {knobs: {akt1_knockdown: 0.85}, from: 0.3 h, onset: 0.2 h}}\n", ""))
before = stamps("part")
for what, more, shown in [
        ("another scenario", ["--scenario", "other.yaml"], "cell_types.sts.life.doubling: 2 h in the run, 3 h here"),
        ("a scenario with less", ["--scenario", "gone.yaml"], "perturbations.akt1_sirna.knobs.akt1_knockdown: 0.85 in the run, absent here"),
        ("another seed", ["--scenario", "a.yaml", "--seed", "9"], "seed: 5 in the run, 9 here"),
        ("another seed alone", ["--seed", "9"], "seed: 5 in the run, 9 here"),
        ("another seed and an end", ["--seed", "9", "--until", "1.2 h"], "seed: 5 in the run, 9 here"),
        ("another value alone", ["--set", "matrix.density=2 mg/ml"], "matrix.density: 1.7 mg/ml in the run, 2 mg/ml here"),
        ("another value", ["--scenario", "a.yaml", "--set", "matrix.density=2 mg/ml"], "matrix.density: 1.7 mg/ml in the run, 2 mg/ml here")]:
    code, _, err = invado("resume", "part", *more)
    expect(f"{what} is refused with 65", code == 65, f"{code} {err}")
    expect(f"{what}: the difference is shown", shown in err, err)
    expect(f"{what}: nothing else is", err.count(" in the run, ") == err.count("\n  "), err)
expect("a refusal touches nothing", stamps("part") == before)
resolved = scratch / "part/scenario.resolved.yaml"
text = resolved.read_text()
for what, edited, shown in [
        ("an edited value", text.replace("doubling: 2 h", "doubling: 4 h"), "cell_types.sts.life.doubling: 2 h in the run, 4 h here"),
        ("an edited seed", text.replace("seed: 5 ", "seed: 6 "), "seed: 5 in the run, 6 here"),
        ("a removed line", re.sub(r"\n +repulsion: [^\n]*", "", text), "cell_types.sts.mechanics.repulsion: 25 um/min in the run, absent here"),
        ("rubbish", "\x00\xff rubbish", "in the run, absent here"), ("nothing", "", "in the run, absent here")]:
    expect(f"{what}: is an edit", edited != text)
    resolved.write_text(edited)
    code, _, err = invado("resume", "part")
    expect(f"{what} in scenario.resolved.yaml is refused with 65", code == 65, f"{code} {err}")
    expect(f"{what}: the difference is shown", shown in err, err)
    code, out, err = invado("verify", "part")
    expect(f"{what}: verify finds it", code == 65, f"{code} {out}{err}")
resolved.write_text(text)
code, _, err = invado("resume", "part", "--seed", "5", "--max-walltime", "1s")
expect("the same seed alone is welcome", code == 85, f"{code} {err}")
code, _, err = invado("resume", "part", "--scenario", "a.yaml", "--seed", "5")
expect("the same scenario is welcome", code == 0, err)
expect_same("after all refusals", "whole", "part")
code, _, err = invado("resume", "nowhere")
expect("resume of nothing: 66", code == 66, f"{code} {err}")
code, _, err = invado("resume", source)
expect("resume of a folder without a run: 66", code == 66, f"{code} {err}")

# --- a table of points travels with the run ---
(scratch / "inputs_of_user").mkdir()
(scratch / "inputs_of_user/points.csv").write_text("x_um,y_um,z_um\n" + "".join(f"{40 + 11 * (n % 9)},{50 + 9 * (n % 11)},{60 + 7 * (n % 13)}\n" for n in range(40)))
(scratch / "inputs_of_user/p.yaml").write_text(SCENARIO.replace(
    "count: 60, place: {sphere: {centre: [100 um, 100 um, 100 um], radius: 45 um}}", "place: {points: {file: points.csv}}"))
code, _, err = invado("run", "inputs_of_user/p.yaml", "-o", "points_whole")
expect("a run from a table of points", code == 0, err)
code, err = interrupted("points", signal.SIGTERM, 15, ["inputs_of_user/p.yaml"])
expect("stopped", code == 85, f"{code} {err}")
code, err = interrupted("points_early", signal.SIGKILL, 0, ["inputs_of_user/p.yaml"])
expect("killed early", code == -signal.SIGKILL, f"{code} {err}")
shutil.rmtree(scratch / "inputs_of_user")
for folder in ["points", "points_early"]:
    code, _, err = invado("resume", folder)
    expect(f"{folder}: goes on without the original table", code == 0, err)
    expect_same(folder, "points_whole", folder)

# --- a table that was edited since is refused, also when the run shall only become longer; verify finds it ---
shutil.copytree(scratch / "points_whole", scratch / "points_edited")
table = next((scratch / "points_edited/inputs").iterdir())
table.write_text(table.read_text().replace("40,50,60", "41,50,60", 1))
before = stamps("points_edited")
for more in [["--until", "1.2 h"], ["--until", "1.2 h", "--seed", "5"]]:
    code, _, err = invado("resume", "points_edited", *more)
    expect(f"an edited table, resume {' '.join(more)}: 65, named", code == 65 and table.name in err, f"{code} {err}")
now = stamps("points_edited")
expect("an edited table: nothing is touched", {k: v for k, v in now.items() if k != str(scratch / "points_edited")} ==
       {k: v for k, v in before.items() if k != str(scratch / "points_edited")})
code, out, err = invado("verify", "points_edited")
expect("an edited table: verify finds it", code == 65 and table.name in err, f"{code} {out}{err}")
# Of a run that has no checksums yet too: its record knows the points.
shutil.copytree(scratch / "points_whole", scratch / "points_unlisted")
for name in ["checksums.txt", *(f"checkpoints/{f.name}" for f in (scratch / "points_unlisted/checkpoints").iterdir())]:
    (scratch / "points_unlisted" / name).unlink()
record = json.loads((scratch / "points_unlisted/run.json").read_text())
(scratch / "points_unlisted/run.json").write_text(json.dumps({**record, "exit": None, "end": None}))
shutil.copy(table, scratch / "points_unlisted/inputs")
code, _, err = invado("resume", "points_unlisted")
expect("an edited table without checksums: 65", code == 65 and "understood differently" in err, f"{code} {err}")

# --- a damaged newest checkpoint: the one before it; all damaged: refused, nothing touched ---
code, err = interrupted("worn", signal.SIGTERM, 33, ["a.yaml"])
newest, reserve = sorted((scratch / "worn/checkpoints").iterdir(), reverse=True)
good = newest.read_bytes()
newest.write_bytes(good[:-1])
code, _, err = invado("resume", "worn", "--max-walltime", "1s")
expect("a damaged checkpoint is skipped and named", code == 85 and newest.name in err and f"from checkpoints/{reserve.name}" in err, err)
expect("the run is at a step after the older one", run_json("worn")["step"] > int(reserve.stem[-9:]))
for file in (scratch / "worn/checkpoints").iterdir():
    file.write_bytes(file.read_bytes()[:100])
before = stamps("worn")
code, _, err = invado("resume", "worn")
expect("no good checkpoint: 65", code == 65 and "no checkpoint in it can be read" in err, f"{code} {err}")
now = stamps("worn")
expect("no good checkpoint: no file is touched", {k: v for k, v in now.items() if k != str(scratch / "worn")} ==
       {k: v for k, v in before.items() if k != str(scratch / "worn")})

# --- verify finds every damage ---
code, err = interrupted("unfinished", signal.SIGTERM, 25, ["a.yaml"])


def damaged(what, folder, damage, wanted=65, named=""):
    """What verify says of a damaged copy."""
    copy = scratch / "damaged"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(scratch / folder, copy)
    damage(copy)
    code, out, err = invado("verify", "damaged")
    expect(f"verify, {folder}, {what}: {wanted}", code == wanted, f"{code} {out}{err}")
    expect(f"verify, {folder}, {what}: names it", named in err, err)


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[int(at * (len(data) - 1))] ^= 4
    path.write_bytes(data)


finds = 0
kinds = ["scenario.yaml", "scenario.resolved.yaml", "series.csv", "tracks.csv", "msd.csv", "run.xdmf", "cells.hdf.series", "lattice.hdf.series",
         "fields.hdf.series", "checksums.txt", "snapshots/snap_000003.h5", "snapshots/cells_000000.hdf", "snapshots/lattice_000006.hdf",
         "snapshots/fields_000002.hdf", "checkpoints/checkpoint_000000056.ckpt", "checkpoints/checkpoint_000000060.ckpt"]
for name in kinds:
    for at in [0, 0.37, 1]:
        damaged(f"a flipped bit in {name}", "whole", lambda top: flip(top / name, at), named=name.split("_0")[0] if name != "checksums.txt" else "")
        finds += 1
    damaged(f"{name} missing", "whole", lambda top: (top / name).unlink(), 0 if name.startswith("checkpoints") else 65,
            "" if name.startswith("checkpoints") else name)
    finds += 1
for name in ["series.csv", "tracks.csv", "scenario.yaml", "snapshots/snap_000001.h5", "snapshots/cells_000000.hdf"]:
    damaged(f"a flipped bit in {name}", "unfinished", lambda top: flip(top / name, 0.2), named=name)
    damaged(f"{name} missing", "unfinished", lambda top: (top / name).unlink(), named=name)
    finds += 2
for name in ["series.csv", "tracks.csv"]:
    for folder in ["whole", "unfinished"]:
        damaged(f"{name} cut within a row", folder, lambda top: os.truncate(top / name, (top / name).stat().st_size - 5), named=name)
        damaged(f"{name} cut to half", folder, lambda top: os.truncate(top / name, (top / name).stat().st_size // 2), named=name)
        finds += 2
for name in [".tmp-77-0", "snapshots/.tmp-77-0", "checkpoints/.tmp-77-0"]:
    damaged(f"a leftover {name}", "whole", lambda top: (top / name).write_text("x"), named=".tmp-77-0")
    finds += 1
invado("run", "a.yaml", "-o", "foreign", "--seed", "6", "--until", "0.4 h")
for folder in ["whole", "unfinished"]:
    for name in ["snap_000001.h5", "snap_000077.h5"]:
        damaged(f"a foreign {name}", folder, lambda top: shutil.copy(scratch / "foreign/snapshots/snap_000001.h5", top / "snapshots" / name), named=name)
        finds += 1
damaged("another digest in run.json", "whole", lambda top: (top / "run.json").write_text(
    (top / "run.json").read_text().replace(run_json("whole")["digest"], "0" * 32)), named="digest")
damaged("another seed in run.json", "whole", lambda top: (top / "run.json").write_text(
    (top / "run.json").read_text().replace('"seed": 5', '"seed": 6')), named="seed")
damaged("another run_id in run.json", "whole", lambda top: (top / "run.json").write_text(
    (top / "run.json").read_text().replace(run_json("whole")["run_id"], "0" * 32)), named="run_id")
for key, value in [("scenario", "Another"), ("schedule", "1. nothing"), ("duration_h", 2), ("time_h", 0.5), ("step", 30), ("end_h", 3),
                   ("exit", 85), ("seed", 4)]:
    for folder in ["whole", "unfinished"]:
        if (folder, key, value) not in [("unfinished", "exit", 85), ("unfinished", "end_h", 3)]:  # no change; how far it shall go
            damaged(f"{key} {value} in run.json", folder, lambda top: (top / "run.json").write_text(
                json.dumps({**json.loads((top / "run.json").read_text()), key: value})), named="run.json")
            finds += 1
damaged("exit 0 in run.json", "unfinished", lambda top: (top / "run.json").write_text(
    json.dumps({**json.loads((top / "run.json").read_text()), "exit": 0})), named="says exit 0")
damaged("no checkpoints", "unfinished", lambda top: shutil.rmtree(top / "checkpoints"), named="would begin anew")
damaged("the newest checkpoint missing", "unfinished", lambda top: max((top / "checkpoints").iterdir()).unlink(), named="from an older one")
damaged("no checkpoints", "whole", lambda top: shutil.rmtree(top / "checkpoints"), 0)
damaged("a checkpoint under another name", "unfinished", lambda top: max((top / "checkpoints").iterdir()).rename(
    top / "checkpoints/checkpoint_000000099.ckpt"), named="checkpoint_000000099")
damaged("rubbish in log.jsonl", "whole", lambda top: (top / "log.jsonl").write_text("{}\n"), named="log.jsonl")
damaged("an end that is no number in log.jsonl", "whole", lambda top: (top / "log.jsonl").write_text(
    (top / "log.jsonl").read_text().replace('"exit":0', '"exit":"0"')), named="log.jsonl")
damaged("log.jsonl missing", "whole", lambda top: (top / "log.jsonl").unlink(), named="log.jsonl")
damaged("a file of the user", "whole", lambda top: (top / ".tmp-mine").write_text("x"), 0)
finds += 7
damaged("rubbish in run.json", "whole", lambda top: (top / "run.json").write_text("{"), named="run.json")
damaged("run.json missing", "whole", lambda top: (top / "run.json").unlink(), 66, "run.json")
damaged("a checkpoint of another run", "unfinished", lambda top: shutil.copy(next((scratch / "foreign/checkpoints").iterdir()), top / "checkpoints/"),
        named="checkpoint_")
damaged("nothing", "whole", lambda top: None, 0)
damaged("nothing", "unfinished", lambda top: None, 0)
finds += 6

print(f"{trials} interruptions, 9 cadences, {finds} damages, {checks} checks: " + (f"{len(failures)} failed" if failures else "ok"))
sys.exit(1 if failures else 0)
