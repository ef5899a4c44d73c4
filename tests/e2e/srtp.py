"""`rung save --audio` of calls whose RTP is encrypted with keys of their session descriptions
(RFC 4568), or of DTLS (RFC 5764).  Keys differ in each test; what is heard is compared sample by
sample."""
import functools
import hashlib
import ipaddress
import json
import pathlib
import shutil
import struct
import tempfile

import audio
import tap
from audio import CALLEE, CALLER, rtp, save, sip, tone
from scenario import dtls, srtp, wire

OTHER = "are encrypted (SRTP) with another key than those of the session descriptions"


def material(name, suite):
    """(key, salt)"""
    key, salt = srtp.SUITES[suite][:2]
    data = hashlib.sha512(name.encode()).digest()
    return data[:key], data[key:key + salt]


def need_library():
    if "decrypting SRTP: by" not in tap.version():
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
    path = pathlib.Path(tempfile.mkdtemp(), "x.pcap")
    path.write_bytes(audio.pcap(call([line("a")], [line("b")]) + protect(left, sender("a"))))
    secret = line("a").split("inline:")[1]
    for command in ("calls", "messages", "flow", "explain", "streams", "stats", "lint"):
        done = tap.rung(command, "-T", "json", path)
        assert done.returncode == 0 and secret.encode() not in done.stdout + done.stderr, command


# --- SRTCP --------------------------------------------------------------------------------------

def reports(at, ssrc, about, lsr=0, dlsr=0, lost=0):
    """A sender report and a receiver report about the other side, as one packet (RFC 3550 6)."""
    ntp = (int(at) + 2208988800 << 32) + int(at % 1 * 2**32)
    block = struct.pack(">IIIIII", about, lost, 1000, 160, lsr, dlsr)
    return struct.pack(">BBHIQIII", 0x81, 200, 12, ssrc, ntp, 0, 100, 16000) + block, \
        ntp >> 16 & 0xffffffff


def rtcp_flows(protect_left, protect_right, mux):
    """Media of two seconds; the caller reports, then the callee, 30 ms later, of which it took 10.
    """
    step = 0 if mux else 1
    a, b = (CALLER[0], CALLER[1] + step), (CALLEE[0], CALLEE[1] + step)
    first, middle = reports(1.0, 1, 2)
    second, _ = reports(1.03, 2, 1, middle, 655, 7)
    return [(1.0, a, b, protect_left.rtcp(first, 1)), (1.03, b, a, protect_right.rtcp(second, 5))]


def rows(packets, *options):
    path = pathlib.Path(tempfile.mkdtemp(), "x.pcap")
    path.write_bytes(audio.pcap(sorted(packets, key=lambda p: p[0])))
    done = tap.rung("streams", "-T", "json", *options, path)
    assert done.returncode == 0, done.stderr
    return {row["ssrc"]: row["rtcp"] for row in map(json.loads, done.stdout.splitlines())}


def check_reports(packets, *options):
    heard = rows(packets, *options)["0x00000001"]
    assert heard["reported_lost"] == 7 and heard["reported_jitter_ms"] == 20.0, heard
    assert heard["packets"] == 2, heard


def rtcp_suite(suite):
    """Also where its source is not the address that the session description names (NAT)."""
    left, right = sender("a", suite), sender("b", suite, 2)
    media = protect(rtp(CALLER, CALLEE, tone(440, 8000, 1)), left) + \
        protect(rtp(CALLEE, CALLER, tone(440, 8000, 1), ssrc=2), right)
    signalling = call([line("a", suite)], [line("b", suite)])
    for mux in (False, True):
        check_reports(signalling + media + rtcp_flows(left, right, mux))
    outside = ("203.0.113.9", 1234)
    moved = [(at, *(outside if end == CALLER else end for end in ends), data)
             for at, *ends, data in media + rtcp_flows(left, right, True)]
    check_reports(signalling + moved)


def test_rtcp_with_other_keys_is_not_read():
    """What it says is taken from nowhere else: it is a packet of the stream, and that is all."""
    left, right = sender("a"), sender("b", ssrc=2)
    media = protect(rtp(CALLER, CALLEE, tone(440, 8000, 1)), left)
    wrong = rtcp_flows(sender("x"), sender("y", ssrc=2), False)
    right_one = rtcp_flows(left, right, False)
    changed = [(at, src, dst, data[:-1] + bytes([data[-1] ^ 1]))
               for at, src, dst, data in right_one]
    for packets in (wrong, changed):
        heard = rows(call([line("a")], [line("b")]) + media + packets)["0x00000001"]
        assert heard["reported_lost"] is None and heard["packets"] == 1, heard


def test_rtcp_not_encrypted():
    """UNENCRYPTED_SRTCP: the trailer is taken off."""
    suite = "AEAD_AES_128_GCM"
    left, right = sender("a", suite, encrypts=False), sender("b", suite, 2, encrypts=False)
    lines = [[line(side, suite, rest=" UNENCRYPTED_SRTCP")] for side in "ab"]
    media = protect(rtp(CALLER, CALLEE, tone(440, 8000, 1)), sender("a", suite))
    check_reports(call(*lines) + media + rtcp_flows(left, right, False))


def test_rtcp_with_keys_of_dtls():
    agreed = Agreed("SRTP_AEAD_AES_256_GCM")
    left, right = (srtp.Sender(agreed.suite, *agreed.keys[side], 1 + side) for side in (0, 1))
    check_reports(dtls_call() + agreed.packets() + agreed.media(tone(440, 8000, 1), 0) +
                  rtcp_flows(left, right, True), "--keylog", agreed.key_log)


# --- Digits --------------------------------------------------------------------------------------

def digits(src, dst, text, at, seq, timestamp, ssrc=1):
    """Four packets a digit, of 20 ms each (RFC 4733)."""
    return [(at + 0.2 * n + i / 50, src, dst, struct.pack(
        ">BBHIIBBH", 0x80, 101 | (128 if i == 0 else 0), (seq + 4 * n + i) % 65536,
        timestamp + 1600 * n, ssrc, "0123456789*#ABCD".index(digit), 0x8a if i == 3 else 10,
        160 * (i + 1))) for n, digit in enumerate(text) for i in range(4)]


def with_digits(text):
    """What the caller sends, the event packets among the last of it."""
    return rtp(CALLER, CALLEE, tone(440, 8000, 1)) + \
        digits(CALLER, CALLEE, text, 1.5, 65530 + 50, 20000)


def stream_row(packets, *options):
    path = pathlib.Path(tempfile.mkdtemp(), "x.pcap")
    path.write_bytes(audio.pcap(sorted(packets, key=lambda p: p[0])))
    done = tap.rung("streams", "-T", "json", *options, path)
    assert done.returncode == 0, done.stderr
    (row,) = map(json.loads, done.stdout.splitlines())
    return row, path


EVENTS = "a=rtpmap:101 telephone-event/8000"


def digits_in(suite):
    """They are those of RTP in clear; the packets count as they were sent."""
    if suite.startswith("AEAD") and not has_suite(suite):
        raise tap.Skip("libsrtp2 of this system has no " + suite)
    mki = b"\0\1\2\3"
    clear, _ = stream_row(sip("one", lines=[[EVENTS]] * 2) + with_digits("5#*D"))
    assert clear["dtmf"] == "5#*D", clear
    for options, rest in (({}, ""), ({"mki": mki}, "|2^20|66051:4")):
        lines = [[EVENTS, line(side, suite, rest=rest)] for side in "ab"]
        sent = protect(with_digits("5#*D"), sender("a", suite, **options))
        row, path = stream_row(call(*lines) + sent)
        assert row["dtmf"] == "5#*D" and row["srtp"], row
        assert row["packets"] == clear["packets"] == len(sent) and row["lost"] == 0, row
        assert row["bytes"] == sum(len(data) for *_, data in sent), row
        assert "DTMF 5" in tap.rung("flow", "--width", "160", path).stdout.decode()


def test_digits_with_another_key_are_none():
    lines = [[EVENTS, line(side)] for side in "ab"]
    row, _ = stream_row(call(*lines) + protect(with_digits("123"), sender("x")))
    assert not row["dtmf"], row


def test_digits_with_keys_of_dtls():
    agreed = Agreed()
    sent = protect(with_digits("42"), srtp.Sender(agreed.suite, *agreed.keys[0], 1))
    lines = FINGERPRINT + [EVENTS]
    packets = sip("one", lines=(lines, lines), profile="UDP/TLS/RTP/SAVPF") + agreed.packets()
    row, _ = stream_row(packets + sent, "--keylog", agreed.key_log)
    assert row["dtmf"] == "42", row
    row, _ = stream_row(packets + sent)
    assert not row["dtmf"], row


# --- In TCP -------------------------------------------------------------------------------------

def capture_over_tcp(signalling, media, size=1000):
    """Both directions of media in one connection, in frames of RFC 4571, in segments of any
    size."""
    ends = [(ipaddress.ip_address(host), port) for host, port in (CALLER, CALLEE)]
    numbers, frames = [100, 900000], []

    def emit(at, side, flags, data=b""):
        segment = wire.tcp(ends[side], ends[1 - side], numbers[side], numbers[1 - side], flags,
                           data)
        _, packet = wire.ip(ends[side][0], ends[1 - side][0], wire.PROTO_TCP, segment)
        frames.append((round((audio.START + at) * 10**9), 0, packet))
        numbers[side] += len(data) + (flags & wire.TCP_SYN > 0)
    emit(0.3, 0, wire.TCP_SYN)
    emit(0.3, 1, wire.TCP_SYN | wire.TCP_ACK)
    for at, src, _, data in sorted(media, key=lambda packet: packet[0]):
        framed = len(data).to_bytes(2, "big") + data
        for i in range(0, len(framed), size):
            emit(at, src == CALLEE, wire.TCP_ACK, framed[i:i + size])
    frames += [(round((audio.START + at) * 10**9), 0, audio.datagram(src, dst, data))
               for at, src, dst, data in signalling]
    return wire.pcap_file(101, sorted(frames, key=lambda frame: frame[0]))


def in_tcp(suite):
    """What was in a connection is heard, and has its digits, as what was in datagrams."""
    if suite.startswith("AEAD") and not has_suite(suite):
        raise tap.Skip("libsrtp2 of this system has no " + suite)
    left, right = tone(440, 8000, 1), tone(1000, 8000, 1)
    lines = [[EVENTS, "a=connection:new", line(side, suite)] for side in "ab"]
    signalling = sip("one", lines=lines, profile="TCP/RTP/SAVP")
    back = protect(rtp(CALLEE, CALLER, right, ssrc=2, seq=65500), sender("b", suite, 2))
    spoken = protect(rtp(CALLER, CALLEE, left), sender("a", suite)) + back
    dialled = protect(with_digits("17"), sender("a", suite)) + back
    path = folder() / "tcp.pcap"
    for size in 1000, 100:
        rate, channels, said = save(None, "--call", "1",
                                    capture=capture_over_tcp(signalling, spoken, size))
        assert (rate, said, channels) == (8000, "", [left, right]), said
        path.write_bytes(capture_over_tcp(signalling, dialled, size))
        found = list(map(json.loads, tap.rung("streams", "-T", "json", path).stdout.splitlines()))
        assert len(found) == 2 and found[0]["dtmf"] == "17" and not found[1]["dtmf"], found
        assert all(row["srtp"] and row["lost"] == 0 for row in found), found


# --- DTLS ---------------------------------------------------------------------------------------

PROFILES = {"SRTP_AES128_CM_SHA1_80": "AES_CM_128_HMAC_SHA1_80",
            "SRTP_AES128_CM_SHA1_32": "AES_CM_128_HMAC_SHA1_32",
            "SRTP_AEAD_AES_128_GCM": "AEAD_AES_128_GCM",
            "SRTP_AEAD_AES_256_GCM": "AEAD_AES_256_GCM"}
FINGERPRINT = ["a=fingerprint:sha-256 00:11", "a=setup:actpass"]


@functools.cache
def folder():
    return pathlib.Path(tempfile.mkdtemp(prefix="rung-srtp-"))


class Agreed:
    """A handshake in which the caller is the client."""

    def __init__(self, profile="SRTP_AES128_CM_SHA1_80", *options):
        need_library()
        if not shutil.which("openssl") or "decrypting TLS: by" not in tap.version():
            raise tap.Skip("openssl is not installed, or this build has none")
        self.suite = PROFILES[profile]
        key, salt = srtp.SUITES[self.suite][:2]
        self.key_log = folder() / ("keys-%d" % len(list(folder().iterdir())))
        self.datagrams, material = dtls.handshake(folder(), self.key_log, profile, 2 * (key + salt),
                                                  *(options or ("-dtls1_2",)))
        self.keys = dtls.keys(material, key, salt)

    def packets(self, at=0.4):
        ends = (CALLER, CALLEE)
        return [(at + i / 1000, ends[direction], ends[1 - direction], data)
                for i, (direction, data) in enumerate(self.datagrams)]

    def media(self, samples, side, at=0.5, seq=65530, timestamp=7):
        """Of the client (0) or the server (1)."""
        ends = (CALLER, CALLEE)
        return protect(rtp(ends[side], ends[1 - side], samples, ssrc=1 + side, at=at, seq=seq,
                           timestamp=timestamp),
                       srtp.Sender(self.suite, *self.keys[side], 1 + side))


def dtls_call(**options):
    return sip("one", lines=(FINGERPRINT, FINGERPRINT), profile="UDP/TLS/RTP/SAVPF", **options)


def dtls_both_ways(profile, *options):
    agreed = Agreed(profile, *options)
    left, right = tone(440, 8000, 1), tone(1000, 8000, 1)
    packets = dtls_call() + agreed.packets() + agreed.media(left, 0) + agreed.media(right, 1)
    _, channels, said = save(packets, "--call", "1", "--keylog", agreed.key_log)
    assert channels == [left, right] and said == "", said


def test_dtls_in_fragments_twice_and_in_disorder():
    agreed = Agreed("SRTP_AES128_CM_SHA1_80", "-dtls1_2", "-mtu", "256")
    left = tone(440, 8000, 1)
    fragments = [data for direction, data in agreed.datagrams if direction == dtls.TO_CLIENT]
    assert len(fragments) > 6
    agreed.datagrams = agreed.datagrams[:2] + agreed.datagrams[1:2] + agreed.datagrams[:1:-1] + \
        agreed.datagrams[2:]
    packets = dtls_call() + agreed.packets() + agreed.media(left, 0)
    _, channels, said = save(packets, "--call", "1", "--keylog", agreed.key_log)
    assert channels[0] == left and said == "", said


def test_dtls_without_keys_is_said():
    """No key log; a wrong one; no handshake in the capture."""
    agreed, other = Agreed(), Agreed()
    media = agreed.media(tone(440, 8000, 1), 0)
    for packets, options in ((agreed.packets() + media, ()),
                             (agreed.packets() + media, ("--keylog", other.key_log)),
                             (media, ("--keylog", agreed.key_log)),
                             (other.packets() + media, ("--keylog", other.key_log))):
        _, channels, said = save(dtls_call() + packets, "--call", "1", *options, status=1)
        assert not channels and "50 packets are encrypted (SRTP), and no key log" in said, said


def test_dtls_again():
    """A new handshake between the same endpoints gives new keys."""
    first, second = Agreed(), Agreed("SRTP_AEAD_AES_256_GCM")
    left, more = tone(440, 8000, 1), tone(600, 8000, 1)
    packets = dtls_call() + first.packets() + first.media(left, 0) + second.packets(at=1.48) + \
        second.media(more, 0, at=1.5, seq=44, timestamp=8007)
    both = folder() / "both"
    both.write_bytes(first.key_log.read_bytes() + second.key_log.read_bytes())
    _, channels, said = save(packets, "--call", "1", "--keylog", both)
    assert channels[0] == left + more and said == "", said


STUN = bytes.fromhex("000100002112a442") + b"transaction."


def test_dtls_is_saved_with_the_media():
    """Handshake and STUN of the call's media, with the secret: what was saved alone is heard.  Also
    when they come before the answer, or from behind an address translation."""
    agreed, other = Agreed(), Agreed()
    left = tone(440, 8000, 1)
    outside = ("203.0.113.9", 1234)
    stun = [(0.35, CALLER, CALLEE, STUN), (0.36, CALLEE, CALLER, STUN)]
    both = folder() / "two"
    both.write_bytes(agreed.key_log.read_bytes() + other.key_log.read_bytes())
    for caller in CALLER, outside:
        for early in 0, 0.33:
            flow = [(at - early, src, dst, data) for at, src, dst, data in stun + agreed.packets()]
            flow = [(at, *(caller if end == CALLER else end for end in ends), data)
                    for at, *ends, data in flow + agreed.media(left, 0)]
            strangers = [(at, ("203.0.113.1", 5), ("203.0.113.2", 6), data)
                         for at, _, _, data in other.packets()]
            path, out = folder() / "x.pcap", folder() / "out.pcapng"
            path.write_bytes(audio.pcap(sorted(dtls_call() + flow + strangers,
                                               key=lambda packet: packet[0])))
            done = tap.rung("save", "--call", "1", "--with-media", "--with-secrets", "--keylog",
                            both, "--force", "-w", out, path)
            assert done.returncode == 0, done.stderr
            saved = out.read_bytes()
            assert all(data in saved for *_, data in flow) and saved.count(STUN) == 2
            assert strangers[0][-1] not in saved  # its random is its own
            assert saved.count(b"CLIENT_RANDOM") == 1
            _, channels, said = save(None, "--call", "1", capture=saved)
            assert channels[0] == left and said == "", said


def tests():
    found = [(suite, functools.partial(suite_both_ways, suite)) for suite in srtp.SUITES]
    found += [("RTCP " + suite, functools.partial(rtcp_suite, suite)) for suite in srtp.SUITES]
    found += [("in TCP " + suite, functools.partial(in_tcp, suite)) for suite in srtp.SUITES]
    found += [("digits " + suite, functools.partial(digits_in, suite)) for suite in srtp.SUITES]
    found += [("DTLS " + profile, functools.partial(dtls_both_ways, profile))
              for profile in PROFILES]
    found.append(("DTLS 1.0", functools.partial(dtls_both_ways, "SRTP_AES128_CM_SHA1_80", "-dtls1",
                                                "-cipher", "ALL:@SECLEVEL=0")))
    return found + [(name[5:].replace("_", " "), function)
                    for name, function in sorted(globals().items()) if name.startswith("test_")]
