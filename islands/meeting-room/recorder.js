// Recording at the edge (端侧录像): every few seconds a segment is hashed (SM3, SHA-256), chained to the one before it,
// and put into the outbox. A track is one run of MediaRecorder; after ten minutes the next one continues its chain.

import { b64, encode, timestamp } from "../lib/canonical.js";
import { digest, sm3 } from "../lib/gm.js";
import { RECORDING } from "../lib/labels.js";

const SEGMENT = 5000;
const TRACK = 600e3;
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const RATE = { videoBitsPerSecond: 400_000, audioBitsPerSecond: 32_000 };

export class Recorder {
  /** kind "camera" | "screen"; `urls` { begin, segment(track, n), end(track) }; `clock` gives the platform's time in ms. */
  constructor(kind, stream, { presence, outbox, clock, urls }) {
    Object.assign(this, { kind, stream, presence, outbox, clock, urls, queue: Promise.resolve() });
    this.type = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  }

  /** Start a chain; `cause` names why, for the gap that lies before it if there was a chain already. */
  start(cause) {
    this.isWanted = true;
    this.begin(null, cause);
  }

  begin(follows, cause) {
    const track = { id: crypto.randomUUID(), n: 0, head: follows?.head ?? "", ends: this.clock() };
    const began = track.ends;
    const recorder = new MediaRecorder(this.stream, { mimeType: this.type, ...RATE });
    this.track = track;
    this.recorder = recorder;
    // In one queue: the head of the track that is followed is known only after its last segment.
    this.later(async () => {
      if (follows) track.head = follows.head;
      await this.outbox.put({
        url: this.urls.begin, method: "POST",
        value: { presence: this.presence, track: track.id, kind: this.kind, media_type: this.type, follows: follows?.id ?? null, began: timestamp(began), cause },
      });
    });
    recorder.ondataavailable = ({ data }) => {
      const ends = this.clock();
      if (data.size > 0) this.later(() => this.keep(track, data, ends));
    };
    recorder.onstop = () => {
      clearTimeout(this.timer);
      if (this.isWanted && this.stream.active) this.begin(this.isBroken ? null : track, "device");
      else this.later(() => this.outbox.put({ url: this.urls.end(track.id), method: "POST", value: {} }));
      this.isBroken = false;
    };
    recorder.start(SEGMENT);
    this.timer = setTimeout(() => recorder.state !== "inactive" && recorder.stop(), TRACK);
  }

  later(work) {
    this.queue = this.queue.then(work);
  }

  async keep(track, blob, endsAt) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    track.n += 1;
    const said = {
      sm3: b64(sm3(bytes)),
      sha256: b64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))),
      begins: timestamp(track.ends),
      ends: timestamp(Math.max(endsAt, track.ends + 1)),
    };
    const link = b64(digest(RECORDING, encode({ v: 1, track: track.id, n: track.n, prev: track.head, size: bytes.length, ...said })));
    track.ends = Math.max(endsAt, track.ends + 1);
    track.head = link;
    await this.outbox.put({
      url: this.urls.segment(track.id, track.n), method: "PUT", blob,
      headers: { "X-Segment": JSON.stringify({ ...said, link }) },
    });
  }

  /** The platform refused a segment: begin a new chain, whose gap gets a name. */
  restart() {
    if (this.recorder.state === "inactive") return;
    this.isBroken = true;
    this.recorder.stop();
  }

  /** Stop and resolve when the last segment is in the outbox. */
  async stop() {
    this.isWanted = false;
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    await this.queue;
  }
}
