"""``tanji``: the command line. Each group of commands lives in ``service/commands`` and is imported when used."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

import click
from click.formatting import HelpFormatter

from service.commands.base import JSON_WANTED, Group, Option, private_files, told_problem
from service.i18n import N_, gettext, set_language

# Name of the command -> module and attribute under service.commands, and the line in the list of commands.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("database:init", N_("Create the database, or bring its tables up to this program.")),
    "serve": ("database:serve", N_("Serve pages and API on this machine.")),
    "work": ("work:work", N_("Do the long work that was handed in; tell those who asked what happened.")),
    "demo": ("demo:demo", N_("Load the demonstration companies, compute and sign their reports.")),
    "factors": ("factors:factors", N_("Search, show, match, check, compare, import and export factors.")),
    "footprint": ("footprints:footprint", N_("Compute, compare and show carbon footprints of products.")),
    "product": ("products:product", N_("Begin a product's model: templates, workbooks, material data sheets.")),
    "lci": ("inventory_databases:lci", N_("Import, list, show, check, score and export life-cycle inventories.")),
    "organisation": ("organisations:organisation", N_("Organisations, their sites and closed periods.")),
    "user": ("people:user", N_("People: make them known, give them roles, take roles back.")),
    "client": ("people:client", N_("Programs that act for an organisation: their ids, secrets and scopes.")),
    "activity": ("activities:activity", N_("Check and load activity data, write the template, attach evidence.")),
    "inventory": ("inventories:inventory", N_("Run, list and show greenhouse-gas inventories.")),
    "report": ("reports:report", N_("Write the signed report of an inventory, its workbook or its snapshot.")),
    "certificate": ("reports:certificate", N_("Write the certificate that reports are signed with.")),
    "verify": ("reports:verify", N_("Verify a signed report, offline.")),
    "recompute": ("inventories:recompute", N_("Compute a snapshot again from its own operands and compare.")),
    "supplier": ("suppliers:supplier", N_("Ask suppliers for footprints, compare their answers, accept them.")),
    "impact": ("suppliers:impact", N_("Show everything that contains a footprint.")),
    "trace": ("suppliers:trace", N_("Show what a frozen footprint rests on.")),
    "pact": ("pact:pact", N_("Exchange footprints with partners as PACT says: publish, ask, fetch, deliver, check.")),
    "remote": ("remote:remote", N_("Use a service elsewhere, by its address and a token.")),
    "sector": ("sector:sector", N_("Averages of a sector: collect footprints, publish what shows nobody's.")),
    "audit": ("audit:audit", N_("The audit log: check it, list it, prove an entry.")),
}
ALIASES: Mapping[str, str] = {"org": "organisation"}
"""Shorter names of commands, which the list of commands leaves out."""

EPILOG = N_(
    "Exit codes: 0 done; 1 what was handed in is wrong, or a check failed; 2 wrong usage or settings; "
    "3 not found; 4 refused in this state (closed period, held already, not allowed); 5 sound, but not confirmed."
)


FILE_UNUSABLE = N_("'%(file)s' cannot be read or written: %(reason)s")


class LazyGroup(Group):
    """Knows its commands by name and imports one only when it is used."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Speak the language of the environment from the start: --help answers before other options are read."""
        with suppress(ValueError):  # told by the option itself, with its name
            set_language(os.environ.get("TANJI_LANGUAGE") or "zh")
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        del ctx
        named = ALIASES.get(cmd_name, cmd_name)
        if named not in COMMANDS:
            return None
        module, _, name = COMMANDS[named][0].partition(":")
        found: click.Command = getattr(import_module(f"service.commands.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section(gettext(N_("Commands"))):
            formatter.write_dl([(name, gettext(text)) for name, (_, text) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Say what the exit codes mean."""
        del ctx
        formatter.write_paragraph()
        formatter.write_text(gettext(EPILOG))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error that was expected ends it with its sentence and exit code."""
        from factors.errors import FactorsError
        from lca.errors import LcaError
        from service.errors import ServiceError, exit_code

        try:
            with private_files():
                return super().invoke(ctx)
        except (ServiceError, FactorsError, LcaError) as error:
            as_json = bool(ctx.meta.get(JSON_WANTED))
            click.echo(told_problem(error, as_json), err=not as_json)
            ctx.exit(exit_code(error))
        except OSError as error:
            if error.filename is None:  # no file is in the way: nobody expected this one
                raise
            reason = error.strerror or type(error).__name__
            click.echo(gettext(FILE_UNUSABLE, file=error.filename, reason=reason), err=True)
            ctx.exit(1)


def _speak(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        set_language(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: zh, en") from error
    return value


@click.group(cls=LazyGroup, help=N_("Tanji 碳迹: greenhouse-gas inventories that can be traced, redone and verified."))
@click.option(
    "--language",
    cls=Option,
    default="zh",
    envvar="TANJI_LANGUAGE",
    is_eager=True,
    expose_value=False,
    callback=_speak,
    help=N_("Language of messages: zh or en (also by TANJI_LANGUAGE)."),
)
@click.version_option(package_name="tanji", prog_name="tanji")
def main() -> None:
    """Run ``tanji``."""


if __name__ == "__main__":
    main()
