"""What is written to people: an invitation, and the address at which a forgotten password is set anew."""

from __future__ import annotations

from service.i18n import N_, gettext
from service.mail import Mail

INVITED = N_("An invitation to Tanji 碳迹")
INVITED_TEXT = N_(
    "%(organisation)s invites you to Tanji 碳迹.\n\nTake the invitation up within seven days at\n%(link)s\n\n"
    "If you do not know of this, leave it."
)
FORGOTTEN = N_("Another password for Tanji 碳迹")
FORGOTTEN_TEXT = N_(
    "Somebody asked for another password for this address.\n\nSet it within an hour at\n%(link)s\n\n"
    "If it was not you, leave it: nothing changes."
)


def invitation(mail: Mail, to: str, organisation: str, link: str) -> None:
    """Send an invitation."""
    mail.send(to, gettext(INVITED), gettext(INVITED_TEXT, organisation=organisation, link=link))


def forgotten(mail: Mail, to: str, link: str) -> None:
    """Send the address at which another password is set."""
    mail.send(to, gettext(FORGOTTEN), gettext(FORGOTTEN_TEXT, link=link))
