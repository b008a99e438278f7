"""The keys under which gates report (门禁密钥): derived, so that no row and no dump of rows gives one away."""

import hmac

from django.conf import settings

from gongheng.places.access.models import GateKey


def secret_of(key: GateKey) -> bytes:
    """Return the key that is given to the gate when it is enrolled, and with which its events are checked."""
    return hmac.digest(settings.KEYRING.secret("gate"), key.pk.bytes, "sm3")
