// <draw-party state-url commit-url points-url reveal-url party>: 参与专家抽取.
// While the page is open it carries one party through commitment, exchange of shares, and reveal.

import { b64, encode } from "../lib/canonical.js";
import { alert, attempt, failure, h } from "../lib/dom.js";
import { checkReveals, begin, memoryName, nextMessage } from "../lib/drawparty.js";
import { sign } from "../lib/gm.js";
import * as http from "../lib/http.js";
import { unlockedKey } from "../lib/keys.js";
import { DRAW_PARTY } from "../lib/labels.js";
import { setting, unlockSettings } from "../lib/page.js";
import { unlockPanel } from "../lib/unlockpanel.js";
import * as vault from "../lib/vault.js";

const POLL = 1000;
const STEPS = [
  { phase: "commit", title: "一、各方承诺", text: "各方在本机生成随机数，只公布其承诺。" },
  { phase: "points", title: "二、交换份额", text: "全部承诺存证后，公布承诺点并互留密封份额。" },
  { phase: "reveal", title: "三、揭示", text: "全部份额确认后揭示；一方缺席由其他方重建。" },
];
const REACHED = { commit: 0, points: 1, reveal: 2, rebuild: 2, done: 3 };

class DrawParty extends HTMLElement {
  connectedCallback() {
    this.party = Number(this.getAttribute("party"));
    this.board = h("div");
    this.place = h("div", { "aria-live": "polite" });
    this.replaceChildren(this.board, this.place);
    attempt(this.place, null, () => this.begin());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async begin() {
    this.key = await unlockedKey(setting(this, "kid"));
    if (!this.key) {
      this.board.replaceChildren(
        h("h3", {}, "请先解锁软证书"),
        unlockPanel({
          ...unlockSettings(this),
          onUnlocked: () => this.begin(),
        }),
      );
      return;
    }
    await this.turn();
  }

  /** Look, act if it is our turn, look again. A refusal ends our part; a broken line only delays it. */
  async turn() {
    if (!this.isConnected) return;
    try {
      const state = await http.get(this.getAttribute("state-url"));
      this.draw(state);
      this.place.replaceChildren();
      if (state.phase === "done" || state.phase === "aborted") return;
      // One tab at a time: two tabs would each make a number and commit to different ones.
      const isSent = await navigator.locks.request(`gongheng-draw-${state.draw_id}-${this.party}`, () => this.act(state));
      this.timer = setTimeout(() => this.turn(), isSent ? 0 : POLL);
    } catch (error) {
      this.place.replaceChildren(failure(error, "参与抽取遇到问题"));
      if (error instanceof http.Unreachable || error.status >= 500) this.timer = setTimeout(() => this.turn(), 2 * POLL);
      else if (!(error instanceof http.Refused) && !/[一-鿿]/u.test(error.message)) throw error;
    }
  }

  async act(state) {
    if (!(state.phase in REACHED)) return false;
    const name = memoryName(state, this.party);
    let memory = await vault.get(name);
    if (!memory) {
      // Joining after the first phase without memory: this browser never committed, so it has nothing to say.
      if (state.phase !== "commit" || state.commits[this.party] !== undefined) return false;
      memory = begin(state, this.party);
      await vault.put(name, memory);
    }
    const message = nextMessage(state, this.party, memory, this.key);
    await vault.put(name, memory);
    if (!message) return false;
    const url = { commit: "commit-url", points: "points-url", acknowledge: "points-url", reveal: "reveal-url", rebuild: "reveal-url" }[message.phase];
    const bytes = encode({ v: 1, draw_id: state.draw_id, attempt: state.attempt, party: this.party, ...message });
    await http.post(this.getAttribute(url), { message: b64(bytes), signature: b64(sign(this.key.sign, bytes, DRAW_PARTY)) });
    return true;
  }

  isDone(state, step, index) {
    if (step === "commit") return state.commits?.[index] !== undefined;
    if (step === "points") return state.points?.[index] !== undefined && state.acknowledged?.[index] !== undefined;
    return state.reveals?.[index] !== undefined;
  }

  draw(state) {
    const reached = REACHED[state.phase] ?? -1;
    const columns = STEPS.map(({ phase, title, text }, i) => {
      const tone = reached > i ? "success" : reached === i ? "primary" : "secondary";
      const rows = state.parties.map(({ index, name }) => {
        const done = this.isDone(state, phase, index);
        return h(
          "li",
          { class: "list-group-item d-flex justify-content-between align-items-center fs-3" },
          h("span", {}, name, index === this.party ? h("span", { class: "badge bg-blue-lt ms-2" }, "本方") : null),
          h("span", { class: `badge bg-${done ? "green" : "secondary"}-lt` }, done ? "已完成" : reached < i ? "未开始" : "等待中"),
        );
      });
      return h(
        "div",
        { class: "col-md-4" },
        h(
          "section",
          { class: "card h-100", "aria-current": reached === i ? "step" : null },
          h("div", { class: `card-status-top bg-${tone}` }),
          h("div", { class: "card-body pb-2" }, h("h3", { class: "card-title fs-2" }, title), h("p", { class: "text-secondary" }, text)),
          h("ul", { class: "list-group list-group-flush" }, rows),
        ),
      );
    });
    const seen = JSON.stringify([state.phase, state.attempt, state.commits, state.points && Object.keys(state.points), state.acknowledged, state.reveals]);
    // Redrawn only on change: a screen reader or a selection is not disturbed each second.
    if (seen === this.seen) return;
    this.seen = seen;
    this.board.replaceChildren(h("div", { class: "row row-cards mb-3" }, columns), this.closing(state));
    this.dispatchEvent(new CustomEvent("phase", { bubbles: true, detail: { phase: state.phase } }));
  }

  closing(state) {
    if (state.phase === "aborted") return alert("warning", "本次抽取已中止", "中止及原因已存证，将以新的次序重新开始。");
    if (state.phase !== "done") return h("p", { class: "text-secondary mt-3 fs-3", role: "status" }, "请保持本页打开，直到三个阶段全部完成。");
    const right = checkReveals(state);
    return alert("success", "随机数已由各方共同产生", `本机已核对 ${right.length} 方揭示的随机数与其承诺一致。抽取结果任何一方都无法单独左右。`);
  }
}

customElements.define("draw-party", DrawParty);
