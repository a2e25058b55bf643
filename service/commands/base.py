"""What the commands share: help in two languages, output for people and for scripts, exit codes.

Nothing heavy is imported here at the top: ``tanji --help`` must answer at once.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.formatting import HelpFormatter

from service.i18n import N_, gettext, tell

if TYPE_CHECKING:
    from sqlmodel import Session

    from factors.library import Library
    from service.accounts.actions import Actor
    from service.config import Settings

F = TypeVar("F", bound=Callable[..., Any])

SHORT_HELP = 70


def _told(text: str | None) -> str:
    return gettext(text) if text else ""


class Option(click.Option):
    """An option whose help is told in the language in use."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the two columns of the help page."""
        told = copy.copy(self)
        told.help = _told(self.help)
        return click.Option.get_help_record(told, ctx)


class _Bilingual(click.Command):
    """A command whose help is told in the language in use."""

    def get_short_help_str(self, limit: int = SHORT_HELP) -> str:
        """Return the line that stands in the list of commands."""
        del limit  # the lines are written to be short
        return _told(self.short_help or self.help)

    def format_help_text(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write what the command does."""
        told = copy.copy(self)
        told.help = _told(self.help)
        click.Command.format_help_text(told, ctx, formatter)


class Command(_Bilingual):
    """A command."""


class Group(_Bilingual, click.Group):
    """A group of commands."""

    command_class = Command


def option(*names: str, **given: Any) -> Callable[[F], F]:
    """Add an option to a command; its help is a message to be translated."""
    return click.option(*names, cls=Option, **given)


class _Out(click.Path):
    """A file to write: what stands in its way is told before anything is computed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path to write to; wrong usage where its folder is not there, or it is one itself."""
        if not str(value).strip():
            self.fail(say(N_("name a file to write")), param, ctx)
        path = Path(str(super().convert(value, param, ctx)))
        if not path.absolute().parent.is_dir():
            self.fail(say(N_("there is no folder '%(folder)s'"), folder=path.parent), param, ctx)
        return path


OUT = _Out(dir_okay=False, writable=True, path_type=Path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file of whatever goes wrong while it is written: a disk that is full names none."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        yield
    except FileCreateError as error:
        cause = error.args[0] if error.args else error
        raise OSError(
            getattr(cause, "errno", None), getattr(cause, "strerror", None) or str(cause), str(path)
        ) from error
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


JSON_WANTED = "tanji.json"


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    # An error is told in the form that was asked for, too; see LazyGroup.invoke.
    ctx.meta[JSON_WANTED] = value
    return value


json_option = option(
    "--json", "as_json", is_flag=True, callback=_remember, help=N_("Print the result as JSON, decimals as text.")
)
organisation_option = option("--organisation", "code", required=True, help=N_("Code of the organisation."))
reason_option = option("--reason", default="", help=N_("Why something that is held is replaced."))


def emit(data: Any, as_json: bool, lines: Callable[[], Iterable[str]]) -> None:
    """Print ``data`` as JSON, or the ``lines`` for a person."""
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    for line in lines():
        click.echo(visible(line))


def visible(line: str) -> str:
    """Replace what a terminal would obey or hide: a stranger's text may steer neither the screen nor the reader."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t" else c for c in line
    )


def say(message: str, **params: object) -> str:
    """Return a message in the language in use."""
    return gettext(message, **params)


def settings() -> Settings:
    """Return the settings of this process."""
    from service import config

    return config.load()


def library() -> Library:
    """Return the factor library."""
    # Not by way of the catalogue: commands on factors alone need no SQL.
    from factors.library import load

    return load(cache=settings().cache)


@contextmanager
def private_files() -> Iterator[None]:
    """Keep whatever the block writes for its owner alone: database, evidence, keys, reports."""
    from service.config import PRIVATE

    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def session(*, write: bool) -> Iterator[Session]:
    """Give a session on the database that the settings name; committed at the end, rolled back on an error."""
    import service.activities.models  # noqa: F401  foreign keys of one feature's tables point at those of another
    from service import db

    with db.answering():
        database = db.connect(settings())
        try:
            database.check()
            with database.session(write=write) as opened:
                yield opened
        finally:
            database.dispose()


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar to a person who waits; nothing to a file or a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(desc=title, unit="", unit_scale=True, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


@contextmanager
def steps(title: str) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar for work that tells its step, how far it is and how far it goes."""
    with bar(title) as progress:
        yield None if progress is None else lambda _, done, total: progress(done, total)


def acting(opened: Session, code: str) -> Actor:
    """Return the operator of this machine acting for an organisation."""
    from service.accounts import actions

    return actions.operator(opened, code)


def holder(opened: Session, what: str, identifier: str, holds: Callable[[Actor], bool]) -> Actor:
    """Return the operator acting for the organisation that holds ``identifier``, which says for itself whose it is.

    Raises:
        NotFound: none does; ``what`` is the kind of thing, marked for translation.
    """
    from service.accounts import actions
    from service.errors import NotFound

    for row in actions.organisations(opened, actions.HOUSE):
        actor = actions.operator(opened, row.code)
        if holds(actor):
            return actor
    raise NotFound(what, identifier)


def now() -> datetime:
    """Return the time; commands are the callers that look at the clock."""
    return datetime.now(UTC)


def table(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield rows as lines with their columns under each other; a Chinese character takes two places."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)] if cells else []
    for row in cells:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pairs(data: Mapping[str, object]) -> Iterator[str]:
    """Yield names and values under each other, empty values left out."""
    yield from table([(f"{name}:", value) for name, value in data.items() if value not in ("", None, [], {})])


def told_problem(error: Exception, as_json: bool) -> str:
    """Return an error as the last thing a command says."""
    from service.errors import particulars, problem_of

    if as_json:
        return json.dumps(problem_of(error), ensure_ascii=False, indent=1)
    lines = [tell(error)]
    for item in particulars(error):
        told = item.told()
        lines.append(f"  {told['field']}: {told['message']}" if told["field"] else f"  {told['message']}")
    return visible("\n".join(lines))


def checked(schema: Any, given: Mapping[str, object]) -> dict[str, Any]:
    """Return ``given`` as the schema loads it.

    Raises:
        InputInvalid: everything the schema finds wrong.
    """
    from marshmallow import ValidationError

    from service.errors import InputInvalid, Wrong

    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        messages: Any = error.messages
        wrong = [Wrong(str(name), "invalid", text) for name, texts in messages.items() for text in texts]
        raise InputInvalid(wrong) from error
    return loaded


LARGEST_DOCUMENT = 100_000_000  # bytes
DEEPEST_DOCUMENT = 60  # lists and mappings inside one another
TOO_MUCH = N_("'%(name)s' is larger, or nested deeper, than any snapshot")
NO_JSON = N_("'%(name)s' is no JSON document")


def document(name: str, raw: bytes) -> dict[str, Any]:
    """Return the JSON mapping that a file holds.

    Raises:
        InputInvalid: it is none.
    """
    from service.errors import InputInvalid, Wrong
    from service.i18n import Text

    def no_number(token: str) -> None:
        raise ValueError(token)

    if len(raw) > LARGEST_DOCUMENT:
        raise InputInvalid([Wrong("", "too-much", Text(TOO_MUCH, name=name))])
    try:
        found = json.loads(raw, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise InputInvalid([Wrong("", "no-json", Text(NO_JSON, name=name))]) from error
    if _is_deeper(found, DEEPEST_DOCUMENT):
        raise InputInvalid([Wrong("", "too-much", Text(TOO_MUCH, name=name))])
    if not isinstance(found, dict):
        raise InputInvalid([Wrong("", "no-json", Text(NO_JSON, name=name))])
    return found


def _is_deeper(value: Any, most: int) -> bool:
    """Tell whether lists and mappings stand more than ``most`` deep inside one another."""
    level = [value]
    for _ in range(most):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _inside(one)]
    return any(isinstance(one, dict | list) for one in level)


def _inside(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one
