"""The state of a sign-in and what is derived from it."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

from functions.people.provider.sign_in_state import authorization_url, new_state, nonce_of, verifier_of


def test_the_challenge_is_of_the_verifier_and_nothing_tells_the_state_but_itself() -> None:
    state = new_state()
    query = parse_qs(urlsplit(authorization_url("https://l.example.com/a?x=1", "c", "https://c/p", state)).query)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier_of(state).encode()).digest()).decode().rstrip("=")
    assert query["code_challenge"] == [challenge]
    assert query["code_challenge_method"] == ["S256"]
    assert query["nonce"] == [nonce_of(state)]
    assert query["x"] == ["1"]
    assert len({state, new_state(), nonce_of(state), verifier_of(state), challenge}) == 5
    # RFC 7636, section 4.1: 43 to 128 characters.
    assert len(verifier_of(state)) == 43
