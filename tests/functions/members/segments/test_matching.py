"""A sample of a segment needs little memory."""

import tracemalloc

from functions.members.segments.matching import sampled


def test_a_sample_has_no_list_of_all_in_memory() -> None:
    everybody = (1 << 65_536) - 1
    tracemalloc.start()
    sample = sampled({0: everybody, 1: everybody}, 20, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(sample), sample == sorted(sample)) == (20, True)
    assert peak < 500_000
