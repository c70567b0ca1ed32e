#!/usr/bin/env python3
"""Runs the benchmarks, each in a program of its own, and makes the table: our figures, the machine's limits, the peers'.
  tools/bench/run [--quick] [--full] [--threads 1,2] [--smaller K] [NAME...]"""
import argparse, csv, datetime, json, os, pathlib, re, shutil, statistics, subprocess, sys, time

# Figures of others are quotations: one 2-core Zen 4 machine, stock release flags, November 2026, the stepping loop alone.
# PhysiCell 1.14.2, BioDynaMo 1.05 (engine core). `ceiling`: the best stand-alone kernel on that machine, nothing around it.
# Rates in 1e6 units per second and core. Ratios to them hold only where both are measured on one machine.
# bytes, operations: what a unit-step moves and computes at the least, hence the shares of bandwidth and of FMA rate:
# `bare`: a kernel like the best one, on this machine (tools/bench/bare.cpp); the goal over `ceiling` is the share of it that is asked for.
# BioDynaMo is quoted for M with its forces alone, at the nearer of its two densities, for B with a signal of 3 variables where
# ours has 16. The goal of M3s: signalling may add a tenth.
#   cells    160 bytes (pack read and written, list of neighbours, walk); 20 operations per pair and 100 for the walk
#   factors  32 bytes (the lattice passes through twice), 9 operations (three sweeps: 1 product and 2 FMA per voxel)
#   signals  16 states in and out; 16 normals of 15 operations, 6 exponentials of 15, 200 for the rates
class Row:
    def __init__(self, what, physicell=None, biodynamo=None, ceiling=None, goal=None, bytes=None, operations=None, lanes="double", bare=""):
        self.what, self.physicell, self.biodynamo, self.ceiling, self.goal = what, physicell, biodynamo, ceiling, goal
        self.bytes, self.operations, self.lanes, self.bare = bytes, operations, lanes, bare

dense = dict(bytes=160, operations=300, lanes="float")
dilute = dict(bytes=160, operations=120, lanes="float")
factor = dict(bytes=32, operations=9)
RATES = {
    "M1": Row("10^4 cells, about 10 neighbours", 0.160, 1.63, 27.7, 15, **dense, bare="bare_M1"),
    "M2": Row("10^4 cells, about 1 neighbour", None, 3.78, 57, 15, **dilute, bare="bare_M2"),
    "M3": Row("10^5 cells, about 10 neighbours", 0.070, 1.63, 26.4, 15, **dense, bare="bare_M3"),
    "M3s": Row("M3 with 16 noisy states every 6 min", 0.070, 1.63, None, 13.6, **dense),
    "M4": Row("10^5 cells, about 1 neighbour", 0.134, 3.78, 55, 15, **dilute, bare="bare_M4"),
    "M5": Row("10^6 cells, about 11 neighbours", None, None, 24.1, 15, **dense, bare="bare_M5"),
    "bare_M1": Row("contacts and walk of M1, nothing else to a cell", None, None, 27.7, None, **dense),
    "bare_M2": Row("the same of M2", None, None, 57, None, **dilute),
    "bare_M3": Row("the same of M3", None, None, 26.4, None, **dense),
    "bare_M4": Row("the same of M4", None, None, 55, None, **dilute),
    "bare_M5": Row("the same of M5", None, None, 24.1, None, **dense),
    "B1": Row("97 336 cells at fraction 0.30, signal every step", None, 1.50, 17.5, None),
    "B2": Row("97 336 cells at fraction 0.72, signal every step", None, 1.19, 14.3, None),
    "F1": Row("100^3 voxels, one factor", 19.4, None, 1042, 600, **factor),
    "F3": Row("100^3 voxels, three factors", 44.8, None, 677, 600, **factor),
    "F8": Row("200^3 voxels, one factor", 18.9, None, 508, 600, **factor),
    "contacts": Row("mechanics alone, M3"),
    "contacts_dilute": Row("mechanics alone, M4"),
    "walk": Row("persistent walk alone, M3"),
    "signalling": Row("16 noisy states alone", None, None, 14.6, None, bytes=256, operations=530),
    "response": Row("from signals to behaviour"),
    "exchange": Row("transport of C1 alone"),
    "walk_in_tissue": Row("walk with all cues and matrix"),
    "contacts_in_tissue": Row("mechanics of the spheroid"),
    "sensing": Row("what cells feel of the matrix"),
    "proteolysis": Row("matrix eaten, per voxel of the whole lattice"),
    "realignment": Row("fibres turned"),
    "division": Row("who divides"),
    "lod_100": Row("implicit step alone, 100^3", 19.4, None, 1042, 600, **factor),
    "lod_200": Row("implicit step alone, 200^3", 18.9, None, 508, 600, **factor),
    "steady_100": Row("steady oxygen around tissue, 100^3, from 38 mmHg"),
    "gaussians": Row("normal random numbers", None, None, 400, None, bytes=8, operations=15),
    "exponentials": Row("our exp", None, None, None, None, bytes=16, operations=15),
    "digest": Row("digest of 10^5 cells with matrix, per cell"),
    "series_row": Row("a row of series.csv, per cell"),
}
# Whole things in seconds: figure of PhysiCell, goal, unit of both.
WHOLE = {
    "C1": ("coupled 10^5 cells, one simulated hour", {1: 934, 2: 493}, {1: 6}),
    "C1_own": ("the same with our own steps", {}, {1: 1.5}),
    "S1": ("snapshot of 10^5 cells, 100^3 lattice", {1: 0.45}, {2: 0.2}),
    "S1_cells": ("snapshot without the lattice", {1: 0.45}, {}),
    "checkpoint": ("checkpoint of the same", {}, {}),
    "start_read": ("start: scenario read", {}, {}),
    "start_place": ("start: cells placed and filled", {}, {}),
    "start_first_step": ("start: first step", {}, {}),
    "tiny": ("`invado run` of ten cells, one step, all files", {}, {}),
    "tiny_series": ("the same without snapshots: more than a start takes", {}, {1: 0.05, 2: 0.05}),
    "spheroid_first_step": ("`invado run` of the spheroid, one step", {}, {}),
    "spheroid": ("`invado run` of the spheroid", {}, {}),
    "sites": ("`invado run` of two organs with few cells", {}, {}),
}
BYTES_OF_OTHERS = {"cell": ("PhysiCell 4700, BioDynaMo 287-335", 400), "voxel": ("PhysiCell 720", None)}
# Benchmarks of the program and the rows that they make, in the order of the table.
MADE_BY = {"output": ["S1", "S1_cells", "checkpoint", "digest", "series_row"],
           "start": ["start_read", "start_place", "start_first_step"]}
BY_INVADO = ["tiny", "tiny_series", "spheroid_first_step", "spheroid", "sites"]
ONLY_FULL = ["M5"]
NOT_QUICK = ["M3s", "M4", "bare_M2", "bare_M4", "bare_M5", "B2", "F8", "contacts_dilute"]


def benchmark_of(row):
    return next((maker for maker, rows in MADE_BY.items() if row in rows), row)


def all_benchmarks():
    return list(dict.fromkeys(benchmark_of(row) for row in [*RATES, *WHOLE]))


def cpu_seconds():
    """Seconds of processor time of every process, by id."""
    out = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = re.match(r"\d+ \((.*)\) (.*)", stat.read_text(), re.S).groups()
        except (OSError, AttributeError):
            continue
        fields = rest.split()
        out[int(stat.parent.name)] = (name, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    return out


def who_is_busy():
    """Other programs that take more than a tenth of a core just now."""
    before, begin = cpu_seconds(), time.monotonic()
    time.sleep(1)
    spent = time.monotonic() - begin
    shares = [(name, (cpu - before[pid][1]) / spent) for pid, (name, cpu) in cpu_seconds().items()
              if pid in before and pid != os.getpid()]
    return sorted(((name, share) for name, share in shares if share > 0.1), key=lambda s: -s[1])


def tell_load(when):
    busy = who_is_busy()
    line = f"load average {when}: {' '.join(f'{x:.2f}' for x in os.getloadavg())}"
    if busy:
        line += "; BUSY, the figures are no measurement: " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in busy[:5])
    print(line, file=sys.stderr)
    return line


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rows = {}  # name -> threads -> row

    def environment(self, threads):
        # As `invado` sets it for itself: short spinning between loops.
        return {**os.environ, "OMP_NUM_THREADS": str(threads), "GOMP_SPINCOUNT": os.environ.get("GOMP_SPINCOUNT", "5000")}

    def add(self, row):
        known = self.rows.setdefault(row["name"], {}).get(row["threads"])
        if known:  # a start, again in a new program
            known["seconds"] += row["seconds"]
            known["cpu"] += row["cpu"]
        else:
            self.rows[row["name"]][row["threads"]] = row

    def measure(self, name, threads):
        if name in BY_INVADO:
            return self.measure_invado(name, threads)
        command = [self.options.program, name, self.folder, "--smaller", str(self.options.smaller)]
        command += ["--quick"] if self.options.quick else []
        for _ in range(5 if name == "start" else 1):
            done = subprocess.run(command, env=self.environment(threads), stdout=subprocess.PIPE, text=True)
            if done.returncode != 0:
                sys.exit(f"invado_bench {name}: exit code {done.returncode}")
            for line in done.stdout.splitlines():
                self.add(json.loads(line))

    def measure_invado(self, name, threads):
        scenarios = pathlib.Path(__file__).resolve().parents[2] / "scenarios"
        tiny = name.startswith("tiny")
        until = {"tiny": None, "tiny_series": None, "spheroid_first_step": "0.5 min", "spheroid": "1 h" if self.options.quick or self.options.smaller > 1 else "12 h", "sites": "12 h" if self.options.quick else "96 h"}[name]
        scenario = scenarios / ("bench/tiny.yaml" if tiny else "bench/sites.yaml" if name == "sites" else "sarcoma_spheroid.yaml")
        seconds, cpu, run, words = [], [], {}, ""
        repeats = (9 if tiny else 3) if not self.options.quick else (3 if tiny else 1)
        for _ in range(repeats):
            target = self.folder / f"run_of_{name}"
            shutil.rmtree(target, ignore_errors=True)
            command = [self.options.invado, "run", scenario, "-o", target, "--threads", str(threads), "--progress", "none",
                       "-q", "--timing"] + (["--until", until] if until else [])
            command += ["--set", "output.snapshots=off"] if name == "tiny_series" else []
            begin, before = time.monotonic(), os.times()
            done = subprocess.run(command, env=self.environment(threads), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            seconds.append(time.monotonic() - begin)
            after = os.times()
            cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
            if done.returncode != 0:
                sys.exit(f"invado run {scenario}: exit code {done.returncode}\n{done.stderr}")
            run, words = json.loads((target / "run.json").read_text()), done.stderr
            shutil.rmtree(target)
        figures = run.get("figures", run)
        checks = {"until": until or "one step", "cells": figures.get("cells"), "peak MB": round((figures.get("peak_memory_bytes") or 0) / 1e6, 1),
                  "MB on disk": round((figures.get("disk_bytes") or 0) / 1e6, 2)}
        shares = {n: float(s) for n, s in re.findall(r"^  (\w+) +([\d.]+) s", words, re.M)}
        self.add({"name": name, "threads": threads, "unit": "run", "units": 1, "steps": 1, "seconds": seconds, "cpu": cpu, "resident": 0,
                  "arrays": 0, "checks": {k: v for k, v in checks.items() if v is not None}, "shares": shares})


def number(x, digits=3):
    if x is None:
        return ""
    if x == 0 or abs(x) >= 1000:
        return f"{x:,.0f}".replace(",", " ")
    return f"{x:.{digits}g}"


def percent(x):
    return "" if x is None else f"{100 * x:.2g} %" if x < 0.1 else f"{100 * x:.0f} %"


def spread(values, digits=3):
    text = number(statistics.median(values), digits)
    return text if len(values) < 2 else f"{text} [{number(min(values), digits)}..{number(max(values), digits)}]"


def times(x):
    return "" if x is None else f"{number(x, 2)}x"


class Table:
    """Prints aligned Markdown."""
    def __init__(self, *heads):
        self.lines = [list(heads)]

    def add(self, *fields):
        self.lines.append([str(f) for f in fields])

    def text(self):
        width = [max(len(line[c]) for line in self.lines) for c in range(len(self.lines[0]))]
        rows = ["| " + " | ".join(f.ljust(w) for f, w in zip(line, width)) + " |" for line in self.lines]
        rows.insert(1, "|" + "|".join("-" * (w + 2) for w in width) + "|")
        return "\n".join(rows) + "\n"


class Report:
    def __init__(self, bench, threads, heading):
        self.rows, self.threads, self.most = bench.rows, threads, threads[-1]
        self.compares = bench.options.smaller == 1  # other sizes are other workloads
        self.parts, self.csv_rows, self.heading = [], [], heading

    def rate(self, name, threads):
        """Median units per second."""
        row = self.rows.get(name, {}).get(threads)
        return row and row["units"] * row["steps"] / statistics.median(row["seconds"])

    @staticmethod
    def of_the_core(row):
        """On one thread: the share of the time in which the program had the core."""
        return sum(row["cpu"]) / sum(row["seconds"])

    def efficiency(self, name, threads):
        one, many = self.rate(name, 1), self.rate(name, threads)
        return many / one / threads if one and many and threads > 1 else None

    def machine(self):
        table = Table("limit of this machine", *[f"{n} thread{'s' if n > 1 else ''}" for n in self.threads])
        for name, words, unit in [("copy", "memory, copy", "GB/s"), ("triad", "memory, triad", "GB/s"),
                                  ("scale_in_place", "memory, scale in place", "GB/s"),
                                  ("fma_scalar", "FMA, one at a time", "G/s"), ("fma_double", "FMA, 4 doubles at a time", "G/s"),
                                  ("fma_float", "FMA, 8 floats at a time", "G/s"), ("disk", "file written and synced", "GB/s")]:
            if name in self.rows:
                table.add(words, *[f"{number(self.rate(name, n) / 1e9)} {unit}" for n in self.threads])
                for n in self.threads:
                    self.csv(name, n, {"rate_per_s": self.rate(name, n)})
        size = self.rows["copy"][1]["checks"]["bytes of an array"] / 1e6
        self.parts.append(table.text() + f"\nArrays of {size:.0f} MB; bytes as the program counts them (copy 2, triad 3 words).\n")

    def csv(self, name, threads, more):
        row = self.rows[name][threads]
        s = row["seconds"]
        per = 1e9 / (row["units"] * row["steps"])
        self.csv_rows.append({"workload": name, "threads": threads, "unit": row["unit"], "units": row["units"], "steps": row["steps"],
                              "repeats": len(s), "seconds_median": statistics.median(s), "seconds_min": min(s), "seconds_max": max(s),
                              "ns_per_unit_step": statistics.median(s) * per, "cpu_seconds_median": statistics.median(row["cpu"]), "bytes_resident": row["resident"] or None,
                              "bytes_arrays": row["arrays"] or None, "efficiency": self.efficiency(name, threads),
                              "checks": json.dumps(row["checks"]), "digest": row.get("digest"), **more})

    def rates(self):
        ends = sorted({1, self.most})
        both = " / ".join(map(str, ends))
        table = Table("workload", "what", "units", "steps", "ns per unit-step, 1 thread", "of the core", f"M/s on {both}", "efficiency",
                      "B/unit resident", "B/unit arrays", f"of copy {both}", f"of FMA {both}", "PhysiCell", "BioDynaMo",
                      "of best kernel", "goal M/s per core", "of the bare kernel here", "check")
        for name, info in RATES.items():
            if name not in self.rows:
                continue
            row, one = self.rows[name][1], self.rate(name, 1)
            ns = [1e9 * s / (row["units"] * row["steps"]) for s in row["seconds"]]

            def share(limit, amount):
                if not amount:
                    return []
                return [amount * self.rate(name, n) / self.rate(limit, n) for n in ends]
            of_copy, of_fma = share("copy", info.bytes), share(f"fma_{info.lanes}", info.operations)

            def to(figure):
                return one / 1e6 / figure if figure and self.compares else None
            goal = "" if not info.goal or not self.compares else f"{info.goal} {'met' if one / 1e6 >= info.goal else percent(to(info.goal))}"
            bare = one / self.rate(info.bare, 1) if info.bare in self.rows else None
            of_bare = f"{percent(bare)}, {percent(info.goal / info.ceiling)} asked" if bare else ""
            checks = ", ".join(f"{k} {number(v)}" for k, v in row["checks"].items())
            table.add(name, info.what, number(row["units"]), number(row["steps"]), spread(ns), percent(self.of_the_core(row)), " / ".join(number(self.rate(name, n) / 1e6) for n in ends),
                      percent(self.efficiency(name, self.most)), number(row["resident"]) if row["resident"] > 0 else "",
                      number(row["arrays"]) if row["arrays"] else "", " / ".join(map(percent, of_copy)),
                      " / ".join(map(percent, of_fma)), times(to(info.physicell)), times(to(info.biodynamo)),
                      percent(to(info.ceiling)), goal, of_bare, checks)
            for n in self.threads:
                rate = self.rate(name, n) / 1e6
                self.csv(name, n, {"rate_per_s": rate * 1e6, "rate_per_core_per_s": rate * 1e6 / n,
                                   "of_copy": self.nothing_or(info.bytes, n, name, "copy"),
                                   "of_fma": self.nothing_or(info.operations, n, name, f"fma_{info.lanes}"),
                                   "times_physicell": to(info.physicell), "times_biodynamo": to(info.biodynamo),
                                   "of_best_kernel": to(info.ceiling), "of_bare_kernel": bare, "goal": info.goal})
        if len(table.lines) > 1:
            self.parts.append(table.text())

    def nothing_or(self, amount, threads, name, limit):
        return amount * self.rate(name, threads) / self.rate(limit, threads) if amount else None

    def wholes(self):
        heads = [f"s, {n} thread{'s' if n > 1 else ''}" for n in self.threads]
        table = Table("workload", "what", *heads, "of the core", "efficiency", "of disk", f"PhysiCell {' / '.join(map(str, self.threads))}", "goal s", "check")
        for name, (what, physicell, goals) in WHOLE.items():
            if name not in self.rows:
                continue
            scale = 60 / self.rows[name][1]["checks"]["simulated min"] if name in ("C1", "C1_own") else 1
            seconds = {n: [scale * s for s in self.rows[name][n]["seconds"]] for n in self.threads}
            median = {n: statistics.median(seconds[n]) for n in self.threads}
            checks = self.rows[name][1]["checks"]
            size = checks.get("file bytes")
            of_disk = size / median[1] / self.rate("disk", 1) if size and "disk" in self.rows else None
            if not self.compares:
                physicell = goals = {}
            against = [physicell[n] / median[n] if n in physicell else None for n in self.threads]
            goal = "; ".join(f"{goals[n]} on {n}: {'met' if median[n] <= goals[n] else times(median[n] / goals[n]) + ' of it'}"
                             for n in self.threads if n in goals)
            table.add(name, what, *[spread(seconds[n]) for n in self.threads], percent(self.of_the_core(self.rows[name][1])), percent(self.efficiency(name, self.most)), percent(of_disk),
                      " / ".join(filter(None, map(times, against))), goal,
                      ", ".join(f"{k} {v if isinstance(v, str) else number(v)}" for k, v in checks.items()))
            for n, x in zip(self.threads, against):
                self.csv(name, n, {"times_physicell": x, "goal": goals.get(n)})
        if len(table.lines) > 1:
            self.parts.append(table.text())

    def shares(self):
        table = Table("workload", "threads", "where the time goes")
        for name, by_threads in self.rows.items():
            for n, row in by_threads.items():
                total = sum(row["shares"].values())
                if total > 0 and name not in ("tiny", "tiny_series", "spheroid_first_step"):
                    parts = sorted(row["shares"].items(), key=lambda p: -p[1])
                    table.add(name, n, ", ".join(f"{k} {100 * v / total:.1f} %" for k, v in parts if v / total >= 0.001))
        if len(table.lines) > 1:
            self.parts.append(table.text())

    def notes(self):
        others = "; ".join(f"bytes per {unit}: {who}" + (f", goal {goal}" if goal else "") for unit, (who, goal) in BYTES_OF_OTHERS.items())
        self.parts.append(
            "`of the core`: processor time over wall time on one thread; well below 100 % means that others had the core (or, in rows that\n"
            "write files, that the disk was waited for). "
            "Medians [smallest..largest] of the repeats after a warm-up, each from the same state. `B/unit resident` is growth of the resident\n"
            "set, `arrays` the sum of columns, lattice and factors. PhysiCell, BioDynaMo, best kernel: one 2-core Zen 4 machine, November\n"
            "2026, one core; ratios to them mean little on another machine. BioDynaMo without a signal in M, with one of 3 variables (ours: 16) in\n"
            f"B. {others}.\n"
            "`of the bare kernel here`: of the rate at which this machine does the contacts and the walk of such cells and nothing else; asked\n"
            "is the share of the best kernel that the goal was on the machine on which both were set.\n"
            "`of copy`, `of FMA`: the least that a unit-step must move and compute (tools/bench/table.py says how it is counted), as a share\n"
            "of what this machine was measured to do just before, on as many threads.\n")

    def digests(self):
        """Bits must not depend on threads; a benchmark that computes something else measures nothing."""
        for name, by_threads in self.rows.items():
            found = {row["digest"] for row in by_threads.values() if "digest" in row}
            if len(found) > 1:
                self.parts.append(f"WRONG: {name} ends in another state on another number of threads: {' '.join(sorted(found))}\n")

    def write(self, folder):
        self.digests()
        self.machine(), self.rates(), self.wholes(), self.shares(), self.notes()
        text = self.heading + "\n" + "\n".join(self.parts)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "table.md").write_text(text)
        keys = list(dict.fromkeys(k for row in self.csv_rows for k in row))
        with open(folder / "table.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, keys)
            writer.writeheader()
            writer.writerows(self.csv_rows)
        print(text)
        print(f"also in {folder}/table.md and table.csv", file=sys.stderr)


def processor():
    info = pathlib.Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    return found[1] if found else "unknown processor"


def main():
    parser = argparse.ArgumentParser(prog="tools/bench/run", description="Runs the benchmarks and prints one table.",
                                     epilog="benchmarks: " + " ".join(all_benchmarks()))
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks, or rows of the table (default: all but " + ", ".join(ONLY_FULL) + ")")
    parser.add_argument("--quick", action="store_true", help="one repeat after the warm-up, without " + ", ".join(NOT_QUICK))
    parser.add_argument("--full", action="store_true", help="also " + ", ".join(ONLY_FULL) + " (10^6 cells: minutes, and gigabytes)")
    parser.add_argument("--threads", default="", help="comma list, the first is 1 (default: 1 and all cores)")
    parser.add_argument("--smaller", type=float, default=1, metavar="K", help="divide cells and voxels by K, to try the benchmarks")
    for hidden in ("--invado", "--program", "--output"):
        parser.add_argument(hidden, type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    threads = sorted({1, *map(int, filter(None, options.threads.split(",")))}) if options.threads else sorted({1, len(os.sched_getaffinity(0))})
    known = {name.lower(): benchmark_of(name) for name in [*RATES, *WHOLE, *all_benchmarks()]}
    unknown = [name for name in options.names if name.lower() not in known]
    if unknown:
        parser.error(f"no such benchmark: {' '.join(unknown)} (there are: {' '.join(all_benchmarks())})")
    wanted = {known[name.lower()] for name in options.names}
    left_out = ([] if options.full else ONLY_FULL) + (NOT_QUICK if options.quick else [])
    chosen = [b for b in all_benchmarks() if (b in wanted if wanted else b not in left_out)]

    folder = options.output / "files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    heading = (f"invado benchmarks, {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, {processor()}, "
               f"{len(os.sched_getaffinity(0))} cores\n")
    heading += tell_load("at the start") + "\n"
    if options.smaller > 1:
        heading += f"CELLS AND VOXELS DIVIDED BY {options.smaller:g}: a trial of the benchmarks, not a measurement\n"
    if options.quick:
        heading += "quick: one repeat after the warm-up\n"
    bench = Bench(options, folder)
    for name in ["machine", *chosen]:
        for n in threads:
            begin = time.monotonic()
            bench.measure(name, n)
            print(f"  {name:<20} {n} thread{'s' if n > 1 else ' '} {time.monotonic() - begin:7.1f} s", file=sys.stderr)
    shutil.rmtree(folder)
    heading += tell_load("at the end") + "\n"
    Report(bench, threads, heading).write(options.output)


main()
