"""What can go wrong in a computation: one class per case, each with a stable code.

``message`` is an English template marked for translation; the service translates it and fills in
``params``. Lists inside ``params`` are language-neutral (``oxidation = 98, expected 0 < oxidation <= 1``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from factors.errors import N_, FactorsError, listed
from lca.dataset import Finding
from lca.flaws import Flaw, Flaws


class LcaError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "lca-error"
    message: ClassVar[str] = N_("the computation is not possible")

    def __init__(self, **params: object) -> None:
        self.params: dict[str, object] = params
        super().__init__(self.message % params)


# --- formulas ------------------------------------------------------------------------------------


class FormulaNotAllowed(LcaError):
    """A formula by which a method does not let an activity be computed; most often a chosen record of another kind."""

    code = "formula-not-allowed"
    message = N_("%(method)s does not compute '%(activity)s' by formula '%(formula)s': choose another record")

    def __init__(self, formula: str, activity: str, method: str) -> None:
        super().__init__(formula=formula, activity=activity, method=method)


class OperandMissing(LcaError):
    """A formula lacks values; ``missing`` names all of them with their units."""

    code = "operand-missing"
    message = N_("formula '%(formula)s' lacks: %(missing)s")

    def __init__(self, formula: str, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(formula=formula, missing=listed(missing))


class OperandNotANumber(LcaError):
    """Parameters that are no plain decimal numbers."""

    code = "operand-not-a-number"
    message = N_("formula '%(formula)s': not a plain number: %(problems)s")

    def __init__(self, formula: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(formula=formula, problems=listed(problems))


class OperandOutOfRange(LcaError):
    """Values outside what physics allows; ``problems`` names parameter, value and range of each."""

    code = "operand-out-of-range"
    message = N_("formula '%(formula)s': outside the physical range: %(problems)s")

    def __init__(self, formula: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(formula=formula, problems="; ".join(problems))


class MeasuredValueRefused(LcaError):
    """A measured property may not replace a default: ``missing`` names every statement that is not there."""

    code = "measured-value-refused"
    message = N_(
        "measured %(measured)s cannot replace the default value; also state: %(missing)s "
        "(sampling and laboratory in words, basis=as_received, weighting=consumption)"
    )

    def __init__(self, measured: Sequence[str], missing: Sequence[str]) -> None:
        self.measured = tuple(measured)
        self.missing = tuple(missing)
        super().__init__(measured=listed(measured), missing=listed(missing))


class MeasuredTwice(LcaError):
    """One property was measured in two units at once."""

    code = "measured-twice"
    message = N_("give one of these, not several: %(keys)s")

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(keys=listed(keys))


class NetAmountNegative(LcaError):
    """Stocks, sales and other uses take more than there was."""

    code = "net-amount-negative"
    message = N_("net amount %(net)s is below zero: %(amount)s with %(terms)s")

    def __init__(self, net: float, amount: float, terms: Sequence[str]) -> None:
        super().__init__(net=net, amount=amount, terms=listed(terms))


class DeductionAppliedTwice(LcaError):
    """Measured oxides already leave the non-carbonate share out; a deduction would take it off again."""

    code = "deduction-applied-twice"
    message = N_(
        "line '%(line)s': the clinker is computed from measured oxides, which already leave out what is not from "
        "carbonates; remove the deductions %(deductions)s"
    )

    def __init__(self, line: str, deductions: Sequence[str]) -> None:
        super().__init__(line=line, deductions=listed(deductions))


class DeductionWithoutClinker(LcaError):
    """A deduction for a line on which no clinker was made."""

    code = "deduction-without-clinker"
    message = N_("line '%(line)s' has deductions %(deductions)s but no clinker to deduct them from")

    def __init__(self, line: str, deductions: Sequence[str]) -> None:
        super().__init__(line=line, deductions=listed(deductions))


class BaseYearInvalid(LcaError):
    """A base year that cannot be compared: no emissions, or an unknown kind of change."""

    code = "base-year-invalid"
    message = N_("the base year cannot be compared: %(problems)s")

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(problems=listed(problems))


# --- methods -------------------------------------------------------------------------------------


class UnknownMethod(LcaError):
    """A method id of which no record exists."""

    code = "unknown-method"
    message = N_("unknown method '%(method)s'; there are: %(known)s")

    def __init__(self, method: str, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(method=method, known=listed(known))


class MethodOfInstallations(LcaError):
    """A bill of materials under a method that runs on the data of an installation."""

    code = "method-of-installations"
    message = N_(
        "method %(method)s runs on the data of an installation by production process, not on a bill of materials: "
        "tanji footprint cbam"
    )

    def __init__(self, method: str) -> None:
        super().__init__(method=method)


class ActivityOfInventories(LcaError):
    """An activity that only an inventory of an organisation counts, asked for in a product."""

    code = "activity-of-inventories"
    message = N_(
        "activity '%(activity)s' belongs to inventories of organisations and supplies no product: give what leaves "
        "as a co-product, or name another supply"
    )

    def __init__(self, activity: str) -> None:
        super().__init__(activity=activity)


class MethodInvalid(LcaError):
    """A method record that does not hold together; ``problems`` lists everything wrong, not the first thing."""

    code = "method-invalid"
    message = N_("%(count)s problems in method '%(method)s':\n%(problems)s")

    def __init__(self, method: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(method=method, count=len(problems), problems="\n".join(problems))


# --- inventories ---------------------------------------------------------------------------------


class RowsOutsidePeriod(LcaError):
    """Rows that do not lie inside the reporting period; a row across its edge has to be split."""

    code = "rows-outside-period"
    message = N_("%(count)s rows do not lie inside %(start)s to %(end)s; split or remove them: %(rows)s")

    def __init__(self, start: object, end: object, rows: Sequence[str], count: int) -> None:
        super().__init__(start=str(start), end=str(end), rows=listed(rows), count=count)


class NothingToCount(LcaError):
    """No activity data in the period: an inventory of nothing would look like one of zero."""

    code = "nothing-to-count"
    message = N_("there is no activity data from %(start)s to %(end)s")

    def __init__(self, start: object, end: object) -> None:
        super().__init__(start=str(start), end=str(end))


class PeriodTooLong(LcaError):
    """More than a year at once: emissions of several years are several inventories."""

    code = "period-too-long"
    message = N_("%(start)s to %(end)s is longer than a year: compute the inventory of one year at a time")

    def __init__(self, start: object, end: object) -> None:
        super().__init__(start=str(start), end=str(end))


class Unanswered(LcaError):
    """Activities without one clear value: questions to a person, all of them.

    ``questions`` holds (places, error) for each, places with the same question named together.
    """

    code = "unanswered"
    message = N_("before the inventory can be computed, answer these questions (%(count)s)")

    def __init__(self, asked: Sequence[tuple[str, LcaError | FactorsError]]) -> None:
        places: dict[str, list[str]] = {}
        errors = {str(error): error for _, error in asked}
        for place, error in asked:
            places.setdefault(str(error), []).append(place)
        self.questions = tuple(
            (f"{listed(names[:5])}{' …' if len(names) > 5 else ''}", errors[text]) for text, names in places.items()
        )
        super().__init__(count=len(places))
        self.args = ("\n".join([str(self), *(f"{where}: {error}" for where, error in self.questions)]),)


class NotForGroups(LcaError):
    """A method that accounts for a single legal entity, asked for a group."""

    code = "not-for-groups"
    message = N_("%(method)s accounts for one legal entity: run it for each company of the group by itself")

    def __init__(self, method: str) -> None:
        super().__init__(method=method)


class UnknownParameterSet(LcaError):
    """A set of fuel properties that no method uses."""

    code = "unknown-parameter-set"
    message = N_("no parameter set '%(name)s'; there are: %(known)s")

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name=name, known=listed(known))


class UnknownLine(LcaError):
    """A line that the snapshot does not have."""

    code = "unknown-line"
    message = N_("no line '%(line)s'; there are: %(known)s")

    def __init__(self, line: str, known: Sequence[str]) -> None:
        super().__init__(line=line, known=listed(known))


class SnapshotInvalid(LcaError):
    """A document that is no snapshot, or one that does not hold together."""

    code = "snapshot-invalid"
    message = N_("not a sound snapshot: %(problems)s")

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = Flaws(flaws)
        super().__init__(problems=self.flaws)


class NumbersInvalid(LcaError):
    """A number range of certificates that cannot be read as one."""

    code = "numbers-invalid"
    message = N_("'%(number_from)s' to '%(number_to)s' is not a range of certificate numbers")


class StockRepeated(LcaError):
    """Stock values on a source of several rows: nobody can tell to which of them they belong."""

    code = "stock-repeated"
    message = N_(
        "opening and closing stock, sales or recoveries stand on a source of %(rows)s rows and would count with each: "
        "give them on the one row of the period they belong to"
    )


# --- allocation ----------------------------------------------------------------------------------


class AllocationRowsRepeated(LcaError):
    """Co-products of the same name: nobody could tell whose share is whose."""

    code = "allocation-rows-repeated"
    message = N_("these co-products stand twice: %(rows)s; give each a name of its own")

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        super().__init__(rows=listed(rows))


class AllocationNegative(LcaError):
    """Amounts, prices or shares below zero, or no numbers at all."""

    code = "allocation-negative"
    message = N_("an allocation needs numbers of at least zero: %(rows)s")

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        super().__init__(rows=listed(rows))


class AllocationUnitsDiffer(LcaError):
    """Co-products that are measured in different things; ``rows`` names each with the reason."""

    code = "allocation-units-differ"
    message = N_("these co-products cannot be compared in %(unit)s: %(rows)s")

    def __init__(self, unit: str, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        super().__init__(unit=unit, rows="; ".join(rows))


class AllocationPropertyMissing(LcaError):
    """Co-products without the property by which the process is shared out."""

    code = "allocation-property-missing"
    message = N_("to share by %(unit)s, state how many there are in one unit of: %(rows)s")

    def __init__(self, unit: str, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        super().__init__(unit=unit, rows=listed(rows))


class AllocationPriceMissing(LcaError):
    """Co-products without a price in one of the years that are averaged."""

    code = "allocation-price-missing"
    message = N_("to share by value, prices are missing for: %(rows)s")

    def __init__(self, years: Mapping[str, Sequence[int]]) -> None:
        self.rows = tuple(years)
        named = (f"{row} ({listed(missing)})" if missing else row for row, missing in years.items())
        super().__init__(rows=listed(named))


class AllocationSharesWrong(LcaError):
    """Shares that do not add up to one."""

    code = "allocation-shares-wrong"
    message = N_("the shares add up to %(sum)s and not to 1: %(rows)s")

    def __init__(self, shares: Mapping[str, float]) -> None:
        self.rows = tuple(shares)
        rows = [f"{row} = {share:g}" for row, share in shares.items()]
        super().__init__(sum=f"{sum(shares.values()):.12g}", rows=listed(rows))


class AllocationNothing(LcaError):
    """No co-products, or nothing but zeros: there is nothing to share by."""

    code = "allocation-nothing"
    message = N_("there is nothing to share the process by: no co-product has an amount above zero")


# --- building products ---------------------------------------------------------------------------


class UnknownModule(LcaError):
    """Names that are no life-cycle modules of EN 15804."""

    code = "unknown-module"
    message = N_("no life-cycle modules: %(modules)s; there are: %(known)s")

    def __init__(self, modules: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(modules=listed(modules), known=listed(known))


# --- life-cycle inventories ----------------------------------------------------------------------


class LciFormatUnknown(LcaError):
    """A file that no reader of life-cycle inventories knows, or a format of which there is no reader."""

    code = "lci-format-unknown"
    message = N_("'%(name)s' is in none of the formats that can be read: %(known)s")

    def __init__(self, name: str, known: Collection[str]) -> None:
        super().__init__(name=name, known=listed(known))


class LciFileBroken(LcaError):
    """A file that is damaged or was cut off."""

    code = "lci-file-broken"
    message = N_("'%(file)s' is damaged or was cut off, at %(place)s: fetch it again")

    def __init__(self, file: str, place: str) -> None:
        super().__init__(file=file, place=place)


class LciFileUnsafe(LcaError):
    """A file that would take more than anyone needs to read, or declares what could read other files."""

    code = "lci-file-unsafe"
    message = N_("'%(file)s' declares a document type or unpacks to too much, at %(place)s: it is not read")

    def __init__(self, file: str, place: str) -> None:
        super().__init__(file=file, place=place)


class LciPartsTooMany(LcaError):
    """A zip of more parts than what it is for can have."""

    code = "lci-parts-too-many"
    message = N_("'%(file)s' holds %(count)s parts, and at most %(most)s are read: leave out what is not needed")

    def __init__(self, file: str, count: int, most: int) -> None:
        super().__init__(file=file, count=count, most=most)


class LciNothingFound(LcaError):
    """A file of a known format without any unit process; ``findings`` say what became of what it holds."""

    code = "lci-nothing-found"
    message = N_("'%(file)s' holds no unit process")

    def __init__(self, file: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(file=file)


class ScoreNotFinite(LcaError):
    """A product whose supply chain holds amounts that no number can hold once they are added up."""

    code = "score-not-finite"
    message = N_(
        "'%(product)s' has no finite score: amounts of these processes are too large: %(processes)s; mend them"
    )

    def __init__(self, product: str, processes: Sequence[str]) -> None:
        super().__init__(product=product, processes=listed(processes))


class OwnInventoriesInvalid(LcaError):
    """The house's own inventories do not hold together; ``problems`` lists everything wrong, not the first thing."""

    code = "own-inventories-invalid"
    message = N_("%(count)s problems in the house's own inventories:\n%(problems)s")

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(problems), problems="\n".join(problems))


class SystemSingular(LcaError):
    """Processes that supply nothing in the end: their loop takes as much as it gives, or more."""

    code = "system-singular"
    message = N_(
        "the system cannot be solved, these processes take of each other as much as they supply or more: "
        "%(processes)s; mend their amounts, or cut a loop off"
    )

    def __init__(self, processes: Sequence[str]) -> None:
        self.processes = tuple(processes)
        super().__init__(processes="; ".join(processes[:20]))


class UnknownProcess(LcaError):
    """A process that a database does not hold, or a name that several have."""

    code = "unknown-process"
    message = N_("database '%(database)s' has no one process called '%(process)s'; with that name: %(ids)s")

    def __init__(self, process: str, database: str, ids: Sequence[str]) -> None:
        super().__init__(process=process, database=database, ids=listed(ids))


class UnknownProduct(LcaError):
    """A flow that a process does not supply."""

    code = "unknown-product"
    message = N_("process '%(process)s' does not supply '%(flow)s'; it supplies: %(products)s")

    def __init__(self, flow: str, process: str, products: Sequence[str]) -> None:
        super().__init__(flow=flow, process=process, products="; ".join(products))


# --- products ------------------------------------------------------------------------------------


class ModelInvalid(LcaError):
    """A product model that does not hold together; ``problems`` lists (place, code, what fills its sentence)."""

    code = "model-invalid"
    message = N_("%(count)s problems in the product model")

    def __init__(self, problems: Sequence[Flaw]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(problems))
        self.args = ("\n".join([str(self), *map(str, problems)]),)


class FormulasInvalid(LcaError):
    """A process whose formulas cannot be worked out; ``problems`` holds a finding for each."""

    code = "formulas-invalid"
    message = N_("the formulas of '%(process)s' cannot be worked out: %(problems)s")

    def __init__(self, process: str, problems: Sequence[Finding]) -> None:
        self.problems = tuple(problems)
        told = [f"{one.code} ({', '.join(one.params.values())})" for one in problems]
        super().__init__(process=process, problems=listed(told))


class FactorRefused(LcaError):
    """A record that was named for an input and cannot stand for it."""

    code = "factor-refused"
    message = N_("record '%(factor)s' cannot be used for a footprint: %(reason)s")

    def __init__(self, factor: str, reason: str) -> None:
        super().__init__(factor=factor, reason=reason)


class CertificateWithoutTechnology(LcaError):
    """Power under a certificate whose input names no technology: its life-cycle factor cannot be known."""

    code = "certificate-without-technology"
    message = N_("power under certificate '%(certificate)s' needs the activity of its technology, one of: %(known)s")

    def __init__(self, certificate: str, known: Sequence[str]) -> None:
        super().__init__(certificate=certificate, known=listed(known))


class UnknownDatabase(LcaError):
    """A life-cycle inventory database that is not at hand."""

    code = "unknown-database"
    message = N_("there is no database '%(database)s'; there are: %(known)s")

    def __init__(self, database: str, known: Sequence[str]) -> None:
        super().__init__(database=database, known=listed(known))


class ModelUnanswered(Unanswered):
    """Inputs of a product model without one clear supply; all of them."""

    code = "model-unanswered"
    message = N_("%(count)s inputs have no one supply; answer these questions")


class UnknownScenario(LcaError):
    """A scenario that a product model does not have."""

    code = "unknown-scenario"
    message = N_("the model has no scenario '%(scenario)s'; it has: %(known)s")

    def __init__(self, scenario: str, known: Sequence[str]) -> None:
        super().__init__(scenario=scenario, known=listed(known))


class EpdScenarioNeeded(LcaError):
    """A module that a declaration states by scenario only: they exclude each other, one has to be chosen."""

    code = "epd-scenario-needed"
    message = N_("module %(module)s is declared by scenario; choose one of: %(scenarios)s")

    def __init__(self, module: str, scenarios: Sequence[str]) -> None:
        self.scenarios = tuple(scenarios)
        super().__init__(module=module, scenarios=listed(scenarios))


# --- exchange with other parties -----------------------------------------------------------------


class ExportLacks(LcaError):
    """A format asks for what a frozen footprint does not hold; ``missing`` names all of it, with the format's field."""

    code = "export-lacks"
    message = N_("%(format)s asks for more than the footprint holds; also state: %(missing)s")

    def __init__(self, name: str, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(format=name, missing=listed(missing))


class ExportImpossible(LcaError):
    """A footprint that a format has no words for, or statements that it does not take."""

    code = "export-impossible"
    message = N_("this footprint cannot be written as %(format)s: %(problems)s")

    def __init__(self, name: str, flaws: Sequence[Flaw]) -> None:
        self.flaws = Flaws(flaws)
        super().__init__(format=name, problems=self.flaws)


class ContributionUnlike(LcaError):
    """A footprint that cannot be averaged with others, for it is of something else; every difference is named."""

    code = "contribution-unlike"
    message = N_("this footprint differs from what the collection takes: %(problems)s")

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = Flaws(flaws)
        super().__init__(problems=self.flaws)


class ReleaseRefused(LcaError):
    """An average that would show a company's figures; every rule that it breaks is named."""

    code = "release-refused"
    message = N_("these averages cannot be published: %(problems)s")

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = Flaws(flaws)
        super().__init__(problems=self.flaws)


class StatementRefused(LcaError):
    """What another party states of its product and nobody may compute with; every reason is named."""

    code = "statement-refused"
    message = N_("'%(document)s' cannot stand for a supplier's footprint: %(problems)s")

    def __init__(self, document: str, flaws: Sequence[Flaw]) -> None:
        self.flaws = Flaws(flaws)
        super().__init__(document=document, problems=self.flaws)


# --- uncertainty ---------------------------------------------------------------------------------


class PedigreeInvalid(LcaError):
    """Pedigree scores, or what they are combined with, that give no uncertainty; ``problems`` names each."""

    code = "pedigree-invalid"
    message = N_("these data-quality scores give no uncertainty: %(problems)s")

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(problems="; ".join(problems))


class UncertaintyInvalid(LcaError):
    """Distributions that cannot be drawn from; ``problems`` names each by the amount that it belongs to."""

    code = "uncertainty-invalid"
    message = N_("the uncertainty of these amounts is incomplete or contradicts itself: %(problems)s")

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(problems="; ".join(problems))


class ForegroundInvalid(LcaError):
    """A foreground system that does not hold together; ``problems`` lists everything wrong, not the first thing."""

    code = "foreground-invalid"
    message = N_("the foreground system does not hold together: %(problems)s")

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(problems="; ".join(problems))


class RunsInvalid(LcaError):
    """A number of Monte Carlo runs or a seed that is none."""

    code = "runs-invalid"
    message = N_("%(name)s = %(value)s, expected a whole number from %(least)s")

    def __init__(self, name: str, value: object, least: int) -> None:
        super().__init__(name=name, value=value, least=least)


class NothingUncertain(LcaError):
    """Monte Carlo of a footprint in which nothing states how far it may be off."""

    code = "nothing-uncertain"
    message = N_(
        "nothing in %(footprint)s states an uncertainty: give amounts a spread (± %% or pedigree scores), or take "
        "factors that have one"
    )

    def __init__(self, footprint: str) -> None:
        super().__init__(footprint=footprint)


class AllDrawsFailed(LcaError):
    """Not one Monte Carlo run gave a result: in each a loop takes as much as it gives, or more."""

    code = "all-draws-failed"
    message = N_(
        "none of %(runs)s runs could be solved, loops take as much as they give: check the uncertainty of their amounts"
    )

    def __init__(self, runs: int) -> None:
        super().__init__(runs=runs)
