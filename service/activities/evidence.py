"""Evidence files that rows name: found beside the data file or among those handed in, known by their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.activities.refusals import Limits

FOLDER = "evidence"


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
        for folder in (self.beside.parent, self.beside.parent / FOLDER):
            path = folder / name
            if path.is_file() and path.stat().st_size <= self.limits.file_bytes:
                with path.open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
        return ""
