"""What every crash test shares: starting the program under the preloaded library, the undisturbed run, and the three-part bar:
after each kill every file under its final name is valid; the resumed step is not before the last acknowledged checkpoint; the
end is identical to the undisturbed run, with nothing left over."""
import concurrent.futures
import copy
import ctypes
import ctypes.util
import errno
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

CANNOT_CREATE, IO_ERROR, LOCKED, NO_PERMISSION, BAD_DATA, NOT_FOUND = 73, 74, 75, 77, 65, 66
STOPPED, STOPPED_UNSAVED = 85, 86
GROWING = {"series.csv", "tracks.csv"}  # files that grow row by row; the log does too, but tells the time
NOT_COMPARED = {"run.json", "log.jsonl", "checksums.txt", ".lock"}  # times, hosts, and checksums of these
CHECKPOINT = re.compile(r"checkpoints/checkpoint_(\d{9})\.ckpt")
RESUMED = re.compile(r"resumed at step (\d+)")


class Xxh128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


_xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
_xxhash.XXH3_128bits.restype = Xxh128
_xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def checksum(data):
    hash = _xxhash.XXH3_128bits(data, len(data))
    return f"{hash.high:016x}{hash.low:016x}"


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        self.lines = [line for line in err.splitlines() if line.strip()]

    def resumed_step(self):
        found = RESUMED.search(self.err)
        return int(found.group(1)) if found else None

    def __str__(self):
        return f"exit {self.code}: {self.err.strip()[-400:]!r}"


class Call:
    """One numbered call of a trace; `data` only of recorded writes."""

    def __init__(self, line, data):
        head, self.path2 = line.rstrip("\n").split("\t")
        number, self.name, inode, offset, size, self.path = head.split(" ", 5)
        self.number, self.inode, self.offset, self.size = int(number), int(inode), int(offset), int(size)
        self.data = data

    def __str__(self):
        return f"{self.number} {self.name} {self.path}"


def read_trace(path, recorded=False):
    calls = []
    with open(path, "rb") as file:
        for line in iter(file.readline, b""):
            call = Call(line.decode(), None)
            if recorded and call.name == "write":
                call.data = file.read(call.size)
            calls.append(call)
    return calls


def files_of(folder):
    """Relative path -> bytes of every regular file."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def fingerprint(folder):
    """Bytes and modification time of everything: for 'changes nothing'."""
    stamps = {name: (data, os.stat(os.path.join(folder, name)).st_mtime_ns) for name, data in files_of(folder).items()}
    for at, _, _ in os.walk(folder):
        stamps[os.path.relpath(at, folder) + "/"] = os.stat(at).st_mtime_ns
    return stamps


def acknowledged(folder):
    """Steps of the checkpoints that log.jsonl says are safe; a torn last line is no line."""
    steps = []
    try:
        with open(os.path.join(folder, "log.jsonl"), "rb") as file:
            lines = file.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return steps
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("event") == "checkpoint":
            steps.append(int(entry["step"]))
    return steps


class Lab:
    """The program, the library, the tiny scenario, a scratch folder, and the undisturbed run to compare with."""

    def __init__(self, program, source, shim, scratch):
        self.scratch = pathlib.Path(scratch)
        self.shim = str(pathlib.Path(shim).resolve())
        source = pathlib.Path(source).resolve()
        # Copies, so that another user may read them wherever the source tree lies.
        tools = self.scratch / "tools"
        tools.mkdir()
        self.program = str(tools / "invado")
        shutil.copy2(program, self.program)
        shutil.copy2(self.shim, tools / "io_points.so")
        self.shim = str(tools / "io_points.so")
        shutil.copytree(source / "configs", tools / "configs")
        self.scenario = str(tools / "tiny.yaml")
        shutil.copy2(source / "tests/crash/tiny.yaml", self.scenario)
        self.settings = []
        self.until = []  # what is to be said when a run is resumed
        self.empty = tools / "empty"  # where the program stands; nothing may appear here
        self.empty.mkdir()
        self.looks = 0
        self.verify_every = 1  # how often the program's own `verify` is asked too; ours is stricter, and faster
        self.environment = {k: v for k, v in os.environ.items()
                            if k not in ("OMP_NUM_THREADS", "LD_PRELOAD", "SLURM_CPUS_PER_TASK") and not k.startswith("IO_")}
        # With this the program need not start itself a second time; and its threads do not spin on busy cores.
        self.environment.update(OMP_WAIT_POLICY="passive", INVADO_CONFIGS=str(tools / "configs"), LC_ALL="C")

    # --- starting the program ---

    def folder(self):
        """A fresh, empty folder: a trial's root. The run's own folder is `run` in it."""
        return pathlib.Path(tempfile.mkdtemp(prefix="t", dir=self.scratch))

    def run_arguments(self, folder, threads=1, more=()):
        return ["run", self.scenario, "-o", str(folder), "--threads", str(threads), "--progress", "none", *self.settings, *more]

    def resume_arguments(self, folder, threads=1, more=()):
        return ["resume", str(folder), "--threads", str(threads), *self.until, *more]

    def command(self, arguments, prefix=(), **io):
        """Arguments and environment; io: root, mode, n, errno, ... of the preloaded library."""
        environment = dict(self.environment)
        if io:
            environment["LD_PRELOAD"] = self.shim
            environment.update({"IO_" + key.upper(): str(value) for key, value in io.items()})
        if prefix and io:  # the library is for the program, not for what starts it
            del environment["LD_PRELOAD"]
            return [*prefix, "env", "LD_PRELOAD=" + self.shim, self.program, *map(str, arguments)], environment
        return [*prefix, self.program, *map(str, arguments)], environment

    def start(self, arguments, prefix=(), more_environment=None, **io):
        line, environment = self.command(arguments, prefix, **io)
        environment.update(more_environment or {})
        return subprocess.Popen(line, env=environment, cwd=self.empty, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def invado(self, arguments, prefix=(), more_environment=None, **io):
        return self.finish(self.start(arguments, prefix, more_environment, **io))

    @staticmethod
    def finish(process, timeout=300):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Result("hangs", "", "")
        return Result(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def has(self, command):
        return self.invado([command, "--help"]).code == 0

    def with_settings(self, settings):
        """The same lab for the same scenario with other values; its undisturbed run is another."""
        other = copy.copy(self)
        other.settings = [word for setting in settings for word in ("--set", setting)]
        return other.take_reference()

    def extended(self, root, until):
        """The same lab for `resume --until` of a finished run, of which `root` holds a copy: the undisturbed extension is made
        in it, recorded, and is what must come out."""
        other = copy.copy(self)
        other.until = ["--until", until]
        other.versions = {name: set(contents) for name, contents in self.versions.items()}
        for name, data in files_of(root / "run").items():
            other.versions.setdefault(name, set()).add(data)
        return other.note(root, self.resume_arguments(root / "run", more=other.until))

    # --- the undisturbed run ---

    def take_reference(self):
        """Runs once, recorded: what the end must be, and every content that any file may have on the way."""
        root = self.folder()
        self.versions = {}  # name -> contents that were put there under a final name
        return self.note(root, self.run_arguments(root / "run"))

    def note(self, root, arguments):
        trace = root.with_suffix(".trace")
        done = self.invado(arguments, root=root, mode="record", trace=trace)
        if done.code != 0:
            raise SystemExit(f"the undisturbed run fails: {done}")
        self.calls = read_trace(trace, recorded=True)
        self.reference = files_of(root / "run")
        self.reference_folder = root / "run"
        self.digest = json.loads(self.reference["run.json"])["digest"]
        self.acknowledged = acknowledged(root / "run")
        self.can_verify = self.has("verify")
        written = {}
        for call in self.calls:
            if call.name == "create":
                written[call.path] = bytearray()
            elif call.name == "write" and call.path in written:
                buffer = written[call.path]
                buffer[call.offset:call.offset + call.size] = call.data
            elif call.name == "rename" and call.path in written:
                name = os.path.relpath(call.path2, "run")
                self.versions.setdefault(name, set()).add(bytes(written.pop(call.path)))
        return self

    # --- the bar ---

    def broken_files(self, folder, grown_may_be_torn=False, verify=True):
        """(ii) What is wrong with the files under their final names."""
        wrong = []
        if not os.path.isdir(folder):
            return wrong
        found = files_of(folder)
        for name, data in found.items():
            base = os.path.basename(name)
            if base == ".lock" or base.startswith(".tmp-"):
                continue
            if name in GROWING:
                if not grown_may_be_torn and not self.reference[name].startswith(data):
                    wrong.append(f"{name} is not the beginning of the undisturbed one")
            elif name == "log.jsonl":
                for line in data.split(b"\n")[:-1]:
                    if not grown_may_be_torn and not valid_json(line):
                        wrong.append(f"{name}: {line[:80]!r}")
            elif name == "run.json":
                if not valid_json(data):
                    wrong.append(f"{name} does not parse")
            elif CHECKPOINT.fullmatch(name):
                if data[:8] != b"INVADOCP" or checksum(data[:-16]) != data[-16:].hex():
                    wrong.append(f"{name}: its checksum is wrong")
            elif name == "checksums.txt":
                for line in data.decode(errors="replace").splitlines():
                    expected, _, listed = line.partition("  ")
                    if listed not in found or checksum(found[listed]) != expected:
                        wrong.append(f"{name}: {listed} is not there or not as listed")
            elif name not in self.versions:
                wrong.append(f"{name} is no file of a run")
            elif data not in self.versions[name]:
                wrong.append(f"{name} is not as any complete version of it")
        self.looks += 1
        if verify and not wrong and self.can_verify and "run.json" in found and self.looks % self.verify_every == 0:
            said = self.invado(["verify", folder])
            if said.code != 0:
                wrong.append(f"invado verify: {said}")
        return wrong

    def differences(self, folder):
        """(i) and the last part of (iii): what is not as after the undisturbed run."""
        wrong = []
        found = files_of(folder)
        for name in sorted(set(found) | set(self.reference)):
            base = os.path.basename(name)
            if base.startswith(".tmp-") or base == ".lock":
                wrong.append(f"{name} is left over")
            elif name.startswith("checkpoints/") or name in NOT_COMPARED:
                continue
            elif name not in found:
                wrong.append(f"{name} is missing")
            elif name not in self.reference:
                wrong.append(f"{name} should not be there")
            elif found[name] != self.reference[name]:
                wrong.append(f"{name} differs")
        record = json.loads(found.get("run.json", b"{}"))
        if record.get("digest") != self.digest or record.get("exit") != 0:
            wrong.append(f"run.json says digest {record.get('digest')}, exit {record.get('exit')}")
        wrong += self.broken_files(folder)
        return wrong

    def bring_to_the_end(self, folder, threads=1, least=None):
        """Resumes until the end and applies the bar. `least`: the step that must not be lost (default: as the log says)."""
        if least is None:
            least = max(acknowledged(folder), default=None)
        if not os.path.isdir(folder):
            done = self.invado(self.run_arguments(folder, threads))
            return ([f"the folder is lost, and step {least} was acknowledged"] if least is not None else []) + (
                [f"run into a missing folder: {done}"] if done.code != 0 else self.differences(folder))
        finished = finished_run(folder)
        resumed = self.invado(self.resume_arguments(folder, threads))
        if resumed.code == NOT_FOUND:
            if least is not None or finished:
                return [f"nothing to resume, and step {least} was acknowledged: {resumed}"]
            if os.path.exists(os.path.join(folder, "run.json")):
                return [f"nothing to resume, but run.json is there: {resumed}"]
            done = self.invado(self.run_arguments(folder, threads))
            return [f"run where there was nothing to resume: {done}"] if done.code != 0 else self.differences(folder)
        if resumed.code != 0:
            return [f"resume: {resumed}"]
        step = resumed.resumed_step()
        if step is None and not finished:
            return [f"resume does not say where it begins: {resumed}"]
        if step is not None and least is not None and step < least:
            return [f"resumed at step {step}, and step {least} was acknowledged"]
        return self.differences(folder)


def finished_run(folder):
    try:
        with open(os.path.join(folder, "run.json"), "rb") as file:
            return json.loads(file.read()).get("exit") == 0
    except (OSError, ValueError):
        return False


def valid_json(data):
    try:
        json.loads(data)
        return True
    except ValueError:
        return False


def deep_check(folder):
    """The undisturbed run itself, read with other people's software: HDF5 files and their links, XML, tables."""
    import h5py
    wrong = []

    def walk(file, group):
        for name in group:
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink) and not os.path.exists(os.path.join(os.path.dirname(file.filename), link.filename)):
                raise OSError(f"{name} links to {link.filename}, which is not there")
            item = group[name]
            if isinstance(item, h5py.Group):
                walk(file, item)
            else:
                item[()]

    for path in sorted(pathlib.Path(folder).rglob("*")):
        try:
            if path.suffix in (".h5", ".hdf"):
                with h5py.File(path, "r") as file:
                    walk(file, file)
            elif path.suffix == ".xdmf":
                xml.etree.ElementTree.parse(path)
            elif path.suffix == ".csv":
                rows = path.read_text().splitlines()
                if len({row.count(",") for row in rows}) != 1:
                    raise ValueError("rows of unequal length")
        except (OSError, KeyError, ValueError, RuntimeError, xml.etree.ElementTree.ParseError) as problem:
            wrong.append(f"{path.name}: {problem}")
    return wrong


class Table:
    """Runs trials side by side, prints a line per test, keeps the figures."""

    def __init__(self, workers):
        self.rows = []
        self.workers = workers

    def run(self, name, trials, note=""):
        """trials: (label, function) pairs; the function returns what is wrong as a list."""
        trials = list(trials)
        failures = []

        def one(trial):
            label, function = trial
            try:
                return [f"{label}: {what}" for what in function()]
            except Exception as problem:  # a trial that cannot be judged has failed
                return [f"{label}: {type(problem).__name__}: {problem}"]

        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            for wrong in pool.map(one, trials):
                if wrong:
                    failures.append(wrong)
        print(f"{name}: {len(trials)} trials, {len(failures)} failures{'  (' + note + ')' if note else ''}", flush=True)
        for wrong in failures[:6]:
            for what in wrong[:4]:
                print(f"    {what}", flush=True)
        if len(failures) > 6:
            print(f"    ... and {len(failures) - 6} more", flush=True)
        self.rows.append((name, len(trials), len(failures), note))

    def skip(self, name, why):
        print(f"{name}: did not run: {why}", flush=True)
        self.rows.append((name, 0, 0, "did not run: " + why))

    def print(self):
        width = max(len(row[0]) for row in self.rows)
        print(f"\n{'test':{width}}  trials  failures")
        for name, trials, failures, note in self.rows:
            print(f"{name:{width}}  {trials:6}  {failures:8}  {note}")

    def failed(self):
        return any(failures for _, _, failures, _ in self.rows) or not any(trials for _, trials, _, _ in self.rows)


def chance(*key):
    """Random numbers that are the same in every session and independent of the order of trials."""
    return random.Random(repr(key))


NAMES_OF_ERRORS = {errno.ENOSPC: "ENOSPC", errno.EIO: "EIO", errno.EDQUOT: "EDQUOT", errno.EINTR: "EINTR"}
