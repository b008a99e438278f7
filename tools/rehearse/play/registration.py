"""Stage 1: an organisation registers with its certificate and the centre verifies it (主体登记)."""

from gongheng.crypto import canonical, labels, signing
from tools.rehearse.play.scene import Scene
from tools.visitor import Visitor


def play(scene: Scene) -> None:
    cast, stages = scene.cast, scene.stages
    with stages.stage("1 主体登记", 3) as done:
        applicant = next(filter(_is_new, map(cast.visitor, cast.find("applicant"))), None)
        if applicant is None:
            stages.remark("演示省份中的未登记单位都已登记，跳过登记")
        else:
            applicant.act(
                "/parties/register/", form="parties.register", roles=["bidder"], region="370100",
                legal_representative="李明", address="济南市历下区经十路1号", contact="王芳", phone="0531-88880000",
            )
            done()
            page = applicant.get("/parties/mine/")
            number = page.url.rstrip("/").rsplit("/", 1)[-1]
            centre = cast.one("centre", "济南")
            centre.act(f"/parties/{number}/", form="parties.accept")
        done()
        _replayed_sign_in(scene)
        done()


def _is_new(visitor: Visitor) -> bool:
    """Say whether the holder's company still waits to be registered; earlier rehearsals used some up."""
    return visitor.get("/parties/register/").url.endswith("/parties/register/")


def _replayed_sign_in(scene: Scene) -> None:
    """A sign-in message that was used once must not open a second session."""
    visitor = Visitor(scene.cast.origin, scene.cast.one("agency").certificate)
    visitor.get("/sign-in/")
    nonce = visitor.get_json("/sign-in/nonce/")
    message = canonical.encode(
        {"v": 1, "nonce": nonce["nonce"], "origin": visitor.origin, "at": nonce["at"], "certificate": visitor.kid}
    )
    sent = {
        "message": canonical.b64(message),
        "signature": canonical.b64(signing.sign(visitor.certificate.private_sign, message, labels.LOGIN)),
        "certificate": canonical.b64(visitor.certificate.certificate_sign),
    }
    visitor.post_json("/sign-in/submit/", sent)
    thief = Visitor(scene.cast.origin, visitor.certificate)
    thief.get("/sign-in/")
    scene.stages.must_refuse(
        "重放的登录签名", lambda: thief.post_json("/sign-in/submit/", sent), statuses=(400, 403, 422)
    )
