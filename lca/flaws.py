"""What does not fit in a snapshot or a product model, in codes, each with its sentence, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from factors.errors import N_, listed

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "unreadable": N_("cannot be read: %(reason)s"),
        "recomputed-otherwise": N_("what its operands give differs from what it states, first at %(where)s"),
        "schema-unknown": N_("schema %(schema)s, expected %(known)s"),
        "number-unbounded": N_("a number with an exponent of three digits or more: %(number)s"),
        "claim-unknown": N_("claim %(claim)s"),
        "no-formula": N_("counted without a formula"),
        "gases-differ": N_("the gases do not follow from the operands"),
        "weight-differs": N_("the weight of %(gas)s is not the warming potential of %(gwp_set)s"),
        "operand-miscited": N_("operand %(key)s does not cite %(factor)s as it is printed"),
        "operand-differs": N_("operand %(key)s is %(value)s, which does not follow from %(printed)s"),
        "operand-not-stated": N_("operand %(key)s is not what the datum states"),
        "conversion-differs": N_("the conversion does not follow from the units"),
        "left-out": N_("left out, though the method counts it"),
        "gwp-set-differs": N_("another set of warming potentials than the method's"),
        "scope-differs": N_("the scope is not that of the category"),
        "share-differs": N_("the share is not that of the site"),
        "cover-added": N_("a cover that is not taken off"),
        "category-differs": N_("not the category that the method assigns"),
        "sign-differs": N_("not the sign that the method gives"),
        "rounding-impossible": N_("rounding of %(key)s to %(places)s decimals"),
        "factor-misnamed": N_("factor %(factor)s calls itself %(name)s"),
        "source-undescribed": N_("factor %(factor)s names a source %(source)s that is not described"),
        "gwp-differs": N_("the warming potential of %(gas)s in %(gwp_set)s is not the one its record prints"),
        "precursor-of-itself": N_("process %(process)s is a precursor of itself"),
        "supply-differs": N_("the gases do not follow from the value printed, %(printed)s"),
        "stage-strange": N_("stage '%(stage)s' is none of the method"),
        "bucket-strange": N_("'%(bucket)s' is neither gate, scrap burden nor credit"),
        "instrument-refused": N_("instrument %(number)s: refused (%(reason)s) and drawn on"),
        "instrument-overdrawn": N_("instrument %(number)s: %(kwh)s kWh drawn in %(view)s, more than it certifies"),
        "part-amount-unknown": N_("part %(site)s %(month)s: amounts of %(key)s, which nothing computes"),
        "part-lines-missing": N_("part %(site)s %(month)s: its lines are missing"),
        "part-digest": N_("part %(site)s %(month)s: digest"),
        "part-rows": N_("part %(site)s %(month)s: rows"),
        "part-amounts": N_("part %(site)s %(month)s: amounts"),
        "key-unknown": N_("unknown key '%(key)s'; near it: %(near)s"),
        "key-missing": N_("'%(key)s' is missing"),
        "id-odd": N_(
            "id: '%(id)s' cannot stand in addresses and file names: at most %(limit)s characters, none of them "
            '/ \\ ? # %% < > : " | * or invisible, the first neither a point nor a hyphen'
        ),
        "text-too-long": N_("%(key)s: longer than %(limit)s characters"),
        "key-null": N_("'%(key)s' is null; leave it out"),
        "sector-companies": N_("%(count)s companies, at least %(least)s are needed; those of one group count as one"),
        "sector-dominant": N_("one company makes %(share)s %% of the production; at most %(most)s %% are let pass"),
        "sector-differs-by-one": N_(
            "it differs from %(release)s by one company, whose figures the difference would show: wait for another"
        ),
        "sector-differencing": N_("taken together with earlier releases it would show the figures of one company"),
        "places-several": N_("more than one place: %(keys)s; state one"),
        "not-a-mapping": N_("'%(key)s' is no mapping of keys to values"),
        "not-a-list": N_("'%(key)s' is no list"),
        "not-text": N_("'%(key)s' is no plain value"),
        "not-a-number": N_("%(key)s: '%(value)s' is neither a decimal number nor a formula that begins with '='"),
        "not-listed": N_("%(key)s: '%(value)s' is none of: %(choices)s"),
        "id-too-long": N_("%(key)s: '%(id)s' has %(length)s characters; write at most %(most)s"),
        "id-twice": N_("the id '%(id)s' stands for something else already; each needs one of its own"),
        "source-not-one": N_("from: name exactly one of %(choices)s"),
        "process-unknown": N_("from: there is no process '%(process)s' in this model"),
        "supplier-unknown": N_("from: there is no supplier '%(supplier)s' in this model"),
        "supplier-corrected": N_("the footprint '%(supplier)s' was corrected: take '%(by)s' instead"),
        "supplier-withdrawn": N_("the footprint '%(supplier)s' was withdrawn (%(reason)s): take another source"),
        "supplier-not-as-accepted": N_(
            "'%(supplier)s' is the code of an accepted footprint and says something else here: leave the record out"
        ),
        "main-unknown": N_("main: there is no process '%(process)s' in this model"),
        "amount-below": N_("%(key)s: '%(value)s' is below zero; nought or more is expected"),
        "amount-not-above": N_("%(key)s: '%(value)s' is not above zero; a number above it is expected"),
        "share-outside": N_("%(key)s: '%(value)s' does not lie between 0 and 1; a share such as 0.25 is expected"),
        "shares-above-one": N_("%(keys)s add up to %(sum)s, more than 1; they are shares of one whole"),
        "unit-unknown": N_("%(key)s: no unit '%(unit)s'; write one such as kg, kWh, GJ, m3, tkm or piece"),
        "region-unknown": N_(
            "%(key)s: no place '%(place)s'; near it: %(near)s; known are provinces, grid regions and countries by code "
            "or name, such as CN-HB, CN-GRID-SOUTH, DE or GLO"
        ),
        "gwp-set-unknown": N_(
            "%(key)s: no set of warming potentials '%(value)s'; write one of %(choices)s, several joined by ' + ', or "
            "nothing where the supplier does not say"
        ),
        "percent-above": N_("%(key)s: '%(value)s' is more than 100 percent; 0 to 100 is expected"),
        "module-of-stage": N_("module %(module)s belongs to stage %(wanted)s, not %(stage)s"),
        "nothing-inside": N_("neither processes nor parts"),
        "parameter-unknown": N_("there is no parameter '%(name)s'"),
        "parameter-repeated": N_("the parameter '%(name)s' stands twice"),
        "formula-unreadable": N_("the formula '%(formula)s' cannot be read at '%(at)s'"),
        "formula-unknown-name": N_("the formula '%(formula)s' names '%(name)s', which is no parameter"),
        "formula-no-number": N_("the formula '%(formula)s' gives no finite number"),
        "formula-cycle": N_("these parameters rest on each other: %(names)s"),
        "unit-differs": N_("'%(unit)s' cannot be turned into '%(wanted)s'"),
        "not-a-plain-number": N_("%(key)s: '%(value)s' is no decimal number; what a party states is no formula"),
        "not-a-date": N_("%(key)s: '%(value)s' is no date; write 2025-12-31"),
        "period-reversed": N_("the period ends on %(end)s, before it begins on %(start)s"),
        "part-without-source": N_("the part has neither a source (from) nor parts: it would count as nothing"),
        "pedigree-scores": N_("the pedigree scores %(scores)s are not five of 1 to 5"),
        "allocation-impossible": N_("its products cannot be shared by any way that the method allows: %(reasons)s"),
        "recycling-impossible": N_("the rule for recycled material cannot be applied: %(reason)s"),
        "recycling-source-missing": N_(
            "the method's rule for recycled material needs a supply for %(role)s: name it under recycling"
        ),
        "certificate-misplaced": N_(
            "from: certificate '%(certificate)s' belongs beside the activity of an input of power, electricity_wind say"
        ),
        "certificate-unknown": N_(
            "certificate '%(certificate)s' is not in the organisation's pool: submit it as an instrument by its number "
            "or contract"
        ),
        "certificate-refused": N_("certificate '%(certificate)s' does not count: %(reason)s; mend the instrument"),
        "certificate-output": N_(
            "certificate '%(certificate)s': how much is drawn is not known without the output of '%(name)s' from "
            "%(start)s to %(end)s; submit it as a product of the site"
        ),
        "certificate-technology": N_(
            "certificate '%(certificate)s' is for '%(technology)s', the input for %(activity)s: name the activity of "
            "its technology"
        ),
        "certificate-market": N_(
            "certificate '%(certificate)s' is of %(region)s, the power is used in %(place)s: name one of that market"
        ),
        "certificate-site": N_(
            "certificate '%(certificate)s' is bound to site %(site)s, the process stands at %(wanted)s: name another"
        ),
        "certificate-exceeded": N_(
            "certificate '%(certificate)s': %(kwh)s kWh are drawn, others drew %(others)s, it certifies %(amount)s "
            "kWh; take the rest from the grid or under another certificate"
        ),
        "gas-strange": N_("'%(gas)s' is no greenhouse gas with a part of a footprint that it belongs to"),
        "text-disguised": N_("a text with characters that are not seen and change what is: '%(text)s'; take them out"),
        "lines-too-many": N_("lines by gases: %(count)s sums, more than the %(most)s that are computed"),
        "processes-too-many": N_("%(count)s processes, more than the %(most)s that are computed"),
        "process-place": N_("there is no process at place %(place)s"),
        "demand-differs": N_("computed for %(demand)s, which is not the unit stated, %(unit)s"),
        "burning-without-mass": N_("the material has no mass whose heat could be recovered: state mass_kg"),
        "transport-without-mass": N_("the input has no mass to carry: state mass_kg"),
        "export-method": N_("it was computed by %(method)s; compute it by %(wanted)s"),
        "export-boundary": N_("its boundary is '%(boundary)s', not '%(wanted)s'"),
        "export-unit": N_("its unit '%(unit)s' is none of: %(known)s"),
        "sum-differs": N_("%(key)s adds up to %(sum)s, the result is %(value)s"),
        "value-refused": N_("%(key)s: '%(value)s', expected %(wanted)s"),
        "not-json": N_("it is no JSON"),
        "version-older": N_("version %(version)s counts otherwise and was withdrawn: ask for version %(wanted)s"),
        "choose-one": N_("%(key)s: choose one of %(choices)s"),
        "module-not-declared": N_("module %(module)s is not declared, which is not zero"),
        "modules-overlap": N_("%(whole)s holds %(part)s already: name one of the two"),
        "module-outside": N_("module D stands outside the system and is never added to the others"),
        "withdrawn": N_("its status is %(status)s: ask for the footprint that took its place"),
    }
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that does not fit: a stable code, what fills its sentence, and where it stands."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    where: str = ""  # the valuation, or the calculation and its view

    @property
    def message(self) -> str:
        """The English sentence with its blanks."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        told = self.message % self.params
        return f"{self.where}: {told}" if self.where else told

    def within(self, place: str) -> Flaw:
        """Return the same flaw, said of ``place``."""
        return replace(self, where=f"{place}: {self.where}" if self.where else place)


class Flaws(tuple[Flaw, ...]):
    """All flaws of a snapshot; as text, their English sentences in one line."""

    __slots__ = ()

    def __str__(self) -> str:
        return listed(self)
