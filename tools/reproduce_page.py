"""The page of tools/reproduce: every experiment with the sentence that it tests, what came out, and what of the sources is not
tested. One file, in the style of the program's own pages (src/report/page.css); well-formed XML; needs nothing else."""
import html, math, re

BEGINNING = "<!DOCTYPE html>\n<!-- invado report -->\n"
KINDS = {"up": "▲ up", "down": "▼ down", "absent": "– unchanged", "other": ""}
BASES = {"stated": "stated in the source", "legend": "figure legend, not in the text at hand", "implied": "implied by a stated mechanism", "prediction": "a prediction of the loop"}
COLOURS = {"reproduced": "#009E73", "undecided": "#E69F00"}  # others: #D55E00 (Okabe & Ito 2008)
SOURCES = {"Zhu": "Zhu 2011: AKT1 and vimentin Ser39", "Tian": "Tian 2020: VAL, TRIM16 and vimentin", "review": "Review of 2015: RUNX2 and PI3K/AKT"}


def escaped(text):
    return html.escape(str(text), quote=True)


def kind_of(rule):
    """What a rule claims: two arms that differ one way, two that do not differ, or something of its own."""
    if rule.startswith("abs("):
        return "absent"
    both = re.fullmatch(r"treated (>=|<=) [\d.]+ \* reference", rule)
    return {">=": "up", "<=": "down"}[both[1]] if both else "other"


def number(x, digits=3):
    return "–" if math.isnan(x) else f"{x:.{digits}g}"


def badge(verdict):
    colour = COLOURS.get(verdict, "#D55E00")
    return f'<span style="border-left: .5rem solid {colour}; padding-left: .35rem">{escaped(verdict)}</span>'


def source_of(row):
    return next((s for s in SOURCES if row["source"].startswith(s)), "review")


def forest(names, rows, results):
    """Ratio of treated to reference on a logarithmic axis: wells as a dot, tissue as a bar with its 90 % interval."""
    drawn = [(name, r) for name in names for r in results if r["row"] == name and r["effect"] > 0 and math.isfinite(r["effect"]) and kind_of(rows[name]["rule"]) != "other"]
    if not drawn:
        return ""
    low, high, left, width, step = 0.05, 20.0, 170, 420, 15
    x = lambda v: left + width * (math.log(min(max(v, low), high) / low) / math.log(high / low))
    height = 22 + step * len(drawn) + 26
    lines = [f'<svg class="plot" viewBox="0 0 {left + width + 20} {height}" role="img" style="width: 640px"><title>Effects</title>'
             f'<text class="title" x="2" y="14">treated over reference</text>']
    for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        lines.append(f'<path class="{"axis" if tick == 1 else "grid"}" d="M{x(tick):.1f} 20V{height - 24}"/><text class="tick" x="{x(tick):.1f}" y="{height - 8}" text-anchor="middle">{tick}</text>')
    for i, (name, r) in enumerate(drawn):
        y = 28 + step * i
        colour = COLOURS.get(r["verdict"], "#D55E00")
        lines.append(f'<text class="tick" x="2" y="{y + 4}">{escaped(name)} {escaped(r["assay"])} {KINDS[kind_of(rows[name]["rule"])][0]}</text>')
        if not math.isnan(r["low"]):
            lines.append(f'<path d="M{x(r["low"]):.1f} {y}H{x(r["high"]):.1f}" stroke="{colour}" stroke-width="2"/>')
        shape = f'<circle cx="{x(r["effect"]):.1f}" cy="{y}" r="3.5" fill="{colour}"/>' if r["assay"] == "wells" else f'<rect x="{x(r["effect"]) - 3.5:.1f}" y="{y - 3.5}" width="7" height="7" fill="{colour}"/>'
        lines.append(shape)
    return "".join(lines) + "</svg>"


def cell(r, expected):
    """One result, in words."""
    if r["assay"] == "wells":
        same = ", ".join(f"{arm} {value:.3g}" for arm, value in expected.items())
        return f'{badge(r["verdict"])}<br/>{escaped(r["found"])}' + (f'<br/><span class="note">reference implementation: {escaped(same)}</span>' if same else "")
    p = "" if math.isnan(r["p"]) else f", p = {r['p']:.1g} (Holm)"
    return f'{badge(r["verdict"])}<br/>{escaped(r["assay"])}: ratio {number(r["effect"])} ({number(r["low"])} to {number(r["high"])}){p}<br/><span class="note">{escaped(r["found"])}</span>'


def experiments(names, rows, results, tissue):
    head = "<tr><th>row</th><th>experiment and sentence</th><th>the source says</th><th>wells</th>" + ("<th>tissue</th>" if tissue else "") + "</tr>"
    lines = []
    for name in names:
        row = rows[name]
        quote = f'<br/><span class="note">“{escaped(row["quote"])}” ({escaped(row["source"])})</span>' if "quote" in row else f'<br/><span class="note">{escaped(row["source"])}</span>'
        basis = f'<br/><span class="note">{escaped(BASES[row["basis"]])}</span>' if "basis" in row else ""
        mine = [r for r in results if r["row"] == name]
        wells = "<br/>".join(cell(r, row.get("expected", {})) for r in mine if r["assay"] == "wells")
        moving = "<br/>".join(cell(r, {}) for r in mine if r["assay"] != "wells")
        if tissue and not moving:
            moving = '<span class="note">' + ("not run" if "tissue" in row else "an amount in the cell: wells decide") + "</span>"
        reason = f'<br/><span class="note">Why not: {escaped(row["because"])}</span>' if "because" in row and any(r["verdict"] != "reproduced" for r in mine) else ""
        lines.append(f'<tr id="{escaped(name)}"><td class="path">{escaped(name)}</td><td>{escaped(row["says"])} <span class="note">[{escaped(row["context"])}]</span>{quote}</td>'
                     f'<td>{KINDS[kind_of(row["rule"])]}{basis}<br/><span class="note">rule: <code>{escaped(row["rule"])}</code></span></td><td>{wells}{reason}</td>' + (f"<td>{moving}</td>" if tissue else "") + "</tr>")
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>\n' + "\n".join(lines) + "</tbody></table></div>\n"


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
        elif "untested" in s:
            what = f'<span style="color: #a34700">in the model, no row yet:</span> {escaped(s["untested"])}'
        else:
            what = f'not modelled: {escaped(s["not_modelled"])}'
        lines.append(f'<tr><td class="path">{escaped(s["lines"])}</td><td>{escaped(s["begins"])} …</td><td>{what}</td></tr>')
    return '<div class="scroll"><table><thead><tr><th>lines</th><th>sentence</th><th>row</th></tr></thead><tbody>\n' + "\n".join(lines) + "</tbody></table></div>\n"


def count(results):
    return f"{sum(r['verdict'] == 'reproduced' for r in results)} of {len(results)}"


def page(rows, results, jitter, sentences, style, method, version):
    """`results`: of the rows that were run; `jitter`: by set, which rows hold; `sentences`: tools/coverage.toml; `method`: how it was decided, in words."""
    chosen = [name for name in rows if any(r["row"] == name for r in results)]
    tissue = any(r["assay"] != "wells" for r in results)
    wells = [r for r in results if r["assay"] == "wells"]
    moving = [r for r in results if r["assay"] != "wells"]
    all_well = all(r["verdict"] == "reproduced" for r in results)
    state = f"wells: {count(wells)} reproduced" + (f"; tissue: {count(moving)}" if tissue else "; tissue: not run (--tissue)")
    sections = [("method", "How it was decided", "".join(f"<p>{escaped(part)}</p>\n" for part in method))]
    for source, title in SOURCES.items():
        names = [name for name in chosen if source_of(rows[name]) == source]
        if names:
            drawing = forest(names, rows, results)
            caption = ("Dots: wells, without noise. Squares and bars: tissue, ratio of means with its 90 % interval. ▲ up, ▼ down, – unchanged: what the source says. "
                       "Green: reproduced; amber: undecided; red: not.")
            body = (f'<figure><div class="panels">{drawing}</div><figcaption>{caption}</figcaption></figure>\n' if drawing else "") + experiments(names, rows, results, tissue)
            sections.append((source.lower(), title, body))
    open_rows = [r for r in results if r["verdict"] != "reproduced"]
    text = "<p>None.</p>" if not open_rows else "<ul>" + "".join(
        f'<li><a href="#{escaped(r["row"])}">{escaped(r["row"])}</a> ({escaped(r["assay"])}): {escaped(r["verdict"])}. {escaped(rows[r["row"]].get("because", ""))}</li>' for r in open_rows) + "</ul>"
    sections.append(("open", "What did not come out", text))
    if jitter:
        sections.append(("robustness", "Robustness", robustness(jitter, rows)))
    for source, title in SOURCES.items():
        mine = [s for s in sentences if s["source"] == source]
        if mine:
            count_of = lambda key: sum(key in s for s in mine)
            sections.append((f"coverage_{source.lower()}", f"Sentences: {title}", f"<p>In the order of the text: {count_of('rows')} entries are tested by rows, {count_of('untested')} are in the model "
                             f"without a row, {count_of('not_modelled')} are not modelled, {count_of('no_claim')} claim nothing of their own.</p>\n" + coverage_table(mine, rows)))
    nav = " ".join(f'<a href="#{i}">{escaped(title)}</a>' for i, title, _ in sections)
    body = "".join(f'<section id="{i}"><h2>{escaped(title)}</h2>\n{text}</section>\n' for i, title, text in sections)
    name = "Experiments of three papers, in silico"
    return (f'{BEGINNING}<html lang="en"><head><meta charset="utf-8"/>\n<meta name="viewport" content="width=device-width, initial-scale=1"/>\n<title>{name} – invado</title>\n<style>{style}</style></head>\n'
            f'<body>\n<header><h1>{name}</h1>\n<p><span class="state{"" if all_well else " open"}">{state}</span></p>\n<nav>{nav}</nav></header>\n<main>\n{body}'
            f'<p class="note">Written by {escaped(version)}.</p></main>\n</body></html>\n')
