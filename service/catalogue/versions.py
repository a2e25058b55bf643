"""Another version of the factor library, to compare with: a directory of data, or a revision of this checkout."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from factors import library
from factors.library import Library
from service.errors import N_, NotFound


def load(version: str) -> Library:
    """Return the library in the directory ``version``, or as it was at that git revision.

    Raises:
        NotFound: neither a directory nor a revision that git knows here.
        LibraryInvalid: something is wrong with the files of that version.
    """
    if Path(version).is_dir():
        return library.load(Path(version))
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(_archive(version))) as archive:
            archive.extractall(folder, filter="data")
        return library.load(Path(folder))


def _archive(revision: str) -> bytes:
    git = shutil.which("git")
    if git is None or revision.startswith("-"):
        raise NotFound(N_("library version"), revision)
    command = [git, "-C", str(library.DATA), "archive", "--format=tar", revision, "."]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  a fixed program, no shell
    if done.returncode:
        raise NotFound(N_("library version"), revision)
    return done.stdout
