"""Logs: one JSON object a line on the standard error stream, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog

# Names whose values never reach a log, wherever they stand.
SECRET = re.compile(r"pass(word|wd|phrase)?|secret|token|authori[sz]ation|cookie|api_?key|signing_key", re.IGNORECASE)
# Up to the last '@' of the line: a password may hold '/', '@' and blanks. Rather too much is hidden than too little.
URL_PASSWORD = re.compile(r"(?P<start>\w://[^:/\s]*:).+@")
# As libpq and the query of an address have it.
NAMED_PASSWORD = re.compile(r"(?P<start>\b\w*passw(?:or)?d=)('[^']*'|[^\s&]+)", re.IGNORECASE)
HIDDEN = "***"


def hidden(value: Any) -> Any:
    """Return ``value`` with secrets blotted out: by the names of keys, and passwords inside addresses."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(str(key)) else hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(inner) for inner in value]
    if isinstance(value, str) and ("@" in value or "=" in value):  # without either no pattern fits
        return NAMED_PASSWORD.sub(rf"\g<start>{HIDDEN}", URL_PASSWORD.sub(rf"\g<start>{HIDDEN}@", value))
    return value


@lru_cache(1024)
def _is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def _hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return dict(hidden(event))


class _StandardError(logging.Handler):
    """Writes to whatever the standard error stream is at the time, not to what it was at start."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


def configure(level: str) -> None:
    """Write logs of ``level`` and above; messages of the libraries take the same form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _hide,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Alembic tells at every look at the database that it looked.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def get(name: str) -> Any:
    """Return the logger of a module."""
    return structlog.stdlib.get_logger(name)
