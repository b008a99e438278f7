// The five pages a bidder fills before sealing (填写步骤): identity, qualification, technical, price, second look.

import { alert, field, h, keyValues } from "../lib/dom.js";
import { capitals, formatFen, parseFen } from "../lib/money.js";
import { FileList, fileRows } from "./filelist.js";

export const TITLES = ["联系信息", "资格文件", "技术文件", "报价", "第二眼核对", "封标"];

export class StepRefused extends Error {}

function required(input, name) {
  const value = input.value.trim();
  if (!value) {
    input.focus();
    throw new StepRefused(`请填写“${name}”。`);
  }
  return value;
}

export class Identity {
  constructor() {
    this.contact = field("联系人", { required: true, maxlength: 50, autocomplete: "name" });
    this.phone = field("联系电话", { required: true, maxlength: 20, inputmode: "tel", autocomplete: "tel" });
    this.guarantee = field("投标保证金（保函）编号", { maxlength: 64 }, { hint: "招标文件要求提交投标担保的，填写保函或保证金凭证编号；不要求的可以留空。" });
    this.element = h("div", {}, this.contact.row, this.phone.row, this.guarantee.row);
  }

  read() {
    const phone = required(this.phone.input, "联系电话");
    if (!/^[+\d][\d\- ]{5,19}$/.test(phone)) throw new StepRefused("“联系电话”格式不正确，请填写手机号码或带区号的固定电话。");
    return { contact: required(this.contact.input, "联系人"), phone, guarantee: this.guarantee.input.value.trim() };
  }
}

export class Files {
  constructor(label, hint) {
    this.label = label;
    this.list = new FileList(label, hint);
    this.element = this.list.element;
  }

  read() {
    if (this.list.entries.length === 0) throw new StepRefused(`请至少选择一个${this.label}。`);
    return this.list.entries;
  }
}

export class Price {
  constructor(lot) {
    this.lot = lot;
    const limit = lot.max_fen ? `最高投标限价 ${formatFen(lot.max_fen)} 元。` : "";
    this.total = field("投标总价（元）", { required: true, inputmode: "decimal", autocomplete: "off" }, { hint: `${limit}单位为元，最多两位小数。` });
    this.words = h("output", { class: "d-block mb-3 fs-2 fw-bold text-break", "aria-live": "polite" }, "大写：—");
    this.total.row.append(this.words);
    this.total.input.addEventListener("input", () => {
      const fen = parseFen(this.total.input.value);
      this.words.textContent = fen === null ? "大写：—" : `大写：${capitals(fen)}`;
    });
    this.days = field("工期（日历天）", { required: true, type: "number", min: 1, max: 36500, step: 1 }, lot.max_days ? { hint: `招标文件要求不超过 ${lot.max_days} 日历天。` } : {});
    this.quality = field("质量承诺", { required: true, maxlength: 100, value: lot.quality ?? "合格" });
    this.manager = field("项目负责人", { required: true, maxlength: 50 });
    this.element = h("div", {}, this.total.row, this.days.row, this.quality.row, this.manager.row);
  }

  read() {
    const fen = parseFen(required(this.total.input, "投标总价"));
    if (fen === null || fen === 0) throw new StepRefused("“投标总价”应为大于零的金额，单位元，最多两位小数。");
    if (this.lot.max_fen && fen > this.lot.max_fen) {
      throw new StepRefused(`“投标总价”${formatFen(fen)} 元超过最高投标限价 ${formatFen(this.lot.max_fen)} 元，将被否决，请修改。`);
    }
    const days = Number(required(this.days.input, "工期"));
    if (!Number.isInteger(days) || days < 1 || days > 36500) throw new StepRefused("“工期”应为整数天。");
    if (this.lot.max_days && days > this.lot.max_days) throw new StepRefused(`“工期”${days} 天超过招标文件要求的 ${this.lot.max_days} 天，请修改。`);
    return {
      v: 1,
      total_fen: fen,
      duration_days: days,
      quality: required(this.quality.input, "质量承诺"),
      manager: required(this.manager.input, "项目负责人"),
      items: [],
    };
  }
}

export class SecondLook {
  constructor(lot, key) {
    this.lot = lot;
    this.key = key;
    this.element = h("div");
  }

  /** Show everything once more; `draft` = { identity, E1, E2, price }. */
  show(draft) {
    this.confirmed = h("input", { type: "checkbox", class: "form-check-input" });
    this.element.replaceChildren(
      alert("warning", "封标后内容不可查看、不可修改", "请由另一人或您本人再核对一遍。截止时间前可以撤回或用新文件替换。"),
      h(
        "div",
        { class: "card bg-primary-lt mb-3" },
        h(
          "div",
          { class: "card-body text-center" },
          h("div", { class: "text-secondary fs-3" }, "投标总价"),
          h("div", { class: "display-5 fw-bold tabular-nums" }, `${formatFen(draft.price.total_fen)} 元`),
          h("div", { class: "fs-1" }, capitals(draft.price.total_fen)),
        ),
      ),
      keyValues([
        ["投标人", this.key.organisation],
        ["统一社会信用代码", this.key.uscc],
        ["标段", this.lot.title],
        ["工期", `${draft.price.duration_days} 日历天`],
        ["质量承诺", draft.price.quality],
        ["项目负责人", draft.price.manager],
        ["联系人", `${draft.identity.contact} ${draft.identity.phone}`],
        ["担保编号", draft.identity.guarantee || "（未填写）"],
        ["本机标识", "随资格文件封入本浏览器的一个随机标识，开标后仅供监督部门比对"],
      ]),
      h("h3", {}, "资格文件"),
      fileRows(draft.E1),
      h("h3", { class: "mt-3" }, "技术文件"),
      fileRows(draft.E2),
      h("label", { class: "form-check form-check-lg mt-3 fs-3" }, this.confirmed, h("span", { class: "form-check-label" }, "我已逐项核对，总价的数字与大写一致，文件齐全无误。")),
    );
  }

  read() {
    if (!this.confirmed.checked) {
      this.confirmed.focus();
      throw new StepRefused("请核对后勾选确认。");
    }
    return true;
  }
}
