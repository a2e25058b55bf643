"""Brightway projects, by way of an interpreter that has bw2data and bw2io: they are never imported here.

Importing bw2data opens a folder of projects, makes one there, and keeps one current for the whole process; no web
worker can bear that. So another process does it, and one file in Brightway's own CSV layout goes between the two.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lca import importers
from lca.dataset import Finding, LciDatabase
from lca.exporters.csv import write_exact
from lca.exporters.single_output import single_output
from service.catalogue import brightway_process
from service.errors import N_, ServiceError

FILE, ANSWER = "database.csv", "answer.json"
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
"""What the other process is told of this one's environment: no password of a database."""


class BrightwayExtraMissing(ServiceError):
    """Nobody said which interpreter has Brightway, or the one that was named has not."""

    code = "brightway-extra-missing"
    message = N_(
        "no Python with bw2data and bw2io at '%(python)s': `make brightway` makes one; name it by --python or by "
        "TANJI_BRIGHTWAY_PYTHON"
    )


class BrightwayProjectUnnamed(ServiceError):
    """Nobody said which project."""

    code = "brightway-project-unnamed"
    message = N_("name the Brightway project by --project")


class BrightwayProjectMissing(ServiceError):
    """The folder holds no project of this name."""

    code = "brightway-project-missing"
    message = N_("there is no Brightway project '%(name)s' in the folder; there are: %(known)s")
    status = 404


class BrightwayDatabaseMissing(ServiceError):
    """The project holds no database of this name, or several and none is named."""

    code = "brightway-database-missing"
    message = N_("the Brightway project has no database '%(name)s'; name one by --database: %(known)s")
    status = 404


class BrightwayDatabaseTaken(ServiceError):
    """The project has a database of this name, which nobody here replaces."""

    code = "brightway-database-taken"
    message = N_("project '%(project)s' has %(name)s already: delete it in Brightway, or take another project")
    status = 409


class BrightwayFailed(ServiceError):
    """Brightway ended with an error of its own."""

    code = "brightway-failed"
    message = N_("Brightway could not do it: %(reason)s")


_REFUSALS: Mapping[str, type[ServiceError]] = {
    kind.code: kind for kind in (BrightwayProjectMissing, BrightwayDatabaseMissing, BrightwayDatabaseTaken)
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project, the folder that it stands in (``BRIGHTWAY2_DIR``), and the interpreter that opens it."""

    folder: Path
    name: str
    python: str

    def __post_init__(self) -> None:
        if not self.name:
            raise BrightwayProjectUnnamed


@dataclass(frozen=True, slots=True)
class Written:
    """What was made in a project, and what was shared out or left out for it."""

    counts: Mapping[str, Any]
    findings: tuple[Finding, ...]


def read(project: Project, database: str) -> LciDatabase:
    """Return a database of a project, every supplier by its code; inputs from other databases stay without supplier.

    Raises:
        BrightwayExtraMissing, BrightwayProjectMissing, BrightwayDatabaseMissing, BrightwayFailed.
        LciNothingFound: the database is empty.
    """
    with tempfile.TemporaryDirectory() as scratch:
        answer = _run("read", project, database, Path(scratch))
        content = importers.read(Path(scratch) / FILE, "csv")
    return replace(content, name=answer["database"])


def write(content: LciDatabase, project: Project) -> Written:
    """Make a database of a project, which is made if need be: with one product a process, as Brightway solves it.

    Elementary flows are those of the project's own list where name, compartment and unit agree; others, and what
    nobody supplies, stand in databases of their own beside it.

    Raises:
        BrightwayExtraMissing, BrightwayDatabaseTaken, BrightwayFailed.
    """
    made, findings = single_output(content)
    project.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        write_exact(made, Path(scratch) / FILE)
        return Written(_run("write", project, content.name, Path(scratch)), findings)


def _run(verb: str, project: Project, database: str, scratch: Path) -> dict[str, Any]:
    python = shutil.which(project.python) if project.python else None
    if python is None:
        raise BrightwayExtraMissing(python=project.python or "-")
    given = (verb, project.name, database, str(scratch / FILE), str(scratch / ANSWER))
    done = subprocess.run(  # noqa: S603  our own script, no shell
        [python, "-I", "-X", "utf8", brightway_process.__file__, *given],
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ}
        | {"BRIGHTWAY2_DIR": str(project.folder.absolute())},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if "No module named 'bw2" in done.stderr:
        raise BrightwayExtraMissing(python=project.python)
    if not (scratch / ANSWER).is_file():
        raise BrightwayFailed(reason=(done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
    answer: dict[str, Any] = json.loads((scratch / ANSWER).read_bytes())
    if "code" in answer:
        raise _REFUSALS[answer["code"]](**answer["params"])
    return answer
