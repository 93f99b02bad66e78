// Draws the maps of a report when they are about to be seen, and before the page is printed; marks the section that is read in the contents.
"use strict";

(() => {
  const AHEAD = "600px";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const places = new Set(document.querySelectorAll("[data-map]"));
  let shared = null;

  const shapesOf = (names) => {
    shared ??= read("maps_");
    return Object.fromEntries(Object.entries(names).map(([level, name]) => [level, shared.shapes[name]]));
  };

  // A wheel or a finger that goes over a map scrolls the page; who has clicked into the map moves the map.
  const yielding = (map, place) => {
    const isTouched = window.matchMedia("(pointer: coarse)").matches;
    const still = () => {
      map.scrollWheelZoom.disable();
      if (isTouched) map.dragging.disable();
    };
    const moving = () => {
      map.scrollWheelZoom.enable();
      map.dragging.enable();
    };
    still();
    map.getContainer().addEventListener("click", moving);
    place.addEventListener("mouseleave", still);
    document.addEventListener("pointerdown", ({ target }) => place.contains(target) || still());
  };

  const draw = (place) => {
    places.delete(place);
    const still = [...place.children];
    try {
      const { picture, shapes } = read(place.dataset.map);
      const { map } = GeoMap.draw(place, picture, shapesOf(shapes), shared.said, { title: false });
      yielding(map, place);
      const number = place.closest("figure").querySelector("figcaption b").textContent;
      place.querySelector("[role=search]").setAttribute("aria-label", `${shared.said.search}: ${number}`);
      place.dataset.drawn = "";
    } catch (error) {
      console.error(error);
      place.replaceChildren(...still);
    }
  };

  if (places.size) {
    const nearing = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        nearing.unobserve(target);
        if (places.has(target)) draw(target);
      }
    }, { rootMargin: AHEAD });
    for (const place of places) nearing.observe(place);

    window.addEventListener("beforeprint", () => {
      if (!places.size) return;
      for (const place of [...places]) draw(place);
      // Maps that are drawn while an event is told do not hear it.
      window.dispatchEvent(new Event("beforeprint"));
    });
  }

  // A table is a stop of the keyboard only where it has to be scrolled.
  const fitting = new ResizeObserver((changed) => {
    for (const { target } of changed) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const rows of document.querySelectorAll(".rows")) fitting.observe(rows);

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [document.getElementById(link.hash.slice(1)), link]));
  const inView = new Set();
  let marked = null;
  // Contents that are longer than the window are scrolled by themselves, not with the page.
  const show = (link) => {
    const list = document.querySelector("nav");
    if (!link || list.scrollHeight <= list.clientHeight) return;
    const place = link.getBoundingClientRect().top - list.getBoundingClientRect().top;
    if (place < 40 || place > list.clientHeight - 80) list.scrollTop += place - list.clientHeight / 2;
  };

  const reading = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) inView[isIntersecting ? "add" : "delete"](target);
    const last = [...links.keys()].filter((one) => inView.has(one)).pop();
    marked?.removeAttribute("aria-current");
    marked = last ? links.get(last) : null;
    marked?.setAttribute("aria-current", "true");
    show(marked);
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const section of links.keys()) reading.observe(section);
})();
