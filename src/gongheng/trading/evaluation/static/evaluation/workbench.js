// The score sheet by keyboard: arrow keys and Enter go from figure to figure; saving is htmx's work.

const cells = () => [...document.querySelectorAll("[data-sheet] input[inputmode]")];

document.addEventListener("keydown", (event) => {
  const at = cells().indexOf(event.target);
  const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
  if (at < 0 || !step) return;
  // Enter would send the form and leave the page in the middle of the sheet.
  event.preventDefault();
  const next = cells()[at + step];
  if (next) { next.focus(); next.select(); } else event.target.blur();
});

// What was typed but not answered by the server is not saved: say so instead of leaving silently.
let unsaved = false;
document.addEventListener("input", (event) => { if (event.target.closest("[data-autosave]")) unsaved = true; });
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.target.closest?.("[data-autosave]")) return;
  unsaved = !event.detail.successful;
  const note = document.querySelector("[data-offline]");
  if (note) note.hidden = event.detail.successful;
});
document.addEventListener("submit", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
