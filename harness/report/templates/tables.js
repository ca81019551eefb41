"use strict";
// Sorting and filtering of tables whose whole content is in the page. The view is in the address, after "#":
// #sort=-time&language=C is a link that can be passed on ("-" is downwards). Nothing here is needed to read the page.
(() => {
  const tables = [...document.querySelectorAll("table.kernels")].map(table => ({
    table,
    rows: [...table.tBodies[0].rows],
    heads: [...table.tHead.rows[0].cells].filter(cell => cell.dataset.key),
    controls: document.querySelector(`.filters[data-table="${table.id}"]`),
  }));
  const isView = () => location.hash.includes("="); // else it is the name of a place on the page
  const view = () => new URLSearchParams(isView() ? location.hash.slice(1) : "");

  const valueOf = (row, index) => {
    const cell = row.cells[index];
    if (!cell || cell.dataset.v === undefined || cell.dataset.v === "" || cell.colSpan > 1) return null;
    const number = Number(cell.dataset.v);
    return Number.isNaN(number) ? cell.dataset.v : number;
  };

  const compare = (one, other, down) => {
    if (one === null || other === null) return (one === null) - (other === null); // what has no value comes last
    const order = typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(other);
    return down ? -order : order;
  };

  const show = ({table, rows, heads, controls}) => {
    const state = view();
    const sort = state.get("sort") || "";
    const down = sort.startsWith("-");
    const head = heads.find(cell => cell.dataset.key === sort.replace("-", ""));
    let order = rows;
    if (head) {
      const keyed = rows.map(row => [row, valueOf(row, head.cellIndex)]);
      order = keyed.sort((a, b) => compare(a[1], b[1], down)).map(pair => pair[0]);
    }
    table.tBodies[0].append(...order);
    for (const cell of heads) {
      cell.ariaSort = cell === head ? (down ? "descending" : "ascending") : "none";
      cell.querySelector("span").textContent = cell === head ? (down ? " ▼" : " ▲") : "";
    }
    const wanted = (state.get("find") || "").toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      for (const select of controls.querySelectorAll("select:not([name=and])")) {
        const value = state.get(select.name), second = select.name === "language" ? state.get("and") : null;
        if (value && row.dataset[select.name] !== value && row.dataset[select.name] !== second) row.hidden = true;
      }
      shown += !row.hidden;
    }
    for (const control of controls.querySelectorAll("select, input")) {
      const value = state.get(control.name) || "";
      if (control.value !== value) control.value = value;
    }
    const beside = controls.querySelector("label:has([name=and])"); // a second language; a table may be of none
    if (beside) beside.hidden = !state.get("language");
    dispatchEvent(new Event("filtered")); // for the charts
    controls.querySelector("output").textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length} rows`;
  };

  const change = (name, value) => {
    const state = view();
    if (value) state.set(name, value);
    else state.delete(name);
    const text = state.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    tables.forEach(show);
  };

  // once upwards, once downwards, then as it was
  const sortBy = key => {
    const now = view().get("sort");
    change("sort", now === key ? `-${key}` : now === `-${key}` ? "" : key);
  };

  const unfold = () => {
    if (isView()) return;
    // compared as it stands in the address: names need no decoding, and what is no name may be malformed
    const target = [...document.querySelectorAll("details[id], .slide")].find(one => `#${encodeURI(one.id)}` === location.hash);
    if (!target) return;
    target.closest("details").open = true;
    target.scrollIntoView();
    target.querySelector("summary, a").focus();
  };

  for (const one of tables) {
    for (const cell of one.heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes, document.createElement("span"));
      button.lastChild.ariaHidden = "true";
      button.addEventListener("click", () => sortBy(cell.dataset.key));
      cell.append(button);
    }
    one.controls.hidden = false;
    one.controls.addEventListener("input", event => change(event.target.name, event.target.value));
    one.controls.querySelector("button").addEventListener("click", () => {
      history.replaceState(null, "", location.pathname + location.search);
      tables.forEach(show);
    });
  }
  addEventListener("hashchange", () => { tables.forEach(show); unfold(); });
  tables.forEach(show);
  unfold();
})();
