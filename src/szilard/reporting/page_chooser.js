{
  const section = document.querySelector(".chooser");
  if (section) {
    const data = JSON.parse(document.getElementById("runs").textContent);
    const controls = data.axes.map((_, i) => document.getElementById(`axis-${i}`));
    const note = section.querySelector(".nearest"), room = section.querySelector(".chosen-run");
    const byNumber = new Map(data.runs.map((run, i) => [run.number, i]));
    let now = data.first;

    const make = (name, className, text) => {
      const element = document.createElement(name);
      if (className) element.className = className;
      if (text !== undefined) element.textContent = text;
      return element;
    };
    const minus = (text) => text.replaceAll("-", "\u2212");
    const fixed = (value, digits) => (Number(value.toFixed(digits)) === 0 ? 0 : value).toFixed(digits);
    const said = (value, error) => {
      if (!(error > 1e-99)) return minus(String(Number(value.toPrecision(3))));
      const digits = Math.max(0, 1 - Math.floor(Math.log10(Number(error.toPrecision(2)))));
      return minus(`${fixed(value, digits)} \u00b1 ${error.toFixed(digits)}`);
    };
    const number = (found) => {
      if (!found) return "\u2013";
      const [value, error, side] = found;
      const mark = { upper: "\u2264 ", lower: "\u2265 ", none: "? " }[data.sides[side]] ?? "";
      return mark + said(value, error) + (error === null ? " \u00b1 unknown" : "");
    };
    const row = (body, label, found, unit, share, swatch) => {
      const line = body.insertRow();
      const head = make("th", "", "");
      head.scope = "row";
      if (swatch) head.append(swatch);
      head.append(label);
      line.append(head);
      const cell = make("td", found ? "n" : "n none", number(found));
      if (found) {
        cell.dataset.v = String(found[0]);
        cell.title = found[1] === null ? String(found[0]) : `${found[0]} \u00b1 ${found[1]}`;
      }
      line.append(cell, make("td", "", unit), make("td", "n", share ?? ""));
    };
    const fill = (term) => `fill-${{ "\\": "back", "/": "forward", "-": "flat" }[term.hatch] ?? "plain"}`;
    const patch = (term, className) => {
      const element = make("span", `${className} ${fill(term)}`);
      element.style.setProperty("--fill", `var(--c${term.colour})`);
      return element;
    };

    const bar = (run, cost) => {
      const terms = data.terms.map((term, i) => [term, run.numbers[i]]).filter(([, found]) => found);
      const total = terms.reduce((sum, [, found]) => sum + Math.max(found[0], 0), 0);
      const stack = make("div", "stack");
      stack.setAttribute("role", "img");
      const told = terms.map(([term, found]) => `${term.name} ${number(found)}`).join(", ");
      stack.setAttribute("aria-label", `Budget of ${run.name} in nat: ${told}`);
      for (const [term, found] of terms) {
        if (!(found[0] > 0)) continue;
        const part = patch(term, "part");
        part.style.flexGrow = String(found[0] / total);
        part.title = `${term.name} ${number(found)} nat`;
        stack.append(part);
      }
      return stack;
    };

    const show = () => {
      const run = data.runs[now];
      const terms = run.numbers.slice(0, data.terms.length), answers = run.numbers.slice(data.terms.length);
      const cost = answers[data.answers.findIndex(([name]) => name === "cost")];
      room.replaceChildren(make("h3", "", run.name), make("p", "meta", run.note));
      if (terms.some(Boolean)) room.append(bar(run, cost));
      const scroll = make("div", "scroll two");
      for (const [caption, fillIn] of [
        ["Its budget", (body) => data.terms.forEach((term, i) => {
          if (!terms[i]) return;
          const share = cost && cost[0] > 0 ? `${minus(fixed(100 * terms[i][0] / cost[0], 1))} %` : "";
          row(body, term.name, terms[i], "nat", share, patch(term, "swatch"));
        })],
        ["Its numbers", (body) => data.answers.forEach(([name, unit], i) => {
          if (answers[i]) row(body, name, answers[i], unit);
        })],
      ]) {
        const table = make("table");
        table.append(make("caption", "", caption));
        fillIn(table.createTBody());
        if (table.rows.length) scroll.append(table);
      }
      const verdict = make("p", `verdict ${run.verdict.split(",")[0].replace(" ", "-")}`,
        `second law: ${run.verdict}` + (run.margin === null ? "" : minus(` (${run.margin >= 0 ? "+" : ""}${run.margin.toFixed(1)} \u03c3)`)));
      room.append(scroll, verdict);
      const below = data.terms.filter((_, i) => terms[i] && terms[i][0] < 0).map((term) => term.name);
      if (below.length) room.append(make("p", "meta", `below zero and so not in the bar: ${below.join(", ")}`));
      if (run.merged) room.append(make("p", "meta", `unresolved: ${run.merged}`));
      data.axes.forEach((axis, i) => {
        const at = run.at[i];
        controls[i].value = String(at);
        if (axis.ordered) {
          controls[i].setAttribute("aria-valuetext", axis.values[at]);
          section.querySelector(`output[for="axis-${i}"]`).textContent = axis.values[at];
        }
      });
      for (const one of document.querySelectorAll(".chosen")) {
        one.classList.remove("chosen");
        one.removeAttribute("aria-current");
      }
      for (const one of document.querySelectorAll(`[data-run="${run.number}"]`)) {
        one.classList.add("chosen");
        one.setAttribute("aria-current", "true");
      }
    };

    // The parameter just moved keeps its value; of the runs that have it the nearest one is taken.
    const choose = (moved) => {
      const asked = controls.map((control) => Number(control.value));
      const far = (run) => data.axes.reduce((sum, axis, i) => {
        const apart = Math.abs(run.at[i] - asked[i]);
        return sum + (axis.ordered ? apart / (axis.values.length - 1) : apart ? 1 : 0);
      }, 0);
      let best = -1, least = Infinity;
      data.runs.forEach((run, i) => {
        if (run.at[moved] !== asked[moved]) return;
        const distance = far(run);
        if (distance < least) [best, least] = [i, distance];
      });
      now = best;
      const other = data.axes.filter((_, i) => data.runs[now].at[i] !== asked[i]).map((axis) => axis.label);
      note.textContent = least > 0
        ? `No run has this combination. The nearest with that ${data.axes[moved].label} is shown; it differs in ${other.join(", ")}.`
        : "";
      show();
    };

    controls.forEach((control, i) => control.addEventListener("input", () => choose(i)));
    section.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", (event) => {
      const at = event.target.closest("[data-run]");
      if (!at || !byNumber.has(Number(at.dataset.run))) return;
      const before = at.getBoundingClientRect().top;
      now = byNumber.get(Number(at.dataset.run));
      note.textContent = "";
      show();
      scrollBy(0, at.getBoundingClientRect().top - before);
      document.dispatchEvent(new Event("chosen"));
    });
    section.hidden = false;
    show();
  }
}
