"""A token names its agent, and is signed for one moment."""

from functions.printing.link import tokens


def test_the_token_of_the_specification_is_understood() -> None:
    signature = "0de9259d052ec4ff14becfc406ef8e656493bac98cc4d57121cfdfb6562b2654"
    token = tokens.read(
        f"DUMBWAITER-AGENT-HMAC-SHA256 Agent=ag_01J9, Time=1795300000, Nonce=Zr0p9_kqT2uVb1sXy3c4Dw, "
        f"Signature={signature}"
    )
    assert token
    assert token.signed_by(b"k" * 32)
    assert not token.signed_by(b"l" * 32)
