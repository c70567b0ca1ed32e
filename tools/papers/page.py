"""The page of tools/reproduce: every experiment with the sentence that it tests, what came out, and what of the sources is not
tested. One file, in the style of the program's own pages (src/report/page.css); well-formed XML; needs nothing else."""
import base64, html, math, re, textwrap

from papers import arms, assays, table

BEGINNING = "<!DOCTYPE html>\n<!-- invado report -->\n"
KINDS = {"up": "▲ up", "down": "▼ down", "absent": "– unchanged", "other": ""}
# What a row's claim rests on: badge, and in words (biology.md 5).
BASES = {"stated": ("published", "stated in the source"),
         "legend": ("plausible", "from a figure legend that is not in the text at hand: unverified"),
         "implied": ("derived", "implied by a mechanism that the source states"),
         "prediction": ("prediction", "of the model, or a postulate of the source")}
CALIBRATED = ("calibrated", "constants or doses were chosen so that it holds: no test of the model")
COLOURS = {"reproduced": ("#009E73", "✓"), "undecided": ("#E69F00", "?")}  # Okabe & Ito 2008; signs for those who see no colours
MISSED = ("#D55E00", "✗")
PANEL = 30
LEGEND_CHARACTERS = 50
STYLE = """.badge { border: 1px solid #444; border-radius: .3rem; padding: 0 .3rem; font-size: .8rem; white-space: nowrap; }
.verdict { border-left: .5rem solid; padding-left: .35rem; white-space: nowrap; }
table.rows { table-layout: fixed; width: 100%; min-width: 900px; }
table.rows th:nth-child(1) { width: 4.2em; } table.rows td.path { min-width: 0; }
table.rows th:nth-child(2) { width: 27%; } table.rows th:nth-child(3) { width: 22%; } table.rows th:nth-child(4) { width: 16%; }
table.rows th:last-child { width: auto; }  /* without tissue: what is left */
table.rows td { overflow-wrap: anywhere; }
table .note, table code { font-size: inherit; }
@media print { table.rows { min-width: 0; } .badge { font-size: 7pt; } figcaption { font-size: 8pt; } .panels img { width: 240px; } }
"""
ARM_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
SOURCES = {"Zhu": "Zhu 2011: AKT1 and vimentin Ser39", "Tian": "Tian 2020: VAL, TRIM16 and vimentin", "review": "Review of 2015: RUNX2 and PI3K/AKT",
           "PMC8042649": "Neoplasia 2021 (PMC8042649): Akt isoforms and colonisation of the lung"}


def escaped(text):
    return html.escape(str(text), quote=True)


def paragraphs(text):
    """One per line that begins with a word and a colon."""
    return [" ".join(part.split()) for part in re.split(r"\n(?=[A-Z][a-z]+: )", text)]


def by_place(results):
    """{"wells" or "tissue": {row: whether all of its claims came out}}"""
    out = {}
    for r in results:
        rows = out.setdefault("wells" if r["assay"] == "wells" else "tissue", {})
        rows[r["row"]] = rows.get(r["row"], True) and r["verdict"] == "reproduced"
    return out


def missed_among(results):
    return [r for r in results if r["verdict"] != "reproduced"]


def number(x, digits=3):
    return "–" if math.isnan(x) else f"{x:.{digits}g}"


def colour_of(result):
    return COLOURS.get(result["verdict"], MISSED)[0]


def verdict(result):
    colour, sign = COLOURS.get(result["verdict"], MISSED)
    return f'<span class="verdict" style="border-color: {colour}">{sign} {escaped(result["verdict"])}</span>'


def badge(word, meaning):
    return f'<span class="badge" title="{escaped(meaning)}">{escaped(word)}</span>'


def note(text):
    return f'<br/><span class="note">{text}</span>'


def source_of(row):
    return next((s for s in SOURCES if row["source"].startswith(s)), "review")


def forest(names, results):
    """Ratios of two arms on a logarithmic axis: wells as a circle, tissue as a square with its 90 % interval; a panel every 30 lines."""
    lines = []
    for name in names:
        drawn = [r for r in results if r["row"] == name and r["kind"] in ("up", "down", "absent") and r["effect"] > 0]
        claims = list(dict.fromkeys(r["claim"] for r in drawn if r["assay"] != "wells")) or [r["claim"] for r in drawn]
        for claim in claims:
            mine = [r for r in drawn if r["claim"] == claim or r["assay"] == "wells" and len(claims) == 1]
            arms_of_claim = re.findall(r"[a-z]\w*", claim.removeprefix("abs("))
            lines.append((name + (f" {arms_of_claim[0]}/{arms_of_claim[-1]}" if len(claims) > 1 else ""), mine))
    return "".join(forest_panel(lines[i:i + PANEL]) for i in range(0, len(lines), PANEL))


def forest_panel(lines):
    low, high, left, width, step = 0.05, 20.0, 130, 380, 17
    x = lambda v: left + width * math.log(min(max(v, low), high) / low) / math.log(high / low)
    height = 22 + step * len(lines) + 24
    parts = [f'<svg class="plot" viewBox="0 0 {left + width + 15} {height}" role="img"><title>Effects</title>'
             '<text class="title" x="2" y="14">one arm over the other</text>']
    for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        parts.append(f'<path class="{"axis" if tick == 1 else "grid"}" d="M{x(tick):.1f} 20V{height - 22}"/>'
                     f'<text class="tick" x="{x(tick):.1f}" y="{height - 7}" text-anchor="middle">{tick:g}</text>')
    for i, (label, mine) in enumerate(lines):
        y = 30 + step * i
        parts.append(f'<text class="tick" x="2" y="{y + 4}">{escaped(label)} {KINDS[mine[0]["kind"]][0]}</text>')
        tissue = [r for r in mine if r["assay"] != "wells"]
        for k, r in enumerate(tissue):
            at = y + (4 * (2 * k - len(tissue) + 1) if len(tissue) > 1 else 0)
            parts.append(f'<path d="M{x(r["low"]):.1f} {at}H{x(r["high"]):.1f}" stroke="{colour_of(r)}" stroke-width="2"/>'
                         f'<rect x="{x(r["effect"]) - 3:.1f}" y="{at - 3}" width="6" height="6" fill="{colour_of(r)}"/>')
        parts += [f'<circle cx="{x(r["effect"]):.1f}" cy="{y}" r="4.5" fill="none" stroke="{colour_of(r)}" stroke-width="1.5"/>'
                  for r in mine if r["assay"] == "wells"]
        if any(not low <= r["effect"] <= high for r in mine):
            parts.append(f'<text class="tick" x="{left + width + 2 if mine[0]["effect"] > 1 else left - 10}" y="{y + 4}">'
                         f'{"▸" if mine[0]["effect"] > 1 else "◂"}</text>')
    return "".join(parts) + "</svg>"


def round_up(x):
    """To 1, 2 or 5 times a power of ten; a twentieth more does not matter."""
    power = 10.0 ** math.floor(math.log10(x)) if x > 0 else 1.0
    return next(f * power for f in (1, 2, 5, 10) if f * power >= x / 1.05)


def course(name, row, title, courses):
    """What a row reads against time: mean of the seeds and its standard error, a line an arm."""
    left, top, width, height = 78, 24, 300, 150
    error = lambda v: (sum((u - sum(v) / len(v)) ** 2 for u in v) / len(v) / max(len(v) - 1, 1)) ** 0.5
    lines = {arm: [(time, sum(v) / len(v), error(v)) for time, v in points if v] for arm, points in courses.items()}
    legend = {arm: textwrap.wrap(f"{arm}: {table.arms_in(row, 'tissue')[arm] or 'nothing done'}", LEGEND_CHARACTERS) for arm in lines}
    last = max(time for points in lines.values() for time, _, _ in points)
    highest = round_up(max(m + e for points in lines.values() for _, m, e in points) or 1)
    x, y = lambda time: left + width * time / last, lambda v: top + height * (1 - v / highest)
    box = f"0 0 {left + width + 50} {top + height + 38 + 16 * sum(map(len, legend.values()))}"
    parts = [f'<svg class="plot small" viewBox="{box}" role="img"><title>{escaped(row["says"])}</title>'
             f'<text class="title" x="2" y="14">{escaped(name)}: {escaped(title)}</text>']
    for k in range(5):
        v, time = highest * k / 4, last * k / 4
        parts.append(f'<path class="grid" d="M{left} {y(v):.1f}H{left + width}"/>'
                     f'<text class="tick" x="{left - 5}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3g}</text>'
                     f'<text class="tick" x="{x(time):.1f}" y="{top + height + 15}" text-anchor="middle">{time:g}{" h" if k == 4 else ""}</text>')
    for i, (arm, points) in enumerate(lines.items()):
        colour, dash = ARM_COLOURS[i % len(ARM_COLOURS)], ("", "6 3", "2 3", "8 3 2 3")[i % 4]
        band = [f"{x(t):.1f},{y(min(m + e, highest)):.1f}" for t, m, e in points]
        band += [f"{x(t):.1f},{y(max(m - e, 0)):.1f}" for t, m, e in reversed(points)]
        path = " ".join(f"{x(t):.1f},{y(m):.1f}" for t, m, _ in points)
        at = top + height + 32 + 16 * sum(len(legend[above]) for above in list(lines)[:i])
        parts.append(f'<polygon points="{" ".join(band)}" fill="{colour}" opacity="0.18"/>'
                     f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
                     f'<path d="M{left} {at - 4}h24" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
                     + "".join(f'<text class="tick" x="{left + 30}" y="{at + 16 * k}">{escaped(text)}</text>' for k, text in enumerate(legend[arm])))
    return "".join(parts) + "</svg>"


def shown(name, row, what, images):
    """One seed of each arm, side by side."""
    data = lambda image: "data:image/jpeg;base64," + base64.b64encode(image).decode()
    each = "".join(f'<figure><img src="{data(image)}" alt="{escaped(arm)}"/>'
                   f'<figcaption>{escaped(arm)}: {escaped(table.arms_in(row, "tissue")[arm] or "nothing done")}</figcaption></figure>'
                   for arm, image in images.items())
    caption = f"{escaped(name)}, one seed of each arm: {escaped(what)}. Colour: AKT level, one range for all pictures."
    return f'<figure><div class="panels">{each}</div><figcaption>{caption}</figcaption></figure>\n' if images else ""


def in_wells(r, expected):
    same = " agrees" if r["agrees"] else ": " + ", ".join(f"{arm} {value:.3g}" for arm, value in expected.items())
    return verdict(r) + f"<br/>{escaped(r['found'])}" + (note(f"reference implementation{escaped(same)}") if expected else "")


def effect(r):
    span = f"{number(r['effect'])} ({number(r['low'])} to {number(r['high'])})"
    if r["kind"] != "other":
        return f"ratio {span}" + ("" if math.isnan(r["p"]) else f", p = {r['p']:.1g}")
    side, bound, at = ("above", "lower", r["low"]) if ">" in r["claim"] else ("below", "upper", r["high"])
    return f"{span}, must be {side} {r['limit']:g}; {bound} bound {number(at)}"


def in_assay(claims):
    """What one assay says of each claim of a row."""
    lines = [f'<span class="note">{escaped(claims[0]["assay"])}: {escaped(claims[0]["found"])}</span>']
    for r in claims:
        of = f"<code>{escaped(r['claim'])}</code><br/>" if len(claims) > 1 or r["kind"] == "other" else ""
        lines.append(f"{verdict(r)}: {of}{effect(r)}")
    return "<br/>".join(lines)


def why_not(row, missed):
    """The reason that the table gives; else, of claims that are undecided, what these seeds and cells leave open. "": neither."""
    if "because" in row:
        return row["because"]
    ratio = lambda r: f"ratio {number(r['low'])} to {number(r['high'])}"
    left = {"absent": ratio, "other": lambda r: f"the claim holds in {r['confidence']:.0%} of the resamples"}
    each = [left.get(r["kind"], lambda r: f"{ratio(r)}, p = {r['p']:.1g}")(r) for r in missed if r["verdict"] == "undecided"]
    return f"these seeds and cells do not decide it: {'; '.join(each)}" if each else ""


def experiments(names, rows, results, tissue):
    head = "<tr><th>row</th><th>experiment and sentence</th><th>claim</th><th>wells</th>" + ("<th>tissue</th>" if tissue else "") + "</tr>"
    lines = []
    for name in names:
        row = rows[name]
        mine = [r for r in results if r["row"] == name]
        moving = [r for r in mine if r["assay"] != "wells"]
        quote = f"“{escaped(row['quote'])}” ({escaped(row['source'])})" if "quote" in row else escaped(row["source"])
        badges = [BASES[row["basis"]]] if "basis" in row else []
        badges += [CALIBRATED] if row.get("calibrated") else []
        claim = KINDS[mine[0]["kind"]] + " " + " ".join(badge(*b) for b in badges) + note(f"rule: <code>{escaped(row['rule'])}</code>")
        if any(treatment.begin_h is not None for treatment in arms.treatments_in(row["arms"].values())):
            claim += note("<br/>".join(f"{escaped(arm)}: {escaped(doses or 'nothing done')}" for arm, doses in row["arms"].items()))
        if "tissue_read" in row and tissue:
            rule = f"<code>{escaped(row['tissue_rule'])}</code>" if "tissue_rule" in row else "the same"
            doses = "; ".join(f"{arm}: {knobs}" for arm, knobs in row.get("tissue_arms", {}).items() if knobs)
            claim += note(f"in tissue: {rule} of {escaped(row['tissue_read'])}" + (f", with {escaped(doses)}" if doses else ""))
        notes = [row.get("note", ""), *(assays.ASSAYS[assay].note for assay in assays.assays_of(row))]
        if any(notes):
            claim += note(f"<b>Note:</b> {escaped(' '.join(filter(None, notes)))}")
        wells = "<br/>".join(in_wells(r, row.get("expected", {})) for r in mine if r["assay"] == "wells")
        cells = "<br/>".join(in_assay([r for r in moving if r["assay"] == assay]) for assay in dict.fromkeys(r["assay"] for r in moving))
        if reason := why_not(row, missed_among(mine)):
            cells += note(f"<b>Why not:</b> {escaped(reason)}")
        lines.append(f'<tr id="{escaped(name)}"><td class="path">{escaped(name)}</td>'
                     f'<td>{escaped(row["says"])} <span class="note">[{escaped(row["context"])}]</span>{note(quote)}</td>'
                     f"<td>{claim}</td><td>{wells}</td>" + (f"<td>{cells}</td>" if tissue else "") + "</tr>")
    return f'<div class="scroll"><table class="rows"><thead>{head}</thead><tbody>\n' + "\n".join(lines) + "</tbody></table></div>\n"


def robustness(jitter, rows):
    """Share of the sets of changed constants in which each row holds, the weakest first."""
    names = list(jitter[0])
    share = {name: sum(s[name] for s in jitter) / len(jitter) for name in names}
    each = [sum(s.values()) / len(s) for s in jitter]
    weakest = sorted((n for n in names if share[n] < 1), key=lambda n: share[n])
    step, left, width = 17, 70, 300
    height = 26 + step * len(weakest)
    bars = "".join(f'<text class="tick" x="2" y="{32 + step * i}">{escaped(n)}</text><rect x="{left}" y="{22 + step * i}" width="{width * share[n]:.1f}" height="{step - 5}" fill="#0072B2"/>'
                   f'<text class="tick" x="{left + width * share[n] + 5:.1f}" y="{32 + step * i}">{share[n]:.0%}: {escaped(rows[n]["says"][:60])}</text>' for i, n in enumerate(weakest))
    drawing = f'<svg class="plot" viewBox="0 0 820 {height}" style="width: 820px" role="img"><title>Robustness</title><text class="title" x="2" y="14">share of {len(jitter)} sets in which a row holds (those that always hold are left out)</text>{bars}</svg>'
    return (f"<p>Every kinetic constant changed at random by 15 % (log-normal, all together), {len(jitter)} times: of {len(names)} rows {sum(each) / len(each):.1%} hold on average "
            f"({min(each):.1%} to {max(each):.1%}); {sum(share[n] == 1 for n in names)} rows hold in every set. The reference implementation, ten sets of its own and 91 rows: 93.2 % "
            f"(85.3 % to 99.1 %).</p>\n<figure><div class=\"panels\">{drawing}</div></figure>\n")


def coverage_table(sentences, rows):
    lines = []
    for s in sentences:
        if "no_claim" in s:
            what = f'<span class="note">{escaped(s["no_claim"])}</span>'
        elif "rows" in s:
            what = ", ".join(f'<a href="#{escaped(r)}">{escaped(r)}</a>' if r in rows else escaped(r) for r in s["rows"])
            what += f'<br/><span class="note">not reached: {escaped(s["rest"])}</span>' if "rest" in s else ""
        else:
            what = f'not modelled: {escaped(s["not_modelled"])}'
        lines.append(f'<tr><td class="path">{escaped(s["lines"])}</td><td>{escaped(s["begins"])} …</td><td>{what}</td></tr>')
    return '<div class="scroll"><table><thead><tr><th>lines</th><th>sentence</th><th>row</th></tr></thead><tbody>\n' + "\n".join(lines) + "</tbody></table></div>\n"


def calibration_table(targets):
    head = "<tr><th>quantity</th><th>published</th><th>model</th><th></th></tr>"
    fitted = lambda t: badge("fitted", f"{t.fitted} was chosen so that it holds: no test of the model") + note(escaped(t.fitted))
    comparison = badge("comparison", "nothing was fitted to it")
    lines = "\n".join(f"<tr><td>{escaped(t.quantity)}{note(escaped(t.note))}</td><td>{escaped(t.published)}{note(escaped(t.source))}</td>"
                      f"<td>{escaped(t.found())}</td><td>{fitted(t) if t.fitted else comparison}</td></tr>" for t in targets)
    return ("<p>Published numbers of the cascade, and what the model gives: mean of the seeds, and from the lowest to the highest. No verdict: what is fitted "
            "is no test, and what is compared was measured in other cells, organs and animals.</p>\n"
            f'<div class="scroll"><table><thead>{head}</thead><tbody>\n{lines}</tbody></table></div>\n')


def page(rows, results, targets, curves, pictures, jitter, sentences, style, method, run, version):
    """`results`: of the rows that were run, a claim each; `targets`: of calibration; `curves`: {row: (what, {arm: [(time_h, values)]})}; `pictures`: {row: (what, {arm: JPEG})};
    `jitter`: by set, which rows hold; `sentences`: tools/papers/sentences.toml; `method`: how it was decided, in words; `run`: how this run
    differs."""
    chosen = [name for name in rows if any(r["row"] == name for r in results)]
    places = by_place(results)
    tissue = "tissue" in places
    count = lambda place: f"{sum(places[place].values())} of {len(places[place])} rows"
    state = "no row was run"
    if places:
        state = f"wells: {count('wells')} reproduced; tissue: " + (count("tissue") if tissue else "not run (--wells)")
    all_well = all(all(place.values()) for place in places.values())
    sections = [("method", "How it was decided", "".join(f"<p>{escaped(part)}</p>\n" for part in method + ([f"This run: {run}"] if run else []))
                 + "<p>Badges: " + "; ".join(f"{badge(*b)} {escaped(b[1])}" for b in [*BASES.values(), CALIBRATED]) + ".</p>\n")]
    for source, title in SOURCES.items():
        names = [name for name in chosen if source_of(rows[name]) == source]
        if names:
            drawing = forest(names, results)
            caption = ("Circles: wells, without noise. Squares and bars: tissue, ratio of the means with its 90 % interval. ▲ up, ▼ down, – unchanged: what the source "
                       "says. Green: reproduced; amber: undecided; red: not. ◂ ▸: beyond the axis.")
            body = f'<figure><div class="panels">{drawing}</div><figcaption>{caption}</figcaption></figure>\n' if drawing else ""
            courses = "".join(course(name, rows[name], *curves[name]) for name in names if name in curves)
            if courses:
                body += (f'<figure><div class="panels">{courses}</div><figcaption>In tissue, against time: mean of the seeds, band: its standard '
                         "error.</figcaption></figure>\n")
            body += "".join(shown(name, rows[name], *pictures[name]) for name in names if name in pictures)
            sections.append((source.lower(), title, body + experiments(names, rows, results, tissue)))
    missed = {name: claims for name in chosen if (claims := missed_among([r for r in results if r["row"] == name]))}
    verdicts = lambda claims: "; ".join(dict.fromkeys(f"{r['assay']}: {r['verdict']}" for r in claims))
    text = "<p>None.</p>" if not missed else "<ul>" + "".join(
        f'<li><a href="#{escaped(name)}">{escaped(name)}</a> ({escaped(verdicts(claims))}). {escaped(rows[name]["says"])}'
        + (f". Why: {escaped(reason)}" if (reason := why_not(rows[name], claims)) else "") + "</li>" for name, claims in missed.items()) + "</ul>"
    sections.append(("open", "What did not come out", text))
    if targets:
        sections.append(("calibration", "Calibration targets", calibration_table(targets)))
    if jitter:
        sections.append(("robustness", "Robustness", robustness(jitter, rows)))
    for source, title in SOURCES.items():
        mine = [s for s in sentences if s["source"] == source]
        if mine:
            count_of = lambda key: sum(key in s for s in mine)
            sections.append((f"coverage_{source.lower()}", f"Sentences: {title}", f"<p>In the order of the text: {count_of('rows')} entries are tested by rows, "
                             f"{count_of('not_modelled')} are not modelled, {count_of('no_claim')} claim nothing of their own.</p>\n" + coverage_table(mine, rows)))
    nav = " ".join(f'<a href="#{i}">{escaped(title)}</a>' for i, title, _ in sections)
    body = "".join(f'<section id="{i}"><h2>{escaped(title)}</h2>\n{text}</section>\n' for i, title, text in sections)
    name = "Experiments of the papers, in silico"
    return (f'{BEGINNING}<html lang="en"><head><meta charset="utf-8"/>\n<meta name="viewport" content="width=device-width, initial-scale=1"/>\n<title>{name} – invado</title>\n<style>{style}{STYLE}</style></head>\n'
            f'<body>\n<header><h1>{name}</h1>\n<p><span class="state{"" if all_well else " open"}">{state}</span></p>\n<nav>{nav}</nav></header>\n<main>\n{body}'
            f'<p class="note">Written by {escaped(version)}.</p></main>\n</body></html>\n')
