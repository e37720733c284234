"""Tags are computed in bulk: one statement reads the facts of many members, one statement writes changed values."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from functions.members.calculator.chain_rules import Rules, rules_of
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.tables.facts import MemberFacts, read_facts_with_tag
from functions.members.tables.tags import NO_TAG, ComputedTag, StoredTag, read_stored_tags, upsert_tags
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberPurchased
from shared.spine import entry
from shared.spine.db import Transaction
from shared.spine.entry import Handler
from shared.spine.env import Environment

NO_VALUE = Value("", {})


def tag_handler(tag: Tag) -> Handler:
    """The handler of the tag's own Lambda function."""

    def calculate_for_buyers(messages: Sequence[Message[MemberPurchased]], env: Environment) -> None:
        calculate_tag(env, tag, {message.data.member for message in messages})

    return entry.batch(MemberPurchased, calculate_for_buyers)


def calculate_tag(env: Environment, tag: Tag, member_ids: Iterable[str]) -> set[str]:
    """Compute a tag of these members. Returns the members that are active.

    No row is locked between the two statements: a tag is not written if its facts have changed in between.
    """
    now = env.clock()
    with env.db.statements() as transaction:
        members = read_facts_with_tag(transaction, tag.name, tag.needs, sorted(member_ids))
        calculator = Calculator(env, transaction, now, [tag])
        computed = (
            computed for member in members for computed in calculator.compute(member) if differs(computed, member.tag)
        )
        upsert_tags(transaction, list(computed), now)
    return {member.member_id for member in members}


def calculate_tags(
    env: Environment, transaction: Transaction, members: Sequence[MemberFacts], tags: Sequence[Tag], now: datetime
) -> int:
    """Compute several tags of members whose facts have all parts. Returns the number of tags to write."""
    if not members:
        return 0
    stored = read_stored_tags(transaction, [member.member_id for member in members], [tag.name for tag in tags])
    calculator = Calculator(env, transaction, now, tags)
    computed_tags = (computed for member in members for computed in calculator.compute(member))
    changed = [
        computed
        for computed in computed_tags
        if differs(computed, stored.get((computed.member_id, computed.tag), NO_TAG))
    ]
    upsert_tags(transaction, changed, now)
    return len(changed)


class ChainTags(NamedTuple):
    """The rules of a chain, its day, and its thresholds by tag."""

    rules: Rules
    today: Today
    tags: list[tuple[Tag, Thresholds]]


class Calculator:
    """Computes tags of members of several chains, each by the rules of its chain."""

    def __init__(self, env: Environment, transaction: Transaction, now: datetime, tags: Sequence[Tag]) -> None:
        self._env, self._transaction, self._now = env, transaction, now
        self._tags = tags
        self._chains: dict[str, ChainTags] = {}

    def compute(self, member: MemberFacts) -> Iterator[ComputedTag]:
        """Every tag of a member."""
        rules, today, tags = self._chain(member.chain)
        for tag, thresholds in tags:
            value, _, changes_on = tag.value(member.facts, thresholds, today) or NO_VALUE
            expires_at = rules.begin_of(changes_on) if changes_on else None
            yield ComputedTag(member.member_id, tag.name, value, tag.version, member.revision, expires_at)

    def _chain(self, chain: str) -> ChainTags:
        if chain not in self._chains:
            rules = rules_of(self._env, self._transaction, chain)
            tags = [(tag, rules.of(tag)) for tag in self._tags]
            self._chains[chain] = ChainTags(rules, rules.today(self._now), tags)
        return self._chains[chain]


def differs(computed: ComputedTag, stored: StoredTag) -> bool:
    """Whether a tag must be written. A tag without a value needs no row."""
    if not computed.value and not stored.value:
        return False
    return (computed.value, computed.version, computed.expires_at) != stored


def reasons(
    env: Environment, transaction: Transaction, member: MemberFacts, tags: Sequence[Tag]
) -> dict[str, dict[str, object]]:
    """The facts behind each tag today, by tag. They are not stored, because tags are written more often than read."""
    rules = rules_of(env, transaction, member.chain)
    today = rules.today(env.clock())
    values = {tag.name: tag.value(member.facts, rules.of(tag), today) for tag in tags}
    return {name: dict(value.why) if value else {} for name, value in values.items()}
