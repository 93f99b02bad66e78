"""What a report shows: its charts, and its maps as they are printed in it."""

from geo_service.report.drawings.charts import chart_both, chart_png, chart_svg
from geo_service.report.drawings.maps import map_both, map_png, map_svg

__all__ = ["chart_both", "chart_png", "chart_svg", "map_both", "map_png", "map_svg"]
