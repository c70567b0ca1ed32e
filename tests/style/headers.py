#!/usr/bin/env python3
"""Every header of src/ and tests/ compiles alone: whoever includes it needs to include nothing before it.
  headers.py REPOSITORY BUILD_FOLDER COMPILER
A header that a source of the build includes before anything else was seen to by the build itself, unless that precompiles;
the rest is compiled here.
Include folders and language options are taken from the build's compile_commands.json."""
import concurrent.futures, json, os, pathlib, re, shlex, subprocess, sys

top, build, compiler = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3]
options, seen = [], set()
for entry in json.loads((build / "compile_commands.json").read_text()):
    source = pathlib.Path(entry["directory"], entry["file"])
    first = re.search(r'^#include ["<]([^">]+)[">]', source.read_text(), re.M)
    if first and "cmake_pch" not in entry["command"]:
        seen |= {folder / first[1] for folder in (top / "src", source.parent) if (folder / first[1]).is_file()}
    words = iter(shlex.split(entry["command"]))
    for word in words:
        wanted = [word, next(words)] if word == "-isystem" else [word] if word.startswith(("-I", "-std", "-D", "-march")) else []
        if wanted and wanted != options[-len(wanted):] and " ".join(wanted) not in " ".join(options):
            options += wanted


def alone(header):
    run = subprocess.run([compiler, *options, "-fopenmp", "-Wall", "-Wextra", "-Werror", "-Wno-pragma-once-outside-header", "-Wno-psabi",
                          "-fsyntax-only", "-x", "c++", "-include", str(header), os.devnull], stderr=subprocess.PIPE, text=True)
    return header.relative_to(top), run.returncode, run.stderr


vtk = any("vtk" in option for option in options)  # built with it: else its headers are not here
headers = sorted(h for h in [*(top / "src").rglob("*.h"), *(top / "tests").rglob("*.h")] if vtk or h.parent.name != "vtk")
rest, bad = [header for header in headers if header not in seen], 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for name, code, errors in pool.map(alone, rest):
        if code:
            bad += 1
            print(f"{name}: does not compile alone\n" + "\n".join(errors.splitlines()[:6]))
print(f"headers: {len(headers) - bad} of {len(headers)} compile alone ({len(headers) - len(rest)} as the first of a source)")
sys.exit(1 if bad or not rest else 0)
