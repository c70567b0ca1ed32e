#!/usr/bin/env python3
"""Kills, starves, signals and unplugs the program at every point of a tiny run, and judges what is left.

    crash.py PROGRAM SOURCE_DIR SHIM [--quick | --full] [--only NAME]... [--seed N] [--jobs N]

PROGRAM: invado; SHIM: the built io_points.c. --quick (default) is for every change, --full for releases and nights.
--only 2b runs the tests whose name begins so. Exit code 1 when anything failed.

The letters are those of the table in reliability.md, section 2. A failed trial names itself by what is needed to repeat it.
breakages.py breaks the program on purpose; seen besides: an extension that leaves what it will change in checksums.txt."""
import argparse
import errno
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import power_cut
from trial import (BAD_DATA, CANNOT_CREATE, CHECKPOINT, IO_ERROR, LOCKED, NAMES_OF_ERRORS, NO_PERMISSION, NOT_FOUND, STOPPED,
                   STOPPED_UNSAVED, Lab, Table, acknowledged, chance, deep_check, files_of, fingerprint, read_trace)


def every(items, stride, offset=0):
    return list(items)[offset % stride::stride] if stride > 1 else list(items)


def one_line(result):
    return [] if len(result.lines) == 1 else [f"{len(result.lines)} lines on stderr instead of one: {result}"]


class Tests:
    def __init__(self, lab, table, full, seed):
        self.lab, self.table, self.full, self.seed = lab, table, full, seed
        self.stopped = None
        # Enough cells that loops are shared among threads: where their number changes.
        self.crowd = lab.with_settings(["population.core.count=400"])

    def dice(self, *key):
        return chance(self.seed, *key)

    def eighth(self, trials):
        """All of them in the full tier, every eighth for each change, and how to say so."""
        return (trials, "") if self.full else (every(trials, 8), ", at every eighth")

    # --- a run that was killed in the middle, and the calls of its resume ---

    def half_run(self):
        """A folder of a run that was killed with work behind its last checkpoint: rows to cut, snapshots to remove."""
        if self.stopped:
            return self.stopped
        lab = self.lab
        renames = [c for c in lab.calls if c.name == "rename"]
        checkpoints = [c for c in renames if CHECKPOINT.fullmatch(os.path.relpath(c.path2, "run"))]
        middle = checkpoints[len(checkpoints) // 2].number
        # after a snapshot that follows the checkpoint, before the next checkpoint
        later = [c for c in renames if c.number > middle and "snapshots/snap_" in c.path2] + [lab.calls[-1]]
        until = min([c.number for c in checkpoints if c.number > middle] + [lab.calls[-1].number])
        point = min(later[0].number + 9, until - 2)
        root = lab.folder()
        killed = lab.invado(lab.run_arguments(root / "run"), root=root, mode="kill_before", n=point)
        assert killed.code == -signal.SIGKILL, f"the run that is to be resumed was not killed: {killed}"
        recorded = self.copy_of(root)
        disk = power_cut.Disk(recorded)
        trace = lab.scratch / "resume.trace"
        done = lab.invado(lab.resume_arguments(recorded / "run"), root=recorded, mode="record", trace=trace)
        assert done.code == 0, f"the run that was killed before call {point} cannot be resumed: {done}"
        self.stopped = root, read_trace(trace, recorded=True), disk
        return self.stopped

    def copy_of(self, root):
        target = self.lab.folder()
        shutil.copytree(root, target, dirs_exist_ok=True)
        return target

    def scenes(self):
        """Run and resume: (name, calls, fresh root, arguments)."""
        lab = self.lab
        root, resume_calls, _ = self.half_run()
        yield "run", lab.calls, lab.folder, lambda r, *more: lab.run_arguments(r / "run", more=more)
        yield "resume", resume_calls, lambda: self.copy_of(root), lambda r, *more: lab.resume_arguments(r / "run", more=more)

    def judged(self, root, wrong, **options):
        """The rest of every trial: valid files, the end, and the folder away."""
        lab = options.pop("lab", self.lab)
        wrong = list(wrong) + lab.broken_files(root / "run", **options.pop("files", {}))
        if not wrong:
            wrong = lab.bring_to_the_end(root / "run", **options)
        if not wrong:
            shutil.rmtree(root, ignore_errors=True)
        return wrong

    # --- the undisturbed run ---

    def test_0_undisturbed(self):
        lab = self.lab

        def files_are_good():
            wrong = deep_check(lab.reference_folder) + lab.broken_files(lab.reference_folder)
            steps = lab.acknowledged
            return wrong + ([] if len(steps) == 3 else [f"only {len(steps)} checkpoints acknowledged: {steps}"])

        def same_on_threads(threads):
            root = lab.folder()
            done = self.crowd.invado(self.crowd.run_arguments(root / "run", threads))
            return [str(done)] if done.code != 0 else self.crowd.differences(root / "run")

        def nothing_unseen():
            return unseen_calls(lab)

        self.table.run("0 undisturbed", [("files", files_are_good), ("calls that the library does not see", nothing_unseen)] +
                       [(f"{t} threads", lambda t=t: same_on_threads(t)) for t in (2, 3)])

    # --- 2a: random kills ---

    def test_2a_random_kills(self):
        lab = self.crowd
        began = time.monotonic()
        root = lab.folder()
        lab.invado(lab.run_arguments(root / "run", 2))
        length = time.monotonic() - began

        def trial(number):
            dice = self.dice("2a", number)
            root = lab.folder()
            folder = root / "run"
            own = {"OMP_WAIT_POLICY": "passive"} if dice.random() < 0.7 else {"OMP_WAIT_POLICY": "active", "GOMP_SPINCOUNT": "100"}
            arguments = lab.run_arguments
            for kill in range(dice.randint(1, 3)):
                if kill > 0 and not (folder / "run.json").exists():
                    break
                least = max(acknowledged(folder), default=None)
                process = lab.start(arguments(folder, dice.randint(1, 4)), more_environment=own)
                # At a random time, or at a random row: the first reaches the start-up, the second every part of the run
                # however busy the machine is.
                if dice.random() < 0.3:
                    time.sleep(dice.uniform(0, length))
                else:
                    rows = dice.uniform(size_of(folder / "series.csv"), len(lab.reference["series.csv"]))
                    wait_for(lambda: size_of(folder / "series.csv") >= rows or process.poll() is not None)
                    time.sleep(dice.uniform(0, 0.1 * length))
                process.kill()
                done = lab.finish(process)
                if done.code not in (0, -signal.SIGKILL):
                    return [f"kill {kill}: {done}"]
                step = done.resumed_step()
                if step is not None and least is not None and step < least:
                    return [f"kill {kill}: resumed at step {step}, and step {least} was acknowledged"]
                wrong = lab.broken_files(folder)
                if wrong:
                    return [f"after kill {kill}: {what}" for what in wrong]
                arguments = lab.resume_arguments
            return self.judged(root, [], lab=lab, threads=dice.randint(1, 4))

        self.table.run("2a random kills", [(f"trial {n}", lambda n=n: trial(n)) for n in range(200 if self.full else 25)],
                       "up to 3 kills each, 1 to 4 threads")

    # --- 2b: a kill at every call ---

    def test_2b_kill_at_every_call(self):
        for scene, calls, fresh, arguments in self.scenes():
            def trial(mode, call):
                root = fresh()
                done = self.lab.invado(arguments(root), root=root, mode=mode, n=call.number)
                if done.code != -signal.SIGKILL:
                    return [f"was not killed: {done}"]
                return self.judged(root, [])

            # What happens between two calls leaves no trace in the folder: before the next is after this one.
            trials = [("kill_inside", c) for c in calls if c.name == "write" and c.size > 1]
            trials += [("kill_before", c) for c in calls] + [("kill_after", c) for c in (calls if self.full else calls[-1:])]
            trials, which = (trials, "") if scene == "run" else self.eighth(trials)
            self.table.run(f"2b kill at every call of a {scene}",
                           [(f"{mode} {c}", lambda mode=mode, c=c: trial(mode, c)) for mode, c in trials], f"{len(calls)} calls{which}")

    def test_2b_kill_at_every_call_of_an_extension(self):
        lab = self.lab
        root = self.lab.folder()
        done = lab.invado(lab.run_arguments(root / "run"))
        assert done.code == 0, str(done)
        longer = lab.extended(self.copy_of(root), "168 min")
        at_one_stretch = lab.with_settings(["duration=168 min"])

        def same_as_at_one_stretch():
            tables = [name for name in at_one_stretch.reference if name.endswith((".csv", ".h5", ".hdf", ".series", ".xdmf"))
                      and not name.startswith("snapshots/snap_")]  # these hold the run_id: of the shorter run in the first ones
            wrong = [f"{name} differs" for name in tables if longer.reference.get(name) != at_one_stretch.reference[name]]
            if longer.digest != at_one_stretch.digest:
                wrong.append("another digest")
            return wrong + ([] if tables else ["nothing was compared"])

        def trial(mode, call):
            root_of_trial = self.copy_of(root)
            done = lab.invado(longer.resume_arguments(root_of_trial / "run"), root=root_of_trial, mode=mode, n=call.number)
            if done.code != -signal.SIGKILL:
                return [f"was not killed: {done}"]
            return self.judged(root_of_trial, [], lab=longer)

        trials = [("kill_before", c) for c in longer.calls]
        trials += [("kill_inside", c) for c in longer.calls if c.name == "write" and c.size > 1]
        trials += [("kill_after", c) for c in (longer.calls if self.full else longer.calls[-1:])]
        trials, which = self.eighth(trials)
        self.table.run("2b kill at every call of an extension",
                       [("undisturbed", same_as_at_one_stretch)] +
                       [(f"{mode} {c}", lambda mode=mode, c=c: trial(mode, c)) for mode, c in trials], f"{len(longer.calls)} calls{which}")

    # --- 2c: a call that fails ---

    def test_2c_failing_calls(self):
        hard = (errno.ENOSPC, errno.EIO, errno.EDQUOT)
        for scene, calls, fresh, arguments in self.scenes():
            harmless = harmless_calls(calls)

            def fails(call, error, mode="fail"):
                root = fresh()
                done = self.lab.invado(arguments(root, "-q"), root=root, mode=mode, n=call.number, errno=error)
                if done.code == 0 and mode == "fail" and call.number in harmless:
                    wrong = self.lab.differences(root / "run")
                    return [what for what in wrong if not (call.name == "unlink" and what.endswith(" is left over"))]
                if done.code != IO_ERROR:
                    return [f"exit {IO_ERROR} expected: {done}"]
                return self.judged(root, one_line(done))

            def survives(call, mode, error=0):
                root = fresh()
                done = self.lab.invado(arguments(root, "-q"), root=root, mode=mode, n=call.number, errno=error)
                if done.code != 0 or done.lines:
                    return [f"must be survived: {done}"]
                wrong = self.lab.differences(root / "run")
                if not wrong:
                    shutil.rmtree(root, ignore_errors=True)
                return wrong

            trials = []
            for call in calls:
                for error in hard if self.full else [hard[call.number // 8 % 3]]:
                    trials.append((f"{NAMES_OF_ERRORS[error]} at {call}", lambda c=call, e=error: fails(c, e)))
            trials, which = self.eighth(trials)
            self.table.run(f"2c one call of a {scene} fails", trials, "ENOSPC, EIO, EDQUOT" + ("" if self.full else " in turn") + which)
            # Not where the library only looks into a folder: no system ends that with EINTR.
            slow = {"open", "create", "write", "fsync", "allocate", "close"}
            interrupted = [c for c in calls if c.name in slow or (c.name == "opendir" and c.number not in harmless)]
            self.table.run(f"2c EINTR in a {scene}", [
                (f"EINTR at {c}", lambda c=c: survives(c, "fail", errno.EINTR))
                for c in (interrupted if self.full else every(interrupted, 6))], "" if self.full else "at every sixth call")
            self.table.run(f"2c short write in a {scene}", [
                (f"short write at {c}", lambda c=c: survives(c, "short")) for c in calls if c.name == "write" and c.size > 1])
            few = every(calls[:-1], 1 if self.full else 8, 3)
            space = [c for c in few if any(later.name in ("create", "write", "allocate") for later in calls[c.number - 1:])]
            self.table.run(f"2c everything fails from a call of a {scene} on", [
                (f"{NAMES_OF_ERRORS[error]} from {c} on", lambda c=c, e=error: fails(c, e, "fail_from"))
                for error, at in ((errno.ENOSPC, space), (errno.EIO, few)) for c in at if c.number not in harmless],
                "a full disk; a dead disk")

    # --- 2d: power cuts ---

    def test_2d_power_cut(self):
        lab = self.lab
        root, resume_calls, resume_disk = self.half_run()
        scenes = [("run", lab.calls, power_cut.Disk(), []), ("resume", resume_calls, resume_disk, acknowledged(root / "run"))]
        wanted = 500 if self.full else 80

        def trial(scene, calls, disk, before, number):
            dice = self.dice("2d", scene, number)
            cut = dice.randint(1, len(calls))
            kind, state = power_cut.cut_after(calls, cut, dice, disk)
            steps = before + logged(calls[:cut])
            root = lab.folder()
            power_cut.write_out(state, root)
            wrong = self.judged(root, [], least=max(steps, default=None),
                                files={"grown_may_be_torn": True, "verify": False}, threads=dice.randint(1, 2))
            return [f"{kind}, after {calls[cut - 1]}: {what}" for what in wrong]

        for scene, calls, disk, before in scenes:
            states = wanted * 2 // 3 if scene == "run" else wanted - wanted * 2 // 3
            self.table.run(f"2d power cut in a {scene}", [
                (f"state {n}", lambda a=(scene, calls, disk, before, n): trial(*a)) for n in range(states)])

    # --- 2e: a disk that is really full ---

    def test_2e_full_disk(self):
        lab = self.lab
        whole = sum(map(len, lab.reference.values()))

        def file_size_limit(number):
            dice = self.dice("2e limit", number)
            root = lab.folder()
            limit = dice.randint(1, max(map(len, lab.reference.values())) - 1)
            done = lab.invado(lab.run_arguments(root / "run", more=["-q"]), prefix=["prlimit", f"--fsize={limit}"])
            if done.code != IO_ERROR:
                return [f"limit {limit}: exit {IO_ERROR} expected: {done}"]
            return [f"limit {limit}: {what}" for what in self.judged(root, one_line(done))]

        self.table.run("2e file size limit", [(f"trial {n}", lambda n=n: file_size_limit(n)) for n in range(40 if self.full else 10)])
        for size in (8, 16, 32) if self.full else (8,):
            self.full_tmpfs(size, 30 if self.full else 8, whole)

    def full_tmpfs(self, megabytes, trials, whole):
        """Inside name spaces of its own, as root of them, a small tmpfs with a file that leaves little space."""
        name = f"2e tmpfs of {megabytes} MB"
        namespace = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if subprocess.run([*namespace, "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"], capture_output=True).returncode != 0:
            self.table.skip(name, "mounting is not permitted here")
            return
        lab = self.lab

        def trial(number):
            dice = self.dice("2e tmpfs", megabytes, number)
            free = dice.randint(8192, whole)
            place = lab.folder()
            script = f"""set -e
mount -t tmpfs -o size={megabytes}m none {place}
head -c {megabytes * 2**20 - free} /dev/zero > {place}/ballast
code=0; "$@" || code=$?
test ! -e {place}/run || cp -r {place}/run $KEEP/run
exit $code"""
            keep = lab.folder()
            done = lab.invado(lab.run_arguments(place / "run", more=["-q"]), prefix=[*namespace, "sh", "-c", script, "sh"],
                              more_environment={"KEEP": str(keep)})
            if done.code == 0:
                return lab.differences(keep / "run")
            if done.code != IO_ERROR:
                return [f"{free} bytes free: exit {IO_ERROR} expected: {done}"]
            return [f"{free} bytes free: {what}" for what in self.judged(keep, one_line(done))]

        self.table.run(name, [(f"trial {n}", lambda n=n: trial(n)) for n in range(trials)])

    # --- 2f: places where nothing can be written ---

    def test_2f_bad_places(self):
        lab = self.lab
        as_nobody = []
        if os.geteuid() == 0:
            as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            if subprocess.run([*as_nobody, lab.program, "--version"], capture_output=True, env=lab.environment).returncode != 0:
                self.table.skip("2f bad places", "no other user can be taken on here")
                return

        def attempt(prepare, codes, path="run", cleanup=None):
            root = lab.folder()
            os.chmod(root, 0o777)
            prepare(root)
            before = tree(root)
            done = lab.invado(lab.run_arguments(root / path if isinstance(path, str) else path(root), more=["-q"]), prefix=as_nobody)
            if cleanup:
                cleanup(root)
            wrong = one_line(done) if done.code in codes else [f"exit {codes} expected: {done}"]
            if tree(root) != before:
                wrong.append(f"wrote {sorted(set(tree(root)) ^ set(before))}")
            if "lock" in done.err:
                wrong.append(f"speaks of a lock, which is not what is wrong: {done}")
            return wrong

        def removed_in_the_middle(number, call):
            root = lab.folder()
            process = lab.start(lab.run_arguments(root / "run", more=["-q"]), root=root, mode="stop", n=call.number)
            if not stopped(process):
                return [f"did not stop: {lab.finish(process)}"]
            shutil.rmtree(root / "run")
            os.kill(process.pid, signal.SIGCONT)
            done = lab.finish(process)
            wrong = [] if done.code in (CANNOT_CREATE, IO_ERROR) else [f"exit 73 or 74 expected: {done}"]
            left = sorted(files_of(root))
            return wrong + one_line(done) + ([f"left {left}"] if left else [])

        def linked(root):
            (root / "real").mkdir()
            (root / "run").symlink_to(root / "nowhere")

        no = (CANNOT_CREATE, NO_PERMISSION)
        trials = [
            ("read-only folder", lambda: attempt(lambda r: (os.mkdir(r / "run"), os.chmod(r / "run", 0o555)), (NO_PERMISSION,))),
            ("read-only parent", lambda: attempt(lambda r: os.chmod(r, 0o555), (NO_PERMISSION,))),
            ("no x on the parent", lambda: attempt(lambda r: (os.mkdir(r / "p"), os.chmod(r / "p", 0o666)), no, "p/run")),
            ("the path is a file", lambda: attempt(lambda r: (r / "run").write_text("mine"), (CANNOT_CREATE,))),
            ("a parent is a file", lambda: attempt(lambda r: (r / "p").write_text("mine"), (CANNOT_CREATE,), "p/run")),
            ("dangling link", lambda: attempt(linked, (CANNOT_CREATE,))),
            ("name of 256 bytes", lambda: attempt(lambda r: None, (CANNOT_CREATE,), "n" * 256)),
            ("path of 5000 bytes", lambda: attempt(lambda r: None, (CANNOT_CREATE,), "/".join(["n" * 249] * 20))),
            ("a fifo", lambda: attempt(lambda r: os.mkfifo(r / "run"), (CANNOT_CREATE,))),
            ("/proc", lambda: attempt(lambda r: None, no, lambda r: pathlib.Path("/proc/self/run"))),
        ]

        def long_name():
            root = lab.folder()
            name = "n" * 255
            done = lab.invado(lab.run_arguments(root / name))
            return [str(done)] if done.code != 0 else lab.differences(root / name)

        trials.append(("name of 255 bytes works", long_name))
        points = [c for c in lab.calls if c.number > 3 and c.name in ("create", "rename", "mkdir")]
        for number, call in enumerate(every(points, max(1, len(points) // (40 if self.full else 6)))):
            trials.append((f"removed before {call}", lambda n=number, c=call: removed_in_the_middle(n, c)))
        self.table.run("2f bad places", trials)

    # --- 2g: results that are there ---

    def test_2g_earlier_results(self):
        lab = self.lab
        half, _, _ = self.half_run()

        def finished_folder():
            root = lab.folder()
            done = lab.invado(lab.run_arguments(root / "run"))
            assert done.code == 0, str(done)
            return root

        def refused():
            root = finished_folder()
            before = results_of(root)
            done = lab.invado(lab.run_arguments(root / "run", more=["-q"]))
            wrong = [] if done.code == CANNOT_CREATE else [f"exit 73 expected: {done}"]
            return wrong + one_line(done) + ([] if results_of(root) == before else ["something changed"])

        def unfinished_refused():
            root = self.copy_of(half)
            before = results_of(root)
            done = lab.invado(lab.run_arguments(root / "run", more=["-q"]))
            wrong = [] if done.code == CANNOT_CREATE else [f"exit 73 expected: {done}"]
            return wrong + one_line(done) + ([] if results_of(root) == before else ["something changed"])

        def strangers_files_refused():
            root = lab.folder()
            (root / "run").mkdir()
            (root / "run" / "thesis.tex").write_text("mine")
            before = results_of(root)
            done = lab.invado(lab.run_arguments(root / "run", more=["-q"]))
            wrong = [] if done.code == CANNOT_CREATE else [f"exit 73 expected: {done}"]
            return wrong + ([] if results_of(root) == before else ["something changed"])

        def moved_aside():
            root = finished_folder()
            earlier = files_of(root / "run")
            for number in (1, 2, 3):
                done = lab.invado(lab.run_arguments(root / "run", more=["--overwrite"]))
                if done.code != 0:
                    return [str(done)]
                if number == 1 and files_of(root / "run.old-1") != earlier:
                    return ["the earlier results are not in run.old-1 as they were"]
            names = sorted(os.listdir(root))
            return lab.differences(root / "run") + ([] if names == ["run", "run.old-1", "run.old-2", "run.old-3"] else [str(names)])

        def resume_of_finished(threads=1):
            root = finished_folder()
            before = fingerprint(root)
            done = lab.invado(lab.resume_arguments(root / "run", threads))
            wrong = [] if done.code == 0 else [f"exit 0 expected: {done}"]
            after = fingerprint(root)
            changed = sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))
            return wrong + ([f"changed: {changed}"] if changed else [])

        def edited(old, new, words):
            root = self.copy_of(half)
            file = root / "run" / "scenario.resolved.yaml"
            text = file.read_text()
            assert old in text, f"{old!r} is not in scenario.resolved.yaml"
            file.write_text(text.replace(old, new, 1))
            before = results_of(root)
            done = lab.invado(lab.resume_arguments(root / "run"))
            wrong = [] if done.code == BAD_DATA else [f"exit 65 expected: {done}"]
            wrong += [f"does not show {word!r}: {done.err!r}" for word in words if word not in done.err]
            return wrong + ([] if results_of(root) == before else ["something changed"])

        resolved = lab.reference["scenario.resolved.yaml"].decode()
        seed = next(line for line in resolved.splitlines() if line.startswith("seed:"))
        doubling = next(line for line in resolved.splitlines() if line.strip().startswith("doubling:"))
        other = doubling.replace("4 h", "5 h", 1)
        trials = [("finished run", refused), ("unfinished run", unfinished_refused), ("other files", strangers_files_refused),
                  ("--overwrite", moved_aside), ("resume of a finished run", resume_of_finished),
                  ("resume of a finished run, other threads", lambda: resume_of_finished(3)),
                  ("edited seed", lambda: edited(seed, seed.replace("18", "19", 1), ["seed", "18", "19"])),
                  ("edited parameter", lambda: edited(doubling, other, ["doubling", "4 h", "5 h"]))]

        def nothing_there(make):
            root = lab.folder()
            make(root / "run")
            before = tree(root)
            done = lab.invado(lab.resume_arguments(root / "run", more=["-q"]))
            wrong = [] if done.code == NOT_FOUND else [f"exit 66 expected: {done}"]
            return wrong + one_line(done) + ([] if tree(root) == before else ["something changed"])

        trials += [("resume of no folder", lambda: nothing_there(lambda r: None)),
                   ("resume of an empty folder", lambda: nothing_there(lambda r: r.mkdir())),
                   ("resume of a file", lambda: nothing_there(lambda r: r.write_text("mine")))]
        self.table.run("2g earlier results", trials)

    # --- 2h: many at once ---

    def test_2h_many_at_once(self):
        lab = self.lab
        half, resume_calls, _ = self.half_run()

        def crowd(arguments, number=20):
            """Starts them behind a gate that opens for all at once."""
            out, into = os.pipe()
            line, environment = lab.command(arguments)
            crowd = [subprocess.Popen(["sh", "-c", 'read _; exec "$@" < /dev/null', "sh", *line], env=environment, cwd=lab.empty,
                                      stdin=out, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(number)]
            os.close(out)
            os.close(into)
            return [lab.finish(process) for process in crowd]

        def fresh(number):
            root = lab.folder()
            results = crowd(lab.run_arguments(root / "run", more=["-q"]))
            codes = sorted(r.code for r in results)
            wrong = []
            if codes.count(0) != 1 or set(codes) - {0, LOCKED, CANNOT_CREATE}:
                odd = [str(r) for r in results if r.code not in (0, LOCKED, CANNOT_CREATE)]
                wrong.append(f"codes {codes} {odd[:2]}")
            for result in results:
                if result.code == LOCKED and "process" not in result.err and "another program" not in result.err:
                    wrong.append(f"75 without the holder: {result}")
            return wrong + lab.differences(root / "run") + self.away(root, wrong)

        def resumes(number):
            root = self.copy_of(half)
            results = crowd(lab.resume_arguments(root / "run"))
            codes = sorted(r.code for r in results)
            worked = [r for r in results if r.resumed_step() is not None]
            wrong = []
            if len(worked) != 1 or worked[0].code != 0 or set(codes) - {0, LOCKED}:
                wrong.append(f"codes {codes}, {len(worked)} worked")
            return wrong + lab.differences(root / "run") + self.away(root, wrong)

        def second_comes_at(call, scene):
            """The first stands still before one call, the second comes and goes, the first goes on."""
            root = lab.folder() if scene == "run" else self.copy_of(half)
            arguments = lab.run_arguments(root / "run") if scene == "run" else lab.resume_arguments(root / "run")
            first = lab.start(arguments, root=root, mode="stop", n=call.number)
            if not stopped(first):
                return [f"did not stop: {lab.finish(first)}"]
            results = [lab.invado(arguments)]
            os.kill(first.pid, signal.SIGCONT)
            results.append(lab.finish(first))
            codes = sorted(r.code for r in results)
            if scene == "run":
                good = codes.count(0) == 1 and codes[1] in (LOCKED, CANNOT_CREATE)
            else:
                good = set(codes) <= {0, LOCKED} and sum(r.resumed_step() is not None for r in results) == 1
            wrong = [] if good else [f"codes {codes}: {results[0]}; {results[1]}"]
            return wrong + lab.differences(root / "run") + self.away(root, wrong)

        for scene, calls in (("run", lab.calls), ("resume", resume_calls)):
            early = calls[:60] if self.full else calls[:30]
            later = every(calls[len(early):], max(1, (len(calls) - len(early)) // (60 if self.full else 6)))
            self.table.run(f"2h a second {scene} comes at a call of the first", [
                (f"at {c}", lambda a=(c, scene): second_comes_at(*a)) for c in early + later])
        rounds = 50 if self.full else 5
        self.table.run("2h 20 runs in one folder", [(f"round {n}", lambda n=n: fresh(n)) for n in range(rounds)])
        self.table.run("2h 20 resumes in one folder", [(f"round {n}", lambda n=n: resumes(n)) for n in range(max(3, rounds // 5))])

    @staticmethod
    def away(root, wrong):
        if not wrong:
            shutil.rmtree(root, ignore_errors=True)
        return []

    # --- 2i: signals ---

    def test_2i_signals(self):
        lab = self.lab
        half, resume_calls, _ = self.half_run()
        def at_call(name, call, scene, second=None):
            """A signal sent by the preloaded library just before one call; `second`: once more a little later."""
            root = lab.folder() if scene == "run" else self.copy_of(half)
            before = max(acknowledged(root / "run"), default=-1)
            number = getattr(signal, "SIG" + name)
            arguments = lab.run_arguments if scene == "run" else lab.resume_arguments
            more = {"n2": second} if second else {}
            done = lab.invado(arguments(root / "run"), root=root, mode="signal", n=call.number, signal=int(number), **more)
            return self.after_signal(root, name, done, second is not None, before)

        def early_then_at_the_limit(first, call):
            """A job manager sends USR1 early, a closed terminal says HUP; TERM comes at the next call: no haste yet."""
            root = lab.folder()
            done = lab.invado(lab.run_arguments(root / "run"), root=root, mode="signal", n=call.number, n2=call.number + 1,
                              signal=int(getattr(signal, "SIG" + first)), signal2=int(signal.SIGTERM))
            return self.after_signal(root, first, done, False, -1)

        def at_time(name, number):
            dice = self.dice("2i", name, number)
            root = lab.folder()
            process = lab.start(lab.run_arguments(root / "run", dice.randint(1, 3)))
            wait_for(lambda: (root / "run" / "run.json").exists() or process.poll() is not None)
            time.sleep(dice.uniform(0, 0.1))
            try:
                process.send_signal(getattr(signal, "SIG" + name))
            except ProcessLookupError:
                pass
            return self.after_signal(root, name, lab.finish(process), False, -1)

        def on_a_full_disk(name, call, scene):
            """The disk is full from the call after the signal on: no checkpoint can be written."""
            root = lab.folder() if scene == "run" else self.copy_of(half)
            arguments = lab.run_arguments if scene == "run" else lab.resume_arguments
            done = lab.invado(arguments(root / "run"), root=root, mode="fail_from", n=call.number + 1, n2=call.number,
                              errno=errno.ENOSPC, signal=int(getattr(signal, "SIG" + name)))
            return self.judged(root, [] if done.code == STOPPED_UNSAVED else [f"exit {STOPPED_UNSAVED} expected: {done}"])

        names = ["TERM", "INT", "USR1", "XCPU", "USR2"]
        trials = []
        for scene, calls in (("run", lab.calls), ("resume", resume_calls)):
            begin = next((c.number for c in calls if c.path2 == "run/run.json"), 0) + 3
            usable = [c for c in calls if c.number > begin]
            for number, call in enumerate(every(usable, max(1, len(usable) // (100 if self.full else 12)))):
                name = names[number % 5]
                trials.append((f"{name} at {call} of a {scene}", lambda a=(name, call, scene): at_call(*a)))
            for number, call in enumerate(every(usable[:-40], max(1, len(usable) // (30 if self.full else 4)))):
                name = ("INT", "TERM")[number % 2]
                trials.append((f"two {name} at {call} of a {scene}", lambda a=(name, call, scene, call.number + 1): at_call(*a)))
            if scene == "run":
                for number, call in enumerate(every(usable[:-1], max(1, len(usable) // (30 if self.full else 4)))):
                    first = ("USR1", "HUP")[number % 2]
                    trials.append((f"{first}, then TERM, at {call}", lambda a=(first, call): early_then_at_the_limit(*a)))
            rows = [c for c in usable if c.name == "write" and c.path == "run/series.csv"]
            steps_with_a_row_only = [c for c in rows[:-1] if calls[c.number].path == "run/series.csv"]
            assert steps_with_a_row_only, f"no step of the {scene} writes a row and nothing else"
            for number, call in enumerate(steps_with_a_row_only):
                name = names[number % 4]
                trials.append((f"{name} at {call} of a {scene}, then the disk is full",
                               lambda a=(name, call, scene): on_a_full_disk(*a)))
        for number in range(50 if self.full else 5):
            trials.append((f"{names[number % 5]} at a random time {number}", lambda n=number: at_time(names[n % 5], n)))
        self.table.run("2i signals", trials)

    def after_signal(self, root, name, done, twice, before):
        lab = self.lab
        folder = root / "run"
        steps = acknowledged(folder)
        wrong = []
        if twice:
            # The second may come when the first was heard already and the run is over.
            wanted = {128 + int(getattr(signal, "SIG" + name)), STOPPED, 0}
            if done.code not in wanted:
                wrong.append(f"exit {sorted(wanted)} expected: {done}")
        elif name == "USR2":
            if done.code != 0:
                wrong.append(f"exit 0 expected: {done}")
            wrong += lab.differences(folder)
        elif done.code == 0:  # it came in the last step, or later
            wrong += lab.differences(folder)
        elif done.code != STOPPED:
            wrong.append(f"exit 85 expected: {done}")
        elif not steps or not lab_step_is(folder, max(steps)):
            wrong.append(f"85 without a checkpoint of the last step (acknowledged {steps})")
        if done.code == STOPPED and json.loads((folder / "run.json").read_text())["exit"] != STOPPED:
            wrong.append("run.json does not say 85")
        return self.judged(root, wrong)

    # --- 2j: wrong clocks ---

    def test_2j_clocks(self):
        lab = self.lab
        year = 365 * 86400
        half, _, _ = self.half_run()

        def wrong_clock(clock, scene, more=()):
            root = lab.folder() if scene == "run" else self.copy_of(half)
            arguments = lab.run_arguments if scene == "run" else lab.resume_arguments
            done = lab.invado(arguments(root / "run", more=more), root=root, mode="off", clock=clock)
            return [str(done)] if done.code != 0 else lab.differences(root / "run")

        def clock_of_the_machine(seconds):
            root = lab.folder()
            done = lab.invado(lab.run_arguments(root / "run"), prefix=["unshare", "--time", "--monotonic", str(seconds)])
            return [str(done)] if done.code != 0 else lab.differences(root / "run")

        def lock_not_stolen(clock, command):
            root = lab.folder()
            call = lab.calls[len(lab.calls) // 2]
            holder = lab.start(lab.run_arguments(root / "run"), root=root, mode="stop", n=call.number)
            if not stopped(holder):
                return [f"did not stop: {lab.finish(holder)}"]
            arguments = {"run": lab.run_arguments(root / "run", more=["-q"]), "resume": lab.resume_arguments(root / "run"),
                         "overwrite": lab.run_arguments(root / "run", more=["-q", "--overwrite"])}[command]
            second = lab.invado(arguments, root=root, mode="off", clock=clock)
            os.kill(holder.pid, signal.SIGCONT)
            first = lab.finish(holder)
            wanted = (LOCKED,) if command != "run" else (LOCKED, CANNOT_CREATE)
            wrong = [] if second.code in wanted else [f"exit {wanted} expected: {second}"]
            return wrong + ([str(first)] if first.code != 0 else lab.differences(root / "run"))

        clocks = [year, -year, "frozen", "backwards"]
        trials = [(f"wall clock {c}, {s}", lambda a=(c, s): wrong_clock(*a)) for c in clocks for s in ("run", "resume")]
        trials += [(f"wall clock {c}, wall time limit", lambda c=c: wrong_clock(c, "run", ["--max-walltime", "1h"])) for c in clocks]
        trials += [(f"held lock, wall clock {c}, {k}", lambda a=(c, k): lock_not_stolen(*a)) for c in (0, year, -year)
                   for k in ("run", "resume", "overwrite")]
        if subprocess.run(["unshare", "--time", "true"], capture_output=True).returncode == 0:
            trials += [(f"monotonic clock + {s} s", lambda s=s: clock_of_the_machine(s)) for s in (year, 10 * year)]
        self.table.run("2j wrong clocks", trials)

    # --- 2k: bit rot ---

    def test_2k_bit_rot(self):
        lab = self.lab
        half, _, _ = self.half_run()

        def checkpoints(root):
            return sorted((root / "run" / "checkpoints").glob("checkpoint_*.ckpt"))

        def flip(path, dice):
            data = bytearray(path.read_bytes())
            bit = dice.randrange(8 * len(data))
            data[bit // 8] ^= 1 << bit % 8
            path.write_bytes(data)

        def cut(path, dice):
            os.truncate(path, dice.randrange(path.stat().st_size))

        def newest(number, damage):
            dice = self.dice("2k", number)
            root = self.copy_of(half)
            older, last = checkpoints(root)[-2:]
            damage(last, dice)
            done = lab.invado(lab.resume_arguments(root / "run"))
            if done.code != 0:
                return [f"resume from the older one expected: {done}"]
            wrong = [] if last.name in done.err else [f"does not say that {last.name} is damaged: {done}"]
            if done.resumed_step() != int(older.stem.split("_")[1]):
                wrong.append(f"not from {older.name}: {done}")
            return wrong + lab.differences(root / "run") + self.away(root, wrong)

        def both(number, damage):
            dice = self.dice("2k both", number)
            root = self.copy_of(half)
            for path in checkpoints(root):
                damage(path, dice)
            before = files_of(root)
            done = lab.invado(lab.resume_arguments(root / "run"))
            wrong = [] if done.code == BAD_DATA else [f"exit 65 expected: {done}"]
            after = files_of(root)
            lost = [name for name in before if name not in after and not name.endswith(".lock")]
            changed = [name for name in before if name in after and after[name] != before[name] and not name.endswith(("log.jsonl", ".lock"))]
            return wrong + ([f"lost {lost}, changed {changed}"] if lost or changed else [])

        def grown(number, name):
            dice = self.dice("2k grown", name, number)
            root = self.copy_of(half)
            path = root / "run" / name
            data = bytearray(path.read_bytes())
            at = dice.randrange(len(data) // 3)
            data[at] ^= 1 << dice.randrange(8)
            path.write_bytes(data)
            done = lab.invado(lab.resume_arguments(root / "run"))
            return [] if done.code == BAD_DATA else [f"byte {at} changed, exit 65 expected: {done}"]

        count = 40 if self.full else 8
        self.table.run("2k bit rot", [(f"newest, trial {n}", lambda n=n: newest(n, flip)) for n in range(count)] +
                       [(f"newest cut short, trial {n}", lambda n=n: newest(n, cut)) for n in range(count // 4)] +
                       [(f"both, trial {n}", lambda n=n: both(n, flip)) for n in range(count // 2)] +
                       [(f"both cut short, trial {n}", lambda n=n: both(n, cut)) for n in range(count // 4)] +
                       [(f"{name}, trial {n}", lambda a=(n, name): grown(*a)) for n in range(count // 4)
                        for name in ("series.csv", "tracks.csv")])

    # --- the limit of wall time ---

    def test_walltime(self):
        lab = self.lab
        half, resume_calls, _ = self.half_run()

        def limit(scene, call):
            """The monotonic clock jumps two hours at one call; the limit is one."""
            root = lab.folder() if scene == "run" else self.copy_of(half)
            arguments = lab.run_arguments if scene == "run" else lab.resume_arguments
            done = lab.invado(arguments(root / "run", more=["--max-walltime", "1h"]), root=root, mode="count",
                              steady=f"{call.number} 7200")
            calls = lab.calls if scene == "run" else resume_calls
            last_row = max(c.number for c in calls if c.name == "write" and c.path == "run/series.csv")
            if done.code == 0 and call.number >= last_row:  # in the last step, or after it
                return lab.differences(root / "run")
            wrong = [] if done.code == STOPPED else [f"exit 85 expected: {done}"]
            if not wrong and not lab_step_is(root / "run", max(acknowledged(root / "run"), default=None)):
                wrong.append("85 without a checkpoint of the last step")
            return self.judged(root, wrong)

        def begin_of(calls):
            return next((c.number for c in calls if c.path2 == "run/run.json"), 0) + 3

        trials = []
        for scene, calls in (("run", lab.calls), ("resume", resume_calls)):
            usable = [c for c in calls if c.number > begin_of(calls)]
            trials += [(f"{scene}, at {c}", lambda a=(scene, c): limit(*a))
                       for c in every(usable, max(1, len(usable) // (40 if self.full else 6)))]
        self.table.run("wall time limit", trials)


# --- what the tests look with ---------------------------------------------------------------------------------------------


def harmless_calls(calls):
    """Numbers of calls that may fail without harm: closing what is synced or was only looked at, looking into a folder,
    cleaning up, and the text in the lock file. Everything else must be told."""
    unsynced, numbers = set(), set()
    for call in calls:
        if call.name == "open_failed":  # a folder that might have been there
            numbers.add(call.number)
        if call.name == "opendir":
            after = next((c for c in calls[call.number:] if c.inode == call.inode), None)
            if after is None or after.name != "fsync":
                numbers.add(call.number)
        base = os.path.basename(call.path)
        if base == ".lock" and call.name in ("write", "truncate", "fsync", "close", "unlink"):
            numbers.add(call.number)
        elif call.name in ("write", "truncate", "allocate"):
            unsynced.add(call.inode)
        elif call.name == "fsync":
            unsynced.discard(call.inode)
        elif call.name == "close" and call.inode not in unsynced:
            numbers.add(call.number)
        elif call.name in ("unlink", "rmdir"):
            numbers.add(call.number)
    return numbers


def logged(calls):
    """Steps of the checkpoints whose acknowledgement was written within these calls."""
    text = b"".join(call.data for call in calls if call.name == "write" and call.path == "run/log.jsonl")
    steps = []
    for line in text.split(b"\n")[:-1]:
        entry = json.loads(line)
        if entry.get("event") == "checkpoint":
            steps.append(int(entry["step"]))
    return steps


def lab_step_is(folder, step):
    with open(folder / "run.json") as file:
        return json.load(file)["step"] == step


def results_of(root):
    """Bytes and modification times of all files but the lock, which a refused program may take and give back."""
    return {name: stamp for name, stamp in fingerprint(root).items() if not name.endswith(("/", ".lock"))}


def tree(root):
    """Name -> content of everything, folders and links too."""
    found = {}
    for at, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(at, name)
            if os.path.islink(path):
                found[path] = os.readlink(path)
            elif os.path.isfile(path):
                found[path] = pathlib.Path(path).read_bytes()
            else:
                found[path] = "folder"
    return found


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def stopped(process):
    """Waits until a child has stopped itself; False when it ended instead."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return True
    process.returncode = os.waitstatus_to_exitcode(status)
    return False


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)


def unseen_calls(lab):
    """Compares the numbered calls with what strace sees below the folder: nothing may pass the library by."""
    if not shutil.which("strace"):
        return []
    root = lab.folder()
    log, trace = lab.scratch / "strace.log", lab.scratch / "strace.trace"
    names = ("write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat,"
             "mkdir,mkdirat,rmdir,ftruncate,truncate,fallocate,link,linkat,symlink,symlinkat,copy_file_range,sendfile")
    done = lab.invado(lab.run_arguments(root / "run"), prefix=["strace", "-f", "-qq", "-y", "-e", "trace=" + names, "-o", str(log)],
                      root=root, mode="count", trace=trace)
    if done.code != 0:
        return [] if "ptrace" in done.err or "PTRACE" in done.err else [str(done)]
    seen = {}
    for line in log.read_text(errors="replace").splitlines():
        call = line.split(maxsplit=1)[1]
        name = call.split("(", 1)[0]
        if str(root) not in call and not name.startswith(("rename", "mkdir", "unlink")):
            continue
        if str(root) not in call.split(" = ")[0]:
            continue
        kind = {"pwrite64": "write", "fdatasync": "fsync", "fallocate": "allocate", "renameat2": "rename", "renameat": "rename",
                "unlinkat": "unlink", "rmdir": "unlink", "mkdirat": "mkdir", "ftruncate": "truncate"}.get(name, name)
        seen[kind] = seen.get(kind, 0) + 1
    counted = {}
    for call in read_trace(trace):
        name = call.name.replace("_failed", "")
        if name in ("write", "fsync", "allocate", "rename", "unlink", "mkdir", "truncate"):
            counted[name] = counted.get(name, 0) + 1
    # An unlinkat relative to a folder's descriptor shows the folder by -y, so nothing needs an exception.
    return [] if seen == counted else [f"strace sees {seen}, the library {counted}"]


def scratch_folder(wanted):
    """Memory when there is enough of it: thousands of small runs, each with a hundred fsyncs."""
    if wanted:
        return tempfile.mkdtemp(prefix="invado_crash_", dir=wanted)
    shm = pathlib.Path("/dev/shm")
    if shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 2 * 2**30:
        return tempfile.mkdtemp(prefix="invado_crash_", dir=shm)
    return tempfile.mkdtemp(prefix="invado_crash_")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("shim")
    parser.add_argument("--quick", action="store_true", help="for every change (default)")
    parser.add_argument("--full", action="store_true", help="everything, for nights")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="tests whose name begins so")
    parser.add_argument("--seed", default="1", help="of the random trials")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--scratch", help="where the trials live (default: memory, else the temporary folder)")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder")
    options = parser.parse_args()

    began = time.monotonic()
    scratch = scratch_folder(options.scratch)
    os.chmod(scratch, 0o755)
    table = Table(options.jobs)
    try:
        lab = Lab(options.program, options.source, options.shim, scratch).take_reference()
        print(f"the undisturbed run: {len(lab.calls)} calls, {len(lab.reference)} files, checkpoints of steps {lab.acknowledged}, "
              f"digest {lab.digest}", flush=True)
        lab.verify_every = 1 if options.full else 5
        tests = Tests(lab, table, options.full, options.seed)
        for name in sorted(n for n in dir(tests) if n.startswith("test_")):
            if not options.only or any(name.removeprefix("test_").startswith(word) for word in options.only):
                try:
                    getattr(tests, name)()
                except AssertionError as problem:  # what the trials of this test begin with does not hold
                    table.run(name.removeprefix("test_").replace("_", " ", 1), [("before the trials", lambda p=problem: [str(p)])])
        strays = sorted(os.listdir(lab.empty))
        table.run("nothing beside the folder", [("working directory", lambda: [f"there is {strays}"] if strays else [])])
        table.print()
    finally:
        if not options.keep:
            subprocess.run(["chmod", "-R", "u+rwx", scratch], check=False)
            shutil.rmtree(scratch, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s, {sum(row[1] for row in table.rows)} trials")
    return 1 if table.failed() else 0


sys.exit(main())
