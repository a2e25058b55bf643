"""Addresses of this service that are handed to somebody: they begin with the one under which it is reached."""

from __future__ import annotations

import flask

from service import db, i18n, mail
from service.accounts import letters
from service.accounts.models import Invitation, Organisation
from service.http import house


def hand_over(row: Invitation, inviting: Organisation, token: str) -> str:
    """Send whoever is invited the address for it; return it instead where no mail is sent."""
    link = house().settings.base_url + flask.url_for("people.invitation", token=token, language=None)
    post, language = house().mail, i18n.language()
    if not post.is_on:
        return link
    to, name = row.email, inviting.name_zh or inviting.name_en

    def send() -> None:
        with i18n.speaking(language):
            letters.invitation(post, to, name, link)

    db.after_commit(db.session(), lambda: mail.soon(send))
    return ""
