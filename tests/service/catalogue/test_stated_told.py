"""Everything that is found in what other parties state is told in both languages, with the blanks that are filled."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lca.dataset import Finding
from lca.errors import LcaError
from lca.exporters.module_table import Said
from lca.exporters.openepd import openepd as exported
from lca.importers import catena_x, epd_supplier, openepd, pact
from lca.importers.by_module import Asked
from service.catalogue.lci_told import table, told
from service.i18n import speaking, tell
from tests.lca.exchanged import panel
from tests.lca.importers import test_catena_x_import, test_epd_supplier, test_openepd, test_pact_import

READERS = Path(__file__).parents[3] / "lca" / "importers"
ON = date(2035, 1, 1)


def spelled() -> set[str]:
    files = ("pact", "catena_x", "epd_supplier", "by_module", "openepd", "stated")
    text = "".join((READERS / f"{name}.py").read_text(encoding="utf-8") for name in files)
    return set(re.findall(r'\.tell\(\s*"([a-z0-9-]+)"', text))


def found() -> list[Finding]:
    """Return findings of every kind, from documents that have everything odd about them."""
    odd: list[dict[str, Any]] = [
        {"fossilGhgEmissions": None, "biogenicCO2Uptake": "0.4", "pcfIncludingBiogenicUptake": "9"},
        {"fossilCarbonContent": -1, "biogenicNonCO2Emissions": "x", "biogenicCarbonContent": "1"},
        {"packagingEmissionsIncluded": False, "packagingGhgEmissions": "1", "exemptedEmissionsPercent": "3"},
        {"packagingEmissionsIncluded": None, "referencePeriodStart": "2025-02-01T00:00:00Z"},
        {"ipccCharacterizationFactors": [], "crossSectoralStandards": ["PEF"], "primaryDataShare": "0.7"},
        {"productOrSectorSpecificRules": [{"ruleNames": ["Steel"]}], "primaryDataShare": "700"},
        {
            "dqi": {},
            "ccsTechnologicalCO2Capture": "-1",
            "geographyCountry": "US",
            "geographyCountrySubdivision": "US-TX",
        },
        {"verification": {}, "fossilGhgEmissions": "9"},
    ]
    documents = [test_pact_import.document(one) for one in odd]
    documents.append(test_pact_import.document(validityPeriodStart="2024-01-01T00:00:00Z"))
    listed = [one for plain in documents for one in pact.supplier_of(plain, ON).findings]
    listed += pact.supplier_of(test_pact_import.document(), date(2020, 1, 1)).findings
    for changes in test_catena_x_import.ODD:
        listed += catena_x.supplier_of(test_catena_x_import.document(changes), ON).findings
    for uuid in (test_epd_supplier.FOAM, test_epd_supplier.FACADE):
        listed += epd_supplier.supplier_of(test_epd_supplier.sample(uuid), ON).findings
    unsaid = test_epd_supplier.made({"GWP-total": "1"}, valid_until="")
    listed += epd_supplier.supplier_of(unsaid, ON).findings
    scopes = {"gwp": {"A1A2A3": test_openepd.kg(1), "B1": test_openepd.kg(1), "B1_years": 3},
              "gwp-nonCO2": {"A1A2A3": test_openepd.kg(1)}}  # fmt: skip
    given = test_openepd.document(
        impacts={"X": scopes}, private=True, kg_C_biogenic_per_declared_unit={"qty": 1, "unit": "m2"}
    )
    listed += openepd.supplier_of(given, ON, Asked(("A1-A3", "B1"))).findings
    return [*listed, *exported(panel(), Said()).left_out]


def test_every_code_occurs_and_is_told() -> None:
    listed = found()
    assert spelled() | {"openepd-cannot-say"} <= {one.code for one in listed}
    for one in listed:
        sentence = told(one)
        assert sentence["where"]
        assert re.search("[一-鿿]", sentence["zh"])
        assert "{" not in sentence["zh"] + sentence["en"]


def test_no_words_are_left_over() -> None:
    mine = {
        key.removeprefix("finding.") for key in table() if re.match(r"finding\.(pact|catena|openepd|declared)-", key)
    }
    assert mine <= spelled() | {"openepd-cannot-say"}


@pytest.mark.parametrize("change", [{"specVersion": "2.1.0"}, {"status": "Deprecated"}, {"pcf": {}}])
def test_a_refusal_is_told_in_both_languages(change: dict[str, Any]) -> None:
    with pytest.raises(LcaError) as caught:
        pact.supplier_of(test_pact_import.document() | change, ON)
    with speaking("en"):
        assert tell(caught.value) == str(caught.value)
    with speaking("zh"):
        assert "不能作为供应商碳足迹使用" in tell(caught.value)
