// <deadline-clock at="…" now="…" rate="1" big format="countdown|clock">: 截止时间倒计时, true to the server's time.
// format="clock" shows the running platform time instead of what is left. Emits `due` once when the moment is reached.

import { h } from "../lib/dom.js";
import { pageClock } from "../lib/page.js";

const two = (value) => String(value).padStart(2, "0");
const wallClock = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hourCycle: "h23",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

export function split(milliseconds) {
  // Rounded up: "0 秒" must not stand there while the deadline has not come.
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return { days: Math.floor(seconds / 86400), hours: Math.floor(seconds / 3600) % 24, minutes: Math.floor(seconds / 60) % 60, seconds: seconds % 60 };
}

export function spoken({ days, hours, minutes }) {
  const parts = [[days, "天"], [hours, "小时"], [minutes, "分钟"]].filter(([value]) => value > 0).map(([value, unit]) => `${value}${unit}`);
  return parts.length > 0 ? `距截止还有${parts.join("")}` : "距截止不足一分钟";
}

class DeadlineClock extends HTMLElement {
  static observedAttributes = ["at", "now", "rate", "format"];

  connectedCallback() {
    this.start();
    this.timer = setInterval(() => this.tick(), 200);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.start();
  }

  start() {
    this.clock = pageClock(this);
    this.at = Date.parse(this.getAttribute("at") ?? "");
    this.isDue = false;
    this.lastSpoken = null;
    this.face = h("span", { "aria-hidden": "true", class: `gh-clock tabular-nums ${this.hasAttribute("big") ? "display-4 fw-bold" : "fw-medium"}` });
    this.voice = h("span", { class: "visually-hidden", "aria-live": "polite" });
    this.replaceChildren(this.face, this.voice);
    this.tick();
  }

  tick() {
    const now = this.clock();
    if (this.getAttribute("format") === "clock") {
      this.show(wallClock.format(now), null);
      return;
    }
    const left = this.at - now;
    if (left <= 0) {
      this.show("已截止", "已到截止时间");
      if (!this.isDue) {
        this.isDue = true;
        this.face.classList.add("text-danger");
        this.dispatchEvent(new CustomEvent("due", { bubbles: true }));
      }
      return;
    }
    const parts = split(left);
    this.face.classList.toggle("text-danger", left < 600e3);
    this.show(`${parts.days > 0 ? `${parts.days}天 ` : ""}${two(parts.hours)}:${two(parts.minutes)}:${two(parts.seconds)}`, spoken(parts));
  }

  show(text, speech) {
    if (this.face.textContent !== text) this.face.textContent = text;
    // The sentence changes once a minute, so a screen reader is not flooded every second.
    if (speech !== this.lastSpoken) {
      this.lastSpoken = speech;
      this.voice.textContent = speech ?? "";
    }
  }
}

customElements.define("deadline-clock", DeadlineClock);
