"""Tags are computed in bulk: one statement reads the facts of many members, one statement writes changed values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from functions.members.calculator.chain_rules import Rules, rules_cache, rules_of
from functions.members.calculator.facts_in_message import facts_of_message
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
        unknown = {message.data.member for message in messages if not message.data.facts}
        newest: dict[str, MemberPurchased] = {}
        for data in sorted((message.data for message in messages if message.data.facts), key=_revision):
            newest[data.member] = data
        if unknown:
            calculate_tag(env, tag, unknown)
        calculate_from_messages(env, tag, [data for member, data in newest.items() if member not in unknown])

    return entry.batch(MemberPurchased, calculate_for_buyers)


def _revision(data: MemberPurchased) -> int:
    return data.facts.revision if data.facts else 0


def calculate_from_messages(env: Environment, tag: Tag, purchases: Sequence[MemberPurchased]) -> None:
    """Compute a tag from the facts that messages carry, one message a member. A tag that stays needs no statement.

    A tag is not written if its facts have changed since. The message about that change computes it again.
    """
    members = [_member_of(data, tag) for data in purchases]
    chains = {chain: rules_cache.get(env, chain) for chain in {member.chain for member in members}}
    rules = {chain: known for chain, known in chains.items() if known}
    if len(rules) < len(chains):
        with env.db.statements() as statements:
            rules |= {chain: rules_of(env, statements, chain) for chain in chains if chain not in rules}
    now = env.clock()
    changed = _changed(Calculator(rules.__getitem__, now, [tag]), members)
    if changed:
        with env.db.statements() as statements:
            upsert_tags(statements, changed, now)


def _member_of(data: MemberPurchased, tag: Tag) -> MemberFacts:
    assert data.facts is not None  # the caller has sorted them out
    stored = data.facts.tags.get(tag.name)
    stored_tag = StoredTag(stored.value, stored.version, stored.expires_at) if stored else NO_TAG
    return MemberFacts(data.member, data.chain, data.facts.revision, facts_of_message(data.facts), stored_tag)


def _changed(calculator: "Calculator", members: Iterable[MemberFacts]) -> list[ComputedTag]:
    """The tags that differ from the stored tag of their member."""
    return [tag for member in members for tag in calculator.compute(member) if differs(tag, member.tag)]


def calculate_tag(env: Environment, tag: Tag, member_ids: Iterable[str]) -> set[str]:
    """Compute a tag of these members. Returns the members that are active.

    No row is locked between the two statements: a tag is not written if its facts have changed in between.
    """
    now = env.clock()
    with env.db.statements() as transaction:
        members = read_facts_with_tag(transaction, tag.name, tag.needs, sorted(member_ids))
        calculator = Calculator(partial(rules_of, env, transaction), now, [tag])
        upsert_tags(transaction, _changed(calculator, members), now)
    return {member.member_id for member in members}


def calculate_tags(
    env: Environment, transaction: Transaction, members: Sequence[MemberFacts], tags: Sequence[Tag], now: datetime
) -> int:
    """Compute several tags of members whose facts have all parts. Returns the number of tags to write."""
    if not members:
        return 0
    stored = read_stored_tags(transaction, [member.member_id for member in members], [tag.name for tag in tags])
    calculator = Calculator(partial(rules_of, env, transaction), now, tags)
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

    def __init__(self, rules_of_chain: Callable[[str], Rules], now: datetime, tags: Sequence[Tag]) -> None:
        self._rules_of_chain, self._now, self._tags = rules_of_chain, now, tags
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
            rules = self._rules_of_chain(chain)
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
