#!/usr/bin/env python3
"""`invado sweep analyse` as its users run it: on sweeps of every design, and on tables of other programs.

    analyse.py PROGRAM SOURCE_DIR
"""
import math
import re
import shutil
import xml.etree.ElementTree as xml

import numpy
import yaml

from trial import expect, invado, rows_of, scratch, source, verdict

shutil.copy(source / "scenarios/wells_akt_vimentin.yaml", scratch)


def indices(folder, measure, axis=None):
    found = [r for r in rows_of(f"{folder}/indices.csv") if r["measure"] == measure and axis in (None, r["axis"])]
    return {(r["observable"], r["axis"], r["with"]): float(r["estimate"]) for r in found}


def page_of(folder):
    text = (scratch / folder / "analysis.html").read_text()
    document = xml.fromstring(text.split("\n", 1)[1])  # strict: it is XML too
    expect(f"{folder}: the page needs nothing else", not re.search(r"(src|href)=\"(?!#)|https?:|url\(|@import|<script", text))
    return text, document


def sweep(name, **keys):
    document = {"sweep": 1, "name": f"{name} <&> \"quotes\"", "base": "wells_akt_vimentin.yaml", "seed": 5,
                "set": {"duration": "6 h", "population.well.count": "10", "output.snapshots": "6 h", "cell_types.sts.noise.intrinsic": "1",
                        "perturbations.myr_akt.from": "0 h"},
                "axes": {"myr_akt": {"path": "perturbations.myr_akt.knobs.myr_akt", "from": "1", "to": "6"},
                         "inhibitor": {"path": "perturbations.drug.knobs.akt_inhibitor", "from": "0", "to": "0.9"}},
                "observables": {"stability": {"column": "vimentin_stability_mean"}, "pakt": {"column": "pakt_mean", "take": "maximum"}}}
    document.update(keys)
    (scratch / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    code, out, err = invado("sweep", "run", f"{name}.yaml", "--progress", "none")
    expect(f"{name}: runs", code == 0, out + err)
    return f"sweeps/{name}"


# --- A grid of doses, with replicates ---------------------------------------------------------------------------------------
doses = {"myr_akt": {"path": "perturbations.myr_akt.knobs.myr_akt", "values": ["0", "2", "6"]},
         "inhibitor": {"path": "perturbations.drug.knobs.akt_inhibitor", "values": ["0", "0.9"]}}
grid = sweep("grid", axes=doses, design="grid", replicates=2)
code, out, err = invado("sweep", "analyse", "grid.yaml")
expect("a grid is analysed", code == 0 and "grid" in out, out + err)
text, document = page_of(grid)
expect("a grid has maps, curves and shares", text.count("<svg") >= 2 * 4, text.count("<svg"))
expect("names are escaped", "grid &lt;&amp;&gt; &quot;quotes&quot;" in text)
invado("sweep", "collect", grid)
table = rows_of(f"{grid}/sweep.csv")
for row in rows_of(f"{grid}/effects.csv"):
    values = [float(r[row["observable"]]) for r in table if float(r[row["axis"]]) == float(row["level"])]
    expect("means of levels are those of the table", math.isclose(float(row["mean"]), numpy.mean(values), rel_tol=1e-12), row)
    expect("intervals are around means", float(row["low"]) < float(row["mean"]) < float(row["high"]), row)
cell = lambda m, i, o: numpy.mean([float(r[o]) for r in table if float(r["myr_akt"]) == m and float(r["inhibitor"]) == i])
excess = rows_of(f"{grid}/interactions.csv")
expect("two pairs of doses for each observable", len(excess) == 4, excess)
for row in excess:
    m, i, o = float(row["dose_1"]), float(row["dose_2"]), row["observable"]
    wanted = cell(m, 0, o) / cell(0, 0, o) * cell(0, i, o) / cell(0, 0, o) - cell(m, i, o) / cell(0, 0, o)
    expect("excess is f_a f_b - f_ab", math.isclose(float(row["excess"]), wanted, rel_tol=1e-9, abs_tol=1e-12), (row, wanted))
before = {p.name: p.read_bytes() for p in (scratch / grid).glob("*") if p.is_file()}
expect("analysed again", invado("sweep", "analyse", grid)[0] == 0)
expect("the same bytes again", before == {p.name: p.read_bytes() for p in (scratch / grid).glob("*") if p.is_file()})
(scratch / grid / "analysis.html").write_text("mine")
code, out, err = invado("sweep", "analyse", grid)
expect("another file is not written over", code == 73 and (scratch / grid / "analysis.html").read_text() == "mine", (code, err))
# The collected table says the same as the folder.
code, out, err = invado("sweep", "analyse", f"{grid}/sweep.csv", "--axes", "myr_akt,inhibitor", "-o", "from_table")
expect("a collected table is analysed", code == 0, out + err)
expect("the table says what the folder says", (scratch / "from_table/effects.csv").read_bytes() == before["effects.csv"])
expect("and of doses too", (scratch / "from_table/interactions.csv").read_bytes() == before["interactions.csv"])

# --- Other designs ------------------------------------------------------------------------------------------------------------
morris = sweep("morris", design={"morris": {"trajectories": 3}})
code, out, err = invado("sweep", "analyse", morris)
expect("trajectories are seen", code == 0 and "Morris" in out, out + err)
mu = indices(morris, "mu")
expect("myr-AKT raises, an inhibitor lowers AKT", mu["pakt", "myr_akt", ""] > 0 > mu["pakt", "inhibitor", ""], mu)
page_of(morris)
saltelli = sweep("saltelli", design={"saltelli": {"points": 8, "second_order": True}}, common_random_numbers=True)
code, out, err = invado("sweep", "analyse", saltelli)
expect("blocks are seen", code == 0 and "Saltelli" in out, out + err)
expect("totals for both axes", len(indices(saltelli, "total")) == 4 and len(indices(saltelli, "second_order")) == 2)
page_of(saltelli)
lhs = sweep("lhs", design={"latin_hypercube": {"points": 12}})
code, out, err = invado("sweep", "analyse", lhs)
expect("scattered points get a regression", code == 0 and indices(lhs, "regression")["pakt", "inhibitor", ""] < 0, out + err)
page_of(lhs)
named = sweep("named", axes={"inhibitor": {"path": "perturbations.drug.knobs.akt_inhibitor"}},
              design={"list": {"points": {"control": {"inhibitor": "0"}, "drug": {"inhibitor": "0.9"}}}})
expect("a list is analysed", invado("sweep", "analyse", named)[0] == 0)
page_of(named)
code, out, err = invado("sweep", "analyse", named, "--axes", "inhibitor")
expect("a sweep needs no columns", code == 2 and "--axes" in err, err)

# --- A table of another program: Ishigami's function on points of numpy's generator -----------------------------------------
chance = numpy.random.default_rng(1990)
n, k, pi = 4096, 3, math.pi
f = lambda x: numpy.sin(x[:, 0]) + 7 * numpy.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * numpy.sin(x[:, 0])
a, b = chance.uniform(-pi, pi, (n, k)), chance.uniform(-pi, pi, (n, k))
blocks = [a]
for axis in range(k):
    crossed = a.copy()
    crossed[:, axis] = b[:, axis]
    blocks.append(crossed)
points = numpy.stack([*blocks, b], 1).reshape(-1, k)
with open(scratch / "ishigami.csv", "w") as file:
    file.write("x1,x2,x3,y\n")
    for x, y in zip(points.tolist(), f(points).tolist()):
        file.write(",".join(map(repr, [*x, y])) + "\n")
code, out, err = invado("sweep", "analyse", "ishigami.csv", "--axes", "x1,x2,x3")
expect("a table of blocks is understood", code == 0 and "Saltelli" in out, out + err)
first, total = indices("ishigami_analysis", "first_order"), indices("ishigami_analysis", "total")
# a = 7, b = 0.1: V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 = 13.845. Errors of 4096 independent blocks: 0.02; 4.5 of them.
for axis, s, t in (("x1", 0.3139, 0.5576), ("x2", 0.4424, 0.4424), ("x3", 0.0, 0.2437)):
    expect(f"first order of {axis}", abs(first["y", axis, ""] - s) < 0.09, first)
    expect(f"total of {axis}", abs(total["y", axis, ""] - t) < 0.09, total)
page_of("ishigami_analysis")

# --- Mistakes -----------------------------------------------------------------------------------------------------------------
for arguments, wanted_code, wanted in (
        (["ishigami.csv"], 2, "--axes: is required for a table"),
        (["ishigami.csv", "--axes", "x1,x9"], 2, "no such column (got 'x9'"),
        (["nothing.csv", "--axes", "x1"], 66, "nothing.csv"),
        (["bad.csv", "--axes", "x"], 65, "bad.csv:3:1: is not a number in column y (got 'fast')"),
        (["short.csv", "--axes", "x"], 65, "short.csv:3:1: has not as many values as the first line")):
    (scratch / "bad.csv").write_text("x,y\n1,2\n2,fast\n")
    (scratch / "short.csv").write_text("x,y\n1,2\n2\n")
    code, out, err = invado("sweep", "analyse", *arguments)
    expect(f"analyse {' '.join(arguments)}", code == wanted_code and wanted in err, (code, err))

verdict()
