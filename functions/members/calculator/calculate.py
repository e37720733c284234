"""How tags are made: facts of many members in one statement, pure code, what changed in one statement."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from functions.members import store as sql
from functions.members.calculator.chain_rules import Rules, rules_of
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberPurchased
from shared.spine import entry
from shared.spine.db import Row, Transaction
from shared.spine.entry import Handler
from shared.spine.env import Environment

NO_VALUE = Value("", {})
NO_ROW = {"value": None, "version": None, "moves_at": None}


class Written(NamedTuple):
    """A tag of a member as it is to be; an empty value is none."""

    member: str
    tag: str
    value: str
    version: int
    revision: int
    moves_at: str | None


def function(tag: Tag) -> Handler:
    """The handler of a tag's own function."""

    def tell(messages: Sequence[Message[MemberPurchased]], env: Environment) -> None:
        refresh(env, tag, {message.data.member for message in messages})

    return entry.batch(MemberPurchased, tell)


def refresh(env: Environment, tag: Tag, members: Iterable[str]) -> set[str]:
    """Make a tag of these members anew; those who can have tags.

    No row is locked between the two statements: what was made of facts that have changed meanwhile is not written.
    """
    now = env.clock()
    with env.db.statements() as transaction:
        rows = sql.pull(transaction, tag, sorted(members))
        maker = Maker(env, transaction, now, [tag])
        written = [found for row in rows for found in maker.made(row) if differs(found, row)]
        sql.write_tags(transaction, written, now)
    return {row["id"] for row in rows}


class Maker:
    """Makes tags of rows that hold facts, as one chain's rules after another say."""

    def __init__(self, env: Environment, transaction: Transaction, now: datetime, tags: Sequence[Tag]) -> None:
        self._env, self._transaction, self._now = env, transaction, now
        self._tags = tags
        self._by_chain: dict[str, tuple[Rules, Today, list[tuple[Tag, Thresholds]]]] = {}

    def made(self, row: Row) -> list[Written]:
        """Every tag, from a row with facts."""
        rules, today, tags = self._rules(row["chain_id"])
        facts, found = Facts(row), []
        for tag, thresholds in tags:
            value, _, moves_on = tag.value(facts, thresholds, today) or NO_VALUE
            moves_at = rules.begin_of(moves_on) if moves_on else None
            found.append(Written(row["id"], tag.name, value, tag.version, row["revision"], moves_at))
        return found

    def _rules(self, chain: str) -> tuple[Rules, Today, list[tuple[Tag, Thresholds]]]:
        if chain not in self._by_chain:
            rules = rules_of(self._env, self._transaction, chain)
            self._by_chain[chain] = rules, rules.today(self._now), [(tag, rules.of(tag)) for tag in self._tags]
        return self._by_chain[chain]


def differs(made: Written, kept: Row) -> bool:
    """Whether a tag must be written; where there is no row, none need be made of no value."""
    if not made.value and not kept["value"]:
        return False
    return (made.value, made.version, made.moves_at) != (kept["value"], kept["version"], kept["moves_at"])


def make_all(
    env: Environment, transaction: Transaction, rows: Sequence[Row], tags: Sequence[Tag], now: datetime
) -> int:
    """Make several tags of the members in rows that hold all facts; how many tags were written."""
    if not rows:
        return 0
    kept = sql.read_kept(transaction, [row["id"] for row in rows], [tag.name for tag in tags])
    maker = Maker(env, transaction, now, tags)
    made = (found for row in rows for found in maker.made(row))
    written = [found for found in made if differs(found, kept.get((found.member, found.tag), NO_ROW))]
    sql.write_tags(transaction, written, now)
    return len(written)
