"""Distances and GCJ-02 against published values."""

import pytest

from functions.delivery.tracking.geometry import metres_between, to_gcj02


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        # The published test values of eviltransform: Shanghai, Shenzhen, Beijing.
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
        ((52.52, 13.405), (52.52, 13.405)),
    ],
)
def test_a_place_in_china_is_shifted_as_chinese_maps_shift_it(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-8)


def test_a_degree_of_latitude_is_111_km() -> None:
    # 2 π 6,371,000 m ÷ 360
    assert metres_between((10.0, 20.0), (11.0, 20.0)) == pytest.approx(111_194.93, abs=0.1)
    # At 60° north a degree of longitude is half as long; the great circle is a little shorter than the parallel.
    assert metres_between((60.0, 20.0), (60.0, 21.0)) == pytest.approx(55_597, abs=5)
