"""Pictures for print: PNG, SVG and PDF by matplotlib, each on an equal-area projection of its own."""

from geo_service.maps.printed.files import PrintFormat, PrintSize, bare_figure_of, figure_of, printed_bytes
from geo_service.maps.printed.projection import projection_for, projection_name

__all__ = [
    "PrintFormat",
    "PrintSize",
    "bare_figure_of",
    "figure_of",
    "printed_bytes",
    "projection_for",
    "projection_name",
]
