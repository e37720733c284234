"""The words of an outside system become what the ledger holds."""

from functions.sync.adapters.contract import Accepted, InDoubt, Refused
from functions.sync.states import Cause


def test_words_that_no_table_holds_become_those_that_it_holds() -> None:
    refused = Refused(Cause.DATA, "\u00e9\n" + "x" * 99, "a\ud800b\x00c")
    assert (refused.reason, refused.detail) == ("??" + "x" * 62, "abc")
    accepted = Accepted("\udfff" + "1" * 200, "n\x00")
    assert (accepted.id, accepted.number) == ("1" * 128, "n")
    failed = InDoubt("\u00e9", "\ud800")
    assert (failed.reason, failed.detail) == ("?", "")
