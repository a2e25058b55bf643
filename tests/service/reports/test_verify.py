"""A signed report verifies offline; every way to be wrong is refused at its own step, and named."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.reports import drawn
from service.reports.errors import CertificateUnreadable, FontMissing
from service.reports.verify import STEPS, Step, verify, verify_bytes
from service.reports.words import table
from tests.bad.pdf import makers
from tests.service.reports.fixture import CN, ISO

WRONG: list[tuple[Callable[[], bytes], str, str]] = [
    (makers.not_a_pdf, "file", "file-not-pdf"),
    (makers.empty, "file", "file-not-pdf"),
    (makers.truncated, "file", "file-damaged"),
    (makers.header_only, "file", "file-damaged"),
    (makers.huge, "file", "file-too-large"),
    (makers.encrypted, "file", "file-encrypted"),
    (makers.page_tree_in_a_circle, "file", "file-damaged"),
    (makers.without_signature, "signature", "signature-missing"),
    (makers.signed_twice, "signature", "signature-several"),
    (makers.appended, "coverage", "coverage-partial"),
    (makers.bytes_appended, "coverage", "coverage-partial"),
    (makers.overlapping_ranges, "coverage", "coverage-partial"),
    (makers.byte_flipped_in_padding, "coverage", "coverage-partial"),
    (makers.byte_flipped_in_content, "integrity", "content-changed"),
    (makers.byte_flipped_in_attachment, "integrity", "content-changed"),
    (makers.expired_certificate, "certificate", "certificate-not-valid"),
    (makers.script, "document", "document-active"),
    (makers.hidden_layer, "document", "document-active"),
    (makers.covering_stamp, "document", "document-active"),
    (makers.covering_image, "document", "document-active"),
    (makers.link_with_an_appearance, "document", "document-active"),
    (makers.bookmark_with_a_script, "document", "document-active"),
    (makers.no_attachment, "attachment", "attachment-missing"),
    (makers.attachment_with_two_contents, "attachment", "attachment-unreadable"),
    (makers.attachment_beside_the_list, "attachment", "attachment-foreign"),
    (makers.second_attachment, "attachment", "attachment-several"),
    (makers.foreign_attachment, "attachment", "attachment-foreign"),
    (makers.lines_apart_changed, "attachment", "attachment-changed"),
    (makers.attachment_bomb, "attachment", "attachment-unreadable"),
    (makers.attachment_not_json, "attachment", "snapshot-unreadable"),
    (makers.attachment_nested_too_deeply, "attachment", "snapshot-unreadable"),
    (makers.attachment_not_canonical, "attachment", "snapshot-not-canonical"),
    (makers.attachment_swapped, "digest", "digest-differs"),
    (makers.unknown_schema, "versions", "schema-unknown"),
    (makers.results_changed, "results", "results-differ"),
    (makers.operands_changed, "results", "results-refused"),
    (makers.results_missing, "results", "results-refused"),
    (makers.enormous_exponent, "results", "results-refused"),
    (makers.wrong_total_on_the_face, "face", "face-differs"),
    (makers.right_total_hidden_in_small_print, "face", "face-differs"),
    (makers.claim_removed, "face", "face-differs"),
    (makers.another_organisation_on_the_face, "face", "face-differs"),
    (makers.no_text_on_the_face, "digest", "digest-differs"),
]


@pytest.mark.parametrize(("maker", "step", "code"), WRONG, ids=lambda value: getattr(value, "__name__", None))
def test_each_way_to_be_wrong_is_refused_at_its_step(maker: Callable[[], bytes], step: str, code: str) -> None:
    found = verify_bytes(maker())
    assert found.failed is not None
    assert (found.failed.name, found.failed.code) == (step, code)
    assert not found.ok
    after = STEPS[STEPS.index(step) + 1 :]
    assert [s.outcome for s in found.steps if s.name in after] == ["not_reached"] * len(after)
    for language in ("zh", "en"):
        assert found.failed.told(language)
        assert found.failed.title(language) in found.lines(language)[-1]


def test_why_operands_are_refused_is_told_in_the_language_asked_for() -> None:
    failed = verify_bytes(makers.operands_changed()).failed
    assert failed is not None
    assert "SnapshotInvalid: not a sound snapshot: " in failed.told("en")
    assert "快照不自洽：" in failed.told("zh")
    assert "sound" not in failed.told("zh")


@pytest.fixture
def first_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The makers write first pages alone, so that is what is drawn again."""
    monkeypatch.setattr(drawn, "again", makers.drawn_again)


@pytest.fixture
def report(first_pages: None, tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(makers.good())
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "own.pem"
    path.write_bytes(makers.own_key().certificate_pem())
    return path


def test_a_good_report_passes_every_step(report: Path, certificate: Path) -> None:
    found = verify(report, certificate)
    assert [(step.name, step.outcome) for step in found.steps] == [(name, "passed") for name in STEPS]
    assert found.ok
    assert found.signer_known
    assert found.facts["fingerprint"] == makers.own_key().fingerprint
    assert found.facts["digest"] == makers.page().digest
    assert found.facts["total_tco2e"] == "7.21"  # 7206.5981597 kg, see fixture
    assert found.facts["signed_at"] == "2023-02-01T08:00:00+00:00"
    assert (found.as_dict()["ok"], found.verdict) == (True, "ok")


def test_without_trust_the_signer_is_unknown_and_nothing_else(report: Path) -> None:
    found = verify(report)
    assert (found.ok, found.verdict) == (True, "ok_signer_unknown")
    assert "signer unknown" in found.lines("en")[-1]
    assert not found.signer_known
    assert {step.name: step.outcome for step in found.steps}["signer"] == "unknown"
    assert "--trust" in next(step for step in found.steps if step.name == "signer").told("en")


@pytest.mark.usefixtures("first_pages")
def test_a_strangers_signature_is_refused_when_somebody_is_trusted(tmp_path: Path, certificate: Path) -> None:
    path = tmp_path / "stranger.pdf"
    path.write_bytes(makers.stranger())
    assert verify(path).ok  # sound, by nobody known
    found = verify(path, certificate)
    assert found.failed is not None
    assert (found.failed.name, found.failed.code) == ("signer", "signer-not-trusted")


def test_a_swapped_attachment_signed_by_a_stranger_fails_at_the_signer(tmp_path: Path, certificate: Path) -> None:
    path = tmp_path / "swapped.pdf"
    path.write_bytes(makers.attachment_swapped())
    found = verify(path, certificate)
    assert found.failed is not None
    assert found.failed.code == "signer-not-trusted"


def test_a_missing_file_is_a_failed_step_and_no_exception(tmp_path: Path) -> None:
    found = verify(tmp_path / "nowhere.pdf")
    assert found.failed is not None
    assert found.failed.code == "file-missing"


def test_a_trusted_certificate_that_is_none_is_the_callers_mistake(report: Path, tmp_path: Path) -> None:
    path = tmp_path / "no.pem"
    path.write_bytes(b"no certificate")
    with pytest.raises(CertificateUnreadable):
        verify(report, path)


def test_an_expired_certificate_that_was_valid_when_it_signed_is_told(report: Path) -> None:
    found = verify(report, now=datetime(2040, 1, 1, tzinfo=UTC))
    step = next(step for step in found.steps if step.name == "certificate")
    assert (step.outcome, step.code) == ("passed", "certificate_ended")
    assert "expired since" in step.told("en")


def test_recomputation_is_asked_for_with_the_attached_snapshot(report: Path) -> None:
    seen = []

    def recompute(snapshot: object, lines: object) -> object:
        seen.append((snapshot, lines))
        return snapshot

    assert verify(report, recompute=recompute).ok  # type: ignore[arg-type]
    assert seen[0][0]["results"]["total_kgco2e"] == "7206.5981597"  # type: ignore[index]
    assert seen[0][1] == {}


@pytest.mark.usefixtures("first_pages")
def test_lines_stored_apart_are_attached_and_recomputed_with() -> None:
    found = verify_bytes(makers.with_lines_apart())
    assert found.ok, found.failed
    assert found.facts["total_tco2e"] == "2.20"  # 5001 rows of 0.001 MWh x 440.3 = 2201.9403 kg


@pytest.mark.parametrize("language", ["en", "both"])
@pytest.mark.parametrize("method", [CN])
def test_reports_of_every_language_and_template_verify(method: str, language: str) -> None:
    from service.reports import render
    from service.reports.sign import sign
    from tests.service.reports.fixture import snapshot

    signed = sign(render.pdf(snapshot(method), language), makers.own_key(), now=makers.NOW)
    found = verify_bytes(signed)
    assert found.ok, found.failed
    assert found.facts["total_tco2e"] == "2.75"  # 2752.448809 kg, see fixture


@pytest.mark.usefixtures("first_pages")
@pytest.mark.parametrize("maker", makers.SPOOFED, ids=lambda maker: maker.__name__)
def test_pages_that_show_something_else_than_their_text(
    maker: Callable[[], bytes], tmp_path: Path, certificate: Path
) -> None:
    path = tmp_path / "spoofed.pdf"
    path.write_bytes(maker())
    found = verify(path)
    assert (found.ok, found.failed, found.pages_confirmed, found.verdict) == (False, None, False, "unconfirmed")
    assert found.steps[-1].code == "pages_differ"
    assert found.lines("en")[-1].startswith("Not confirmed")
    refused = verify(path, certificate)  # who knows whom to trust sees at once that it is a stranger's
    assert refused.failed is not None
    assert refused.failed.code == "signer-not-trusted"


def test_pages_of_another_program_are_vouched_for_by_a_trusted_signer(
    report: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn, "again", lambda *_: ["another layout"])
    assert (verify(report).verdict, verify(report, certificate).verdict) == ("unconfirmed", "ok")

    def no_fonts(*_: object) -> list[str]:
        raise FontMissing(paths="/nowhere")

    monkeypatch.setattr(drawn, "again", no_fonts)
    assert verify(report).steps[-1].code == "pages_not_drawn"
    assert verify(report, certificate).ok


@pytest.mark.usefixtures("first_pages")
def test_factors_and_method_that_are_not_this_programs_are_told() -> None:
    """A forger may invent a factor with a source; whoever verifies sees that nobody publishes it."""
    step = library_step(makers.invented_factor(library="of another year"))
    assert (step.outcome, step.code, step.params["named"]) == ("unknown", "library", "cn-elec-2022-cn-gd")
    step = library_step(makers.invented_method("0.9"))
    assert (step.outcome, step.code) == ("unknown", "library_and_method")


@pytest.mark.usefixtures("first_pages")
def test_what_this_very_version_says_otherwise_is_refused() -> None:
    """The library's version is a digest of all it holds: nobody can cite it and another value."""
    for data, named in ((makers.invented_factor(), "cn-elec-2022-cn-gd"), (makers.invented_method("1"), ISO)):
        step = library_step(data)
        assert (step.outcome, step.code, step.params["named"]) == ("failed", "library-belied", named)


def library_step(data: bytes) -> Step:
    return next(step for step in verify_bytes(data).steps if step.name == "library")


def test_a_signature_of_tomorrow_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tomorrow.pdf"
    path.write_bytes(makers.signed_tomorrow())
    failed = verify(path, now=makers.NOW).failed
    assert failed is not None
    assert failed.code == "signature-future"


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_is_refused_without_an_exception(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(makers.good())
    for _ in range(chance.choice([1, 1, 1, 3, 50])):
        at = chance.randrange(len(data))
        kind = chance.choice(["flip", "delete", "insert", "copy"])
        if kind == "flip":
            data[at] ^= 1 << chance.randrange(8)
        elif kind == "delete":
            del data[at : at + chance.randrange(1, 2000)]
        elif kind == "insert":
            data[at:at] = chance.randbytes(chance.randrange(1, 200))
        else:
            data[at : at + 64] = data[:64]
    found = verify_bytes(bytes(data))
    assert found.failed is not None
    assert found.failed.told("zh")


@pytest.mark.parametrize("seed", range(20))
def test_nonsense_that_begins_like_a_pdf_is_refused(seed: int) -> None:
    chance = random.Random(seed)
    words = b"obj endobj << >> /Type /Pages /Kids [ ] stream xref trailer startxref %%EOF /Root /Prev 0 R 1 9".split()
    data = b"%PDF-1.7\n" + b"\n".join(chance.choice(words) for _ in range(chance.randrange(400)))
    assert verify_bytes(data).failed is not None


def test_every_code_has_its_sentence() -> None:
    codes = {code for _, _, code in WRONG} | {"signer-not-trusted", "file-missing"}
    assert all(f"verify.fail.{code}" in table() for code in codes)
    assert all(f"verify.step.{step}" in table() for step in STEPS)
