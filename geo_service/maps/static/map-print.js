// Prints a map: alone on a page of its own, or as part of one, as wide as it finds room.
"use strict";

GeoMap.print = (() => {
  const { make } = GeoMap.parts;
  const PAGE_SIZE = { width: "1040px", height: "700px" };
  const PART_SIZE = { width: "715px", height: "560px" };
  const SCALE = 2;

  const drawTiles = (pen, map) => {
    const { left, top } = map.getContainer().getBoundingClientRect();
    for (const tile of map.getPane("tilePane").querySelectorAll(".leaflet-tile-loaded")) {
      const box = tile.getBoundingClientRect();
      pen.drawImage(tile, box.left - left, box.top - top, box.width, box.height);
    }
  };

  // What has ever been cleared on a canvas is printed white, over all that lies under it, so everything is drawn once more on a new one;
  // browsers that can, print that as lines and letters.
  const sheetOf = (map, labels) => {
    const { x, y } = map.getSize();
    const corner = map.containerPointToLayerPoint([0, 0]);
    const sheet = make("canvas", { width: x * SCALE, height: y * SCALE, class: "gm-sheet", "aria-hidden": "true" });
    const pen = sheet.getContext("2d");
    pen.scale(SCALE, SCALE);
    pen.fillStyle = getComputedStyle(map.getContainer()).getPropertyValue("--gm-water");
    pen.fillRect(0, 0, x, y);
    drawTiles(pen, map);
    pen.save();
    pen.translate(-corner.x, -corner.y);
    const renderer = map.getRenderer({ options: {} });
    const screen = renderer._ctx;
    renderer._ctx = pen;
    renderer._redrawBounds = null;
    renderer._draw();
    renderer._ctx = screen;
    pen.restore();
    labels.paint(pen);
    return sheet;
  };

  /**
   * Draws the map for paper whenever the page is printed.
   * @param view `map`, `labels`, its elements `root`, `stage`, `legend`, `about`; `isMoved`, `isPrinting`, `measure()` and `fit()`.
   * @returns A function that ends it.
   */
  const printing = (view) => {
    const { map, labels, root, stage, legend, about } = view;
    let before = null;
    let sheet = null;

    const lookAgain = () => {
      view.measure();
      map.invalidateSize({ animate: false, pan: false });
      if (before.isMoved) map.fitBounds(before.bounds, { animate: false });
      else view.fit();
    };
    const prepare = () => {
      if (view.isPrinting) return;
      const { width, height } = root.getBoundingClientRect();
      const isAlone = width >= 0.9 * window.innerWidth && height >= 0.9 * window.innerHeight;
      before = { bounds: map.getBounds(), isMoved: view.isMoved, legend: legend.open, about: about.open };
      view.isPrinting = true;
      legend.open = true;
      about.open = true;
      root.classList.add("gm-printing");
      root.classList.toggle("gm-part", !isAlone);
      Object.assign(root.style, isAlone ? PAGE_SIZE : PART_SIZE);
      view.measure();
      // Nobody can scroll on paper.
      if (isAlone) legend.style.zoom = Math.min(1, (stage.clientHeight - 20) / legend.offsetHeight);
      lookAgain();
      sheet = sheetOf(map, labels);
      map.getContainer().before(sheet);
      // How wide a part is on paper is known too late for a script: the sheet and the scale grow with it.
      const line = map.getContainer().querySelector(".leaflet-control-scale-line");
      line.style.width = `${(100 * line.offsetWidth) / map.getSize().x}cqw`;
      if (!isAlone) Object.assign(root.style, { width: "", height: "" });
    };
    const restore = () => {
      if (!view.isPrinting) return;
      sheet.remove();
      root.classList.remove("gm-printing", "gm-part");
      Object.assign(root.style, { width: "", height: "" });
      legend.style.zoom = "";
      legend.open = before.legend;
      about.open = before.about;
      view.isPrinting = false;
      lookAgain();
      view.isMoved = before.isMoved;
    };

    const media = window.matchMedia("print");
    const onMedia = () => (media.matches ? prepare() : restore());
    window.addEventListener("beforeprint", prepare);
    window.addEventListener("afterprint", restore);
    media.addEventListener("change", onMedia);
    return () => {
      window.removeEventListener("beforeprint", prepare);
      window.removeEventListener("afterprint", restore);
      media.removeEventListener("change", onMedia);
    };
  };

  return { printing };
})();
