// Search by name: a field and the list of what it finds.
"use strict";

GeoMap.search = (() => {
  const { make, icon, ICONS } = GeoMap.parts;
  const MOST_FOUND = 12;

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

  return { searchOf };
})();
