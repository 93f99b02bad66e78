// What is said beside a map: of one unit or point, the legend, the facts, the sources, the table.
"use strict";

GeoMap.legend = (() => {
  const { make, svg } = GeoMap.parts;

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

  const sectionOf = (layer, said) => {
    const items = layer.classes.map((one) =>
      make("li", {}, swatchOf(one, markerOf(layer)), make("span", { class: "gm-label" }, one.label), make("span", { class: "gm-count", title: said.count }, one.counted)),
    );
    const sizes = layer.kind === "points" && layer.sizes.length ? sizesOf(layer) : [];
    const isOne = layer.classes.length === 1 && layer.classes[0].label === layer.name;
    return make("section", {}, ...(isOne ? [] : [make("h2", {}, layer.name)]), make("ul", { class: "gm-classes" }, ...items), ...sizes);
  };

  const notesOf = (notes) => make("div", { class: "gm-notes" }, ...notes.map((one) => make("p", {}, one)));

  const aboutOf = (picture, said) => {
    const facts = picture.facts.map(([label, text]) => make("div", {}, make("dt", {}, label), make("dd", {}, text)));
    const credits = make("div", { class: "gm-credits" }, ...creditsOf(picture, said));
    // Where there is no room for all warnings, they stand here.
    const notes = notesOf(picture.notes.slice(1));
    return make("details", { class: "gm-about" }, make("summary", {}, said.about), notes, make("dl", {}, ...facts), credits);
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

  return { describe, sectionOf, notesOf, aboutOf, creditsOf, dataOf };
})();
