"""Files that hold a secret of this service: made once, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from service.config import Settings

SESSION_KEY = "session-key"


def keep_once(path: Path, content: bytes) -> None:
    """Write ``content`` into a file of mode 0600; of two processes at once, the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its secret serves
    finally:
        draft.unlink()


def session_key(directory: Path) -> str:
    """Return the key that cookies are signed with, made at the first start."""
    path = directory / SESSION_KEY
    if not path.exists():
        keep_once(path, secrets.token_hex(32).encode())
    return path.read_text(encoding="ascii")


def signing_secret(settings: Settings) -> str:
    """Return the key that cookies and links are signed with: the setting's, or the one made at the first start."""
    return settings.secret_key or session_key(settings.data)
