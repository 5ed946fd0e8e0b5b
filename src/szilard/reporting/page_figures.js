{
  const ZOOM = 1.25, FARTHEST = 24, TAP = 8;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);

  let told = null;
  const hide = () => { tip.hidden = true; };
  const tell = (mark) => {
    told = mark;
    tip.textContent = mark.getAttribute("aria-label");
    tip.hidden = false;
    const box = mark.getBoundingClientRect(), own = tip.getBoundingClientRect(), room = 8;
    const wide = document.documentElement.clientWidth;
    const left = Math.min(Math.max(room, box.left + box.width / 2 - own.width / 2), wide - own.width - room);
    const above = box.top - own.height - room;
    tip.style.left = `${Math.max(room, left) + scrollX}px`;
    tip.style.top = `${(above > room ? above : box.bottom + room) + scrollY}px`;
  };

  for (const mark of document.querySelectorAll(".mark")) {
    const title = mark.querySelector("title");
    mark.setAttribute("aria-label", title.textContent);
    title.remove();
    mark.addEventListener("pointerenter", () => tell(mark));
    mark.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
    mark.addEventListener("focus", () => tell(mark));
    mark.addEventListener("blur", hide);
  }
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".mark")) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("chosen", () => { if (!tip.hidden) tell(told); });

  // One stop of the keyboard per figure; arrows go from mark to mark.
  for (const group of document.querySelectorAll(".marks")) {
    const marks = [...group.children];
    group.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const here = marks.indexOf(event.target);
      if (!step || here < 0) return;
      event.preventDefault();
      const next = marks[(here + step + marks.length) % marks.length];
      event.target.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus({ preventScroll: false });
    });
  }

  for (const panel of document.querySelectorAll(".panel")) {
    const svg = panel.querySelector("svg");
    if (!svg) continue;
    const whole = svg.getAttribute("viewBox").split(" ").map(Number);
    let [x, y, width, height] = whole;
    const show = () => {
      width = Math.min(Math.max(width, whole[2] / FARTHEST), whole[2]);
      height = width * whole[3] / whole[2];
      x = Math.min(Math.max(x, 0), whole[2] - width);
      y = Math.min(Math.max(y, 0), whole[3] - height);
      svg.setAttribute("viewBox", [x, y, width, height].map((v) => Number(v.toFixed(3))).join(" "));
      panel.classList.toggle("zoomed", width < whole[2]);
      hide();
    };
    const place = (point) => {
      const box = svg.getBoundingClientRect();
      return [(point.clientX - box.left) / box.width, (point.clientY - box.top) / box.height];
    };
    const zoom = (factor, [u, v]) => {
      const next = Math.min(Math.max(width / factor, whole[2] / FARTHEST), whole[2]);
      x += u * (width - next);
      y += v * (height - next * whole[3] / whole[2]);
      width = next;
      show();
    };
    const reset = () => { [x, y, width, height] = whole; show(); };

    const tools = document.createElement("div");
    tools.className = "tools";
    for (const [sign, name, act] of [
      ["+", "Zoom in", () => zoom(ZOOM * ZOOM, [0.5, 0.5])],
      ["\u2212", "Zoom out", () => zoom(1 / ZOOM / ZOOM, [0.5, 0.5])],
      ["1:1", "Show the whole figure", reset],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.setAttribute("aria-label", name);
      button.title = `${name}. Wheel with Ctrl, or after a click on the figure; drag to move; keys + \u2212 0`;
      button.addEventListener("click", act);
      tools.append(button);
    }
    panel.append(tools);

    panel.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = { "+": () => zoom(ZOOM, [0.5, 0.5]), "=": () => zoom(ZOOM, [0.5, 0.5]),
        "-": () => zoom(1 / ZOOM, [0.5, 0.5]), "0": reset }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
    svg.setAttribute("tabindex", "-1");
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !panel.contains(document.activeElement)) return;
      event.preventDefault();
      zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 240), place(event));
    }, { passive: false });

    const held = new Map();
    let moved = 0;
    svg.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, event);
      moved = 0;
    });
    svg.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const box = svg.getBoundingClientRect();
      moved += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
      if (held.size === 1 && moved > TAP / 2 && width < whole[2]) {
        svg.setPointerCapture(event.pointerId);
        x -= (event.clientX - before.clientX) / box.width * width;
        y -= (event.clientY - before.clientY) / box.height * height;
        show();
      } else if (held.size === 2) {
        const other = [...held.values()].find((one) => one.pointerId !== event.pointerId);
        const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        if (apart(before) > 0) zoom(apart(event) / apart(before), place(other));
      }
      held.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel"])
      svg.addEventListener(name, (event) => held.delete(event.pointerId));
    svg.addEventListener("click", (event) => { if (moved > TAP) event.stopPropagation(); }, true);
  }
}
