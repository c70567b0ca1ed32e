#!/usr/bin/env python3
"""tools/reproduce: experiments that must come out do, wells as in the reference; claims that are wrong do not.

Planted mistake seen to fail: the assay `detached` without `without_matrix: detached`, as it was until this test (A1: effect 0.99).
"""
import csv, pathlib, subprocess, sys, tempfile, tomllib
import xml.etree.ElementTree as xml

program, source = (pathlib.Path(p) for p in sys.argv[1:3])
every_row = "--all" in sys.argv
failed = []


rows_of_source = tomllib.loads((source / "tools/reproduce.toml").read_text())


def words(element):
    return " ".join("".join(element.itertext()).split())


def expect(what, holds):
    if not holds:
        failed.append(what)
        print("FAILED:", what)


with tempfile.TemporaryDirectory() as name:
    scratch = pathlib.Path(name)

    def reproduce(*words):
        done = subprocess.run([sys.executable, source / "tools/reproduce", "--program", program, "-o", scratch / "out", *words], capture_output=True, text=True)
        file = scratch / "out/reproduce.csv"
        rows = list(csv.DictReader(open(file, newline=""))) if file.is_file() else []
        return done.returncode, {(row["row"], row["assay"]): row["verdict"] for row in rows}, done.stdout + done.stderr

    # Up, absent, epistasis of four arms, a pulse, a start on the other branch.
    some = [] if every_row else ["--only", "Z1,Z6,Z10,T7,R35,R41,R71"]
    code, verdicts, text = reproduce(*some)
    expect(f"these rows come out in wells:\n{text}", code == 0 and len(verdicts) >= 7 and set(verdicts.values()) == {"reproduced"})

    # The page: every row that was run with its verdict, in XML, and the sentences.
    page = xml.fromstring((scratch / "out/reproduce.html").read_text().split("\n", 1)[1])
    lines = {tr.get("id"): " ".join("".join(tr.itertext()).split()) for tr in page.iter("tr") if tr.get("id")}
    expect("the page has the rows that were run", set(lines) == {row for row, _ in verdicts})
    expect("with their verdicts and rules", all("reproduced" in line and rows_of_source[row]["rule"] in line for row, line in lines.items()))
    expect("and says that nothing failed", any(words(s).endswith("What did not come out None.") for s in page.iter("section") if s.get("id") == "open"))

    # Changed constants: a row that does not depend on them holds always, one at the edge of a window does not; the same every time.
    code, _, text = reproduce("--only", "Z6,R70", "--jitter", "2")
    held = {line["row"]: line["holds"] for line in csv.DictReader(open(scratch / "out/jitter.csv", newline=""))}
    expect(f"two sets of changed constants:\n{text}", code == 0 and held == {"Z6": "2", "R70": "0"})
    used = [(scratch / f"out/jitter/{n:02}/Z6/scenario.yaml").read_text() for n in (0, 1)]
    values = [float(part.split(": ")[1].split()[0].rstrip("}")) for part in used[0].split("kinetics: {")[1].split("}")[0].split(", ")]
    expect("all constants are changed, differently in each set", len(values) > 60 and used[0] != used[1])

    # From cells: who is detached dies, and AKT protects.
    code, verdicts, text = reproduce("--only", "A1", "--tissue", "--quick")
    expect(f"A1 comes out of detached cells:\n{text}", code == 0 and verdicts == {("A1", "wells"): "reproduced", ("A1", "detached"): "reproduced"})

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
    (scratch / "sentences.toml").write_text('[[sentence]]\nsource = "Zhu"\nlines = "1"\nbegins = "A <b> & c"\nrows = ["W2"]\n'
                                            '[[sentence]]\nsource = "Zhu"\nlines = "2"\nbegins = "Mice were"\nnot_modelled = "there are no mice"\n')
    code, verdicts, text = reproduce("--rows", scratch / "wrong.toml", "--sentences", scratch / "sentences.toml")
    page = xml.fromstring((scratch / "out/reproduce.html").read_text().split("\n", 1)[1])
    section = {s.get("id"): words(s) for s in page.iter("section")}
    expect("the page names what did not come out", "W1 (wells): not reproduced" in section["open"] and "W2 (wells): not the reference's number" in section["open"])
    expect("and what no row tests", "A <b> & c …W2" in section["coverage_zhu"] and "not modelled: there are no mice" in section["coverage_zhu"]
           and "1 entries are tested by rows, 0 are in the model without a row, 1 are not modelled" in section["coverage_zhu"])
    # Every sentence says what becomes of it, every row has its sentence.
    sentences = tomllib.loads((source / "tools/coverage.toml").read_text())["sentence"]
    expect("a sentence is tested, untested, not modelled or claims nothing",
           all(sum(k in s for k in ("rows", "untested", "not_modelled", "no_claim")) == 1 and s["source"] in ("Zhu", "Tian", "review") and s["lines"] and s["begins"] for s in sentences))
    expect("sentences name rows that are there, and all of them", {r for s in sentences for r in s.get("rows", [])} == set(rows_of_source))
    expect("every row has its sentence and says what it rests on",
           all(r["quote"] and r["basis"] in ("stated", "legend", "implied", "prediction") for r in rows_of_source.values()))
    expect(f"a wrong claim and a wrong number are noticed:\n{text}",
           code == 1 and verdicts == {("W1", "wells"): "not reproduced", ("W2", "wells"): "not the reference's number"})
    code, _, text = reproduce("--only", "Z99")
    expect("a row that does not exist is refused, with those that do", code == 2 and "Z99" in text and "Z10" in text)

print("reproduce: ok" if not failed else f"reproduce: {len(failed)} failed")
sys.exit(1 if failed else 0)
