// <draft-keeper url="…" [form="…" key="…" revisions='{"F1":3}' onward="…"]>: 席位心跳与草稿保存.
//
// Every three seconds, and 0.4 s after a keystroke, it sends a heartbeat with what was typed since. Until the server
// has answered, what was typed waits in this browser, encrypted under a key that only the page knows, and is sent
// again: a cut link, a closed page or a dead seat loses nothing. Each field has a revision; the server refuses what
// was not built on its newest one, and the newest one is then taken over and said aloud, so that sheets never diverge.

import { b64, unb64 } from "../lib/canonical.js";
import { csrfToken } from "../lib/http.js";
import { h } from "../lib/dom.js";
import { Sheet } from "./sheet.js";

const BEAT = 3000;
const PATIENCE = 5000;
const PAUSE_AFTER_KEY = 400;
const two = (value) => String(value).padStart(2, "0");
const clockTime = () => { const at = new Date(); return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`; };

async function cipher(key) {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function sealed(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await cipher(key), new TextEncoder().encode(JSON.stringify(value)));
  return `${b64(iv)}.${b64(new Uint8Array(body))}`;
}

async function opened(key, text) {
  const [iv, body] = text.split(".").map(unb64);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await cipher(key), body);
  return JSON.parse(new TextDecoder().decode(plain));
}

/** Hold a window's name as long as this page lives; false when another living page holds it. */
const claim = (window_) => new Promise((told) => {
  navigator.locks.request(`gongheng-window:${window_}`, { ifAvailable: true }, (lock) => {
    told(lock !== null);
    return lock === null ? undefined : new Promise(() => {});
  });
});

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.note = h("p", { "aria-live": "polite", class: "gh-help mb-1" });
    this.replaceChildren(this.note);
    this.form = this.getAttribute("form") ? this.closest("form") : null;
    this.name = this.getAttribute("form") ?? "";
    this.sheet = new Sheet(crypto.randomUUID(), JSON.parse(this.getAttribute("revisions") ?? "{}"));
    this.failures = 0;
    this.leaving = (event) => { if (!this.sheet.isClean) event.preventDefault(); };
    window.addEventListener("beforeunload", this.leaving);
    if (this.form) this.watch();
    this.begin();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    clearTimeout(this.soon);
    window.removeEventListener("beforeunload", this.leaving);
  }

  async begin() {
    if (this.form) await this.recall();
    this.timer = setInterval(() => this.beat(), BEAT);
    this.beat();
  }

  watch() {
    this.form.addEventListener("input", (event) => this.typed(event.target));
    this.form.addEventListener("change", (event) => this.typed(event.target));
    this.form.addEventListener("submit", (event) => this.leave(event));
    this.form.addEventListener("keydown", (event) => { if (this.isHeld && event.key.length === 1) event.preventDefault(); });
  }

  typed(control) {
    if (!control.name || control.type === "hidden" || this.isHeld) return;
    const text = control.type === "radio" ? this.form.elements[control.name].value : control.value;
    if (this.said?.[control.name] === text) return;
    (this.said ??= {})[control.name] = text;
    this.sheet.type(control.name, text);
    this.remember();
    this.say("正在保存…");
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.beat(), PAUSE_AFTER_KEY);
  }

  // ---------------------------------------------------------------- what waits in this browser

  get prefix() { return `gongheng-draft:${this.name}:`; }

  get place() { return this.prefix + this.sheet.window; }

  get key() { return unb64(this.getAttribute("key")); }

  remember() {
    const { place } = this;
    const pending = { ...this.sheet.pending };
    const { isClean } = this.sheet;
    // One after another: a slow encryption must not overwrite a later one.
    this.writing = (this.writing ?? Promise.resolve()).then(async () => {
      if (isClean) localStorage.removeItem(place);
      else localStorage.setItem(place, await sealed(this.key, pending));
    });
    return this.writing;
  }

  /** Take up what a closed or crashed window of this seat left behind; what a living one holds is its own. */
  async recall() {
    for (const place of Object.keys(localStorage).filter((one) => one.startsWith(this.prefix))) {
      const window_ = place.slice(this.prefix.length);
      if (!(await claim(window_))) continue;
      try {
        const pending = await opened(this.key, localStorage.getItem(place));
        if (this.sheet.isClean) this.sheet.restore(window_, pending);
      } catch {
        localStorage.removeItem(place); // another person's, or another session's: not ours to read
      }
    }
    await claim(this.sheet.window);
    for (const change of this.sheet.changes()) this.show(change.field, change.text);
    if (!this.sheet.isClean) this.say("找回了上次未提交的内容，正在保存…");
  }

  // ---------------------------------------------------------------- the heartbeat

  async beat() {
    // Not two at a time: the second would only repeat the first.
    if (this.beating) { this.again = true; return; }
    this.beating = true;
    try {
      await this.sync();
    } finally {
      this.beating = false;
    }
    if (this.again) { this.again = false; this.beat(); }
  }

  async sync() {
    let answer;
    try {
      const response = await fetch(this.getAttribute("url"), {
        method: "POST", credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ window: this.sheet.window, form: this.name, revisions: this.sheet.base, changes: this.sheet.changes() }),
      });
      if (response.status === 404) {
        this.say("您已退出本次评标，或登录已失效，请重新登录。", true);
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      answer = await response.json();
    } catch {
      this.failures += 1;
      this.classList.add("is-offline");
      this.say(`与平台的连接中断，${this.sheet.isClean ? "正在重新连接" : `${this.sheet.changes().length} 项内容已暂存在本机（加密），恢复后自动提交`}…`, true);
      return;
    }
    this.failures = 0;
    this.classList.remove("is-offline");
    await this.took(answer);
  }

  async took(answer) {
    const wasPending = !this.sheet.isClean;
    this.hold(answer.is_held);
    const foreign = this.sheet.hear(answer.fields);
    for (const [field, { text }] of Object.entries(foreign)) this.show(field, text);
    const lost = Object.values(foreign).filter(({ dropped }) => dropped !== null);
    if (answer.refusal && answer.refusal.rule !== "HOLD") {
      this.sheet.forget();
      this.say(answer.refusal.message, true);
    } else if (answer.is_held) {
      this.say("评标已暂停，暂停期间不能录入；已录入的内容不会丢失。", true);
    } else if (lost.length > 0) {
      this.say(`该席位的另一个窗口先改了 ${lost.length} 项，已采用先到的内容；本窗口输入的“${lost.map(({ dropped }) => dropped).join("”“")}”没有采用。`, true);
    } else if (Object.keys(answer.problems).length > 0) {
      this.say(Object.values(answer.problems).join("；"), true);
    } else if (this.name && (wasPending || this.note.classList.contains("gh-errors"))) {
      this.say(`已自动保存 ${clockTime()}`);
    } else if (!this.name && this.note.classList.contains("gh-errors")) {
      this.say("");
    }
    if (this.form) {
      await this.remember();
      if (wasPending && this.sheet.isClean) this.form.dispatchEvent(new Event("kept", { bubbles: true }));
    }
    this.phase ??= answer.phase;
    if (answer.phase !== this.phase && this.getAttribute("onward")) {
      this.sheet.forget();
      location.assign(this.getAttribute("onward"));
    }
  }

  hold(isHeld) {
    this.isHeld = isHeld;
    for (const control of this.form?.elements ?? []) if (control.type !== "hidden") control.disabled = isHeld;
  }

  show(field, text) {
    const control = this.form?.elements[field];
    if (control) control.value = text;
    (this.said ??= {})[field] = text;
  }

  /** The button "next": only when everything is kept does the page go on; a button with a name goes the ordinary way. */
  async leave(event) {
    const button = event.submitter;
    if (this.isLeaving) return;
    event.preventDefault();
    clearTimeout(this.soon);
    while (this.beating) await new Promise((done) => setTimeout(done, 50));
    await this.beat();
    if (!this.sheet.isClean || this.failures > 0) return;
    this.isLeaving = true;
    this.form.requestSubmit(button);
  }

  say(text, isBad = false) {
    if (this.note.textContent !== text) this.note.textContent = text;
    this.note.classList.toggle("gh-errors", isBad);
    this.note.classList.toggle("gh-help", !isBad);
  }
}

customElements.define("draft-keeper", DraftKeeper);
