"""/v1/sync/systems/{system}/codes/{kind}: our codes in those of an outside system."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.sync.resources.access import READ, AsciiKey, ChainQuery, SystemPath, locked_system, system_of
from functions.sync.states import Cause
from functions.sync.tables.codes import delete_codes, read_codes_page, upsert_codes
from functions.sync.tables.replays import update_replayed
from shared.contracts.models import Input, Output
from shared.spine.http import Call, Reply

MOST_CODES = 1_000
MOST_REPLAYED = 100_000
Ours = Annotated[str, StringConstraints(min_length=1, max_length=130, pattern="^[!-~]+$")]
Theirs = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class CodesPath(SystemPath):
    """The codes of one kind."""

    kind: Literal["stores", "items", "tenders", "taxes", "units", "tax_classes", "categories"]


class CodesQuery(ChainQuery):
    """A page of codes: those after the code `after`."""

    after: AsciiKey = ""
    limit: Annotated[int, Field(ge=1, le=MOST_CODES)] = 500


class CodesIn(Input):
    """Codes to store: theirs by ours. null deletes a code. An item with a size is `item/size`, or `item` for all."""

    codes: Annotated[dict[Ours, Theirs | None], Field(min_length=1, max_length=MOST_CODES)]


class CodesDocument(Output):
    """Codes of one kind: theirs by ours. `next` continues the list. `replayed` documents waited for a code."""

    codes: dict[str, str]
    next: str | None = None
    replayed: int = 0


def get_codes(call: Call, path: CodesPath, query: CodesQuery) -> Reply:
    """Read codes by key."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        codes = read_codes_page(transaction, system.key, path.kind, query.after, query.limit)
    following = max(codes) if len(codes) == query.limit else None
    return Reply(CodesDocument(codes=codes, next=following))


def put_codes(call: Call, path: CodesPath, query: ChainQuery, body: CodesIn) -> Reply:
    """Store codes. Other codes stay. Documents that waited for a code are sent."""
    with call.once() as (work, stored):
        system = locked_system(call, work, query.chain, path.system)
        codes = {code: target_code for code, target_code in body.codes.items() if target_code is not None}
        upsert_codes(work, system.key, path.kind, codes)
        delete_codes(
            work, system.key, path.kind, [code for code, target_code in body.codes.items() if target_code is None]
        )
        replayed = update_replayed(work, system.key, call.env.clock(), MOST_REPLAYED, cause=Cause.MAPPING)
        stored.reply = CodesDocument(codes=codes, replayed=replayed).model_dump_json()
    return Reply(stored.reply)
