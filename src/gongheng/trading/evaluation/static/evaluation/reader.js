// How long each page of a file lay open before the member (逐页阅看时间); the papers themselves look as ever.
//
// Every second the page that fills most of the view gets that second, while this window is in front and somebody has
// scrolled, typed or moved within the last two minutes. Every fifteen seconds, and when the page is left, what was
// counted goes up. What cannot be measured (print-outs, a second screen) is said where the figures are shown.

const reader = document.querySelector(".ev-reader[data-turns-url]");
const TICK = 1000;
const SEND = 15000;
const IDLE = 120000;

if (reader) {
  const sheets = [...reader.querySelectorAll("[data-file]")];
  const seen = new Map(sheets.map((sheet) => [sheet, 0]));
  const pending = new Map();
  let lastAct = Date.now();

  const watch = new IntersectionObserver((entries) => {
    // In pixels of the screen: of two half-shown pages the one with more of it is being read.
    for (const { target, intersectionRect } of entries) seen.set(target, intersectionRect.width * intersectionRect.height);
  }, { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] });
  sheets.forEach((sheet) => watch.observe(sheet));

  for (const act of ["pointermove", "pointerdown", "keydown", "wheel", "touchmove", "scroll"]) {
    document.addEventListener(act, () => { lastAct = Date.now(); }, { capture: true, passive: true });
  }

  const isReading = () => document.visibilityState === "visible" && document.hasFocus() && Date.now() - lastAct < IDLE;

  setInterval(() => {
    if (!isReading()) return;
    const [sheet, area] = [...seen].reduce((best, one) => (one[1] > best[1] ? one : best), [null, 0]);
    if (!area) return;
    const key = `${sheet.dataset.file} ${sheet.dataset.page}`;
    pending.set(key, (pending.get(key) ?? 0) + 1);
  }, TICK);

  const send = async () => {
    if (pending.size === 0) return;
    const turns = [...pending].map(([key, seconds]) => [...key.split(" ").map(Number), seconds]);
    pending.clear();
    const back = () => turns.forEach(([file, page, seconds]) => {
      const key = `${file} ${page}`;
      pending.set(key, (pending.get(key) ?? 0) + seconds);
    });
    try {
      const response = await fetch(reader.dataset.turnsUrl, {
        method: "POST", credentials: "same-origin", keepalive: true,
        headers: {
          Accept: "application/json", "Content-Type": "application/json",
          "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]").value,
        },
        body: JSON.stringify({ form: reader.dataset.form, turns }),
      });
      if (response.status >= 500) back();
    } catch {
      back(); // a cut link loses nothing: it goes up with the next batch
    }
  };
  setInterval(send, SEND);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("pagehide", send);
}
