"""Collects the messages of the code and the templates, keeps the ``.po`` files and compiles them to ``.mo``.

A message is what stands in ``N_()``, ``_()`` or ``gettext()``. English is what the code says; its catalogue stays
empty and only shows a translator what there is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from service.i18n import DOMAIN, LANGUAGES, TRANSLATIONS

ROOT = Path(__file__).parents[2]
ROOMS = ("factors", "lca", "service")
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"N_": None, "_": None, "gettext": None}
WIDTH = 120


def collected() -> Catalog:
    """Return a catalogue of every message there is now."""
    found = Catalog(project="tanji", charset="utf-8")
    for room in ROOMS:
        for file, line, message, comments, context in extract_from_dir(ROOT / room, METHODS, keywords=KEYWORDS):
            place = (f"{room}/{file}", line)
            if message:
                found.add(message, locations=[place], auto_comments=comments, context=context)
    return found


def path_of(language: str, suffix: str = ".po") -> Path:
    """Return where the catalogue of ``language`` stands."""
    return TRANSLATIONS / language / "LC_MESSAGES" / f"{DOMAIN}{suffix}"


def read(language: str) -> Catalog:
    """Return the catalogue of ``language`` as it is kept, an empty one if there is none."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def update() -> None:
    """Take new messages into every catalogue and drop those that nobody says any more."""
    template = collected()
    for language in LANGUAGES:
        kept = read(language)
        kept.update(template, no_fuzzy_matching=True)
        kept.obsolete.clear()
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(_written(kept))


def _written(catalogue: Catalog) -> bytes:
    # Files without line numbers: a catalogue changes when a message does, not when code moves. No header but the
    # character set: the times in it would change with every update.
    written = io.BytesIO()
    write_po(written, catalogue, width=WIDTH, sort_output=True, omit_header=True, include_lineno=False)
    header = b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return header + written.getvalue()


def compile_all() -> None:
    """Write the ``.mo`` of every catalogue that is newer than it."""
    for language in LANGUAGES:
        source, target = path_of(language), path_of(language, ".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        written = io.BytesIO()
        write_mo(written, read(language))
        # Renamed into place: several processes may start at once.
        temporary = target.with_suffix(f".{id(written)}.tmp")
        temporary.write_bytes(written.getvalue())
        temporary.replace(target)


def problems() -> Iterator[str]:
    """Yield what is out of date: messages not collected, no longer said, or without their Chinese."""
    template = collected()
    said = {message.id for message in template if message.id}
    for language in LANGUAGES:
        kept = {message.id: message for message in read(language) if message.id}
        yield from (f"{language}: not collected: {_text(key)}" for key in sorted(said - set(kept), key=_text))
        yield from (f"{language}: no longer said: {_text(key)}" for key in sorted(set(kept) - said, key=_text))
        if language != "en":
            yield from (f"{language}: {problem}" for message in kept.values() for problem in _problems_of(message))


def _problems_of(message: Message) -> Iterator[str]:
    if not message.string or message.fuzzy:
        yield f"no translation: {_text(message.id)}"
    for error in message.check():
        yield f"{error}: {_text(message.id)}"


def _text(key: object) -> str:
    return key if isinstance(key, str) else str(key)
