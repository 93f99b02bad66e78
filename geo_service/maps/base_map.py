"""A base map under a map: only where an organisation has configured one, because its tiles come from another host."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.errors import InputError

__all__ = ["BaseMap"]


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Tiles of pictures that lie under a map.

    Attributes:
        url: With `{z}`, `{x}` and `{y}` in it, and `{s}` where there are several hosts; `https:`, `http:` or a path on the same host.
        attribution: Who made them; shown under the map as text.

    Raises:
        InputError: One of the three is missing in `url`, or it is of another scheme.
    """

    url: str
    attribution: str

    def __post_init__(self) -> None:
        """Refuse an address that no tile can be had from."""
        missing = [place for place in ("{z}", "{x}", "{y}") if place not in self.url]
        if missing:
            raise InputError(
                f"the base map's URL {self.url!r} has no {missing[0]}; it looks like 'https://tiles.example.org/{{z}}/{{x}}/{{y}}.png'"
            )
        if not self.url.startswith(("https://", "http://", "/")) or self.url.startswith("//"):
            raise InputError(
                f"the base map's URL {self.url!r} begins neither with https:// or http:// nor with a single /"
            )
