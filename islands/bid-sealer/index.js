// <bid-sealer lot-url upload-url seal-url receipt-url withdraw-url>: 编制并封标.
// Everything a bidder does before the deadline; nothing readable leaves the machine.

import { b64, unb64 } from "../lib/canonical.js";
import { serverClock } from "../lib/clock.js";
import { alert, attempt, button, download, h, keyValues, progress } from "../lib/dom.js";
import { randomBytes } from "../lib/bytes.js";
import * as http from "../lib/http.js";
import { deviceKey, unlockedKey } from "../lib/keys.js";
import * as memory from "../lib/bidmemory.js";
import { containerBlob, sealMessage, signSeal } from "../lib/sealing.js";
import { setting, unlockSettings } from "../lib/page.js";
import { unlockPanel } from "../lib/unlockpanel.js";
import { machineEntry } from "./machine.js";
import { Files, Identity, Price, SecondLook, StepRefused, TITLES } from "./steps.js";
import { persist, upload } from "./upload.js";

const RECEIPT_PATIENCE = 120;
const moment = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", dateStyle: "long", timeStyle: "medium" });
const shown = (iso) => moment.format(Date.parse(iso));

function encryptInWorker(job, onProgress) {
  return new Promise((resolve, reject) => {
    // The bundle puts worker.js of this island beside it under this name.
    const worker = new Worker(new URL("./bid-sealer.worker.js", import.meta.url), { type: "module" });
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.onmessage = ({ data }) => {
      if (data.ready) worker.postMessage(job);
      else if (data.bid) end(resolve, data.bid);
      else if (data.error) end(reject, new Error(data.error));
      else onProgress(data.progress);
    };
    worker.onerror = () => end(reject, new Error("加密程序未能启动，请刷新页面或更换浏览器后重试。"));
  });
}

class BidSealer extends HTMLElement {
  connectedCallback() {
    this.place = h("div", { "aria-live": "polite" });
    this.main = h("div");
    this.replaceChildren(this.main, this.place);
    this.main.replaceChildren(h("div", { class: "text-secondary", role: "status" }, "正在读取标段信息……"));
    attempt(this.place, null, () => this.begin());
  }

  url(name) {
    return this.getAttribute(`${name}-url`);
  }

  async begin() {
    this.lot = await http.get(this.url("lot"));
    this.clock = serverClock(this.lot.server_now, Number(this.lot.clock_rate ?? 1));
    this.key = await unlockedKey(setting(this, "kid"));
    if (!this.key) return this.askForKey();
    if (!this.key.enc) throw new StepRefused("当前软证书没有加密证书，无法封标。请使用含加密证书的单位证书。");
    const pending = await memory.pendingBid(this.lot.lot);
    const sealed = await memory.sealedBid(this.lot.lot);
    if (pending) return this.offerResume(pending);
    if (sealed) return this.showSealed(sealed);
    return this.startDraft();
  }

  askForKey() {
    this.main.replaceChildren(
      h("h3", {}, "请先解锁软证书"),
      unlockPanel({
        ...unlockSettings(this),
        onUnlocked: () => this.begin(),
      }),
    );
  }

  isOver() {
    return this.clock() >= Date.parse(this.lot.deadline);
  }

  refuseWhenOver() {
    if (this.isOver()) throw new StepRefused(`投标截止时间（${shown(this.lot.deadline)}）已到，不能再封标或撤回。`);
  }

  startDraft() {
    this.refuseWhenOver();
    this.pages = [
      new Identity(),
      new Files("资格文件", "营业执照、资质证书、业绩等（可多选）。PDF 会在本机做结构检查。"),
      new Files("技术文件", "施工组织设计等（可多选）。支持 PDF、DOCX、XLSX、OFD、图片。"),
      new Price(this.lot),
      new SecondLook(this.lot, this.key),
    ];
    this.draft = {};
    this.showStep(0);
  }

  showStep(number) {
    this.place.replaceChildren();
    const page = this.pages[number];
    if (page instanceof SecondLook) page.show(this.draft);
    const isLast = number === this.pages.length - 1;
    const next = button(isLast ? "确认无误，封标" : "下一步", null, isLast ? "danger" : "primary", { type: "submit" });
    const back = number > 0 ? button("上一步", () => this.showStep(number - 1), "outline-secondary") : null;
    const form = h(
      "form",
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          event.stopPropagation();
          attempt(this.place, next, () => this.leaveStep(number, page));
        },
      },
      page.element,
      h("div", { class: "d-flex gap-2 justify-content-between mt-4" }, back ?? h("span"), next),
    );
    const title = h("h2", { class: "mt-3 mb-3", tabindex: "-1" }, `${number + 1}. ${TITLES[number]}`);
    this.main.replaceChildren(this.stepper(number), title, form);
    title.focus();
  }

  stepper(current) {
    return h(
      "ol",
      { class: "steps steps-counter steps-blue list-unstyled", "aria-label": "封标步骤" },
      TITLES.map((title, i) => h("li", { class: `step-item${i === current ? " active" : ""}`, "aria-current": i === current ? "step" : null }, title)),
    );
  }

  async leaveStep(number, page) {
    const name = ["identity", "E1", "E2", "price", "confirmed"][number];
    this.draft[name] = page.read();
    if (number < this.pages.length - 1) this.showStep(number + 1);
    else await this.sealDraft();
  }

  async sealDraft() {
    this.refuseWhenOver();
    const device = this.lot.modes.includes("cert+device") ? await deviceKey() : null;
    const bar = this.showProgress("正在本机加密……");
    const hallNonce = b64(randomBytes(32));
    const { draft, key, lot } = this;
    const bid = await encryptInWorker(
      {
        rules: {
          tender: lot.tender, lot: lot.lot, notice_digest: lot.notice_digest, corrigendum: lot.corrigendum, level: lot.level,
          trustees: lot.trustees.map((trustee) => ({ kid: trustee.kid, public: unb64(trustee.public) })),
        },
        // Constant names: a real key id in the sealed header would tell a thief of the phase key who bids.
        own: [{ kid: "cert", public: key.encPublic }, ...(device ? [{ kid: "device", public: device.public }] : [])],
        identity: { certificate: [key.certificate_sign], uscc: key.uscc, name: key.organisation, ...draft.identity, hall_nonce: hallNonce },
        price: draft.price,
        files: { E1: [...draft.E1, await machineEntry()], E2: draft.E2 },
        signKey: key.sign,
      },
      (share) => bar.show(share / 2, `正在本机加密…… ${Math.floor(share * 100)}%`),
    ).catch((error) => {
      this.showStep(this.pages.length - 1);
      throw error;
    });
    const pending = {
      lot: lot.lot,
      D: bid.D,
      manifest: b64(bid.manifest),
      signature: b64(bid.signature),
      otk_private: b64(bid.otkPrivate),
      hall_nonce: hallNonce,
      files: ["E1", "E2"].flatMap((env) => draft[env].map(({ file, sm3 }) => ({ env, name: file.name, size: file.size, sm3 }))),
      parts: bid.parts,
    };
    await memory.rememberPending(pending);
    await this.finish(pending, bar);
  }

  showProgress(label) {
    const bar = progress(label);
    this.main.replaceChildren(this.stepper(TITLES.length - 1), h("h2", { class: "mt-3" }, "封标"), bar.element, h("p", { class: "text-secondary" }, "请不要关闭本页。如果中断，重新打开本页可以继续。"));
    return bar;
  }

  /** Upload what is missing, then seal. A failure leaves the pending bid, so the way on is always "继续上传". */
  async finish(pending, bar) {
    try {
      const upload_ = await upload(this.url("upload"), pending, {
        onStarted: async (id) => {
          pending.upload = id;
          await memory.notePending(pending);
        },
        onProgress: (there, all) => bar.show(0.5 + (0.45 * there) / all, `正在上传密文…… ${there}/${all} 片`),
      });
      bar.show(0.97, "正在提交封标……");
      const old = await memory.sealedBid(this.lot.lot);
      const supersedes = old && old.D !== pending.D ? old : null;
      const message = sealMessage("seal", this.lot.lot, pending.D, supersedes?.D);
      const answer = await persist(() =>
        http.post(this.url("seal"), {
          upload: upload_,
          D: pending.D,
          otk_signature: b64(signSeal(unb64(pending.otk_private), message)),
          ...(supersedes ? { supersedes: supersedes.D, supersedes_signature: b64(signSeal(unb64(supersedes.otk_private), message)) } : {}),
        }),
      );
      if (answer.promise.D !== pending.D) throw new StepRefused("平台回执与本次封标文件的摘要不一致，请立即联系中心并保留本页。");
      const { parts, signature, upload: _, ...kept } = pending;
      const sealed = { ...kept, promise: answer.promise, promise_signature: answer.signature, receipt: null, sealed_at: answer.promise.t };
      await memory.rememberSealed(sealed);
      await memory.forgetPending(this.lot.lot);
      const copy = containerBlob({ manifest: unb64(pending.manifest), signature: unb64(pending.signature), parts });
      this.dispatchEvent(new CustomEvent("sealed", { bubbles: true, detail: { D: pending.D } }));
      this.showSealed(sealed, copy);
    } catch (error) {
      this.offerResume(pending);
      throw error;
    }
  }

  offerResume(pending) {
    const go = (event) =>
      attempt(this.place, event.currentTarget, async () => {
        this.refuseWhenOver();
        await this.finish(pending, this.showProgress("正在继续上传……"));
      });
    const drop = (event) =>
      attempt(this.place, event.currentTarget, async () => {
        await memory.forgetPending(this.lot.lot);
        await this.begin();
      });
    this.main.replaceChildren(
      alert("warning", "有一份已加密但尚未封标的投标文件", "密文保存在本机浏览器中。继续上传只补传缺少的分片。"),
      keyValues([["文件摘要", pending.D], ["文件", pending.files.map(({ name }) => name).join("、")]]),
      h("div", { class: "d-flex gap-2" }, button("继续上传并封标", go), button("放弃，重新编制", drop, "outline-danger")),
    );
  }

  showSealed(bid, copy = null) {
    this.bid = bid;
    this.receiptPlace = h("div", { role: "status" });
    const over = this.isOver();
    const replace = (event) => attempt(this.place, event.currentTarget, () => this.startDraft());
    this.main.replaceChildren(
      alert("success", "投标文件已封标", "密文已送达平台。开标前任何人都无法查看内容和投标人身份。"),
      keyValues([["封标时间", shown(bid.sealed_at)], ["文件摘要（D）", bid.D], ["文件", bid.files.map(({ name }) => name).join("、")]]),
      this.receiptPlace,
      h(
        "div",
        { class: "d-flex flex-wrap gap-2 mt-3" },
        copy ? button("保存密封文件副本（.gbid）", () => this.saveCopy(copy), "outline-primary") : null,
        over ? null : button("用新文件替换", replace, "outline-secondary"),
        over || !this.url("withdraw") ? null : button("撤回投标", () => this.confirmWithdraw(), "outline-danger"),
      ),
    );
    attempt(this.place, null, () => this.fetchReceipt());
  }

  saveCopy(copy) {
    const url = URL.createObjectURL(copy);
    const link = h("a", { href: url, download: `投标文件-${this.bid.D.slice(0, 8)}.gbid` });
    link.click();
    // Revoking at once would cancel a large download in some browsers.
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }

  async fetchReceipt() {
    const bid = this.bid;
    for (let tries = 0; tries < RECEIPT_PATIENCE && this.isConnected && this.bid === bid; tries += 1) {
      const { status, body } = await persist(() => http.getWithStatus(`${this.url("receipt")}?d=${encodeURIComponent(bid.D)}`));
      if (status === 200) {
        bid.receipt = body;
        await memory.rememberSealed(bid);
        // The check of the shares may come after the receipt: show what is there and ask again.
        this.showReceipt(body);
        if ((body.share_checks ?? []).filter((check) => check.ok).length >= 3) return;
      } else {
        this.receiptPlace.replaceChildren(alert("info", "正在等待存证回执……", "平台已签收；存证见证完成后在这里显示完整回执。"));
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  showReceipt(receipt) {
    const checks = receipt.share_checks ?? [];
    const good = checks.filter((check) => check.ok).length;
    const tone = good >= 3 ? "success" : good === 2 ? "info" : "warning";
    const advice = good >= 2 ? "即使开标时证书或设备损坏，也可以申请兜底开启。" : "兜底份额尚未校验完毕；不影响本次投标，请保管好证书和本机浏览器数据。";
    this.receiptPlace.replaceChildren(
      keyValues([["存证位置", String(receipt.position ?? "—")], ["回执时间", receipt.t ? shown(receipt.t) : "—"]]),
      alert(tone, `兜底份额校验 ${good}/3`, advice),
      button("下载回执（.json）", () => download(`投标回执-${this.bid.D.slice(0, 8)}.json`, JSON.stringify(receipt, null, 1)), "primary"),
    );
  }

  confirmWithdraw() {
    const no = button("不撤回", () => this.place.replaceChildren(), "outline-secondary");
    const yes = (event) => attempt(this.place, event.currentTarget, () => this.withdraw());
    this.place.replaceChildren(alert("warning", "确定撤回投标？", "撤回后本标段不再有您的投标文件；截止前可以重新封标。", h("div", { class: "d-flex gap-2 mt-2" }, no, button("确定撤回", yes, "danger"))));
    no.focus();
  }

  async withdraw() {
    this.refuseWhenOver();
    const message = sealMessage("withdraw", this.lot.lot, this.bid.D);
    await persist(() => http.post(this.url("withdraw"), { D: this.bid.D, otk_signature: b64(signSeal(unb64(this.bid.otk_private), message)) }));
    await memory.forgetSealed(this.lot.lot);
    this.bid = null;
    this.dispatchEvent(new CustomEvent("withdrawn", { bubbles: true }));
    this.main.replaceChildren(alert("success", "投标已撤回", "截止时间前可以重新编制并封标。"), button("重新编制投标文件", () => attempt(this.place, null, () => this.startDraft())));
  }
}

customElements.define("bid-sealer", BidSealer);
