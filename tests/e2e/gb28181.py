"""GB/T 28181: MANSCDP bodies in their charsets, and what queries, answers and devices become.

Events are those of a scenario (samples/README.md has the format).
"""
import csv
import json
import tempfile

import tap
from scenario import script

PLATFORM, CAMERA, CHANNEL = "34020000002000000001", "34020000001320000001", "34020000001310000001"

PRELUDE = """
endpoint platform 192.0.2.1:5060 user=%s domain=3402000000
endpoint camera 192.0.2.64:5060 user=%s domain=3402000000
call clock from=camera to=platform
""" % (PLATFORM, CAMERA)


def played(events):
    """The capture of a scenario; "wait SECONDS" has another packet show that time went on."""
    lines = []
    for line in events.splitlines():
        word, _, rest = line.partition(" ")
        lines += ["+%s camera > platform clock:OPTIONS new" % rest,
                  "+0.01 platform > camera clock:200"] if word == "wait" else [line]
    return script.play("gb28181", PRELUDE + "\n".join(lines))[0]


def body(root, command, number, device=CAMERA, more="", encoding="GB2312"):
    return ('<?xml version="1.0" encoding="%s"?>\r\n<%s>\r\n<CmdType>%s</CmdType>\r\n'
            "<SN>%s</SN>\r\n<DeviceID>%s</DeviceID>\r\n%s\r\n</%s>" %
            (encoding, root, command, number, device, more, root))


def lines_of(content):
    octets = content if isinstance(content, bytes) else content.encode()
    return "  Content-Type: Application/MANSCDP+xml\n  x %s\n" % octets.hex(" ")


def message(name, content, gap=1.0, to_platform=True, answer="200"):
    """A MESSAGE under a Call-ID of its own, and its 200."""
    client, server = ("camera", "platform") if to_platform else ("platform", "camera")
    text = "call %s from=%s to=%s\n+%g %s > %s %s:MESSAGE\n%s" % (
        name, client, server, gap, client, server, name, lines_of(content))
    return text + ("+0.01 %s > %s %s:%s\n" % (server, client, name, answer) if answer else "")


def run(capture, *arguments, status=0):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture)
        file.flush()
        done = tap.rung(*arguments, file.name)
    assert done.returncode == status, (done.returncode, done.stderr.decode())
    return done.stdout.decode()


def objects(capture, command, *arguments, **options):
    text = run(capture, command, "-T", "json", *arguments, **options)
    return [json.loads(line) for line in text.splitlines()]


# --- bodies --------------------------------------------------------------------------------------

def decoded(content):
    return run(played(message("m", content)), "show", "--decode", "--message", "1")


def test_a_command():
    text = decoded(body("Control", "DeviceControl", 7, CHANNEL,
                        "<PTZCmd>A50F01029600004D</PTZCmd>"))
    assert "command: DeviceControl (control)" in text, text
    assert "device: %s (camera, Anhui, public security, roads)" % CHANNEL in text, text
    assert "PTZ: left 150 (address 1)" in text and "fault" not in text, text
    text = decoded(body("Control", "DeviceControl", 7, CHANNEL,
                        "<PTZCmd>A50F01029600004E</PTZCmd>"))
    assert "fault: PTZCmd has checksum 4E, but its bytes add up to 4D" in text, text


def test_an_answer():
    """The items of a catalog; passwords are not shown."""
    items = "<SumNum>3</SumNum><DeviceList Num='1'><Item><DeviceID>%s</DeviceID><Name>Gate</Name>" \
        "<Status>ON</Status><Password>hunter2</Password></Item></DeviceList>" % CHANNEL
    text = decoded(body("Response", "Catalog", 8, more=items))
    assert "items: 1 of 3 (of the answer are in this message)" in text, text
    assert "Item: DeviceID %s, Name Gate, Status ON\n" % CHANNEL in text, text
    assert "Password: (hidden)" in text and "hunter2" not in text, text


GATE = "前门"


def test_charsets():
    """Whatever is declared; what cannot be read is replaced, and nothing raw is printed."""
    def named(octets, declared):
        head, tail = body("Response", "DeviceInfo", 9, more="<DeviceName>@</DeviceName>",
                          encoding=declared).encode().split(b"@")
        return decoded(head + octets + tail)

    for octets, declared, shown in (
            (GATE.encode("gbk"), "GB2312", GATE),
            (GATE.encode("gb18030"), "GB18030", GATE),
            (GATE.encode(), "UTF-8", GATE),
            (GATE.encode(), "GB2312", GATE),       # mislabelled
            (GATE.encode("gbk"), "UTF-8", GATE),   # the other way round
            ("\U00020000㐀".encode("gb18030"), "GB2312", "\U00020000㐀")):  # of four bytes
        text = named(octets, declared)
        assert "DeviceName: %s\n" % shown in text, (declared, text)
    assert "charset: UTF-8 (declared; it is not UTF-8, and shown as GB 18030)" in \
        named(GATE.encode("gbk"), "UTF-8")
    assert "charset: GB2312 (declared; it is valid UTF-8, and shown as that)" in \
        named(GATE.encode(), "GB2312")
    for octets in (GATE.encode("gbk")[:3], b"\xff\xfe", b"\x81\x30\x81", b"\x1b[31m"):
        text = named(octets, "GB2312")
        assert "\x1b" not in text and "command: DeviceInfo" in text, text


def test_no_content_type():
    capture = played(message("m", body("Query", "DeviceStatus", 3), to_platform=False).replace(
        "  Content-Type: Application/MANSCDP+xml\n", ""))
    assert "command: DeviceStatus (query)" in run(capture, "show", "--decode", "--message", "1")


def test_header_fields():
    capture = played(
        "call m from=platform to=camera\n+1 platform > camera m:MESSAGE\n  X-GB-Ver: 3.0\n"
        '  Note: Digest nonce="abc",algorithm=SHA256\n'
        "+0.01 camera > platform m:200\n  Date: 2026-01-02T18:00:01.500\n"
        "call i from=platform to=camera\n+1 platform > camera i:INVITE\n"
        "  Subject: %s:0100000001,%s:0\n  Content-Type: APPLICATION/SDP\n"
        "  | v=0\n  | o=- 0 0 IN IP4 192.0.2.1\n  | s=Playback\n  | u=%s:3\n"
        "  | c=IN IP4 192.0.2.1\n  | t=1744946094 1744947129\n  | m=video 6000 RTP/AVP 96\n"
        "  | y=0100000001\n  | f=v/2/6/25/1/4096a/1//1\n" % (CHANNEL, PLATFORM, CHANNEL))
    text = run(capture, "show", "--decode")
    for line in (";nonce = abc", "sender        %s (camera, " % CHANNEL,
                 "sequence      0100000001", "u= URI: %s:3 (recorded by time)" % CHANNEL,
                 "t= time: 1744946094 1744947129 (17m15s, since 1970)",
                 "y= SSRC: 0100000001 (0x05f5e101, live)",
                 "(video H.264 1080P 25 fps CBR 4096 kbit/s; audio G.711 8 kHz)"):
        assert line in text, (line, text)


def test_fields():
    capture = played(
        message("q", body("Query", "Catalog", 17), to_platform=False) +
        message("c", body("Control", "DeviceControl", 18, CHANNEL,
                          "<PTZCmd>A50F01820003003A</PTZCmd>"), to_platform=False) +
        message("r", body("Response", "DeviceConfig", 19, more="<Result>ERROR</Result>")))
    rows = objects(capture, "messages", "-Y", "gb.kind", "--columns",
                   "gb.command,gb.kind,gb.sn,gb.device,gb.result,gb.ptz,gb.ssrc")
    assert [tuple(row.values()) for row in rows] == [
        ("Catalog", "query", "17", CAMERA, None, None, None),
        ("DeviceControl", "control", "18", CHANNEL, None, "preset call 3", None),
        ("DeviceConfig", "response", "19", CAMERA, "ERROR", None, None)], rows
    assert len(objects(capture, "messages", "-Y", 'gb.ptz contains "preset"')) == 1


def test_vectors():
    """Command, SSRC and PTZ of the published flows, as their table has them."""
    folder = tap.shared() / "vectors" / "gb28181"
    with open(folder / "index.tsv", encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    ptz = {"10-ptz-control/01": "left 150", "10-ptz-control/03": "stop",
           "90-synthetic-controls/12": "right 250, up 250",
           "90-synthetic-controls/13": "focus far 250",
           "90-synthetic-controls/14": "iris close 250",
           "90-synthetic-controls/15": "cruise 1 add preset 2",
           "90-synthetic-controls/16": "scan 1 start", "90-synthetic-controls/17": "aux 1 on"}
    ssrc = {"13-play-live-tcp-active": "0000010000", "17-voice-broadcast": "0022440333",
            "15-playback-download-info-mansrtsp": "1000010003"}
    seen = set()
    for flow in sorted({row["file"].split("/")[0] for row in table}):
        rows = [row for row in table if row["file"].startswith(flow + "/")]
        found = objects((folder / flow / "flow.pcap").read_bytes(), "messages", "--columns",
                        "gb.command,gb.ptz,gb.ssrc")
        assert len(found) == len(rows), flow
        for row, got in zip(rows, found):
            name = row["file"].removesuffix(".msg")
            is_session = row["cmdtype_or_s"] in ("Play", "Download")
            assert got["gb.command"] == (None if is_session else row["cmdtype_or_s"] or None), name
            assert got["gb.ptz"] == ptz.get(name), (name, got)
            seen.update([name] if got["gb.ptz"] else [])
            if got["gb.ssrc"]:
                assert got["gb.ssrc"] == ssrc[flow], (name, got)
                seen.add(flow)
    assert seen == {*ptz, *ssrc}, seen


def tests():
    return [("gb28181: " + name.removeprefix("test_").replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
