// What was recorded and not yet acknowledged (待传录像): kept in IndexedDB, sent in order, removed when the platform has it.
// A lost link delays a recording and a closed browser interrupts it; neither loses what was recorded before.

import * as http from "../lib/http.js";

const NAME = "gongheng-recording";
const PAUSE = 2000;

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function database() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("items", { autoIncrement: true }).createIndex("owner", "owner");
  return finished(request);
}

export class Outbox {
  /** `onRefused(item)` is told of a segment that the platform will never take; `onDepth(n)` of what waits. */
  constructor(owner, { onRefused, onDepth }) {
    Object.assign(this, { owner, onRefused, onDepth, opened: database() });
    this.run();
  }

  async items(mode, work) {
    return finished(work((await this.opened).transaction("items", mode).objectStore("items")));
  }

  /** Keep one item: { url, method, value } or { url, method: "PUT", blob, headers }. Items leave in this order. */
  async put(item) {
    await this.items("readwrite", (items) => items.add({ ...item, owner: this.owner }));
    this.wake?.();
  }

  depth() {
    return this.items("readonly", (items) => items.index("owner").count(this.owner));
  }

  async first() {
    const keys = await this.items("readonly", (items) => items.index("owner").getAllKeys(this.owner, 1));
    return keys.length === 0 ? null : { key: keys[0], item: await this.items("readonly", (items) => items.get(keys[0])) };
  }

  async run() {
    while (!this.isStopped) {
      const next = await this.first();
      this.onDepth(await this.depth());
      // One tab at a time: two that send the same item would race for the same number.
      if (next) await navigator.locks.request(`${NAME}-${this.owner}`, () => this.send(next.key));
      else await new Promise((resolve) => { this.wake = resolve; });
    }
  }

  async send(key) {
    const item = await this.items("readonly", (items) => items.get(key));
    if (!item) return;
    try {
      if (item.method === "PUT") await http.putBytes(item.url, item.blob, item.headers);
      else await http.post(item.url, item.value);
    } catch (error) {
      const isForGood = error instanceof http.Refused && error.status === 422;
      if (!isForGood) {
        // Not reachable, busy, or signed in as somebody else for the moment: the item waits.
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        return;
      }
      this.onRefused(item, error);
    }
    await this.items("readwrite", (items) => items.delete(key));
  }

  stop() {
    this.isStopped = true;
    this.wake?.();
  }
}
