"""Where segments lie (录像存放): in the file store, encrypted, so that who steals the store can play nothing.

Digests and chains are of what was recorded; only the bytes on the disk are sealed. The key comes from the keyring and
the track, not from the database: without the keyring nothing can be played, so it is backed up as the store is.
"""

import hmac
import io

from django.conf import settings

from gongheng.kernel.sealed_field import seal, unseal
from gongheng.places.meetings.models import Segment, Track
from gongheng.trust.documents import store


def put(track: Track, data: bytes) -> str:
    """Keep the bytes of a segment; return the name under which they lie."""
    return store.put(io.BytesIO(seal(data, _key(track)))).digest


def read(segment: Segment) -> bytes:
    """Return a segment as it was recorded; what was changed on the disk is returned as it lies there.

    Whoever plays it sees that it is broken, and the verifier names it: its digest is not the one in the chain.
    """
    with store.open(segment.digest) as file:
        kept = file.read()
    if not segment.is_sealed:
        return kept
    try:
        return unseal(kept, _key(segment.track))
    except ValueError:
        return kept


def _key(track: Track) -> bytes:
    return hmac.digest(settings.KEYRING.secret("recordings"), track.pk.bytes, "sm3")
