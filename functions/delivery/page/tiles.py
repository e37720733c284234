"""Map tiles of an outside host on the customer's page: by the setting of a store, and without it none."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from shared.contracts.models import Input
from shared.contracts.text import Name

PLACES = ("{z}", "{x}", "{y}")
# The host goes into the page's policy, so it is a plain name: no placeholder, no account, no sign of the policy's own.
TEMPLATE = r"^https://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?/[A-Za-z0-9._~/{}?=&%@-]+$"


class MapTiles(Input):
    """Tiles of 256 pixels in the Web Mercator projection, and whose they are.

    `url` has {z}, {x} and {y}, over TLS. `attribution` is shown below the map. `most_zoom` is the finest one that the
    host has. The host learns the area of a delivery, and the address of its customer's device.
    """

    url: Annotated[str, StringConstraints(pattern=TEMPLATE, max_length=500)]
    attribution: Name
    most_zoom: Annotated[int, Field(ge=1, le=22)] = 18

    @model_validator(mode="after")
    def _has_places(self) -> "MapTiles":
        if any(self.url.count(place) != 1 for place in PLACES) or self.url.count("{") != len(PLACES):
            raise ValueError("the template has {z}, {x} and {y}, each once, and no other")
        return self

    @property
    def origin(self) -> str:
        """Scheme and host, for the policy of the page."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"
