// What a participant sees of the room (会议画面): tiles, the shared document, people and words, and the buttons below.

import { h } from "../lib/dom.js";

const icon = (name) => h("i", { class: `ti ti-${name}`, "aria-hidden": "true" });
const time = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function control(name, text, onclick, tone = "") {
  const label = h("span", {}, text);
  const element = h("button", { type: "button", class: `btn btn-lg mr-control ${tone}`, onclick }, icon(name), label);
  return {
    element,
    show(newIcon, newText, isOn) {
      element.replaceChildren(icon(newIcon), h("span", {}, newText));
      element.classList.toggle("btn-warning", isOn);
      element.setAttribute("aria-pressed", String(isOn));
    },
  };
}

export class Stage {
  constructor(setup, { act, onMicrophone, onShare, onLeave }) {
    Object.assign(this, { setup, act, tiles: new Map(), streams: new Map(), state: null });
    this.notice = h("div", { class: "mr-notice", role: "status" });
    this.alarms = h("div", { class: "mr-alarms", role: "alert" });
    this.grid = h("div", { class: "mr-grid" });
    this.paper = h("section", { class: "mr-paper card", hidden: true, "aria-label": "同步阅看" });
    this.sheet = h("div", { class: "mr-sheet", tabindex: "0", role: "region", "aria-label": "文件页面" });
    this.people = h("ul", { class: "list-group list-group-flush mr-people" });
    this.words = h("ol", { class: "mr-words", "aria-live": "polite", "aria-label": "文字发言" });
    this.link = h("span", { class: "badge bg-green-lt" }, "已连接");
    this.waiting = h("span", { class: "badge bg-secondary-lt" }, "录像已存证");
    this.microphone = control("microphone", "静音", onMicrophone);
    this.sharing = control("screen-share", "共享桌面", onShare);
    this.hand = control("hand-stop", "举手", () => act("hand", { is_up: !this.state?.me.has_hand_up }));
    const leave = control("door-exit", "离会", onLeave, "btn-outline-danger");
    const speaks = setup.may.includes("speaks") || setup.may.includes("calls");
    this.controls = h("div", { class: "mr-controls" },
      speaks ? this.microphone.element : null,
      setup.may.includes("shows") && navigator.mediaDevices?.getDisplayMedia ? this.sharing.element : null,
      this.hand.element, setup.may.includes("calls") ? this.callAll().element : null, leave.element);
    this.element = h("div", { class: "mr-room" },
      h("div", { class: "mr-main" }, this.alarms, this.notice, this.paper, this.grid, this.controls),
      h("aside", { class: "mr-side" },
        h("section", { class: "card" }, h("div", { class: "card-header" }, h("h2", { class: "card-title" }, "参会人"), h("div", { class: "ms-auto d-flex gap-2" }, this.waiting, this.link)), this.people),
        setup.may.includes("leads") && setup.documents.length ? this.shelf() : null,
        h("section", { class: "card mr-chat" }, h("div", { class: "card-header" }, h("h2", { class: "card-title" }, "文字发言")), this.words, setup.may.includes("chats") ? this.writing() : null)),
    );
    this.tileOf("own", setup.label, "本席位");
  }

  callAll() {
    this.broadcast = control("speakerphone", "广播", () => this.act("call", { target: this.state?.me.calls === "all" ? "" : "all" }));
    return this.broadcast;
  }

  writing() {
    const input = h("input", { class: "form-control form-control-lg", maxlength: "500", "aria-label": "文字发言", placeholder: "输入后按回车发送" });
    return h("form", { class: "mr-write", onsubmit: async (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      if (await this.act("say", { text: input.value })) input.value = "";
    } }, input);
  }

  shelf() {
    const buttons = this.setup.documents.map((one) => h("button", { type: "button", class: "list-group-item list-group-item-action fs-3", onclick: () => this.act("show", { document: one.id, page: 1 }) }, icon("file-text"), ` ${one.title}（${one.pages} 页）`));
    return h("section", { class: "card" }, h("div", { class: "card-header" }, h("h2", { class: "card-title" }, "同步阅看文件")), h("div", { class: "list-group list-group-flush" }, buttons));
  }

  // Tiles

  tileOf(key, label, seat = "") {
    const known = this.tiles.get(key);
    if (known) return known;
    const video = h("video", { autoplay: true, playsinline: true, "aria-label": `${label}的画面` });
    video.muted = key === "own";
    const badges = h("div", { class: "mr-badges" });
    const name = h("div", { class: "mr-name" }, h("b", {}, label), seat ? h("span", {}, seat) : null);
    const tile = { element: h("figure", { class: "mr-tile", "data-tile": key }, video, badges, name), video, badges };
    this.tiles.set(key, tile);
    this.grid.append(tile.element);
    return tile;
  }

  showOwn(stream) {
    const { element, video } = this.tileOf("own");
    video.srcObject = stream;
    element.hidden = !stream || stream.getVideoTracks().length === 0;
    this.count();
  }

  showStream(presence, stream) {
    if (stream) this.streams.set(presence, stream);
    else this.streams.delete(presence);
    this.arrange();
  }

  arrange() {
    if (!this.state) return;
    const wanted = new Set(["own"]);
    for (const one of this.state.people) {
      if (one.id === this.state.me.id || !one.presence || !(one.get.video || one.get.audio)) continue;
      wanted.add(one.id);
      const tile = this.tileOf(one.id, one.label, one.seat || one.part);
      const stream = this.streams.get(one.presence) ?? null;
      if (tile.video.srcObject !== stream) tile.video.srcObject = stream;
      // The platform decides; muting here too keeps a voice out that is still under way.
      tile.video.muted = !one.get.audio;
      tile.element.classList.toggle("is-voice", !one.get.video);
      tile.element.classList.toggle("is-calling", one.calls !== "");
      tile.badges.replaceChildren(...this.badges(one));
    }
    for (const [key, tile] of this.tiles) {
      if (wanted.has(key)) continue;
      tile.element.remove();
      this.tiles.delete(key);
    }
    this.count();
  }

  count() {
    this.grid.dataset.count = String([...this.tiles.values()].filter((tile) => !tile.element.hidden).length);
  }

  badges(one) {
    const shown = [];
    if (one.has_hand_up) shown.push(h("span", { class: "badge bg-yellow text-yellow-fg" }, icon("hand-stop"), " 举手"));
    if (one.is_muted) shown.push(h("span", { class: "badge bg-red text-red-fg" }, "已静音"));
    if (one.calls) shown.push(h("span", { class: "badge bg-blue text-blue-fg" }, "呼叫中"));
    if (one.is_cut_off) shown.push(h("span", { class: "badge bg-orange text-orange-fg" }, "断线"));
    return shown;
  }

  // The state of the room

  show(state) {
    this.state = state;
    this.arrange();
    this.people.replaceChildren(...state.people.map((one) => this.person(one)));
    this.alarms.replaceChildren(...state.gaps.map((gap) => h("div", { class: "alert alert-danger mb-2" }, icon("alert-triangle"), ` ${gap.label} ${gap.kind}：${gap.cause}（${time.format(new Date(gap.began))} 起）`)));
    this.hand.show("hand-stop", state.me.has_hand_up ? "放下" : "举手", state.me.has_hand_up);
    this.broadcast?.show("speakerphone", state.me.calls === "all" ? "结束广播" : "广播", state.me.calls === "all");
    const isNear = this.words.scrollHeight - this.words.scrollTop - this.words.clientHeight < 40;
    this.words.append(...state.messages.map((one) => h("li", {}, h("span", { class: "text-secondary" }, `${time.format(new Date(one.at))} ${one.label}`), h("div", {}, one.text))));
    if (isNear) this.words.scrollTop = this.words.scrollHeight;
    this.tell(state.me.is_outside ? "请等候：评标委员会需要答疑时，主持席或监督会让您入会。" : state.me.is_muted ? "您已被静音。" : "");
    this.showPaper(state.shown);
  }

  person(one) {
    const isMe = one.id === this.state.me.id;
    const may = (right) => !isMe && this.state.me.may.includes(right);
    const actions = [];
    const add = (name, text, act) => actions.push(h("button", { type: "button", class: "btn btn-sm", onclick: act, title: `${text}${one.label}`, "aria-label": `${text}${one.label}` }, icon(name)));
    if (may("admits") && one.is_agency) add(one.is_let_in ? "logout-2" : "login-2", one.is_let_in ? "请出" : "允许入会", () => this.act("let-in", { target: one.id, is_on: !one.is_let_in }));
    if (may("mutes") && one.presence) add(one.is_muted ? "microphone" : "microphone-off", one.is_muted ? "解除静音" : "静音", () => this.act("mute", { target: one.id, is_on: !one.is_muted }));
    const isCalled = this.state.me.calls === one.id;
    if (may("calls") && one.presence) add(isCalled ? "phone-off" : "phone-call", isCalled ? "结束呼叫" : "呼叫", () => this.act("call", { target: isCalled ? "" : one.id }));
    const tone = !one.presence ? "secondary" : one.is_cut_off ? "orange" : "green";
    return h("li", { class: "list-group-item d-flex align-items-center gap-2 fs-3", "data-person": one.label },
      h("span", { class: `badge bg-${tone} badge-dot`, title: !one.presence ? "未入会" : one.is_cut_off ? "断线" : "在会" }),
      h("span", { class: "flex-fill" }, one.label, isMe ? "（您）" : "", h("small", { class: "text-secondary ms-2" }, one.seat || one.part)),
      one.has_hand_up ? icon("hand-stop") : null, h("span", { class: "btn-list flex-nowrap" }, actions));
  }

  showPaper(shown) {
    this.paper.hidden = !shown;
    const seen = JSON.stringify(shown);
    if (seen === this.seenPaper) return;
    this.seenPaper = seen;
    if (!shown) {
      this.paper.replaceChildren();
      this.sheet.replaceChildren();
      return;
    }
    const turn = (page) => () => this.act("show", { document: shown.document, page });
    const leads = this.state.me.may.includes("leads");
    const move = (name, text, act, isOff) => h("button", { type: "button", class: "btn btn-icon", onclick: act, disabled: isOff, "aria-label": text, title: text }, icon(name));
    this.paper.replaceChildren(
      h("div", { class: "card-header" }, h("h2", { class: "card-title" }, shown.title), h("div", { class: "ms-auto d-flex align-items-center gap-2" },
        leads ? move("chevron-left", "上一页", turn(shown.page - 1), shown.page <= 1) : null,
        h("span", { class: "tabular-nums fs-3" }, `${shown.page} / ${shown.pages}`),
        leads ? move("chevron-right", "下一页", turn(shown.page + 1), shown.page >= shown.pages) : null,
        leads ? move("x", "收起文件", () => this.act("show", { document: null, page: 1 }), false) : null)),
      this.sheet,
    );
    this.turnTo(shown);
  }

  // The page before stays until the next one is there: a sheet that collapses moves everything below it.
  turnTo(shown) {
    const at = (page) => `/meetings/${this.setup.meeting}/documents/${shown.document}/${page}/`;
    const picture = h("img", { src: at(shown.page), alt: `${shown.title} 第 ${shown.page} 页` });
    const here = this.seenPaper;
    const isLast = () => this.seenPaper === here;
    this.sheet.classList.add("is-turning");
    picture.onload = () => {
      if (!isLast()) return;
      this.sheet.replaceChildren(picture);
      this.sheet.classList.remove("is-turning");
      this.sheet.scrollTop = 0;
      if (shown.page < shown.pages) new Image().src = at(shown.page + 1);
    };
    picture.onerror = () => {
      if (!isLast()) return;
      this.sheet.classList.remove("is-turning");
      this.sheet.replaceChildren(h("p", {}, `第 ${shown.page} 页没有取到，请重新打开文件。`));
    };
  }

  // Small signs

  tell(text) {
    if (this.notice.textContent === text) return;
    this.notice.replaceChildren(...(text ? [h("div", { class: "alert alert-info mb-2" }, text)] : []));
  }

  showLink(isUp) {
    this.link.textContent = isUp ? "已连接" : "连接中断，正在重试";
    this.link.className = `badge bg-${isUp ? "green" : "red"}-lt`;
  }

  showDepth(count) {
    // One or two are always under way.
    this.waiting.textContent = count > 2 ? `待传录像 ${count} 段` : "录像已存证";
    this.waiting.className = `badge bg-${count > 2 ? "orange" : "secondary"}-lt`;
  }

  showMicrophone(isOn) {
    this.microphone.show(isOn ? "microphone" : "microphone-off", isOn ? "静音" : "取消静音", !isOn);
  }

  showShare(isOn) {
    this.sharing.show(isOn ? "screen-share-off" : "screen-share", isOn ? "停止共享" : "共享桌面", isOn);
  }
}
