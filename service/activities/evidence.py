"""Evidence files that rows name: found beside the data file or among those handed in, known by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from service.activities.refusals import Limits

FOLDER = "evidence"
LONGEST_NAME = 255  # bytes at most on every file system that is met


@dataclass(slots=True)
class Proofs:
    """Finds evidence by file name and remembers what was found."""

    beside: Path  # the data file
    given: Mapping[str, str] | None  # file name -> sha256; None looks beside the data file
    limits: Limits
    found: dict[str, str] = field(default_factory=dict)  # sha256 -> file name

    def __call__(self, name: str) -> str:
        """Return the SHA-256 of the evidence file called ``name``, '' when there is none."""
        sha256 = self.given.get(name, "") if self.given is not None else self._hashed(name)
        if sha256:
            self.found.setdefault(sha256, name)
        return sha256

    def _hashed(self, name: str) -> str:
        file = beside(self.beside, name)
        if file is None:
            return ""
        with file:
            if os.fstat(file.fileno()).st_size > self.limits.file_bytes:
                return ""
            return hashlib.file_digest(file, "sha256").hexdigest()


def beside(data_file: Path, name: str) -> BufferedReader | None:
    """Open the file called ``name`` in the folder of a data file or the evidence folder there, None without one.

    A name is a name and no path; a link, which could lead anywhere, be it to the file or to the evidence folder, and
    what is no plain file are not opened.
    """
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or Path(name).name != name:
        return None
    return _open(data_file.parent, name) or _open(data_file.parent / FOLDER, name, os.O_NOFOLLOW)


def _open(folder: Path, name: str, how: int = 0) -> BufferedReader | None:
    """Open a plain file in a folder; ``how`` is how the folder is opened, so that it cannot be another meanwhile."""
    try:
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | how)
    except OSError:
        return None
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except OSError:
        return None
    finally:
        os.close(inside)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    return None
