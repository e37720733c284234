"""The check of answers that nobody has signed."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.people.passkeys.answer import Assertion, NewCredential
from functions.people.passkeys.base64url import decoded
from functions.people.passkeys.check import new_credential, new_sign_count
from functions.people.passkeys.page_address import PageAddress
from functions.people.passkeys.passkey import Credential
from shared.spine.errors import Rejected
from tests.simulators.authenticator import Device

PAGE = PageAddress("https://console.example.com", "console.example.com")
CHALLENGE = "A" * 43
CREATION = {"challenge": CHALLENGE, "rp": {"id": PAGE.domain}, "user": {"id": "cGF0"}}
REQUEST = {"challenge": CHALLENGE, "rpId": PAGE.domain}
LETTERS = st.sampled_from("Aa0-_z")


def changed(answer: dict[str, Any], data: st.DataObject, parts: list[str]) -> dict[str, Any]:
    """The answer with one letter changed, or one part cut."""
    part = data.draw(st.sampled_from(parts))
    text = answer["response"][part]
    at, letter = data.draw(st.integers(1, len(text) - 1)), data.draw(LETTERS)
    forms = [text[:at] + letter + text[at + 1 :], text[:at], letter]
    return answer | {"response": answer["response"] | {part: data.draw(st.sampled_from(forms))}}


DEVICE = Device()
CREATED = DEVICE.create(CREATION)
SIGNED = DEVICE.get(REQUEST)


def refused(attempt: Callable[[], Any]) -> bool:
    """Whether the attempt is refused in the one way that people understand."""
    try:
        attempt()
    except Rejected as refusal:
        return refusal.code == "passkey_refused"
    return False


def bytes_in(answer: dict[str, Any]) -> list[bytes]:
    return [decoded(answer["response"][part]) for part in sorted(answer["response"])]


@given(st.data())
def test_a_crafted_credential_is_refused_or_understood(data: st.DataObject) -> None:
    answer = changed(CREATED, data, ["attestationObject", "clientDataJSON"])

    def attempt() -> Credential:
        return new_credential(NewCredential(**answer), CHALLENGE, PAGE)

    assert refused(attempt) or attempt().sign_count >= 0


@given(st.data())
def test_an_assertion_with_other_bytes_is_refused(data: st.DataObject) -> None:
    credential = new_credential(NewCredential(**CREATED), CHALLENGE, PAGE)
    answer = changed(SIGNED, data, ["authenticatorData", "clientDataJSON", "signature"])
    if not refused(lambda: new_sign_count(Assertion(**answer), CHALLENGE, PAGE, credential)):
        # Base64url leaves bits unused: another letter may mean the same bytes.
        assert bytes_in(answer) == bytes_in(SIGNED)
