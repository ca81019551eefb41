"use strict";
// Dots of charts answer to the mouse, to touch and to the keyboard: what a dot shows is the text of its kernel's row in
// the table, and the kernel is marked wherever it is on the page. What a filter hides in that table is hidden in the
// others, too, and has faint dots. Nothing here is needed to read the page: the table has all of it.
(() => {
  const rows = new Map([...document.querySelectorAll("table.kernels tr[data-kernel]")].map(row => [row.dataset.kernel, row]));
  const charts = [...document.querySelectorAll("figure.chart svg")].map(svg => ({
    svg,
    dots: [...svg.querySelectorAll("[aria-label]")].filter(dot => rows.has(dot.getAttribute("aria-label"))),
  })).filter(chart => chart.dots.length);
  const kernelOf = new Map(charts.flatMap(chart => chart.dots.map(dot => [dot, dot.getAttribute("aria-label")])));
  const marked = new Map(); // the elements of each kernel: dots, rows of tables, links
  const mark = (kernel, element) => marked.has(kernel) ? marked.get(kernel).push(element) : marked.set(kernel, [element]);
  for (const [dot, kernel] of kernelOf) mark(kernel, dot);
  for (const row of document.querySelectorAll("tr[data-kernel]")) mark(row.dataset.kernel, row);

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.ariaHidden = "true"; // the dot's own label says the same
  document.body.append(tip);

  let shown = "";
  const show = (kernel, dot) => {
    for (const element of marked.get(shown) || []) element.classList.remove("hot");
    shown = kernel;
    for (const element of marked.get(shown) || []) element.classList.add("hot");
    tip.hidden = !kernel || !dot;
    if (tip.hidden) return;
    const name = document.createElement("strong");
    name.textContent = kernel;
    tip.replaceChildren(name, rows.get(kernel).dataset.tip || "");
    const place = dot.getBoundingClientRect(), box = tip.getBoundingClientRect();
    const left = Math.min(place.right + 8, document.documentElement.clientWidth - box.width - 8);
    const above = place.top - box.height - 8;
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${(above > 0 ? above : place.bottom + 8) + scrollY}px`;
  };

  for (const {svg, dots} of charts) {
    // in the order in which they are read: from top to bottom, and from left to right
    const box = new Map(dots.map(dot => [dot, dot.getBoundingClientRect()]));
    dots.sort((one, other) => box.get(one).y - box.get(other).y || box.get(one).x - box.get(other).x);
    for (const part of svg.querySelectorAll("[role]")) { // of axes and groups, which have no name of their own
      if (!kernelOf.has(part)) for (const name of ["role", "aria-label", "aria-roledescription"]) part.removeAttribute(name);
    }
    svg.removeAttribute("aria-hidden");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", `${svg.closest("[aria-label]:not(svg)").getAttribute("aria-label")}: arrow keys go from dot to dot`);
    for (const [index, dot] of dots.entries()) {
      const kernel = kernelOf.get(dot);
      dot.setAttribute("role", "img");
      dot.removeAttribute("aria-roledescription");
      dot.setAttribute("aria-label", `${kernel}: ${rows.get(kernel).dataset.tip || ""}`);
      dot.setAttribute("tabindex", index ? "-1" : "0"); // one stop a chart
    }
    svg.addEventListener("keydown", event => {
      const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[event.key];
      const next = dots[dots.indexOf(event.target) + step];
      if (event.key === "Escape") show("");
      if (!next) return;
      event.preventDefault();
      event.target.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }

  const dotAt = event => kernelOf.has(event.target) ? event.target : null;
  for (const name of ["pointerover", "pointerdown", "focusin"]) {
    document.addEventListener(name, event => {
      const dot = dotAt(event), row = event.target.closest?.("tr[data-kernel]");
      if (dot) show(kernelOf.get(dot), dot);
      else if (row) show(row.dataset.kernel);
      else show("");
    });
  }

  const others = [...document.querySelectorAll("table:not(.kernels) tr[data-kernel]")].filter(row => rows.has(row.dataset.kernel));
  const filter = () => {
    for (const [dot, kernel] of kernelOf) dot.classList.toggle("off", rows.get(kernel).hidden);
    for (const row of others) row.hidden = rows.get(row.dataset.kernel).hidden;
  };
  addEventListener("filtered", filter);
  filter();
})();
