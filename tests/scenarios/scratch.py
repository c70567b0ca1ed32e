"""The folder that a test works in: gone when the test ends, or kept and named with INVADO_KEEP=1. Its lock; and patience."""
import atexit
import contextlib
import fcntl
import os
import pathlib
import shutil
import struct
import tempfile

time_scale = float(os.environ.get("INVADO_TIME_SCALE", "1"))  # by how much slower the program is that is tested: sanitizers


def scratch_folder(shelf=None):
    """A new folder, in `shelf` (default: where temporary files belong)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="invado_", dir=shelf))
    if os.environ.get("INVADO_KEEP"):
        atexit.register(print, f"kept: {folder}")
    else:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextlib.contextmanager
def held(folder):
    """Holds the lock of a run's or a sweep's folder, as a program at work does (src/io/run_lock.h)."""
    with open(folder / ".lock", "a+") as file:
        fcntl.fcntl(file, fcntl.F_OFD_SETLKW, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        yield
    # Closed: free again.
