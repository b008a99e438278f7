// <signed-form verb subject nonce verb-title [now kid quiet]>: 签名办理.
// Wraps an ordinary form: on submit the fields become a canonical act, the person confirms and signs it, the form goes off.

import { b64, encode, timestamp } from "../lib/canonical.js";
import { attempt, button, h, keyValues } from "../lib/dom.js";
import { digest, sign } from "../lib/gm.js";
import { unlockedKey } from "../lib/keys.js";
import { ACT } from "../lib/labels.js";
import { fileDigest } from "../lib/pack.js";
import { pageClock, setting, unlockSettings } from "../lib/page.js";
import { unlockPanel } from "../lib/unlockpanel.js";

const UNSIGNED = new Set(["csrfmiddlewaretoken", "act", "act_signature"]);

/** Split the entries of a form into signed fields {name: [text]} and files {name: [{name, size, sm3}]}. */
export async function collect(entries) {
  const fields = {};
  const files = {};
  for (const [name, value] of entries) {
    if (UNSIGNED.has(name)) continue;
    if (typeof value === "string") {
      // Forms send line ends as CRLF; the server signs over what it receives, so we sign the same.
      (fields[name] ??= []).push(value.replaceAll(/\r\n?|\n/g, "\r\n"));
    } else if (value.size > 0 || value.name !== "") {
      (files[name] ??= []).push({ name: value.name, size: value.size, sm3: await fileDigest(value) });
    }
  }
  return { fields, files };
}

class SignedForm extends HTMLElement {
  connectedCallback() {
    this.clock = pageClock(this);
    this.addEventListener("submit", (event) => this.onSubmit(event));
  }

  onSubmit(event) {
    if (this.isReady) return;
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    this.form = event.target;
    this.submitter = event.submitter;
    this.place ??= h("div", { class: "mt-3", "aria-live": "polite" });
    this.form.append(this.place);
    attempt(this.place, null, () => this.prepare()).finally(() => (this.isBusy = false));
  }

  async prepare() {
    const key = await unlockedKey(setting(this, "kid"));
    if (!key) {
      await this.askForKey();
      return;
    }
    const { fields, files } = await collect(new FormData(this.form, this.submitter));
    const act = {
      v: 1,
      verb: this.getAttribute("verb"),
      subject: this.getAttribute("subject"),
      fields,
      files,
      // Under a content security policy browsers blank the attribute "nonce" and keep only the property.
      nonce: this.nonce,
      origin: window.location.origin,
      at: timestamp(this.clock()),
    };
    const bytes = encode(act);
    if (this.hasAttribute("quiet") || (await this.confirm(act, b64(digest(ACT, bytes)), key))) this.send(bytes, key);
  }

  send(bytes, key) {
    const hidden = (name, value) => {
      let input = this.form.querySelector(`input[type="hidden"][name="${name}"]`);
      if (!input) {
        input = h("input", { type: "hidden", name });
        this.form.append(input);
      }
      input.value = value;
    };
    hidden("act", b64(bytes));
    hidden("act_signature", b64(sign(key.sign, bytes, ACT)));
    this.isReady = true;
    // requestSubmit keeps the pressed button's name and value in what is sent, as it was in what was signed.
    this.form.requestSubmit(this.submitter ?? undefined);
    this.isReady = false;
  }

  labelOf(name) {
    const input = this.form.elements.namedItem(name);
    const element = input instanceof RadioNodeList ? input[0] : input;
    const label = element?.closest("fieldset")?.querySelector("legend") && input instanceof RadioNodeList
      ? element.closest("fieldset").querySelector("legend")
      : element?.labels?.[0];
    return label?.textContent.trim().replace(/\s*\*$/, "") ?? null;
  }

  shown(name, values) {
    const element = this.form.elements.namedItem(name);
    if (element instanceof HTMLSelectElement) {
      return values.map((value) => [...element.options].find((option) => option.value === value)?.textContent.trim() ?? value).join("、");
    }
    const text = values.join("、");
    return text.length > 120 ? `${text.slice(0, 120)}……` : text;
  }

  summary(act) {
    const rows = [];
    for (const [name, values] of Object.entries(act.fields)) {
      const label = this.labelOf(name);
      // Fields without a label are technical (management data of lists); they are signed, but say nothing to a person.
      if (label && values.join("")) rows.push([label, this.shown(name, values)]);
    }
    for (const [name, files] of Object.entries(act.files)) {
      rows.push([this.labelOf(name) ?? "附件", files.map((file) => `${file.name}（SM3 ${file.sm3.slice(0, 8)}）`).join("、")]);
    }
    const most = 10;
    return rows.length > most ? [...rows.slice(0, most), ["其余内容", `另有 ${rows.length - most} 项，一并签名`]] : rows;
  }

  dialog(title, ...content) {
    const card = h("div", { class: "card" }, h("div", { class: "card-header" }, h("h3", { class: "card-title fs-2" }, title)), h("div", { class: "card-body" }, content));
    const element = h("dialog", { class: "gh-dialog border-0 p-0 bg-transparent", "aria-label": title }, card);
    // Set through the object model: the content security policy forbids style attributes, not this.
    element.style.width = "min(46rem, 100% - 2rem)";
    // On the page body, not inside the form: the panel of the key has a form of its own.
    document.body.append(element);
    element.addEventListener("close", () => element.remove());
    element.showModal();
    return element;
  }

  confirm(act, actDigest, key) {
    return new Promise((resolve) => {
      const title = this.getAttribute("verb-title") ?? "提交";
      const dialog = this.dialog(
        `签名确认：${title}`,
        keyValues([["签名人", `${key.name}（${key.organisation}）`], ["摘要前 8 位", actDigest.slice(0, 8)], ...this.summary(act)]),
        h(
          "div",
          { class: "d-flex gap-2 justify-content-end" },
          button("返回修改", () => dialog.close(), "outline-secondary"),
          button("确认并签名", () => {
            resolve(true);
            dialog.close();
          }, "primary", { autofocus: true }),
        ),
      );
      dialog.addEventListener("close", () => resolve(false));
    });
  }

  askForKey() {
    return new Promise((resolve, reject) => {
      const dialog = this.dialog(
        "请先解锁软证书",
        h("p", { class: "text-secondary" }, "本次办理需要您的签名。请选择软证书并输入口令。"),
        unlockPanel({
          ...unlockSettings(this),
          submitLabel: "解锁并继续",
          onUnlocked: async () => {
            this.isUnlocked = true;
            dialog.close();
          },
        }),
        h("div", { class: "mt-3" }, button("取消", () => dialog.close(), "outline-secondary")),
      );
      dialog.addEventListener("close", () => {
        const go = this.isUnlocked;
        this.isUnlocked = false;
        if (go) this.prepare().then(resolve, reject);
        else resolve();
      });
    });
  }
}

customElements.define("signed-form", SignedForm);
