#!/usr/bin/env python3
"""Reads every tracked file and says, line by line, what breaks a rule of src/README.md:
what can cost the same-bits promise, what does not belong on the top level, files that do not say what they are, paths of
one machine, words that announce unfinished work.
  lint.py REPOSITORY"""
import pathlib, re, subprocess, sys

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CITATION.cff",
             "configs", "paraview", "scenarios", "src", "tests", "tools"}  # and names that begin with a dot

# Rooms whose arithmetic reaches a result: world, files and curves.
RESULT_ROOMS = {"base", "model", "signalling", "response", "motility", "mechanics", "matrix", "transport", "lifecycle",
                "cascade", "engine", "analysis", "images"}
ALWAYS = [  # in src/
    (r"-ffast-math|-Ofast|-funsafe-math|-fassociative-math|-freciprocal-math|-ffp-contract=fast", "lets the compiler change results"),
    (r"std::\w+_distribution|mt19937|random_device|default_random_engine|\bs?rand\(", "chance only from base/random.h"),
    (r"#\s*pragma\s+omp\b.*\breduction\(", "sums over rows: ordered_sum; sums without order: FixedSum"),
    (r"#\s*pragma\s+omp\s+(atomic|critical)", "no order, no same bits: gather, or FixedSum"),
    (r"#\s*pragma\s+omp\b.*\bfor\b(?!.*schedule\((INVADO_SCHEDULE|dynamic, 1)\))", "schedule(INVADO_SCHEDULE): tests turn it"),
]
EVERYWHERE = [  # in src/ and tests/
    (r"\branges::(equal_range|rotate|unique|remove(_if)?|(stable_)?partition|search(_n)?|find_end)\(|\b(std|ranges)::views\b",
     "clang 14 refuses the subranges of libstdc++ 12: the algorithm of std::, with iterators"),
]
HEADERS = [(r"\busing namespace\b", "names stay in their namespace")]
RESULT = [
    (r"(?<!invado)(?:\bstd)::(exp|exp2|expm1|expf|log|log2|log10|log1p|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt|hypot|erf|erfc|tgamma|lgamma)\(",
     "libm differs from machine to machine: base/maths.h"),
    (r"\bunordered_(map|set|multimap|multiset)\b", "its order is not ours"),
    (r"std::(reduce|transform_reduce|execution)\b", "the order of the sum is not fixed"),
]
UNFINISHED = r"\b(TODO|FIXME|XXX|HACK)\b"
# Built from pieces, so that this file does not accuse itself.
MACHINE_PATHS = r"(?<![\w.])/(?:" + "|".join(["work", "farm", "root", "home", "tmp"]) + r")/[\w.]"
COMMENTED = {".h": "//", ".cpp": "//", ".in": "//", ".def": "//", ".py": '"""', ".sh": "#", ".yaml": "#", ".cmake": "#"}


def code_only(line):
    """The line without a // comment (good enough: we have no // inside strings that matters here)."""
    return line.split("//", 1)[0]


def purpose_missing(path, lines):
    """True when the first line (after #!, or in a docstring right after it) says nothing."""
    if not lines:
        return True
    script = lines[0].startswith("#!")
    first = lines[1] if script and len(lines) > 1 else lines[0]
    mark = "#" if path.name == "CMakeLists.txt" else COMMENTED.get(path.suffix, "#" if script else None)
    if mark is None:
        return False
    if path.suffix == ".cpp" and first.startswith('#include "') and first.endswith(f'/{path.stem}.h"'):
        return False  # its own header says it
    if path.suffix == ".py":
        return not re.match(r'(r?"""|#)\s*\S', first)
    return not (first.startswith(mark) and len(first.strip()) > 8)


def problems(top):
    names = subprocess.run(["git", "ls-files", "-z"], cwd=top, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in sorted(filter(None, names)):
        path = pathlib.PurePosixPath(name)
        first = path.parts[0]
        if first not in TOP_LEVEL and not first.startswith("."):
            yield f"{name}: '{first}' is not on the plan of the top level"
        file = top / name
        if not file.is_file():
            continue
        if file.stat().st_size > 1_000_000:
            yield f"{name}: larger than 1 MB"
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = text.splitlines()
        data = first in ("configs", "scenarios") or path.parts[:2] == ("tests", "scenarios")
        if not data and path.suffix != ".csv" and purpose_missing(path, lines):
            yield f"{name}:1: the first line does not say what the file is"
        room = path.parts[1] if first == "src" and len(path.parts) > 2 else None
        rules = []
        if first == "src" and path.suffix in (".h", ".cpp"):
            rules = ALWAYS + (RESULT if room in RESULT_ROOMS else []) + (HEADERS if path.suffix == ".h" else [])
        if path.suffix in (".h", ".cpp"):
            rules += EVERYWHERE
        for number, line in enumerate(lines, 1):
            for pattern, why in rules:
                if re.search(pattern, code_only(line)):
                    yield f"{name}:{number}: {why}"
            if name != "tests/style/lint.py" and re.search(UNFINISHED, line):
                yield f"{name}:{number}: announces unfinished work"
            if re.search(MACHINE_PATHS, line):
                yield f"{name}:{number}: a path of one machine"


def main():
    top = pathlib.Path(sys.argv[1]).resolve()
    if not (top / ".git").exists():
        print("skipped: not a git clone")
        return 77
    found = list(problems(top))
    print("\n".join(found) or "lint: ok")
    return 1 if found else 0


sys.exit(main())
