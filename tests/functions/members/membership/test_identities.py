"""An identity is stored encrypted, and looked up by a keyed hash."""

import pytest

from functions.members.membership.enrolment import lock_member
from functions.members.membership.identities import lookup_hashes, set_identity
from functions.members.tables.identities import read_identity_owner
from shared.spine.errors import Conflict
from tests.support.members import ANNA, CHAIN, Town, bought

KEY = "k" * 43 + "="


def test_a_phone_is_found_by_an_hmac_and_kept_encrypted(town: Town) -> None:
    bought(town, "anna", 0)
    bought(town, "ben", 0)
    with town.env.outbox.work("members") as work:
        set_identity(work, [KEY], lock_member(work, CHAIN, "anna"), "phone", "+15550100")
    [(lookup, encrypted)] = town.run("SELECT lookup, encrypted FROM member_identities")
    assert b"5550100" not in lookup + encrypted
    newer = "m" * 43 + "="
    with town.env.db.transaction() as transaction:
        assert read_identity_owner(transaction, lookup_hashes([newer, KEY], CHAIN, "phone", "+15550100")) == ANNA
        assert read_identity_owner(transaction, lookup_hashes([newer, KEY], "other", "phone", "+15550100")) is None
        assert read_identity_owner(transaction, lookup_hashes([newer], CHAIN, "phone", "+15550100")) is None
    with pytest.raises(Conflict), town.env.outbox.work("members") as work:
        set_identity(work, [newer, KEY], lock_member(work, CHAIN, "ben"), "phone", "+15550100")
