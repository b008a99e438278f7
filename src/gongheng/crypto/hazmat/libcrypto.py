"""SM2 through the system's libcrypto 3 by ctypes, which lets other threads run meanwhile (本机密码库)."""

import ctypes
import ctypes.util
import functools
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p, create_string_buffer

from . import der
from .sm2 import IDENTITY, N

_NID_SM2 = 1172
_KEYPAIR, _PUBLIC = 0x87, 0x86  # EVP_PKEY_KEYPAIR and EVP_PKEY_PUBLIC_KEY of openssl/evp.h
_KEYS_KEPT = 2048
_NAMES = (ctypes.util.find_library("crypto"), "libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")


class _Param(ctypes.Structure):
    _fields_ = [
        ("key", c_char_p), ("kind", c_uint), ("data", c_void_p), ("size", c_size_t), ("returned", c_size_t),
    ]  # fmt: skip


_SIGNATURES = {
    "EC_GROUP_new_by_curve_name": (c_void_p, c_int),
    "EC_POINT_new": (c_void_p, c_void_p),
    "EC_POINT_clear_free": (None, c_void_p),
    "EC_POINT_mul": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "EC_POINT_oct2point": (c_int, c_void_p, c_void_p, c_char_p, c_size_t, c_void_p),
    "EC_POINT_point2oct": (c_size_t, c_void_p, c_void_p, c_int, c_char_p, c_size_t, c_void_p),
    "BN_bin2bn": (c_void_p, c_char_p, c_int, c_void_p),
    "BN_clear_free": (None, c_void_p),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, c_void_p, c_char_p, c_char_p),
    "EVP_PKEY_CTX_new": (c_void_p, c_void_p, c_void_p),
    "EVP_PKEY_CTX_free": (None, c_void_p),
    "EVP_PKEY_CTX_set1_id": (c_int, c_void_p, c_char_p, c_size_t),
    "EVP_PKEY_fromdata_init": (c_int, c_void_p),
    "EVP_PKEY_fromdata": (c_int, c_void_p, POINTER(c_void_p), c_int, POINTER(_Param)),
    "EVP_PKEY_free": (None, c_void_p),
    "EVP_MD_CTX_new": (c_void_p,),
    "EVP_MD_CTX_free": (None, c_void_p),
    "EVP_MD_CTX_set_pkey_ctx": (None, c_void_p, c_void_p),
    "EVP_MD_fetch": (c_void_p, c_void_p, c_char_p, c_char_p),
    "EVP_DigestSignInit": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "EVP_DigestVerifyInit": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "EVP_DigestSign": (c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t),
    "EVP_DigestVerify": (c_int, c_void_p, c_char_p, c_size_t, c_char_p, c_size_t),
    "EVP_PKEY_encrypt_init": (c_int, c_void_p),
    "EVP_PKEY_encrypt": (c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t),
    "EVP_PKEY_decrypt_init": (c_int, c_void_p),
    "EVP_PKEY_decrypt": (c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t),
    "ERR_clear_error": (None,),
}


class _PublicKey:
    """A public key that the library keeps ready, freed with the object."""

    def __init__(self, library, key: c_void_p):
        self.key, self._free = key, library.EVP_PKEY_free

    def __del__(self) -> None:
        self._free(self.key)


class NativeSm2:
    """The SM2 operations of one loaded libcrypto; same results as the twin in `sm2`."""

    def __init__(self, library):
        self._c = library
        self._group = library.EC_GROUP_new_by_curve_name(_NID_SM2)
        self._sm3 = library.EVP_MD_fetch(None, b"SM3", None)
        # The same few people sign again and again, and importing a key costs a good part of a verification.
        self._known = functools.lru_cache(_KEYS_KEPT)(lambda public: _PublicKey(library, self._key(None, public)))

    @property
    def is_usable(self) -> bool:
        """Whether this build has the SM2 curve and SM3."""
        return bool(self._group and self._sm3)

    def mul_base(self, scalar: int) -> bytes:
        """Return scalar·G as 04‖x‖y."""
        return self._mul(scalar, None)

    def mul(self, scalar: int, point: bytes) -> bytes:
        """Return scalar·point as 04‖x‖y."""
        return self._mul(scalar, point)

    def sign(self, private: bytes, message: bytes) -> bytes:
        """Return r‖s over the message with the default identity."""
        key = self._key(private, self.mul_base(int.from_bytes(private, "big")))
        try:
            size = c_size_t(80)
            output = create_string_buffer(size.value)
            self._digest(
                key,
                lambda context: self._c.EVP_DigestSignInit(context, None, self._sm3, None, key),
                lambda context: self._c.EVP_DigestSign(context, output, byref(size), message, len(message)),
            )
        finally:
            self._c.EVP_PKEY_free(key)
        return der.raw_signature(output.raw[: size.value])

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Tell whether r‖s is a signature of the message under the public key."""
        if len(signature) != 64 or len(public) != 65 or public[0] != 4:
            return False
        encoded = der.der_signature(signature)
        try:
            key = self._known(public).key
            self._digest(
                key,
                lambda context: self._c.EVP_DigestVerifyInit(context, None, self._sm3, None, key),
                lambda context: self._c.EVP_DigestVerify(context, encoded, len(encoded), message, len(message)),
            )
        except ValueError:
            return False
        return True

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        """Return the ASN.1 ciphertext C1‖C3‖C2."""
        if not plain:
            raise ValueError("nothing to encrypt")
        key = self._key(None, public)
        return self._cipher(key, self._c.EVP_PKEY_encrypt_init, self._c.EVP_PKEY_encrypt, plain, len(plain) + 160)

    def decrypt(self, private: bytes, ciphertext: bytes) -> bytes:
        """Return the plain text; raises ValueError if the ciphertext is malformed or altered."""
        key = self._key(private, self.mul_base(int.from_bytes(private, "big")))
        return self._cipher(key, self._c.EVP_PKEY_decrypt_init, self._c.EVP_PKEY_decrypt, ciphertext, len(ciphertext))

    def _mul(self, scalar: int, point: bytes | None) -> bytes:
        c, group = self._c, self._group
        if not 0 < scalar < N:
            raise ValueError("scalar outside [1, n-1]")
        number = c.BN_bin2bn(scalar.to_bytes(32, "big"), 32, None)
        result = c.EC_POINT_new(group)
        try:
            if point is None:
                done = c.EC_POINT_mul(group, result, number, None, None, None)
            else:
                done = self._mul_point(result, number, point)
            output = create_string_buffer(65)
            if done != 1 or c.EC_POINT_point2oct(group, result, 4, output, 65, None) != 65:
                raise self._failed("point multiplication")
            return output.raw
        finally:
            c.EC_POINT_clear_free(result)
            c.BN_clear_free(number)

    def _mul_point(self, result, number, point: bytes) -> int:
        c, group = self._c, self._group
        base = c.EC_POINT_new(group)
        try:
            # oct2point checks the curve equation, so an off-curve point never meets the scalar.
            if c.EC_POINT_oct2point(group, base, point, len(point), None) != 1:
                return 0
            return c.EC_POINT_mul(group, result, None, base, number, None)
        finally:
            c.EC_POINT_clear_free(base)

    def _key(self, private: bytes | None, public: bytes) -> c_void_p:
        c = self._c
        group = create_string_buffer(b"SM2")
        point = create_string_buffer(public, len(public))
        params = [_Param(b"group", 4, ctypes.addressof(group), 3), _Param(b"pub", 5, ctypes.addressof(point), 65)]
        if private is not None:
            # OSSL_PARAM integers are in the byte order of the machine.
            native = int.from_bytes(private, "big").to_bytes(32, sys.byteorder)
            number = create_string_buffer(native, 32)
            params.append(_Param(b"priv", 2, ctypes.addressof(number), 32))
        array = (_Param * (len(params) + 1))(*params, _Param())
        context = c.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
        key = c_void_p()
        try:
            selection = _KEYPAIR if private is not None else _PUBLIC
            if (
                c.EVP_PKEY_fromdata_init(context) != 1
                or c.EVP_PKEY_fromdata(context, byref(key), selection, array) != 1
            ):
                raise self._failed("key import")
        finally:
            c.EVP_PKEY_CTX_free(context)
        return key

    def _digest(self, key, begin, act) -> None:
        c = self._c
        context, key_context = c.EVP_MD_CTX_new(), c.EVP_PKEY_CTX_new(key, None)
        try:
            # Without this call OpenSSL hashes an empty identity and agrees with nobody.
            c.EVP_PKEY_CTX_set1_id(key_context, IDENTITY, len(IDENTITY))
            c.EVP_MD_CTX_set_pkey_ctx(context, key_context)
            if begin(context) != 1 or act(context) != 1:
                raise self._failed("signature")
        finally:
            c.EVP_MD_CTX_free(context)
            c.EVP_PKEY_CTX_free(key_context)

    def _cipher(self, key, begin, act, data: bytes, room: int) -> bytes:
        c = self._c
        context = c.EVP_PKEY_CTX_new(key, None)
        size = c_size_t(room)
        output = create_string_buffer(room)
        try:
            if begin(context) != 1 or act(context, output, byref(size), data, len(data)) != 1:
                raise self._failed("cipher")
        finally:
            c.EVP_PKEY_CTX_free(context)
            c.EVP_PKEY_free(key)
        return output.raw[: size.value]

    def _failed(self, what: str) -> ValueError:
        # A thread's error queue is kept between calls; leaving entries there confuses other users of the library.
        self._c.ERR_clear_error()
        return ValueError(f"SM2 {what} failed")


def load() -> NativeSm2 | None:
    """Return the native operations, or None when no libcrypto 3 with SM2 is on this machine."""
    for name in _NAMES:
        if name is None:
            continue
        try:
            library = ctypes.CDLL(name)
            library.OPENSSL_version_major.restype = c_uint
            if library.OPENSSL_version_major() < 3:
                continue
            for function, (result, *arguments) in _SIGNATURES.items():
                getattr(library, function).restype = result
                getattr(library, function).argtypes = arguments
        except (OSError, AttributeError):
            continue
        native = NativeSm2(library)
        if native.is_usable:
            return native
    return None
