"""A formula of the snapshot as a formula of a spreadsheet: the same sum, with cells in place of symbols."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lca.formulas.base import ACTIVITY

Record = Mapping[str, Any]

TOKEN = re.compile(r"\s*(?:([^\W\d]\w*)|([0-9]+(?:\.[0-9]+)?)|([+×−/()]))")
SIGNS = {"×": "*", "−": "-"}


def expression_of(record: Record, gas: str) -> str:
    """Return the sum of ``gas`` in a valuation: ``AD × NCV × CC × OF × 44/12``; '' when it states none.

    A valuation writes all its sums in one line, ``CO2 = …; N2O = …``, or one sum that holds for every gas.
    """
    for part in str(record["expression"]).split("; "):
        name, equals, text = part.partition(" = ")
        if not equals:
            return part
        if name == gas:
            return text
    return ""


def operand_of(operands: Sequence[Record], symbol: str, gas: str) -> Record | None:
    """Return the operand that ``symbol`` stands for; of one value per gas (``factor.CO2``), that of ``gas``."""
    named = [operand for operand in operands if operand["symbol"] == symbol]
    own = [operand for operand in named if operand["key"].partition(".")[2] == gas]
    shared = [operand for operand in named if "." not in operand["key"]]
    return next(iter(own or shared), None)


def spreadsheet(expression: str, amount: str, cells: Mapping[str, str]) -> str | None:
    """Write ``expression`` with cells for its symbols: ``F2*Operands!H3*44/12``.

    Args:
        expression: symbols, numbers and + − × / ( ) only.
        amount: what stands for the activity data.
        cells: symbol -> cell.

    Returns:
        The formula without its equals sign; ``None`` when a symbol has no cell.
    """
    out: list[str] = []
    position = 0
    while position < len(expression):
        token = TOKEN.match(expression, position)
        if token is None:
            return None
        position = token.end()
        symbol, number, sign = token.groups()
        if symbol:
            cell = amount if symbol == ACTIVITY else cells.get(symbol)
            if cell is None:
                return None
            out.append(cell)
        else:
            out.append(number or SIGNS.get(sign, sign))
    return "".join(out)


def symbols(expression: str) -> list[str]:
    """The symbols of an expression other than the activity data, each once."""
    found = (match.group(1) for match in TOKEN.finditer(expression))
    return list(dict.fromkeys(symbol for symbol in found if symbol and symbol != ACTIVITY))
