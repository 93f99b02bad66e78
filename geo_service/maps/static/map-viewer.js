// Draws an encoded picture with Leaflet. What data say becomes text, never HTML. The last file of the viewer.
"use strict";

Object.assign(GeoMap, (() => {
  const { make, barOf, buttonOf, layerListOf, Scale } = GeoMap.parts;
  const { Renderer, Labels, groundOf, areasOf, markersOf } = GeoMap.layers;
  const { describe, sectionOf, notesOf, aboutOf, creditsOf, dataOf } = GeoMap.legend;
  const { searchOf } = GeoMap.search;
  const { printing } = GeoMap.print;
  const WIDE = 720;
  const SMALL_WIDTH = 480;
  const SMALL_HEIGHT = 420;
  const TOOLTIP_FIELDS = 5;
  const CONTROLS = 50;
  const LEAST_RADIUS = 1.6;
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const mapOptions = {
    preferCanvas: true, zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 18,
    zoomAnimation: !isCalm, fadeAnimation: !isCalm, markerZoomAnimation: !isCalm, inertia: !isCalm,
  };
  let drawn = 0;

  /** The elements of a map, and the map in them. */
  const framed = (target, picture) => {
    const ground = make("div", { class: "gm-ground" });
    const stage = make(document.querySelector("main") ? "div" : "main", { class: "gm-stage" }, ground);
    const root = make("div", { class: "gm", lang: picture.language }, stage);
    let map = target;
    if (target instanceof L.Map) {
      target.getContainer().replaceWith(root);
      ground.append(target.getContainer());
    } else {
      const place = make("div", { class: "gm-map" });
      ground.append(place);
      target.replaceChildren(root);
      map = L.map(place, mapOptions);
    }
    map.getContainer().classList.add("gm-map");
    if (!map._renderer && !map.options.renderer) map.options.renderer = new Renderer({ padding: 0.3 });
    return { map, root, stage };
  };

  /** What is pointed at, and what is open. */
  const pointing = (map, layers, paddings, said, tell) => {
    const container = map.getContainer();
    let mark = null;
    let opened = null;
    const outline = (entry) => {
      mark?.remove();
      mark = null;
      if (!entry?.path || !map.hasLayer(layers[entry.number].group)) return;
      const style = { fill: false, color: "#111827", weight: 2.5, interactive: false };
      mark = entry.isArea
        ? L.polygon(entry.path.getLatLngs(), { ...style, smoothFactor: 0.7 })
        : new entry.path.constructor(entry.path.getLatLng(), { ...style, radius: entry.path.options.radius + 2 });
      mark.addTo(map);
    };
    const point = (entry) => outline(entry ?? opened);
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
      outline(entry);
      const values = entry.layer.values[entry.place];
      const known = entry.layer.fields.map((field, number) => [field, values[number]]).filter(([, value]) => value !== "");
      tell([entry.label, entry.shown.label, ...known.map((pair) => pair.join(": "))].join("; "));
    };
    map.on("popupopen", ({ popup }) => {
      popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", said.close);
    });
    map.on("popupclose", () => {
      opened = null;
      outline(null);
    });
    const closeHidden = () => opened && !map.hasLayer(layers[opened.number].group) && map.closePopup();
    return { point, open, closeHidden };
  };

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
    const { at, bounds } = groundOf(picture);
    const listeners = [];
    const { map, root, stage } = framed(target, picture);
    const container = map.getContainer();
    const status = make("div", { class: "gm-hidden", role: "status" });
    const tell = (text) => { status.textContent = text; };

    // Layers
    const { tiles } = options;
    if (tiles) L.tileLayer(tiles.url, { maxZoom: mapOptions.maxZoom }).addTo(map);
    const layers = picture.layers.map((layer, number) => {
      const made = layer.kind === "areas" ? areasOf(layer, number, shapesByLevel[layer.level], at, Boolean(tiles)) : markersOf(layer, number, at);
      return { layer, ...made, section: sectionOf(layer, said) };
    });
    const everything = layers.flatMap((one) => one.entries);
    const labels = new Labels(() => layers.filter((one) => one.layer.kind === "areas" && map.hasLayer(one.group)).pop()?.entries ?? []);

    // Going to one of them
    const { point, open, closeHidden } = pointing(map, layers, () => paddings(), said, tell);
    const go = (entry) => {
      const { group } = layers[entry.number];
      if (!entry.path) return;
      if (!map.hasLayer(group)) map.addLayer(group);
      view.isMoved = true;
      if (entry.isArea) map.fitBounds(entry.path.getBounds(), { ...paddings(), maxZoom: 10, animate: false });
      else map.setView(entry.path.getLatLng(), Math.max(map.getZoom(), Math.min(map.getBoundsZoom(bounds) + 3, 10)), { animate: false });
      open(entry, entry.isArea ? entry.path.getCenter() : entry.path.getLatLng());
    };
    const report = (entry) => {
      for (const one of listeners) one(entry.id, { layer: entry.number, label: entry.label });
    };
    const choose = (entry) => {
      go(entry);
      report(entry);
    };
    for (const { group } of layers) {
      group.bindTooltip(({ entry }) => describe(entry, TOOLTIP_FIELDS), { sticky: true, className: "gm-tip", opacity: 1 });
      group.on("mouseover", ({ layer }) => point(layer.entry));
      group.on("mouseout", () => point(null));
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
    L.DomEvent.disableScrollPropagation(legend);
    L.DomEvent.disableClickPropagation(legend);
    const search = searchOf(id, said, everything.filter((entry) => entry.isArea || entry.layer.is_searched), tell, point, choose);
    const header = make("header", { class: "gm-header" });
    if (options.title !== false) header.append(make("div", { class: "gm-title" }, make("h1", {}, picture.title), notesOf(picture.notes), about));
    if (options.search !== false) header.append(search.box);
    const footer = make("footer", { class: "gm-footer" });
    if (options.table !== false) {
      footer.append(dataOf(id, layers.filter(({ layer }) => layer.kind === "areas" || layer.is_searched), said, choose, point));
    }
    const attribution = tiles ? [new DOMParser().parseFromString(tiles.attribution, "text/html").body.textContent] : [];
    footer.append(make("div", { class: "gm-credits" }, ...creditsOf(picture, said, attribution)));
    stage.append(summary, help, legend);
    root.prepend(header);
    root.append(footer, status);
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", `${said.map}: ${picture.title}`);
    container.setAttribute("aria-describedby", `${summary.id} ${help.id}`);

    // Controls
    L.control.zoom({ position: "topleft", zoomInTitle: said.zoom_in, zoomOutTitle: said.zoom_out }).addTo(map);
    const buttons = [buttonOf("fit", said.fit, () => fit())];
    if (document.fullscreenEnabled) {
      buttons.push(buttonOf("screen", said.full_screen, () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen())));
    }
    buttons.push(buttonOf("print", said.print, () => window.print()));
    barOf("topleft", buttons).addTo(map);
    if (layers.length > 1) layerListOf(map, layers, said);
    if (options.search !== false) {
      const bar = barOf("topright", [buttonOf("search", said.search, () => {
        root.classList.toggle("gm-searching");
        search.input.focus();
      })]).addTo(map);
      bar.getContainer().classList.add("gm-search-bar");
    }
    new Scale(said).addTo(map);

    // Sizes
    const paddings = () => {
      const isBeside = legend.open && !root.matches(view.isPrinting ? ".gm-part" : ".gm-narrow");
      return { paddingTopLeft: [14, 14], paddingBottomRight: [14 + (isBeside ? legend.getBoundingClientRect().width + 12 : 0), 14] };
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
        for (const { path, place } of entries) {
          path.options.weight = scaled;
          path.setRadius(Math.max(LEAST_RADIUS, layer.radius[place] * scaled));
        }
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
      view.isMoved = false;
      scale();
    };
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
      map.invalidateSize({ animate: false, pan: view.isMoved });
      if (!view.isMoved && !view.isPrinting) fit();
    };

    // Which layers are on
    const arrange = () => {
      let isAbove = false;
      for (const { group, section, layer } of layers) {
        section.hidden = !map.hasLayer(group);
        if (!section.hidden && isAbove && map._loaded) group.eachLayer((path) => path.bringToFront());
        isAbove ||= layer.kind === "areas";
      }
      labels.redraw();
    };

    // A view that the reader chose is kept when the size of the map changes.
    const view = { map, labels, root, stage, legend, about, measure, fit, isMoved: false, isPrinting: false };
    unfold(measure());
    map.invalidateSize({ animate: false });
    fit();
    for (const one of layers) if (one.layer.is_shown) map.addLayer(one.group);
    labels.addTo(map);
    arrange();
    map.on("zoomend", scale);
    map.on("layeradd layerremove", ({ layer }) => {
      if (!layers.some((one) => one.group === layer)) return;
      closeHidden();
      arrange();
    });
    const keep = () => { view.isMoved = true; };
    map.on("dragstart", keep);
    for (const kind of ["wheel", "touchmove"]) container.addEventListener(kind, keep, { passive: true });
    container.addEventListener("dblclick", keep);
    container.addEventListener("click", ({ target: clicked }) => clicked.closest(".leaflet-control-zoom") && keep());
    container.addEventListener("keydown", ({ key }) => /^(Arrow|[+=_-])/.test(key) && keep());
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      map.closePopup();
      for (const { group } of layers) group.closeTooltip();
    });
    const observer = new ResizeObserver(() => view.isPrinting || resize());
    observer.observe(root);
    observer.observe(container);
    const endPrinting = printing(view);

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
      point: (wanted) => point(wanted === null ? null : entryOf(wanted)),
      on: (event, listener) => event === "select" && listeners.push(listener),
      show: (number, isShown) => {
        map[isShown ? "addLayer" : "removeLayer"](layers[number].group);
      },
      resize,
      destroy: () => {
        observer.disconnect();
        endPrinting();
        map.remove();
        root.remove();
      },
    };
  };

  return { draw, mapOptions };
})());
