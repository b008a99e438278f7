"""SM4 (GB/T 32907) in counter mode, through libgcrypt where present, else the `cryptography` wheel (分组密码)."""

import ctypes
import ctypes.util
import weakref
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p, create_string_buffer

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_SM4, _CTR, _INIT_DONE, _INIT_DONE_ASKED, _NO_SECURE_MEMORY = 318, 6, 38, 39, 37  # gcrypt.h


def _load():
    for name in (ctypes.util.find_library("gcrypt"), "libgcrypt.so.20"):
        if name is None:
            continue
        try:
            library = ctypes.CDLL(name)
            library.gcry_check_version.restype = c_char_p
            library.gcry_control.argtypes = [c_int, c_int]
            library.gcry_cipher_open.argtypes = [POINTER(c_void_p), c_int, c_int, c_uint]
            library.gcry_cipher_setkey.argtypes = [c_void_p, c_char_p, c_size_t]
            library.gcry_cipher_setctr.argtypes = [c_void_p, c_char_p, c_size_t]
            library.gcry_cipher_encrypt.argtypes = [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]
            library.gcry_cipher_close.argtypes = [c_void_p]
            library.gcry_cipher_close.restype = None
        except (OSError, AttributeError):
            continue
        # The library is unsafe across threads until told that its set-up is over.
        library.gcry_check_version(None)
        if not library.gcry_control(_INIT_DONE_ASKED, 0):
            library.gcry_control(_NO_SECURE_MEMORY, 0)
            library.gcry_control(_INIT_DONE, 0)
        handle = c_void_p()
        if library.gcry_cipher_open(byref(handle), _SM4, _CTR, 0) == 0:
            library.gcry_cipher_close(handle)
            return library
    return None


_GCRYPT = _load()
BACKEND = "libgcrypt" if _GCRYPT else "cryptography"


class WheelCtr:
    """SM4-CTR under one key by way of the wheel."""

    def __init__(self, key: bytes):
        self._algorithm = algorithms.SM4(key)

    def crypt(self, nonce: bytes, data: bytes) -> bytes:
        """Encrypt or decrypt `data`; the first counter block is the 12-byte nonce and a zero u32."""
        context = Cipher(self._algorithm, modes.CTR(nonce + bytes(4))).encryptor()
        return context.update(data)


class GcryptCtr:
    """SM4-CTR under one key by way of libgcrypt; one object belongs to one thread."""

    def __init__(self, key: bytes):
        if len(key) != 16:
            raise ValueError("SM4 keys are 16 bytes")
        self._handle = c_void_p()
        _must(_GCRYPT.gcry_cipher_open(byref(self._handle), _SM4, _CTR, 0))
        weakref.finalize(self, _GCRYPT.gcry_cipher_close, self._handle)
        _must(_GCRYPT.gcry_cipher_setkey(self._handle, key, 16))

    def crypt(self, nonce: bytes, data: bytes) -> bytes:
        """Encrypt or decrypt `data`; the first counter block is the 12-byte nonce and a zero u32."""
        size = len(data)
        output = create_string_buffer(size)
        _must(_GCRYPT.gcry_cipher_setctr(self._handle, nonce + bytes(4), 16))
        _must(_GCRYPT.gcry_cipher_encrypt(self._handle, output, size, data, size))
        return output.raw


def _must(code: int) -> None:
    if code:
        raise ValueError(f"libgcrypt error {code & 0xFFFF}")


Ctr = GcryptCtr if _GCRYPT else WheelCtr
