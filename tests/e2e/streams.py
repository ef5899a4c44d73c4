"""RTP streams: exact counts of scenarios, and real captures beside tshark."""
import csv
import io
import json
import re
import shutil
import subprocess
import tempfile

import audio
import tap


def streams(path, *arguments):
    done = tap.rung("streams", "-T", "json", *arguments, path)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def sample(name, *arguments):
    return streams(tap.SAMPLES / (name + ".pcap"), *arguments)


def expect(row, **values):
    for key, value in values.items():
        found = row["rtcp"][key[5:]] if key.startswith("rtcp_") else row[key]
        if isinstance(value, float):
            assert found is not None and abs(found - value) < 0.01, (key, found, value)
        else:
            assert found == value, (key, found, value)


def test_loss():
    there, back = sample("media-loss")
    expect(there, stream=1, call=1, media="audio", src="192.0.2.10:40000",
           dst="198.51.100.20:50000", codec="PCMU", payload_type=0, clock_rate=8000, packets=305,
           expected=314, lost=9, loss_percent=2.866, bursts=3, duplicates=0, out_of_order=0,
           max_jitter_ms=0.0, dtmf="42", dscp=46, srtp=False)
    expect(back, stream=2, call=1, packets=309, expected=310, lost=1, bursts=1, dtmf=None, dscp=0)
    assert there["mos"] < back["mos"] < 4.5
    assert there["bytes"] == 294 * 172 + 11 * 16


def test_digits():
    """each with its time and duration, also where packets of it were lost"""
    there, back = sample("media-dtmf")
    expect(there, dtmf="1#23", packets=182, lost=5)
    at = "2026-01-02T10:00:%s0000000Z"
    assert there["digits"] == [
        {"digit": digit, "time": at % time, "duration_ms": ms} for digit, time, ms in
        (("1", "02.17", 120), ("#", "02.57", 420), ("2", "03.57", 100), ("3", "04.01", 120))]
    assert back["dtmf"] is None and back["digits"] == []


def test_order():
    wrapped, copied, both = sample("media-order")
    expect(wrapped, packets=200, expected=200, lost=0, bursts=0, duplicates=0, out_of_order=4)
    expect(copied, packets=400, expected=200, lost=0, duplicates=200, out_of_order=0,
           max_jitter_ms=0.0)
    expect(both, src="[2001:db8::30]:30000", codec="G729", packets=209, expected=200, lost=1,
           bursts=1, duplicates=10, out_of_order=1)


def test_silence():
    first, second = sample("media-silence")
    expect(first, packets=351, expected=351, lost=0, codec="PCMU", payload_type=0, call=None)
    expect(second, packets=50, expected=50, lost=0, ssrc="0x00005eed", codec="PCMA")
    rows = sample("media-silence", "--columns", "stream.silence,stream.type_changes")
    assert rows[0]["stream.silence"] > 0 and rows[0]["stream.type_changes"] == 1, rows[0]


def test_reports():
    there, back, muxed = sample("media-rtcp")
    expect(there, rtcp_packets=4, rtcp_reported_lost=4, rtcp_reported_jitter_ms=4.0,
           rtcp_rtt_ms=80.0)
    expect(back, rtcp_packets=4, rtcp_reported_lost=0, rtcp_reported_jitter_ms=2.0,
           rtcp_rtt_ms=80.0)
    expect(muxed, payload_type=96, codec=None, clock_rate=None, jitter_ms=None, mos=None,
           rtcp_packets=2, rtcp_reported_lost=0, rtcp_reported_jitter_ms=None, rtcp_rtt_ms=None)


def test_over_tcp():
    """frames of RFC 4571, whatever segments they are in; interleaved with RTSP"""
    there, back, video, interleaved = sample("media-tcp")
    for row in there, back, video, interleaved:
        expect(row, transport="TCP", duplicates=0, out_of_order=0)
    # sent again is not a copy, one that comes late is in order; one was not sent
    expect(there, call=1, src="192.0.2.10:49170", dst="198.51.100.20:50000", codec="PCMU",
           packets=207, expected=208, lost=1, bursts=1, dtmf="4", dscp=46, rtcp_packets=2,
           rtcp_reported_lost=1, rtcp_reported_jitter_ms=4.0)
    # 1400 bytes were not captured: the frames in them, and not the others
    expect(back, call=1, codec="PCMA", packets=292, expected=300, lost=8, bursts=1,
           rtcp_packets=2)
    expect(video, call=2, media="video", codec="PS", packets=100, expected=100, lost=0,
           bytes=100 * 1412, dst="192.0.2.110:31000")
    expect(interleaved, call=None, codec="PCMU", packets=150, expected=150, lost=0,
           max_jitter_ms=0.0, rtcp_packets=1, rtcp_reported_jitter_ms=1.0)
    assert [r["stream"] for r in sample("media-tcp", "-Y", "stream.transport == UDP")] == []
    expect(sample("media-loss")[0], transport="UDP")


def test_selection():
    path = tap.SAMPLES / "media-loss.pcap"
    assert [r["stream"] for r in streams(path, "--stream", "2")] == [2]
    assert [r["stream"] for r in streams(path, "-Y", "stream.dtmf")] == [1]
    assert [r["stream"] for r in streams(path, "--sort", "stream.lost")] == [2, 1]
    assert [r["stream"] for r in streams(path, "--call", "1")] == [1, 2]
    assert not streams(tap.SAMPLES / "busy.pcap", "--call", "1")  # it is there, but has none
    done = tap.rung("streams", "--call", "2", path)
    assert done.returncode == 1 and b"there is no call '2'" in done.stderr
    done = tap.rung("streams", "--stream", "3", path)
    assert done.returncode == 1 and b"there is no stream 3" in done.stderr
    for arguments in (["streams", "-Y", "call.ring > 3s"], ["calls", "-Y", "stream.lost > 3"],
                      ["streams", "--columns", "call.id"], ["calls", "--columns", "stream.lost"],
                      ["messages", "--sort", "stream.lost"], ["streams", "--stream", "0"]):
        assert tap.rung(*arguments, path).returncode == 2, arguments


def test_formats():
    path = tap.SAMPLES / "media-loss.pcap"
    done = tap.rung("streams", "-T", "csv", path)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    flat = {k: v for k, v in streams(path)[0].items() if k not in ("rtcp", "digits")}
    assert [k for k in rows[0] if not k.startswith("rtcp_")] == list(flat)
    assert rows[0]["lost"] == "9" and rows[0]["rtcp_packets"] == "0"
    text = tap.rung("streams", "--width", "200", path).stdout.decode().splitlines()
    assert len(text) == 3 and re.match(r" *Stream +Call +Start", text[0]), text


# --- beside tshark --------------------------------------------------------------------------------

# What differs, and why:
# - tshark has no stream where no session description that it saw names one, or only a part of it;
#   and one packet is a stream for it.
# - It counts copies among the packets that came: its loss is lower by them, so that sixty copies
#   make thirty lost packets "-30".
# - Its jitter leaves packets with the marker bit out, and has events and comfort noise in it.  RFC
#   3550 6.4.1 knows no such exception, and events do not have the timing of media.
ROW = re.compile(
    r"\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x([0-9A-F]+)\s+.*?\s+(\d+)\s+"
    r"(-?\d+) \(\S+%\)\s+\S+\s+\S+\s+\S+\s+\S+\s+(\S+)\s+(\S+)")


def tshark(path):
    """{(source, destination, SSRC): (packets, lost, mean jitter, highest jitter)}, and of the same
    keys whether a packet after the first has the marker bit, and all payload types."""
    fields = ["ip.src", "udp.srcport", "ip.dst", "udp.dstport", "rtp.ssrc", "rtp.marker",
              "rtp.p_type"]
    done = subprocess.run(["tshark", "-r", path, "-Y", "rtp", "-z", "rtp,streams", "-T", "fields",
                           *(word for field in fields for word in ("-e", field))],
                          capture_output=True, text=True, check=False)
    found, kinds = {}, {}
    for line in done.stdout.splitlines():
        row, packet = ROW.match(line), line.split("\t")
        if row:
            key = row[1] + ":" + row[2], row[3] + ":" + row[4], int(row[5], 16)
            found[key] = int(row[6]), int(row[7]), float(row[8]), float(row[9])
        elif len(packet) == len(fields) and re.fullmatch("0x[0-9a-f]+", packet[4]):
            key = packet[0] + ":" + packet[1], packet[2] + ":" + packet[3], int(packet[4], 16)
            marked, types = kinds.get(key, (None, set()))
            marked = marked is not None and (marked or packet[5] not in ("0", "False"))
            kinds[key] = marked, types | {packet[6]}
    return found, kinds


def compare(path):
    """Lines that say what differs; and how many streams were compared, jitter too."""
    ours = {}
    for row in streams(path):
        ours[row["src"], row["dst"], int(row["ssrc"], 16)] = row
    if not ours:
        return [], 0, 0
    (theirs, kinds), faults, counted, jitters = tshark(path), [], 0, 0
    for key, (packets, lost, mean, highest) in theirs.items():
        row = ours.get(key)
        if packets < 3:  # no proof of a stream
            continue
        if not row or row["packets"] < packets:
            faults.append("%s %s: %s packets, tshark %d" % (path.name, key,
                                                            row and row["packets"], packets))
            continue
        if row["packets"] > packets:  # what has no SDP for tshark it sees in part
            continue
        counted += 1
        if row["lost"] != max(lost + row["duplicates"], 0):
            faults.append("%s %s: lost %s, tshark %d" % (path.name, key, row["lost"], lost))
        marked, types = kinds.get(key, (True, set()))
        if marked or len(types) > 1 or row["jitter_ms"] is None:
            continue
        jitters += 1
        for what, expected in (("jitter_ms", mean), ("max_jitter_ms", highest)):
            if abs(row[what] - expected) > 0.0015:
                faults.append("%s %s: %s %s, tshark %s" % (path.name, key, what, row[what],
                                                           expected))
    return faults, counted, jitters


def test_media_beyond_the_limit():
    """of 300 m= lines 256 are used; the others are reported"""
    for lines, status in (256, 0), (300, 1):
        packets = audio.sip("one") + audio.rtp(audio.CALLER, audio.CALLEE,
                                               audio.tone(440, 8000, 1))
        at, src, dst, invite = packets[0]
        head, body = invite.split(b"\r\n\r\n", 1)
        body += b"m=audio 9000 RTP/AVP 0\r\n" * (lines - 1)
        head = re.sub(rb"(?<=Content-Length: )\d+", b"%d" % len(body), head)
        packets[0] = (at, src, dst, head + b"\r\n\r\n" + body)
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(audio.pcap(packets))
            file.flush()
            done = tap.rung("streams", "-T", "json", file.name)
        said = done.stderr.decode()
        assert done.returncode == status and json.loads(done.stdout)["call"] == 1, done
        assert said.startswith("rung: 44 media lines") if status else not said, said


def test_beside_tshark():
    """packets, lost, jitter of real captures as tshark -z rtp,streams has them"""
    if not shutil.which("tshark"):
        raise tap.Skip("tshark is not installed")
    faults, counted, jitters = [], 0, 0
    for path in sorted((tap.shared() / "captures").glob("*.pcap*")):
        found = compare(path)
        faults += found[0]
        counted += found[1]
        jitters += found[2]
    assert not faults, "\n".join(faults)
    assert counted > 40 and jitters > 15, (counted, jitters)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
