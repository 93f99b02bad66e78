"""Pictures made from frames: each function gives all that a map of it shows, in one language, and draws nothing."""

from geo_service.maps.pictures.access import access_picture
from geo_service.maps.pictures.agreement import agreement_picture
from geo_service.maps.pictures.assessed import coverage_picture
from geo_service.maps.pictures.change import change_picture
from geo_service.maps.pictures.concentration import concentration_picture
from geo_service.maps.pictures.gaps import gaps_picture

__all__ = [
    "access_picture",
    "agreement_picture",
    "change_picture",
    "concentration_picture",
    "coverage_picture",
    "gaps_picture",
]
