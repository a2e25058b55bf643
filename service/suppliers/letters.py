"""What is written to suppliers, in the language that the buyer chose: a request for a footprint, and a reminder."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from service import db, i18n
from service.accounts.models import Organisation
from service.i18n import N_, gettext
from service.mail import Mail
from service.suppliers import requests
from service.suppliers.models import FootprintRequest, Purchase, Supplier

ASKED = N_("%(buyer)s asks for the carbon footprint of %(product)s")
ASKED_TEXT = N_(
    "%(buyer)s asks you for the carbon footprint of %(product)s, per %(unit)s, by %(method)s, until %(deadline)s.\n\n"
    "Answer at this address; no account is needed, and it is good for this request alone:\n%(link)s\n\n%(note)s"
)
REMINDED = N_("A reminder: %(buyer)s asks for the carbon footprint of %(product)s")


def letter(session: Session, row: FootprintRequest, link: str, *, is_reminder: bool) -> tuple[str, str, str]:
    """Return whom to write to, the subject and the text; '' for whom where the supplier has no address."""
    query = select(Purchase, Supplier, Organisation).join(Supplier, col(Supplier.id) == Purchase.supplier_id)
    query = query.join(Organisation, col(Organisation.id) == Purchase.organisation_id)
    bought, seller, buyer = session.exec(query.where(Purchase.id == row.purchase_id)).one()
    with i18n.speaking(row.language):
        said = {
            "buyer": _name(buyer.name_zh, buyer.name_en, row.language),
            "product": _name(bought.name_zh, bought.name_en, row.language),
            "unit": row.unit,
            "method": row.method,
            "deadline": row.deadline.strftime("%Y-%m-%d"),
            "link": link,
            "note": row.note,
        }
        subject = gettext(REMINDED if is_reminder else ASKED, **said)
        return seller.email, subject, gettext(ASKED_TEXT, **said).strip()


def remind_due(database: db.Database, mail: Mail, key: str, base_url: str, now: datetime) -> int:
    """Remind every supplier whose time has come, once each; return how many were. Without mail nobody is.

    A reminder is written down before it is sent: one that is lost is better than one sent over and over.
    """
    if not mail.is_on:
        return 0
    with database.session(write=False) as session:
        if not requests.due(session, now):
            return 0
    letters = []
    with database.session(write=True) as session:
        for row in requests.due(session, now):
            link = address(base_url, requests.token_of(row, key))
            letters.append(letter(session, row, link, is_reminder=True))
            requests.note_reminded(session, row, now)
    sent = [mail.send(*one) for one in letters if one[0]]
    return len(sent)


def address(base_url: str, token: str) -> str:
    """Return the address at which a request is answered."""
    return f"{base_url.rstrip('/')}/answer/{token}"


def token_in(link: str) -> str:
    """Return the secret of such an address, or of its last part."""
    return link.rstrip("/").rpartition("/")[2].partition("?")[0]


def _name(zh: str, en: str, language: str) -> str:
    return (zh or en) if language == "zh" else (en or zh)
