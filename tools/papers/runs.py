"""Runs experiments by the sweep machinery of invado, which resumes, and reads what they gave."""
import csv, shutil, subprocess, sys
from collections import defaultdict
from dataclasses import dataclass

from papers import arms, assays, table

NEVER = "1e-12"  # a share of cells that no founder belongs to


class Measured:
    """For each arm and column: `ends`, {seed: value at the end}; `curves`, {time_h: {seed: value}}. A seed is a replicate, or the sum of as
    many as there are animals."""

    def __init__(self, folder, columns, animals=1):
        self.ends, self.curves = defaultdict(lambda: defaultdict(float)), defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
        names = {}
        for line in lines_of(folder / "sweep.csv"):
            if line["state"] != "done":
                sys.exit(f"tools/reproduce: a run failed; see `invado sweep status {folder}`")
            names[line["point"]] = line["name"]
            for i, column in enumerate(columns):
                if line[f"value_{i}"]:  # empty: no cell is alive
                    self.ends[line["name"], column][int(line["replicate"]) // animals] += float(line[f"value_{i}"])
        for line in lines_of(folder / "curves.csv"):
            for i, column in enumerate(columns):
                if line.get(f"curve_{i}"):
                    seed = int(line["replicate"]) // animals
                    self.curves[names[line["point"]], column][float(line["time_h"])][seed] += float(line[f"curve_{i}"])

    def samples(self, row, experiment, read):
        """{arm: values, one a seed} of what the row reads, the same seeds in the same order for every arm. Where no cell of an arm is
        alive there is no level, and the seed counts for no arm."""
        own = assays.ASSAYS[experiment.assay]
        columns = assays.columns_of(experiment, read)
        ends = {arm: [self.ends[arms.name_of(knobs), column] for column in columns]
                for arm, knobs in table.arms_in(row, experiment.assay).items()}
        for arm, each in ends.items():
            if not all(each):
                sys.exit(f"tools/reproduce: no cell of {experiment.context} is alive after {experiment.hours} h ({row['says']}, arm {arm})")
        seeds = sorted(set.intersection(*(set(column) for each in ends.values() for column in each)))
        if not seeds:
            sys.exit(f"tools/reproduce: after {experiment.hours} h no seed has cells of {experiment.context} alive in every arm ({row['says']})")
        return {arm: [own.value(*(column[seed] for column in each)) for seed in seeds] for arm, each in ends.items()}

    def courses(self, row, experiment, read):
        """{arm: [(time_h, values, one a seed)]} of what the row reads."""
        own = assays.ASSAYS[experiment.assay]
        columns = assays.columns_of(experiment, read)
        out = {}
        for arm, knobs in table.arms_in(row, experiment.assay).items():
            parts = [self.curves[arms.name_of(knobs), column] for column in columns]
            out[arm] = [(time, [own.value(*(part[time][seed] for part in parts)) for seed in parts[0][time]
                                if all(seed in part[time] for part in parts)]) for time in sorted(parts[0])]
        return out


def lines_of(file):
    if not file.is_file():
        return []
    with open(file, newline="") as lines:
        return list(csv.DictReader(lines))


@dataclass(frozen=True)
class Constant:
    unit: str
    allowed: str
    default: str


def defaults_of(program):
    """{path: Constant} of all that a scenario can say."""
    schema = subprocess.run([program, "schema", "--table"], capture_output=True, text=True, check=True).stdout
    fields = (line.split("\t") for line in schema.splitlines())
    return {field[0]: Constant(*field[1:4]) for field in fields if len(field) >= 4}


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file() or file.read_text() != text:
        file.write_text(text)


def switched(arm, treatments):
    """{perturbation: the share of cells that it acts on} in an arm of a scenario that has these treatments."""
    own = arms.treatments_of(arm)
    return {treatment.name(): 1 if treatment in own else NEVER for treatment in treatments}


def sweep(program, folder, scenario, axes, points, columns, replicates, curves, jobs):
    """Runs points, {name: {axis: level}}, of a scenario, all with the same seeds, and collects columns at the end, and against time if
    `curves`. `axes`: {name: path}."""
    write(folder / "scenario.yaml", scenario)
    of = lambda levels: ", ".join(f"{axis}: {level}" for axis, level in levels.items())
    lines = [f"sweep: 1\nname: {folder.name}\nbase: scenario.yaml\nseed: 2026\nreplicates: {replicates}\ncommon_random_numbers: true\n"]
    lines += ["axes:\n", *(f"  {name}: {{path: {path}}}\n" for name, path in axes.items())]
    lines += ["design:\n  list:\n    points:\n", *(f"      {name}: {{{of(levels)}}}\n" for name, levels in points.items())]
    lines += ["observables:\n"]
    for i, column in enumerate(columns):
        lines += [f"  value_{i}: {{column: {column}}}\n"] + ([f"  curve_{i}: {{column: {column}, take: curve}}\n"] if curves else [])
    write(folder / "sweep.yaml", "".join(lines))
    at_once = ["--jobs", jobs] if jobs else []
    for words in (["run", folder / "sweep.yaml", "-o", folder / "runs", "--progress", "none", "-q", *at_once], ["collect", folder / "runs"]):
        done = subprocess.run([program, "sweep", *words], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(f"tools/reproduce: invado sweep {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stderr}")


def measure(program, folder, scenario, asked, treatments, columns, seeds, animals, curves, jobs):
    """Runs the arms that are asked for of a scenario that has these treatments."""
    sweep(program, folder, scenario, {t.name(): f"perturbations.{t.name()}.fraction" for t in treatments},
          {arms.name_of(arm): switched(arm, treatments) for arm in asked}, columns, seeds * animals, curves, jobs)
    return Measured(folder / "runs", columns, animals)


def picture(program, folder, arm, treatments, hours, options):
    """One seed of an arm, run again with a snapshot at its end and drawn by `invado render`: JPEG. None when it cannot be drawn here (no
    VTK, no X server)."""
    where = folder / "pictures" / arms.name_of(arm)
    file = where / "picture.jpg"
    if not file.is_file():
        shutil.rmtree(where, ignore_errors=True)
        changes = [f"perturbations.{name}.fraction={share}" for name, share in switched(arm, treatments).items()]
        changes.append(f"output.snapshots={hours} h")
        run = [program, "run", folder / "scenario.yaml", "-o", where, "--seed", "2026", "--threads", "1", "--progress", "none", "-q",
               *(word for change in changes for word in ("--set", change))]
        draw = [program, "render", where, "-o", file, "--size", "460x380", "--range", "fixed", *options]
        if any(subprocess.run(words, capture_output=True).returncode for words in (run, draw)):
            return None
    return file.read_bytes()
