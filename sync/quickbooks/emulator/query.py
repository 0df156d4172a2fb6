"""The query language: SELECT ... FROM ... WHERE ... ORDERBY ... STARTPOSITION ... MAXRESULTS."""

import re

from msgspec import Struct

from sync.quickbooks.emulator import errors

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<symbol><=|>=|[=<>(),*])|(?P<word>[^\s=<>(),*']+))"
)
_OPERATORS = frozenset({"=", "<", ">", "<=", ">=", "IN", "LIKE"})
_CLAUSES = frozenset({"WHERE", "ORDERBY", "ORDER", "STARTPOSITION", "MAXRESULTS"})
MOST_RESULTS = 1000


class Condition(Struct, frozen=True):
    """One comparison; all of a query must hold."""

    name: str
    operator: str
    values: tuple[str, ...]


class Query(Struct, frozen=True):
    """A parsed statement."""

    entity: str
    count: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """(property, descending)."""
    start: int = 1
    most: int = 100


class Token(Struct, frozen=True):
    """A word, symbol or quoted text, with the column it starts at."""

    text: str
    column: int
    quoted: bool = False

    @property
    def upper(self) -> str:
        """Return the word as keywords are compared."""
        return "" if self.quoted else self.text.upper()


def parse(statement: str) -> Query:
    """Return the query; refuse what cannot be parsed (4000) or a bad paging value (4001)."""
    return _Parser(_tokens(statement)).query()


def _tokens(statement: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while statement[position:].strip():
        match = _TOKEN.match(statement, position)
        if match is None:
            rest = statement[position:].strip()
            raise errors.query_syntax(rest[:20], position + 1, "<STRING_LITERAL>")
        kind = match.lastgroup or ""
        text = match.group(kind)
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        tokens.append(Token(text, match.start(kind) + 1, quoted=kind == "text"))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens, one clause after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def query(self) -> Query:
        self._keyword("SELECT")
        count = self._selection()
        self._keyword("FROM")
        entity = self._word("<IDENTIFIER>")
        conditions = self._conditions()
        order = self._order()
        paging = {"STARTPOSITION": 1, "MAXRESULTS": 100}
        while self._peek().upper in paging:
            clause = self._take().upper
            paging[clause] = self._whole(clause)
        if self._peek().text:
            raise self._unexpected("<EOF>")
        return Query(
            entity, count, conditions, order, paging["STARTPOSITION"], paging["MAXRESULTS"]
        )

    def _selection(self) -> bool:
        if self._peek().upper == "COUNT":
            self._take()
            for symbol in "(*)":
                self._keyword(symbol)
            return True
        if self._peek().text == "*":
            self._take()
            return False
        self._word("<IDENTIFIER>")
        while self._peek().text == ",":
            self._take()
            self._word("<IDENTIFIER>")
        return False

    def _conditions(self) -> tuple[Condition, ...]:
        if self._peek().upper != "WHERE":
            return ()
        self._take()
        found = [self._condition()]
        while self._peek().upper == "AND":
            self._take()
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        name = self._word("<IDENTIFIER>")
        operator = self._peek().upper
        if operator not in _OPERATORS:
            raise self._unexpected('"="')
        self._take()
        if operator != "IN":
            return Condition(name, operator, (self._value(),))
        self._keyword("(")
        values = [self._value()]
        while self._peek().text == ",":
            self._take()
            values.append(self._value())
        self._keyword(")")
        return Condition(name, operator, tuple(values))

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._peek().upper == "ORDER":
            self._take()
            self._keyword("BY")
        elif self._peek().upper == "ORDERBY":
            self._take()
        else:
            return ()
        found = [self._ordering()]
        while self._peek().text == ",":
            self._take()
            found.append(self._ordering())
        return tuple(found)

    def _ordering(self) -> tuple[str, bool]:
        name = self._word("<IDENTIFIER>")
        descending = self._peek().upper == "DESC"
        if self._peek().upper in ("ASC", "DESC"):
            self._take()
        return name, descending

    def _value(self) -> str:
        token = self._peek()
        word = bool(token.text) and token.text not in "=<>(),*" and token.upper not in _CLAUSES
        if token.quoted or word:
            return self._take().text
        raise self._unexpected("<STRING_LITERAL>")

    def _whole(self, clause: str) -> int:
        token = self._peek()
        text = self._value()
        if not text.lstrip("-").isdigit():
            raise errors.query_syntax(text, token.column, "<INTEGER_LITERAL>")
        least = 1 if clause == "STARTPOSITION" else 0
        if int(text) < least:
            raise errors.query_invalid(f"value {text} is too small. Min allowed value is {least}.")
        return min(int(text), MOST_RESULTS) if clause == "MAXRESULTS" else int(text)

    def _word(self, expected: str) -> str:
        token = self._peek()
        if token.quoted or not re.match(r"[A-Za-z][\w.]*\Z", token.text):
            raise self._unexpected(expected)
        if token.upper in ("NULL", "FROM", "WHERE", "SELECT"):
            raise self._unexpected(expected)
        return self._take().text

    def _keyword(self, wanted: str) -> None:
        if self._peek().upper != wanted:
            raise self._unexpected(f'"{wanted}"')
        self._take()

    def _peek(self) -> Token:
        if self._next < len(self._tokens):
            return self._tokens[self._next]
        last = self._tokens[-1] if self._tokens else Token("", 1)
        return Token("", last.column + len(last.text))

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _unexpected(self, expected: str) -> errors.Refusal:
        token = self._peek()
        return errors.query_syntax(token.text or "<EOF>", token.column, expected)
