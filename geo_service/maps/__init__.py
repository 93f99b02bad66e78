"""Maps, interactive and on paper, in three languages and without internet.

```text
picture      what a map shows, before anything draws it
pictures/    pictures from frames: a module a map
question     what a map is asked to show
released     the answer to it, from a release
classes      classes of numbers; palettes, words, fields, sentences and numbers are what legends and titles are made of
encoding     pictures and polygons as JSON for the viewer, which lies in static/
folium_map   a picture as a Folium map in one file
page         a picture as a page of the service
printed/     a picture as PNG, SVG and PDF
```
"""
