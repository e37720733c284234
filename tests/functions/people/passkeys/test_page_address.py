"""The address to which a passkey is bound."""

import pytest

from functions.people.passkeys.page_address import PageAddress, page_address
from shared.spine.errors import Rejected


def test_a_stage_with_a_domain_has_no_other() -> None:
    page = page_address("console.example.com", "https://evil.example", local=False)
    assert page == PageAddress("https://console.example.com", "console.example.com")


@pytest.mark.parametrize(
    ("origin", "local", "domain"),
    [
        ("https://d111111abcdef8.cloudfront.net", False, "d111111abcdef8.cloudfront.net"),
        ("https://console.example.com:8443", False, "console.example.com"),
        ("http://localhost:20123", True, "localhost"),
    ],
)
def test_without_one_it_is_the_page_s(origin: str, local: bool, domain: str) -> None:  # noqa: FBT001 - of the table
    assert page_address("", origin, local=local) == PageAddress(origin, domain)


@pytest.mark.parametrize(
    "origin",
    [
        None, "", "null", "http://console.example.com", "https://127.0.0.1", "https://[::1]:1", "https://[", "https://",
        "ftp://x.example", "https://x_y.example", f"https://{'a' * 64}.example", f"https://{'a.' * 130}example",
        "https://例.example", "https://x.example.1",
    ],
)  # fmt: skip
def test_an_address_without_a_name_or_tls_has_no_passkeys(origin: str | None) -> None:
    with pytest.raises(Rejected, match="domain and https"):
        page_address("", origin, local=False)


def test_one_machine_has_none_at_an_ip_address() -> None:
    with pytest.raises(Rejected):
        page_address("", "http://127.0.0.1:20123", local=True)
