"use strict";
// Put Bokeh's models into their places, and name every slider for those who cannot see its title. Sliders come late
// and are made anew, so that names are given again and again.

function named(root) {
  for (const element of root.querySelectorAll("*")) {
    if (!element.shadowRoot) continue;
    const title = element.shadowRoot.querySelector(".bk-slider-title");
    for (const handle of element.shadowRoot.querySelectorAll(".noUi-handle")) {
      handle.setAttribute("aria-label", title ? title.textContent.split(":")[0].replace(/ [\d.e+-]+ of .*/, "") : "slider");
    }
    named(element.shadowRoot);
  }
}

const items = JSON.parse(document.getElementById("items").textContent);
Bokeh.embed.embed_items({}, items).then(() => {
  named(document);
  setInterval(() => named(document), 1000);
  document.documentElement.dataset.ready = "true";
});

const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => setTimeout(() => {
  const look = dark.matches ? "dark" : "light";
  if (look !== document.documentElement.dataset.look) location.replace("?look=" + look);
}, 300));
