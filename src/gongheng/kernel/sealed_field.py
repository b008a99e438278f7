"""Columns that a database dump does not reveal (加密列): SM4-GCM under a key outside the database."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import models

_NONCE, _TAG = 12, 16


def seal(plain: bytes, key: bytes) -> bytes:
    """Encrypt for storage: nonce ‖ ciphertext ‖ tag under the first 16 bytes of ``key``."""
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def unseal(sealed: bytes, key: bytes) -> bytes:
    """Reverse ``seal``; raises ValueError when the bytes were changed or the key is another."""
    nonce, body, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
    decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, tag)).decryptor()
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise ValueError("sealed column was changed or belongs to another key") from error


class SealedBinaryField(models.BinaryField):
    """Bytes that are stored encrypted under the keyring's ``columns`` secret."""

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is not None:
            value = seal(bytes(value), settings.KEYRING.secret("columns"))
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value, expression, connection):
        return None if value is None else unseal(bytes(value), settings.KEYRING.secret("columns"))


class SealedTextField(SealedBinaryField):
    """Text that is stored encrypted: names, phones and identity numbers of natural persons."""

    def get_db_prep_value(self, value, connection, prepared=False):
        return super().get_db_prep_value(None if value is None else value.encode(), connection, prepared)

    def from_db_value(self, value, expression, connection):
        plain = super().from_db_value(value, expression, connection)
        return None if plain is None else plain.decode()
