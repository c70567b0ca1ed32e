#!/usr/bin/env python3
"""Fail when a file in src/ includes a room that its own room may not see."""
import pathlib, re, sys
MAY_SEE = {  # room: rooms below it.  Rows are floors; a row never names itself or a row under it in this table.
    "base": set(),
    "model": {"base"},
    **{room: {"base", "model"} for room in
       ("signalling", "response", "motility", "mechanics", "matrix", "transport", "lifecycle", "cascade", "analysis", "io")},
    "engine": {"base", "model"},   # links the physics rooms, includes none of them (catalogue.def)
    "statistics": {"base"},
    "images": {"base"},
    "scenario": {"base", "model", "images", "engine"},
    "sweep": {"base", "statistics", "scenario"},
    "render": {"base", "model", "io", "analysis"},
    "report": {"base", "model", "statistics", "io", "analysis"},
    "export": {"base", "model", "io"},
    "app": {"base", "model", "engine", "scenario", "sweep", "statistics", "render", "report", "export", "io", "analysis"},
}
LAW_ROOMS = {"signalling", "response", "motility", "mechanics", "matrix", "transport", "lifecycle", "cascade"}
def violations(src):
    for f in sorted(src.rglob("*")):
        if f.suffix not in (".h", ".cpp"): continue
        room = f.relative_to(src).parts[0]
        if room not in MAY_SEE: yield f"{f}: room '{room}' is not on the plan"; continue
        law = room in LAW_ROOMS and not f.stem.endswith(("_process", "_pass"))
        for n, line in enumerate(f.read_text().splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+[<"](\w+)/', line)
            if not m or m[1] not in MAY_SEE or m[1] == room: continue
            if m[1] not in MAY_SEE[room]: yield f"{f}:{n}: {room} may not see {m[1]}"
            elif law and m[1] == "model": yield f"{f}:{n}: a law takes spans, not the world (move to *_process.cpp, or to *_pass.cpp where a process is long)"
bad = list(violations(pathlib.Path(sys.argv[1])))
print("\n".join(bad) or "layers: ok"); sys.exit(bool(bad))
