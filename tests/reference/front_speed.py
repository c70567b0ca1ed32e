"""Fronts of walkers that run, tumble and divide, once more and independently of invado: what tests/physics/front_speed.cpp
compares with. Prints P, N and the front's speed over c* with its standard error.

One axis of isotropic runs in space: velocity S u, u uniform in [-1, 1], redrawn at rate 1/P and by daughters. Division at
rate r (1 - n/N) per cell of a bin of 20 um with n cells. Front: length of all bins with N/2 cells or more, between 200 h
and 600 h from bins filled over 300 um. c*: biology.md 5.1 D4.
"""
import numpy as np

SPEED, DOUBLING, STEP, BIN, BINS = 20.0, 24.0, 0.25, 20.0, 400
CSTAR = {1: 3.858, 4: 7.354}  # by persistence [h], um/h


def front_speed(capacity, persistence, seed, begin=200.0, end=600.0, filled=300.0):
    draw, rate = np.random.default_rng(seed), np.log(2) / DOUBLING
    cells = int(capacity * filled / BIN)
    x, u, length = (np.arange(cells) + 0.5) * filled / cells, draw.uniform(-1, 1, cells), {}
    for step in range(1, int(end / STEP) + 1):
        left, walking = np.full(len(x), STEP), np.arange(len(x))
        while len(walking):
            run = np.minimum(draw.exponential(persistence, len(walking)), left[walking])
            x[walking] += SPEED * u[walking] * run
            left[walking] -= run
            walking = walking[left[walking] > 0]
            u[walking] = draw.uniform(-1, 1, len(walking))
        beyond = x < 0
        x[beyond], u[beyond] = -x[beyond], -u[beyond]
        bins = (x / BIN).astype(int)
        room = np.maximum(1 - np.bincount(bins, minlength=BINS)[bins] / capacity, 0)
        mothers = draw.random(len(x)) < 1 - np.exp(-rate * room * STEP)
        x, u = np.concatenate([x, x[mothers]]), np.concatenate([u, draw.uniform(-1, 1, mothers.sum())])
        if step * STEP in (begin, end):
            length[step * STEP] = BIN * (np.bincount((x / BIN).astype(int), minlength=BINS) >= capacity / 2).sum()
    return (length[end] - length[begin]) / (end - begin)


for persistence, capacity, runs in ((1, 10, 64), (4, 20, 32), (1, 100, 12)):
    speeds = np.array([front_speed(capacity, persistence, 100 + run) for run in range(runs)]) / CSTAR[persistence]
    print(f"P {persistence} h, N {capacity}: {speeds.mean():.3f} +- {speeds.std(ddof=1) / np.sqrt(runs):.3f}")
