#!/usr/bin/env python3
"""What the shipped scenarios are for comes out, from cell positions (first 24 h of each; fixed seeds, so never flaky).

    fronts.py PROGRAM SOURCE_DIR

  sarcoma_spheroid                 the 90 % front advances 40-200 um in a day (plausible range of spheroid assays)
  sarcoma_spheroid_mmp_inhibited   less than a fifth of that; without the inhibitor the same gel is opened
  breast_invasive / _noninvasive   the same kinetics on the high branch invades, on the low branch it does not
  contact_guidance                 mean square displacement along the fibres at least 3 times that across
  persistent_walk                  Fuerth's mean square displacement within 4.5 standard errors at every lag

Seen to fail: the first, with the arrested gel of the second (6 um); the second, with the inhibitor left out (42 um against
108 / 5), and the other way round; contact guidance 0 (ratio 0.99); persistence 16 min instead of 15 (10 standard errors).
"""
import csv
import math
import pathlib
import subprocess
import sys

from scratch import scratch_folder, time_scale

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
scratch = scratch_folder()
failures = 0


def run(name, hours, *more):
    folder = scratch / f"{name}{len(list(scratch.iterdir()))}"
    subprocess.run([program, "run", source / "scenarios" / f"{name}.yaml", "-o", folder, "--until", f"{hours} h", "--progress", "none",
                    "-q", "--set", "output.snapshots=24 h", *more], check=True, timeout=900 * time_scale)
    return folder


def last_row(folder):
    with open(folder / "series.csv", newline="") as file:
        return {k: float(v) if v else math.nan for k, v in list(csv.DictReader(file))[-1].items()}


def expect(what, holds, seen):
    global failures
    failures += not holds
    print(f"{'ok    ' if holds else 'FAILED'} {what}: {seen}")


free = last_row(run("sarcoma_spheroid", 24))["front_um_q90"]
arrested = last_row(run("sarcoma_spheroid_mmp_inhibited", 24))["front_um_q90"]
expect("sarcoma front advances 40-200 um a day", 40 < free < 200, f"{free:.0f} um")
expect("MMP-inhibited front advances less than a fifth of it", arrested < free / 5, f"{arrested:.1f} um")

opened = last_row(run("sarcoma_spheroid_mmp_inhibited", 24, "--set", "perturbations.gm6001.knobs.mmp_inhibitor=0"))["front_um_q90"]
expect("protease opens the same dense gel", opened > 20, f"{opened:.0f} um")

high, low = (last_row(run(f"breast_{kind}", 24)) for kind in ("invasive", "noninvasive"))
expect("cells on the high branch invade", high["front_um_q90"] > 40 and high["high_branch_fraction"] > 0.9,
       f"{high['front_um_q90']:.0f} um, {high['high_branch_fraction']:.2f} high")
expect("cells on the low branch stay", low["front_um_q90"] < high["front_um_q90"] / 5 and low["high_branch_fraction"] < 0.1,
       f"{low['front_um_q90']:.1f} um, {low['high_branch_fraction']:.2f} high")

first, last = {}, {}
with open(run("contact_guidance", 24) / "tracks.csv", newline="") as file:
    for row in csv.DictReader(file):
        at = [float(row[f"{axis}_um"]) for axis in "xyz"]
        first.setdefault(row["track_id"], at)
        last[row["track_id"]] = at
along, *across = (sum((last[i][axis] - first[i][axis]) ** 2 for i in first) / len(first) for axis in range(3))
ratio = along / (sum(across) / 2)
expect("cells follow the fibres: MSD along / across >= 3", ratio >= 3, f"{ratio:.2f}")

speed, persistence = 30.0, 0.25  # um/h, h
worst = 0.0
with open(run("persistent_walk", 12) / "msd.csv", newline="") as file:
    for row in csv.DictReader(file):
        lag = float(row["lag_h"])
        law = 2 * speed**2 * persistence * (lag - persistence * (1 - math.exp(-lag / persistence)))
        worst = max(worst, abs(float(row["msd_um2"]) - law) / float(row["msd_se_um2"]))
expect("free walkers follow Fuerth's law", 0 < worst < 4.5, f"largest deviation {worst:.1f} standard errors")
sys.exit(failures > 0)
