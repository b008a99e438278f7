// Building small pieces of page without a framework; text never passes through an HTML parser.

/** Make an element: h("p", { class: "text-danger", onclick: f }, "text", child, …); null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let serial = 0;
export const freshId = (stem) => `${stem}-${(serial += 1)}`;

/** A labelled input: returns { row, input }. */
export function field(label, attributes = {}, { hint = null, tag = "input", options = [] } = {}) {
  const id = freshId("island");
  const hintId = hint ? `${id}-hint` : null;
  const shape = tag === "select" ? "form-select form-select-lg" : "form-control form-control-lg";
  const input = h(tag, { id, class: shape, "aria-describedby": hintId, ...attributes }, options.map(([value, text]) => h("option", { value }, text)));
  const row = h(
    "div",
    { class: "mb-3" },
    h("label", { class: `form-label${attributes.required ? " required" : ""}`, for: id }, label),
    input,
    hint ? h("div", { class: "form-hint", id: hintId }, hint) : null,
  );
  return { row, input };
}

export function button(text, onclick, tone = "primary", attributes = {}) {
  return h("button", { type: "button", class: `btn btn-lg btn-${tone}`, onclick, ...attributes }, text);
}

export function alert(tone, title, text = null, ...more) {
  return h(
    "div",
    { class: `alert alert-${tone}`, role: tone === "danger" || tone === "warning" ? "alert" : "status" },
    h("div", {}, h("h4", { class: "alert-title" }, title), text ? h("div", { class: "text-secondary" }, text) : null, more),
  );
}

/** The alert of a failure: the rule's id stands beside the reason. */
export function failure(error, title = "未能完成") {
  const rule = error.rule ? h("span", { class: "badge bg-red-lt ms-2" }, error.rule) : null;
  return alert("danger", title, error.message, rule);
}

export function progress(label) {
  // A <progress> element needs no inline style, which the content security policy forbids.
  const bar = h("progress", { class: "progress progress-lg w-100", max: "100", value: "0", "aria-label": label });
  const text = h("div", { class: "mt-2 fs-3", role: "status" }, label);
  return {
    element: h("div", { class: "my-3" }, bar, text),
    show(share, message) {
      bar.value = Math.floor(share * 100);
      if (text.textContent !== message) text.textContent = message;
    },
  };
}

/** Run an act of a button: disabled meanwhile, its failure shown in `place`, focus on the message. */
export async function attempt(place, trigger, act) {
  place.replaceChildren();
  if (trigger) trigger.disabled = true;
  try {
    return await act();
  } catch (error) {
    const shown = failure(error);
    shown.tabIndex = -1;
    place.replaceChildren(shown);
    shown.focus();
    // Our own refusals carry Chinese reasons; anything else is a defect and must reach the console whole.
    if (!/[一-鿿]/u.test(error.message)) {
      place.replaceChildren(failure(new Error("页面程序出现意外错误，请刷新页面后重试；如仍然出现，请联系中心技术人员。")));
      throw error;
    }
    return undefined;
  } finally {
    if (trigger) trigger.disabled = false;
  }
}

export function keyValues(pairs) {
  return h(
    "div",
    { class: "datagrid my-3" },
    pairs.map(([name, value]) =>
      h("div", { class: "datagrid-item" }, h("div", { class: "datagrid-title" }, name), h("div", { class: "datagrid-content fs-3 text-break" }, value)),
    ),
  );
}

/** Hand a text to the person as a file. */
export function download(name, text, type = "application/json") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
