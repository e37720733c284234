"""A track does not depend on the order in which its fixes come."""

import random

from functions.delivery.tracking.track import Fix, _text, decoded, encoded, merged, plausible

FIXES = [Fix(1_800_000_000 + 30 * n, 52.0 + 0.0005 * n, 13.0 - 0.0003 * n) for n in range(60)]


def test_numbers_are_those_of_the_published_encoding() -> None:
    # The worked examples of Google's "Encoded Polyline Algorithm Format", with differences.
    values = [3_850_000, -12_020_000, 220_000, -75_000, 255_200, -550_300]
    assert "".join(map(_text, values)) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_late_shuffled_and_doubled_fixes_give_the_same_track() -> None:
    whole = encoded(FIXES)
    assert decoded(whole) == FIXES
    chance = random.Random(7)
    for _ in range(20):
        shuffled = FIXES + chance.sample(FIXES, 20)
        chance.shuffle(shuffled)
        text = ""
        for begin in range(0, len(shuffled), 7):
            text = merged(text, shuffled[begin : begin + 7])
        assert text == whole


def test_an_hour_of_fixes_is_short() -> None:
    assert len(encoded(FIXES)) < 400


def test_a_jump_of_five_kilometres_in_a_minute_is_left_out() -> None:
    # 33 m/s × 30 s + 200 m = 1,190 m can be reached within the 30 s; 0.05° are 5.6 km.
    jump = Fix(FIXES[10].second + 15, FIXES[10].lat + 0.05, FIXES[10].lon)
    assert plausible(sorted([*FIXES, jump])) == FIXES
