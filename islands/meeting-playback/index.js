// <meeting-playback>: plays a track of a recording (录像回放). Buttons with data-track, data-count, data-type and data-at
// (seconds into the track) stand inside it; the segments are appended one by one, exactly as they were recorded.

import { alert, h } from "../lib/dom.js";

class MeetingPlayback extends HTMLElement {
  connectedCallback() {
    this.video = this.querySelector("video");
    this.place = h("div", { "aria-live": "polite" });
    this.video.after(this.place);
    this.addEventListener("click", (event) => {
      const wanted = event.target.closest("[data-track]");
      if (wanted) this.play(wanted.dataset);
    });
  }

  async play({ track, count, type, at = "0", title = "" }) {
    this.turn = (this.turn ?? 0) + 1;
    const turn = this.turn;
    this.place.replaceChildren();
    this.querySelector("[data-playing]").textContent = title;
    if (!MediaSource.isTypeSupported(type)) {
      this.place.replaceChildren(alert("warning", "本浏览器不能播放此格式", `格式：${type}。请使用平台推荐的浏览器，或导出后播放。`));
      return;
    }
    const source = new MediaSource();
    URL.revokeObjectURL(this.video.src);
    this.video.src = URL.createObjectURL(source);
    await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
    const buffer = source.addSourceBuffer(type);
    let isPlaced = false;
    for (let n = 1; n <= Number(count) && turn === this.turn; n += 1) {
      const answer = await fetch(`/meetings/play/${track}/${n}/`);
      if (!answer.ok) {
        this.place.replaceChildren(alert("danger", "录像片段无法读取", `第 ${n} 段（状态 ${answer.status}）。`));
        return;
      }
      const bytes = await answer.arrayBuffer();
      if (turn !== this.turn) return;
      buffer.appendBuffer(bytes);
      await new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
      const ends = buffer.buffered.length ? buffer.buffered.end(buffer.buffered.length - 1) : 0;
      if (!isPlaced && ends > Number(at)) {
        isPlaced = true;
        this.video.currentTime = Number(at);
        // Playing needs a click, and there was one; a browser that still refuses shows its own button.
        this.video.play().catch((error) => error.name === "NotAllowedError" || Promise.reject(error));
      }
    }
    if (turn === this.turn && source.readyState === "open") source.endOfStream();
  }
}

customElements.define("meeting-playback", MeetingPlayback);
