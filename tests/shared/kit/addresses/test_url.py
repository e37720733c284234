"""The URL of an endpoint: https, a public name, no credentials, no odd port."""

import pytest

from shared.kit.addresses.resolution import resolve
from shared.kit.addresses.url import parsed_url
from shared.spine.errors import Rejected

REFUSED = [
    "http://erp.acme.com/hook",
    "ftp://erp.acme.com/hook",
    "file:///etc/passwd",
    "erp.acme.com/hook",
    "//erp.acme.com/hook",
    "https://",
    "https:///hook",
    "https://user:pass@erp.acme.com/",
    "https://user@erp.acme.com/",
    "https://@erp.acme.com/",
    "https://erp.acme.com/#part",
    "https://erp.acme.com:22/",
    "https://erp.acme.com:25/",
    "https://erp.acme.com:80/",
    "https://erp.acme.com:1023/",
    "https://erp.acme.com:0/",
    "https://erp.acme.com:65536/",
    "https://erp.acme.com:port/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://api.localhost/",
    "https://printer.local/",
    "https://db.internal/",
    "https://metadata.google.internal/",
    "https://router.lan/",
    "https://nas.home.arpa/",
    "https://intranet/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://erp.acme.com\\@127.0.0.1/",
    "https://erp.acme.com/\r\nHost: evil",
    "https://erp.acme.com/a b",
    "https://erp.äcme.com/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://erp.acme.com/" + "a" * 1000,
    "",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_url_that_no_request_may_go_to_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refusal:
        parsed_url(text, local=False)
    assert refusal.value.code == "url_refused"


@pytest.mark.parametrize(
    ("text", "host", "port", "target", "authority"),
    [
        ("https://erp.acme.com", "erp.acme.com", 443, "/", "erp.acme.com"),
        ("https://erp.acme.com:8443/a/b?c=d&e", "erp.acme.com", 8443, "/a/b?c=d&e", "erp.acme.com:8443"),
        ("https://erp.acme.com:443/x", "erp.acme.com", 443, "/x", "erp.acme.com"),
        ("https://8.8.8.8/x", "8.8.8.8", 443, "/x", "8.8.8.8"),
        ("https://[2606:4700::1111]:8443/x", "2606:4700::1111", 8443, "/x", "[2606:4700::1111]:8443"),
    ],
)
def test_a_public_url_has_its_parts(text: str, host: str, port: int, target: str, authority: str) -> None:
    url = parsed_url(text, local=False)
    assert (url.host, url.port, url.target, url.authority) == (host, port, target, authority)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/hook", "http://localhost:80/hook", "https://localhost/hook"])
def test_in_stage_local_this_machine_is_allowed(text: str) -> None:
    assert parsed_url(text, local=True).text == text


# Forms of 127.0.0.1 and of the metadata address that a resolver understands, though they look like names or numbers.
@pytest.mark.parametrize("host", ["127.1", "0177.0.0.1", "0x7f.0.0.1", "169.254.43518", "[::ffff:169.254.169.254]"])
def test_another_notation_of_a_private_address_is_refused_when_it_is_resolved(host: str) -> None:
    with pytest.raises(Rejected):
        resolve(parsed_url(f"https://{host}/", local=False), local=False, seconds=5)


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        resolve(parsed_url("http://no-such-name.invalid/", local=True), local=True, seconds=5)
    assert refusal.value.code == "url_refused"
