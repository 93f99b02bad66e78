// Draws the places of a page's rows. They are in it as JSON; what a row says is taken from the table as text, never as HTML.
"use strict";

(() => {
  const place = document.getElementById("map");
  const help = document.getElementById("map-help");
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const usual = { color: "#0a5488", weight: 1.5, fillColor: "#2b7bba", fillOpacity: 0.35 };
  const lit = { color: "#8a1c00", weight: 3, fillColor: "#f0a202" };
  const lines = 12;

  const map = L.map(place, { zoomControl: false, attributionControl: false, preferCanvas: true, zoomSnap: 0.25 });
  L.control.zoom({ zoomInTitle: place.dataset.zoomIn, zoomOutTitle: place.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);

  const table = document.querySelector("#rows table");
  const titles = table ? [...table.tHead.rows[0].cells].map((cell) => cell.textContent) : [];

  const tip = (row) => {
    const box = document.createElement("div");
    box.className = "tip";
    const values = [...row.cells].map((cell, number) => [titles[number], cell.textContent]);
    for (const [title, value] of values.filter(([, one]) => one !== "").slice(0, lines)) {
      const text = document.createElement("strong");
      text.textContent = value;
      const line = document.createElement("div");
      line.append(`${title}: `, text);
      box.append(line);
    }
    return box;
  };

  const layer = L.geoJSON(data, {
    style: () => usual,
    pointToLayer: (_, at) => L.circleMarker(at, { radius: 5 }),
    onEachFeature: (feature, drawn) => {
      const row = table.tBodies[0].rows[data.features.indexOf(feature)];
      drawn.bindTooltip(() => tip(row), { sticky: true });
      drawn.bindPopup(() => tip(row));
      drawn.on("mouseover", () => drawn.setStyle?.(lit));
      drawn.on("mouseout", () => drawn.setStyle?.(usual));
    },
  }).addTo(map);

  const bounds = layer.getBounds();
  if (bounds.isValid()) {
    map.fitBounds(bounds, { padding: [16, 16], maxZoom: 12 });
  } else {
    map.setView([0, 0], 1);
    help.textContent = help.dataset.nothing;
  }
})();
