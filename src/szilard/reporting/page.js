for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, i) => {
    const cell = row.cells[i];
    if ("v" in cell.dataset) return Number(cell.dataset.v.replace("inf", "Infinity"));
    return cell.classList.contains("none") ? NaN : cell.textContent;
  };
  const compare = (a, b) => {
    if (a === b) return 0;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    if (typeof a === "string") return a < b ? -1 : 1;
    return isNaN(a) ? 1 : isNaN(b) ? -1 : a - b;
  };
  heads.forEach((head, i) => head.firstChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].map((row) => [key(row, i), row]);
    const last = ([value]) => typeof value === "number" && isNaN(value);
    rows.sort((a, b) => last(a) || last(b) ? last(a) - last(b) : (down ? -1 : 1) * compare(a[0], b[0]));
    table.classList.add("sorted");
    body.append(...rows.map(([, row]) => row));
  }));
}
