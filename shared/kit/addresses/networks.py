"""Networks that a request may go to: public addresses alone, by the registries of IANA for special purposes."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from shared.kit.addresses.url import refused_url

Address = IPv4Address | IPv6Address

# Beside those that Python calls not global. Its list differs between releases, and holds no tunnels.
_REFUSED = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers, RFC 6598; metadata of some clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback and IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64: an IPv4 address behind it
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]


def is_public(address: Address) -> bool:
    """Whether the address is of the public internet."""
    return address.is_global and not address.is_multicast and not any(address in network for network in _REFUSED)


def checked_addresses(texts: list[str], *, local: bool) -> list[str]:
    """The addresses, if a request may go to all of them; in stage `local` also to this machine. Raises `Rejected`.

    One private address refuses the name: the order of a name's addresses is chosen by its owner.
    """
    for text in texts:
        address = ip_address(text.partition("%")[0])
        if not (is_public(address) or (local and address.is_loopback)):
            raise refused_url("The host has an address that is not of the public internet.")
    return texts
