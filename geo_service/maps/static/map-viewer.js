// Draws a picture (geo_service/maps/encoding.py) with Leaflet: layers, legend, search, table. What data say becomes text, never HTML.
"use strict";

const GeoMap = (() => {
  const POINT_UNITS = 100000;
  const SHAPE_UNITS = 1000;
  const WIDE = 720;
  const SMALL_WIDTH = 480;
  const SMALL_HEIGHT = 420;
  const MOST_FOUND = 12;
  const TOOLTIP_FIELDS = 5;
  const INK = "#1f2a37";
  const PAGE_SIZE = { width: 1040, height: 700 };
  const PART_WIDTH = 715;
  const PRINT_SCALE = 2;
  const CONTROLS = 50;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const mapOptions = {
    preferCanvas: true, zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 18,
    zoomAnimation: !isCalm, fadeAnimation: !isCalm, markerZoomAnimation: !isCalm, inertia: !isCalm,
  };
  let drawn = 0;

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

  // ---- Canvas: hatched areas and square points

  const hatches = new Map();

  const hatchOf = (context, colour) => {
    if (!hatches.has(colour)) {
      const tile = make("canvas", { width: 8, height: 8 });
      const pen = tile.getContext("2d");
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 8, 8);
      pen.strokeStyle = "#5f6b78";
      pen.lineWidth = 1.4;
      for (const shift of [-8, 0, 8]) {
        pen.beginPath();
        pen.moveTo(shift - 1, 9);
        pen.lineTo(shift + 9, -1);
        pen.stroke();
      }
      hatches.set(colour, tile);
    }
    return context.createPattern(hatches.get(colour), "repeat");
  };

  const Renderer = L.Canvas.extend({
    _fillStroke(context, layer) {
      if (!layer.options.hatch) {
        L.Canvas.prototype._fillStroke.call(this, context, layer);
        return;
      }
      const { fillColor } = layer.options;
      layer.options.fillColor = hatchOf(context, fillColor);
      L.Canvas.prototype._fillStroke.call(this, context, layer);
      layer.options.fillColor = fillColor;
    },
    _updateSquare(layer) {
      if (!this._drawing || layer._empty()) return;
      const half = Math.max(Math.round(layer._radius), 1);
      this._ctx.beginPath();
      this._ctx.rect(layer._point.x - half, layer._point.y - half, 2 * half, 2 * half);
      this._fillStroke(this._ctx, layer);
    },
  });

  const Square = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._updateSquare(this);
    },
  });

  // ---- Places

  const placesOf = (picture) => {
    let [west, south, east, north] = picture.bounds;
    const crosses = west > east;
    if (crosses) east += 360;
    const at = (latitude, longitude) => new L.LatLng(latitude, crosses && longitude < 0 ? longitude + 360 : longitude);
    return { at, bounds: L.latLngBounds([south, west], [north, east]) };
  };

  const ringOf = (flat, at) => {
    const ring = [];
    let x = 0;
    let y = 0;
    for (let number = 0; number < flat.length; number += 2) {
      x += flat[number];
      y += flat[number + 1];
      ring.push(at(y / SHAPE_UNITS, x / SHAPE_UNITS));
    }
    return ring;
  };

  const pointsOf = (layer, at) => {
    const [eastward, northward] = layer.at;
    let x = 0;
    let y = 0;
    return eastward.map((step, number) => {
      x += step;
      y += northward[number];
      return at(y / POINT_UNITS, x / POINT_UNITS);
    });
  };

  const lightnessOf = (colour) => {
    const [red, green, blue] = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16) / 255);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  };

  // ---- Layers

  // An entry is one unit or point: what it says, and how it is drawn.
  const areasOf = (layer, number, shapes, at, isOverTiles) => {
    const shapeOf = new Map(shapes ? shapes.ids.map((id, place) => [id, shapes.shapes[place]]) : []);
    const group = L.featureGroup();
    const entries = [];
    const isPale = layer.classes.some((one) => one.count && lightnessOf(one.colour) > 0.9);
    layer.ids.forEach((id, place) => {
      const polygons = shapeOf.get(id);
      const shown = layer.classes[layer.class_of[place]];
      const entry = { id, layer, number, place, label: layer.labels[place], shown, isArea: true };
      entries.push(entry);
      if (!polygons || !polygons.length) return;
      entry.path = L.polygon(polygons.map((rings) => rings.map((flat) => ringOf(flat, at))), {
        color: isPale ? "#aeb7c0" : "#fff",
        weight: isPale ? 0.8 : 1,
        fillColor: shown.colour,
        fillOpacity: isOverTiles ? 0.7 : 1,
        hatch: shown.kind === "suppressed",
        smoothFactor: 0.7,
      });
      entry.path.entry = entry;
      group.addLayer(entry.path);
    });
    return { group, entries };
  };

  const markersOf = (layer, number, at) => {
    const Marker = layer.marker === "square" ? Square : L.CircleMarker;
    const places = pointsOf(layer, at);
    const entries = layer.ids.map((id, place) => {
      const shown = layer.classes[layer.class_of[place]];
      const path = new Marker(places[place], {
        radius: layer.radius[place],
        color: lightnessOf(shown.colour) > 0.75 ? "#4b5563" : "#fff",
        weight: 0.8,
        fillColor: shown.colour,
        fillOpacity: 0.85,
        hatch: shown.kind === "suppressed",
      });
      path.entry = { id, layer, number, place, label: layer.labels[place], shown, isArea: false, path };
      return path.entry;
    });
    // Small ones lie over large ones.
    const order = [...entries].sort((one, other) => other.path.options.radius - one.path.options.radius);
    return { group: L.featureGroup(order.map((entry) => entry.path)), entries };
  };

  // ---- What is said of an entry

  const swatchOf = (one, marker) => {
    const swatch = make("span", { class: `gm-swatch gm-${marker} gm-${one.kind.replace("_", "-")}`, "aria-hidden": "true" });
    swatch.style.backgroundColor = one.colour;
    return swatch;
  };

  const markerOf = (layer) => (layer.kind === "areas" ? "area" : layer.marker);

  const describe = (entry, most = Infinity) => {
    const list = make("dl", {});
    entry.layer.fields.forEach((field, number) => {
      const value = entry.layer.values[entry.place][number];
      if (value !== "" && list.children.length < most) {
        list.append(make("div", {}, make("dt", {}, field), make("dd", {}, value)));
      }
    });
    const kind = make("p", { class: "gm-class" }, swatchOf(entry.shown, markerOf(entry.layer)), entry.shown.label);
    return make("div", { class: "gm-said" }, make("strong", {}, entry.label), kind, ...(list.children.length ? [list] : []));
  };

  // ---- Names of units on the map, where they fit

  const widestOf = (rings) => {
    const latitudes = rings[0].map((one) => one.lat);
    const low = Math.min(...latitudes);
    const high = Math.max(...latitudes);
    let best = { width: 0 };
    for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
      const latitude = low + (high - low) * share;
      const crossings = [];
      for (const ring of rings) {
        ring.forEach((one, number) => {
          const next = ring[(number + 1) % ring.length];
          if (one.lat > latitude !== next.lat > latitude) {
            crossings.push(one.lng + ((latitude - one.lat) / (next.lat - one.lat)) * (next.lng - one.lng));
          }
        });
      }
      crossings.sort((one, other) => one - other);
      for (let number = 0; number + 1 < crossings.length; number += 2) {
        const width = crossings[number + 1] - crossings[number];
        if (width > best.width) {
          best = { width, height: high - low, at: L.latLng(latitude, crossings[number] + width / 2) };
        }
      }
    }
    return best;
  };

  const Labels = L.Layer.extend({
    initialize(entriesOf) {
      this._entriesOf = entriesOf;
      this._spots = new WeakMap();
    },
    onAdd(map) {
      const pane = map.getPane("gm-labels") || map.createPane("gm-labels");
      this._canvas = make("canvas", { class: "leaflet-zoom-hide", "aria-hidden": "true" });
      pane.append(this._canvas);
      map.on("moveend resize", this.redraw, this);
      this.redraw();
    },
    onRemove(map) {
      map.off("moveend resize", this.redraw, this);
      this._canvas.remove();
    },
    redraw() {
      const map = this._map;
      if (!map || !map._loaded) return;
      const size = map.getSize();
      const scale = L.Browser.retina ? 2 : 1;
      L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
      Object.assign(this._canvas, { width: size.x * scale, height: size.y * scale });
      Object.assign(this._canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
      const pen = this._canvas.getContext("2d");
      pen.scale(scale, scale);
      this.paint(pen);
    },
    paint(pen) {
      const map = this._map;
      const size = map.getSize();
      Object.assign(pen, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3 });
      pen.font = "500 11.5px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
      const pixels = (map.project([0, 1]).x - map.project([0, 0]).x);
      const taken = [];
      for (const entry of this._sorted()) {
        const { width, height, at } = this._spots.get(entry);
        const text = pen.measureText(entry.label).width;
        if (text > width * pixels * 0.96 || height * pixels < 12) continue;
        const { x, y } = map.latLngToContainerPoint(at);
        const box = { left: x - text / 2 - 3, right: x + text / 2 + 3, top: y - 8, bottom: y + 8 };
        const isFree = taken.every(
          (one) => box.right < one.left || one.right < box.left || box.bottom < one.top || one.bottom < box.top,
        );
        if (!isFree || box.right < 0 || box.left > size.x || box.bottom < 0 || box.top > size.y) continue;
        taken.push(box);
        pen.strokeStyle = "rgba(255, 255, 255, 0.85)";
        pen.strokeText(entry.label, x, y);
        pen.fillStyle = INK;
        pen.fillText(entry.label, x, y);
      }
    },
    _sorted() {
      const entries = this._entriesOf().filter((entry) => entry.path);
      for (const entry of entries) {
        if (!this._spots.has(entry)) {
          const spots = entry.path.getLatLngs().map(widestOf);
          this._spots.set(entry, spots.reduce((best, one) => (one.width > best.width ? one : best)));
        }
      }
      return entries
        .filter((entry) => this._spots.get(entry).width > 0)
        .sort((one, other) => this._spots.get(other).width - this._spots.get(one).width);
    },
  });

  // ---- Search by name

  const plain = (text) =>
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .toLocaleLowerCase()
      .replace(/[әғқңөұүһі]/g, (letter) => "агкноуухи"["әғқңөұүһі".indexOf(letter)])
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim();

  const searchOf = (id, said, entries, tell, onTry, onPick) => {
    const input = make("input", {
      id: `${id}-search`, type: "text", role: "combobox", class: "gm-input", placeholder: said.search, "aria-label": said.search,
      "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": `${id}-found`, autocomplete: "off", spellcheck: "false",
    });
    const list = make("ul", { id: `${id}-found`, role: "listbox", class: "gm-found", "aria-label": said.search, hidden: "" });
    const box = make("div", { class: "gm-search", role: "search" }, icon(ICONS.search), input, list);
    let found = [];
    let active = -1;
    let names = null;

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      onTry(null);
    };
    const pick = (entry) => {
      input.value = entry.label;
      close();
      onPick(entry);
    };
    const activate = (number) => {
      active = (number + found.length) % found.length;
      [...list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === active)));
      input.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
      onTry(found[active]);
    };
    const look = () => {
      const wanted = plain(input.value);
      names ??= entries.map((entry) => ({ entry, name: plain(entry.label) }));
      if (!wanted) {
        close();
        return;
      }
      const starts = names.filter((one) => one.name.startsWith(wanted));
      const has = starts.length < MOST_FOUND ? names.filter((one) => !one.name.startsWith(wanted) && one.name.includes(wanted)) : [];
      found = [...starts, ...has].slice(0, MOST_FOUND).map((one) => one.entry);
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.replaceChildren(
        ...found.map((entry, number) => {
          const where = entry.isArea ? entry.layer.name : entry.layer.values[entry.place].find((one) => one !== "") ?? entry.layer.name;
          const option = make("li", { id: `${id}-found-${number}`, role: "option", "aria-selected": "false" }, make("span", {}, entry.label), make("small", {}, where));
          option.addEventListener("mousedown", (event) => event.preventDefault());
          option.addEventListener("click", () => pick(entry));
          return option;
        }),
      );
      if (!found.length) list.append(make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, said.nothing_found));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      tell(found.length ? said.found.replace("{count}", String(found.length)) : said.nothing_found);
    };
    input.addEventListener("input", look);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        if (!list.hidden) event.stopPropagation();
        close();
      } else if (event.key === "Enter" && found.length && !list.hidden) {
        event.preventDefault();
        pick(found[Math.max(active, 0)]);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
        event.preventDefault();
        if (list.hidden) look();
        else activate(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
      }
    });
    return { box, input };
  };

  // ---- Legend, title and table

  const sizesOf = (layer) => {
    const largest = Math.max(...layer.sizes.map((one) => one.radius));
    const items = layer.sizes.map((one) => {
      const side = 2 * one.radius + 2;
      const circle = svg("circle", { cx: side / 2, cy: side / 2, r: one.radius, class: "gm-size" });
      circle.radius = one.radius;
      return make("li", {}, svg("svg", { width: side, height: side, "aria-hidden": "true" }, circle), make("span", {}, one.label));
    });
    const list = make("ul", { class: "gm-sizes" }, ...items);
    list.style.setProperty("--gm-largest", `${2 * largest + 2 + 20}px`);
    // Where sizes stand for what the layer is called after, that is said already.
    return layer.size_name && layer.size_name !== layer.name ? [make("h3", {}, layer.size_name), list] : [list];
  };

  const sectionOf = (layer, said, format) => {
    const items = layer.classes.map((one) =>
      make("li", {}, swatchOf(one, markerOf(layer)), make("span", { class: "gm-label" }, one.label), make("span", { class: "gm-count", title: said.count }, format(one.count))),
    );
    const sizes = layer.kind === "points" && layer.sizes.length ? sizesOf(layer) : [];
    const isOne = layer.classes.length === 1 && layer.classes[0].label === layer.name;
    return make("section", {}, ...(isOne ? [] : [make("h2", {}, layer.name)]), make("ul", { class: "gm-classes" }, ...items), ...sizes);
  };

  const aboutOf = (picture, said) => {
    const facts = picture.facts.map(([label, text]) => make("div", {}, make("dt", {}, label), make("dd", {}, text)));
    const credits = make("div", { class: "gm-credits" }, ...creditsOf(picture, said));
    return make("details", { class: "gm-about" }, make("summary", {}, said.about), make("dl", {}, ...facts), credits);
  };

  const creditsOf = (picture, said, extra = []) => {
    const sources = [...picture.sources, ...extra];
    return [
      ...(sources.length ? [make("p", {}, `${said.sources}: ${sources.join("; ")}`)] : []),
      ...(picture.disclaimer ? [make("p", {}, picture.disclaimer)] : []),
    ];
  };

  const tableOf = (layer, entries, said, onPick, onTry) => {
    const head = [said.name, said.class, ...layer.fields].map((one) => make("th", { scope: "col" }, one));
    const rows = entries.map((entry) => {
      const button = make("button", { type: "button" }, entry.label);
      button.addEventListener("click", () => onPick(entry));
      button.addEventListener("focus", () => onTry(entry));
      button.addEventListener("blur", () => onTry(null));
      return make("tr", {}, make("th", { scope: "row" }, button), make("td", {}, entry.shown.label), ...layer.values[entry.place].map((one) => make("td", {}, one)));
    });
    return make("table", {}, make("caption", {}, layer.name), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  };

  const dataOf = (id, layers, said, onPick, onTry) => {
    const place = make("div", { class: "gm-rows", tabindex: "0", role: "region", "aria-label": said.table });
    const choice = make("select", { "aria-label": said.layer }, ...layers.map(({ layer }, number) => make("option", { value: String(number) }, layer.name)));
    const details = make("details", { class: "gm-data" }, make("summary", {}, said.table), ...(layers.length > 1 ? [choice] : []), place);
    const fill = () => {
      const { layer, entries } = layers[Number(choice.value)];
      place.replaceChildren(tableOf(layer, entries, said, onPick, onTry));
    };
    choice.addEventListener("change", fill);
    details.addEventListener("toggle", () => details.open && !place.children.length && fill());
    return details;
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

  const nameOfLayer = (name) => make("span", {}, name).outerHTML;

  // ---- The whole

  /**
   * Draws a picture.
   * @param target An element, or a Leaflet map that has no view yet.
   * @param picture As `picture_json` gives it.
   * @param shapesByLevel As `shapes_json` gives them, by level.
   * @param said The viewer's own words, as `viewer_words` gives them.
   * @param options `tiles` ({url, attribution}) for a base map; `title`, `search`, `table`: false to leave those parts out.
   * @returns `map`; `select(id)`, which goes to a unit or point and opens it; `point(id)`, which outlines it, null for none;
   * `on("select", (id, {layer, label}) => …)`, called when the reader chose one; `show(layer, isShown)`, `resize()`, `destroy()`.
   */
  const draw = (target, picture, shapesByLevel, said, options = {}) => {
    const id = `gm-${++drawn}`;
    const { at, bounds } = placesOf(picture);
    const format = (number) => number.toLocaleString(picture.language);
    const listeners = [];
    const stage = make(document.querySelector("main") ? "div" : "main", { class: "gm-stage" });
    const root = make("div", { class: "gm", lang: picture.language });
    let map = target;
    if (target instanceof L.Map) {
      target.getContainer().replaceWith(root);
      stage.append(target.getContainer());
      root.append(stage);
    } else {
      const place = make("div", { class: "gm-map" });
      stage.append(place);
      root.append(stage);
      target.replaceChildren(root);
      map = L.map(place, mapOptions);
    }
    const container = map.getContainer();
    container.classList.add("gm-map");
    if (!map._renderer && !map.options.renderer) map.options.renderer = new Renderer({ padding: 0.3 });

    const status = make("div", { class: "gm-hidden", role: "status" });
    const tell = (text) => { status.textContent = text; };

    // Layers
    const tiles = options.tiles;
    if (tiles) L.tileLayer(tiles.url, { maxZoom: mapOptions.maxZoom }).addTo(map);
    const layers = picture.layers.map((layer, number) => {
      const made = layer.kind === "areas" ? areasOf(layer, number, shapesByLevel[layer.level], at, Boolean(tiles)) : markersOf(layer, number, at);
      return { layer, ...made, section: sectionOf(layer, said, format) };
    });
    const everything = layers.flatMap((one) => one.entries);

    // What is pointed at, and what is open
    let mark = null;
    const point = (entry) => {
      mark?.remove();
      mark = null;
      if (!entry?.path || !map.hasLayer(layers[entry.number].group)) return;
      const style = { fill: false, color: "#111827", weight: 2.5, interactive: false };
      mark = entry.isArea
        ? L.polygon(entry.path.getLatLngs(), { ...style, smoothFactor: 0.7 })
        : new entry.path.constructor(entry.path.getLatLng(), { ...style, radius: entry.path.options.radius + 2 });
      mark.addTo(map);
    };
    let opened = null;
    const attempt = (entry) => point(entry ?? opened);
    const open = (entry, where) => {
      opened = entry;
      const right = Math.max(CONTROLS, paddings().paddingBottomRight[0]);
      L.popup({
        maxWidth: Math.min(340, Math.max(container.clientWidth - CONTROLS - right - 44, 120)),
        minWidth: 120,
        maxHeight: Math.max(container.clientHeight - 90, 90),
        autoPanPaddingTopLeft: [CONTROLS, 8],
        autoPanPaddingBottomRight: [right, 8],
        className: "gm-popup",
      })
        .setLatLng(where)
        .setContent(describe(entry))
        .openOn(map);
      point(entry);
      const values = entry.layer.values[entry.place];
      const known = entry.layer.fields.map((field, number) => [field, values[number]]).filter(([, value]) => value !== "");
      tell([entry.label, entry.shown.label, ...known.map((pair) => pair.join(": "))].join("; "));
    };
    map.on("popupopen", ({ popup }) => {
      const button = popup.getElement().querySelector(".leaflet-popup-close-button");
      button?.setAttribute("aria-label", said.close);
    });
    map.on("popupclose", () => {
      opened = null;
      point(null);
    });
    const report = (entry) => {
      for (const one of listeners) one(entry.id, { layer: entry.number, label: entry.label });
    };
    const go = (entry) => {
      const { group } = layers[entry.number];
      if (!entry.path) return;
      if (!map.hasLayer(group)) map.addLayer(group);
      isMoved = true;
      if (entry.isArea) map.fitBounds(entry.path.getBounds(), { ...paddings(), maxZoom: 10, animate: false });
      else map.setView(entry.path.getLatLng(), Math.max(map.getZoom(), Math.min(map.getBoundsZoom(bounds) + 3, 10)), { animate: false });
      open(entry, entry.isArea ? entry.path.getCenter() : entry.path.getLatLng());
    };

    const choose = (entry) => {
      go(entry);
      report(entry);
    };

    for (const { group } of layers) {
      group.bindTooltip(({ entry }) => describe(entry, TOOLTIP_FIELDS), { sticky: true, className: "gm-tip", opacity: 1 });
      group.on("mouseover", ({ layer }) => point(layer.entry));
      group.on("mouseout", () => point(opened));
      group.on("click", ({ layer, latlng }) => {
        group.closeTooltip();
        open(layer.entry, layer.entry.isArea ? latlng : layer.getLatLng());
        report(layer.entry);
      });
    }

    // Title, legend, table
    const summary = make("p", { id: `${id}-summary`, class: "gm-hidden" }, picture.summary);
    const help = make("p", { id: `${id}-help`, class: "gm-hidden" }, said.map_help);
    const about = aboutOf(picture, said);
    const legend = make("details", { class: "gm-legend" }, make("summary", {}, said.legend), make("div", { class: "gm-sections" }, ...layers.map((one) => one.section).reverse()));
    for (const block of [legend]) {
      L.DomEvent.disableScrollPropagation(block);
      L.DomEvent.disableClickPropagation(block);
    }
    const notes = make("div", { class: "gm-notes" }, ...picture.notes.map((one) => make("p", {}, one)));
    const search = searchOf(id, said, everything.filter((entry) => entry.isArea || entry.layer.is_searched), tell, attempt, choose);
    const header = make("header", { class: "gm-header" });
    if (options.title !== false) header.append(make("div", { class: "gm-title" }, make("h1", {}, picture.title), notes, about));
    if (options.search !== false) header.append(search.box);
    const footer = make("footer", { class: "gm-footer" });
    if (options.table !== false) {
      footer.append(dataOf(id, layers.filter(({ layer }) => layer.kind === "areas" || layer.is_searched), said, choose, attempt));
    }
    const attribution = tiles ? [new DOMParser().parseFromString(tiles.attribution, "text/html").body.textContent] : [];
    footer.append(make("div", { class: "gm-credits" }, ...creditsOf(picture, said, attribution)));
    stage.append(summary, help, legend);
    root.prepend(header);
    root.append(footer, status);
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", `${said.map}: ${picture.title}`);
    container.setAttribute("aria-describedby", `${summary.id} ${help.id}`);

    // Which layers are on
    const labels = new Labels(() => (layers.filter((one) => one.layer.kind === "areas" && map.hasLayer(one.group)).pop()?.entries ?? []));
    const arrange = () => {
      let isAbove = false;
      for (const { group, section, layer } of layers) {
        section.hidden = !map.hasLayer(group);
        if (!section.hidden && isAbove && map._loaded) group.eachLayer((path) => path.bringToFront());
        isAbove ||= layer.kind === "areas";
      }
      labels.redraw();
    };
    const change = ({ layer }) => {
      if (layers.some((one) => one.group === layer)) {
        if (opened && !map.hasLayer(layers[opened.number].group)) map.closePopup();
        arrange();
      }
    };

    // Controls
    L.control.zoom({ position: "topleft", zoomInTitle: said.zoom_in, zoomOutTitle: said.zoom_out }).addTo(map);
    const buttons = [buttonOf("fit", said.fit, () => fit())];
    if (document.fullscreenEnabled) {
      buttons.push(buttonOf("screen", said.full_screen, () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen())));
    }
    buttons.push(buttonOf("print", said.print, () => window.print()));
    barOf("topleft", buttons).addTo(map);
    let control = null;
    if (layers.length > 1) {
      control = L.control.layers(null, Object.fromEntries([]), { position: "topright" }).addTo(map);
      for (const one of layers) control.addOverlay(one.group, nameOfLayer(one.layer.name));
      const toggle = control.getContainer().querySelector(".leaflet-control-layers-toggle");
      toggle.title = said.layers;
      toggle.setAttribute("aria-label", said.layers);
      const box = control.getContainer();
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
    }
    if (options.search !== false) {
      const bar = barOf("topright", [buttonOf("search", said.search, () => {
        root.classList.toggle("gm-searching");
        search.input.focus();
      })]).addTo(map);
      bar.getContainer().classList.add("gm-search-bar");
    }
    new Scale(said).addTo(map);

    // Sizes
    let isMoved = false;
    let isPrinting = false;
    const paddings = () => {
      const beside = legend.open && (isPrinting || !root.classList.contains("gm-narrow")) ? legend.offsetWidth + 12 : 0;
      return { paddingTopLeft: [14, 14], paddingBottomRight: [14 + beside, 14] };
    };
    // Where the map is small its points are smaller, until the reader looks closer; the legend follows.
    let whole = 0;
    let scaled = 1;
    const scale = () => {
      const width = container.clientWidth;
      const least = width < SMALL_WIDTH ? 0.55 : width < WIDE ? 0.75 : 1;
      const wanted = Math.min(1, least + 0.15 * Math.max(0, Math.floor(map.getZoom() - whole)));
      if (wanted === scaled) return;
      scaled = wanted;
      for (const { layer, entries, section } of layers) {
        if (layer.kind === "areas") continue;
        for (const { path, place } of entries) path.setRadius(layer.radius[place] * scaled);
        for (const circle of section.querySelectorAll(".gm-size")) circle.setAttribute("r", circle.radius * scaled);
      }
    };
    const fit = () => {
      const { x, y } = map.getSize();
      if (x < 80 || y < 80) {
        // It is not shown yet, or is too small for borders.
        map.setView(bounds.getCenter(), map._loaded ? map.getZoom() : 3, { animate: false });
        return;
      }
      map.fitBounds(bounds, { ...paddings(), animate: false });
      whole = map.getZoom();
      isMoved = false;
      scale();
    };
    map.on("zoomend", scale);
    const measure = () => {
      const { width, height } = root.getBoundingClientRect();
      root.classList.toggle("gm-narrow", width < WIDE);
      root.classList.toggle("gm-small", width < SMALL_WIDTH || height < SMALL_HEIGHT);
      root.classList.toggle("gm-low", height < SMALL_HEIGHT);
      return { width, height };
    };
    const unfold = ({ width, height }) => {
      legend.open = width >= WIDE && height >= SMALL_HEIGHT;
      about.open = width >= WIDE && height >= 560;
    };
    const resize = () => {
      const wasNarrow = root.classList.contains("gm-narrow");
      const size = measure();
      if (root.classList.contains("gm-narrow") !== wasNarrow) unfold(size);
      map.invalidateSize({ animate: false, pan: isMoved });
      if (!isMoved && !isPrinting) fit();
    };
    unfold(measure());
    map.invalidateSize({ animate: false });
    fit();
    for (const one of layers) if (one.layer.is_shown) map.addLayer(one.group);
    labels.addTo(map);
    arrange();
    map.on("layeradd layerremove", change);
    // A view that the reader chose is kept when the size of the map changes.
    const keep = () => { isMoved = true; };
    map.on("dragstart", keep);
    container.addEventListener("wheel", keep, { passive: true });
    container.addEventListener("dblclick", keep);
    container.addEventListener("click", ({ target: clicked }) => clicked.closest(".leaflet-control-zoom") && keep());
    container.addEventListener("keydown", ({ key }) => /^(Arrow|[+=_-])/.test(key) && keep());
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      map.closePopup();
      for (const { group } of layers) group.closeTooltip();
    });
    const observer = new ResizeObserver(() => isPrinting || resize());
    observer.observe(root);
    observer.observe(container);

    // Print: the map at the size of a page, its legend open. What has ever been cleared on a canvas is printed white, over all that lies
    // under it, so everything is drawn once more on a new one; browsers that can, print that as lines and letters.
    let before = null;
    let sheet = null;
    const redrawForPrint = () => {
      const renderer = map.getRenderer({ options: {} });
      if (!(renderer instanceof L.Canvas)) return;
      const { x, y } = map.getSize();
      const corner = map.containerPointToLayerPoint([0, 0]);
      sheet = make("canvas", { width: x * PRINT_SCALE, height: y * PRINT_SCALE, class: "gm-sheet" });
      Object.assign(sheet.style, { width: `${x}px`, height: `${y}px` });
      L.DomUtil.setPosition(sheet, corner);
      map.getPane("gm-labels").append(sheet);
      const pen = sheet.getContext("2d");
      pen.scale(PRINT_SCALE, PRINT_SCALE);
      pen.save();
      pen.translate(-corner.x, -corner.y);
      const screen = renderer._ctx;
      renderer._ctx = pen;
      renderer._redrawBounds = null;
      renderer._draw();
      renderer._ctx = screen;
      pen.restore();
      labels.paint(pen);
    };
    const prepare = () => {
      if (isPrinting) return;
      const { width, height } = root.getBoundingClientRect();
      const isAlone = width >= 0.9 * window.innerWidth && height >= 0.9 * window.innerHeight;
      const page = isAlone ? PAGE_SIZE : { width: PART_WIDTH, height: Math.max(height, SMALL_HEIGHT) };
      before = { view: map.getBounds(), legend: legend.open, about: about.open, isMoved };
      isPrinting = true;
      legend.open = true;
      about.open = true;
      root.classList.add("gm-printing");
      Object.assign(root.style, { width: `${page.width}px`, height: `${page.height}px` });
      measure();
      map.invalidateSize({ animate: false, pan: false });
      if (before.isMoved) map.fitBounds(before.view, { animate: false });
      else fit();
      scale();
      redrawForPrint();
    };
    const restore = () => {
      if (!isPrinting) return;
      sheet?.remove();
      root.classList.remove("gm-printing");
      Object.assign(root.style, { width: "", height: "" });
      Object.assign(legend, { open: before.legend });
      Object.assign(about, { open: before.about });
      isPrinting = false;
      measure();
      map.invalidateSize({ animate: false, pan: false });
      if (before.isMoved) map.fitBounds(before.view, { animate: false });
      else fit();
      isMoved = before.isMoved;
    };
    const media = window.matchMedia("print");
    const onMedia = () => (media.matches ? prepare() : restore());
    window.addEventListener("beforeprint", prepare);
    window.addEventListener("afterprint", restore);
    media.addEventListener("change", onMedia);

    const entryOf = (wanted) => {
      const all = everything.filter((entry) => entry.id === wanted && entry.path);
      return all.find((one) => map.hasLayer(layers[one.number].group)) ?? all[0];
    };

    return {
      map,
      select: (wanted) => {
        const entry = entryOf(wanted);
        if (entry) go(entry);
        return Boolean(entry);
      },
      point: (wanted) => attempt(wanted === null ? null : entryOf(wanted)),
      on: (event, listener) => event === "select" && listeners.push(listener),
      show: (number, isShown) => {
        map[isShown ? "addLayer" : "removeLayer"](layers[number].group);
      },
      resize,
      destroy: () => {
        observer.disconnect();
        window.removeEventListener("beforeprint", prepare);
        window.removeEventListener("afterprint", restore);
        media.removeEventListener("change", onMedia);
        map.remove();
        root.remove();
      },
    };
  };

  return { draw, mapOptions };
})();
