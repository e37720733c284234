"""A link opens one delivery, and its PIN has four digits."""

from cryptography.fernet import Fernet

from functions.delivery.creation.link import hash_of, link_of, new_link, pin_fits, pin_of

RING = [Fernet.generate_key().decode()]


def test_a_link_has_128_bits_and_is_found_by_its_hash_after_a_rotation_of_the_key() -> None:
    link_hash, encrypted = new_link(RING)
    link = link_of(encrypted, [Fernet.generate_key().decode(), *RING])
    assert (len(link), hash_of(link)) == (22, link_hash)
    assert link.encode() not in encrypted


def test_pins_have_four_digits_and_are_spread() -> None:
    links = [link_of(new_link(RING)[1], RING) for _ in range(200)]
    pins = [pin_of(link) for link in links]
    assert all(len(pin) == 4 and pin.isdecimal() for pin in pins)
    # 200 of 10,000: with even chances 198 differ on average, and fewer than 185 never do.
    assert len(set(pins)) > 185
    assert pin_fits(links[0], pins[0])
    assert not pin_fits(links[0], f"{(int(pins[0]) + 1) % 10_000:04}")
