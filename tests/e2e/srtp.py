"""`rung save --audio` of calls whose RTP is encrypted with keys of their session descriptions
(RFC 4568).  Keys differ in each test; what is heard is compared sample by sample."""
import functools
import hashlib

import audio
import tap
from audio import CALLEE, CALLER, rtp, save, sip, tone
from scenario import srtp

OTHER = "are encrypted (SRTP) with another key than those of the session descriptions"


def material(name, suite):
    """(key, salt)"""
    key, salt = srtp.SUITES[suite][:2]
    data = hashlib.sha512(name.encode()).digest()
    return data[:key], data[key:key + salt]


def need_library():
    if "decrypting SRTP: by" not in tap.rung("--version").stdout.decode():
        raise tap.Skip("this build has no libsrtp2")


def sender(name, suite="AES_CM_128_HMAC_SHA1_80", ssrc=1, **options):
    need_library()
    return srtp.Sender(suite, *material(name, suite), ssrc, **options)


def line(name, suite="AES_CM_128_HMAC_SHA1_80", tag=1, rest=""):
    return srtp.crypto(tag, suite, *material(name, suite), rest)


def protect(packets, of, rollover=0):
    """Where the sequence number begins anew, the rollover counter goes on."""
    out, last = [], None
    for at, src, dst, data in packets:
        seq = int.from_bytes(data[2:4], "big")
        rollover += last is not None and seq < last
        last = seq
        out.append((at, src, dst, of.rtp(data, rollover)))
    return out


def call(offer, answer, **options):
    return sip("one", lines=(offer, answer), profile="RTP/SAVP", **options)


def has_suite(suite):
    """AEAD depends on the library that libsrtp2 was built with."""
    packets = call([line("a", suite)], [line("b", suite)]) + \
        rtp(CALLER, CALLEE, tone(440, 8000, 1))
    return "which rung does not decrypt" not in save(packets, "--call", "1", status=1)[2]


def suite_both_ways(suite, rest="", **options):
    """Each direction with its own key; the sequence numbers wrap."""
    left, right = tone(440, 8000, 1), tone(1000, 8000, 1)
    packets = call([line("a", suite, rest=rest)], [line("b", suite, rest=rest)]) + \
        protect(rtp(CALLER, CALLEE, left), sender("a", suite, **options)) + \
        protect(rtp(CALLEE, CALLER, right, ssrc=2, seq=65500), sender("b", suite, 2, **options))
    status = 1 if suite.startswith("AEAD") and not has_suite(suite) else 0
    rate, channels, said = save(packets, "--call", "1", status=status)
    if status == 1:
        assert "2 encrypted (SRTP) with %s, which rung does not decrypt" % suite in said, said
        raise tap.Skip("libsrtp2 of this system has no " + suite)
    assert rate == 8000 and said == "", said
    assert channels == [left, right]


def test_key_derivation_of_the_rfc():
    srtp.check()


def test_old_name_of_a_suite():
    """AES_CM_256 is what RFC 6188 calls AES_256_CM."""
    left, suite = tone(440, 8000, 1), "AES_256_CM_HMAC_SHA1_80"
    old = line("a", suite).replace("AES_256_CM", "AES_CM_256")
    packets = protect(rtp(CALLER, CALLEE, left), sender("a", suite))
    _, channels, said = save(call([old], [old]) + packets, "--call", "1")
    assert channels[0] == left and said == "", said


def test_chosen_tag():
    """Of several keys the one whose tag the answer has; the others are no keys of the call."""
    left = tone(440, 8000, 1)
    offer = [line("gcm", "AEAD_AES_256_GCM", 1), line("wrong", tag=2), line("right", tag=3)]
    for name, is_heard in (("right", True), ("wrong", False)):
        packets = protect(rtp(CALLER, CALLEE, left), sender(name))
        _, channels, said = save(call(offer, [line("b", tag=3)]) + packets, "--call", "1",
                                 status=0 if is_heard else 1)
        assert (channels and channels[0] == left) == is_heard or not is_heard, said
        assert is_heard != ("50 packets " + OTHER in said), said


def test_wrong_direction():
    """The key of the other side opens nothing, though it is one of the call."""
    packets = protect(rtp(CALLER, CALLEE, tone(440, 8000, 1)), sender("b"))
    _, channels, said = save(call([line("a")], [line("b")]) + packets, "--call", "1", status=1)
    assert not channels and "50 packets " + OTHER in said, said


def test_changed_on_the_way():
    """One byte, anywhere: the packet is silence, and counted."""
    left = tone(440, 8000, 1)
    packets = protect(rtp(CALLER, CALLEE, left), sender("a"))
    for i, place in ((10, 3), (11, 8), (12, 20), (13, -1)):
        at, src, dst, data = packets[i]
        changed = bytearray(data)
        changed[place] ^= 1
        packets[i] = (at, src, dst, bytes(changed))
    _, channels, said = save(call([line("a")], [line("b")]) + packets, "--call", "1", status=1)
    # what has another SSRC is another stream, or none
    assert "3 packets " + OTHER in said, said
    assert channels[0] == audio.silenced(left, {10, 11, 12, 13})


def test_new_keys():
    """A re-INVITE changes them, in one stream; then it is one of the callee."""
    parts, gcm = [tone(hz, 8000, 1) for hz in (440, 600, 800)], "AEAD_AES_128_GCM"
    packets = call([line("a")], [line("b")]) + \
        call([line("a2", gcm)], [line("b2", gcm)], at=1.395, cseq=2) + \
        call([line("a3")], [line("b3")], at=2.395, cseq=3)
    senders = (sender("a"), sender("a2", gcm), sender("a3"))
    rollover = 0
    for i, (samples, of) in enumerate(zip(parts, senders)):
        packets += protect(rtp(CALLER, CALLEE, samples, at=0.5 + i, seq=(65530 + 50 * i) % 65536,
                               timestamp=8000 * i), of, rollover)
        rollover = 1
    _, channels, said = save(packets, "--call", "1")
    assert channels[0] == sum(parts, []) and said == "", said


def test_begins_in_the_middle():
    """The rollover counter is found; after a long hole, too."""
    first, second = tone(440, 8000, 1), tone(600, 8000, 1)
    for suite in ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"):
        of = sender("a", suite)
        packets = call([line("a", suite)], [line("b", suite)]) + \
            protect(rtp(CALLER, CALLEE, first), of, 71) + \
            protect(rtp(CALLER, CALLEE, second, at=1.5, seq=40000, timestamp=7000), of, 74)
        _, channels, said = save(packets, "--call", "1")
        assert channels[0] == first + second and said == "", said


def test_mki_and_lifetime():
    left = tone(440, 8000, 1)
    for suite in ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"):
        two = line("a", suite, rest="|2^20|1:4") + ";" + \
            line("a2", suite, rest="|1048576|66051:4").split(" ")[2]
        answer = line("b", suite, rest="|2^31")
        packets = protect(rtp(CALLER, CALLEE, left), sender("a2", suite, mki=b"\0\1\2\3"))
        _, channels, said = save(call([two], [answer]) + packets, "--call", "1")
        assert channels[0] == left and said == "", said


def test_not_encrypted():
    """UNENCRYPTED_SRTP: authenticated alone."""
    left, suite = tone(440, 8000, 1), "AES_CM_128_HMAC_SHA1_32"
    both = [line(side, suite, rest=" UNENCRYPTED_SRTP") for side in "ab"]
    packets = protect(rtp(CALLER, CALLEE, left), sender("a", suite, encrypts=False))
    _, channels, said = save(call(both[:1], both[1:]) + packets, "--call", "1")
    assert channels[0] == left and said == "", said


def test_refused_encryption():
    """An offer that need not be accepted (RFC 8643) and was not: RTP in clear."""
    left = tone(440, 8000, 1)
    need_library()
    for offer, answer in (([line("a")], []), ([], [])):
        packets = sip("one", lines=(offer, answer)) + rtp(CALLER, CALLEE, left) + \
            rtp(CALLEE, CALLER, left, ssrc=2)
        _, channels, said = save(packets, "--call", "1")
        assert channels == [left, left] and said == "", said


def test_what_cannot_be_read_is_named():
    need_library()
    left = rtp(CALLER, CALLEE, tone(440, 8000, 1))
    f8 = line("a").replace("AES_CM_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_80")
    f192 = line("a").replace("AES_CM_128", "AES_192_CM")
    for offer, reason in ((f8, "with F8_128_HMAC_SHA1_80, which rung does not decrypt"),
                          (f8.replace("F8_", "G9_"), "with an unknown suite, which"),
                          (line("a", rest=" KDR=3"), "with a key derivation rate (KDR), which"),
                          (line("a", rest=" UNAUTHENTICATED_SRTP"), "with UNAUTHENTICATED_SRTP,"),
                          (line("a")[:-4], "with a malformed key, which"),
                          (f192, "with AES_192_CM_HMAC_SHA1_80,"),
                          ("a=x", "with a key that no session description has")):
        _, channels, said = save(call([offer], [offer]) + left, "--call", "1", status=1)
        assert not channels and "1 encrypted (SRTP) " + reason in said, said


def test_keys_are_shown_nowhere_else():
    """In the messages they are as they were sent, and only there."""
    left = rtp(CALLER, CALLEE, tone(440, 8000, 1))
    path = audio.pathlib.Path(audio.tempfile.mkdtemp(), "x.pcap")
    path.write_bytes(audio.pcap(call([line("a")], [line("b")]) + protect(left, sender("a"))))
    secret = line("a").split("inline:")[1]
    for command in ("calls", "messages", "flow", "explain", "streams", "stats", "lint"):
        done = tap.rung(command, "-T", "json", path)
        assert done.returncode == 0 and secret.encode() not in done.stdout + done.stderr, command


def tests():
    return [("%s" % suite, functools.partial(suite_both_ways, suite)) for suite in srtp.SUITES] + [
        (name[5:].replace("_", " "), function)
        for name, function in sorted(globals().items()) if name.startswith("test_")]
