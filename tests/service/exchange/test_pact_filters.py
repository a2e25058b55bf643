"""What partners ask for: criteria of version 3, ``$filter`` and fragments of version 2, pages behind a link."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exchange.pact import errors, filters, paging
from service.exchange.pact.errors import QueryInvalid, QueryUnsupported
from service.exchange.pact.filters import odata, of_query, resembles

BOARD = {
    "id": "a",
    "created": "2026-01-31T08:00:00Z",
    "productIds": ["urn:gtin:1", "urn:gtin:2"],
    "companyIds": ["urn:pact:company:customcode:supplier-id:Ling"],
    "productClassifications": ["urn:cpc:3141"],
    "productCategoryCpc": "3141",
    "status": "Active",
    "pcf": {
        "referencePeriodStart": "2025-01-01T00:00:00Z",
        "referencePeriodEnd": "2026-01-01T00:00:00Z",
        "geographyCountrySubdivision": "CN-HB",
    },
}


@pytest.mark.parametrize(
    ("query", "is_taken"),
    [
        ({}, True),
        ({"productId": ["urn:gtin:9", "URN:GTIN:2"]}, True),
        ({"productId": ["urn:gtin:9"]}, False),
        ({"productid": ["urn:gtin:1"], "geography": ["DE"]}, False),
        ({"geography": ["cn"]}, True),
        ({"geography": ["CN-HB", "DE"]}, True),
        ({"geography": ["CN-GD"]}, False),
        ({"companyId": ["urn:pact:company:customcode:supplier-id:LING"]}, True),
        ({"classification": ["urn:cpc:3141"], "status": ["active"]}, True),
        ({"status": ["Deprecated"]}, False),
        ({"status": ["Deprecated", "Active"]}, True),
        ({"validOn": ["2026-01-01T00:00:00Z"]}, True),
        ({"validOn": ["2029-01-01T00:00:00Z"]}, True),
        ({"validOn": ["2029-01-01T00:00:01Z"]}, False),
        ({"validOn": ["2025-12-31T23:59Z"]}, False),
        ({"validAfter": ["2025-12-31T00:00:00Z"]}, True),
        ({"validAfter": ["2026-01-01T00:00:00Z"]}, False),
        ({"validBefore": ["2029-01-01T00:00:01Z"]}, True),
        ({"validBefore": ["2029-01-01T08:00:00+08:00"]}, False),
        ({"validOn": ["2026-06-01T00:00:00 08:00"]}, True),  # a plus sign, as an address carries it
    ],
)
def test_criteria_of_version_3(query: dict[str, list[str]], is_taken: bool) -> None:
    assert of_query(query)[0].takes(BOARD) is is_taken


def test_a_stated_validity_counts() -> None:
    stated = {**BOARD, "validityPeriodStart": "2026-03-01T00:00:00Z", "validityPeriodEnd": "2027-01-01T00:00:00Z"}
    assert not of_query({"validOn": ["2026-02-01T00:00:00Z"]})[0].takes(stated)
    assert of_query({"validBefore": ["2028-01-01T00:00:00Z"]})[0].takes(stated)


def test_everything_wrong_with_a_query_is_named() -> None:
    with pytest.raises(QueryInvalid) as caught:
        of_query({"limit": ["-1"], "validOn": ["yesterday"], "status": ["Gone"], "productId": [""]})
    assert {one.where for one in caught.value.wrong} == {"limit", "validOn", "status", "productId"}
    with pytest.raises(QueryInvalid):
        of_query({"geography": ["CN"] * 101})
    with pytest.raises(QueryUnsupported, match=r"\$filter, x-own-invoice"):
        of_query({"$filter": ["a"], "x-own-invoice": ["1"]})


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("", True),
        ("created ge 2026-01-31T08:00:00Z", True),
        ("created gt '2026-01-31T08:00:00Z'", False),
        ("created lt 2026-01-31T16:00:00.5+08:00", True),
        ("updated eq 2026-01-31T08:00:00Z", False),
        ("productCategoryCpc eq '3141' and pcf/referencePeriodEnd le 2026-01-01T00:00:00Z", True),
        ("pcf/geographyCountry eq 'CN'", False),
        ("productIds/any(productId:(productId eq 'URN:GTIN:2'))", True),
        ("productIds/any(p: p eq 'urn:gtin:3')", False),
        ("((created ge 2020-01-01T00:00:00Z) and (companyIds/any(c:(c eq 'urn:x:it''s'))))", False),
    ],
)
def test_filter_of_version_2(text: str, is_taken: bool) -> None:
    assert all(one.takes(BOARD) for one in odata(text)) is is_taken


@pytest.mark.parametrize(
    "text",
    ["created ne 2026-01-31T08:00:00Z", "created eq 2026-01-31T08:00:00Z or created eq 2026-01-31T08:00:00Z",
     "pcf/fossilGhgEmissions gt '1'", "productIds/all(p: p eq 'x')", "not (created eq 2026-01-31T08:00:00Z)",
     "productIds/any(p: p lt 'x')", "status eq 'Active'", "__class__ eq 'x'"],
)  # fmt: skip
def test_more_of_odata_is_not_offered(text: str) -> None:
    with pytest.raises(QueryUnsupported):
        odata(text)


@pytest.mark.parametrize(
    "text",
    ["created", "created eq", "created eq yesterday", "created eq 'x", "(created eq 2026-01-31T08:00:00Z", "and",
     "productCategoryCpc eq 3141", "created is 2026-01-31T08:00:00Z", "productIds/any(p: q eq 'x')", "\x00", "; x",
     "(" * 50 + ")" * 50, "created eq 2026-01-31T08:00:00Z " * 200, "x" * 3000, "created eq 2026-01-31T08:00:00Z)"],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises((QueryInvalid, QueryUnsupported)):
        odata(text)


@given(st.text(max_size=200))
def test_no_filter_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(QueryInvalid, QueryUnsupported):
        odata(text)


def test_fragments() -> None:
    assert resembles(BOARD, {})
    assert resembles(
        BOARD, {"productIds": ["urn:gtin:9", "URN:gtin:1"], "pcf": {"geographyCountrySubdivision": "cn-hb"}}
    )
    assert not resembles(BOARD, {"pcf": {"geographyCountry": "CN"}})
    assert not resembles(BOARD, {"productIds": ["urn:gtin:9"]})
    deep: object = "x"
    for _ in range(50):
        deep = {"pcf": deep}
    assert not resembles(BOARD, deep)


KEY = b"k" * 32


@given(
    st.dictionaries(st.sampled_from(filters.CRITERIA), st.lists(st.text(max_size=20), max_size=3)), st.text(max_size=9)
)
def test_a_cursor_comes_back(query: dict[str, list[str]], time: str) -> None:
    cursor = paging.Cursor(query, (time, "a"))
    assert paging.opened(paging.sealed(cursor, KEY, "bo"), KEY, "bo") == cursor


def test_nobody_makes_a_cursor_of_his_own() -> None:
    text = paging.sealed(paging.Cursor({"geography": ["DE"]}, ("", "")), KEY, "bo")
    for wrong, key, audience in ((text, b"x" * 32, "bo"), (text, KEY, "chen"), (text[:-4] + "AAAA", KEY, "bo"),
                                 ("", KEY, "bo"), ("é", KEY, "bo"), ("A" * 20_000, KEY, "bo")):  # fmt: skip
        with pytest.raises(QueryInvalid):
            paging.opened(wrong, key, audience)


@pytest.mark.parametrize(
    ("base", "host", "root"),
    [
        ("https://pcf.example.com", "pcf.example.com", "https://pcf.example.com"),
        ("https://pcf.example.com:8443/tanji/", "PCF.example.com:8443", "https://pcf.example.com:8443/tanji"),
        ("https://pcf.example.com", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://pcf.example.com", "[::1]:8000", "http://[::1]:8000"),
        ("https://pcf.example.com", "other.example.com", "https://other.example.com"),
    ],
)
def test_links_name_the_host_that_was_asked(base: str, host: str, root: str) -> None:
    assert paging.public_root(base, host) == root


def test_links_are_read_as_they_are_written() -> None:
    link = paging.next_link("https://a.example/3/footprints", "abc=")
    assert link == '<https://a.example/3/footprints?cursor=abc%3D>; rel="next"'
    assert paging.next_of(link) == "https://a.example/3/footprints?cursor=abc%3D"
    assert (
        paging.next_of(f'<https://a.example/x>; rel="prev", {link}') == "https://a.example/3/footprints?cursor=abc%3D"
    )
    assert paging.next_of("<https://a.example/?a=1>; rel=next") == "https://a.example/?a=1"
    assert paging.next_of("nonsense") == ""


def test_errors_have_the_codes_of_the_specification() -> None:
    unsupported = QueryUnsupported(what="x")
    assert errors.status_for(unsupported) == 400
    assert errors.body(400, "no", unsupported)["code"] == "NotImplemented"
    assert errors.body(422, "no")["code"] == "BadRequest"
    assert errors.body(502, "no")["code"] == "InternalError"
    with pytest.raises(QueryInvalid) as caught:
        of_query({"limit": ["x"], "validOn": ["y"]})
    assert errors.status_for(caught.value) == 400
    assert "limit" in errors.told(caught.value)
    assert "validOn" in errors.told(caught.value)
