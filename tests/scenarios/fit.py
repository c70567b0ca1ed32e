#!/usr/bin/env python3
"""`invado sweep fit` as its users run it: killed, resumed, extended; on walkers whose displacement follows a known law.

    fit.py PROGRAM SOURCE_DIR
"""
import math
import os
import resource
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

import yaml

from scratch import time_scale
from trial import expect, invado, program, rows_of, scratch, source, verdict

shutil.copy(source / "scenarios/persistent_walk.yaml", scratch)


# The mean of squared displacements of n walkers after t is 2 S^2 P [t - P (1 - exp(-t/P))] times chi^2_3n/3n: P = 15 min, t = 2 h.
n, minutes, persistence, truth = 60, 120, 15, 0.5
law = 2 * persistence * (minutes - persistence * (1 - math.exp(-minutes / persistence)))
(scratch / "msd.csv").write_text(f"hours,msd\n2,{truth * truth * law}\n")
fit = {"fit": 1, "name": "speed <&>", "base": "persistent_walk.yaml", "seed": 3,
       "set": {"duration": "2 h", "population.walkers.count": str(n), "output.snapshots": "2 h", "output.tracks": "off",
               "output.series": "1 h"},
       "parameters": {"speed": {"path": "cell_types.walker.motility.fixed.speed", "from": "0.1 um/min", "to": "2 um/min"}},
       "measured": {"msd": {"file": "msd.csv", "column": "msd_um2", "time": "hours", "value": "msd", "scale": 100}},
       "population": 40, "stop": {"generations": 4, "acceptance": 0}}


def write(name, **changes):
    document = {**fit, **changes}
    (scratch / name).write_text(yaml.safe_dump(document, sort_keys=False))
    return name


def results(folder):
    return {name: (scratch / folder / name).read_bytes() for name in ("posterior.csv", "quantiles.csv", "analysis.html")}


write("speed.yaml")
code, out, err = invado("sweep", "fit", "speed.yaml", "--progress", "none")
expect("a fit ends", code == 0 and "ended        4 generations are done" in out, out + err)
posterior = rows_of("fits/speed/posterior.csv")
expect("half of the particles are kept", len(posterior) == 20)
weights = [float(r["weight"]) for r in posterior]
speeds = [float(r["speed_um_min"]) for r in posterior]
expect("weights add up", abs(sum(weights) - 1) < 1e-12)
mean = sum(w * s for w, s in zip(weights, speeds))
sd = math.sqrt(sum(w * (s - mean) ** 2 for w, s in zip(weights, speeds)))
effective = 1 / sum(w * w for w in weights)
# Given the speed, msd = S^2 law times chi^2_3n/3n (relative deviation sqrt(2/3n) = 0.105). A flat prior on S and a tolerance e, flat
# too, give S^2 law a relative deviation of that and e/(sqrt(3) msd), and S half of it.
tolerance = max(float(r["distance"]) for r in posterior) * 100 / (truth * truth * law)
wanted = truth / 2 * math.hypot(math.sqrt(2 / (3 * n)), tolerance / math.sqrt(3))
expect("the posterior is where it should be", abs(mean - truth) < 4.5 * wanted / math.sqrt(effective) + 0.01, (mean, wanted, effective))
expect("and as wide (a deviation of 20 particles: 16 %; 4.5 of it)", 0.4 < sd / wanted < 1.75, (sd, wanted))
page = results("fits/speed")["analysis.html"].decode()
xml.fromstring(page.split("\n", 1)[1])
expect("the page needs nothing else", "http" not in page and "<script" not in page and "speed &lt;&amp;&gt;" in page)
undisturbed = results("fits/speed")

expect("a finished fit does nothing again", invado("sweep", "fit", "speed.yaml")[0] == 0 and results("fits/speed") == undisturbed)


def finished():
    return len(list((scratch / "killed").glob("generation_*/points/*/done.json")))


for wait_for in (3, 30, 47, 66, 80):  # runs; a generation has 40, then 20 each
    process = subprocess.Popen([program, "sweep", "fit", "speed.yaml", "-o", "killed", "--progress", "none"], cwd=scratch,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + 120
    while finished() < wait_for and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    expect(f"was there to be killed at {wait_for} runs", process.poll() is None)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
code, out, err = invado("sweep", "fit", "speed.yaml", "-o", "killed", "--progress", "none")
expect("goes on after five kills", code == 0, out + err)
expect("with the same bytes", results("killed") == undisturbed)

# A run that fails for want of disk is not far from the data: the fit stops, and goes on when there is room.
def little_room():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))  # plans and records fit, snapshots do not


few = write("few.yaml", population=4, stop={"generations": 1})  # more than ten failures in a row stop the sweep
done = subprocess.run([program, "sweep", "fit", few, "--progress", "none"], cwd=scratch, capture_output=True, text=True, timeout=600 * time_scale,
                      preexec_fn=little_room)
expect("without room it stops", done.returncode == 1 and "4 runs failed for a reason that passes" in done.stderr
       and not list((scratch / "fits/few").glob("*/population.json")), (done.returncode, done.stderr))
code, out, err = invado("sweep", "fit", few, "--progress", "none")
expect("with room it goes on", code == 0 and all(math.isfinite(float(r["distance"])) for r in rows_of("fits/few/posterior.csv")), out + err)

# Longer: only `stop` may change.
write("speed.yaml", stop={"generations": 5, "acceptance": 0})
before = finished()
code, out, err = invado("sweep", "fit", "speed.yaml", "-o", "killed", "--progress", "none")
expect("a fit can be made longer", code == 0 and finished() == before + 20, (out, finished(), before))
write("speed.yaml", seed=4)
code, out, err = invado("sweep", "fit", "speed.yaml", "-o", "killed", "--progress", "none")
expect("but does not become another", code == 73 and "holds another fit" in err, (code, err))

# --- Mistakes -----------------------------------------------------------------------------------------------------------------
axis, curve = fit["parameters"]["speed"], fit["measured"]["msd"]
(scratch / "many.csv").write_text("hours,msd\n1,5\n2,6\n")
(scratch / "words.csv").write_text("hours,msd\n2,far\n")
for name, changes, wanted_code, wanted in (
        ("units", {"parameters": {"speed": {**axis, "to": "2 um/h"}}}, 64, "parameters.speed.to: is not in the unit of `from` (got '2 um/h'"),
        ("range", {"parameters": {"speed": {**axis, "to": "-2 um/min"}}}, 64, "parameters.speed.to: must be more than `from`"),
        ("log", {"parameters": {"speed": {**axis, "prior": "log_uniform", "from": "0 um/min"}}}, 64, "both ends above zero"),
        ("normal", {"parameters": {"speed": {**axis, "prior": "normal", "mean": "3 um/min", "sd": "1 um/min"}}}, 64,
         "parameters.speed.mean: lies outside the range (got '3 um/min'"),
        ("sd", {"parameters": {"speed": {**axis, "sd": "1 um/min"}}}, 64, "parameters.speed.sd: belongs to a normal prior"),
        ("path", {"parameters": {"speed": {**axis, "path": "cell_types.walker.sped"}}}, 64, "parameters.speed."),
        ("twice", {"parameters": {"speed": axis, "again": {**axis, "to": "2 um/min"}}}, 64,
         "parameters.again.path: is set by parameters.speed already"),
        ("set", {"set": {**fit["set"], axis["path"]: "1 um/min"}}, 64, "parameters.speed.path: is set by set already"),
        ("key", {"parameters": {"speed": {**axis, "form": "1"}}}, 64, "parameters.speed.form: unknown key (did you mean 'from'?)"),
        ("scale", {"measured": {"msd": {k: v for k, v in curve.items() if k != "scale"}}}, 64, "measured.msd: needs either `error`"),
        ("weight", {"parameters": {"weight": axis | {"path": "population.walkers.count", "from": "20", "to": "60"}}}, 64,
         "parameters.weight: posterior.csv has a column of this name already"),
        ("units in names", {"parameters": {"speed": axis, "speed_um_min": {**axis, "path": "population.walkers.count", "from": "20", "to": "60"}}}, 64,
         "parameters.speed_um_min: its column in posterior.csv would be that of speed"),
        ("column", {"measured": {"msd": {**curve, "column": "msd_um", "file": "many.csv"}}}, 64,
         "measured.msd.column: series.csv of this scenario has no such column (got 'msd_um'"),
        ("value", {"measured": {"msd": {**curve, "value": "msq"}}}, 65, "msd.csv:1:1: has no column for `value` (got 'msq', allowed hours, msd; did you mean 'msd'?)"),
        ("word", {"measured": {"msd": {**curve, "file": "words.csv"}}}, 65, "words.csv:2:1: is not a number in column msd (got 'far')"),
        ("file", {"measured": {"msd": {**curve, "file": "none.csv"}}}, 66, "measured.msd.file: "),
        ("late", {"set": {**fit["set"], "duration": "1 h"}}, 64, "is after the end of the run")):
    code, out, err = invado("sweep", "fit", write(f"{name}.yaml", **changes))
    expect(f"refused once, not for every value: {name}", name != "column" or err.count("\n") == 1, err)
    expect(f"refused: {name}", code == wanted_code and wanted in err and not (scratch / "fits" / name).exists(), (code, err))

verdict()
