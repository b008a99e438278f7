"""A person at the site without a browser: signs in, reads pages, fills in and signs forms (访客).

It does over HTTP exactly what the islands do in a browser, so whatever drives it (the rehearsal,
the journeys, the bid client) can do nothing that a user could not.
"""

import json
import ssl
from dataclasses import dataclass
from functools import cache
from hashlib import pbkdf2_hmac
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import html

from gongheng.crypto import canonical, hashing, labels, signing


class Refused(Exception):
    """The site said no: status, rule if given, and the sentence it showed."""

    def __init__(self, status: int, message: str, rule: str | None = None):
        super().__init__(f"HTTP {status}: {message}" + (f"（规则 {rule}）" if rule else ""))
        self.status = status
        self.message = message
        self.rule = rule


@dataclass(frozen=True)
class SoftCertificate:
    """An unlocked soft certificate (软证书): the holder's names and the two private keys."""

    person: str
    name: str
    organisation: str
    uscc: str
    certificate_sign: bytes
    certificate_enc: bytes | None
    private_sign: bytes
    private_enc: bytes | None

    @classmethod
    def unlock(cls, gkey: bytes, pin: str) -> "SoftCertificate":
        """Open a ``.gkey`` file with its PIN; raises ValueError when the PIN is wrong."""
        file = json.loads(gkey)
        box = file["box"]
        wrap = pbkdf2_hmac("sha256", pin.encode(), canonical.unb64(box["salt"]), box["iterations"], 32)
        try:
            plain = AESGCM(wrap).decrypt(canonical.unb64(box["iv"]), canonical.unb64(box["data"]), None)
        except InvalidTag as error:
            raise ValueError("the PIN does not open this soft certificate") from error
        keys = json.loads(plain)
        return cls(
            file["person"], file["name"], file["organisation"], file["uscc"],
            canonical.unb64(file["certificate_sign"]),
            canonical.unb64(file["certificate_enc"]) if file["certificate_enc"] else None,
            canonical.unb64(keys["sign"]), canonical.unb64(keys["enc"]) if keys["enc"] else None,
        )


@dataclass
class Page:
    """A page that came back: its address, its tree, its text."""

    url: str
    tree: html.HtmlElement

    def text(self) -> str:
        return " ".join(self.tree.text_content().split())

    def links(self, fragment: str) -> list[str]:
        """Return the addresses on the page that contain ``fragment``, in order, without repeats."""
        found = (urljoin(self.url, a.get("href")) for a in self.tree.iter("a") if a.get("href"))
        return list(dict.fromkeys(link for link in found if fragment in link))

    def errors(self) -> list[str]:
        """Return what the page complains of: mistakes of a form, a refusal among the messages."""
        nodes = self.tree.xpath(
            "//div[contains(@class,'gh-mistakes')]//li"
            " | //div[contains(@class,'gh-messages')]/div[contains(@class,'is-error')]"
        )
        return [" ".join(node.text_content().split()) for node in nodes if node.text_content().strip()]


@cache
def _tls() -> ssl.SSLContext:
    # Reading the system's roots takes longer than signing in: all visitors of a process share them.
    return httpx.create_ssl_context(trust_env=False)


class Visitor:
    """One person's session on one site."""

    def __init__(self, origin: str, certificate: SoftCertificate | None = None, *, timeout: float = 180):
        self.origin = origin.rstrip("/")
        self.certificate = certificate
        self.http = httpx.Client(
            base_url=self.origin, timeout=timeout, trust_env=False, follow_redirects=True, verify=_tls()
        )

    def sign_in(self, role: str | None = None) -> None:
        """Sign the server's nonce with the certificate; with several roles choose ``role``."""
        self.get("/sign-in/")
        nonce = self.http.get("/sign-in/nonce/").json()
        message = canonical.encode(
            {
                "v": 1, "nonce": nonce["nonce"], "origin": self.origin, "at": nonce["at"],
                "certificate": self.kid,
            }
        )
        answer = self.post_json(
            "/sign-in/submit/",
            {
                "message": canonical.b64(message),
                "signature": canonical.b64(signing.sign(self.certificate.private_sign, message, labels.LOGIN)),
                "certificate": canonical.b64(self.certificate.certificate_sign),
                **({"role": role} if role else {}),
            },
        )
        self.get(answer.get("next", "/desk/"))

    @property
    def kid(self) -> str:
        public = signing.public_of(self.certificate.private_sign)
        return canonical.b64(labels.digest(labels.KEY, public))[:22]

    def get(self, path: str) -> Page:
        """Fetch a page; raises Refused for any status from 400 on."""
        return self._page(self.http.get(path))

    def get_json(self, path: str) -> dict:
        response = self.http.get(path)
        self._raise_json(response)
        return response.json()

    def post_json(self, path: str, data: dict) -> dict:
        response = self.http.post(path, json=data, headers=self._csrf())
        self._raise_json(response)
        return response.json()

    def put_bytes(self, path: str, data: bytes, headers: dict[str, str]) -> None:
        response = self.http.put(path, content=data, headers=self._csrf() | headers)
        self._raise_json(response)

    def act(self, path: str, *, form: str | None = None, files: dict[str, Path] | None = None, **fields) -> Page:
        """Fill in the form on ``path``, sign it if it is a legal act, and send it.

        ``form`` selects by a fragment of the form's action (or of its verb) when the page has
        several. Lists give several values. Raises Refused with the page's own words when it is refused.
        """
        page = self.get(path)
        element = self._form(page, form)
        values = self._values(element)
        for name, value in fields.items():
            values[name] = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        uploads = {name: (file.name, file.read_bytes()) for name, file in (files or {}).items()}
        signer = element.getparent()
        while signer is not None and signer.tag != "signed-form":
            signer = signer.getparent()
        if signer is not None:
            self._sign(signer, values, uploads)
        target = urljoin(page.url, element.get("action") or page.url)
        response = self.http.post(
            target,
            data=values,
            files={name: (filename, data) for name, (filename, data) in uploads.items()} or None,
            headers={"Referer": page.url},
        )
        after = self._page(response)
        if after.errors():
            raise Refused(response.status_code, "；".join(dict.fromkeys(after.errors())))
        return after

    def _sign(self, signer: html.HtmlElement, values: dict, uploads: dict) -> None:
        act = canonical.encode(
            {
                "v": 1,
                "verb": signer.get("verb"),
                "subject": signer.get("subject"),
                "fields": {
                    name: value for name, value in values.items()
                    if name not in {"csrfmiddlewaretoken", "act", "act_signature"}
                },
                "files": {
                    name: [{
                        "name": filename, "size": len(data),
                        "sm3": canonical.b64(hashing.digest(data)),
                    }]
                    for name, (filename, data) in uploads.items()
                },
                "nonce": signer.get("nonce"),
                "origin": self.origin,
                "at": signer.get("at") or self.http.get("/sign-in/nonce/").json()["at"],
            }
        )
        values["act"] = [canonical.b64(act)]
        values["act_signature"] = [canonical.b64(signing.sign(self.certificate.private_sign, act, labels.ACT))]

    def _form(self, page: Page, fragment: str | None) -> html.HtmlElement:
        forms = [f for f in page.tree.iter("form") if (f.get("method") or "get").lower() == "post"]
        if fragment:
            forms = [
                f for f in forms
                if fragment in (f.get("action") or "") or fragment in (f.getparent().get("verb") or "")
            ]
        else:
            forms = [f for f in forms if not urlsplit(f.get("action") or "").path.startswith(("/sign-", "/role"))]
        if not forms:
            raise Refused(200, f"no form {fragment or ''} on {page.url}: {page.text()[:300]}")
        return forms[0]

    @staticmethod
    def _values(form: html.HtmlElement) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        areas = {area.get("name") for area in form.iter("textarea")}
        for name, value in form.form_values():
            # HTML drops the line end right after <textarea>; lxml keeps it.
            values.setdefault(name, []).append(value.removeprefix("\n") if name in areas else value)
        return values

    def _page(self, response: httpx.Response) -> Page:
        page = Page(str(response.url), html.fromstring(response.text or "<html></html>"))
        if response.status_code >= 400:
            raise Refused(response.status_code, "；".join(page.errors()) or page.text()[:300])
        return page

    def _raise_json(self, response: httpx.Response) -> None:
        if response.status_code < 400:
            return
        try:
            answer = response.json()
        except ValueError:
            raise Refused(response.status_code, " ".join(response.text.split())[:300]) from None
        raise Refused(response.status_code, answer.get("message", ""), answer.get("rule"))

    def _csrf(self) -> dict[str, str]:
        return {"X-CSRFToken": self.http.cookies.get("csrftoken", ""), "Referer": f"{self.origin}/"}
