"""A track does not depend on the order in which its fixes come."""

import random

from functions.delivery.tracking.track import (
    Fix,
    _text,
    decoded,
    encoded,
    merged,
    newest_place,
    plausible,
    without_jumps,
)

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


WILD = Fix(FIXES[10].second + 1, 0.0, 0.0)


def test_a_wild_place_holds_until_three_fixes_agree() -> None:
    place, doubt = newest_place(WILD, [], FIXES[11:12])
    assert (place, doubt) == (WILD, FIXES[11:12])
    # Late or doubled, they are no further ones.
    place, doubt = newest_place(place, doubt, [*FIXES[11:13], FIXES[5]])
    assert (place, doubt) == (WILD, FIXES[11:13])
    assert newest_place(place, doubt, FIXES[13:14]) == (FIXES[13], [])


def test_fixes_that_do_not_agree_move_nothing() -> None:
    scattered = [Fix(WILD.second + 30 * n, 10.0 * n, 10.0 * n) for n in range(1, 9)]
    assert newest_place(WILD, [], scattered)[0] == WILD


def test_a_wild_fix_is_forgotten_at_the_next_good_one() -> None:
    assert newest_place(FIXES[10], [], [WILD, FIXES[11]]) == (FIXES[11], [])


def test_a_track_is_shown_without_jumps_wherever_they_are() -> None:
    first = Fix(FIXES[0].second - 20, 0.0, 0.0)
    last = [Fix(FIXES[-1].second + 20, 0.0, 0.0), Fix(FIXES[-1].second + 40, 0.0, 0.0)]
    assert without_jumps(sorted([*FIXES, WILD, first, *last])) == FIXES
    assert without_jumps(FIXES) == FIXES
    assert without_jumps([]) == []
