"""The table of experiments: reads it, and says what is wrong in it, with file and line."""
import re, tomllib

from papers import arms, assays, statistics

REQUIRED = ("source", "says", "context", "arms", "hours", "read", "rule")
OPTIONAL = ("quote", "basis", "branch", "expected", "tissue", "tissue_read", "tissue_rule", "tissue_arms", "curve", "picture", "note",
            "calibrated", "because")


class Refused(Exception):
    """What is wrong, a line each."""


def read(file, contexts):
    """{name: row}. `contexts`: the cells that there are."""
    try:
        text = file.read_text()
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise Refused(f"{file}: {error}")
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
        raise Refused(f"{file}:{at[2]}:{at[3]}: {at[1]}" if at else f"{file}: {error}")
    headings = {name: number for number, line in enumerate(text.splitlines(), 1) for name in re.findall(r"^\[(.*?)\]", line)}
    wrong = [f"{file}:{headings.get(name, 1)}: {name}: {what}"
             for name, row in table.items() for what in wrong_in(row, contexts)]
    if wrong:
        raise Refused("\n".join(wrong))
    return table


def wrong_in(row, contexts):
    missing = [key for key in REQUIRED if key not in row] if isinstance(row, dict) else REQUIRED
    if missing:
        yield f"has no {', '.join(missing)}"
        return
    for key in row:
        if key not in REQUIRED + OPTIONAL:
            yield f"{key}: unknown key (allowed {', '.join(REQUIRED + OPTIONAL)})"
    if row["context"] not in contexts:
        yield f"context: no '{row['context']}' (allowed {', '.join(contexts)})"
    named = [name for name in assays.ASSAYS if name != "wells"]
    if "tissue" in row and row["tissue"] not in named:
        yield f"tissue: no assay '{row['tissue']}' (allowed {', '.join(named)})"
    if set(row.get("tissue_arms", row["arms"])) != set(row["arms"]):
        yield f"tissue_arms: not the arms of the wells (allowed {', '.join(row['arms'])})"
    else:
        tried = ("wells", *(assays.assays_of(row) if row.get("tissue", named[0]) in named else ()))
        yield from dict.fromkeys(f"{where}: {what}" for assay in tried for where, what in wrong_in_arms(row, assay))
    for key in ("rule", "tissue_rule"):
        if key not in row:
            continue
        if not statistics.is_rule(row[key]):
            yield f"{key}: '{row[key]}' does not compare arms (such as treated >= 1.3 * reference)"
        elif unknown := statistics.arms_in(row[key]) - set(row["arms"]):
            yield f"{key}: no arm '{', '.join(sorted(unknown))}' (allowed {', '.join(row['arms'])})"


def wrong_in_arms(row, assay):
    key = "tissue_arms" if assay != "wells" and "tissue_arms" in row else "arms"
    hours = assays.experiment_of(row, assay, quick=False).hours
    return ((f"{key}.{name}", what) for name, arm in row[key].items() for what in arms.wrong_in(arm, hours))


def read_in(row, assay):
    """The column that a row reads there, unless the assay has its own."""
    return row["read"] if assay == "wells" else row.get("tissue_read", row["read"])


def arms_in(row, assay):
    """{arm: what is done to its cells}"""
    return row["arms"] if assay == "wells" else row.get("tissue_arms", row["arms"])


def claims_in(row, assay):
    return statistics.claims_of(row["rule"] if assay == "wells" else row.get("tissue_rule", row["rule"]))
