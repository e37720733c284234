"""Distances on the earth, and the map system GCJ-02 of Chinese maps."""

import math

EARTH_RADIUS = 6_371_000.0  # metres, mean (IUGG)
# The ellipsoid of Krasovsky 1940, by which GCJ-02 shifts places.
_AXIS, _ECCENTRICITY = 6_378_245.0, 0.00669342162296594323
# GCJ-02 holds in mainland China; this box is wider, so a store names its system.
_BOX = (0.8293, 55.8271, 72.004, 137.8347)
# Each pass makes the error of the inverse about a thousand times smaller.
INVERSIONS = 3


def metres_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The great-circle distance of two places (latitude, longitude) in degrees."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*first, *second))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half)))


def to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """A WGS-84 place in GCJ-02; outside of the box around China it is the same."""
    south, north, west, east = _BOX
    if not (south <= lat <= north and west <= lon <= east):
        return lat, lon
    x, y = lon - 105.0, lat - 35.0
    radians = math.radians(lat)
    magic = 1 - _ECCENTRICITY * math.sin(radians) ** 2
    root = math.sqrt(magic)
    north_shift = _shift_north(x, y) / (_AXIS * (1 - _ECCENTRICITY) / (magic * root)) * 180 / math.pi
    east_shift = _shift_east(x, y) / (_AXIS / root * math.cos(radians)) * 180 / math.pi
    return lat + north_shift, lon + east_shift


def from_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """The WGS-84 place of a GCJ-02 one, exact to less than a metre."""
    guess = lat, lon
    for _ in range(INVERSIONS):
        shifted = to_gcj02(*guess)
        guess = guess[0] + lat - shifted[0], guess[1] + lon - shifted[1]
    return guess


def _waves(value: float, *amplitudes: tuple[float, float]) -> float:
    return sum(amplitude * math.sin(value * math.pi * frequency) for amplitude, frequency in amplitudes) * 2 / 3


def _shift_north(x: float, y: float) -> float:
    plain = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    return (
        plain
        + _waves(x, (20.0, 6.0), (20.0, 2.0))
        + _waves(y, (20.0, 1.0), (40.0, 1 / 3))
        + _waves(y, (160.0, 1 / 12), (320.0, 1 / 30))
    )


def _shift_east(x: float, y: float) -> float:
    plain = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    return (
        plain
        + _waves(x, (20.0, 6.0), (20.0, 2.0))
        + _waves(x, (20.0, 1.0), (40.0, 1 / 3))
        + _waves(x, (150.0, 1 / 12), (300.0, 1 / 30))
    )
