// <sign-in nonce-url submit-url>: 证书登录, a signature over a fresh nonce of the platform.

import { b64, encode } from "../lib/canonical.js";
import { sign } from "../lib/gm.js";
import * as http from "../lib/http.js";
import { LOGIN } from "../lib/labels.js";
import { setting } from "../lib/page.js";
import { unlockPanel } from "../lib/unlockpanel.js";

/** What is signed: the origin is the one this page really stands on, so a look-alike site gets a useless signature. */
export function loginMessage(nonce, at, key, origin) {
  return encode({ v: 1, nonce, origin, at, certificate: key.kid });
}

class SignIn extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(
      unlockPanel({
        cabinetUrl: setting(this, "cabinet-url"),
        demoPin: setting(this, "demo-pin"),
        submitLabel: "使用证书登录",
        onUnlocked: (key) => this.signIn(key),
      }),
    );
  }

  async signIn(key) {
    const { nonce, at } = await http.get(this.getAttribute("nonce-url"));
    const message = loginMessage(nonce, at, key, window.location.origin);
    const answer = await http.post(this.getAttribute("submit-url"), {
      message: b64(message),
      signature: b64(sign(key.sign, message, LOGIN)),
      certificate: key.certificate_sign,
    });
    window.location.assign(answer.next);
  }
}

customElements.define("sign-in", SignIn);
