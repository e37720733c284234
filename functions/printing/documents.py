"""What callers send to and get from /v1/printing: enrolment, printers, agents, the fleet."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from functions.printing.documents_jobs import JobDocument
from functions.printing.models import Profile
from functions.printing.routing import Id
from shared.contracts.models import Input, Output, Query
from shared.contracts.stores import StoreReference


class StorePath(Query):
    """A store by its id, or `chain:store`."""

    store: StoreReference


class AgentPath(StorePath):
    """A print agent of a store."""

    agent: Id


class PrinterPath(StorePath):
    """A printer of a store, by the name that its agent knows it by."""

    printer: Id


class CodeIn(Input):
    """The store that an agent is to be enrolled for."""

    store: StoreReference


class CodeDocument(Output):
    """A one-time code, shown this once."""

    code: Annotated[str, Field(examples=["7KQ2-M4XD"])]
    chain: str
    store: str
    expires_at: datetime


class CodesQuery(Query):
    """Whose codes."""

    store: StoreReference


class CodesEnded(Output):
    """How many codes that nobody had used are good no more."""

    chain: str
    store: str
    ended: int


class EnrolmentIn(Input):
    """A code, and the key that the agent has made: 32 bytes in base64url."""

    code: Annotated[str, Field(min_length=1, max_length=32, examples=["7KQ2-M4XD"])]
    key: Annotated[str, Field(min_length=43, max_length=44)]
    name: Annotated[str, Field(min_length=1, max_length=64, examples=["till-1"])]
    agent: Annotated[str, Field(max_length=64, description="Its version.")] = ""
    protocol: Annotated[int, Field(ge=1)] = 1


class EnrolmentDocument(Output):
    """Who the agent is from now on, and its relays in the order of preference."""

    agent: str
    chain: str
    store: str
    relays: list[str]


class MachineIn(Input):
    """Which machine the agent is on: the one that is `known`, or the `new` one that came with its identity."""

    keep: Literal["known", "new"]


class AgentDocument(Output):
    """A print agent. Of a store's agents one is `printing`, the others stand by.

    `copied`: its identity is used twice, since `copied_at`. With `other_machine` the other one was refused; with
    `two_connections` neither gets a job. A person says which one is right.
    """

    id: str
    name: str
    state: Literal["online", "offline", "never_seen", "revoked"]
    printing: bool
    enrolled_at: datetime
    seen_at: datetime | None
    version: str
    platform: str
    copied: Literal["other_machine", "two_connections"] | None = None
    copied_at: datetime | None = None


class AgentPage(Output):
    """A store's agents in the order of their enrolment, the revoked too."""

    chain: str
    store: str
    agents: list[AgentDocument]


class PrinterProfile(Profile):
    """A printer's profile as callers know it: what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class PrinterIn(Input):
    """What a printer can do, and where its jobs go when it cannot print."""

    profile: PrinterProfile
    backup: Id | None = None


class PrinterState(Output):
    """A printer as its agent told it last; `state` is null before the first word.

    `can_print`: it can, as far as anybody knows, and its agent is on line. `open_jobs` wait for it or are at its agent.
    """

    id: str
    can_print: bool
    state: str | None
    paper: str | None
    cover: str | None
    error: str | None
    proof: str | None
    trouble: Annotated[str | None, Field(description="`other_printer`: another one answers at its address.")] = None
    said_at: datetime | None
    changed_at: datetime | None
    open_jobs: int
    oldest_at: datetime | None


class PrinterDocument(PrinterState):
    """The same with its settings."""

    profile: PrinterProfile
    backup: str | None


class PrinterPage(Output):
    """A store's printers; `revision` is that of how the store prints, for If-Match."""

    chain: str
    store: str
    revision: int
    printers: list[PrinterDocument]


class FleetQuery(Query):
    """A chain, of which the key sees what it has `printing:read` for."""

    chain: Id
    cursor: Annotated[Id | None, Field(description="`next` of the page before: a store of the chain.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class FleetStore(Output):
    """A store that prints. `can_print`: at least one of its printers can. `jobs`: the newest that wait for a person.

    `orders_planned` are for later and print when their kitchen begins. `late_uploads` are tickets of the last 24 hours
    that were not printed, since their sale was over when it reached us.
    """

    chain: str
    store: str
    name: str
    can_print: bool
    agents: list[AgentDocument]
    printers: list[PrinterState]
    jobs_for_person: int
    jobs: list[JobDocument]
    orders_planned: int
    late_uploads: int


class FleetPage(Output):
    """Stores by id, as they stand `at`; `next` is the cursor of the page after this one."""

    at: datetime
    stores: list[FleetStore]
    next: str | None
