"""A page of jobs ends after as many rows as were read, however few of them match."""

import pytest

from functions.printing.tables import fleet
from tests.functions.printing.conftest import Hand, Office, Relay


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    agent = relay.agent(store)
    agent.arrive()
    return agent


def test_a_page_ends_after_so_many_jobs_and_the_next_goes_on(
    office: Office, relay: Relay, store: str, agent: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = sorted(relay.printed(store) for _ in range(5))
    agent.end(jobs[0])
    monkeypatch.setattr(fleet, "READ_PER_PAGE", 2)  # a thousand jobs would take the test minutes
    ids, cursor, pages = [], "", 0
    while pages < 5:
        page = office("GET", f"/stores/{store}/jobs?state=printed{cursor}").json
        ids += [job["id"] for job in page["jobs"]]
        pages += 1
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (ids, pages) == ([jobs[0]], 3)
