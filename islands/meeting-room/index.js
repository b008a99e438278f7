// <meeting-room setup='{meeting, participant, label, seat, media, masks, may, documents}'>: 音视频会议室.
// Device check → join with a one-time ticket signed by this device → room. Recording begins with joining and ends last.

import { b64, encode } from "../lib/canonical.js";
import { attempt, button, failure, h } from "../lib/dom.js";
import { sign } from "../lib/gm.js";
import * as http from "../lib/http.js";
import { deviceKey } from "../lib/keys.js";
import { MEETING_JOIN } from "../lib/labels.js";
import { pageClock } from "../lib/page.js";
import { Outbox } from "./outbox.js";
import { Janus, Mesh } from "./peers.js";
import { Recorder } from "./recorder.js";
import { maskVoice, meter } from "./voice.js";
import { Stage } from "./stage.js";

const PULSE = 5000;
const CAMERA = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 15 } };
const DEVICE_FAULTS = {
  NotAllowedError: "浏览器没有取得摄像头和话筒的使用许可。请在地址栏左侧允许后刷新本页。",
  NotFoundError: "没有找到摄像头或话筒。请检查连接，或请主持席更换席位。",
  NotReadableError: "摄像头或话筒正被其他程序占用。请关闭其他程序后重试。",
};

class MeetingRoom extends HTMLElement {
  connectedCallback() {
    this.setup = JSON.parse(this.getAttribute("setup"));
    this.base = `/meetings/${this.setup.meeting}/`;
    this.clock = pageClock(this);
    this.seen = { signals: 0, messages: 0 };
    this.isMicrophoneOn = true;
    this.place = h("div", { "aria-live": "polite" });
    this.body = h("div");
    this.replaceChildren(this.place, this.body);
    attempt(this.place, null, () => this.check());
  }

  disconnectedCallback() {
    this.end();
  }

  may(right) {
    return this.setup.may.includes(right);
  }

  // Device check

  async check() {
    const level = h("progress", { class: "progress w-100 mr-level", max: "1", value: "0", "aria-label": "话筒音量" });
    const preview = h("video", { class: "mr-preview", autoplay: true, playsinline: true, muted: true, "aria-label": "本席位画面预览" });
    preview.muted = true;
    const join = button("进入会议", () => attempt(this.place, join, () => this.join()), "primary", { class: "btn btn-lg btn-primary w-100 mr-join" });
    const needsDevices = this.may("speaks") || this.may("shows") || this.may("calls");
    const told = h("p", { class: "text-secondary fs-3 mb-2" }, "请确认能看到自己的画面，对着话筒说话时音量条会动。");
    this.body.replaceChildren(
      h("section", { class: "card mr-check" },
        h("div", { class: "card-body" },
          h("h2", { class: "card-title fs-1" }, `设备检查 · ${this.setup.label}${this.setup.seat ? `（${this.setup.seat}）` : ""}`),
          needsDevices ? [preview, h("div", { class: "my-3" }, h("div", { class: "mb-1" }, "话筒音量"), level), told] : h("p", { class: "fs-3" }, "您以旁听方式参会，不需要摄像头和话筒。"),
          this.may("is_recorded") ? h("p", { class: "gh-note" }, "入会后本席位的画面和声音全程录制、逐段存证。静音只让其他席位听不到，录音仍在继续。") : null,
          this.setup.masks ? h("p", { class: "gh-note" }, "本会议席位之间变声传送。") : null,
          join,
        ),
      ),
    );
    if (!needsDevices) return;
    try {
      this.devices = await navigator.mediaDevices.getUserMedia({ audio: true, video: this.may("shows") ? CAMERA : false });
    } catch (error) {
      if (!(error.name in DEVICE_FAULTS)) throw error;
      // Whoever must be recorded does not join without devices; a supervisor can listen.
      join.disabled = this.may("is_recorded");
      throw new Error(DEVICE_FAULTS[error.name]);
    }
    preview.srcObject = this.devices;
    preview.hidden = !this.may("shows");
    this.stopMeter = meter(this.devices.getAudioTracks()[0], (value) => { level.value = value; });
  }

  // Joining and leaving

  async join() {
    const device = await deviceKey();
    const { ticket } = await http.post(`${this.base}ticket/`, { device: device.kid });
    const message = encode({ v: 1, meeting: this.setup.meeting, participant: this.setup.participant, ticket });
    const { presence } = await http.post(`${this.base}join/`, {
      ticket, public: b64(device.public), signature: b64(sign(device.private, message, MEETING_JOIN)),
    });
    this.endMeter();
    this.presence = presence;
    this.stage = new Stage(this.setup, {
      act: (name, value) => this.act(name, value),
      onMicrophone: () => this.toggleMicrophone(), onShare: () => this.share(), onLeave: () => this.leave(),
    });
    this.body.replaceChildren(this.stage.element);
    this.record();
    await this.connect();
    this.listen();
    this.timer = setInterval(() => this.pulse(), PULSE);
    this.dispatchEvent(new CustomEvent("joined", { bubbles: true }));
  }

  endMeter() {
    this.stopMeter?.();
    this.stopMeter = null;
  }

  act(name, value) {
    return attempt(this.place, null, () => http.post(`${this.base}${name}/`, { presence: this.presence, ...value }));
  }

  async connect() {
    const callbacks = {
      send: (message) => http.post(`${this.base}signal/`, { presence: this.presence, message }),
      onStream: (presence, stream) => this.stage.showStream(presence, stream),
      onBreak: (kind, isOver) => this.reportBreak(kind, isOver),
    };
    this.peers = this.setup.media === "janus" ? new Janus(this.presence, callbacks) : new Mesh(this.presence, callbacks);
    const microphone = this.devices?.getAudioTracks()[0] ?? null;
    this.masked = microphone && this.setup.masks ? maskVoice(microphone) : null;
    this.voice = this.masked?.track ?? microphone;
    await this.peers.use(this.local());
    this.stage.showOwn(this.devices ?? null);
    if (this.setup.media === "janus") await this.retried(() => this.peers.begin(this.devices !== undefined));
  }

  local() {
    const picture = this.screen ?? this.devices;
    return { audio: this.isMicrophoneOn ? this.voice : null, video: picture?.getVideoTracks()[0] ?? null };
  }

  /** The room must work without media, and media come back by themselves: a refusal here is no end. */
  async retried(work) {
    try {
      await work();
    } catch (error) {
      if (!error.rule && !(error instanceof http.Unreachable)) throw error;
      this.stage.tell(error.message);
    }
  }

  async reportBreak(kind, isOver) {
    if (isOver !== Boolean(this.isBroken)) return;
    this.isBroken = !isOver;
    await this.retried(() => http.post(`${this.base}break/`, { presence: this.presence, kind, is_over: isOver }));
  }

  // Recording

  record() {
    this.recorders = {};
    this.outbox = new Outbox(this.setup.participant, {
      onRefused: (item, error) => {
        console.warn(`segment refused: ${error.rule}`);
        for (const recorder of Object.values(this.recorders)) if (item.url.includes(recorder.track.id)) recorder.restart();
      },
      onDepth: (count) => this.stage.showDepth(count),
    });
    if (this.may("is_recorded") && this.devices) {
      this.recorder("camera", this.devices).start("reload");
      for (const track of this.devices.getTracks()) track.addEventListener("ended", () => this.recoverDevices(), { once: true });
    }
  }

  recorder(kind, stream) {
    this.recorders[kind] = new Recorder(kind, stream, {
      presence: this.presence, outbox: this.outbox, clock: this.clock,
      urls: {
        begin: `${this.base}tracks/`,
        segment: (track, n) => `/meetings/tracks/${track}/${n}/`,
        end: (track) => `/meetings/tracks/${track}/end/`,
      },
    });
    return this.recorders[kind];
  }

  /** A camera was pulled out: try until there is one again, then a new chain begins with a named gap. */
  async recoverDevices() {
    if (this.isOver || this.isRecovering) return;
    this.isRecovering = true;
    this.stage.tell("摄像头或话筒中断，正在重新连接。请检查插头。");
    await this.recorders.camera.stop();
    while (!this.isOver) {
      try {
        this.devices = await navigator.mediaDevices.getUserMedia({ audio: true, video: this.may("shows") ? CAMERA : false });
        break;
      } catch (error) {
        if (!(error.name in DEVICE_FAULTS)) throw error;
        await new Promise((resolve) => setTimeout(resolve, PULSE));
      }
    }
    this.isRecovering = false;
    if (this.isOver) return;
    this.recorder("camera", this.devices).start("device");
    for (const track of this.devices.getTracks()) track.addEventListener("ended", () => this.recoverDevices(), { once: true });
    this.masked?.stop();
    this.masked = this.setup.masks ? maskVoice(this.devices.getAudioTracks()[0]) : null;
    this.voice = this.masked?.track ?? this.devices.getAudioTracks()[0];
    this.stage.showOwn(this.devices);
    this.stage.tell("");
    await this.peers.use(this.local());
  }

  // The room

  listen() {
    this.events = new EventSource(`/live/${this.setup.participant}/`);
    this.events.onmessage = () => this.refresh();
    // A stream that ends may mean that we are out: look at once.
    this.events.onerror = () => this.refresh();
    this.refresh();
  }

  async pulse() {
    try {
      const { is_media_alive: isAlive } = await http.post(`${this.base}pulse/`, { presence: this.presence });
      this.stage.showLink(true);
      if (!isAlive && this.setup.media === "janus" && !this.peers.isPublishing) await this.retried(() => this.peers.lost());
    } catch (error) {
      this.failed(error);
    }
    this.refresh();
  }

  async refresh() {
    if (this.isRefreshing) {
      this.isStale = true;
      return;
    }
    this.isRefreshing = true;
    try {
      do {
        this.isStale = false;
        await this.look();
      } while (this.isStale && !this.isOver);
    } finally {
      this.isRefreshing = false;
    }
  }

  async look() {
    if (this.isOver) return;
    let state;
    try {
      state = await http.get(`${this.base}state/?presence=${this.presence}&signals=${this.seen.signals}&messages=${this.seen.messages}`);
    } catch (error) {
      this.failed(error);
      return;
    }
    this.stage.showLink(true);
    for (const { id } of state.signals) this.seen.signals = Math.max(this.seen.signals, id);
    for (const { id } of state.messages) this.seen.messages = Math.max(this.seen.messages, id);
    this.stage.show(state);
    await this.retried(() => this.peers.update(state.people));
    for (const signal of state.signals) await this.retried(() => this.peers.signal(signal));
  }

  failed(error) {
    if (error instanceof http.Unreachable || error.status >= 500) this.stage.showLink(false);
    else if (error.status === 404) this.out("您的参会资格已被撤销，或会议已不再对您开放。");
    else if (error.rule === "KICKED") this.out(error.message);
    else throw error;
  }

  async toggleMicrophone() {
    this.isMicrophoneOn = !this.isMicrophoneOn;
    this.stage.showMicrophone(this.isMicrophoneOn);
    await this.peers.use(this.local());
  }

  /** Share one's desktop in place of the camera; it is recorded as a track of its own. */
  async share() {
    if (this.screen) {
      const [track] = this.screen.getTracks();
      track.stop();
      await this.endShare();
      return;
    }
    try {
      this.screen = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 10 } } });
    } catch (error) {
      if (error.name !== "NotAllowedError") throw error;
      return;
    }
    this.screen.getTracks()[0].addEventListener("ended", () => this.endShare(), { once: true });
    if (this.may("is_recorded")) this.recorder("screen", this.screen).start("share");
    this.stage.showShare(true);
    await this.peers.use(this.local());
  }

  async endShare() {
    if (!this.screen) return;
    this.screen = null;
    this.stage.showShare(false);
    await this.recorders.screen?.stop();
    delete this.recorders.screen;
    await this.peers.use(this.local());
  }

  async leave() {
    await this.end();
    await this.retried(() => http.post(`${this.base}leave/`, { presence: this.presence }));
    this.farewell("您已离会", "录像片段已全部交给平台或保存在本机待传。");
  }

  async out(message) {
    if (this.isOver) return;
    await this.end();
    this.farewell("您已不在会议中", message);
  }

  farewell(title, message) {
    const again = h("a", { class: "btn btn-lg btn-primary", href: this.base }, "回到会议页");
    this.body.replaceChildren(h("section", { class: "card mr-check" }, h("div", { class: "card-body" }, h("h2", { class: "card-title fs-1" }, title), h("p", { class: "fs-3" }, message), again)));
    this.dispatchEvent(new CustomEvent("out", { bubbles: true }));
  }

  async end() {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.timer);
    this.events?.close();
    this.peers?.close();
    await Promise.all(Object.values(this.recorders ?? {}).map((recorder) => recorder.stop()));
    this.endMeter();
    this.masked?.stop();
    for (const stream of [this.devices, this.screen]) stream?.getTracks().forEach((track) => track.stop());
  }
}

customElements.define("meeting-room", MeetingRoom);
