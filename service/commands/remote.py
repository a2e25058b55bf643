"""``tanji remote``: everything that a service elsewhere offers, by its address and a token."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

if TYPE_CHECKING:
    from service.remote.operations import Remote

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
UNKNOWN = N_("there is no operation '%(name)s': see 'tanji remote operations'")
NOT_A_PAIR = N_("'%(value)s' is not NAME=VALUE")
WANTING = N_("'%(name)s' needs: %(wanting)s")
NOT_TAKEN = N_("'%(name)s' takes no: %(unknown)s")


@click.group(cls=Group, help=N_("Use a service elsewhere, by its address and a token."))
def remote() -> None:
    """Commands on another service."""


@remote.command(help=N_("List the operations with what each takes: what is sent as a body or file stands in brackets."))
@base.json_option
def operations(as_json: bool) -> None:
    """List the operations."""
    rows = [{"operation": name, "takes": taken, "about": about} for name, taken, about in _operations()]
    base.emit(rows, as_json, lambda: base.table(tuple(row.values()) for row in rows))


def _operations() -> Iterator[tuple[str, str, str]]:
    from service.remote.operations import Remote

    for name, method in inspect.getmembers(Remote, inspect.isfunction):
        if name in Remote.__dict__:
            taken = [f"[{one}]" if one in ("body", "files") else one for one in _taken(method)]
            yield name, " ".join(taken), (method.__doc__ or "").strip()


def _taken(method: Any) -> list[str]:
    return [one for one in inspect.signature(method).parameters if one != "self"]


@remote.command(help=N_("Ask for one operation: 'tanji remote call activities_sites code=ling'."))
@click.argument("operation")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@option("--server", required=True, envvar="TANJI_SERVER", help=N_("Address of the service (also by TANJI_SERVER)."))
@option(
    "--token-file",
    type=FILE,
    required=True,
    envvar="TANJI_TOKEN_FILE",
    help=N_("File that holds the token (also by TANJI_TOKEN_FILE)."),
)
@option("--data", type=click.File("rb"), default=None, help=N_("JSON file of what is sent, - for the standard input."))
@option("--file", "file", type=FILE, default=None, help=N_("File that is sent."))
@option("--out", type=base.OUT, default=None, help=N_("File to write the answer to."))
def call(
    *, operation: str, values: Sequence[str], server: str, token_file: Path, data: Any, file: Path | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Ask for one operation."""
    from service.remote.client import method_name
    from service.remote.operations import Remote

    service = Remote(server, token_file.read_text(encoding="utf-8").strip(), language=i18n.short_language())
    name = method_name(operation)
    given = _given(service, name, values)
    if data is not None:
        given["body"] = json.loads(data.read())
    if file is not None:
        given["files"] = {"file": (file.name, file.read_bytes())}
    _refuse_wrong(name, getattr(Remote, name), given)
    _tell(getattr(service, name)(**given), out)


def _given(service: Remote, name: str, values: Sequence[str]) -> dict[str, Any]:
    if name not in type(service).__dict__:
        raise click.BadParameter(base.say(UNKNOWN, name=name))
    found: dict[str, Any] = {}
    for pair in values:
        key, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(base.say(NOT_A_PAIR, value=pair))
        found[key] = value
    return found


def _refuse_wrong(name: str, method: Any, given: dict[str, Any]) -> None:
    taken = inspect.signature(method).parameters
    wanting = [one for one in _taken(method) if taken[one].default is inspect.Parameter.empty and one not in given]
    unknown = [one for one in given if one not in taken]
    if wanting:
        raise click.BadParameter(base.say(WANTING, name=name, wanting=", ".join(wanting)))
    if unknown:
        raise click.BadParameter(base.say(NOT_TAKEN, name=name, unknown=", ".join(unknown)))


def _tell(answer: Any, out: Path | None) -> None:
    if isinstance(answer, bytes):
        content = answer
    else:
        told = list(answer) if isinstance(answer, Iterator) else answer
        content = b"" if told is None else f"{json.dumps(told, ensure_ascii=False, indent=1)}\n".encode()
    if out is None:
        click.echo(content, nl=False)
        return
    with base.writing(out):
        out.write_bytes(content)
