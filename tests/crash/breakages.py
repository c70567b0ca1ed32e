#!/usr/bin/env python3
"""Breaks the promises of crash safety on purpose, one at a time, and sees that the crash tests notice (reliability.md, 2m).
The first six are those of the table.

    breakages.py SOURCE_DIR SHIM [--work DIR] [--only WORD] [--compiler CXX]
    breakages.py SOURCE_DIR --follows

The source is copied, a few lines are replaced, the program is built there, crash.py must fail. Without a breakage it must pass.
A line that is to be replaced and is not in the source exactly once is an error: then this list has to follow the source.
--follows looks for nothing else, in a moment. --work keeps copy and build for the next time."""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What is broken, the tests that are to notice it, and (file, old, new).
BREAKAGES = [
    ("a checkpoint is written in place", ["2b", "2d"], [
        ("src/io/atomic_file.cpp", "temporary_ = temporary_name(target_, attempt);",
         'temporary_ = target_.extension() == ".ckpt" ? target_ : temporary_name(target_, attempt);')]),
    ("rows behind the checkpoint are not cut off", ["2a", "2b"], [
        ("src/io/atomic_file.cpp",
         'if (::ftruncate(descriptor, static_cast<off_t>(file.size_)) != 0) throw io_error(path, "cannot cut the file", errno);', "")]),
    ("chance depends on the threads", ["0", "2a"], [
        ("src/motility/persistent_walk.h", "gauss4(seed, step, Purpose::WalkKick, id, 0)",
         "gauss4(seed, step + static_cast<std::uint32_t>(omp_get_max_threads()), Purpose::WalkKick, id, 0)"),
        ("src/motility/persistent_walk.h", "#include <algorithm>", "#include <omp.h>\n\n#include <algorithm>")]),
    ("the next id is guessed from the living", ["2a", "2b"], [
        ("src/io/checkpoint.cpp", "  if (world.seed.value != seed)",
         "  world.next_id = 0;\n"
         "  for (const Site& site : world.sites)\n"
         "    for (const std::int64_t id : site.cells.id) world.next_id = std::max(world.next_id, id + 1);\n"
         "  if (world.seed.value != seed)")]),
    ("no fsync of directories", ["2d"], [
        ("src/io/atomic_file.cpp", "const int error = sync_all(descriptor);\n  ::close(descriptor);\n  // Some network",
         "const int error = 0;\n  ::close(descriptor);\n  // Some network")]),
    ("old checkpoints are removed before the new one is there", ["2b", "2c"], [
        ("src/app/session.cpp", "  save(target, world, recorder, now);",
         "  for (const std::filesystem::path& old : folder_.checkpoints_newest_first()) std::filesystem::remove(old);\n"
         "  save(target, world, recorder, now);")]),
    # Not in the table: one for each test that the six do not need.
    ("nobody locks", ["2h"], [
        ("src/io/run_lock.cpp", "if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return 0;",
         "if (::fcntl(descriptor, F_OFD_GETLK, &lock) == 0) return 0;")]),
    ("a signal leaves no checkpoint", ["2i"], [
        ("src/app/session.cpp", "if (saved_tick_ != world.clock.tick) checkpoint(simulation, recorder);", "(void)recorder;")]),
    ("a damaged checkpoint is believed", ["2k"], [
        ("src/io/checkpoint.cpp", 'if (checksum.bytes() != stored) fail("is damaged: its checksum is wrong");', "")]),
    ("a failed append is passed over", ["2c", "2e"], [
        ("src/io/atomic_file.cpp", "if (failure_ == 0) failure_ = write_all(descriptor_, rows.data(), rows.size());",
         "(void)write_all(descriptor_, rows.data(), rows.size());")]),
    ("a missing permission is an I/O error", ["2f"], [
        ("src/io/atomic_file.cpp", "case EROFS: code = Exit::NoPermission; break;", "case EROFS: break;")]),
    ("results are overwritten without being asked", ["2g"], [
        ("src/io/run_folder.cpp", "if (names.empty() || (made.lock.was_marked() && never_began(names))) {", "if (true) {")]),
    ("the limit of wall time looks at the wall clock", ["2j", "wall"], [
        ("src/app/session.cpp", "return seconds_since(begin_) + reserve > options_.max_walltime_s;",
         "return static_cast<double>(std::time(nullptr) - began_at) + reserve > options_.max_walltime_s;"),
        ("src/app/session.cpp", "double figure(const Provenance& provenance,",
         "const std::time_t began_at = std::time(nullptr);\n\ndouble figure(const Provenance& provenance,"),
        ("src/app/session.cpp", "#include <cmath>", "#include <cmath>\n#include <ctime>")]),
]


def update(target, text):
    """Writes only what differs, so that only what differs is built."""
    if not target.exists() or target.read_text() != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def copy_source(source, copy):
    kept = set()
    for top in ("src", "configs", "tests/crash"):
        for path in sorted((source / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(source)
                kept.add(name)
                update(copy / name, path.read_text())
    update(copy / "CMakeLists.txt", (source / "CMakeLists.txt").read_text())
    for top in ("src", "configs"):
        for path in (copy / top).rglob("*"):
            if path.is_file() and path.relative_to(copy) not in kept:
                path.unlink()


def build(copy, folder, compiler):
    # Paths relative to the copy: the compiler cache then serves copies elsewhere too.
    environment = dict(os.environ, CCACHE_BASEDIR=str(copy), CCACHE_NOHASHDIR="1")
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    for line in (["cmake", "-S", copy, "-B", folder, *generator, "-DCMAKE_BUILD_TYPE=Release", "-DINVADO_TESTS=OFF", "-DINVADO_WITH_VTK=OFF",
                  *([f"-DCMAKE_CXX_COMPILER={compiler}"] if compiler else [])],
                 ["cmake", "--build", folder, "--target", "invado", "-j", str(os.cpu_count())]):
        done = subprocess.run(list(map(str, line)), env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"cannot build: {done.stdout[-3000:]}{done.stderr[-2000:]}")
    return folder / "invado"


def judge(program, copy, shim, tests):
    """Exit code of the crash tests and the names of those that failed."""
    line = [sys.executable, copy / "tests/crash/crash.py", program, copy, shim, "--quick"]
    for test in tests:
        line += ["--only", test]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True)
    failed = re.findall(r"^(\S.*): (\d+) trials, ([1-9]\d*) failures", done.stdout, re.M)
    return done, failed


def stale(source, breakages):
    """What each breakage that no longer fits the source lacks."""
    return [f"{what}: {name} has {count} times {old!r}; the breakage must follow the source"
            for what, _, edits in breakages for name, old, _ in edits if (count := (source / name).read_text().count(old)) != 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("shim", nargs="?")
    parser.add_argument("--follows", action="store_true")
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--only", default="", help="breakages whose description contains this")
    parser.add_argument("--compiler")
    options = parser.parse_args()
    source = options.source.resolve()
    wanted = [breakage for breakage in BREAKAGES if options.only in breakage[0]]
    if lacks := stale(source, wanted):
        print("\n".join(lacks))
        return 1
    if options.follows:
        return 0
    if not options.shim:
        parser.error("which library breaks calls? SHIM")
    work = (options.work or pathlib.Path(tempfile.mkdtemp(prefix="invado_breakages_"))).resolve()
    copy, folder = work / "source", work / "build"
    missed = 0
    try:
        copy_source(source, copy)
        program = build(copy, folder, options.compiler)
        tests = sorted({test for _, names, _ in wanted for test in names})
        done, failed = judge(program, copy, options.shim, tests)
        if done.returncode != 0:
            print(f"without any breakage the crash tests fail already: {failed}\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
            return 1
        print("nothing broken: passes", flush=True)
        for what, tests, edits in wanted:
            copy_source(source, copy)
            for name, old, new in edits:
                update(copy / name, (copy / name).read_text().replace(old, new))
            program = build(copy, folder, options.compiler)
            done, failed = judge(program, copy, options.shim, tests)
            if done.returncode == 0:
                missed += 1
                print(f"{what}: NOT NOTICED", flush=True)
            else:
                by = "; ".join(f"{name} ({bad} of {trials})" for name, trials, bad in failed)
                print(f"{what}: noticed by {by or done.stdout.strip()[-300:] + done.stderr.strip()[-300:]}", flush=True)
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)
    print(f"2m breakages: {len(wanted)} trials, {missed} failures")
    return 1 if missed else 0


sys.exit(main())
