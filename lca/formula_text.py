"""Formulas of unit processes as text: openLCA's syntax, read into a Python expression and worked out.

openLCA writes ``if(a=1; b^2; max(c; d))``: names in any case, ``;`` between arguments, ``=`` and ``<>`` to compare,
``^`` from left to right (``2^3^2`` = 64), a sign before it (``-2^2`` = 4), ``log`` to the base of ten. ``**`` and ``,``
of Brightway's formulas are taken as well, ``**`` as Python reads it. Nothing else is: no attribute, index, text or call
but of ``FUNCTIONS``. All numbers are floats and every formula is short, so none can run long.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from asteval import Interpreter

from lca.battery import service_years, total_energy_kwh
from lca.carbon_balance import uptake_kgco2
from lca.errors import LcaError
from lca.vehicle import refrigerant_lost_kg, replacements

__all__ = ["CONSTANTS", "FUNCTIONS", "Formula", "FormulaText", "NoNumber", "folded", "formula", "shown", "worked_out"]

LONGEST = 4_000  # characters
DEEPEST = 150  # operations inside one another; a sum of 150 terms is as deep
SHOWN = 120  # characters of a formula in a message
MOST_BRACKETS = 40  # brackets inside one another

CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi, "e": math.e, "true": 1.0, "false": 0.0})


class FormulaText(Exception):
    """A formula that cannot be read; ``at`` is the text where reading stopped."""

    def __init__(self, at: str) -> None:
        self.at = at
        super().__init__(at)


class NoNumber(Exception):
    """A formula that gives no finite number: a division by zero, the root of a negative number, an overflow."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as a Python expression: variables in folded case, functions in capitals."""

    text: str
    node: ast.expr
    names: frozenset[str]

    @property
    def python(self) -> str:
        """Return the expression as Python writes it."""
        return ast.unparse(self.node)


def shown(text: str) -> str:
    """Return a formula as a message shows it: as much of it as a person looks for."""
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"


def folded(name: str) -> str:
    """Return a name as it is looked up: openLCA knows no capitals."""
    return name.strip().casefold()


@lru_cache(maxsize=512)
def formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaText: it is no formula, or longer or deeper than any that a person wrote.
    """
    if len(text) > LONGEST:
        raise FormulaText(text[:20] + " …")
    reader = _Reader(text)
    node = reader.whole()
    if _depth(node) > DEEPEST:
        raise FormulaText(text[:20] + " …")
    return Formula(text, node, frozenset(reader.names))


def worked_out(one: Formula, values: Mapping[str, float]) -> float:
    """Return the number that a formula gives with ``values`` by folded name; all its names are among them.

    Raises:
        NoNumber: the result is no finite number.
    """
    interpreter = Interpreter(
        symtable={**_CALLED, **{name: values[name] for name in one.names}},
        minimal=True,
        use_numpy=False,
        config={"ifexp": True},
    )
    try:
        result = float(interpreter.run(one.node, expr=one.text))
    except (ArithmeticError, ValueError, TypeError, RuntimeError, LcaError) as error:
        raise NoNumber from error
    if not math.isfinite(result):
        raise NoNumber
    return result


# --- functions -----------------------------------------------------------------------------------


def _rounded(x: float) -> float:
    return float(math.floor(x + 0.5))


def _whole(x: float) -> float:
    return float(math.trunc(x))


def _mean(*numbers: float) -> float:
    return math.fsum(numbers) / len(numbers)


def _sum(*numbers: float) -> float:
    return math.fsum(numbers)


def _divided(x: float, y: float) -> float:
    """Divide whole numbers, without a remainder."""
    return _whole(_rounded(x) / _rounded(y))


_ANY = -1
FUNCTIONS: Mapping[str, tuple[int, Callable[..., float]]] = MappingProxyType(
    {
        # name in a formula -> (number of arguments, what is worked out)
        "abs": (1, abs),
        "acos": (1, math.acos),
        "arccos": (1, math.acos),
        "arcsin": (1, math.asin),
        "arctan": (1, math.atan),
        "asin": (1, math.asin),
        "atan": (1, math.atan),
        "avg": (_ANY, _mean),
        "ceil": (1, lambda x: float(math.ceil(x))),
        "cos": (1, math.cos),
        "cosh": (1, math.cosh),
        "cot": (1, lambda x: 1 / math.tan(x)),
        "cotan": (1, lambda x: 1 / math.tan(x)),
        "exp": (1, math.exp),
        "floor": (1, lambda x: float(math.floor(x))),
        "frac": (1, lambda x: x - _whole(x)),
        "int": (1, _whole),
        "ipower": (2, lambda x, y: math.pow(x, _whole(y))),
        "lg": (1, math.log10),
        "ln": (1, math.log),
        "log": (1, math.log10),
        "max": (_ANY, lambda *numbers: max(numbers)),
        "mean": (_ANY, _mean),
        "min": (_ANY, lambda *numbers: min(numbers)),
        "pow": (2, math.pow),
        "power": (2, math.pow),
        "round": (1, _rounded),
        "sin": (1, math.sin),
        "sinh": (1, math.sinh),
        "sqr": (1, lambda x: x * x),
        "sqrt": (1, math.sqrt),
        "sum": (_ANY, _sum),
        "tan": (1, math.tan),
        "tanh": (1, math.tanh),
        "trunc": (1, _whole),
        # of the field, so that a model need not write them out
        "delivered_kwh": (3, total_energy_kwh),
        "refrigerant_lost": (4, refrigerant_lost_kg),
        "replacements": (2, lambda lifetime, interval: float(replacements(lifetime, interval))),
        "service_years": (3, service_years),
        "uptake": (1, uptake_kgco2),
    }
)
_CHOICES = frozenset({"if", "iif", "iff"})
_CALLED: Mapping[str, Callable[..., float]] = MappingProxyType(
    # Capitals, because variables stand in folded case: a variable called 'sum' and the function do not meet.
    {name.upper(): call for name, (_, call) in FUNCTIONS.items()} | {"DIV": _divided, "MOD": math.fmod}
)

# --- reading -------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|<=|>=|<>|!=|==|&&|\|\||[-+*/^<>=&|();,]))"
)
_WORDS = frozenset({"div", "mod", "xor", "and", "or"})
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"|", "||", "or"}),
    frozenset({"xor"}),
    frozenset({"&", "&&", "and"}),
    frozenset({"<", "<=", "=", "==", "!=", "<>", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "div", "mod"}),
    frozenset({"^"}),
)
_ARITHMETIC: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
_COMPARED: Mapping[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    "=": ast.Eq,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<>": ast.NotEq,
    ">": ast.Gt,
    ">=": ast.GtE,
}


def _is_plain(match: re.Match[str]) -> bool:
    """Tell whether a name is one to Python as well, and a number has no digits of other scripts."""
    return match["name"].isidentifier() if match["name"] else match[0].isascii() or not match["number"]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None or not _is_plain(match):
            raise FormulaText(text[position : position + 20].strip())
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Reader:
    """Reads tokens by the precedence of their signs into one expression."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0
        self.brackets = 0
        self.names: set[str] = set()

    def whole(self) -> ast.expr:
        node = self.operation(0)
        if self.position < len(self.tokens):
            raise self.stopped()
        return node

    def stopped(self) -> FormulaText:
        rest = " ".join(text for _, text in self.tokens[self.position : self.position + 4])
        return FormulaText(rest or "…")

    def sign(self) -> str:
        """Return the sign or word that stands next where an operation may stand."""
        kind, text = self.tokens[self.position] if self.position < len(self.tokens) else ("", "")
        word = folded(text)
        return text if kind == "sign" else word if kind == "name" and word in _WORDS else ""

    def operation(self, level: int) -> ast.expr:
        """Read operations of one level and of all that bind closer, from left to right."""
        if level == len(_LEVELS):
            return self.signed()
        node = self.operation(level + 1)
        while (sign := self.sign()) in _LEVELS[level]:
            self.position += 1
            node = _joined(sign, node, self.operation(level + 1))
        return node

    def signed(self) -> ast.expr:
        """Read a number, a name, a call or a bracket, with signs before it and a power of Python's behind it."""
        negative = False
        while self.sign() in ("-", "+"):
            negative ^= self.sign() == "-"
            self.position += 1
        node = self.element()
        if self.sign() == "**":
            self.position += 1
            node = _called("POWER", node, self.deeper(self.signed))
        return ast.UnaryOp(ast.USub(), node) if negative else node

    def element(self) -> ast.expr:
        kind, text = self.tokens[self.position] if self.position < len(self.tokens) else ("", "")
        if kind == "number":
            return self.number(text)
        if kind == "name":
            self.position += 1
            return self.call(folded(text)) if self.sign() == "(" else self.variable(folded(text))
        if text != "(":
            raise self.stopped()
        self.position += 1
        node = self.deeper(lambda: self.operation(0))
        self.expect(")")
        return node

    def number(self, text: str) -> ast.expr:
        value = float(text)
        if not math.isfinite(value):
            raise self.stopped()
        self.position += 1
        return ast.Constant(value)

    def variable(self, name: str) -> ast.expr:
        self.names.add(name)
        return ast.Name(name, ast.Load())

    def call(self, name: str) -> ast.expr:
        start = self.position - 1
        arguments = self.arguments()
        node = _function(name, arguments)
        if node is None:
            self.position = start
            raise self.stopped()
        return node

    def arguments(self) -> list[ast.expr]:
        self.expect("(")
        found: list[ast.expr] = []
        if self.sign() != ")":
            found.append(self.deeper(lambda: self.operation(0)))
            while self.sign() in (";", ","):
                self.position += 1
                found.append(self.deeper(lambda: self.operation(0)))
        self.expect(")")
        return found

    def expect(self, sign: str) -> None:
        if self.sign() != sign:
            raise self.stopped()
        self.position += 1

    def deeper(self, read: Callable[[], ast.expr]) -> ast.expr:
        self.brackets += 1
        if self.brackets > MOST_BRACKETS:
            raise self.stopped()
        node = read()
        self.brackets -= 1
        return node


def _called(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _joined(sign: str, left: ast.expr, right: ast.expr) -> ast.expr:
    if sign in _ARITHMETIC:
        return ast.BinOp(left, _ARITHMETIC[sign](), right)
    if sign in _COMPARED:
        return ast.Compare(left, [_COMPARED[sign]()], [right])
    if sign == "^":
        return _called("POWER", left, right)
    if sign in ("div", "mod"):
        return _called(sign.upper(), left, right)
    return _logical(sign, [left, right])


def _logical(word: str, parts: list[ast.expr]) -> ast.expr:
    if word == "xor":
        return ast.Compare(_inverse(parts[0]), [ast.NotEq()], [_inverse(parts[1])])
    return ast.BoolOp(ast.And() if word in ("&", "&&", "and") else ast.Or(), parts)


def _inverse(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), node)


def _function(name: str, arguments: list[ast.expr]) -> ast.expr | None:
    """Return the call of a listed function with as many arguments as it takes, else None."""
    if name in _CHOICES:
        return ast.IfExp(*arguments) if len(arguments) == 3 else None
    if name in ("and", "or"):
        return _logical(name, arguments) if len(arguments) >= 2 else None
    if name == "not":
        return _inverse(arguments[0]) if len(arguments) == 1 else None
    if name in CONSTANTS:
        return None if arguments else ast.Constant(CONSTANTS[name])
    taken, _ = FUNCTIONS.get(name, (None, None))
    if taken is None or (len(arguments) != taken and not (taken == _ANY and arguments)):
        return None
    return _called(name.upper(), *arguments)


def _depth(node: ast.expr) -> int:
    """Return how many operations stand inside one another, without recursion."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(one) if isinstance(child, ast.expr)]
    return deepest
