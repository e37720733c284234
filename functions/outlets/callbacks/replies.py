"""Written words of an outlet → a fixed and safe reply. A person reads all other texts."""

from datetime import datetime, timedelta

from functions.outlets.asking.commands import Word, command_of
from functions.outlets.asking.requests import asked
from functions.outlets.channels.contract import Card, Written
from functions.outlets.queueing.targets import ALERT, REPLY, TALK
from functions.outlets.rules.settings import Rules, rules_of
from functions.outlets.tables.chats import Chat, read_chats_at
from functions.outlets.tables.message_checks import read_kind_count
from functions.outlets.tables.messages import ChatMessage, insert_messages
from functions.outlets.tables.people import read_on_call
from functions.outlets.tables.robots import StoredRobot
from functions.outlets.tables.settings import read_chain, read_outlet
from functions.outlets.text.cards import stored_card
from functions.outlets.text.words import say
from shared.contracts.ids import first_id, new_id
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.outbox import Work

MOST_TEXT = 300
# A chat gets so many replies in any minute. Two robots that answer each other must not use up a window.
MOST_REPLIES, REPLIES_WITHIN = 10, timedelta(minutes=1)


def answer_written(env: Environment, work: Work, robot: StoredRobot, event: Written, now: datetime) -> None:
    """Reply to an outlet's own chat. Words of a chat that is no outlet's get no reply, and those of a flood neither."""
    chats = read_chats_at(work, robot.key, event.chat)
    if not chats or _is_flood(work, chats[0], now):
        return
    chat, text = chats[0], event.text.strip()[:MOST_TEXT]
    card = _card(env, work, chats, event, text)
    if card:
        _reply(work, robot, chat, card, now)
        return
    language = _rules(work, chat).language
    _reply(work, robot, chat, Card(say(language, "passed_on"), language=language), now)
    _pass_on(work, robot, chat, event.person, text, now)


def _is_flood(work: Work, chat: Chat, now: datetime) -> bool:
    if read_kind_count(work, chat.store, chat.address, REPLY, first_id(now - REPLIES_WITHIN)) < MOST_REPLIES:
        return False
    log.logger().warning("a chat writes too much to be answered", extra={"robot": chat.robot, "store": chat.store})
    return True


def _card(env: Environment, work: Work, chats: list[Chat], event: Written, text: str) -> Card | None:
    """The fixed reply to a command. In a chat that several outlets share, a person finds out which one is meant."""
    command = command_of(text)
    rules = _rules(work, chats[0])
    if command is None:
        return None
    if command.word is Word.HELP:
        return Card(say(rules.language, "help"), language=rules.language)
    if len(chats) > 1:
        return None
    return asked(work, env.keyring(), chats[0].store, rules, command, event.person, env.clock())


def _rules(work: Work, chat: Chat) -> Rules:
    outlet = read_outlet(work, chat.store)
    chain = read_chain(work, chat.store.partition(":")[0])
    return rules_of(chain.settings if chain else None, outlet.settings if outlet else None)


def _reply(work: Work, robot: StoredRobot, chat: Chat, card: Card, now: datetime) -> None:
    insert_messages(work, [_message(robot.chain, chat, card, REPLY, new_id(now), 0, now)])


def _pass_on(work: Work, robot: StoredRobot, chat: Chat, person: str, text: str, now: datetime) -> None:
    """A person of the chain reads what the outlet wrote, as text that no program follows."""
    source = new_id(now)
    card = Card(f"{chat.store} · {person[:60]}: {text}")
    people = read_on_call(work, robot.chain, chat.store, ("head_office", "operations"), now.date())
    targets = [Chat(chat.store, place, one.robot, one.address) for place, one in enumerate(people)]
    insert_messages(work, [_message(robot.chain, target, card, ALERT, source, 1, now) for target in targets])


def _message(chain: str, chat: Chat, card: Card, kind: str, source: str, step: int, now: datetime) -> ChatMessage:
    return ChatMessage(
        id=new_id(now),
        chain=chain,
        store=chat.store,
        kind=kind,
        source=source,
        step=step,
        place=chat.place,
        robot=chat.robot,
        address=chat.address,
        language=card.language,
        due_at=now,
        priority=TALK,
        card=stored_card(card),
    )
