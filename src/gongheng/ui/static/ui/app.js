// Small behaviours of every page: CSRF for htmx, islands on demand, the legal clock, copying, confirming, printing.

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = token; });

// An island is fetched only by pages that hold its element; names can only reach our own folder.
const asked = new Set();
function loadIslands(root) {
  for (const element of root.querySelectorAll(":not(:defined)")) {
    const name = element.localName;
    if (asked.has(name) || !/^[a-z]+(-[a-z]+)+$/.test(name)) continue;
    asked.add(name);
    import(new URL(`../islands/${name}.js`, import.meta.url)).catch((error) => {
      // The visitor is told on the page; the cause must not be swallowed.
      for (const waiting of document.querySelectorAll(name)) waiting.classList.add("is-unavailable");
      console.error(`island ${name}`, error);
    });
  }
}

// Counting from performance.now, because the visitor's own clock may be wrong or changed on purpose.
function startClocks() {
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });
  const clocks = [...document.querySelectorAll("time[data-clock]")].map((element) => ({
    element, from: Date.parse(element.dataset.clock), rate: Number(element.dataset.rate) || 1, begun: performance.now(),
  }));
  if (!clocks.length) return;
  const tick = () => {
    for (const { element, from, rate, begun } of clocks) {
      element.textContent = shown.format(new Date(from + (performance.now() - begun) * rate));
    }
  };
  setInterval(tick, 1000);
}

// Phones show each row as a card; the labels come from the head so that templates need not repeat them.
function labelCells(root) {
  for (const table of root.querySelectorAll("table.is-cards, table.table-mobile-md")) {
    const labels = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim().replace(/\*$/, ""));
    for (const row of table.tBodies[0]?.rows ?? []) {
      [...row.cells].forEach((cell, i) => { if (cell.colSpan === 1 && !("label" in cell.dataset)) cell.dataset.label = labels[i] ?? ""; });
    }
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const icon = button.querySelector("i");
  button.classList.add("is-done");
  icon?.classList.replace("ti-copy", "ti-check");
  setTimeout(() => { button.classList.remove("is-done"); icon?.classList.replace("ti-check", "ti-copy"); }, 1500);
}

// Runs before submit, so a signed form still signs after the question was answered.
function askFirst(event, button) {
  const dialog = document.getElementById(button.dataset.confirm);
  if (!dialog || !button.form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.querySelector("[data-confirm-yes]").onclick = () => { dialog.close(); button.form.requestSubmit(button); };
  dialog.querySelector("[data-confirm-no]").onclick = () => dialog.close();
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const found = (selector) => event.target.closest?.(selector);
  if (found("[data-copy]")) copy(found("[data-copy]"));
  else if (found("[data-confirm]")) askFirst(event, found("[data-confirm]"));
  else if (found("[data-print]")) window.print();
  else if (found("[data-fullscreen]")) {
    if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen();
  }
}, true);

function enliven(root) { loadIslands(root); labelCells(root); }
document.addEventListener("htmx:load", (event) => enliven(event.target.parentElement ?? document));
enliven(document);
startClocks();
document.querySelector("[data-mistakes]")?.focus();
