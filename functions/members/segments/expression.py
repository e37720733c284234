"""Segments as text, such as `tier = gold AND lapsed AND city != Shenzhen`, and what they come to.

    or    := and (OR and)*          and := not (AND not)*        not := NOT not | ( or ) | condition
    condition  := tag = value | tag != value | tag IN ( value, ... ) | tag NOT IN ( value, ... ) | value

Words are letters, digits and `_ . : -`, or anything in double quotes, where two stand for one. A value alone is the one
tag that can have it. A member without a value of the tag matches neither `=` nor `!=`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from shared.spine.errors import Rejected

LONGEST = 1_000
DEEPEST = 20
KEYWORDS = ("AND", "OR", "NOT", "IN")
_TOKEN = re.compile(r'\s*(?:(?P<sign>!=|[=(),])|"(?P<quoted>(?:[^"]|"")*)"|(?P<word>[^\W]+[\w.:-]*))')


@dataclass(frozen=True)
class Condition:
    """The tag has, or with `negated` has another than, one of the values."""

    tag: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Both:
    """Every part matches."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Either:
    """Any part matches."""

    parts: tuple["Expression", ...]


Expression = Condition | Both | Either
Token = tuple[str, str]


def parse(text: str, vocabulary: Mapping[str, Sequence[str]]) -> Expression:
    """The expression; `vocabulary` has the values of each tag, none where any word may be one. Raises `Rejected`."""
    if len(text) > LONGEST:
        raise Rejected("segment_malformed", f"a segment has at most {LONGEST} characters")
    parser = _Parser(_tokens(text), vocabulary)
    found = parser.either(negated=False, depth=0)
    parser.end()
    return found


def conditions_of(expression: Expression) -> list[Condition]:
    """Every condition in it."""
    if isinstance(expression, Condition):
        return [expression]
    return [condition for part in expression.parts for condition in conditions_of(part)]


def evaluate(expression: Expression, members: Callable[[Condition], int]) -> int:
    """The bitmap of the members that match, from those of single conditions."""
    if isinstance(expression, Condition):
        return members(expression)
    first, *rest = (evaluate(part, members) for part in expression.parts)
    for found in rest:
        first = first & found if isinstance(expression, Both) else first | found
    return first


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            sign = text[at:].lstrip()[:1]
            wrong = "is not closed" if sign == '"' else "begins nothing"
            _refuse(f"character {at + 1}: {sign!r} {wrong}")
        at = token.end()
        kind = token.lastgroup or ""
        word = token[kind].replace('""', '"')
        is_keyword = kind == "word" and word.upper() in KEYWORDS
        found.append((word.upper(), "") if is_keyword else (word, "") if kind == "sign" else ("word", word))
    return [*found, ("end", "")]


class _Parser:
    """Recursive descent; NOT is carried down to the conditions."""

    def __init__(self, tokens: list[Token], vocabulary: Mapping[str, Sequence[str]]) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary

    def either(self, *, negated: bool, depth: int) -> Expression:
        return self._several("OR", self._both, negated=negated, depth=depth)

    def _both(self, *, negated: bool, depth: int) -> Expression:
        return self._several("AND", self._inverted, negated=negated, depth=depth)

    def _several(self, word: str, part: Callable[..., Expression], *, negated: bool, depth: int) -> Expression:
        parts = [part(negated=negated, depth=depth)]
        while self._taken(word):
            parts.append(part(negated=negated, depth=depth))
        if len(parts) == 1:
            return parts[0]
        return Both(tuple(parts)) if (word == "AND") != negated else Either(tuple(parts))

    def _inverted(self, *, negated: bool, depth: int) -> Expression:
        if depth > DEEPEST:
            _refuse("it is nested too deeply")
        if self._taken("NOT"):
            return self._inverted(negated=not negated, depth=depth + 1)
        if self._taken("("):
            found = self.either(negated=negated, depth=depth + 1)
            self._need(")")
            return found
        return self._condition(negated=negated)

    def _condition(self, *, negated: bool) -> Expression:
        word = self._word()
        if self._taken("="):
            return self._checked(word, [self._word()], negated=negated)
        if self._taken("!="):
            return self._checked(word, [self._word()], negated=not negated)
        if self._taken("NOT"):
            self._need("IN")
            return self._checked(word, self._list(), negated=not negated)
        if self._taken("IN"):
            return self._checked(word, self._list(), negated=negated)
        tags = [tag for tag, values in self._vocabulary.items() if word in values]
        if not tags:
            _refuse(f"{word!r} alone is a value of no tag")
        if len(tags) > 1:
            wanted = " or ".join(f"{tag} = {word}" for tag in tags)
            _refuse(f"{word!r} alone is a value of {' and '.join(tags)}: write {wanted}")
        return Condition(tags[0], (word,), negated)

    def _checked(self, tag: str, values: list[str], *, negated: bool) -> Condition:
        if tag not in self._vocabulary:
            _refuse(f"there is no tag {tag!r}")
        known = self._vocabulary[tag]
        for value in values:
            if known and value not in known:
                _refuse(f"{tag} is one of {', '.join(known)}, never {value!r}")
        return Condition(tag, tuple(values), negated)

    def _list(self) -> list[str]:
        self._need("(")
        found = [self._word()]
        while self._taken(","):
            found.append(self._word())
        self._need(")")
        return found

    def _word(self) -> str:
        kind, word = self._tokens[0]
        if kind != "word":
            _refuse(f"a tag or value is wanted where {kind!r} is")
        self._tokens.pop(0)
        return word

    def _taken(self, kind: str) -> bool:
        if self._tokens[0][0] != kind:
            return False
        self._tokens.pop(0)
        return True

    def _need(self, kind: str) -> None:
        if not self._taken(kind):
            _refuse(f"{kind!r} is wanted where {self._tokens[0][0]!r} is")

    def end(self) -> None:
        """Raises `Rejected` where something is left."""
        self._need("end")


def _refuse(detail: str) -> NoReturn:
    raise Rejected("segment_malformed", detail)
