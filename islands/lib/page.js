// What the page tells every island (页面设置): an attribute of the element, else <meta name="gongheng-…"> of the page.
// Names: now, rate (the platform's time), kid (the signed-in person's key), cabinet-url and demo-pin (demonstration only).

import { serverClock } from "./clock.js";

const meta = (name) => document.querySelector(`meta[name="gongheng-${name}"]`)?.content || null;

export const setting = (element, name) => element.getAttribute(name) ?? meta(name);

/** Options of the unlock panel that come from the page. */
export const unlockSettings = (element) => ({
  kid: setting(element, "kid"),
  cabinetUrl: setting(element, "cabinet-url"),
  demoPin: setting(element, "demo-pin"),
});

/** The platform's clock for an element; throws when the page carries no platform time. */
export function pageClock(element) {
  const rate = Number(setting(element, "rate") ?? 1);
  if (element.hasAttribute("now")) return serverClock(element.getAttribute("now"), rate);
  // The meta tag is as old as the page, which an element inserted later is not.
  const answered = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
  return serverClock(meta("now") ?? "", rate, answered);
}
