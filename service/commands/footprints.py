"""``tanji footprint``: the carbon footprint of a product, from a file or from the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service import i18n
from service.commands import base
from service.commands.base import Group, option
from service.i18n import N_

if TYPE_CHECKING:
    from lca.dataset import Finding

EXPORTS = ("pact", "catena-x", "ilcd-epd", "openepd", "xlsx")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_RUNS = 1_000_000
SHOWN = 20
DIFFERS = {
    "method": N_("method"), "gwp_set": N_("GWP values"), "unit": N_("unit"), "boundary": N_("system boundary"),
    "period": N_("period"),
}  # fmt: skip
WHY = {
    "amount": N_("amount differs"), "factor": N_("factor differs"), "added": N_("only in the second"),
    "gone": N_("only in the first"),
}  # fmt: skip
OF_SITE = N_("%(site)s: scopes 1 and 2 %(whole)s, explained %(part)s, left over %(rest)s kg CO2e")


@click.group(cls=Group, help=N_("Compute, compare and show carbon footprints of products."))
def footprint() -> None:
    """Commands on footprints."""


@footprint.command(help=N_("Compute the footprint of a product described in a file; no database is needed."))
@click.argument("file", type=FILE)
@option("--method", "methods", required=True, help=N_("Method; several with commas: the others stand beside it."))
@option("--set", "settings", multiple=True, help=N_("Another value of a parameter, NAME=VALUE."))
@option("--scenario", default="", help=N_("A scenario of the model."))
@option("--snapshot", type=base.OUT, default=None, help=N_("File to write the snapshot to."))
@base.json_option
def file(
    *, file: Path, methods: str, settings: tuple[str, ...], scenario: str, snapshot: Path | None, as_json: bool
) -> None:
    """Compute the footprint of a file."""
    from importlib.metadata import version

    from service.calculations import footprint_trials, footprints
    from service.products.model_files import model_of

    model = model_of(file)
    knowledge = footprint_trials.published(base.library())
    overrides = footprints.overrides_of(model, scenario, _settings(settings))
    main, *beside = [
        footprints.of_model(model, method.strip(), knowledge, base.now(), version("tanji"), overrides=overrides)
        for method in methods.split(",")
    ]
    if snapshot is not None:
        with base.writing(snapshot):
            snapshot.write_bytes(main.content)
    data = footprints.summary(main.snapshot) | {"beside": [footprints.short(one.snapshot) for one in beside]}
    base.emit(data, as_json, lambda: _lines(data))


@footprint.command(help=N_("Emissions embedded in the goods of an installation, from a YAML or JSON file (CBAM)."))
@click.argument("file", type=FILE)
@base.json_option
def cbam(file: Path, as_json: bool) -> None:
    """Compute embedded emissions."""
    from lca.installation import embedded, installation
    from service.calculations import footprint_told
    from service.products.model_files import read

    found = embedded(installation(read(file)))
    data = {**found, "warnings": footprint_told.warnings(found)}
    base.emit(data, as_json, lambda: _goods(data))


@footprint.command("load", help=N_("Store the model of a product; a changed one becomes its next version."))
@click.argument("file", type=FILE)
@base.organisation_option
@base.reason_option
@base.json_option
def load_(file: Path, code: str, reason: str, as_json: bool) -> None:
    """Store a model."""
    from service.products import actions
    from service.products.model_files import read

    data = read(file)
    with base.session(write=True) as session:
        row = actions.put_model(session, base.acting(session, code), data, file.name, base.now(), reason=reason)
        stored = {"product": row.product, "version": row.version, "content_sha256": row.content_sha256}
    base.emit(stored, as_json, lambda: [base.say(N_("product %(product)s, version %(version)s"), **stored)])


@footprint.command(help=N_("Compute and freeze the footprint of a stored product."))
@click.argument("product")
@base.organisation_option
@option("--method", required=True, help=N_("Method of the study; it is fixed before a result is seen."))
@base.reason_option
@base.json_option
def run(product: str, code: str, method: str, reason: str, as_json: bool) -> None:
    """Run a footprint."""
    from service.calculations import footprint_runs, footprints

    study = footprint_runs.Study(product, method, reason)
    with base.session(write=True) as session:
        actor = base.acting(session, code)
        with base.steps(base.say(N_("computing"))) as progress:
            row = footprint_runs.run(session, actor, study, base.library(), base.now(), progress)
        data = footprints.summary(footprint_runs.snapshot(session, actor, row.id)) | {"beside": []}
    base.emit(data, as_json, lambda: _lines(data))


@footprint.command("list", help=N_("List the products and footprints of an organisation."))
@base.organisation_option
@base.json_option
def list_(code: str, as_json: bool) -> None:
    """List products and footprints."""
    from service.calculations import footprint_runs
    from service.products import actions

    with base.session(write=False) as session:
        actor = base.acting(session, code)
        held = [
            {"product": row.product, "version": row.version, "name_zh": row.name_zh, "name_en": row.name_en}
            for row in actions.products(session, actor)
        ]
        frozen = [
            {"id": row.id, "method": row.method, "total_kgco2e": row.total_kgco2e, "unit": row.unit,
             "superseded_by": row.superseded_by or ""}
            for row in footprint_runs.footprints(session, actor)
        ]  # fmt: skip
    data: dict[str, list[dict[str, Any]]] = {"products": held, "footprints": frozen}
    base.emit(
        data, as_json, lambda: (line for rows in data.values() for line in base.table([*row.values()] for row in rows))
    )


@footprint.command(
    help=N_("Compute all products of an organisation anew, beside what is frozen: what does a changed factor touch?")
)
@base.organisation_option
@option("--method", required=True, help=N_("Method of the study; it is fixed before a result is seen."))
@base.json_option
def portfolio(code: str, method: str, as_json: bool) -> None:
    """Compute a portfolio."""
    from service.calculations import footprint_runs

    with base.session(write=False) as session, base.steps(base.say(N_("computing"))) as progress:
        found = footprint_runs.portfolio_of(
            session,
            base.acting(session, code),
            method,
            base.library(),
            scheduler=base.settings().dask_scheduler,
            progress=progress,
        )
    rows = [{**one.record(), "errors": [wrong.told() for wrong in one.now.wrong]} for one in found]
    names = ("product", "total_kgco2e", "unit", "frozen", "frozen_kgco2e")
    base.emit(rows, as_json, lambda: base.table([str(row[name]) for name in names] for row in rows))
    if any(one.now.wrong for one in found):
        raise SystemExit(1)


@footprint.command(help=N_("Hold footprints against an inventory: do the products account for what the sites used?"))
@click.argument("inventory")
@base.organisation_option
@option("--method", required=True, help=N_("Method of the footprints."))
@base.json_option
def reconcile(inventory: str, code: str, method: str, as_json: bool) -> None:
    """Reconcile footprints with an inventory."""
    from service.calculations import footprint_runs

    with base.session(write=False) as session:
        data = footprint_runs.reconciled(session, base.acting(session, code), inventory, method)
    base.emit(data, as_json, lambda: _reconciled(data))


def _reconciled(data: Mapping[str, Any]) -> Iterator[str]:
    for site, row in data["sites"].items():
        whole, part, rest = (row[name] for name in ("scope_1_2_kgco2e", "explained_kgco2e", "remainder_kgco2e"))
        yield base.say(OF_SITE, site=site, whole=whole, part=part, rest=rest)
        cells = ("used", "explained", "unit", "explained_percent")
        rows = [(i18n.by_language(one["name_zh"], one["name_en"]), *map(one.get, cells)) for one in row["activities"]]
        yield from base.table(rows)
    for message, names in (
        (N_("made and not studied: %(names)s"), data["outputs_not_studied"]),
        (N_("studied, and no output stated: %(names)s"), data["footprints_without_output"]),
        (N_("in a footprint and not in the inventory: %(names)s"), [one["line"] for one in data["not_in_inventory"]]),
    ):
        if names:
            yield base.say(message, names=", ".join(names))


@footprint.command(help=N_("Show a frozen footprint, or write its snapshot."))
@click.argument("identifier")
@base.organisation_option
@option("--snapshot", type=base.OUT, default=None, help=N_("File to write the snapshot to."))
@base.json_option
def show(identifier: str, code: str, snapshot: Path | None, as_json: bool) -> None:
    """Show a footprint."""
    from lca.snapshot import canonical_bytes
    from service.calculations import footprint_runs, footprints

    with base.session(write=False) as session:
        found = footprint_runs.snapshot(session, base.acting(session, code), identifier)
    if snapshot is not None:
        with base.writing(snapshot):
            snapshot.write_bytes(canonical_bytes(found))
    data = footprints.summary(found) | {"beside": []}
    base.emit(data, as_json, lambda: _lines(data))


@footprint.command(
    help=N_(
        "Write a frozen footprint for others: PACT 3, Catena-X, its modules as ILCD+EPD or openEPD (no EPD), "
        "a live workbook."
    )
)
@click.argument("identifier")
@option("--organisation", "code", default="", help=N_("Code of the organisation, for ids."))
@option("--format", "name", type=click.Choice(EXPORTS), required=True, help=N_("Format to write."))
@option("--said", type=FILE, default=None, help=N_("YAML file with what is stated beside the snapshot."))
@option("--out", type=base.OUT, required=True, help=N_("File to write."))
def export(identifier: str, code: str, name: str, said: Path | None, out: Path) -> None:
    """Export a footprint."""
    from service.calculations import footprint_exchange
    from service.catalogue import lci_told
    from service.products.model_files import read
    from service.reports.footprint_workbook import workbook

    left_out: Sequence[Finding] = ()
    with _of_a_stranger(identifier):
        snapshot = _found(identifier, code)
        if name == "xlsx":
            content = workbook(snapshot, i18n.short_language())
        else:
            given = {key: value for key, value in read(said).items() if key != "line"} if said else {}
            content, left_out = footprint_exchange.written(snapshot, name, given)
    with base.writing(out):
        out.write_bytes(content)
    click.echo(base.say(N_("written: %(path)s"), path=out))
    for one in map(lci_told.told, left_out):
        click.echo(f"{one['where']}: {one[i18n.short_language()]}", err=True)


@footprint.command(
    help=N_(
        "Read a supplier's footprint (PACT 3, Catena-X, openEPD, ILCD+EPD) as it stands in a model's list of suppliers."
    )
)
@click.argument("file", type=FILE)
@option("--modules", default="", help=N_("Modules of a declaration, with commas; A1-A3 by default."))
@option("--scenario", "scenarios", multiple=True, help=N_("Scenario of a module declared in several, MODULE=NAME."))
@option("--impact-method", default="", help=N_("Impact method of an openEPD document that has several."))
@base.json_option
def supplier(*, file: Path, modules: str, scenarios: tuple[str, ...], impact_method: str, as_json: bool) -> None:
    """Read a supplier's statement."""
    from service.calculations import footprint_exchange
    from service.catalogue import lci_told

    named = [one.strip() for one in modules.split(",") if one.strip()]
    chosen = _scenarios(scenarios, named)
    found = footprint_exchange.stated(file, base.now().date(), named, impact_method, chosen)
    rows = [
        {"supplier": footprint_exchange.as_supplier(one), "findings": [lci_told.told(each) for each in one.findings]}
        for one in found
    ]
    base.emit(rows, as_json, lambda: _stated(rows))


def _scenarios(given: Sequence[str], modules: Sequence[str]) -> dict[str, str]:
    """Return the scenario by module; one of a module that is not asked for would choose nothing, and is refused."""
    from lca.importers.by_module import PRODUCT_STAGE, singles_of

    asked = {one for module in modules or (PRODUCT_STAGE,) for one in (module, *singles_of(module))}
    found = {module.strip(): name.strip() for module, _, name in (one.partition("=") for one in given)}
    for module, name in found.items():
        if module not in asked or not name:
            raise click.BadParameter(f"{module}={name}", param_hint="--scenario")
    return found


def _stated(rows: list[dict[str, Any]]) -> Iterator[str]:
    language = i18n.short_language()
    for row in rows:
        yield from base.table((key, str(value)) for key, value in row["supplier"].items())
        yield from (f"{one['where']}: {one[language]}" for one in row["findings"])


@footprint.command(help=N_("Say line by line why two footprints differ: snapshot files, or ids of an organisation."))
@click.argument("one")
@click.argument("other")
@option("--organisation", "code", default="", help=N_("Code of the organisation, for ids."))
@base.json_option
def compare(one: str, other: str, code: str, as_json: bool) -> None:
    """Compare two footprints."""
    from service.calculations import footprints

    with _of_a_stranger(one, other):
        data = footprints.compare(*(_found(name, code) for name in (one, other)))
    base.emit(data, as_json, lambda: _compared(data))


@footprint.command(
    help=N_("Draw a footprint by Monte Carlo: a model's file, a snapshot's, or an id of an organisation.")
)
@click.argument("one")
@option("--against", default="", help=N_("Another of them, drawn together with the first: which one is lower?"))
@option("--method", default="", help=N_("Method, for the file of a model."))
@option("--runs", type=click.IntRange(1, MOST_RUNS), default=10_000, help=N_("Number of runs."))
@option("--seed", type=click.IntRange(0), default=1, help=N_("Seed: the same one draws the same numbers again."))
@option("--organisation", "code", default="", help=N_("Code of the organisation, for ids."))
@base.json_option
def montecarlo(*, one: str, against: str, method: str, runs: int, seed: int, code: str, as_json: bool) -> None:
    """Draw a footprint."""
    from lca import footprint_monte_carlo
    from lca.lci_score import Warned
    from service.catalogue import lci_told

    with _of_a_stranger(one, against), base.steps(base.say(N_("drawing"))) as progress:
        first, *other = [_drawable(name, method, code) for name in (one, against) if name]
        if other:
            data = footprint_monte_carlo.compared(first, other[0], runs, seed, progress)
        else:
            data = footprint_monte_carlo.monte_carlo(first, runs, seed, progress)
            data["warnings"] = [lci_told.warning(Warned(row["code"], row["params"])) for row in data["warnings"]]
    base.emit(data, as_json, lambda: _compared_runs(data) if other else _drawn(data))


def _drawable(name: str, method: str, code: str) -> Mapping[str, Any]:
    """Return a snapshot: of a model's file computed by a method, or as ``_found``."""
    if not method:
        return _found(name, code)
    from importlib.metadata import version

    from service.calculations import footprint_trials, footprints
    from service.products.model_files import model_of

    knowledge = footprint_trials.published(base.library())
    return footprints.of_model(model_of(Path(name)), method, knowledge, base.now(), version("tanji")).snapshot


def _drawn(data: Mapping[str, Any]) -> Iterator[str]:
    language = i18n.short_language()
    at = data["percentiles"]
    yield base.say(N_("%(id)s  %(method)s  %(runs)s runs, seed %(seed)s, %(failed)s failed"), **data)
    yield base.say(
        N_("as stated %(total)s, mean %(mean)s, median %(median)s, 95 %% from %(low)s to %(high)s kg CO2e / %(per)s"),
        total=data["total_kgco2e"], mean=_four(data["mean"]), median=_four(data["median"]), low=_four(at["2.5"]),
        high=_four(at["97.5"]), per=data["per"],
    )  # fmt: skip
    yield base.say(N_("of lines that state no uncertainty: %(percent)s %%"), percent=_four(100 * data["certain_share"]))
    if not data["convergence"]["is_converged"]:
        yield base.say(N_("not converged: the mean still moved by %(moved)s %%; draw more runs"),
                       moved=_four(data["convergence"]["farthest_percent"]))  # fmt: skip
    yield from base.table(
        (one["kind"], i18n.by_language(one["name_zh"], one["name_en"]), _four(one["rank_correlation"]))
        for one in data["drivers"]
    )
    for one in data["warnings"]:
        yield base.say(N_("warning: %(text)s"), text=one[language])


def _compared_runs(data: Mapping[str, Any]) -> Iterator[str]:
    yield base.say(
        N_("%(first)s is lower than %(second)s in %(percent)s %% of %(runs)s runs"),
        first=data["first"]["id"], second=data["second"]["id"], runs=data["runs"],
        percent=_four(100 * data["first_is_lower"]),
    )  # fmt: skip
    at = data["difference"]["percentiles"]
    yield base.say(
        N_("difference: median %(median)s, 95 %% from %(low)s to %(high)s kg CO2e"),
        median=_four(data["difference"]["median"]), low=_four(at["2.5"]), high=_four(at["97.5"]),
    )  # fmt: skip


def _four(value: float) -> str:
    return f"{float(value):.4g}"


def _found(name: str, code: str) -> Mapping[str, Any]:
    """Return a snapshot that is what its operands give: a file of this name, or a footprint of the organisation."""
    from lca.footprint import sound
    from service.calculations import footprint_runs

    path = Path(name)
    if path.is_file():
        return sound(base.document(path.name, path.read_bytes()))
    if not code:
        raise click.BadParameter(name)
    with base.session(write=False) as session:
        return footprint_runs.snapshot(session, base.acting(session, code), name)


@contextmanager
def _of_a_stranger(*names: str) -> Iterator[None]:
    """Say what in a snapshot's file cannot be read: its sums may be right and its texts of any kind."""
    from factors.errors import FactorsError
    from lca.errors import LcaError, SnapshotInvalid
    from lca.flaws import Flaw
    from service.errors import ServiceError
    from service.reports.refusal import HOSTILE, reason

    try:
        yield
    except (ServiceError, LcaError, FactorsError):
        raise
    except HOSTILE as error:
        # What this program stored itself is another thing: there it is a fault of ours.
        if isinstance(error, OSError) or not any(Path(name).is_file() for name in names if name):
            raise
        raise SnapshotInvalid([Flaw("unreadable", {"reason": reason(error)})]) from error


def _compared(data: Mapping[str, Any]) -> Iterator[str]:
    yield base.say(N_("%(one)s: %(first)s, %(other)s: %(second)s kg CO2e, difference %(difference)s"),
                   one=data["one"]["id"], first=data["one"]["total_kgco2e"], other=data["other"]["id"],
                   second=data["other"]["total_kgco2e"], difference=data["difference_kgco2e"])  # fmt: skip
    if data["reasons"]:
        told = [base.say(DIFFERS.get(reason, reason)) for reason in data["reasons"]]
        yield base.say(
            N_("not comparable as products, they differ in: %(reasons)s"),
            reasons=i18n.by_language("、", ", ").join(told),
        )
    if not data["lines"]:
        return
    heads = [
        base.say(one) for one in (N_("Input"), N_("Reason"), N_("Difference"), N_("by the amount"), N_("by the factor"))
    ]
    heads = [heads[0], "ID", heads[1], data["one"]["id"], data["other"]["id"], *heads[2:]]
    names = ("one_kgco2e", "other_kgco2e", "difference_kgco2e", "by_amount_kgco2e", "by_factor_kgco2e")
    rows = [
        (i18n.by_language(row["name_zh"], row["name_en"]), row["id"], base.say(WHY.get(row["why"], row["why"])),
         *(row[name] for name in names))
        for row in data["lines"]
    ]  # fmt: skip
    yield base.say(N_("all figures in kg CO2e:"))
    yield from base.table([heads, *rows])


def _goods(data: Mapping[str, Any]) -> Iterator[str]:
    language = i18n.short_language()
    heads = (base.say(N_("good")), "CN", base.say(N_("direct")), base.say(N_("indirect")), "SEE", "")
    rows = [
        [one[language], one["cn_code"], one["see_direct"], one["see_indirect"], one["see"], f"t CO2e/{one['per']}"]
        for one in data["goods"]
    ]
    yield from base.table([list(heads), *rows])
    if data["reconciliation_factor"]:
        yield base.say(N_("reconciliation factor %(factor)s"), factor=data["reconciliation_factor"])
    for one in data["warnings"]:
        yield base.say(N_("warning: %(text)s"), text=one[language])


def _settings(given: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError as error:
            raise click.BadParameter(one) from error
        if not equals:
            raise click.BadParameter(one)
    return found


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    language = i18n.short_language()
    stages = _stages(found["method"])
    order = {stage: at for at, stage in enumerate(stages)}
    amount, _, unit = found["per"].partition(" ")
    yield base.say(N_("%(id)s  %(method)s  factor library %(library_version)s"), **found)
    yield f"{found['total_kgco2e']} kg CO2e / {amount} {_sign(unit)}"
    distance = found["per_km"]
    if distance:
        yield base.say(N_("%(total_g)s g CO2e / km over %(lifetime_km)s km"), **distance)
    yield from base.table(
        (stages.get(stage, stage), value, "kg CO2e",
         *([distance["by_stage_g"][stage], "g CO2e/km"] if distance else []))
        for stage, value in sorted(found["by_stage"].items(), key=lambda one: order.get(one[0], len(order)))
    )  # fmt: skip
    yield from base.table(
        (
            row["id"],
            i18n.by_language(row["name_zh"], row["name_en"]),
            f"{row['amount']} {_sign(row['unit'])}",
            f"{row['factor']} {_factor_sign(row['factor_unit'])}".strip(),
            row["kgco2e"],
            i18n.by_language("、", ", ").join(_variant(one) for one in row["variants"]),
        )
        for row in found["inputs"][:SHOWN]
    )
    if found["sensitivity"]:
        yield base.say(N_("the largest inputs, and what a tenth more of each does to the footprint:"))
        yield from base.table(
            (
                i18n.by_language(one["name_zh"], one["name_en"]),
                one["kgco2e"],
                "kg CO2e",
                f"{float(one['ten_percent_more']):+.3g} %",
            )
            for one in found["sensitivity"]
        )
    for one in found["certified_power"]:
        message = N_("certificate %(certificate)s: %(kwh_per_unit)s kWh per unit, %(kwh)s kWh of all that was made")
        unchecked = N_("certificate %(certificate)s: %(kwh_per_unit)s kWh per unit, not checked against the pool")
        yield base.say(message if one["kwh"] else unchecked, **one)
    if found["by_grid_kgco2e"]:
        yield base.say(N_("with the grid's power instead: %(by_grid_kgco2e)s kg CO2e"), **found)
    for one in found["beside"]:
        yield base.say(N_("by %(method)s: %(total_kgco2e)s kg CO2e"), **one)
        if one["per_km"]:
            yield base.say(N_("%(total_g)s g CO2e / km over %(lifetime_km)s km"), **one["per_km"])
    for one in found["checks"]:
        if not one["ok"]:
            # That no certificate may rest on a result is no clause that it fails.
            message = N_("warning: %(text)s") if one["id"] == "certifiable" else N_("not kept: %(text)s")
            yield base.say(message, text=one[language])
    for one in found["warnings"]:
        yield base.say(N_("warning: %(text)s"), text=one[language])


def _stages(method: str) -> dict[str, str]:
    """Return the stages of a method by their names in the language in use; modules keep their letter."""
    from lca.footprint_method import footprint_methods, load
    from service.calculations import footprint_told

    general = {key.removeprefix("stage."): i18n.by_language(*pair) for key, pair in footprint_told.table().items()
               if key.startswith("stage.")}  # fmt: skip
    if method not in footprint_methods():
        return general
    own = {
        one.id: (f"{one.id} " if one.id[:1].isupper() else "") + i18n.by_language(one.zh, one.en)
        for one in load(method).boundary.stages
    }
    return own | {key: name for key, name in general.items() if key not in own}


def _sign(unit: str) -> str:
    from service.reports import units

    return i18n.by_language(*units.sign(unit))


def _factor_sign(unit: str) -> str:
    from service.reports import units

    return i18n.by_language(*units.of_factor(unit))


def _variant(code: str) -> str:
    from service.reports.words import table

    told = table()
    return i18n.by_language(*told.get(f"variant.{code}") or told.get(f"pcf.variant.{code}") or (code, code))
