#!/usr/bin/env python3
"""invado report: the page of a run is well-formed, complete, loads nothing, escapes hostile names, and says what series.csv says.

    report.py PROGRAM SOURCE_DIR

Seen to fail with: '<' not escaped; the name of a run not escaped; the first row shown as the last; numbers to two digits; branches
exchanged; a section left out; other files written over; a wrong checksum of a PNG; tracks not used before msd.csv is there; a damaged
log ignored; a running run not said to run; cells that circulate counted as dead; the table of founders
of colonies without end; events of all sites but the first; organs without pictures; a front near a face not said beside its speed;
watch with the tumour of another site, and with dormant cells for colonies; the error of colonies over colonies and not over
entries; copies made on leaving the blood not counted; entries of a class of foci for their weight.
"""
import base64
import csv
import html.parser
import json
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ElementTree
import zlib

from trial import expect, invado, program, rows_of, scratch, source, verdict

SECTIONS = ["words", "warnings", "figures", "pictures", "matrix", "front", "shape", "counts", "types", "signals", "distributions", "walk", "speeds",
            "parameters", "schedule", "provenance"]


class Strict(html.parser.HTMLParser):
    """Every element closed in its order; collects elements and attributes as a browser would see them."""
    EMPTY = {"meta", "line", "path", "circle", "rect", "image"}  # written with a slash or void

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.errors, self.tags, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_startendtag(self, tag, attrs):
        if tag not in self.EMPTY:
            self.errors.append(f"<{tag}/> is no empty element of HTML")
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> closes something else")


CASCADE = SECTIONS[:SECTIONS.index("types")] + ["cascade"] + SECTIONS[SECTIONS.index("types"):]


def read_page(path, sections=SECTIONS):
    """The page as XML, after checks that hold for every page."""
    text = path.read_text(encoding="utf-8")
    strict = Strict()
    strict.feed(text)
    strict.close()
    expect(f"{path}: elements nest", not strict.errors and not strict.open, strict.errors[:3])
    root = ElementTree.fromstring(text)
    expect(f"{path}: no scripts", "script" not in strict.tags)
    for tag, name, value in strict.attributes:
        expect(f"{path}: no handlers of events", not name.startswith("on"), name)
        if name in ("src", "href", "xlink:href", "data", "action", "srcset", "poster"):
            expect(f"{path}: loads nothing", value.startswith(("#", "data:image/png;base64,")), value[:80])
    expect(f"{path}: elements that could load are not there",
           not {"link", "iframe", "object", "embed", "base", "video", "audio", "img"} & set(strict.tags))
    css = "".join(e.text or "" for e in root.iter("style"))
    expect(f"{path}: the style loads nothing", not re.search(r"url\(|@import|://", css))
    expect(f"{path}: there is a style for paper", "@media print" in css)
    ids = [e.get("id") for e in root.iter("section")]
    expect(f"{path}: all sections are there, once and in order", ids == sections, ids)
    targets = [a.get("href") for a in root.iter("a")]
    expect(f"{path}: the contents name all sections", targets == ["#" + s for s in sections])
    for drawing in root.iter("svg"):
        expect(f"{path}: drawings have titles", drawing.find("title") is not None and drawing.find("title").text)
        for element in drawing.iter():
            for value in element.attrib.values():
                expect(f"{path}: no NaN or infinity in drawings", not re.search(r"\b(nan|inf)\b", value), value)
    return root


def section(root, name):
    return next(e for e in root.iter("section") if e.get("id") == name)


def words(element):
    return " ".join("".join(element.itertext()).split())


def shown_number(text):
    mantissa, _, power = text.replace("\u202f", "").replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) or 0)


def png_of(image):
    data = base64.b64decode(image.get("href").split(",", 1)[1], validate=True)
    expect("pictures are PNG", data[:8] == b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        expect(f"{kind}: its checksum is right", struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + body))
        chunks[kind] = body
        at += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = zlib.decompress(chunks[b"IDAT"])
    expect("pictures have all their pixels", len(rows) == (width + 1) * height)
    return [p for y in range(height) for p in rows[y * (width + 1) + 1:(y + 1) * (width + 1)]]


def image_size(image):
    return struct.unpack(">II", base64.b64decode(image.get("href").split(",", 1)[1])[16:24])


def compare_with_series(root, folder):
    rows = rows_of(folder / "series.csv")
    cells = [e for e in section(root, "figures").iter("td") if e.get("data-column")]
    expect("key figures are many", len(cells) >= 12, len(cells))
    for cell in cells:
        wanted = rows[0 if cell.get("data-row") == "first" else -1][cell.get("data-column")]
        name = f"{cell.get('data-column')} ({cell.get('data-row')})"
        expect(f"{name}: the number of series.csv", cell.get("data-value") == wanted, f"{cell.get('data-value')} {wanted}")
        if wanted and 1e-4 <= abs(float(wanted)) < 1e15:
            value, shown = float(wanted), shown_number(cell.text)
            expect(f"{name}: shown to four digits", abs(shown - value) <= 0.5001e-3 * abs(value), f"{shown} {value}")


# --- a spheroid whose cells start on both branches ---
spheroid = [source / "scenarios" / "breast_invasive.yaml", "--set", "population.core.count=150", "--set", "output.tracks=6 min",
            "--set", "population.core.initial_state.high_fraction=0.4", "--set", "output.snapshots=30 min", "--progress", "none", "-q"]
code, _, err = invado("run", *spheroid, "--until", "1 h", "-o", "run")
expect("the run ends well", code == 0, err)
before = {f: f.stat().st_mtime_ns for f in (scratch / "run").rglob("*") if f.is_file()}
code, out, err = invado("report", "run")
expect("report ends with 0 and names the page", code == 0 and out.strip() == "run/report.html", f"{code} {out} {err}")
page = scratch / "run" / "report.html"
root = read_page(page)
expect("nothing else in the folder changes", all(f.stat().st_mtime_ns == t for f, t in before.items()) and
       not list((scratch / "run").glob(".tmp*")))
compare_with_series(root, scratch / "run")
record = json.loads((scratch / "run" / "run.json").read_text())
text = words(root)
for key in ("digest", "run_id", "version", "commit", "compiler"):
    expect(f"provenance has the {key}", str(record[key]) in words(section(root, "provenance")))
expect("the machine is not named", record["host"] not in text.split())
expect("provenance has seed and command", str(record["seed"]) in words(section(root, "provenance")) and "--until '1 h'" in text)
for line in record["schedule"].strip().splitlines():
    expect(f"schedule: {line}", " ".join(line.split()) in words(section(root, "schedule")))
expect("a run that --until ended says so", "finished at 1 h" in words(root.find("body/header")))

images = list(section(root, "pictures").iter("image"))
expect("two moments from two sides", len(images) == 4, len(images))
for image in images:
    pixels = png_of(image)
    expect("cells are in the picture", sum(p >= 4 for p in pixels) > 0.01 * len(pixels))
titles = [words(e) for e in section(root, "pictures").iter("title")]
expect("pictures say when and from where", titles[:2] == ["0 h, from above (x, y)", "1 h, from above (x, y)"], titles)
expect("pictures have a scale and a legend", "µm" in words(section(root, "pictures")) and "AKT level (pAKT S473)" in words(section(root, "pictures")))

# The branches, counted here from the snapshot.
import h5py  # noqa: E402  (tests have it)
import numpy  # noqa: E402
last = sorted((scratch / "run" / "snapshots").glob("snap_*.h5"))[-1]
with h5py.File(last) as file:
    activity = file["cells/runx2_activity"][:]
high = int(numpy.count_nonzero(activity > 0.25))
expect("both branches are there", 0 < high < len(activity))
expect("the branches are counted", f"{len(activity) - high} cells (" in words(section(root, "distributions")) and
       f"{high} (" in words(section(root, "distributions")).split("low branch,")[1])

# The matrix in a plane through the cells, computed here from the snapshots: pixels lie between the voxels around them.
snapshots = [sorted((scratch / "run" / "snapshots").glob("snap_*.h5"))[i] for i in (0, -1)]
planes = []
for name in snapshots:
    with h5py.File(name) as file:
        density, cells, radius = file["lattice/density"][:].astype(float), file["cells/position"][:], file["cells/radius"][:]
        place, origin = ((file["lattice"].attrs[key][:3] for key in ("spacing", "origin")))
    height = numpy.sort(cells[:, 2])[len(cells) // 2] if not planes else height
    z = numpy.clip((height - origin[2]) / place[2], 0, len(density) - 1)
    below = int(z)
    layer = density[below] + (z - below) * (density[min(below + 1, len(density) - 1)] - density[below])
    planes.append((layer, cells, radius))
densest = max(layer.max() for layer, _, _ in planes)
images = list(section(root, "matrix").iter("image"))
expect("the matrix at two moments", len(images) == 2, len(images))
for image, (layer, cells, radius) in zip(images, planes):
    pixels = numpy.array(png_of(image)).reshape(-1, 600)
    ny, nx = layer.shape
    length = nx * place[0]
    x, y = ((numpy.arange(600) + 0.5) * length / 600, ny * place[1] - (numpy.arange(len(pixels)) + 0.5) * length / 600)
    rows_at_x = numpy.array([numpy.interp(x, (numpy.arange(nx) + 0.5) * place[0], row) for row in layer])
    wanted = numpy.array([numpy.interp(y, (numpy.arange(ny) + 0.5) * place[1], column) for column in rows_at_x.T]).T * 239 / densest
    half = radius ** 2 - (cells[:, 2] - height) ** 2
    corner = origin - 0.5 * place
    covered = numpy.zeros(pixels.shape, bool)
    for (cx, cy, _), square in zip(cells, half):
        if square > 0:
            covered |= (x[None, :] - cx + corner[0]) ** 2 + (y[:, None] - cy + corner[1]) ** 2 <= max(square, (0.6 * length / 600) ** 2)
    expect("cells where the plane cuts them", covered.sum() > 100 and (covered != (pixels == 240)).mean() < 1e-3, (covered.sum(), (pixels == 240).sum()))
    # Snapshots hold places and densities as floats: half a shade, and one for a pixel whose rounding they turn.
    expect("shades of collagen", numpy.abs(pixels - wanted)[~covered & (pixels != 240)].max() < 0.51, numpy.abs(pixels - wanted)[~covered & (pixels != 240)].max())

# A long box: nothing is cut off, whatever its shape.
code, _, err = invado("run", *spheroid, "--set", "domain.size=[200 um, 2000 um, 200 um]", "--set", "population.core.count=20",
                      "--set", "population.core.place={box: {from: [20 um, 20 um, 20 um], to: [180 um, 1980 um, 180 um]}}", "--until", "6 min", "-o", "long")
expect("a long box runs", code == 0, err)
code, _, err = invado("report", "long", "--colour-by", "akt", "-o", "long.html")
expect("the alias of a signal is one here too", code == 0, err)
sizes = [image_size(image) for name in ("pictures", "matrix") for image in section(read_page(scratch / "long.html"), name).iter("image")]
expect("pictures keep the shape of what they show", len(sizes) > 2 and max(h / w for w, h in sizes) > 9 and all(h <= 2000 for _, h in sizes), sizes)

# Parameters: what was set by the command line is there with its meaning, a default is not.
rows = {words(r[0]): [words(c) for c in r] for r in section(root, "parameters").iter("tr")}
expect("a value of --set", rows.get("population.core.count", [""])[1:2] == ["150"] and "--set" in rows["population.core.count"][4], rows.get("population.core.count"))
resolved = (scratch / "run" / "scenario.resolved.yaml").read_text()
expect("a default is not in the list", "steps.fields" in rows or "matrix.law.pore_ref" not in rows)
expect("the list is shorter than all values", 5 < len(rows) < resolved.count("\n") / 2, len(rows))

# The walk: the fit of msd.csv by another program; the law at its parameters must lie on the measured points.
fit = {e.get("data-fit"): float(e.get("data-value")) for e in section(root, "walk").iter("strong") if e.get("data-fit")}
msd = [(float(r["lag_h"]), float(r["msd_um2"])) for r in rows_of("run/msd.csv")]
S, P = fit["speed_um_h"], fit["persistence_h"]


def misfit(p):
    d = numpy.array([numpy.log(m) - numpy.log(2 * p * (t - p * (1 - numpy.exp(-t / p)))) for t, m in msd])
    return d.var(), numpy.exp(d.mean() / 2)


grid = numpy.geomspace(msd[0][0] / 10, msd[-1][0] * 10, 4001)
best = min(grid, key=lambda p: misfit(p)[0])
expect("persistence is the least-squares one", abs(P / best - 1) < 0.01, f"{P} {best}")
expect("speed is that of this persistence", abs(S / misfit(P)[1] - 1) < 1e-6, f"{S} {misfit(P)[1]}")

# --- the same bytes again, other names, other colours ---
first = page.read_bytes()
code, _, err = invado("report", "run")
expect("a report is replaced, and has the same bytes", code == 0 and page.read_bytes() == first, err)
code, out, err = invado("report", "run", "-o", "other.html", "--colour-by", "vimentin")
expect("-o and --colour-by", code == 0 and "vimentin" in words(section(read_page(scratch / "other.html"), "pictures")), err)
code, _, err = invado("report", "run", "--colour-by", "<nonsense>")
expect("no such column: 65, and which there are", code == 65 and "vimentin" in err, f"{code} {err}")
code, _, err = invado("report", "run", "-o", "run/series.csv")
expect("no other file is written over: 73", code == 73 and "no report" in err, f"{code} {err}")
code, _, err = invado("report", "run", "-o", "run/series.csv/page.html")
expect("no place for the page's folder: 73", code == 73, f"{code} {err}")
code, _, err = invado("report", "run", "-o", "pages/one/page.html")
expect("a folder for the page is made", code == 0 and (scratch / "pages/one/page.html").exists(), f"{code} {err}")
code, _, err = invado("verify", "run")
expect("verify does not mind the page", code == 0, err)

# --- cells without signals: nothing is said of signals, and types have the colours ---
code, _, err = invado("run", source / "scenarios" / "reference" / "l1_leaders_followers.yaml", "--until", "1 h", "--progress", "none", "-q", "-o", "mute")
invado("report", "mute")
root_of_mute = read_page(scratch / "mute" / "report.html")
expect("no key figures of signals", code == 0 and {row[1].text for row in section(root_of_mute, "figures").iter("tr")}.isdisjoint(
    {"pakt_mean", "vimentin_stability_mean", "runx2_activity_mean", "high_branch_fraction"}), err)
expect("no curves and distributions of them", not any(list(section(root_of_mute, name).iter("svg")) for name in ("signals", "distributions")))
legend = next(e for e in section(root_of_mute, "pictures").iter("svg") if e.get("class") == "legend")
expect("a colour per type", [words(e) for e in legend.iter("text")] == ["Type of cells", "leader", "follower"], words(legend))

# --- hostile names ---
evil = scratch / "evil.yaml"
payload = '</title></style></svg><script>alert(1)</script><img src=\\"https://example.org/x.png\\" onerror=\\"alert(2)\\">&amp;'
evil.write_text("schema: 1\nextends: " + json.dumps(str(source / "scenarios" / "wells_akt_vimentin.yaml")) +
                f'\nname: "{payload}"\nabout: "{payload}"\n')
code, _, err = invado("run", evil, "--until", "2 h", "--allow-dir", source / "scenarios", "--progress", "none", "-q", "-o", "evil")
expect("the hostile scenario runs", code == 0, err)
code, _, err = invado("report", "evil")
expect("its report is made", code == 0, err)
if code == 0:
    root = read_page(scratch / "evil" / "report.html")
    expect("its name is shown as it is", "<script>alert(1)</script>" in root.find("body/header/h1").text)
    expect("wells have no pictures, and it says so", "No pictures" in words(section(root, "pictures")))

# --- the way to other sites ---
code, _, err = invado("run", source / "scenarios" / "metastasis_breast.yaml", "--until", "24 h", "--seed", "3", "--set", "population.core.count=60",
                      "--set", "vessels.artery.path=[[0 um, 270 um, 240 um], [600 um, 270 um, 240 um]]", "--set", "vessel_wall.basement_membrane=0 um",
                      "--set", "vessels.vein.path=[[0 um, 330 um, 240 um], [600 um, 330 um, 240 um]]",
                      "--set", "processes.intravasation.rate=4 1/h", "--set", "processes.extravasation.rate=2 1/h",
                      "--set", "processes.colonisation.wait_from=1 h", "--set", "processes.colonisation.wait_to=4 h",
                      "--set", "processes.colonisation.initiation=0.6", "--set", "circulation.split_out=20",
                      "--set", "cell_types.breast_invasive.life.doubling=7 h", "--progress", "none", "-q", "-o", "cascade")
expect("a run to other sites ends well", code == 0, err)
code, out, err = invado("watch", "--once", "cascade")
end = rows_of("cascade/series.csv")[-1]
shown = {line[2:27].strip(): line[27:] for line in out.splitlines()}


def watched(text):
    return f"{float(text):.0f}" if float(text) >= 1000 else f"{float(text):.4g}"


for name, column in (("cells", "primary.cells"), ("births", "primary.births"), ("front, 90 % quantile", "primary.front_um_q90"),
                     ("entered the blood", "intravasated"), ("in the blood", "circulating")):
    expect(f"watch shows of several sites: {name}", code == 0 and shown.get(name, "").split(" ")[0] == watched(end[column]), (shown, end[column], err))
for organ in ("lung", "bone"):
    living, dormant, colonies, heads = (watched(end[f"{organ}.{column}"]) for column in ("burden", "dormant", "colonies", "cells"))
    expect(f"watch shows who is in {organ}", shown.get(f"in {organ}") ==
           f"{living} cells by weight in tissue and capillaries, {dormant} dormant, {colonies} colonies; {heads} heads in the tissue", (shown, end))
code, _, err = invado("report", "cascade")
expect("its report is made", code == 0, err)
root = read_page(scratch / "cascade" / "report.html", CASCADE)
way = section(root, "cascade")
events = rows_of("cascade/cascade.csv")


begun = [r for r in rows_of("cascade/cascade.csv") if r["stage"] in ("initiated", "woken")]
with h5py.File(sorted((scratch / "cascade" / "snapshots").glob("snap_*.h5"))[-1]) as file:
    groups = {organ: file[f"sites/{organ}/cells/group"][:] for organ in ("lung", "bone")}
for row in begun:
    row["colony"] = int((groups[row["site"]] == int(row["group"])).sum())
begun.sort(key=lambda row: -row["colony"])  # equal ones stay in the order of the file
for cell in way.iter("td"):
    if cell.get("data-column"):
        expect(f"{cell.get('data-column')}: the number of series.csv", cell.get("data-value") == end[cell.get("data-column")], cell.get("data-value"))
bands = next(e for e in way.iter("svg") if e.get("class") == "wide")
told = {label.text.strip(): shown_number(label.find("tspan").text) for label in bands.iter("text") if label.find("tspan") is not None}
died = float(end["intravasated"]) - float(end["circulating"]) - float(end["lung.lodged"]) - float(end["bone.lodged"])
for name, wanted in (("entered the blood", float(end["intravasated"])), ("circulating", float(end["circulating"])), ("died there", died),
                     ("lung: lodged", float(end["lung.lodged"])), ("lung: extravasated", float(end["lung.extravasated"])),
                     ("lung: begun", float(end["lung.initiated"])), ("lung: dormant", float(end["lung.dormant"])),
                     *((f"{organ}: died", float(end[f"{organ}.extravasated"]) - sum(float(
                         end[f"{organ}.{here}"]) for here in ("waiting", "dormant", "initiated"))) for organ in ("lung", "bone"))):
    expect(f"bands: {name}", abs(told.get(name, 0) - wanted) <= 0.00501 * abs(wanted) + 1e-9, f"{told} {wanted}")

# Where all cells are, by heads. Copies are those of cascade.csv that were neither there at the start nor born.
sites = ("primary", "bone", "lung", "blood")
table = [[words(c) for c in r] for r in next(e for e in way.iter("table") if e.get("class") == "heads").iter("tr")]
names = table[1]
heads = {row[0]: dict(zip(names, row)) for row in table[2:]}
expect("heads: a row for every site, and the sum", list(heads) == [*sites, "all"], list(heads))
with h5py.File(sorted((scratch / "cascade" / "snapshots").glob("snap_*.h5"))[-1]) as file:  # the first one is of the start
    born = {str(cell) for site in sites if f"sites/{site}/events" in file for cell, what in
            zip(file[f"sites/{site}/events/id"][:], file[f"sites/{site}/events/cause"][:]) if what == 0}
copies = {row["cell_id"] for row in events if row["parent_id"] != "-1"} - born
expect("heads: copies made, in the blood", len(copies) > 50 and int(heads["blood"]["copies made"]) == len(copies) == int(heads["all"]["copies made"]) and
       {heads[site]["copies made"] for site in sites if site != "blood"} == {"0"}, (heads["blood"], len(copies)))
came, gone = names[1:5], names[5:-2]
for site, row in heads.items():
    number = {name: shown_number(row[name]) for name in names[1:-1]}
    expect(f"heads in {site}: the sum closes", row["sum"] == "balanced" and
           sum(number[n] for n in came) - sum(number[n] for n in gone) == number["there"], row)
    if site != "all":
        expect(f"heads in {site}: born, dead and there as in series.csv", all(number.get(name, 0) == float(end[f"{site}.{column}"]) for name, column in
               [("born", "births"), ("there", "cells"), *((word, f"deaths_{word}") for word in ("apoptosis", "anoikis", "shear", "immune"))]), row)
expect("heads: nobody was put into an organ", [heads[organ]["founders, injected"] for organ in ("lung", "bone")] == ["0", "0"], heads)
expect("heads: sixty founders in the tumour", heads["primary"]["founders, injected"] == "60" == heads["all"]["founders, injected"], heads["primary"])

# Foci by size, from the last snapshot; entries into the blood joined here once more.
above = {}


def entry(cell):
    while above.get(cell, cell) != cell:
        cell = above[cell]
    return cell


inside = {}
for row in events:
    cell, mother, enters = row["cell_id"], row["parent_id"], row["stage"] == "intravasated"
    if (inside.get(mother) == row["time_h"]) if enters else (cell not in above and mother in above):
        above[entry(cell)] = entry(mother)
    for one in (cell, row["group"]):
        above.setdefault(one, one)
    above[entry(cell)] = entry(row["group"])
    if enters:
        inside[cell] = row["time_h"]
# What one cell that left the tumour comes to.
shed = sum(float(row["weight"]) for row in events if row["stage"] == "intravasated" and row["site"] == "primary")
efficiency = {words(r[0]): [words(c) for c in r[1:]] for r in next(e for e in way.iter("table") if e.get("class") == "efficiency").iter("tr")}
expect("watch shows the same", shown["begun, per cell shed"] == "; ".join(f"{efficiency[organ][0]} in {organ}" for organ in ("bone", "lung")), shown)
for organ in ("lung", "bone"):
    weight, macro = (float(end[f"{organ}.{column}"]) for column in ("initiated", "macrometastases"))
    sources = {entry(row["cell_id"]) for row in begun if row["site"] == organ}
    expect(f"efficiency of {organ}", len(sources) > 2 and macro > 0
           and all(abs(float(cell.split(" ± ")[0]) * shed / of - 1) < 0.0501 for cell, of in zip(efficiency[organ], (weight, macro)))
           and int(efficiency[organ][2]) == len(sources), (efficiency, weight, macro, shed, len(sources)))
with h5py.File(sorted((scratch / "cascade" / "snapshots").glob("snap_*.h5"))[-1]) as file:
    for organ in ("bone", "lung"):
        cells = file[f"sites/{organ}/cells"]
        group, weight, begun_there = cells["group"][:], cells["weight"][:], cells["dormancy"][:] == 0
        foci = [(int((group == g).sum()), float(weight[group == g][0]), entry(str(g))) for g in numpy.unique(group[begun_there])]
        drawing = next((e for e in way.iter("svg") if words(e.find("title")) == f"{organ}: foci by size, 24 h"), None)
        expect(f"foci of {organ} are drawn when there are some", (drawing is not None) == bool(foci))
        if not foci:
            continue
        bins = max(n for n, _, _ in foci).bit_length()
        said = [tuple(map(shown_number, words(c).split(", "))) for c in drawing.iter("circle") if c.find("title") is not None]
        wanted = [sum(w for n, w, _ in foci if n.bit_length() == b + 1) for b in range(bins)]
        expect(f"foci of {organ}, by weight in doubling classes", len(said) == bins and
               all(abs(y - w) <= 0.0006 * w for (_, y), w in zip(said, wanted)), (said, wanted))
        mean = sum(w * n for n, w, _ in foci) / sum(w for _, w, _ in foci)
        text = re.search(rf"In {organ}: (\S+) foci that count (\S+); mean (\S+) cells, median (\S+), largest (\S+);", words(way))
        expect(f"foci of {organ}, in words", text and int(text[1]) == len(foci) and abs(shown_number(text[3]) / mean - 1) < 0.006 and
               int(text[5]) == max(n for n, _, _ in foci), text and (text[0], mean))
        per_entry = {}
        for n, w, which in foci:
            if n >= 8:
                per_entry[which] = per_entry.get(which, 0) + w
        error = sum(w * w for w in per_entry.values()) ** 0.5
        cell = next(e for e in way.iter("td") if e.get("data-column") == f"{organ}.colonies")
        shown_error = words(cell).split(" ± ")[1:]
        expect(f"colonies of {organ} have an error over entries", (float(cell.get("data-value")) > 0) == bool(per_entry) == bool(shown_error) and
               all(abs(shown_number(e) - error) <= 0.051 * error for e in shown_error), (words(cell), error))
titles = [words(e) for e in way.iter("text") if "from above" in words(e)]
here = [organ for organ in ("bone", "lung") if float(end[f"{organ}.cells"]) > 0]
expect("who is in an organ is shown there", "lung" in here and titles == [f"{organ}, 24 h, from above" for organ in here] and
       all(organ in here or f"No cell is in {organ}" in words(way) for organ in ("bone", "lung")), (titles, here))
# Voxels of vessels, in one of the two layers beside the plane, are no collagen: pixels of the last place of the palette.
height = None
for image, moment in zip(section(root, "matrix").iter("image"), (0, -1)):
    with h5py.File(sorted((scratch / "cascade" / "snapshots").glob("snap_*.h5"))[moment]) as file:
        tissue, z = file["sites/primary/lattice/tissue"][:], numpy.sort(file["sites/primary/cells/position"][:, 2])
        place, origin = ((file["sites/primary/lattice"].attrs[key][:3] for key in ("spacing", "origin")))
    height = z[len(z) // 2] if height is None else height
    at = (height - origin[2]) / place[2]
    wall = (tissue[int(at)] == 5) | ((tissue[int(at) + 1] == 5) & (at > int(at)))
    pixels = numpy.array(png_of(image)).reshape(-1, 600)
    (ny, nx), (rows, columns) = wall.shape, pixels.shape
    wanted = wall[((rows - numpy.arange(rows) - 0.5) * ny / rows).astype(int)][:, ((numpy.arange(columns) + 0.5) * nx / columns).astype(int)]
    seen = pixels != 240  # cells lie over them
    expect("vessels have a colour of their own in the matrix", wall.sum() > 20 and ((pixels == 241) != wanted)[seen].mean() < 5e-3,
           (wall.sum(), (pixels == 241).sum(), wanted.sum(), ((pixels == 241) != wanted)[seen].mean()))
expect("and a word", "red: voxels of vessels" in words(section(root, "matrix")))
told = {words(e) for e in section(root, "counts").iter("text")}
lost = {f"dead, {name.split('_')[1]}" for name in end if name.startswith("primary.deaths_") and float(end[name]) > 0}
expect("what left the tumour is told: into the blood, and the dead", lost | {"into the blood"} <= told and float(end["primary.passed"]) > 0, (lost, told))
rows = [[words(c) for c in r] for r in next(e for e in way.iter("table") if e.get("class") == "founders").iter("tr")][1:]
colonies = {}  # one row each, with the first of a clump that began
for row in begun:
    colonies.setdefault((row["site"], row["group"]), []).append(row)
colonies = list(colonies.values())
expect("founders of colonies, the first twenty", len(colonies) > 20 and len(rows) == 20, (len(colonies), len(rows)))
for shown, (wanted, *others) in zip(rows, colonies):
    expect("a founder is that of cascade.csv", shown[0] == wanted["site"] and
           shown[3:7] == [str(wanted["colony"]), str(1 + len(others)), wanted["cell_id"], wanted["founder"]] and
           all(abs(shown_number(s) - float(wanted[k])) <= 1e-3 * abs(float(wanted[k])) for s, k in
               zip(shown[7:], ("weight", "pakt", "vimentin_stability", "runx2_activity"))), f"{shown} {wanted}")
expect("those of the largest colonies first", begun[0]["colony"] > begun[-1]["colony"], [row["colony"] for row in begun])
expect("and how many more there are", f"{len(colonies) - 20} more in cascade.csv" in words(way))
with open(scratch / "cascade" / "cascade.csv", "a") as file:
    file.write("24,initia")  # in the middle of a write
code, _, err = invado("report", "cascade")
expect("a last line without end is left out", code == 0, err)
with open(scratch / "cascade" / "cascade.csv", "a") as file:
    file.write("ted,lung,many\n")
code, _, err = invado("report", "cascade")
expect("a damaged cascade.csv is 65, with the line", code == 65 and "cascade.csv:" in err, f"{code} {err}")

# Where all cells are injected into the blood, there is nothing to say about the tumour.
code, _, err = invado("run", source / "scenarios" / "reference" / "q1_fibre_front.yaml", "--until", "6 min", "--progress", "none", "-q", "-o", "entering")
invado("report", "entering")
expect("cells that come again and again are told in words", code == 0 and
       "30 cells of type follower (population entering), again every 4 h until 120 h" in words(read_page(scratch / "entering" / "report.html")), err)

code, _, err = invado("run", source / "scenarios" / "lung_foci.yaml", "--until", "24 h", "--set", "population.injected.count=40", "--progress", "none", "-q", "-o", "injected")
expect("a run of injected cells ends well", code == 0, err)
code, _, err = invado("report", "injected")
root = read_page(scratch / "injected" / "report.html", [name for name in CASCADE if name in ("words", "warnings", "figures", "cascade", "parameters", "schedule", "provenance")])
expect("injected: where they were put", "injected into the blood" in words(section(root, "words")))
expect("injected: that there was no tumour", "there never was a cell" in words(section(root, "warnings")))
expect("injected: no figures of a tumour, those of organs", "front_um_q90" not in words(section(root, "figures")) and "extravasated" in words(section(root, "figures")))

expect("injected: forty are where the way begins", "injected 40" in " ".join(words(section(root, "cascade")).split()), words(section(root, "cascade"))[:300])

# --- runs that have not ended ---
stopped = scratch / "stopped"
shutil.copytree(scratch / "run", stopped)
record.update(exit=None, end=None)
(stopped / "run.json").write_text(json.dumps(record))
(stopped / "msd.csv").unlink()
for later in sorted((stopped / "snapshots").glob("snap_*.h5"))[1:]:
    later.unlink()
with open(stopped / "series.csv", "a") as file:
    file.write("1.5,15")  # in the middle of a write
with open(stopped / "tracks.csv", "a") as file:
    file.write("0,99,1.5,3")
code, _, err = invado("report", "stopped", "-o", "stopped.html")
expect("the report of a killed run is made", code == 0, err)
if code == 0:
    root = read_page(scratch / "stopped.html")
    expect("it says that the run was killed, and how to go on", "killed" in words(root.find("body/header")) and "invado resume" in words(root.find("body/header")))
    expect("it warns", "not ended" in words(section(root, "warnings")))
    expect("without msd.csv the tracks serve", "Fürth" in words(section(root, "walk")))
    again = {e.get("data-fit"): float(e.get("data-value")) for e in section(root, "walk").iter("strong") if e.get("data-fit")}
    # Places in tracks.csv are rounded to 1 nm of paths of some um.
    expect("and give the same walk", abs(again["speed_um_h"] / S - 1) < 1e-3, f"{again} {fit}")
    expect("there is one moment to see", len(list(section(root, "pictures").iter("image"))) == 2)
for name in ("series.csv", "tracks.csv", "log.jsonl"):
    (stopped / name).unlink()
shutil.rmtree(stopped / "snapshots")
code, _, err = invado("report", "stopped", "-o", "bare.html")
expect("a run without rows and snapshots has a report", code == 0, err)
if code == 0:
    expect("which says what is missing", "no snapshots" in words(section(read_page(scratch / "bare.html"), "warnings")))

# --- a run that is going on ---
live = subprocess.Popen([program, "run", *map(str, spheroid), "-o", "live"], cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while live.poll() is None and not ((scratch / "live" / "series.csv").is_file() and (scratch / "live/snapshots/snap_000000.h5").is_file() and
                                       (scratch / "live/run.json").is_file()):
        pass
    code, _, err = invado("report", "live")
    expect("the report of a running run is made", code == 0, err)
    running = live.poll() is None
finally:
    live.terminate()
    live.wait()
if code == 0 and running:
    root = read_page(scratch / "live" / "report.html")
    expect("it says that the run goes on", "running" in words(root.find("body/header")) and "still going on" in words(section(root, "warnings")))
    expect("its page loads itself again", any(e.get("http-equiv") == "refresh" for e in root.iter("meta")))

# --- folders that are none, and damage ---
(scratch / "foreign").mkdir()
for what, folder, wanted in [("no such folder", "nowhere", 66), ("a foreign folder", "foreign", 66)]:
    code, _, err = invado("report", folder)
    expect(f"{what}: {wanted}", code == wanted and folder in err and not (scratch / folder / "report.html").exists(), f"{code} {err}")


# A front near a face of the box is said beside the speed, and among the warnings.
near = scratch / "near"
shutil.copytree(scratch / "run", near)
rows = rows_of("near/series.csv")
at = next(name for name in rows[0] if name.split(".")[-1] == "front_near_boundary")
for flagged in (False, True):
    rows[-1][at] = "1" if flagged else "0"
    with open(near / "series.csv", "w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    code, _, err = invado("report", "near", "-o", f"near_{flagged}.html")
    page = read_page(scratch / f"near_{flagged}.html")
    for place in ("warnings", "front"):
        expect(f"a front near a face: said in {place} when it is ({flagged})", code == 0 and ("near a face" in words(section(page, place))) == flagged, err)
    free = float(rows[-2 if flagged else -1][at.replace("near_boundary", "speed_um_h")])
    shown = re.search(r"Speed of the 90 % front (.*?): (\S+)", words(section(page, "front")))
    expect("and its speed is that of the free front", shown and ("until" in shown[1]) == flagged and abs(shown_number(shown[2]) - free) < 0.06, (shown, free))


def damaged(name, change):
    folder = scratch / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scratch / "run", folder)
    (folder / "report.html").unlink()
    path = sorted(folder.glob(name))[-1]
    path.write_bytes(change(path.read_bytes()))
    code, _, err = invado("report", "damaged")
    expect(f"damaged {name}: 65, named", code == 65 and path.name in err and len(err.strip().splitlines()) == 1, f"{code} {err}")
    expect(f"damaged {name}: no page", not (folder / "report.html").exists())


damaged("run.json", lambda b: b.replace(b'"seed":', b'"sead":'))
damaged("series.csv", lambda b: b.replace(b"\n0,", b"\nnought,", 1))
damaged("snapshots/snap_*.h5", lambda b: b[:3000] + bytes([b[3000] ^ 1]) + b[3001:])
damaged("scenario.resolved.yaml", lambda b: b.replace(b"\nduration: ", b"\nduration ", 1))
damaged("tracks.csv", lambda b: b.replace(b"\n3,0,", b"\n3,zero,", 1))
damaged("msd.csv", lambda b: b.replace(b"\n0.1,", b"\n0.1,,,,,,", 1))
damaged("log.jsonl", lambda b: b"garbage\n" + b)

verdict()
