"""A program tried as its users run it: in a folder of its own, with a list of the promises that it broke.

The first two arguments of such a test are the program and the folder of the sources.
"""
import csv
import pathlib
import subprocess
import sys

from scratch import scratch_folder, time_scale

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
scratch = scratch_folder()
failures = []


def invado(*arguments, **how):
    """Exit code, stdout, stderr; `how` goes to subprocess.run."""
    done = subprocess.run([program, *map(str, arguments)], **{"cwd": scratch, "timeout": 600 * time_scale, **how}, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def expect(what, holds, more=""):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what} {more}")


def rows_of(path):
    """Of a CSV table, in the folder or elsewhere."""
    with open(scratch / path, newline="") as file:
        return list(csv.DictReader(file))


def verdict():
    """In words and as exit code."""
    print(f"{len(failures)} promises broken" if failures else "ok")
    sys.exit(bool(failures))
