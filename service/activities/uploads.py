"""A file of activity data that came with a request, read while it is kept in a directory of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from werkzeug.datastructures import FileStorage

from service.activities import intake
from service.http import harmless


@contextmanager
def submitted(files: Mapping[str, FileStorage], allowed: intake.Known) -> Iterator[intake.Intake]:
    """Read ``file`` by its ``mapping``, if one was sent; both lie under harmless names and are removed at the end.

    Raises:
        MappingInvalid: the mapping does not hold together.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / harmless(files["file"].filename or "")
        files["file"].save(path)
        mapping = None
        if "mapping" in files:
            sent = Path(folder) / "mapping.yaml"
            files["mapping"].save(sent)
            mapping = intake.load_mapping(sent)
        yield intake.read(path, mapping=mapping, known=allowed)
