"""One-time codes are those of the RFCs, each counts once."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.people.sign_in import totp

# RFC 4226, appendix D, and RFC 6238, appendix B (SHA1).
SECRET = b"12345678901234567890"
HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
TOTP = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_codes_of_counters_are_those_of_rfc_4226(counter: int, code: str) -> None:
    assert totp.code_of(SECRET, counter) == code


@pytest.mark.parametrize(("seconds", "code"), TOTP.items())
def test_codes_of_moments_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_of(SECRET, step, digits=8) == code


@pytest.mark.parametrize(("off", "good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_one_step_off(off: int, good: bool) -> None:  # noqa: FBT001
    code = totp.code_of(SECRET, totp.step_of(NOON + timedelta(seconds=off)))
    assert (totp.matching_step(SECRET, code, NOON, 0) is not None) == good


def test_a_code_is_good_once_and_an_older_one_is_not_good_after_it() -> None:
    now = totp.step_of(NOON)
    step = totp.matching_step(SECRET, totp.code_of(SECRET, now), NOON, 0)
    assert step == now
    assert totp.matching_step(SECRET, totp.code_of(SECRET, now), NOON, now) is None
    assert totp.matching_step(SECRET, totp.code_of(SECRET, now - 1), NOON, now) is None
    assert totp.matching_step(SECRET, totp.code_of(SECRET, now + 1), NOON, now) == now + 1


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "\uff11\uff12\uff13\uff14\uff15\uff16", "12345a", "-12345", "755224\n"]
)
def test_other_texts_are_no_codes(text: str) -> None:
    assert totp.matching_step(SECRET, text, NOON, 0) is None


def test_the_address_for_an_app_has_the_secret_and_the_issuer() -> None:
    parts = urlsplit(totp.uri_of(SECRET, "pat@example.com"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Dumbwaiter%3Apat%40example.com")
    # base64.b32encode(b"12345678901234567890") of the RFC's secret.
    assert parse_qs(parts.query) == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Dumbwaiter"]}


def test_recovery_codes_differ_and_are_read_however_they_are_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    plain = totp.plain_recovery_code(codes[0])
    assert len(plain) == 16
    assert totp.plain_recovery_code(f" {codes[0].upper().replace('-', ' ')} ") == plain
