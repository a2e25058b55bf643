"""Languages: what is said to a person is said in Chinese or in English, on pages and on the command line alike.

Messages in code are English templates; ``translations/zh_Hans`` holds the Chinese. ``python -m
service.translations update`` collects messages and compiles, without ``update`` it only writes the ``.mo``
files that a start reads.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from factors.errors import listed
from lca.flaws import Flaw, Flaws

LANGUAGES = ("zh_Hans", "en")
TRANSLATIONS = Path(__file__).parent / "translations"
DOMAIN = "messages"

_language: ContextVar[str] = ContextVar("language", default="en")


def N_(message: str) -> str:  # noqa: N802  gettext's own name for "mark, do not translate yet"
    """Mark ``message`` for translation without translating it here."""
    return message


class Text(str):
    """A sentence in English that still knows its template, so that it can be told in another language."""

    __slots__ = ("params", "template")

    template: str
    params: Mapping[str, object]

    def __new__(cls, template: str, **params: object) -> Text:
        """Fill ``template`` with ``params``; both are kept."""
        self = super().__new__(cls, template % params)
        self.template = template
        self.params = params
        return self


def normalise(language: str) -> str:
    """Return the language that serves a wish such as ``zh``, ``zh-CN`` or ``en_GB``.

    Raises:
        ValueError: neither Chinese nor English.
    """
    main = language.strip().replace("-", "_").split("_")[0].lower()
    if main == "zh":
        return "zh_Hans"
    if main == "en":
        return "en"
    raise ValueError(language)


def language() -> str:
    """Return the language in use: ``zh_Hans`` or ``en``."""
    return _language.get()


def short_language() -> str:
    """Return the language in use as records, charts and reports call it: ``zh`` or ``en``."""
    return "zh" if language() == "zh_Hans" else "en"


def by_language(zh: str, en: str) -> str:
    """Return the text in the language in use, the other one where there is none."""
    return (zh or en) if short_language() == "zh" else (en or zh)


def set_language(name: str) -> None:
    """Speak ``name`` from here on in this thread or request."""
    _language.set(normalise(name))


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak ``name`` inside the block."""
    token = _language.set(normalise(name))
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(name: str) -> _gettext.NullTranslations:
    # English is what the code says; a missing Chinese catalogue is a broken installation and must show.
    if name == "en":
        return _gettext.NullTranslations()
    return _gettext.translation(DOMAIN, TRANSLATIONS, [name])


def gettext(message: str, **params: object) -> str:
    """Return ``message`` in the language in use, with ``params`` filled in when there are any."""
    translated = _catalogue(language()).gettext(message) if message else ""
    return translated % params if params else translated


def tell(value: object) -> str:
    """Return ``value`` as a sentence in the language in use.

    A ``Text`` is translated by its template; an error of any room, and a flaw of a snapshot, by its ``message``
    and ``params``; any other string is looked up as it stands.
    """
    if isinstance(value, Text):
        return gettext(value.template) % _told(value.params)
    if isinstance(value, Flaw):
        said = gettext(value.message) % value.params
        return f"{value.where}: {said}" if value.where else said
    message: Any = getattr(value, "message", None)
    if isinstance(value, Exception) and isinstance(message, str):
        params: Mapping[str, object] = getattr(value, "params", {})
        return gettext(message) % _told(params)
    return gettext(str(value))


def _told(params: Mapping[str, object]) -> dict[str, object]:
    return {key: _told_one(value) for key, value in params.items()}


def _told_one(value: object) -> object:
    if isinstance(value, Flaws):
        return listed(map(tell, value))
    return tell(value) if isinstance(value, Text) else value
