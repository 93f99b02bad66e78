"""Folium maps that need no internet."""
