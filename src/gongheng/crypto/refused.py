"""The refusals of this package: a stable code for programs and a Chinese sentence for people (拒绝)."""


class Refused(Exception):
    """Raised when bytes from outside do not hold what they claim."""

    def __init__(self, code: str, message: str):
        super().__init__(f"[{code}] {message}")
        self.code = code
        self.message = message


class ContainerRefused(Refused):
    """A sealed bid container is malformed, altered, or does not open under the secret given."""


class PackRefused(Refused):
    """A pack of files is malformed or altered."""


class CertificateRefused(Refused):
    """A certificate is malformed, or does not hold for this use at this time."""


class ProofRefused(Refused):
    """A checkpoint, cosignature or draw message does not hold."""
