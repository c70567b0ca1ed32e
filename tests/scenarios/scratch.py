"""The folder that a test works in: gone when the test ends, or kept and named with INVADO_KEEP=1."""
import atexit
import os
import pathlib
import shutil
import tempfile


def scratch_folder(shelf=None):
    """A new folder, in `shelf` (default: where temporary files belong)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="invado_", dir=shelf))
    if os.environ.get("INVADO_KEEP"):
        atexit.register(print, f"kept: {folder}")
    else:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
