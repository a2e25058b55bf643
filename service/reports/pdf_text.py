"""The visible text of one page, read from its content stream in the order in which it was drawn.

Enough of PDF for the pages this service writes (composite fonts with a ToUnicode map, text operators,
coordinate transforms); text that a reader would not see is left out: invisible, minute or off the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import String

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
MAX_OPERATORS = 200_000
MAX_DEPTH = 64
INVISIBLE = 3  # text rendering mode: neither fill nor stroke
SMALLEST = 3.0  # points; smaller than any type a person reads
SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")


@dataclass(slots=True)
class _State:
    """What the graphics state says about text."""

    transform: Matrix = IDENTITY
    font: str = ""
    size: float = 0.0
    mode: int = 0


@dataclass(slots=True)
class _Reader:
    """Follows a content stream operator by operator."""

    fonts: dict[str, dict[bytes, str]]
    box: tuple[float, float, float, float]
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    line: Matrix = IDENTITY
    said: list[str] = field(default_factory=list)

    def read(self, operator: str, args: Sequence[Any]) -> None:
        """Apply one operator."""
        handler = getattr(self, HANDLERS.get(operator, ""), None)
        if handler is not None:
            handler(args)

    def save(self, _: Sequence[Any]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise ValueError("graphics states nested too deeply")
        current = self.state
        self.stack.append(_State(current.transform, current.font, current.size, current.mode))

    def restore(self, _: Sequence[Any]) -> None:
        if self.stack:
            self.state = self.stack.pop()

    def concatenate(self, args: Sequence[Any]) -> None:
        self.state.transform = _product(_matrix(args), self.state.transform)

    def begin_text(self, _: Sequence[Any]) -> None:
        self.line = IDENTITY

    def set_font(self, args: Sequence[Any]) -> None:
        self.state.font, self.state.size = str(args[0]), float(args[1])

    def set_mode(self, args: Sequence[Any]) -> None:
        self.state.mode = int(args[0])

    def set_line(self, args: Sequence[Any]) -> None:
        self.line = _matrix(args)

    def move(self, args: Sequence[Any]) -> None:
        self.line = _product((1.0, 0.0, 0.0, 1.0, float(args[0]), float(args[1])), self.line)

    def show(self, args: Sequence[Any]) -> None:
        self._say([args[-1]])

    def show_all(self, args: Sequence[Any]) -> None:
        self._say([item for item in args[0] if isinstance(item, String)])

    def _say(self, strings: Sequence[Any]) -> None:
        if not self._visible():
            return
        known = self.fonts.get(self.state.font, {})
        for string in strings:
            raw = bytes(string)
            self.said.extend(known.get(raw[i : i + 2], "\N{REPLACEMENT CHARACTER}") for i in range(0, len(raw), 2))
        self.said.append(" ")

    def _visible(self) -> bool:
        a, b, c, d, x, y = _product(self.line, self.state.transform)
        height = abs(self.state.size) * max((c * c + d * d) ** 0.5, (a * a + b * b) ** 0.5)
        left, bottom, right, top = self.box
        return self.state.mode != INVISIBLE and height >= SMALLEST and left <= x <= right and bottom <= y <= top


HANDLERS = {
    "q": "save",
    "Q": "restore",
    "cm": "concatenate",
    "BT": "begin_text",
    "Tf": "set_font",
    "Tr": "set_mode",
    "Tm": "set_line",
    "Td": "move",
    "TD": "move",
    "Tj": "show",
    "'": "show",
    '"': "show",
    "TJ": "show_all",
}


def text_of(page: Any) -> str:
    """Return the visible text of ``page``, a dictionary as pyHanko reads it.

    Raises:
        ValueError: more operators than a page of a report can have, or nonsense among them.
    """
    box = tuple(float(edge) for edge in page["/MediaBox"])
    if len(box) != 4:  # left, bottom, right, top
        raise ValueError("a page box has four edges")
    known = page["/Resources"]["/Font"]
    fonts = {str(name): _unicode(known[name]) for name in known}
    reader = _Reader(fonts, (box[0], box[1], box[2], box[3]))
    with pikepdf.new() as scratch:
        instructions = pikepdf.parse_content_stream(pikepdf.Stream(scratch, page["/Contents"].data))
        if len(instructions) > MAX_OPERATORS:
            raise ValueError("more operators than a page of a report has")
        for instruction in instructions:
            reader.read(str(instruction.operator), list(instruction.operands))
    return "".join(reader.said)


def _matrix(args: Sequence[Any]) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in args[:6])
    return (a, b, c, d, e, f)


def _product(m: Matrix, n: Matrix) -> Matrix:
    """The transform that does ``m`` first and ``n`` after it."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def _unicode(font: Any) -> dict[bytes, str]:
    """Read a font's ToUnicode map: two-byte code to text."""
    found: dict[bytes, str] = {}
    for kind, body in SECTION.findall(font["/ToUnicode"].data):
        words = [_bytes(match.group(1)) for match in TOKEN.finditer(body) if match.group(1) is not None]
        if kind == b"bfchar":
            found |= {code: _text(value) for code, value in zip(words[::2], words[1::2], strict=False)}
        else:
            for first, last, value in zip(words[::3], words[1::3], words[2::3], strict=False):
                found |= _range(first, last, value)
    return found


def _range(first: bytes, last: bytes, value: bytes) -> dict[bytes, str]:
    start, stop = int.from_bytes(first, "big"), int.from_bytes(last, "big")
    if not 0 <= stop - start <= 0xFFFF:  # a code has two bytes
        raise ValueError("a character range without end")
    base = int.from_bytes(value, "big")
    return {
        (start + step).to_bytes(2, "big"): _text((base + step).to_bytes(len(value) or 2, "big"))
        for step in range(stop - start + 1)
    }


def _bytes(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode("ascii"))


def _text(value: bytes) -> str:
    return value.decode("utf-16-be", errors="replace")
