"""The expression of a segment, such as `tier = gold AND lapsed AND city != Shenzhen`: parsed and evaluated.

    or := and (OR and)*

    and := not (AND not)*

    not := NOT not | ( or ) | condition

    condition := tag = value | tag != value | tag IN ( value, ... ) | tag NOT IN ( value, ... ) | value

A word has letters, digits and `_ . : -`. A word in double quotes can have any character; `""` is one quote. A value
alone is a condition on the only tag with that value. A member without the tag matches neither `=` nor `!=`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import NoReturn

from shared.spine.errors import Rejected

LONGEST = 1_000
DEEPEST = 20
KEYWORDS = ("AND", "OR", "NOT", "IN")
_TOKEN = re.compile(r'\s*(?:(?P<sign>!=|[=(),])|"(?P<quoted>(?:[^"]|"")*)"|(?P<word>[^\W]+[\w.:-]*))')


@dataclass(frozen=True)
class Condition:
    """The tag has one of the values, or with `negated` a value that is not among them."""

    tag: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Both:
    """All parts match."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Either:
    """At least one part matches."""

    parts: tuple["Expression", ...]


Expression = Condition | Both | Either
Token = tuple[str, str]


def parse(text: str, vocabulary: Mapping[str, Sequence[str]]) -> Expression:
    """The expression. `vocabulary` has the values of each tag, none if they are not fixed. Raises `Rejected`."""
    if len(text) > LONGEST:
        raise Rejected("segment_malformed", f"A segment has at most {LONGEST} characters.")
    parser = _Parser(_tokens(text), vocabulary)
    expression = parser.either(negated=False, depth=0)
    parser.end()
    return expression


def conditions_of(expression: Expression) -> list[Condition]:
    """All conditions of an expression."""
    if isinstance(expression, Condition):
        return [expression]
    return [condition for part in expression.parts for condition in conditions_of(part)]


def evaluate(expression: Expression, members: Callable[[Condition], int]) -> int:
    """The bitmap of the matching members. `members` gives the bitmap of one condition."""
    if isinstance(expression, Condition):
        return members(expression)
    bitmaps = [evaluate(part, members) for part in expression.parts]
    return reduce(and_ if isinstance(expression, Both) else or_, bitmaps)


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            _refuse_character(text, position)
        position = match.end()
        tokens.append(_token(match))
    return [*tokens, ("end", "")]


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or ""
    word = match[kind].replace('""', '"')
    if kind == "word" and word.upper() in KEYWORDS:
        return word.upper(), ""
    return (word, "") if kind == "sign" else ("word", word)


def _refuse_character(text: str, position: int) -> NoReturn:
    sign = text[position:].lstrip()[:1]
    fault = "is not closed" if sign == '"' else "cannot begin a word"
    _refuse(f"Character {position + 1}: {sign!r} {fault}.")


class _Parser:
    """A recursive descent parser that moves NOT down to the conditions."""

    def __init__(self, tokens: list[Token], vocabulary: Mapping[str, Sequence[str]]) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary

    def either(self, *, negated: bool, depth: int) -> Expression:
        return self._several("OR", self._both, negated=negated, depth=depth)

    def _both(self, *, negated: bool, depth: int) -> Expression:
        return self._several("AND", self._inverted, negated=negated, depth=depth)

    def _several(self, word: str, part: Callable[..., Expression], *, negated: bool, depth: int) -> Expression:
        parts = [part(negated=negated, depth=depth)]
        while self._accepts(word):
            parts.append(part(negated=negated, depth=depth))
        if len(parts) == 1:
            return parts[0]
        return Both(tuple(parts)) if (word == "AND") != negated else Either(tuple(parts))

    def _inverted(self, *, negated: bool, depth: int) -> Expression:
        if depth > DEEPEST:
            _refuse(f"NOT and parentheses are nested more than {DEEPEST} levels deep.")
        if self._accepts("NOT"):
            return self._inverted(negated=not negated, depth=depth + 1)
        if self._accepts("("):
            expression = self.either(negated=negated, depth=depth + 1)
            self._expect(")")
            return expression
        return self._condition(negated=negated)

    def _condition(self, *, negated: bool) -> Expression:
        word = self._word()
        if self._accepts("="):
            return self._checked(word, [self._word()], negated=negated)
        if self._accepts("!="):
            return self._checked(word, [self._word()], negated=not negated)
        if self._accepts("NOT"):
            self._expect("IN")
            return self._checked(word, self._list(), negated=not negated)
        if self._accepts("IN"):
            return self._checked(word, self._list(), negated=negated)
        return Condition(self._tag_of(word), (word,), negated)

    def _tag_of(self, value: str) -> str:
        """The only tag with this value."""
        tags = [tag for tag, values in self._vocabulary.items() if value in values]
        if not tags:
            _refuse(f"No tag has the value {value!r}.")
        if len(tags) > 1:
            conditions = " or ".join(f"{tag} = {value}" for tag in tags)
            _refuse(f"{value!r} alone is a value of {' and '.join(tags)}: write {conditions}.")
        return tags[0]

    def _checked(self, tag: str, values: list[str], *, negated: bool) -> Condition:
        if tag not in self._vocabulary:
            _refuse(f"There is no tag {tag!r}.")
        possible = self._vocabulary[tag]
        for value in values:
            if possible and value not in possible:
                _refuse(f"{tag} is one of {', '.join(possible)}, never {value!r}.")
        return Condition(tag, tuple(values), negated)

    def _list(self) -> list[str]:
        self._expect("(")
        words = [self._word()]
        while self._accepts(","):
            words.append(self._word())
        self._expect(")")
        return words

    def _word(self) -> str:
        kind, word = self._tokens[0]
        if kind != "word":
            _refuse(f"Expected a tag or a value instead of {_name_of(self._tokens[0])}.")
        self._tokens.pop(0)
        return word

    def _accepts(self, kind: str) -> bool:
        if self._tokens[0][0] != kind:
            return False
        self._tokens.pop(0)
        return True

    def _expect(self, kind: str) -> None:
        if not self._accepts(kind):
            _refuse(f"Expected {_name_of((kind, ''))} instead of {_name_of(self._tokens[0])}.")

    def end(self) -> None:
        """Raises `Rejected` if tokens follow the expression."""
        self._expect("end")


def _name_of(token: Token) -> str:
    kind, word = token
    return "the end" if kind == "end" else repr(word or kind)


def _refuse(detail: str) -> NoReturn:
    raise Rejected("segment_malformed", detail)
