"""A report as one HTML file: text, charts, interactive maps, typeface, styles and scripts. It asks no host for anything."""

from geo_service.report.html.page import html_bytes
from geo_service.report.html.policy import csp_of

__all__ = ["csp_of", "html_bytes"]
