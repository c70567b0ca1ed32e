#!/usr/bin/env python3
"""Golden rows of the signalling network, from the reference implementation (needs numpy).

    python3 make_signalling_rows.py path/to/signalling.py [folder]

writes signalling_contexts.csv (context, symbol, value: what differs from the defaults, and the branch) and
signalling_rows.csv: one line per arm of an experiment, 17 significant digits. Columns:
    row, arm       experiment of the reference's table, or an intervention that none has; `start` rows are the equilibria
                   of the contexts
    context
    start          branch (low | high) of the equilibrium that the arm starts from, then what differs there (`I=0.9`)
    perturbation   symbol=value, separated by ';'; x_I=3 multiplies
    hours, dt      how long and at which step [h]; then_hours, then_dt: further, without the perturbation
    A .. W         the 16 levels;   Ra .. syn  what follows from them and the reference's phenotype
"""
import importlib.util
import pathlib
import sys

import numpy as np

spec = importlib.util.spec_from_file_location("signalling", sys.argv[1])
ref = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ref)
folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent)

READ = ["Ra", "F", "U", "G", "e", "P", "th", "Vt", "Veff", "v", "Pt", "mig", "inv", "kan", "surv24", "Jcm", "syn"]


def text(perturbation):
    return ";".join(f"{k}={v!r}" for k, v in perturbation.items() if k != "_init")


def number(x):
    return f"{float(x):.17g}"


equilibria = {}


def equilibrium(context, branch, change):
    """As the reference does it: 1200 h at 0.2 h from its low or high starting levels."""
    key = (context, branch, text(change))
    if key not in equilibria:
        p, high = ref.pack([(context, {**change, "_init": branch})])
        equilibria[key] = ref.integrate(ref.init(high, 1), p, 1200, dt=0.2), p
    y, p = equilibria[key]
    return y.copy(), p


lines = []


def line(row, arm, context, branch, change, perturbation, hours, dt, then_hours=0, then_dt=0, from_init=False):
    y, p = equilibrium(context, branch, change)
    if not from_init:
        p, _ = ref.pack([(context, perturbation)])
        y = ref.integrate(y, p, hours, dt=dt)
        if then_hours:
            p, _ = ref.pack([(context, {})])
            y = ref.integrate(y, p, then_hours, dt=then_dt)
    out = ref.READ(y, p)
    lines.append([row, arm, context, branch + (";" + text(change) if change else ""), text(perturbation), hours, dt, then_hours,
                  then_dt] + [number(v[0]) for v in y] + [number(np.broadcast_to(out[k], (1,))[0]) for k in READ])


branch_of = {name: values["_init"] for name, values in ref.CTX.items()}
for name in ref.CTX:
    line("start", "A", name, branch_of[name], {}, {}, 1200, 0.2, from_init=True)

for row, _, _, context, a, b, _, kind, _, hours in ref.ROWS():
    if kind == "special":
        continue
    for arm, perturbation in (("A", a), ("B", b)):
        # An arm with a branch of its own starts from the equilibrium of that branch (and of its I, as in run_set).
        own = "_init" in perturbation
        change = {k: v for k, v in perturbation.items() if k == "I"} if own else {}
        line(row, arm, context, perturbation.get("_init", branch_of[context]), change, perturbation, hours, 0.05 if hours <= 100 else 0.1)

myr = dict(myr=6.0)
special = {
    "Z10": ("STS", 72, 0.05, [{}, myr, dict(s39=-1), dict(myr=6.0, s39=-1)]),
    "T12": ("LAD", 120, 0.05, [{}, myr, dict(myr=6.0, val_kd=0.9), dict(val_kd=0.9)]),
    "T23": ("LAD", 120, 0.05, [dict(x_I=0.5), dict(x_I=0.5, val_kd=0.9), myr, dict(myr=6.0, val_kd=0.9)]),
    "R49": ("PCa_PC3", 48, 0.05, [dict(r_kd=0.95, tgfi=1.0), dict(tgfi=1.0), dict(r_kd=0.95, g=2.0), dict(g=2.0)]),
    "R70": ("BRCA_inv", 800, 0.1, [{}, dict(pi3ki=ref.DUAL[0]), dict(r_kd=ref.DUAL[1]), dict(pi3ki=ref.DUAL[0], r_kd=ref.DUAL[1])]),
}
for row, (context, hours, dt, arms) in special.items():
    for arm, perturbation in zip("ABCD", arms):
        line(row, arm, context, branch_of[context], {}, perturbation, hours, dt)
for arm, perturbation in zip("ABC", [myr, dict(myr=6.0, r_kd=0.9), {}]):
    line("R71", arm, "BRCA_non", branch_of["BRCA_non"], {}, perturbation, 96, 0.05, 400, 0.1)

# Interventions that no experiment of the table has, each where it matters.
alone = {
    "kdead": ("STS", dict(myr=6.0, kdead=0.7)),
    "ric_kd": ("BRCA_inv", dict(ric_kd=0.85)),
    "mutSMAD": ("PCa_PC3", dict(mutSMAD=1.0)),
    "gsk": ("PCa_PC3", dict(gsk=0.2)),
    "twist": ("NMuMG", dict(twist=3.0)),
    "stat3i": ("LAD", dict(myr=6.0, stat3i=0.8)),
    "cx": ("PCa_PC3", dict(cx=4.0)),
}
for name, (context, perturbation) in alone.items():
    line(name, "A", context, branch_of[context], {}, perturbation, 72, 0.05)

with open(folder / "signalling_rows.csv", "w", newline="\n") as out:
    out.write(",".join(["row", "arm", "context", "start", "perturbation", "hours", "dt", "then_hours", "then_dt"] + ref.STATES + READ) + "\n")
    for fields in lines:
        out.write(",".join(str(f) for f in fields) + "\n")
with open(folder / "signalling_contexts.csv", "w", newline="\n") as out:
    out.write("context,symbol,value\n")
    for name, values in ref.CTX.items():
        for symbol, value in values.items():
            out.write(f"{name},{'branch' if symbol == '_init' else symbol},{value}\n")
