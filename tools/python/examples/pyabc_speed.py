#!/usr/bin/env python3
"""Approximate Bayesian computation with pyABC: the speed of free walkers from how far they got.

    pyabc_speed.py PROGRAM SOURCE_DIR        PROGRAM: build/release/invado

Needs pyABC (pip install pyabc; not in Debian 12). Not run by the tests: only checked to be Python. `invado sweep fit` does the same without Python."""
import pathlib
import subprocess
import sys
import tempfile

import pyabc

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import invado

program, source = sys.argv[1:3]
scratch = pathlib.Path(tempfile.mkdtemp(prefix="invado_pyabc_"))


def simulate(parameters):
    """One run in a folder of its own; the seed is pyABC's business: every run gets another."""
    simulate.runs += 1
    folder = scratch / f"{simulate.runs}"
    subprocess.run([program, "run", f"{source}/scenarios/persistent_walk.yaml", "-o", folder, "--until", "4 h", "-q", "--progress", "none",
                    "--threads", "1", "--seed", str(simulate.runs),
                    "--set", f"cell_types.walker.motility.fixed.speed={parameters['speed']} um/min"], check=True)
    return {"distance": invado.Run(folder).series()["net_displacement_um_mean"].iloc[-1]}


simulate.runs = 0
prior = pyabc.Distribution(speed=pyabc.RV("uniform", 0.1, 1.9))
abc = pyabc.ABCSMC(simulate, prior, pyabc.PNormDistance(p=2), population_size=30, sampler=pyabc.sampler.SingleCoreSampler())
abc.new(f"sqlite:///{scratch}/fit.db", {"distance": 40.0})
history = abc.run(max_nr_populations=4)
frame, weights = history.get_distribution()
print(f"speed {(frame['speed'] * weights).sum():.3f} um/min")
