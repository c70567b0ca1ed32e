"""Calibration targets of the cascade (src/specification/biology.md 5.2, rows 26-29): published numbers, and what the model gives. None is
passed or failed: what is fitted cannot be, and what is compared comes from other cells, other organs, other animals."""
import math
from dataclasses import dataclass

from papers import assays, runs

SEEDS = 3
DAY = 24                      # h
CELLS_PER_GRAM = 1e9          # of a tumour, 10^8 to 10^9 (biology.md 6, unverified)
PERIVASCULAR = 0.01           # share of them that touches a vessel (biology.md 6, unverified)
BLOOD_FIT_FROM = 0.05         # the half-life is fitted while more than this share is in the blood

# Cells of invasive breast cancer, as the tumours that shed them: into the veins, to bone and lung, until all have decided.
INJECTED_H = 264
INJECTED = assays.Experiment("treated_organs", "breast_invasive", "", INJECTED_H)
ORGANS = ("bone", "lung")
STAGES = ("lodged", "extravasated", "initiated", "macrometastases", "burden")
INJECTED_COLUMNS = ("circulating", *(f"{organ}.{stage}" for stage in STAGES for organ in ORGANS))
# The same cells in the blood of patients (scenarios/rare_events/metastatic_efficiency.yaml).
SHED_CELLS, QUICK_SHED_CELLS = 200000, 50000
PATIENTS = f"""schema: 1
name: cells in the blood of patients
duration: {INJECTED_H} h
extends: [cells/breast_invasive.yaml, blood/patients.yaml]
domain: {{size: [100 um, 100 um, 100 um], voxel: 20 um}}
matrix: none
circulation: {{lodging: {{lung: 0.95, bone: 0.3}}, split_out: 50}}
secondary_sites: {{lung: {{extends: sites/lung.yaml}}, bone: {{extends: sites/bone.yaml}}}}
cell_types: {{breast_invasive: {{life: {{doubling: 60 h}}, response: {{speed: {{scale: 1.8 um/h}}}}}}}}
population: {{cells: {{type: breast_invasive, count: 1, place: circulation}}}}
steps: {{motion: 6 min, fields: 6 min, matrix: 6 min}}
processes: {{transport: {{steady_every: 60 min}}}}
output: {{series: {INJECTED_H} h, snapshots: off, checkpoints: off}}
"""
# A tumour that has grown around two vessels; its last two days count.
TUMOUR_CELLS, TUMOUR_H, QUICK_TUMOUR_H = 400, 168, 72
TUMOUR = """schema: 1
name: a tumour between two vessels
duration: HOURS h
extends: [cells/breast_invasive.yaml, matrices/collagen_6.yaml, fields/mmp.yaml]
domain: {size: [400 um, 400 um, 320 um], voxel: 20 um}
matrix: {regions: {bed: {shape: {sphere: {centre: [200 um, 200 um, 160 um], radius: 82 um}}, density: 1 mg/ml, tissue: bed}}}
fields: {oxygen: {diffusion: 1e5 um^2/min, decay: 0.1 1/min, initial: 38 mmHg, solve: steady}}
vessels:
  artery: {path: [[0 um, 110 um, 160 um], [400 um, 110 um, 160 um]], radius: 15 um}
  vein: {path: [[0 um, 290 um, 160 um], [400 um, 290 um, 160 um]], radius: 15 um}
cell_types: {breast_invasive: {life: {doubling: 60 h}, response: {speed: {scale: 1.8 um/h}}}}
processes: {intravasation: {speed_ref: 2 um/h}, transport: {steady_every: 60 min}}
steps: {motion: 6 min, fields: 6 min, matrix: 6 min}
population: {cells: {type: breast_invasive, count: 1, place: {sphere: {centre: [200 um, 200 um, 160 um], radius: 80 um}}}}
output: {series: 12 h, snapshots: off, checkpoints: off}
"""
TUMOUR_COLUMNS = ("intravasated", "primary.cells", "primary.mmp_expression_mean", "primary.ecadherin_mean")


@dataclass(frozen=True)
class Target:
    quantity: str
    published: str
    source: str       # and what is behind it
    model: list       # one value a seed
    fitted: str       # what was fitted to it; "": nothing, a comparison
    note: str

    def mean(self):
        return sum(self.model) / len(self.model)

    def found(self):
        low, high = min(self.model), max(self.model)
        return f"{self.mean():.2g}" + (f" ({low:.2g} to {high:.2g})" if high > low else "")


def half_life_h(course, injected):
    """Of what decays exponentially, from the least-squares line through its logarithm. `course`: {time_h: cells}."""
    points = [(time, math.log(cells)) for time, cells in course.items() if cells > BLOOD_FIT_FROM * injected]
    mean_t, mean_l = (sum(axis) / len(points) for axis in zip(*points))
    slope = sum((t - mean_t) * (l - mean_l) for t, l in points) / sum((t - mean_t) ** 2 for t, _ in points)
    return -math.log(2) / slope


def shed_per_day_and_cell(entered, cells, begin_h, end_h):
    """Entries into vessels a day and cell of the tumour, of its cells then. Both: {time_h: number so far, number}."""
    within = [cells[time] for time in cells if begin_h <= time <= end_h]
    return (entered[end_h] - entered[begin_h]) / ((end_h - begin_h) / DAY) / (sum(within) / len(within))


def rate_at_a_vessel_1_h(constants, mmp, ecadherin):
    """Of entry, at the speed of reference (src/cascade/intravasation.h); `constants`: the program's defaults."""
    of = lambda name: float(constants[f"processes.intravasation.{name}"].default)
    return of("rate") * mmp / (of("mmp_half") + mmp) * (1 - of("cohesion") * ecadherin)


def courses(program, folder, scenario, cells, columns, seeds, jobs):
    """[{column: {time_h: value}}], one a seed, of a scenario with one population, `cells`."""
    runs.sweep(program, folder, scenario, {"cells": "population.cells.count"}, {"all": {"cells": cells}}, columns, seeds, True, jobs)
    curves = runs.Measured(folder / "runs", columns).curves
    return [{column: {time: of[seed] for time, of in sorted(curves["all", column].items())} for column in columns}
            for seed in range(seeds)]


def measured(program, folder, quick, jobs):
    """[Target]"""
    cells, tumour_h, seeds = (600, QUICK_TUMOUR_H, 1) if quick else (4500, TUMOUR_H, SEEDS)
    injection = assays.scenario(INJECTED, [], cells, assays.steps_of(INJECTED, quick), 0.5)
    tumour = TUMOUR.replace("HOURS", str(tumour_h))
    shed_cells = QUICK_SHED_CELLS if quick else SHED_CELLS
    return [*of_tumours(courses(program, folder / "tumour", tumour, TUMOUR_CELLS, TUMOUR_COLUMNS, seeds, jobs), tumour_h,
                        runs.defaults_of(program)),
            *of_injections(courses(program, folder / "injected", injection, cells, INJECTED_COLUMNS, seeds, jobs), cells),
            of_patients(courses(program, folder / "patients", PATIENTS, shed_cells, ("macrometastases",), seeds, jobs), shed_cells)]


def of_tumours(seeds, hours, constants):
    butler = "Butler & Gullino 1975"
    rates = [rate_at_a_vessel_1_h(constants, of["primary.mmp_expression_mean"][hours], of["primary.ecadherin_mean"][hours]) for of in seeds]
    shed = [shed_per_day_and_cell(of["intravasated"], of["primary.cells"], hours - 2 * DAY, hours) for of in seeds]
    return [
        Target("cells shed a day and gram of tumour, by its constants", "3.2e6 (growing), 4.1e6 (regressing)", butler,
               [CELLS_PER_GRAM * PERIVASCULAR * rate * DAY for rate in rates], "processes.intravasation.rate",
               f"{CELLS_PER_GRAM:g} cells a gram (1e8 to 1e9 are), {PERIVASCULAR:.0%} of them at vessels (both unverified), at the "
               "protease and E-cadherin of invasive breast cells"),
        Target("cells shed a day and gram, as a small tumour between two vessels sheds them", "3.2e6, 4.1e6", butler,
               [CELLS_PER_GRAM * x for x in shed], "",
               "the constant is fitted to a tumour of which a hundredth touches vessels; of some 800 cells between two more do")]


def of_injections(seeds, cells):
    luzzi = "Luzzi 1998, B16F1 in mouse liver: from memory, unverified"
    in_organs = lambda stage, hour: [sum(of[f"{organ}.{stage}"][hour] for organ in ORGANS) for of in seeds]
    share = lambda some, whole: [a / b for a, b in zip(some, whole)]
    of_injected = lambda some: [a / cells for a in some]
    out_by_day_3, out = in_organs("extravasated", 3 * DAY), in_organs("extravasated", INJECTED_H)
    begun = in_organs("initiated", INJECTED_H)
    return [
        Target("half-life in the blood (h)", "1 to 2.4", "Meng 2004, patients with breast cancer: from memory, unverified",
               [half_life_h(of["circulating"], cells) for of in seeds], "",
               "deaths by shear and immune cells, of rates that are unverified, by anoikis, and those that lodge"),
        Target("alive a day after injection, of the injected", "below 0.001", "Fidler 1970, B16 in mice: from memory, unverified",
               of_injected(in_organs("burden", DAY)), "", "in capillaries and tissue"),
        Target("out of the vessels by the third day, of the injected", "0.8", luzzi, of_injected(out_by_day_3), "",
               "cells that are injected right before the liver lodge there at once; here most die in the blood before"),
        Target("out of the vessels by the third day, of those that lodge", "0.8", luzzi,
               share(out_by_day_3, in_organs("lodged", INJECTED_H)), "", "those that lodge by the end of the run"),
        Target("begun to grow, of the injected", "0.025", luzzi, of_injected(begun), "", "chance to begin: 0.02 in the lung, more in bone"),
        Target("begun to grow, of those out of the vessels", "0.03", luzzi, share(begun, out), "", "0.025 of the injected over 0.8"),
        Target("macrometastases, of the injected", "0.0002", luzzi, of_injected(in_organs("macrometastases", INJECTED_H)), "",
               "a hundredth of those that have begun, assumed: no colony of this program grows so large")]


def of_patients(seeds, cells):
    return Target("metastases a disseminated cell", "1.7e-8", "Coumans 2013, 38715 patients with breast cancer",
                  [of["macrometastases"][INJECTED_H] / cells for of in seeds], "circulation.passages in configs/blood/patients.yaml",
                  "mice of the line above and patients are four orders of magnitude apart: blood of patients has a constant of its own")
