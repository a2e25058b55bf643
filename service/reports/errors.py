"""What can go wrong between a snapshot and a verified report."""

from __future__ import annotations

from service.errors import N_, ServiceError


class ReportError(ServiceError):
    """Root of everything this feature raises."""

    code = "report-error"
    message = N_("the report cannot be made")


class LanguageUnknown(ReportError):
    """A language no report is written in."""

    code = "report-language-unknown"
    message = N_("no report in language '%(language)s'; known: %(known)s")


class SnapshotUnreadable(ReportError):
    """A snapshot of another schema, or none at all."""

    code = "snapshot-unreadable"
    message = N_("not a snapshot that a report can be made of: %(reason)s")


class DocumentUnknown(ReportError):
    """A document that reports of this kind do not have."""

    code = "report-document-unknown"
    message = N_("there is no document '%(document)s' of this; there are: %(known)s")


class FaceTooLong(ReportError):
    """Names or particulars too long for the first page."""

    code = "report-face-too-long"
    message = N_(
        "the first page of %(number)s does not hold its number and digest: shorten the names of product, maker or "
        "unit, or write it in one language"
    )


class ModulesNotStated(ReportError):
    """A statement by modules of a study whose method knows none."""

    code = "report-modules-not-stated"
    message = N_("a statement by modules needs a footprint by method %(wanted)s; this one follows %(method)s")


class FontMissing(ReportError):
    """The font with Chinese characters is not installed."""

    code = "font-missing"
    message = N_(
        "no font with Chinese characters found at any of: %(paths)s; install the Debian package fonts-noto-cjk"
    )
    status = 500


class KeyUnusable(ReportError):
    """The signing key cannot be read or does not fit its certificate."""

    code = "signing-key-unusable"
    message = N_("the signing key at %(path)s cannot be used: %(reason)s")
    status = 500


class CertificateExpired(ReportError):
    """The signing certificate is not valid on the day of signing."""

    code = "signing-certificate-expired"
    message = N_("the signing certificate is valid from %(start)s to %(end)s, not on %(on)s; provide a valid one")
    status = 500


class CertificateUnreadable(ReportError):
    """The certificate given as trusted cannot be read."""

    code = "certificate-unreadable"
    message = N_("the certificate at %(path)s cannot be read as PEM or DER: %(reason)s")
