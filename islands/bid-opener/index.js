// <bid-opener lot headers-url submit-url fallback-url>: 开标解密, the bidder's own path.
// Only the 32-byte secrets of the envelopes leave this machine, and only after they were checked against the sealed header.

import { sealedBid } from "../lib/bidmemory.js";
import { b64, decode, unb64 } from "../lib/canonical.js";
import { alert, attempt, button, field, h, keyValues } from "../lib/dom.js";
import * as http from "../lib/http.js";
import { deviceKey, unlockedKey } from "../lib/keys.js";
import { SealRefused, ownSecret, sealMessage, signSeal } from "../lib/sealing.js";
import { setting, unlockSettings } from "../lib/page.js";
import { unlockPanel } from "../lib/unlockpanel.js";

const NAMES = { E0: "身份", E1: "资格文件", E2: "技术文件", E3: "报价" };

class BidOpener extends HTMLElement {
  connectedCallback() {
    this.place = h("div", { "aria-live": "polite" });
    this.main = h("div");
    this.replaceChildren(this.main, this.place);
    attempt(this.place, null, () => this.begin());
  }

  async begin() {
    this.key = await unlockedKey(setting(this, "kid"));
    if (!this.key) {
      this.main.replaceChildren(
        h("h3", {}, "请先解锁软证书"),
        unlockPanel({
          ...unlockSettings(this),
          onUnlocked: () => this.begin(),
        }),
        this.fallbackButton(),
      );
      return;
    }
    const bid = await sealedBid(this.getAttribute("lot"));
    this.D = bid?.D ?? this.D ?? null;
    this.otk = bid?.otk_private ?? null;
    this.core = bid ? decode(unb64(bid.manifest)).core : null;
    if (this.D) this.showReady();
    else this.askForReceipt();
  }

  askForReceipt() {
    const { row, input } = field("投标回执文件", { type: "file", accept: ".json,application/json" }, { hint: "本机浏览器没有该标段的投标记录。请选择封标时下载的回执（.json）。" });
    input.addEventListener("change", () => attempt(this.place, input, () => this.readReceipt(input.files[0])));
    this.main.replaceChildren(row, this.fallbackButton());
  }

  async readReceipt(file) {
    let receipt;
    try {
      receipt = JSON.parse(await file.text());
    } catch {
      throw new SealRefused("所选文件不是投标回执（.json），请重新选择。");
    }
    if (typeof receipt?.D !== "string") throw new SealRefused("所选文件不是投标回执：缺少文件摘要（D）。");
    if (receipt.lot && receipt.lot !== this.getAttribute("lot")) throw new SealRefused("所选回执属于其他标段，请选择本标段的回执。");
    this.D = receipt.D;
    this.salt = receipt.salt ?? null;
    this.showReady();
  }

  showReady() {
    this.main.replaceChildren(
      keyValues([["文件摘要（D）", this.D], ["解密证书", `${this.key.name}（${this.key.organisation}）`]]),
      h(
        "div",
        { class: "d-flex flex-wrap gap-2" },
        button("解密我的投标文件", (event) => attempt(this.place, event.currentTarget, () => this.open()), "primary"),
        this.fallbackButton(),
      ),
    );
  }

  async open() {
    const header = await http.get(`${this.getAttribute("headers-url")}?d=${encodeURIComponent(this.D)}`);
    // The header remembered from sealing outranks the server's: it is the one that D was computed over.
    const core = this.core ?? header.core;
    const device = core.env[0].own.length === 2 ? await deviceKey() : null;
    const envelopes = header.open ?? Object.keys(NAMES);
    const secrets = Object.fromEntries(envelopes.map((env) => [env, b64(ownSecret(core, env, [this.key.enc, device?.private]))]));
    await http.post(this.getAttribute("submit-url"), { D: this.D, secrets });
    this.main.replaceChildren(
      alert("success", "解密密钥已提交", "平台已核对密钥与封标承诺一致，唱标内容以大屏显示为准。"),
      keyValues(envelopes.map((env) => [NAMES[env], "密钥已核对"])),
    );
    this.dispatchEvent(new CustomEvent("opened", { bubbles: true, detail: { D: this.D } }));
  }

  fallbackButton() {
    if (!this.getAttribute("fallback-url")) return null;
    return button("申请兜底开启", () => this.confirmFallback(), "outline-warning");
  }

  confirmFallback() {
    const { row, input } = field("申请原因", { required: true, maxlength: 200 }, {
      tag: "select",
      options: [["certificate", "证书损坏、遗失或无法读取"], ["device", "封标所用电脑或浏览器不在手边"], ["other", "其他原因"]],
    });
    const send = (event) => attempt(this.place, event.currentTarget, () => this.askFallback(input.value));
    // attempt() clears its place at the start; the question therefore lives in the main part.
    const back = button("返回", () => attempt(this.place, null, () => this.begin()), "outline-secondary");
    this.main.replaceChildren(
      alert("warning", "申请兜底开启", "由受托方（三方中任意两方）用封标时留存的份额开启同一份密文。您的证书不参与。"),
      row,
      h("div", { class: "d-flex gap-2" }, back, button("提交申请", send, "warning")),
    );
    input.focus();
  }

  async askFallback(reason) {
    if (!this.D) throw new SealRefused("请先选择封标时下载的回执（.json），再申请兜底开启。");
    // Only the holder of the one-time key or of the receipt may ask: a rival must not force a bid open.
    const proof = this.otk ? { otk_signature: b64(signSeal(unb64(this.otk), sealMessage("fallback", this.getAttribute("lot"), this.D))) } : { salt: this.salt ?? "" };
    await http.post(this.getAttribute("fallback-url"), { D: this.D, reason, ...proof });
    this.main.replaceChildren(alert("success", "已提交兜底开启申请", "受托方核验后将开启您的投标文件，结果显示在开标大屏。"));
  }
}

customElements.define("bid-opener", BidOpener);
