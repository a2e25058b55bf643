"""Product models in files: YAML, JSON and workbooks in the form of the template.

    model_of(Path("part.xlsx"))        # a model, or everything that is wrong with it, each with sheet and row
    write_workbook(path, model, "zh")  # and back

A file is read within bounds and never guessed at: what cannot be read for certain is an error that names its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lca import product_reading
from lca.errors import ModelInvalid
from lca.product_model import Model
from service.activities.problems import Problem
from service.activities.refusals import FileRefused, Limits
from service.activities.workbook import is_workbook
from service.products.refusals import ModelFileInvalid
from service.products.text_models import TextRefused, from_json, from_yaml, plain, text_of
from service.products.workbook_models import from_workbook, sheet_of
from service.products.workbook_writer import write_template, write_workbook

__all__ = ["ModelFile", "ModelFileInvalid", "model_of", "opened", "read", "write_template", "write_workbook"]

TEXT_BYTES = 20_000_000
"""Largest YAML or JSON file; more parts than that belong in a workbook."""

READERS = {".yaml": from_yaml, ".yml": from_yaml, ".json": from_json}


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a file says of a product, as plain data, with what a person should look at all the same."""

    data: dict[str, Any]
    warnings: tuple[Problem, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)  # of a workbook: id of a sheet -> its name

    def model(self) -> Model:
        """Return the model.

        Raises:
            ModelInvalid: everything that is wrong with it; in a workbook each place begins with its sheet.
        """
        try:
            return product_reading.model(self.data)
        except ModelInvalid as error:
            if not self.titles:
                raise
            placed = ((one, sheet_of(one.where, self.titles)) for one in error.problems)
            raise ModelInvalid([one.within(sheet) if sheet else one for one, sheet in placed]) from error


def opened(path: Path, limits: Limits | None = None) -> ModelFile:
    """Read a file.

    Raises:
        ModelFileInvalid: everything that is wrong with it as a file.
        OSError: it cannot be opened.
    """
    try:
        if is_workbook(path):
            return _from_workbook(path, limits or Limits())
        return ModelFile(_from_text(path))
    except TextRefused as refused:
        raise ModelFileInvalid(refused.problems) from refused
    except FileRefused as refused:
        raise ModelFileInvalid([Problem(refused.code, refused.sheet, params=refused.params)]) from refused


def read(path: Path) -> dict[str, Any]:
    """Return what a file says of a product as the plain data that ``lca.product_reading`` reads.

    Raises:
        As ``opened``.
    """
    return opened(path).data


def model_of(path: Path) -> Model:
    """Return the model in a file.

    Raises:
        ModelFileInvalid: everything that is wrong with it as a file.
        ModelInvalid: everything that is wrong with it as a model.
        OSError: it cannot be opened.
    """
    return opened(path).model()


def _from_text(path: Path) -> dict[str, Any]:
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise FileRefused("model-format", known=", ".join([*READERS, ".xlsx"]))
    return plain(reader(text_of(path, TEXT_BYTES)))


def _from_workbook(path: Path, limits: Limits) -> ModelFile:
    if path.stat().st_size > limits.file_bytes:
        size, limit = path.stat().st_size / 1e6, limits.file_bytes / 1e6
        raise FileRefused("file-too-large", size=f"{size:.1f}", limit=f"{limit:.1f}")
    book = from_workbook(path, limits)
    if book.findings.errors:
        raise ModelFileInvalid(book.findings.errors)
    return ModelFile(plain(book.data), tuple(book.findings.warnings), book.titles)
