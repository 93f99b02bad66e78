// The planner's page: draws the map, lets map and table follow each other, and shows another answer without loading the page anew.
// Without it everything works by links and the form's button; the map is then a picture.
"use strict";

(() => {
  const WAIT = 400;
  let handle = null;
  let drawn = "";
  let asking = null;
  let typing = 0;
  let current = location.href;

  const byId = (id) => document.getElementById(id);
  const words = () => JSON.parse(byId("planner-said").textContent);
  const tell = (text) => { byId("said").textContent = text; };

  // ---- The map

  const json = async (url, signal) => {
    const answer = await fetch(url, { signal });
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
    return answer.json();
  };

  const drawMap = async () => {
    const place = byId("planner-map");
    if (!place || place.dataset.map === drawn) return;
    const wanted = place.dataset.map;
    const { viewer, shapes } = words();
    drawn = wanted;
    handle?.destroy();
    handle = null;
    try {
      const level = place.dataset.level;
      const [picture, known] = await Promise.all([json(wanted), level ? json(shapes[level]) : null]);
      const levels = [...new Set(picture.layers.filter((one) => one.kind === "areas").map((one) => one.level))];
      const polygons = await Promise.all(levels.map((one) => (known && one === level ? known : json(shapes[one]))));
      if (drawn !== wanted) return;
      const byLevel = Object.fromEntries(levels.map((one, at) => [one, polygons[at]]));
      handle = GeoMap.draw(place, picture, byLevel, viewer, { title: false, table: false, search: false });
      handle.on("select", fromMap);
      const summary = byId("map-summary");
      if (summary) summary.textContent = picture.summary;
      const row = document.querySelector("tr[aria-current]");
      if (row) handle.select(row.dataset.id);
    } catch (error) {
      if (drawn !== wanted) return;
      drawn = "";
      console.error(error);
      const text = document.createElement("p");
      text.textContent = place.dataset.failed;
      place.replaceChildren(text);
    }
  };

  // ---- Map and table

  let isFollowing = false;

  const mark = (row) => {
    for (const one of document.querySelectorAll("tr[aria-current]")) one.removeAttribute("aria-current");
    row?.setAttribute("aria-current", "true");
  };

  const rowOf = (id) => byId(`v-${id}`) ?? byId(`u-${id}`);

  /** Brings a row into sight inside its table, and leaves the page where it is. */
  const reveal = (row) => {
    const box = row.closest(".rows");
    const head = row.closest("table").tHead.offsetHeight;
    const top = row.offsetTop;
    if (top - head < box.scrollTop || top + row.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - head - (box.clientHeight - head - row.offsetHeight) / 2;
    }
  };

  const fromMap = (id) => {
    if (isFollowing) return;
    const row = rowOf(id);
    if (row) {
      mark(row);
      reveal(row);
      return;
    }
    if (!byId("communities")) return;
    const url = new URL(location.href);
    // The map has all communities of the answer, the table those that the search finds.
    for (const name of ["q", "page"]) url.searchParams.delete(name);
    url.searchParams.set("select", id);
    go(url.href, { keepsMap: true, isQuiet: true }).then(() => {
      const found = rowOf(id);
      if (found) reveal(found);
    });
  };

  const toMap = (row) => {
    mark(row);
    if (!handle) return;
    isFollowing = true;
    const isThere = handle.select(row.dataset.id);
    isFollowing = false;
    const place = byId("planner-map");
    const { top, bottom } = place.getBoundingClientRect();
    if (isThere && (bottom < 80 || top > innerHeight - 80)) place.scrollIntoView({ block: "nearest" });
  };

  // ---- Another answer in the same page

  const swap = (text, url) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.getElementById("answer") || !byId("answer")) return false;
    const old = byId("planner-map");
    const next = fresh.getElementById("planner-map");
    const isSame = old && next && drawn && next.dataset.map === drawn;
    const active = document.activeElement?.id;
    const caret = document.activeElement?.selectionStart;
    const isOpen = byId("ask")?.open;
    const scrolled = [...document.querySelectorAll(".totals .rows")].map((one) => one.scrollTop);
    document.title = fresh.title;
    document.documentElement.lang = fresh.documentElement.lang;
    for (const part of ["header", ".asks", "#ask", "#answer", "#planner-said"]) {
      const [was, is] = [document.querySelector(part), fresh.querySelector(part)];
      if (was && is) was.replaceWith(document.adoptNode(is));
      else if (was || is) return false;
    }
    if (isSame) {
      byId("planner-map").replaceWith(old);
      handle?.resize();
    } else {
      handle?.destroy();
      handle = null;
      drawn = "";
    }
    if (isOpen !== undefined) byId("ask").open = isOpen;
    [...document.querySelectorAll(".totals .rows")].forEach((one, at) => { one.scrollTop = scrolled[at] ?? 0; });
    current = url;
    if (active && byId(active)) {
      byId(active).focus({ preventScroll: true });
      if (byId(active).type === "search" && caret !== null) byId(active).setSelectionRange(caret, caret);
    }
    return true;
  };

  const go = async (url, { isBack = false, isQuiet = false } = {}) => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    document.body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (!answer.headers.get("content-type")?.startsWith("text/html") || !swap(text, url)) throw new Error("no such page");
      if (!isBack) history[isQuiet ? "replaceState" : "pushState"](null, "", url);
      start();
      if (!isQuiet) tell([words().changed.replace("{title}", byId("title").textContent), byId("found").textContent].join(" "));
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    } finally {
      if (asking?.signal === signal) document.body.removeAttribute("aria-busy");
    }
  };

  const asked = () => {
    const form = byId("question");
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value !== "") url.searchParams.set(name, value);
    return url.href;
  };

  const isOwn = (link) => {
    const url = new URL(link.href);
    const here = new URL(byId("question").action);
    return url.origin === here.origin && url.pathname === here.pathname && url.searchParams.has("ask");
  };

  document.addEventListener("change", (event) => {
    if (event.target.form?.id !== "question") return;
    if (event.target.name === "service" || event.target.name === "group") for (const name of ["sort", "order"]) byId("question").elements[name]?.remove();
    go(asked());
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "q") return;
    clearTimeout(typing);
    typing = setTimeout(() => go(asked(), { isQuiet: true }), WAIT);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "question") return;
    event.preventDefault();
    clearTimeout(typing);
    go(asked());
  });

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const copy = event.target.closest("button.copy");
    if (copy) {
      copyFrom(byId(copy.dataset.copies));
      return;
    }
    if (event.target.closest("#print")) {
      window.print();
      return;
    }
    const row = event.target.closest("tbody tr[data-id]");
    const link = event.target.closest("a[href]");
    if (row && (row.closest("#communities") || !link)) {
      event.preventDefault();
      toMap(row);
      return;
    }
    if (link && !link.target && !link.hasAttribute("download") && byId("question") && isOwn(link)) {
      event.preventDefault();
      go(link.href);
    }
  });

  window.addEventListener("popstate", () => {
    if (location.href.split("#")[0] !== current.split("#")[0]) go(location.href, { isBack: true });
  });

  // ---- Copying and printing

  const copyFrom = async (field) => {
    const { says } = words();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      tell(says.copied);
    } catch {
      tell(document.execCommand("copy") ? says.copied : says.copy_by_hand);
    }
  };

  // ---- The form, which can be closed only where there is little room

  const narrow = matchMedia("(max-width: 48rem)");

  const openForm = () => {
    if (!narrow.matches && byId("ask")) byId("ask").open = true;
  };

  narrow.addEventListener("change", openForm);

  const start = () => {
    document.documentElement.classList.add("has-script");
    openForm();
    drawMap();
  };

  if (narrow.matches && byId("ask")) byId("ask").open = false;
  start();
  const row = document.querySelector("tr[aria-current]");
  if (row) reveal(row);
})();
