// What the elements rely on and a browser is not needed for: key files, amounts, file checks, uploads, the clock.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { randomBytes } from "../lib/bytes.js";
import { b64 } from "../lib/canonical.js";
import { digest, generate, kidOf } from "../lib/gm.js";
import { KeyRefused, lockFile, openFile } from "../lib/keys.js";
import { BID_PART } from "../lib/labels.js";
import { capitals, formatFen, parseFen } from "../lib/money.js";
import { nameDefect } from "../lib/pack.js";
import { fileDefect, pdfDefect } from "../lib/pdfcheck.js";
import { persist, upload } from "../bid-sealer/upload.js";

test("a key file opens with its PIN only, and says why otherwise", async () => {
  const sign = generate();
  const enc = generate();
  const owner = { person: "p1", name: "张三", organisation: "甲公司", uscc: "91330000MA0000000X", certificate_sign: "AAAA", certificate_enc: null };
  const text = await lockFile(owner, { sign: sign.private, enc: enc.private }, "135790", 1000);
  const key = await openFile(text, "135790");
  assert.equal(key.kid, kidOf(sign.public));
  assert.equal(key.encKid, kidOf(enc.public));
  assert.equal(key.name, "张三");
  await assert.rejects(openFile(text, "135791"), KeyRefused);
  await assert.rejects(openFile("不是 JSON", "135790"), KeyRefused);
  await assert.rejects(openFile('{"kind":"other"}', "135790"), KeyRefused);
  const costly = JSON.parse(text);
  costly.box.iterations = 1e9;
  await assert.rejects(openFile(JSON.stringify(costly), "135790"), /超出允许范围/);
});

test("amounts are read to the 分 and written in capitals", () => {
  const cases = [
    [0, "零元整"], [5, "伍分"], [105, "壹元零伍分"], [130, "壹元叁角整"], [1005000, "壹万零伍拾元整"], [10100000, "壹拾万壹仟元整"],
    [1234567890, "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角整"], [10000000500, "壹亿零伍元整"],
  ];
  for (const [fen, words] of cases) assert.equal(capitals(fen), words);
  assert.equal(parseFen("12,345,678.9"), 1234567890);
  assert.equal(parseFen("0.07"), 7);
  for (const bad of ["", "1.234", "-1", "1e5", "十万", ".5", "9".repeat(14)]) assert.equal(parseFen(bad), null, bad);
  assert.equal(formatFen(1234567890), "12,345,678.90");
  assert.equal(formatFen(7), "0.07");
});

function pdf({ head = "%PDF-1.7\n", pointer = null, end = "%%EOF\n" } = {}) {
  const body = `${head}1 0 obj\n<<>>\nendobj\n`;
  return new File([`${body}xref\n0 1\ntrailer\n<<>>\nstartxref\n${pointer ?? body.length}\n${end}`], "文件.pdf");
}

test("a whole PDF passes; a torn, headless or misdirected one is refused with its reason", async () => {
  assert.equal(await pdfDefect(pdf()), null);
  assert.match(await pdfDefect(pdf({ head: "hello" })), /%PDF-/);
  assert.match(await pdfDefect(pdf({ end: "" })), /%%EOF/);
  assert.match(await pdfDefect(pdf({ pointer: 3 })), /交叉引用表/);
  assert.match(await pdfDefect(pdf({ pointer: 99999 })), /截断/);
  assert.match(await pdfDefect(new File([], "a.pdf")), /为空/);
  const whole = pdf();
  assert.match(await pdfDefect(whole.slice(0, whole.size - 20)), /%%EOF/);
});

test("file types, contents and names are checked", async () => {
  assert.equal(await fileDefect(new File(["PK\u0003\u0004"], "表.xlsx")), null);
  assert.match(await fileDefect(new File(["hello"], "表.xlsx")), /不符/);
  assert.match(await fileDefect(new File(["MZ"], "程序.exe")), /不在允许范围/);
  assert.equal(nameDefect(["甲.pdf", "乙 丙.pdf"]), null);
  assert.match(nameDefect(["甲.pdf", "甲.PDF"]), /重复/);
  for (const bad of ["a/b.pdf", "a\\b.pdf", "a\u0000.pdf", " a.pdf", "..", "全角\u3000空格.pdf", "x".repeat(201)]) assert.notEqual(nameDefect([bad]), null, bad);
});

const seen = { parts: new Map(), posts: 0, failures: 0 };
let server;
let base;

before(async () => {
  globalThis.document ??= { cookie: "csrftoken=token", querySelector: () => null };
  server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const json = (status, value) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
      if (request.headers["x-csrftoken"] !== "token" && request.method !== "GET") return json(403, { rule: "CSRF", message: "缺少令牌" });
      if (request.method === "POST") {
        seen.posts += 1;
        return json(200, { upload: "u1" });
      }
      const all = [["E0", 0], ["E1", 0], ["E1", 1], ["E1", 2], ["E2", 0]];
      if (request.method === "GET") {
        if (!request.url.startsWith("/parts/u1/")) return json(404, { rule: "NONE", message: "没有" });
        return json(200, { missing: all.filter(([env, n]) => !seen.parts.has(`/parts/u1/${env}/${n}`)) });
      }
      // Every second try fails after the bytes came: the client must repeat it and nothing may be lost.
      seen.failures += 1;
      if (seen.failures % 2 === 1) return json(503, {});
      const body = new Uint8Array(Buffer.concat(chunks));
      assert.equal(request.headers["x-part-digest"], b64(digest(BID_PART, body)));
      seen.parts.set(request.url, body);
      return json(200, {});
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

test("an upload repeats what failed, sends only what is missing, and starts anew when it is forgotten", async () => {
  const part = () => new Blob([randomBytes(1000)]);
  const bid = { manifest: "m", signature: "s", parts: { E0: [part()], E1: [part(), part(), part()], E2: [part()] } };
  const started = [];
  const shares = [];
  const id = await upload(`${base}/parts`, bid, { onStarted: async (name) => started.push(name), onProgress: (there, all) => shares.push([there, all]) });
  assert.equal(id, "u1");
  assert.deepEqual(started, ["u1"]);
  assert.equal(seen.parts.size, 5);
  assert.deepEqual(shares.at(-1), [5, 5]);
  const tries = seen.failures;
  seen.parts.delete("/parts/u1/E1/2");
  assert.equal(await upload(`${base}/parts`, { ...bid, upload: "u1" }), "u1");
  assert.equal(seen.parts.size, 5);
  assert.ok(seen.failures - tries <= 2);
  assert.equal(seen.posts, 1);
  assert.equal(await upload(`${base}/parts`, { ...bid, upload: "forgotten" }), "u1");
  assert.equal(seen.posts, 2);
});

test("a refusal is not repeated, a broken line is", async () => {
  let tries = 0;
  const refuse = async () => {
    tries += 1;
    throw Object.assign(new Error("超过截止时间"), { status: 409 });
  };
  await assert.rejects(persist(refuse, async () => {}), /截止/);
  assert.equal(tries, 1);
  tries = 0;
  const flaky = async () => {
    tries += 1;
    if (tries < 4) throw Object.assign(new Error("busy"), { status: 503 });
    return "there";
  };
  assert.equal(await persist(flaky, async () => {}), "there");
});
