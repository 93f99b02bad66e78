"use strict";

// Pages for uploads work without this. It says that something is being sent, moves to what is wrong,
// and looks how far an upload is without loading the whole page again.
(() => {
  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  for (const form of document.querySelectorAll("form[enctype]")) {
    form.addEventListener("submit", () => {
      const said = form.querySelector(".sending");
      said.textContent = said.dataset.said;
      // After this turn: a button that is disabled now would not send.
      setTimeout(() => { form.querySelector("button").disabled = true; });
    });
  }
  // Whoever comes back finds the form as it was before.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[enctype]")) {
      form.querySelector("button").disabled = false;
      form.querySelector(".sending").textContent = "";
    }
  });

  const seconds = Number(document.getElementById("status")?.dataset.again);
  if (!seconds) return;
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const status = page.getElementById("status");
      if (!answer.ok || !status?.dataset.again) {
        location.reload();
        return;
      }
      const now = document.querySelector("#status p");
      const told = status.querySelector("p").textContent;
      // Told only when it changes, so that a screen reader says it once.
      if (now.textContent !== told) now.textContent = told;
    } catch {
      // The service cannot be reached at this moment: try again.
    }
    setTimeout(look, seconds * 1000);
  };
  setTimeout(look, seconds * 1000);
})();
