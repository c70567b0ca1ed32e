#!/usr/bin/env python3
"""tools/reproduce: experiments that must come out do, wells as in the reference; claims that are wrong do not.

Planted mistakes seen to fail: the assay `detached` without `without_matrix: detached`, as it was until this test (A1: effect 0.99); no
correction by Holm, or one that is not monotone; a one-sided p; one bound of the interval of an absent effect not looked at; no least
effect; a bound taken for a fall; 30 % of the resamples taken for enough; sides of a comparison not exchanged with its sign; a scenario with the arms of the
chosen rows only; a page without curves; a row that counts when one of its claims comes out; arms with seeds of their own, or drawn one by
one; an arm's seeds in another order; the doses of the wells in tissue; of a cohort the last animal alone; a window that begins at 0 h whatever it
says, or never ends; two windows under one name, or an arm that switches on both; a genotype that begins at 0 h; windows that end before they begin, or begin
when the experiment or the assay is over, let through, and keys that nobody knows; a half-life without ln 2, or of what is left at the
end too; entries into vessels counted from the start, of all cells that there ever were, or in spite of E-cadherin.
"""
import csv, pathlib, subprocess, sys, tempfile, tomllib
import xml.etree.ElementTree as xml

program, source = (pathlib.Path(p) for p in sys.argv[1:3])
every_row = "--all" in sys.argv
failed = []


sys.path.insert(0, str(source / "tools"))
sys.dont_write_bytecode = True
from papers import arms, assays, calibration, page as pages, runs, statistics

rows_of_source = tomllib.loads((source / "tools/papers/experiments.toml").read_text())


def words(element):
    return " ".join("".join(element.itertext()).split())


def expect(what, holds):
    if not holds:
        failed.append(what)
        print("FAILED:", what)


def close(a, b):
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


# The statistics, by hand.
kinds = lambda rule: [(claim.kind, claim.a, claim.b) for claim in statistics.claims_of(rule)]
expect("a rule is read as what it claims", kinds("treated >= 1.3 * reference") == [("up", "treated", "reference")]
       and kinds("a < b and abs(a - c) <= 0.05 * c") == [("down", "a", "b"), ("absent", "a", "c")]
       and kinds("a <= 1.2 * b") == kinds("a >= 0.4 * b") == kinds("1 - (a - b) / (c - b) >= 0.6") == [("other", "", "")]
       and [claim.text for claim in statistics.claims_of("0 < a - b < 0.7 * c")] == ["a - b > 0", "a - b < 0.7 * c"])
expect("3 + 3 values apart: 2 of 20 splits", close(statistics.p_of_permutations([1, 2, 3], [4, 5, 6]), 0.1)
       and close(statistics.p_of_permutations([1, 2, 6], [3, 4, 5]), 0.7))
few, many = [1.0, 1.1, 0.9, 1.05, 0.95] * 2, [2.2, 1.8, 2.1, 2.0, 1.9] * 2
seen = statistics.effect_of(statistics.claims_of("a >= 1.3 * b")[0], {"a": many, "b": few})
expect("ratio of means with an interval around it", close(seen["effect"], 2) and 1.85 < seen["low"] < 2 < seen["high"] < 2.15
       and close(seen["p"], 2 / 184756))
share = statistics.effect_of(statistics.claims_of("1 - (d - c) / (b - a) >= 0.6")[0], {"a": [1.0], "b": [3.0], "c": [1.0], "d": [1.5]})
expect("the share of a gain, against its limit", close(share["effect"], 0.75) and share["limit"] == 0.6 and share["confidence"] == 1)
together = statistics.effect_of(statistics.claims_of("abs(a - b) <= 0.05 * b")[0], {"a": [1.0, 5.0, 9.0], "b": [2.0, 10.0, 18.0]})
expect("a seed is drawn for all arms together: twofold in every seed is twofold", close(together["low"], 0.5) and close(together["high"], 0.5))


def judged(**result):
    statistics.judge([result])
    return result["verdict"]


yes, open_, no = "reproduced", "undecided", "not reproduced"
three = [{"kind": "up", "effect": 2, "p": p} for p in (0.004, 0.001, 0.003)]
statistics.judge(three)
expect("Holm: the smallest p times the number of claims, never less than the one before",
       [round(r["p"], 6) for r in three] == [0.006, 0.003, 0.006])
expect("up needs 10 % and p < 0.01", [judged(kind="up", effect=effect, p=p) for effect, p in (
    (1.2, 0.001), (1.05, 0.02), (1.2, 0.05), (0.9, 0.5), (0.8, 0.001), (1.05, 0.001))] == [yes, open_, open_, no, no, no])
expect("absent needs the interval within 10 %", [judged(kind="absent", low=low, high=high) for low, high in (
    (0.95, 1.05), (0.85, 1.05), (1.02, 1.2))] == [yes, open_, no])
expect("others need 95 % of the resamples", [judged(kind="other", confidence=c) for c in (0.96, 0.5, 0.04)] == [yes, open_, no])

missed = [{"kind": "absent", "verdict": "undecided", "low": 0.8, "high": 1.2}, {"kind": "up", "verdict": "not reproduced"}]
expect("why not: as the table says, else what the seeds leave open", pages.why_not({"because": "so"}, missed) == "so"
       and "ratio 0.8 to 1.2" in pages.why_not({}, missed) and pages.why_not({}, missed[1:]) == ""
       and "40% of the resamples" in pages.why_not({}, [{"kind": "other", "verdict": "undecided", "confidence": 0.4}])
       and "0.9 to 1.3, p = 0.05" in pages.why_not({}, [{"kind": "up", "verdict": "undecided", "low": 0.9, "high": 1.3, "p": 0.05}]))

# Doses and their windows.
expect("doses without a window are one treatment, the others one each", arms.treatments_of("a: 6, b: x3 @ 0 h .. 24 h, c: S39D, b: 2 @ 48.5 h ..") == [
    arms.Treatment("a: 6, c: S39D"), arms.Treatment("b: x3", 0, 24), arms.Treatment("b: 2", 48.5)] and arms.treatments_of("") == [])
expect("arms have names, different ones in different windows", [arms.name_of(arm) for arm in ("", "a: 6, b: 0.9", "a: 6 @ 0 h ..", "a: 6 @ 0 h .. 24 h")] == [
    "untreated", "a_6_b_0_9", "a_6_from_0_h", "a_6_from_0_h_to_24_h"])
made = assays.scenario(assays.Experiment("treated_lung", "lad", "", 120), arms.treatments_in(["a: 6, b: 1 @ 48 h ..", "a: 6", "b: 1 @ 0 h .. 24 h"]), 1, "", 1)
expect("a genotype is there from the start, a therapy in its window", made.count("knobs:") == 3 and "{knobs: {a: 6}, fraction: 1}" in made
       and "{knobs: {b: 1}, fraction: 1, from: 48 h}" in made and "{knobs: {b: 1}, fraction: 1, from: 0 h, until: 24 h}" in made)
expect("an arm switches on what it names", runs.switched("a: 6, b: 1 @ 48 h ..", arms.treatments_in(["a: 6, b: 1 @ 48 h ..", "b: 1 @ 0 h .. 24 h"])) == {
    "a_6": 1, "b_1_from_48_h": 1, "b_1_from_0_h_to_24_h": runs.NEVER})

# Calibration targets.
expect("the half-life of what halves every two hours", close(calibration.half_life_h({t / 2: 1000 * 2 ** (-t / 4) for t in range(40)}, 1000), 2))
expect("what is left at the end does not count", close(calibration.half_life_h({0: 1000, 1: 500, 2: 250, 9: 40}, 1000), 1))
expect("entries a day and cell", close(calibration.shed_per_day_and_cell({0: 5, 24: 10, 72: 50}, {0: 7, 24: 90, 48: 100, 72: 110}, 24, 72), 0.2))
constants = {f"processes.intravasation.{name}": runs.Constant("", "", value) for name, value in (("rate", "0.02"), ("mmp_half", "0.35"), ("cohesion", "0.6"))}
expect("entry at a vessel", close(calibration.rate_at_a_vessel_1_h(constants, 0.35, 0.5), 0.02 * 0.5 * 0.7))

with tempfile.TemporaryDirectory() as name:
    scratch = pathlib.Path(name)

    # Of three seeds, of which the first has no living cell in one arm, two count, in the same order for both arms.
    (scratch / "sweep.csv").write_text("point,replicate,name,value_0,state\n0,0,untreated,,done\n0,1,untreated,2,done\n0,2,untreated,3,done\n"
                                       "1,2,myr_akt_6,30,done\n1,0,myr_akt_6,10,done\n1,1,myr_akt_6,20,done\n")
    well = assays.Experiment("wells", "sts", "", 24)
    cohorts = runs.Measured(scratch, ["pakt_mean"], animals=2)
    expect("counts of the animals of a cohort are added", cohorts.ends["myr_akt_6", "pakt_mean"] == {0: 30, 1: 30})
    expect("arms keep the seeds that all of them have", runs.Measured(scratch, ["pakt_mean"]).samples(
        {"arms": {"a": "myr_akt: 6", "b": ""}}, well, "pakt_mean") == {"a": [20, 30], "b": [2, 3]})

    def reproduce(*words):
        done = subprocess.run([sys.executable, source / "tools/reproduce", "--program", program, "-o", scratch / "out", *words],
                              capture_output=True, text=True)
        file = scratch / "out/reproduce.csv"
        rows = list(csv.DictReader(open(file, newline=""))) if file.is_file() else []
        return done.returncode, {(row["row"], row["assay"]): row["verdict"] for row in rows}, done.stdout + done.stderr

    # Up, absent, epistasis of four arms, a pulse, a start on the other branch, doses late and withdrawn. Of all rows, those come out that say nothing of why not.
    some = [] if every_row else ["--only", "Z1,Z6,Z10,T7,R35,R41,R71,T37,T41"]
    code, verdicts, text = reproduce("--wells", *some)
    known = {row for row, _ in verdicts if "because" in rows_of_source[row]}
    expect(f"these rows come out in wells:\n{text}",
           len(verdicts) >= 9 and {row for (row, _), verdict in verdicts.items() if verdict != "reproduced"} <= known and code == (1 if known else 0))

    # The page: every row that was run with its verdict, in XML, and the sentences.
    page = xml.fromstring((scratch / "out/reproduce.html").read_text().split("\n", 1)[1])
    lines = {tr.get("id"): " ".join("".join(tr.itertext()).split()) for tr in page.iter("tr") if tr.get("id")}
    expect("the page has the rows that were run", set(lines) == {row for row, _ in verdicts})
    shown = lambda row, line: all(text in line for text in ("reproduced", rows_of_source[row]["rule"], rows_of_source[row].get("note", "")))
    expect("with their verdicts, rules and notes", all(shown(row, line) for row, line in lines.items()))
    listed = [words(s) for s in page.iter("section") if s.get("id") == "open"][0]
    expect("and names those that did not come out, with the reason", listed.endswith("What did not come out None.") if not known else all(
        f"{row} (" in listed and rows_of_source[row]["because"] in listed for (row, _), verdict in verdicts.items() if verdict != "reproduced"))

    # Changed constants: a row that does not depend on them holds always, one at the edge of a window does not; the same every time.
    code, _, text = reproduce("--wells", "--only", "Z6,R70", "--jitter", "2")
    held = {line["row"]: line["holds"] for line in csv.DictReader(open(scratch / "out/jitter.csv", newline=""))}
    expect(f"two sets of changed constants:\n{text}", code == 0 and held == {"Z6": "2", "R70": "0"})
    used = [(scratch / f"out/jitter/{n:02}/sts_72h/scenario.yaml").read_text() for n in (0, 1)]
    values = [float(part.split(": ")[1].split()[0].rstrip("}")) for part in used[0].split("kinetics: {")[1].split("}")[0].split(", ")]
    expect("all constants are changed, differently in each set", len(values) > 60 and used[0] != used[1])

    # In tissue: who is detached dies, and AKT protects; a level of cells that crawl; a share of them, of four arms.
    code, verdicts, text = reproduce("--only", "A1,R42", "--quick")
    expect(f"A1 and R42 come out of cells:\n{text}", code == 0 and verdicts == {
        ("A1", "wells"): "reproduced", ("A1", "detached"): "reproduced", ("R42", "wells"): "reproduced", ("R42", "collagen"): "reproduced"})
    with open(scratch / "out/tissue_quick/detached/lad_24h/runs/sweep.csv", newline="") as file:
        seeds = sorted((line["replicate"], line["seed"]) for line in csv.DictReader(file))
    expect("both arms have the same nine seeds", len(seeds) == 18 and seeds[0::2] == seeds[1::2] and len(set(seeds)) == 9)
    points = scratch / "out/tissue_quick/detached/lad_24h/runs/points"
    before = {run.name: (run / "done.json").stat().st_mtime_ns for run in points.iterdir()}
    code, verdicts, text = reproduce("--only", "A2,A1", "--quick")
    after = {run.name: (run / "done.json").stat().st_mtime_ns for run in points.iterdir()}
    expect(f"A2 shares an arm with A1, and nothing is run again:\n{text}",
           code == 0 and len(before) == 18 and len(after) == 27 and before.items() <= after.items())

    # In the blood and the lung: an inhibitor from the start does more than one two days late.
    code, verdicts, text = reproduce("--only", "T37", "--quick")
    expect(f"T37 comes out of cells:\n{text}", code == 0 and verdicts == {("T37", "wells"): "reproduced", ("T37", "treated_lung"): "reproduced"})

    # Calibration targets: numbers, none of them passed or failed.
    code, verdicts, text = reproduce("--only", "calibration", "--quick")
    lines = list(csv.DictReader(open(scratch / "out/calibration.csv", newline="")))
    of = {line["quantity"]: float(line["model"]) for line in lines}
    expect(f"calibration targets:\n{text}", code == 0 and not verdicts and len(lines) == 10 and [line["fitted"] != "" for line in lines] == [True] + 8 * [False] + [True]
           and 1e6 < of["cells shed a day and gram of tumour, by its constants"] < 1e7 and 1 < of["half-life in the blood (h)"] < 2.8
           and all(0 < of[q] < 1 for q in of if "of the" in q or "of those" in q) and of["metastases a disseminated cell"] < 1e-6)
    page = xml.fromstring((scratch / "out/reproduce.html").read_text().split("\n", 1)[1])
    section = {s.get("id"): words(s) for s in page.iter("section")}["calibration"]
    expect("the page shows them, published beside found", all(f"{line['quantity']}{line['note']}" in section and line["published"] in section for line in lines)
           and section.count("comparison") == 8 and "reproduced" not in section)

    (scratch / "wrong.toml").write_text("""
[W1]
source = "nobody"
says = "AKT1 siRNA raises pS39"
context = "sts"
hours = 24
read = "vimentin_ps39_mean"
arms.treated = "akt1_knockdown: 0.85"
arms.reference = ""
rule = "treated >= 1.3 * reference"

[W2]
source = "Zhu, with a wrong number"
says = "AKT1 activation raises pS39"
context = "sts"
hours = 24
read = "vimentin_ps39_mean"
arms.treated = "pi3k_input: x3"
arms.reference = ""
rule = "treated >= 1.3 * reference"
expected = {treated = 0.384, reference = 0.208}
""")
    # What is claimed must fail in tissue too: the wrong direction, a bound that is too high, a difference that is none.
    (scratch / "wrong_in_tissue.toml").write_text("".join(f"""
[{name}]
source = "nobody"
says = "{name}"
context = "nmumg"
hours = 1
read = "pakt_mean"
arms.treated = "tgfb_bath: 3"
arms.reference = ""
rule = "{rule}"
curve = true
{'tissue_arms = {treated = "", reference = "tgfb_bath: 3"}' if name == "V6" else ""}
""" for name, rule in {"V1": "treated <= 0.8 * reference", "V2": "treated >= 2", "V3": "abs(treated - reference) <= 0.3 * reference",
                       "V4": "treated >= 0.1 and treated - reference > 0", "V5": "treated >= 2 and treated >= 0.1",
                       "V6": "treated >= 1.1 * reference"}.items()))
    code, verdicts, text = reproduce("--rows", scratch / "wrong_in_tissue.toml", "--quick")
    tissue = {row: verdict for (row, assay), verdict in verdicts.items() if assay == "collagen" and row != "V5"}
    expect(f"wrong claims do not come out in tissue, right ones do:\n{text}",
           code == 1 and tissue == {"V1": "not reproduced", "V2": "not reproduced", "V3": "not reproduced", "V4": "reproduced", "V6": "not reproduced"})
    expect("doses of the tissue are not those of the wells", verdicts["V6", "wells"] == "reproduced")
    page = xml.fromstring((scratch / "out/reproduce.html").read_text().split("\n", 1)[1])
    section = {s.get("id"): words(s) for s in page.iter("section")}
    expect("the page shows both arms against time, and bounds beside what they bind",
           all(text in section["review"] for text in ("V4: pakt_mean", "treated: tgfb_bath: 3", "reference: nothing done", "must be above 0.1; lower bound 0.1")))
    expect("and calls a row missed of which one claim is", "tissue: 1 of 6 rows" in words(page))

    (scratch / "sentences.toml").write_text('[[sentence]]\nsource = "Zhu"\nlines = "1"\nbegins = "A <b> & c"\nrows = ["W2"]\n'
                                            '[[sentence]]\nsource = "Zhu"\nlines = "2"\nbegins = "Mice were"\nnot_modelled = "there are no mice"\n')
    code, verdicts, text = reproduce("--wells", "--rows", scratch / "wrong.toml", "--sentences", scratch / "sentences.toml")
    page = xml.fromstring((scratch / "out/reproduce.html").read_text().split("\n", 1)[1])
    section = {s.get("id"): words(s) for s in page.iter("section")}
    expect("the page names what did not come out", "W1 (wells: not reproduced)" in section["open"] and "W2 (wells: not the reference's number)" in section["open"])
    expect("and what no row tests", "A <b> & c …W2" in section["coverage_zhu"] and "not modelled: there are no mice" in section["coverage_zhu"]
           and "1 entries are tested by rows, 1 are not modelled" in section["coverage_zhu"])
    # Every sentence says what becomes of it, every row has its sentence.
    sentences = tomllib.loads((source / "tools/papers/sentences.toml").read_text())["sentence"]
    expect("a sentence is tested, not modelled or claims nothing",
           all(sum(k in s for k in ("rows", "not_modelled", "no_claim")) == 1 and s["lines"] and s["begins"]
               and s["source"] in pages.SOURCES for s in sentences))
    expect("sentences name rows that are there, and all of them", {r for s in sentences for r in s.get("rows", [])} == set(rows_of_source))
    expect("every row has its sentence and says what it rests on",
           all(r["quote"] and r["basis"] in ("stated", "legend", "implied", "prediction") for r in rows_of_source.values()))
    expect(f"a wrong claim and a wrong number are noticed:\n{text}",
           code == 1 and verdicts == {("W1", "wells"): "not reproduced", ("W2", "wells"): "not the reference's number"})
    # Tables that cannot be, with what is wrong in them.
    (scratch / "bad.toml").write_text("""
[B1]
says = "no source"
[B2]
source = "nobody"
says = "no such cells, no such assay, no such arm"
context = "hela"
hours = 1
read = "pakt_mean"
tissue = "mouse"
arms.treated = "tgfb_bath: 3"
rule = "treated >= 1.1 * reference"
[B3]
source = "nobody"
says = "no comparison"
context = "sts"
hours = 1
read = "pakt_mean"
arms.treated = ""
tissue_arms = {dose = ""}
rule = "treated"
[B4]
source = "nobody"
says = "no such windows, no such key"
context = "sts"
hours = 48
until = 24
read = "pakt_mean"
arms.open = "akt_inhibitor: 0.9 @ 24"
arms.late = "myr_akt: 6, akt_inhibitor: 0.9 @ 48 h .."
arms.back = "akt_inhibitor: 0.9 @ 24 h .. 12 h"
arms.bare = "akt_inhibitor"
rule = "open > late"
[B5]
source = "nobody"
says = "a window beyond the end of the assay"
context = "lad"
hours = 200
read = "survival_24h"
tissue = "treated_lung"
arms.late = "akt_inhibitor: 0.9 @ 150 h .."
arms.none = ""
rule = "late > none"
""")
    code, _, text = reproduce("--rows", scratch / "bad.toml")
    expect(f"a bad table is refused, with what is wrong:\n{text}", code == 65 and all(what in text for what in (
        "bad.toml:2: B1: has no source", "bad.toml:4: B2: context: no 'hela' (allowed breast_invasive", "B2: tissue: no assay 'mouse' (allowed",
        "B2: rule: no arm 'reference' (allowed treated)", "bad.toml:13: B3: rule: 'treated' does not compare arms",
        "B3: tissue_arms: not the arms of the wells (allowed treated)", "bad.toml:22: B4: until: unknown key (allowed source, says",
        "B4: arms.open: 'akt_inhibitor: 0.9 @ 24' is no dose (allowed KNOB: DOSE, KNOB: DOSE @ 48 h ..",
        "B4: arms.late: 'akt_inhibitor: 0.9 @ 48 h ..' begins when the experiment, of 48 h, is over",
        "B4: arms.back: 'akt_inhibitor: 0.9 @ 24 h .. 12 h' ends before it begins", "B4: arms.bare: 'akt_inhibitor' is no dose",
        "bad.toml:34: B5: arms.late: 'akt_inhibitor: 0.9 @ 150 h ..' begins when the experiment, of 120 h, is over")))
    (scratch / "bad.toml").write_text("[B1\n")
    code, _, text = reproduce("--rows", scratch / "bad.toml")
    expect(f"and one that is no TOML:\n{text}", code == 65 and "bad.toml:1:4: " in text)
    code, _, text = reproduce("--only", "Z99")
    expect("a row that does not exist is refused, with those that do", code == 2 and "Z99" in text and "Z10" in text)

print("reproduce: ok" if not failed else f"reproduce: {len(failed)} failed")
sys.exit(1 if failed else 0)
