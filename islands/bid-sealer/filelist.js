// A list of files for one envelope: each is checked and digested when it is chosen, a broken one is refused with its reason.

import { alert, attempt, field, h } from "../lib/dom.js";
import { fileDigest, nameDefect } from "../lib/pack.js";
import { ACCEPTED, fileDefect } from "../lib/pdfcheck.js";

export const formatSize = (size) => (size < 1048576 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${(size / 1048576).toFixed(1)} MB`);

export function fileRows(entries, action = null) {
  return h(
    "div",
    { class: "table-responsive" },
    h(
      "table",
      { class: "table table-vcenter card-table fs-3" },
      h("thead", {}, h("tr", {}, ["文件名", "大小", "SM3 前 8 位", action ? "操作" : null].filter(Boolean).map((text) => h("th", { scope: "col" }, text)))),
      h(
        "tbody",
        {},
        entries.map((entry) =>
          h(
            "tr",
            {},
            h("td", { class: "text-break" }, entry.file.name),
            h("td", { class: "text-nowrap tabular-nums" }, formatSize(entry.file.size)),
            h("td", {}, h("code", { title: entry.sm3 }, entry.sm3.slice(0, 8))),
            action ? h("td", {}, action(entry)) : null,
          ),
        ),
      ),
    ),
  );
}

export class FileList {
  constructor(label, hint) {
    this.entries = [];
    this.place = h("div", { "aria-live": "polite" });
    this.table = h("div", { class: "mb-3" });
    const accept = ACCEPTED.map((extension) => `.${extension}`).join(",");
    const { row, input } = field(label, { type: "file", multiple: true, accept }, { hint });
    input.addEventListener("change", () => attempt(this.place, input, () => this.add(input)));
    this.element = h("div", {}, row, this.place, this.table);
    this.draw();
  }

  async add(input) {
    const refused = [];
    // Copied first: clearing the input below empties its live list, and a file removed can then be chosen again.
    const chosen = [...input.files];
    for (const file of chosen) {
      this.place.replaceChildren(alert("info", `正在检查：${file.name}`));
      const defect = nameDefect([...this.entries.map((entry) => entry.file.name), file.name]) ?? (await fileDefect(file));
      if (defect) refused.push(h("li", {}, `${file.name}：${defect}`));
      else this.entries.push({ file, sm3: await fileDigest(file) });
    }
    input.value = "";
    this.place.replaceChildren();
    if (refused.length > 0) this.place.append(alert("danger", "以下文件未被接受", "请修复或更换后重新选择。", h("ul", { class: "mb-0" }, refused)));
    this.draw();
  }

  draw() {
    const remove = (entry) =>
      h("button", { type: "button", class: "btn btn-outline-danger", "aria-label": `移除 ${entry.file.name}`, onclick: () => this.remove(entry) }, "移除");
    this.table.replaceChildren(this.entries.length > 0 ? fileRows(this.entries, remove) : h("p", { class: "text-secondary" }, "尚未选择文件"));
  }

  remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.draw();
  }
}
