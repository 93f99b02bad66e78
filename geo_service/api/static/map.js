// Draws the features of a page. They are in it as JSON; whatever is in them is put into the page as text, never as HTML.
"use strict";

(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const place = document.getElementById("map");
  const help = document.getElementById("map-help");
  const data = read("map-data");
  const labels = read("map-labels");
  const usual = { color: "#0a5488", weight: 1.5, fillColor: "#2b7bba", fillOpacity: 0.35 };
  const lit = { color: "#8a1c00", weight: 3, fillColor: "#f0a202" };
  const lines = 12;

  const map = L.map(place, { zoomControl: false, attributionControl: false, preferCanvas: true, zoomSnap: 0.25 });
  L.control.zoom({ zoomInTitle: place.dataset.zoomIn, zoomOutTitle: place.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);

  const tip = (feature) => {
    const box = document.createElement("div");
    box.className = "tip";
    const said = Object.entries({ id: feature.id, ...feature.properties });
    const known = said.filter(([, value]) => value !== null && value !== undefined && value !== "");
    for (const [name, value] of known.slice(0, lines)) {
      const line = document.createElement("div");
      const label = document.createElement("span");
      label.textContent = `${labels[name] ?? name}: `;
      const text = document.createElement("strong");
      text.textContent = typeof value === "object" ? JSON.stringify(value) : String(value);
      line.append(label, text);
      box.append(line);
    }
    return box;
  };

  const layer = L.geoJSON(data, {
    style: () => usual,
    pointToLayer: (_, at) => L.circleMarker(at, { radius: 5 }),
    onEachFeature: (feature, drawn) => {
      drawn.bindTooltip(() => tip(feature), { sticky: true });
      drawn.bindPopup(() => tip(feature));
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
