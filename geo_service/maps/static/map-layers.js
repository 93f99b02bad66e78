// Layers of a picture on the canvas: areas, points, and the names of areas where they fit.
"use strict";

GeoMap.layers = (() => {
  const { make } = GeoMap.parts;
  const POINT_UNITS = 100000;
  const SHAPE_UNITS = 1000;
  const INK = "#1f2a37";
  // How far beside a point one may tap or click to mean it.
  const REACH = window.matchMedia("(pointer: coarse)").matches ? 7 : 2;

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
    // Of several points within reach the nearest is meant.
    _onClick(event) {
      const place = this._map.mouseEventToLayerPoint(event);
      let meant = null;
      let least = Infinity;
      for (let one = this._drawFirst; one; one = one.next) {
        const { layer } = one;
        if (!layer.options.interactive || !layer._containsPoint(place)) continue;
        const distance = layer._point ? Math.max(0, layer._point.distanceTo(place) - layer._radius) : Infinity;
        if (distance > least || this._map._draggableMoved(layer)) continue;
        meant = layer;
        least = distance;
      }
      this._fireEvent(meant ? [meant] : false, event);
    },
    _updateSquare(layer) {
      if (!this._drawing || layer._empty()) return;
      const half = Math.max(Math.round(layer._radius), 1);
      this._ctx.beginPath();
      this._ctx.rect(layer._point.x - half, layer._point.y - half, 2 * half, 2 * half);
      this._fillStroke(this._ctx, layer);
    },
  });

  const Circle = L.CircleMarker.extend({
    _clickTolerance() {
      return REACH;
    },
  });

  const Square = Circle.extend({
    _updatePath() {
      this._renderer._updateSquare(this);
    },
  });

  // ---- Places

  const groundOf = (picture) => {
    let [west, south, east, north] = picture.bounds;
    const crosses = west > east;
    if (crosses) east += 360;
    const at = (latitude, longitude) => new L.LatLng(latitude, crosses && longitude < 0 ? longitude + 360 : longitude);
    return { at, bounds: L.latLngBounds([south, west], [north, east]) };
  };

  // A track, as the picture is encoded: places as the differences of each to the one before, five bits a letter.
  const placesOf = (track, units, at) => {
    const places = [];
    const sums = [0, 0];
    let number = 0;
    for (let letter = 0; letter < track.length; number += 1) {
      let bits = 0;
      let shift = 0;
      let part;
      do {
        part = track.charCodeAt(letter) - 63;
        bits += (part & 31) * 2 ** shift;
        shift += 5;
        letter += 1;
      } while (part & 32);
      sums[number % 2] += bits % 2 ? -(bits + 1) / 2 : bits / 2;
      if (number % 2) places.push(at(sums[1] / units, sums[0] / units));
    }
    return places;
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
      entry.path = L.polygon(polygons.map((rings) => rings.map((track) => placesOf(track, SHAPE_UNITS, at))), {
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
    const Marker = layer.marker === "square" ? Square : Circle;
    const places = placesOf(layer.at, POINT_UNITS, at);
    const entries = layer.ids.map((id, place) => {
      const shown = layer.classes[layer.class_of[place]];
      const path = new Marker(places[place], {
        radius: layer.radius[place],
        color: lightnessOf(shown.colour) > 0.75 ? "#4b5563" : "#fff",
        weight: 1,
        fillColor: shown.colour,
        fillOpacity: 0.9,
        hatch: shown.kind === "suppressed",
      });
      path.entry = { id, layer, number, place, label: layer.labels[place], shown, isArea: false, path };
      return path.entry;
    });
    // Small ones lie over large ones.
    const order = [...entries].sort((one, other) => other.path.options.radius - one.path.options.radius);
    return { group: L.featureGroup(order.map((entry) => entry.path)), entries };
  };

  // ---- Names of areas on the map, where they fit

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
        const isDark = lightnessOf(entry.shown.colour) < 0.5;
        pen.strokeStyle = isDark ? "rgba(31, 42, 55, 0.75)" : "rgba(255, 255, 255, 0.85)";
        pen.strokeText(entry.label, x, y);
        pen.fillStyle = isDark ? "#fff" : INK;
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

  return { Renderer, Labels, groundOf, areasOf, markersOf };
})();
