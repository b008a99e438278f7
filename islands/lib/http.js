// Talking to the platform: JSON with the CSRF token, and refusals as errors that carry rule, message and field.

export class Refused extends Error {
  constructor(status, { rule = "", message = "", field = null } = {}) {
    super(message || `平台没有接受这次请求（状态 ${status}）。请稍后重试。`);
    Object.assign(this, { status, rule, field });
  }
}

export class Unreachable extends Error {}

export function csrfToken() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  return (
    document.querySelector('meta[name="csrf-token"]')?.content ??
    document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ??
    (cookie ? cookie.slice("csrftoken=".length) : "")
  );
}

async function send(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Unreachable("与平台的连接中断。请检查网络后重试，已完成的部分不会丢失。");
  }
  if (!response.ok) {
    const isJson = response.headers.get("content-type")?.includes("json");
    throw new Refused(response.status, isJson ? await response.json() : {});
  }
  return response;
}

async function json(response) {
  const body = response.status === 204 ? null : await response.json();
  return { status: response.status, body };
}

export const get = async (url) => (await json(await send(url, { headers: { Accept: "application/json" } }))).body;

export const getWithStatus = async (url) => json(await send(url, { headers: { Accept: "application/json" } }));

export const getText = async (url) => (await send(url, {})).text();

export async function post(url, value) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return (await json(await send(url, { method: "POST", headers, body: JSON.stringify(value) }))).body;
}

export async function putBytes(url, blob, headers) {
  const all = { "Content-Type": "application/octet-stream", "X-CSRFToken": csrfToken(), ...headers };
  await send(url, { method: "PUT", headers: all, body: blob });
}
