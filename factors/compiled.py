"""The compiled cache: what took a second to check is read back in milliseconds.

Entries are named by the hash of what they were made from, so they are never out of date; they hold JSON,
which can say nothing but data (unlike pickle or marshal), behind a checksum, so a torn file is noticed and
made again. Directory and entry belong to the user alone (0700, 0600) or to root, and nobody else may write
them: what a stranger put there is not read. That nothing can be written is no error: everything works without
it, only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

ROOT = 0

_MAGIC = b"TANJI1"
_KEPT = 8  # entries of one kind; older ones belong to data that changed since


def default_directory() -> Path:
    """Return where entries stand: TANJI_CACHE, or 'tanji' in the user's cache directory."""
    if named := os.environ.get("TANJI_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "tanji"


def remember(kind: str, key: str, make: Callable[[], bytes], directory: Path | None = None) -> bytes:
    """Return the bytes kept under ``kind`` and ``key``; make and keep them when there are none, or damaged ones."""
    place = (directory or default_directory()) / f"{kind}-{key}"
    if (kept := _read(place)) is not None:
        return kept
    made = make()
    with contextlib.suppress(OSError):
        _write(place, made)
        _forget_old(place.parent, kind)
    return made


def content_key(root: Path, files: Iterable[Path], directory: Path | None = None) -> str:
    """Return the hash of the contents of ``files``, which is looked up by their size and times where it can be."""
    ordered = sorted(files)
    states = [(path, path.stat()) for path in ordered]
    seen = "\n".join(f"{path} {s.st_size} {s.st_mtime_ns} {s.st_ctime_ns} {s.st_ino}" for path, s in states)
    signature = hashlib.sha256(seen.encode()).hexdigest()[:32]
    return remember("state", signature, lambda: _hash(root, ordered), directory).decode()


def _hash(root: Path, files: Iterable[Path]) -> bytes:
    digest = hashlib.sha256()
    for path in files:
        name = os.path.relpath(path, root).encode()
        content = path.read_bytes()
        digest.update(b"%d %s %d " % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()[:32].encode()


def _read(place: Path) -> bytes | None:
    """Return what an entry holds, None when it is absent, torn, or somebody else's to write."""
    try:
        with _opened(place) as file:
            is_trusted = _is_ours(place.parent.stat()) and _is_trusted_file(os.fstat(file.fileno()))
            raw = file.read() if is_trusted else b""
    except OSError:
        return None
    head, _, body = raw.partition(b"\n")
    return body if head == _head(body) else None


def _opened(place: Path) -> BinaryIO:
    # What is looked at is what is read: no link is followed, and a pipe does not keep the reader waiting.
    return os.fdopen(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _head(body: bytes) -> bytes:
    return b"%s %08x %d" % (_MAGIC, zlib.crc32(body), len(body))


def _write(place: Path, body: bytes) -> None:
    """Write an entry so that a reader sees all of it or nothing."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(place.parent.stat()):
        return
    handle, name = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_head(body) + b"\n" + body)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _is_trusted_file(state: os.stat_result) -> bool:
    return stat.S_ISREG(state.st_mode) and _is_ours(state)


def _is_ours(state: os.stat_result) -> bool:
    return state.st_uid in (os.getuid(), ROOT) and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _forget_old(directory: Path, kind: str) -> None:
    entries = sorted(directory.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in entries[_KEPT:]:
        path.unlink(missing_ok=True)
