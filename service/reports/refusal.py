"""Why a step of the verification failed: a stable code, the values its sentence names, and what hostile files raise."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from service.i18n import speaking, tell


class Refused(Exception):  # a verdict on a file, not a fault of the program
    """One step found what does not fit."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


# What parsers of PDF, ASN.1 and JSON raise on made-up input: their own errors derive from these, and
# a recursion or a size without bound ends in the last four. Anything else is a fault of ours.
HOSTILE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    ArithmeticError,
    OSError,
    EOFError,
    zlib.error,
    struct.error,
    RecursionError,
    MemoryError,
)

REASON_SHOWN = 160


def reason(error: BaseException) -> str:
    """One line of what a parser said, short enough to print."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text[:REASON_SHOWN]


def in_both(error: BaseException) -> Mapping[str, str]:
    """What an error of our own says, in Chinese and in English, each short enough to print."""
    with speaking("zh"):
        told = " ".join(tell(error).split())
    return {"zh": told[:REASON_SHOWN], "en": reason(error)}
