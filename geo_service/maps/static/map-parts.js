// What the viewer is made of: elements, icons, buttons, the scale, the list of layers. The first file of the viewer: the others add to `GeoMap`.
"use strict";

const GeoMap = {};

GeoMap.parts = (() => {
  // ---- Elements

  const make = (name, attributes = {}, ...children) => {
    const one = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) one.setAttribute(key, value);
    }
    one.append(...children);
    return one;
  };

  const svg = (name, attributes, ...children) => {
    const one = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    one.append(...children);
    return one;
  };

  const icon = (path) => svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "gm-icon" }, svg("path", { d: path }));

  const ICONS = {
    fit: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4zM9 9h6v6H9z",
    screen: "M3 5h18v14H3zM5 7v10h14V7zM7 9h4v2H9v2H7zM13 13h2v-2h2v4h-4z",
    print: "M7 3h10v5H7zM4 9h16a1 1 0 0 1 1 1v7h-4v-3H7v3H3v-7a1 1 0 0 1 1-1zM9 16h6v5H9z",
    search: "M10 3a7 7 0 1 1-4.3 12.5A7 7 0 0 1 10 3zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM15.5 14l5.5 5.5-1.5 1.5-5.5-5.5z",
  };

  // ---- Buttons on the map

  const buttonOf = (name, title, onClick) => {
    const button = make("a", { href: "#", role: "button", title, "aria-label": title, class: `gm-button gm-do-${name}` }, icon(ICONS[name]));
    L.DomEvent.on(button, "click", (event) => {
      L.DomEvent.stop(event);
      onClick();
    });
    L.DomEvent.on(button, "keydown", (event) => event.key === " " && (L.DomEvent.stop(event), onClick()));
    return button;
  };

  const barOf = (position, buttons) => {
    const Bar = L.Control.extend({
      onAdd() {
        const bar = make("div", { class: "leaflet-bar leaflet-control" }, ...buttons);
        L.DomEvent.disableClickPropagation(bar);
        return bar;
      },
    });
    return new Bar({ position });
  };

  const Scale = L.Control.Scale.extend({
    options: { imperial: false, position: "bottomleft" },
    initialize(said) {
      this._said = said;
    },
    _updateMetric(most) {
      const metres = this._getRoundNum(most);
      const text = metres < 1000 ? `${metres} ${this._said.m}` : `${metres / 1000} ${this._said.km}`;
      this._updateScale(this._mScale, text, metres / most);
    },
  });

  /** The list that shows and hides layers; keys open and close it as a pointer does. */
  const layerListOf = (map, layers, said) => {
    const control = L.control.layers(null, null, { position: "topright" }).addTo(map);
    // Leaflet reads names as HTML.
    for (const { group, layer } of layers) control.addOverlay(group, make("span", {}, layer.name).outerHTML);
    const box = control.getContainer();
    const toggle = box.querySelector(".leaflet-control-layers-toggle");
    toggle.title = said.layers;
    toggle.setAttribute("aria-label", said.layers);
    toggle.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      control.expand();
      box.querySelector("input").focus();
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      control.collapse();
      toggle.focus();
    });
    box.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !box.contains(relatedTarget) && control.collapse());
    return control;
  };

  return { make, svg, icon, ICONS, buttonOf, barOf, layerListOf, Scale };
})();
