"""`save --audio`: a call with a tone in each direction, and where each sample of it lands.

Media are L16 (linear, 16 bits), so that what comes out is compared sample by sample.
"""
import array
import json
import math
import pathlib
import resource
import struct
import sys
import tempfile
import wave

import costs
import tap
from pty_session import Session

CALLER, CALLEE = ("192.0.2.1", 40000), ("198.51.100.2", 50000)
START = 1767225600
PTIME = 0.02


def datagram(src, dst, payload):
    def address(text):
        return bytes(int(x) for x in text.split("."))
    udp = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload
    return b"\x45\0" + struct.pack(">H", 20 + len(udp)) + b"\0\0\0\0\x40\x11\0\0" + \
        address(src[0]) + address(dst[0]) + udp


def pcap(packets, snaplen=65535):
    """packets: (seconds after the start, src, dst, payload); the link type is raw IP.  `snaplen`:
    of RTP."""
    parts = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)]
    for at, src, dst, payload in sorted(packets, key=lambda p: p[0]):
        data = datagram(src, dst, payload)
        micros = round(at * 10**6)
        kept = data[:snaplen] if payload[0] == 0x80 else data
        parts.append(struct.pack("<IIII", START + micros // 10**6, micros % 10**6, len(kept),
                                 len(data)) + kept)
    return b"".join(parts)


def sdp(end, rate, profile="RTP/AVP", codec="L16", lines=()):
    """`lines`: further ones."""
    return ("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d %s 96\r\n"
            "a=rtpmap:96 %s/%d\r\n%s" % (end[0], end[0], end[1], profile, codec, rate,
                                      "".join(line + "\r\n" for line in lines)))


def sip(call, rates=(8000, 8000), at=0, cseq=1, lines=((), ()), **media):
    """INVITE, 200 with SDP, and ACK, half a second before the media.  `lines`: of offer and
    answer."""
    def message(first, body, method="INVITE"):
        return ("%s\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%s%s\r\n"
                "From: <sip:a@192.0.2.1>;tag=a\r\nTo: <sip:b@198.51.100.2>%s\r\nCall-ID: %s\r\n"
                "CSeq: %d %s\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (
                    first, call, "%d%s" % (cseq, method if method == "ACK" else ""),
                    "" if cseq == 1 and first.startswith("INV") else ";tag=b", call, cseq, method,
                    len(body), body)).encode()
    a, b = ("192.0.2.1", 5060), ("198.51.100.2", 5060)
    uri = "sip:b@198.51.100.2 SIP/2.0"
    bodies = [sdp(end, rate, lines=own, **media)
              for end, rate, own in zip((CALLER, CALLEE), rates, lines)]
    return [(at, a, b, message("INVITE " + uri, bodies[0])),
            (at + 0.1, b, a, message("SIP/2.0 200 OK", bodies[1])),
            (at + 0.2, a, b, message("ACK " + uri, "", "ACK"))]


def tone(hz, rate, seconds):
    return [round(8000 * math.sin(2 * math.pi * hz * i / rate)) for i in range(int(rate * seconds))]


def rtp(src, dst, samples, rate=8000, at=0.5, ssrc=1, seq=65530, timestamp=2**32 - 1000):
    """One packet per 20 ms, in a list, so that a test may lose, copy and move them."""
    size = int(rate * PTIME)
    return [(at + i * PTIME, src, dst,
             struct.pack(">BBHII", 0x80, 96, (seq + i) % 2**16, (timestamp + i * size) % 2**32,
                         ssrc) + struct.pack(">%dh" % size, *samples[i * size:(i + 1) * size]))
            for i in range(len(samples) // size)]


def save(packets, *options, status=0, capture=None, **process):
    """(rate, [samples of each channel], stderr); no samples where no file was written."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder, "in.pcap"), pathlib.Path(folder, "out.wav")
        source.write_bytes(capture or pcap(packets))
        done = tap.rung("save", "--audio", out, *options, source, **process)
        said = done.stderr.decode()
        if "built without lib" in said:
            raise tap.Skip("libsndfile or libsamplerate is missing in this build")
        assert done.returncode == status, (done.returncode, said)
        if not out.exists():
            return 0, [], said
        with wave.open(str(out)) as sound:
            data = array.array("h", sound.readframes(sound.getnframes()))
            if sys.byteorder == "big":
                data.byteswap()
            channels = sound.getnchannels()
            assert sound.getsampwidth() == 2
            return sound.getframerate(), [list(data[i::channels]) for i in range(channels)], said


def silenced(samples, lost, size=160):
    samples = list(samples)
    for i in lost:
        samples[i * size:(i + 1) * size] = [0] * size
    return samples


def share(samples, hz, rate):
    """Of the energy, that of one frequency."""
    count = len(samples)
    re = sum(x * math.cos(2 * math.pi * hz * i / rate) for i, x in enumerate(samples))
    im = sum(x * math.sin(2 * math.pi * hz * i / rate) for i, x in enumerate(samples))
    return 2 * (re * re + im * im) / count / max(1, sum(x * x for x in samples))


def test_each_sample_is_in_its_place():
    """Lost packets are silence; copies, reordered and late ones change nothing."""
    left, right = tone(440, 8000, 4), tone(1000, 8000, 2)
    there = rtp(CALLER, CALLEE, left)
    back = rtp(CALLEE, CALLER, right, at=1.5, ssrc=2, seq=7, timestamp=5)
    there[5] = (there[9][0] + 0.001, *there[5][1:])
    there.append((there[20][0] + 0.005, *there[20][1:]))
    there.append((there[30][0] + 0.3, *there[30][1:]))
    lost = {10, 11, 77}
    sent = [p for i, p in enumerate(there) if i not in lost]
    rate, channels, said = save(sip("one") + sent + back, "--call", "1")
    assert rate == 8000 and said == "", (rate, said)
    assert channels[0] == silenced(left, lost)
    assert channels[1] == [0] * 8000 + right + [0] * 8000


def test_streams_follow_each_other():
    """A new SSRC, and a jump of the timestamps, begin where they were captured."""
    first, second, third = tone(440, 8000, 1), tone(700, 8000, 1), tone(900, 8000, 1)
    packets = rtp(CALLER, CALLEE, first) + \
        rtp(CALLER, CALLEE, second, at=2, ssrc=9, seq=1, timestamp=77) + \
        rtp(CALLER, CALLEE, third, at=3.5, ssrc=9, seq=51, timestamp=10**9)
    _, channels, _ = save(sip("one") + packets, "--call", "1")
    gap = [0] * 4000
    assert channels[0] == first + gap + second + gap + third
    assert not any(channels[1])


def test_the_longer_one_is_heard_where_streams_overlap():
    longer, other = tone(440, 8000, 3), tone(900, 8000, 2)
    packets = rtp(CALLER, CALLEE, longer) + \
        rtp(CALLER, CALLEE, other, at=2.505, ssrc=2, seq=1, timestamp=1)
    _, channels, said = save(sip("one") + packets, "--call", "1")
    assert channels[0][:24000] == longer and len(channels[0]) == 16040 + 16000, len(channels[0])
    assert channels[0][-7 * 1000:] == other[-7 * 1000:]
    assert "audio: 50 packets are left out" in said, said
    _, channels, said = save(sip("one") + packets, "--stream", "2")
    assert channels == [other] and said == "", said


def test_rates_are_converted():
    """The file has the higher rate of both."""
    left, right = tone(440, 8000, 2), tone(3000, 16000, 2)
    packets = rtp(CALLER, CALLEE, left) + rtp(CALLEE, CALLER, right, rate=16000, ssrc=2)
    rate, channels, said = save(sip("one", rates=(16000, 8000)) + packets, "--call", "1")
    assert rate == 16000 and said == ""
    assert channels[1] == right and abs(len(channels[0]) - 32000) < 160
    wanted = tone(440, 16000, 2)
    assert share(channels[0][:31000], 440, 16000) > 0.99
    middle = range(8000, 24000)
    assert max(abs(channels[0][i] - wanted[i]) for i in middle) < 200


def pcmu(samples):
    """Bytes of G.711 (ITU-T G.711 2), nearly."""
    def code(x):
        sign, x = (0x80, -x) if x < 0 else (0, x)
        x = min(x, 32635) + 0x84
        exponent = x.bit_length() - 8
        return ~(sign | exponent << 4 | x >> exponent + 3 & 0xF) & 0xFF
    return bytes(code(x) for x in samples)


def test_payload_type_that_becomes_another_codec():
    """Each packet is decoded as the description in force says, here within one stream."""
    first, second, third = tone(440, 8000, 2), tone(440, 8000, 2), tone(700, 16000, 2)
    packets = rtp(CALLER, CALLEE, first)
    for i, (at, src, dst, data) in enumerate(rtp(CALLER, CALLEE, second, at=2.5, seq=65630,
                                                 timestamp=2**32 + 15000)):
        packets.append((at, src, dst, data[:12] + pcmu(second[i * 160:(i + 1) * 160])))
    packets += rtp(CALLER, CALLEE, third, rate=16000, at=4.5, seq=65730, timestamp=2**32 + 31000)
    calls = sip("one") + sip("one", at=2.395, cseq=2, codec="PCMU") + \
        sip("one", at=4.395, cseq=3, rates=(16000, 16000))
    rate, channels, said = save(calls + packets, "--call", "1")
    assert rate == 8000 and said == "", (rate, said)
    assert channels[0][:16000] == first
    assert share(channels[0][16000:32000], 440, 8000) > 0.99
    assert max(map(abs, channels[0][20000:30000])) > 7000
    assert share(channels[0][33000:47000], 700, 8000) > 0.99
    assert abs(len(channels[0]) - 48000) < 160, len(channels[0])
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(pcap(calls + packets))
        file.flush()
        row = json.loads(tap.rung("streams", "-T", "json", file.name).stdout)
    assert row["codec"] == "PCMU" and row["clock_rate"] is None and row["jitter_ms"] is None, row
    assert row["mos"] is None and "another codec" in row["mos_basis"], row


def test_over_tcp():
    """What was in connections is heard as what was in datagrams; video is not."""
    capture = (tap.SAMPLES / "media-tcp.pcap").read_bytes()
    rate, (left, right), said = save([], "--call", "1", status=1, capture=capture)
    assert rate == 8000 and "1 packets are incomplete" in said, said
    # 199 of 200, then a digit; 292 of 300, of which one was cut
    assert [sum(sample != 0 for sample in side) for side in (left, right)] == [199 * 160, 291 * 160]
    _, (alone,), _ = save([], "--stream", "4", capture=capture)
    assert sum(sample != 0 for sample in alone) == 150 * 160
    _, _, said = save([], "--stream", "3", status=1, capture=capture)
    assert "1 of PS, which rung does not decode" in said, said


def test_what_is_missing_is_said():
    left = rtp(CALLER, CALLEE, tone(440, 8000, 1))
    _, channels, said = save(None, "--call", "1", status=1,
                             capture=pcap(sip("one") + left, snaplen=300))
    assert not channels and "50 packets are incomplete in the capture" in said, said
    assert "no audio could be decoded" in said, said
    _, channels, said = save(sip("one", profile="RTP/SAVP") + left, "--call", "1", status=1)
    assert not channels and "1 encrypted (SRTP)" in said, said
    _, channels, said = save(sip("one", codec="EVRC") + left, "--call", "1", status=1)
    assert not channels and "1 of EVRC, which rung does not decode" in said, said
    _, channels, said = save(sip("one"), "--call", "1", status=1)
    assert not channels and "no audio" in said, said


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def test_failed_write():
    left = rtp(CALLER, CALLEE, tone(440, 8000, 1))
    _, channels, said = save(sip("one") + left, "--call", "1", status=1, preexec_fn=limit_files)
    assert not channels and said.count("\n") == 1, said
    assert said.endswith("/out.wav: File too large\n"), said


def test_one_call():
    left = rtp(CALLER, CALLEE, tone(440, 8000, 1))
    _, channels, said = save(sip("one") + sip("two") + left, status=1)
    assert not channels and "2 calls are selected; choose one with --call N" in said, said
    _, channels, said = save(sip("one") + left, "--stream", "7", status=1)
    assert not channels and "no stream is selected" in said, said
    _, channels, said = save(sip("one") + left, "-w", "/tmp/x.pcap", status=2)
    assert not channels and "not both" in said, said
    done = tap.rung("save", "--audio", "-", tap.SAMPLES / "basic.pcap")
    assert done.returncode == 2 and b"--audio needs a file" in done.stderr, done.stderr


HOUR = 3600
LONG_CALL = sip("one") + rtp(CALLER, CALLEE, tone(440, 8000, 1)) + \
    rtp(CALLER, CALLEE, tone(440, 8000, 1), at=HOUR + 0.5, seq=65580,
        timestamp=HOUR * 8000 - 1000) + [(86400, CALLER, CALLEE, b"another packet")]


def test_long_silence():
    """In a call of an hour; what comes a day later makes it no longer."""
    _, channels, _ = save(LONG_CALL, "--call", "1")
    assert len(channels[0]) == (HOUR + 1) * 8000, len(channels[0])
    assert channels[0][-8000:] == tone(440, 8000, 1)


def test_terminal_says_what_is_missing():
    """With numbers, whether it is saved or played; a part is heard, or nothing."""
    there = rtp(CALLER, CALLEE, tone(440, 8000, 1))
    noise = [(*packet[:3], packet[3][:12] + b"?") for packet in there[10:13]]
    captures = (
        (pcap(sip("one") + there, snaplen=100),
         "no audio could be decoded: 50 packets are incomplete"),
        (pcap(sip("one", codec="XYZ") + there),
         "no audio could be decoded: streams that are not heard: 1 of XYZ"),
        (pcap(sip("one") + there[:10] + noise + there[13:]), "; 3 packets are malformed"))
    need_libraries()
    for capture, wanted in captures:
        with tempfile.TemporaryDirectory() as folder:
            source, out = pathlib.Path(folder, "in.pcap"), pathlib.Path(folder, "out.wav")
            pathlib.Path(folder, ".libao").write_text("default_driver=null\n")
            source.write_bytes(capture)
            with Session(source, size=(200, 24), env={"HOME": folder}) as session:
                session.expect("completed|answered|in-call")
                session.send("P")
                session.expect(wanted)
                session.send("F2")
                session.expect("Cancel")
                session.send("\x15", str(out), "Enter")
                session.expect(wanted)
                for _ in range(100):  # the line may be that of playing
                    if out.exists() or not wanted.startswith(";"):
                        break
                    session.read_for(0.1)
                assert out.exists() == wanted.startswith(";"), session.screen.text()


def need_libraries():
    said = tap.version()
    if "playing: by libao" not in said:
        raise tap.Skip("this build has no libao")
    save(sip("one") + rtp(CALLER, CALLEE, tone(440, 8000, 1)), "--call", "1")  # may skip


def test_memory_does_not_grow():
    """The sound of an hour, 110 MB, is written as it goes."""
    costs.skip_sanitized()
    save(sip("one") + rtp(CALLER, CALLEE, tone(440, 8000, 1)), "--call", "1")  # may skip
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder, "in.pcap"), pathlib.Path(folder, "out.wav")
        source.write_bytes(pcap(LONG_CALL))
        megabytes = costs.cost("save", "--audio", out, "--call", "1", source)[1]
        assert out.stat().st_size > 100 * costs.MB
        source.write_bytes(pcap(sip("one") + rtp(CALLER, CALLEE, tone(440, 8000, 1))))
        least = costs.cost("save", "--audio", out, "--force", "--call", "1", source)[1]
        assert megabytes < least + 15, (megabytes, least)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
