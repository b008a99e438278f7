// What a window keeps of a form while the link is cut, comes back late, or another window writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Sheet } from "../draft-keeper/sheet.js";

/** The server's rule, as evaluation/drafting.py has it. */
class Server {
  kept = {};

  take(window, changes) {
    for (const { field, base, revision, text } of changes) {
      const kept = this.kept[field];
      const isNewer = !kept || (revision > kept.revision && (kept.window === window || base === kept.revision));
      if (isNewer) this.kept[field] = { revision, window, text };
    }
    return structuredClone(this.kept);
  }
}

test("what was typed while the link was cut arrives when it heals", () => {
  const server = new Server();
  const sheet = new Sheet("a", {});
  for (const text of ["2", "25", "25.5"]) sheet.type("F1", text);
  sheet.hear(server.take("a", sheet.changes()));
  assert.equal(server.kept.F1.text, "25.5");
  assert.ok(sheet.isClean);
});

test("a lost answer costs nothing: the same is sent again, and what was typed since with it", () => {
  const server = new Server();
  const sheet = new Sheet("a", { F1: 3 });
  server.kept.F1 = { revision: 3, window: "page", text: "9" };
  sheet.type("F1", "1");
  server.take("a", sheet.changes());
  sheet.type("F1", "12");
  assert.deepEqual(sheet.hear(server.take("a", sheet.changes())), {});
  assert.equal(server.kept.F1.text, "12");
  assert.ok(sheet.isClean);
});

test("an answer about older text leaves newer text waiting", () => {
  const server = new Server();
  const sheet = new Sheet("a", {});
  sheet.type("F1", "1");
  const answer = server.take("a", sheet.changes());
  sheet.type("F1", "12");
  sheet.hear(answer);
  assert.deepEqual(sheet.changes().map(({ text }) => text), ["12"]);
});

test("of two windows the first stands; the other takes it over and says what was dropped", () => {
  const server = new Server();
  const [one, other] = [new Sheet("a", {}), new Sheet("b", {})];
  one.type("F1", "20");
  for (const text of ["3", "30"]) other.type("F1", text);
  one.hear(server.take("a", one.changes()));
  assert.deepEqual(other.hear(server.take("b", other.changes())), { F1: { text: "20", dropped: "30" } });
  assert.ok(other.isClean);
  other.type("F1", "21");
  other.hear(server.take("b", other.changes()));
  assert.equal(server.kept.F1.text, "21");
  assert.deepEqual(one.hear(server.take("a", [])), { F1: { text: "21", dropped: null } });
});

test("a reloaded page goes on as the window it was", () => {
  const server = new Server();
  const before = new Sheet("a", {});
  before.type("F1", "1");
  server.take("a", before.changes());
  before.type("F1", "18");
  const after = new Sheet("c", { F1: 1 });
  after.restore("a", before.pending);
  after.hear(server.take("a", after.changes()));
  assert.equal(server.kept.F1.text, "18");
  assert.ok(after.isClean);
});
