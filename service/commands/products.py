"""``tanji product``: models of products to begin with, and what suppliers' sheets make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group, help=N_("Begin a product's model from a template, a workbook or a material data sheet."))
def product() -> None:
    """Commands on models of products."""


@product.command(help=N_("List the models to begin with; their values are demonstrations."))
@base.json_option
def templates(as_json: bool) -> None:
    """List the templates."""
    from service.products import templates as known

    rows = [
        {
            "id": one.id,
            "group_zh": one.group_name.zh,
            "group_en": one.group_name.en,
            "name_zh": one.name.zh,
            "name_en": one.name.en,
            "methods": list(one.methods),
        }
        for one in known.templates().values()
    ]
    base.emit(
        rows,
        as_json,
        lambda: base.table(
            (
                row["id"],
                i18n.by_language(str(row["group_zh"]), str(row["group_en"])),
                i18n.by_language(str(row["name_zh"]), str(row["name_en"])),
                ", ".join(row["methods"]),
            )
            for row in rows
        ),
    )


@product.command(help=N_("Write a template as a workbook, a model to change; --blank for one whose rows are examples."))
@click.argument("identifier")
@option("--blank", is_flag=True, help=N_("Mark every row as an example, which is never read."))
@option("--out", type=base.OUT, required=True, help=N_("Workbook to write (.xlsx)."))
def template(identifier: str, blank: bool, out: Path) -> None:
    """Write a template."""
    from service.products import templates as known
    from service.products.model_files import write_workbook

    model = known.load(identifier)
    with base.writing(out):
        write_workbook(out, model, mark_examples=blank)
    click.echo(base.say(N_("written: %(path)s"), path=out))


@product.command(help=N_("Write a model's file as a workbook, to be filled in further by hand."))
@click.argument("file", type=FILE)
@option("--out", type=base.OUT, required=True, help=N_("Workbook to write (.xlsx)."))
def workbook(file: Path, out: Path) -> None:
    """Write a model as a workbook."""
    from service.products.model_files import model_of, write_workbook

    model = model_of(file)
    with base.writing(out):
        write_workbook(out, model)
    click.echo(base.say(N_("written: %(path)s"), path=out))


@product.command(help=N_("Read a material data sheet (CAMDS, IMDS) as the parts of a model."))
@click.argument("file", type=FILE)
@base.json_option
def parts(file: Path, as_json: bool) -> None:
    """Read a material data sheet."""
    from service.products import material_sheet

    found = material_sheet.read(file)
    data = {"parts": found.parts, "warnings": [one.as_dict() for one in found.warnings]}
    base.emit(data, as_json, lambda: base.table(_part(one) for one in found.parts))
    for one in found.warnings:
        place = ":".join(str(part) for part in (one.sheet, one.row, one.column) if part)
        click.echo(base.say(N_("warning: %(text)s"), text=f"{place} {one.what(i18n.short_language())}"), err=True)


def _part(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(one.get(name, "")) for name in ("id", "zh", "quantity", "mass_kg"))
