// The score sheet by keyboard: arrow keys and Enter go from figure to figure; saving is the work of draft-keeper.

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

