"""Addresses of this service that are handed to somebody: they begin with the one under which it is reached."""

from __future__ import annotations

import flask

from service.http import house


def invitation_link(token: str) -> str:
    """Return where an invitation is taken up."""
    return house().settings.base_url + flask.url_for("people.invitation", token=token)
