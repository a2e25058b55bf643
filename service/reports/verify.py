"""Verify a signed report offline, step by step; the first step that does not fit is named.

Nothing here needs a database or a network. A verified report says: this file has not changed since this key
signed it, its figures follow from the operands attached, its first page shows them, and its pages are those
that the attached snapshot is drawn as. Where they cannot be drawn alike, for want of the fonts or by another
program, that is told as unknown. Nothing says that the operands are true.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from factors.errors import FactorsError
from lca.errors import LcaError
from lca.snapshot import canonical_bytes, differences
from service.errors import ServiceError
from service.reports import face as faces
from service.reports import kinds
from service.reports.attached import PART_NAME, SNAPSHOT_NAME
from service.reports.document import MAX_FILE_BYTES, Document, bounded, guarded, read_bounded
from service.reports.kinds import Kind
from service.reports.refusal import HOSTILE, Refused, in_both, reason
from service.reports.signature import (
    Certificate,
    check_integrity,
    covers_all,
    is_trusted,
    signer,
    signing_time,
    trusted_certificates,
)
from service.reports.words import table

STEPS = (
    "file", "signature", "coverage", "integrity", "certificate", "signer", "document", "attachment", "digest",
    "versions", "library", "results", "face", "pages",
)  # fmt: skip

NAMED = 10  # factors that a step names
CLOCK_SKEW = timedelta(days=1)

Recompute = Callable[[Mapping[str, Any], Mapping[str, bytes]], Mapping[str, Any]]


def _one_line(value: object, language: str) -> object:
    """Keep a value that the file says inside its own line: it must not look like a step of its own."""
    if isinstance(value, Mapping):
        value = value[language]
    return " ".join(value.split()) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Step:
    """One step with its outcome: passed, failed, unknown or not_reached."""

    name: str
    outcome: str
    code: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    def told(self, language: str) -> str:
        """The outcome as a sentence in ``zh`` or ``en``."""
        side, words = (1, "en") if language == "en" else (0, "zh")
        prefix = {"passed": "ok", "failed": "fail", "unknown": "unknown"}.get(self.outcome)
        key = f"verify.{prefix}.{self.code or self.name}" if prefix else "verify.not_reached"
        return table()[key][side].format(**{name: _one_line(value, words) for name, value in self.params.items()})

    def title(self, language: str) -> str:
        """The step's name in ``zh`` or ``en``."""
        return table()[f"verify.step.{self.name}"][1 if language == "en" else 0]


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found: every step in order, and what the file says of itself."""

    steps: tuple[Step, ...]
    facts: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Did no step fail, and is it known that the pages show the snapshot: by drawing them, or by a known signer?"""
        return self.failed is None and (self.pages_confirmed or self.signer_known)

    @property
    def failed(self) -> Step | None:
        """The first step that does not fit."""
        return next((step for step in self.steps if step.outcome == "failed"), None)

    @property
    def signer_known(self) -> bool:
        """Was the signer confirmed by a certificate that the caller trusts?"""
        return any(step.name == "signer" and step.outcome == "passed" for step in self.steps)

    @property
    def pages_confirmed(self) -> bool:
        """Did drawing the snapshot here give the very pages of the file?"""
        return any(step.name == "pages" and step.outcome == "passed" for step in self.steps)

    @property
    def verdict(self) -> str:
        """``failed``, ``unconfirmed``, ``ok_signer_unknown`` or ``ok``."""
        if self.failed:
            return "failed"
        if not self.ok:
            return "unconfirmed"
        return "ok" if self.signer_known else "ok_signer_unknown"

    def as_dict(self) -> dict[str, Any]:
        """The whole result for machines."""
        return {
            "ok": self.ok,
            "failed_step": self.failed.name if self.failed else None,
            "code": self.failed.code if self.failed else None,
            "verdict": self.verdict,
            "signer_known": self.signer_known,
            "pages_confirmed": self.pages_confirmed,
            "facts": dict(self.facts),
            "steps": [
                {
                    "step": step.name,
                    "outcome": step.outcome,
                    "code": step.code or None,
                    "zh": step.told("zh"),
                    "en": step.told("en"),
                }
                for step in self.steps
            ],
        }

    def lines(self, language: str) -> list[str]:
        """The result as a person reads it, one line a step and the verdict last."""
        marks = {"passed": "✓", "failed": "✗", "unknown": "?", "not_reached": "–"}
        shown = [f"{marks[step.outcome]} {step.title(language)}: {step.told(language)}" for step in self.steps]
        side = 1 if language == "en" else 0
        failed = self.failed
        verdict = table()[f"verify.verdict.{self.verdict}"][side]
        return [*shown, verdict.format(step=failed.title(language) if failed else "", **self.facts)]


def verify(
    path: Path, trust: Path | None = None, *, now: datetime | None = None, recompute: Recompute | None = None
) -> Verification:
    """Check the signed report at ``path``.

    Args:
        path: the PDF; nothing in it is believed, run or fetched.
        trust: a certificate, PEM or DER, that the signer must be or be vouched for by.
        now: the day of verification, to tell that a certificate has expired since.
        recompute: computes a snapshot again from its operands and the lines attached, by digest;
            that of the snapshot's kind by default.

    Raises:
        CertificateUnreadable: ``trust`` is no certificate. Whatever is wrong with ``path`` is in the result.
    """
    trusted = trusted_certificates(trust) if trust else ()
    return _Run(lambda: read_bounded(path, MAX_FILE_BYTES), trusted, now, recompute).run()


def verify_bytes(data: bytes, *, now: datetime | None = None, recompute: Recompute | None = None) -> Verification:
    """Check a signed report held in memory, whose signer nobody here vouches for; see ``verify``."""
    return _Run(lambda: bounded(data, MAX_FILE_BYTES), (), now, recompute).run()


class _Run:
    """One verification under way; a step finds in here what the steps before it read."""

    document: Document
    embedded: Any
    at: datetime
    raw: bytes
    snapshot: dict[str, Any]
    kind: Kind
    lines: dict[str, bytes]
    digest: str
    page: str
    document_drawn: str

    def __init__(
        self,
        read: Callable[[], bytes],
        trusted: tuple[Certificate, ...],
        now: datetime | None,
        recompute: Recompute | None,
    ) -> None:
        self.read = read
        self.trusted = trusted
        self.now = now
        self.recompute = recompute
        self.facts: dict[str, str] = {}

    def run(self) -> Verification:
        """Take the steps in order until one fails."""
        done: list[Step] = []
        for name in STEPS:
            try:
                done.append(getattr(self, f"_{name}")())
            except Refused as refused:
                done.append(Step(name, "failed", refused.code, refused.params))
                break
        done += [Step(name, "not_reached") for name in STEPS[len(done) :]]
        return Verification(tuple(done), self.facts)

    def _file(self) -> Step:
        data = self.read()
        self.document = Document(data)
        return Step("file", "passed", params={"size": len(data)})

    def _signature(self) -> Step:
        found = self.document.signatures()
        if not found:
            raise Refused("signature-missing")
        if len(found) > 1:
            raise Refused("signature-several", count=len(found))
        self.embedded = found[0]
        self.at = signing_time(self.embedded)
        self.facts["signed_at"] = self.at.isoformat()
        return Step("signature", "passed", params={"at": self.at.isoformat(sep=" ", timespec="minutes")})

    def _coverage(self) -> Step:
        if not guarded("signature-unreadable", lambda: covers_all(self.document.data, self.embedded)):
            raise Refused("coverage-partial")
        return Step("coverage", "passed")

    def _integrity(self) -> Step:
        check_integrity(self.embedded, self.at)
        return Step("integrity", "passed")

    def _certificate(self) -> Step:
        found = signer(self.embedded)
        self.facts |= {"signer": found.subject, "fingerprint": found.fingerprint}
        if not found.start <= self.at <= found.end:
            raise Refused("certificate-not-valid", at=self.at.date(), start=found.start.date(), end=found.end.date())
        if self.now is not None and self.at > self.now + CLOCK_SKEW:
            raise Refused("signature-future", at=self.at.date())
        ended = self.now is not None and self.now > found.end
        return Step("certificate", "passed", "certificate_ended" if ended else "", found.shown)

    def _signer(self) -> Step:
        if not self.trusted:
            return Step("signer", "unknown")
        if not is_trusted(self.embedded, self.trusted, self.at):
            raise Refused("signer-not-trusted", fingerprint=self.facts["fingerprint"])
        return Step("signer", "passed")

    def _document(self) -> Step:
        loud = self.document.loud()
        if loud:
            raise Refused("document-active", what=loud)
        return Step("document", "passed")

    def _attachment(self) -> Step:
        attached = self.document.attachments()
        snapshots = [data for name, data in attached if name == SNAPSHOT_NAME]
        if not snapshots:
            raise Refused("attachment-missing")
        if len(snapshots) > 1:
            raise Refused("attachment-several", count=len(snapshots))
        self.raw = snapshots[0]
        self.snapshot = guarded("snapshot-unreadable", lambda: _object(self.raw))
        if guarded("snapshot-unreadable", lambda: canonical_bytes(self.snapshot)) != self.raw:
            raise Refused("snapshot-not-canonical")
        self._check_parts([(name, data) for name, data in attached if name != SNAPSHOT_NAME])
        return Step("attachment", "passed", params={"size": len(self.raw)})

    def _check_parts(self, others: list[tuple[str, bytes]]) -> None:
        """Lines stored apart must be named by the snapshot and have the digest it names."""
        parts = guarded("snapshot-unreadable", lambda: {part["sha256"] for part in self.snapshot.get("parts", ())})
        known = {PART_NAME.format(digest): digest for digest in parts}
        self.lines = {}
        for name, data in others:
            if name not in known or known[name] in self.lines:
                raise Refused("attachment-foreign", name=name)
            if sha256(data).hexdigest() != known[name]:
                raise Refused("attachment-changed", name=name)
            self.lines[known[name]] = data

    def _digest(self) -> Step:
        self.digest = sha256(self.raw).hexdigest()
        self.page = faces.squeezed(self.document.face())
        if self.digest not in self.page:
            raise Refused("digest-differs", digest=self.digest)
        self.facts["digest"] = self.digest
        return Step("digest", "passed", params={"digest": self.digest})

    def _versions(self) -> Step:
        s = self.snapshot
        kind = kinds.find(s)
        if kind is None:
            raise Refused("schema-unknown", schema=str(s.get("schema")), known=", ".join(kinds.SCHEMAS))
        self.kind = kind
        shown = guarded("snapshot-unreadable", lambda: _versions(s) | {"organisation": kind.about(s).owner})
        self.facts |= shown
        return Step("versions", "passed", params=shown)

    def _library(self) -> Step:
        """Hold cited values and method against those of this program; another version is told, it is no fault."""
        found = guarded("snapshot-unreadable", lambda: self.kind.cited(self.snapshot))
        if found.belied:
            raise Refused("library-belied", named=_some(found.belied))
        count, others = len(self.snapshot["factors"]), found.others
        if not others and found.is_method_held:
            return Step("library", "passed", params={"count": count, "method": self.facts["method"]})
        params = {"count": count, "others": len(others), "named": _some(others), "method": self.facts["method"]}
        return Step("library", "unknown", "library" if found.is_method_held else "library_and_method", params)

    def _results(self) -> Step:
        try:
            again = (self.recompute or self.kind.recompute)(self.snapshot, self.lines)
            same = canonical_bytes(again) == self.raw
        except (FactorsError, LcaError) as error:
            raise Refused("results-refused", reason=in_both(error)) from error
        except HOSTILE as error:
            raise Refused("results-refused", reason=reason(error)) from error
        if not same:
            raise Refused("results-differ", where=next(differences(self.snapshot, again), "?"))
        return Step("results", "passed")

    def _face(self) -> Step:
        self.document_drawn = guarded(
            "snapshot-unreadable", lambda: kinds.document_on(self.kind, self.snapshot, self.digest, self.page)
        )
        what = guarded("snapshot-unreadable", lambda: next(self._face_differences(), ""))
        if what:
            raise Refused("face-differs", what=what)
        total, unit = self.kind.figures(self.snapshot)[0], self.kind.UNIT
        report = kinds.number(self.kind, self.snapshot, self.digest, self.document_drawn)
        self.facts |= {"report": report, f"total_{unit.lower()}": total}
        return Step("face", "passed", params={"total": f"{total} {unit}"})

    def _face_differences(self) -> Iterator[str]:
        """Yield what the first page lacks or says otherwise."""
        kind, about = self.kind, self.kind.about(self.snapshot)
        shown, wanted = faces.figures_on(self.page, kind.UNIT), kind.figures(self.snapshot)
        if shown != wanted:
            yield f"{', '.join(shown) or '–'} ≠ {', '.join(wanted)} {kind.UNIT}"
        number = kinds.number(kind, self.snapshot, self.digest, self.document_drawn)
        for text in map(faces.squeezed, (number, self.digest, about.start, about.end)):
            if text not in self.page:
                yield text
        for alternatives in (tuple(map(faces.squeezed, about.names)), faces.claims()):
            if not any(text in self.page for text in alternatives):
                yield " | ".join(alternatives)

    def _pages(self) -> Step:
        """Draw the snapshot again; other programs and fonts draw otherwise, so a difference is a doubt, no verdict."""
        from service.reports import drawn

        language = drawn.language_of(self.page)
        try:
            wanted = drawn.again(self.snapshot, self.lines, language, self.document_drawn)
        except (ServiceError, *HOSTILE) as error:
            return Step("pages", "unknown", "pages_not_drawn", {"reason": reason(error)})
        shown = drawn.digests(self.document)
        if shown != wanted:
            pairs = enumerate(itertools.zip_longest(shown, wanted), 1)
            first = next(number for number, (one, other) in pairs if one != other)
            return Step("pages", "unknown", "pages_differ", {"page": first, "count": len(shown)})
        return Step("pages", "passed", params={"count": len(shown)})


def _object(raw: bytes) -> dict[str, Any]:
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _some(names: list[str]) -> str:
    return (", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")) or "–"


def _versions(s: Mapping[str, Any]) -> dict[str, str]:
    return {
        "engine": f"{s['engine']['name']} {s['engine']['version']}",
        "library": str(s["library"]["version"]),
        "method": f"{s['method']['id']} {s['method']['version']}",
        "schema": str(s["schema"]),
    }
