"""SRTP and SRTCP (RFC 3711, RFC 6188, RFC 7714) by libcrypto alone, so that tests do not compare a
library with itself."""
import base64
import ctypes
import ctypes.util
import functools
import hashlib
import hmac

# name in a=crypto: (bytes of key, of salt, of the tag, of the tag of SRTCP, AEAD)
SUITES = {
    "AES_CM_128_HMAC_SHA1_80": (16, 14, 10, 10, False),
    "AES_CM_128_HMAC_SHA1_32": (16, 14, 4, 10, False),
    "AES_256_CM_HMAC_SHA1_80": (32, 14, 10, 10, False),
    "AES_256_CM_HMAC_SHA1_32": (32, 14, 4, 10, False),
    "AEAD_AES_128_GCM": (16, 12, 16, 16, True),
    "AEAD_AES_256_GCM": (32, 12, 16, 16, True),
}


@functools.cache
def libcrypto():
    library = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
    library.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
    library.EVP_get_cipherbyname.restype = ctypes.c_void_p
    return library


def evp(name, key, iv, data, aad=None):
    """Encrypted, and with the tag where there is `aad`."""
    lib = libcrypto()
    context = ctypes.c_void_p(lib.EVP_CIPHER_CTX_new())
    cipher = ctypes.c_void_p(lib.EVP_get_cipherbyname(name.encode()))
    out, size = ctypes.create_string_buffer(len(data) + 32), ctypes.c_int()
    assert lib.EVP_EncryptInit_ex(context, cipher, None, key, iv) == 1
    if aad is not None:
        assert lib.EVP_EncryptUpdate(context, None, ctypes.byref(size), aad, len(aad)) == 1
    assert lib.EVP_EncryptUpdate(context, out, ctypes.byref(size), data, len(data)) == 1
    sealed = out.raw[:size.value]
    if aad is not None:
        get_tag, tag = 0x10, ctypes.create_string_buffer(16)
        assert lib.EVP_EncryptFinal_ex(context, out, ctypes.byref(size)) == 1
        assert lib.EVP_CIPHER_CTX_ctrl(context, get_tag, 16, tag) == 1
        sealed += tag.raw
    lib.EVP_CIPHER_CTX_free(context)
    return sealed


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Sender:
    """One SSRC with one key."""

    def __init__(self, suite, key, salt, ssrc, mki=b"", encrypts=True):
        key_len, salt_len, self.tag, self.rtcp_tag, self.aead = SUITES[suite]
        assert (len(key), len(salt)) == (key_len, salt_len)
        self.bits, self.ssrc, self.mki, self.encrypts = 8 * key_len, ssrc, mki, encrypts
        self.master = key, salt.ljust(14, b"\0")
        lengths = (key_len, 20, salt_len)
        self.rtp_keys = [self.derive(label, size) for label, size in enumerate(lengths)]
        self.rtcp_keys = [self.derive(3 + label, size) for label, size in enumerate(lengths)]

    def derive(self, label, size):
        """RFC 3711 4.3"""
        key, salt = self.master
        start = xor(salt, bytes(7) + bytes([label]) + bytes(6)) + b"\0\0"
        return evp("aes-%d-ctr" % self.bits, key, start, bytes(size))

    def encrypt(self, keys, counter, data):
        """RFC 3711 4.1.1"""
        iv = xor(keys[2] + b"\0\0",
                 bytes(4) + self.ssrc.to_bytes(4, "big") + counter.to_bytes(6, "big") + b"\0\0")
        return evp("aes-%d-ctr" % self.bits, keys[0], iv, data) if self.encrypts else data

    def seal(self, keys, iv, data, aad):
        """RFC 7714 8.1, 9.1"""
        return evp("aes-%d-gcm" % self.bits, keys[0], xor(iv, keys[2]), data, aad)

    def rtp(self, packet, rollover=0):
        """Of a packet without CSRC and extension."""
        header, payload, keys = packet[:12], packet[12:], self.rtp_keys
        counter = rollover.to_bytes(4, "big")
        if self.aead:
            iv = b"\0\0" + self.ssrc.to_bytes(4, "big") + counter + packet[2:4]
            return header + self.seal(keys, iv, payload, header) + self.mki
        index = rollover << 16 | int.from_bytes(packet[2:4], "big")
        sealed = header + self.encrypt(keys, index, payload)
        tag = hmac.digest(keys[1], sealed + counter, hashlib.sha1)
        return sealed + self.mki + tag[:self.tag]

    def rtcp(self, packet, index=1):
        header, rest, keys = packet[:8], packet[8:], self.rtcp_keys
        word = (index | self.encrypts << 31).to_bytes(4, "big")
        if self.aead:
            iv = b"\0\0" + self.ssrc.to_bytes(4, "big") + b"\0\0" + index.to_bytes(4, "big")
            if not self.encrypts:
                return packet + self.seal(keys, iv, b"", packet + word) + word + self.mki
            return header + self.seal(keys, iv, rest, header + word) + word + self.mki
        sealed = header + self.encrypt(keys, index, rest) + word
        return sealed + self.mki + hmac.digest(keys[1], sealed, hashlib.sha1)[:self.rtcp_tag]


def crypto(tag, suite, key, salt, rest=""):
    """The line of a session description (RFC 4568)."""
    return "a=crypto:%d %s inline:%s%s" % (tag, suite, base64.b64encode(key + salt).decode(), rest)


def check():
    """RFC 3711 B.3"""
    key, salt = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139"), \
        bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    sender = Sender("AES_CM_128_HMAC_SHA1_80", key, salt, 1)
    assert sender.rtp_keys[0].hex() == "c61e7a93744f39ee10734afe3ff7a087"
    assert sender.rtp_keys[1].hex() == "cebe321f6ff7716b6fd4ab49af256a156d38baa4"
    assert sender.rtp_keys[2].hex() == "30cbbc08863d8c85d49db34a9ae1"


if __name__ == "__main__":
    check()
