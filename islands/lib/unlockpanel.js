// The panel that opens a soft certificate (解锁软证书): a key file or, in the demonstration, a cabinet, and the PIN.

import { alert, attempt, button, field, freshId, h } from "./dom.js";
import * as http from "./http.js";
import { KeyRefused, keepUnlocked, openFile } from "./keys.js";

/**
 * Build the panel. Options: cabinetUrl, demoPin (both demonstration only), submitLabel, kid (only this key will do),
 * onUnlocked(key): called after the key was opened and kept; what it throws is shown in the panel.
 */
export function unlockPanel({ cabinetUrl = null, demoPin = null, submitLabel = "解锁", kid = null, onUnlocked }) {
  const place = h("div", { "aria-live": "polite" });
  const file = field("软证书文件", { type: "file", accept: ".gkey,application/json" }, { hint: "选择您保管的 .gkey 文件。文件只在本机读取，不会上传。" });
  const pin = field("证书口令（PIN）", { type: "password", autocomplete: "off", required: true, value: demoPin ?? "" }, demoPin ? { hint: `演示口令：${demoPin}` } : {});
  const chosen = { text: null, label: null };
  const picked = h("div", { class: "mb-3", "aria-live": "polite" });
  const submit = button(submitLabel, null, "primary", { type: "submit" });

  const open = async () => {
    const text = chosen.text ?? (await file.input.files[0]?.text());
    if (!text) throw new KeyRefused("请先选择软证书文件。");
    if (!pin.input.value) throw new KeyRefused("请输入证书口令（PIN）。");
    const key = await openFile(text, pin.input.value);
    if (kid && key.kid !== kid) throw new KeyRefused("所选软证书与当前登录人不一致，请选择登录时使用的软证书。");
    await keepUnlocked(key);
    await onUnlocked(key);
  };
  const form = h("form", {
    onsubmit: (event) => {
      event.preventDefault();
      // Custom elements can stand inside another form: the submit must not travel to it.
      event.stopPropagation();
      attempt(place, submit, open);
    },
  });
  file.input.addEventListener("change", () => {
    chosen.text = null;
    picked.replaceChildren();
  });
  const choose = async (person) => {
    chosen.text = await http.getText(`${cabinetUrl.replace(/\/?(\?.*)?$/, "/")}${encodeURIComponent(person.id)}.gkey`);
    file.input.value = "";
    picked.replaceChildren(alert("info", `已选择：${person.name}`, person.organisation));
    pin.input.focus();
  };
  form.append(...(cabinetUrl ? [cabinet(cabinetUrl, place, choose)] : []), file.row, picked, pin.row, submit, place);
  return form;
}

function cabinet(url, place, choose) {
  const list = h("div", { class: "list-group list-group-flush gh-cabinet overflow-auto", role: "list" });
  list.style.maxHeight = "20rem";
  const search = field("演示证书柜", { type: "search", placeholder: "姓名、单位或角色", autocomplete: "off" }, { hint: "仅演示环境提供：从证书柜中取用演示人员的软证书。" });
  let asked = 0;
  const load = async () => {
    asked += 1;
    const mine = asked;
    const people = await http.get(`${url}?q=${encodeURIComponent(search.input.value.trim())}`);
    // Answers may overtake each other; only the last question counts.
    if (mine !== asked) return;
    list.replaceChildren(...(people.length > 0 ? people.map(row) : [h("div", { class: "list-group-item text-secondary" }, "没有找到匹配的演示人员")]));
    // A link to one person's drawer already says whom to take.
    if (people.length === 1 && search.input.value === "") await choose(people[0]);
  };
  const row = (person) =>
    h(
      "button",
      { type: "button", class: "list-group-item list-group-item-action", onclick: (event) => attempt(place, event.currentTarget, () => choose(person)) },
      h("div", { class: "d-flex justify-content-between" }, h("strong", { class: "fs-3" }, person.name), h("span", { class: "badge bg-blue-lt" }, [person.role_names].flat().join("、"))),
      h("div", { class: "text-secondary" }, person.organisation, person.hint ? ` · ${person.hint}` : ""),
    );
  let waiting = null;
  search.input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => attempt(place, null, load), 200);
  });
  search.input.addEventListener("keydown", (event) => {
    // Enter in the search box searches; it must not submit the form without a chosen person.
    if (event.key === "Enter") event.preventDefault();
  });
  attempt(place, null, load);
  return h("div", { class: "mb-3", id: freshId("cabinet") }, search.row, list);
}
