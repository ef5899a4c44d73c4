"""GB/T 28181: MANSCDP bodies in their charsets, and what queries, answers and devices become.

Events are those of a scenario (samples/README.md has the format).
"""
import csv
import functools
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

import chinese
import costs
import findings
import live
import tap
from scenario import hep, script

PLATFORM, CAMERA, CHANNEL = "34020000002000000001", "34020000001320000001", "34020000001310000001"
SECOND_CAMERA = "34020000001320000002"

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


def test_in_chinese():
    """What a command does is translated where it is shown; filters have it in English."""
    chinese.need_chinese()
    capture = played(message("m", body("Control", "DeviceControl", 7, CHANNEL,
                                       "<PTZCmd>A50F010AFAFA00B3</PTZCmd>")))
    text = run(capture, "show", "--lang", "zh", "--decode", "--message", "1")
    assert "PTZ: 向左 250，向上 250 (地址 1)\n" in text, text
    row, = objects(capture, "calls", "--lang", "zh", "-Y", 'gb.ptz contains "left 250, up 250"')
    assert row["kind"] == "gb-control", row


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


def test_playback():
    """MANSRTSP in words: on rungs, in the decoded message, as a field."""
    capture = (tap.SAMPLES / "gb28181.pcap").read_bytes()
    words = ["pause", "play", "play at 4x", "seek to 00:10:00, play at 1x", "stop"]
    rows = objects(capture, "messages", "-Y", "gb.play", "--columns", "gb.play")
    assert [row["gb.play"] for row in rows] == words, rows
    ladder = run(capture, "flow", "-Y", "gb.ssrc == 1200000002")
    assert all("INFO %s " % each in ladder for each in words), ladder
    text = run(capture, "show", "--decode", "-Y", 'gb.play contains "seek"')
    assert "  playback: seek to 00:10:00, play at 1x\n" in text and "Scale: 1.0\n" in text, text


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


# --- exchanges -----------------------------------------------------------------------------------

def query(number=17, command="Catalog", gap=1.0, name="q", root="Query", more="", **options):
    return message(name, body(root, command, number, more=more), gap, False, **options)


def answer(number=17, command="Catalog", gap=0.5, name="r", more="<Result>OK</Result>", **options):
    return message(name, body("Response", command, number, more=more), gap, **options)


def part(first, count, total):
    """Items of a catalog, as of a list of that many."""
    items = "".join("<Item><DeviceID>3402000000131%07d</DeviceID><Name>%s</Name></Item>" %
                    (i, GATE) for i in range(first, first + count))
    return "<SumNum>%d</SumNum><DeviceList Num='%d'>%s</DeviceList>" % (total, count, items)


EXCHANGE = ["call.kind", "call.messages", "gb.command", "gb.sn", "gb.result"]
ROWS = [
    ("a query and its answer", [("gb-query", 4, "Catalog", "17", "OK")], query() + answer()),
    ("a control and its answer", [("gb-control", 4, "DeviceControl", "3", "OK")],
     query(3, "DeviceControl", root="Control", more="<GuardCmd>SetGuard</GuardCmd>") +
     answer(3, "DeviceControl")),
    ("an answer in parts", [("gb-query", 8, "Catalog", "17", None)],
     query() + "".join(answer(name="r%d" % i, more=part(i, 1, 3)) for i in range(3))),
    ("an answer whose query was not captured", [("gb-query", 4, "Catalog", "17", None)],
     answer(name="r1", more=part(0, 1, 2)) + answer(name="r2", more=part(1, 1, 2))),
    ("two queries at once", [("gb-query", 4, "Catalog", "1", "OK"),
                             ("gb-query", 4, "DeviceInfo", "2", "ERROR")],
     query(1, name="q1") + query(2, "DeviceInfo", 0, "q2") +
     answer(2, "DeviceInfo", name="r2", more="<Result>ERROR</Result>") + answer(1, name="r1")),
    ("another serial number", [("gb-query", 2, "Catalog", "17", None),
                               ("gb-query", 2, "Catalog", "18", "OK")], query() + answer(18)),
    ("another command", [("gb-query", 2, "Catalog", "17", None),
                         ("gb-query", 2, "RecordInfo", "17", "OK")],
     query() + answer(17, "RecordInfo")),
    ("an answer in the wrong direction", [("gb-query", 2, "Catalog", "17", None),
                                          ("gb-query", 2, "Catalog", "17", "OK")],
     query() + message("r", body("Response", "Catalog", 17, more="<Result>OK</Result>"), 1, False)),
    ("the same serial number again", [("gb-query", 4, "Catalog", "17", "OK"),
                                      ("gb-query", 4, "Catalog", "17", "ERROR")],
     query() + answer() + query(name="q2", gap=30) +
     answer(name="r2", more="<Result>ERROR</Result>")),
    ("an answer that comes far too late", [("gb-query", 2, "Catalog", "17", None),
                                           ("gb-query", 2, "Catalog", "17", "OK")],
     query() + answer(gap=400)),
    ("one Call-ID for several queries", [("gb-query", 4, "Catalog", "1", "OK"),
                                         ("gb-query", 2, "DeviceInfo", "2", None)],
     query(1) + answer(1) +
     query(2, "DeviceInfo").replace("call q from=platform to=camera\n", "", 1)
     .replace("q:MESSAGE\n", "q:MESSAGE new\n")),
    ("notifications", [("gb-notify", 2, "Keepalive", "1", None),
                       ("gb-notify", 2, "Alarm", "2", None)],
     message("k", body("Notify", "Keepalive", 1, more="<Status>OK</Status>")) +
     message("a", body("Notify", "Alarm", 2))),
    ("a broadcast", [("gb-notify", 4, "Broadcast", "5", "OK")],
     query(5, "Broadcast", root="Notify").replace("DeviceID", "TargetID") + answer(5, "Broadcast")),
    ("a text message", [("message", 2, None, None, None)],
     "call m from=camera to=platform\n+1 camera > platform m:MESSAGE\n  Content-Type: text/plain\n"
     "  | hello\n+0.1 platform > camera m:200\n"),
]


def check_rows(wanted, events):
    rows = objects(played(events), "calls", "--columns", ",".join(EXCHANGE), "-Y",
                   "call.kind != options")
    assert [tuple(row.values()) for row in rows] == wanted, rows


def test_exchange():
    """The row has the Call-ID of the query, and how long the answer took; the ladder all of it."""
    capture = played(query() + "".join(answer(name="r%d" % i, more=part(i, 2, 7))
                                       for i in range(3)))
    row, = objects(capture, "calls", "-Y", "call.kind == gb-query")
    first = objects(capture, "messages")[0]
    assert row["call_id"] == first["call_id"] and row["transactions"] == 4, row
    assert row["outcome"] == "answered" and row["from"].startswith("sip:" + PLATFORM), row
    row, = objects(capture, "calls", "--columns", "gb.latency,gb.items,gb.sum")
    assert row == {"gb.latency": 510.0, "gb.items": 6, "gb.sum": 7}, row
    ladder, = objects(capture, "flow")
    assert len(ladder["rungs"]) == 8 and len(ladder["columns"]) == 2, ladder
    stats, = objects(capture, "stats")
    assert stats["call_ids"] == 4, stats
    capture = played(query() + answer(more=part(0, 2, 7).replace("Num='2'", "")))
    row, = objects(capture, "calls", "--columns", "gb.items,gb.sum")
    assert row == {"gb.items": None, "gb.sum": 7}, row
    text = run(capture, "explain")
    assert "B2BUA" not in text and "sends the MESSAGE on" not in text, text


# The root, the command, what is in it, and whether the device answers (9.3, 9.5).
COMMANDS = [
    *(("Control", "DeviceControl", inner, answered) for inner, answered in (
        ("<PTZCmd>A50F01029600004D</PTZCmd>", False), ("<TeleBoot>Boot</TeleBoot>", False),
        ("<RecordCmd>Record</RecordCmd>", True), ("<GuardCmd>SetGuard</GuardCmd>", True),
        ("<AlarmCmd>ResetAlarm</AlarmCmd>", True), ("<IFameCmd>Send</IFameCmd>", False),
        ("<IFrameCmd>Send</IFrameCmd>", False),
        ("<DragZoomIn><Length>704</Length></DragZoomIn>", False),
        ("<DragZoomOut><Length>704</Length></DragZoomOut>", False),
        ("<HomePosition><Enabled>1</Enabled></HomePosition>", True),
        ("<PTZPreciseCtrl><Pan>12.5</Pan></PTZPreciseCtrl>", False),
        ("<FormatSDCard>1</FormatSDCard>", False), ("<TargetTrack>Auto</TargetTrack>", False),
        ("<DeviceUpgrade><Firmware>2</Firmware></DeviceUpgrade>", True))),
    *(("Control", "DeviceConfig", inner, True) for inner in (
        "<BasicParam><Name>@</Name></BasicParam>", "<SnapShotConfig><SnapNum>1</SnapNum>"
        "</SnapShotConfig>", "<OSDConfig><Text>@</Text></OSDConfig>")),
    *(("Query", command, "", True) for command in (
        "Catalog", "DeviceInfo", "DeviceStatus", "RecordInfo", "ConfigDownload", "PresetQuery",
        "MobilePosition", "Alarm", "HomePositionQuery", "CruiseTrackListQuery",
        "CruiseTrackQuery", "PTZPosition", "SDCardStatus")),
    *(("Notify", command, "<Name>@</Name>", False) for command in (
        "Alarm", "MediaStatus", "MobilePosition", "Catalog", "UploadSnapShotFinished",
        "VideoUploadNotify", "DeviceUpgradeResult"))]


def test_commands():
    """Each command of the editions: its row, and a finding where an answer is missing."""
    for encoding in "GB2312", "UTF-8":
        events = "".join(
            message("c%d" % i, body(root, command, i, more=inner.replace("@", GATE),
                                    encoding=encoding).encode(encoding), 0.1, root == "Notify")
            for i, (root, command, inner, _) in enumerate(COMMANDS))
        capture = played(events + "wait 12")
        rows = objects(capture, "calls", "-Y", "call.kind != options", "--columns",
                       "call.kind,gb.command,gb.kind,call.finding")
        assert len(rows) == len(COMMANDS), rows
        for row, (root, command, _, answered) in zip(rows, COMMANDS):
            assert row["call.kind"] == "gb-" + root.lower(), (row, root)
            assert row["gb.command"] == command and row["gb.kind"] == root.lower(), row
            assert ("gb-no-response" in (row["call.finding"] or [])) == answered, (row, command)
        text = run(capture, "show", "--decode")
        assert text.count("Name: %s\n" % GATE) == 8 and "Text: %s\n" % GATE in text, encoding


def test_big_catalog():
    """134 channels in 67 messages, two of which are missing."""
    parts = "".join(answer(name="r%d" % i, gap=0.02, more=part(2 * i, 2, 134))
                    for i in range(67) if i not in (20, 41))
    capture = played(query() + parts + "wait 12")
    row, = objects(capture, "calls", "-Y", "call.kind == gb-query", "--columns",
                   "call.messages,gb.items,gb.sum,call.finding")
    assert list(row.values())[:3] == [132, 130, 134] and row["call.finding"] == ["gb-partial"], row
    explained, = [row for row in objects(capture, "explain") if row["findings"]]
    assert "134 items, of which 130 came, in 65 messages" in explained["findings"][0]["text"]
    channels = [row for row in objects(capture, "devices") if row["role"] == "channel"]
    assert len(channels) == 130 and {row["name"] for row in channels} == {GATE}, len(channels)
    assert [e for e in timeline(query() + parts) if e[0] == "query"] == [
        ("query", "Catalog", None, 130)]


def test_fragments():
    """A list in one message of several packets, in any order; one that lost a fragment."""
    whole = answer(more=part(0, 40, 40)).replace("r:MESSAGE\n", "r:MESSAGE frag=1480 order=3,1,2\n")
    row, = objects(played(query() + whole + "wait 12"), "calls", "-Y", "gb.sum")
    assert row["messages"] == 4, row
    row, = objects(played(query() + whole), "calls", "--columns", "gb.items,gb.sum")
    assert row == {"gb.items": 40, "gb.sum": 40}, row
    for order in "3,1", "2,3":  # the rest is shown as it came, or not at all
        lost = whole.replace("order=3,1,2", "order=" + order)
        capture = played(query() + lost + "wait 12")
        asked = objects(capture, "explain", "-Y", "call.kind == gb-query")[0]
        finding, = asked["findings"]
        assert finding["id"] == "gb-no-response" and finding["severity"] == "note", finding
        assert finding["weakened"] == "fragments of messages were not captured", finding
        further = answer(name="f", more=part(40, 2, 42))
        row = objects(played(query() + lost + "wait 40\n" + further), "calls", "--columns",
                      "gb.items", "-Y", "call.kind == gb-query")[0]
        assert row == {"gb.items": 2}, row


def test_eviction():
    """Queries and answers that were discarded are found by nobody."""
    events = "".join(query(i, name="q%d" % i, gap=40) + answer(i, name="r%d" % i)
                     for i in range(40))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(played(events))
        file.flush()
        done = tap.rung("calls", "-T", "json", "--max-calls", "10", file.name)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["messages"] for row in rows] == [4] * 10, (rows, done.stderr)


# --- subscriptions -------------------------------------------------------------------------------

def subscribe(command="MobilePosition", seconds=120, gap=1.0, name="s", status="200", device=CAMERA,
              granted=None, begins=True):
    """A SUBSCRIBE and its answer; without `begins` one more in its dialog."""
    head = "call %s from=platform to=camera\n" % name if begins else ""
    return head + "+%g platform > camera %s:SUBSCRIBE\n  Event: presence\n  Expires: %d\n%s" \
        "+0.01 camera > platform %s:%s\n%s" % (
            gap, name, seconds, lines_of(body("Query", command, 20, device)), name, status,
            "  Expires: %d\n" % (granted if granted is not None else seconds)
            if status == "200" else "")


def notify(state="active", gap=5.0, name="s", command="MobilePosition"):
    return "+%g camera > platform %s:NOTIFY\n  Event: presence\n  Subscription-State: %s\n%s" \
        "+0.01 platform > camera %s:200\n" % (gap, name, state,
                                              lines_of(body("Notify", command, 30)), name)


def moved(gap=5.0, name="p", number=31, command="MobilePosition", device=CAMERA, **options):
    return message(name, body("Notify", command, number, device), gap, **options)


def alarm(gap=5.0, name="a"):
    """Of a channel: its id is not that of the subscription, the sender's is."""
    return moved(gap, name, 32, "Alarm", "34020000001340000001")


# The name; of each row its kind, messages, and of a subscription state, refreshes, notifications.
SUBSCRIPTIONS = [
    ("notified by NOTIFY", [("subscribe", 6, "active", 0, 2)], subscribe() + notify() + notify()),
    ("notified by MESSAGE", [("subscribe", 6, "active", 0, 2)],
     subscribe() + moved() + moved(name="p2", number=32)),
    ("notified by both", [("subscribe", 6, "active", 0, 2)], subscribe() + notify() + moved()),
    ("an alarm of a channel", [("subscribe", 4, "active", 0, 1)], subscribe("Alarm") + alarm()),
    ("a catalog", [("subscribe", 4, "active", 0, 1)],
     subscribe("Catalog") + moved(command="Catalog")),
    ("an answer in a MESSAGE", [("subscribe", 4, "active", 0, 0)],
     subscribe() + answer(20, "MobilePosition")),
    ("refreshed", [("subscribe", 6, "active", 1, 1)],
     subscribe() + subscribe(gap=100, begins=False) + moved(60)),
    ("refreshed under another Call-ID",
     [("subscribe", 4, "replaced", 0, 1), ("subscribe", 4, "active", 0, 1)],
     subscribe() + moved() + subscribe(gap=100, name="t") + moved(60, "p2")),
    ("lapsed", [("subscribe", 4, "lapsed", 0, 1)], subscribe() + moved() + "wait 120"),
    ("granted for less than was asked", [("subscribe", 2, "lapsed", 0, 0), ("gb-notify", 2)],
     subscribe(seconds=120, granted=30) + moved(40)),
    ("ended by the platform", [("subscribe", 4, "ended", 0, 0), ("gb-notify", 2)],
     subscribe() + subscribe(seconds=0, gap=10, begins=False) + moved()),
    ("ended by the device", [("subscribe", 4, "ended", 0, 1), ("gb-notify", 2)],
     subscribe() + notify("terminated;reason=timeout") + moved()),
    ("refused", [("subscribe", 2, "refused", 0, 0), ("gb-notify", 2)],
     subscribe(status="403") + moved()),
    ("challenged, and accepted", [("subscribe", 6, "active", 0, 1)],
     subscribe(status="401") + subscribe(begins=False) + moved()),
    ("before it", [("gb-notify", 2), ("subscribe", 2, "active", 0, 0)], moved() + subscribe()),
    ("after it lapsed", [("subscribe", 2, "lapsed", 0, 0), ("gb-notify", 2)],
     subscribe() + moved(130)),
    ("of another command", [("subscribe", 2, "active", 0, 0), ("gb-notify", 2)],
     subscribe("Catalog") + moved()),
    ("in the wrong direction", [("subscribe", 2, "active", 0, 0), ("gb-notify", 2)],
     subscribe() + moved(to_platform=False)),
    ("of another device", [("subscribe", 2, "active", 0, 0), ("gb-notify", 2)],
     subscribe(device=SECOND_CAMERA).replace("to=camera", "to=camera to-uri=sip:%s@3402000000" %
                                             SECOND_CAMERA) + moved()),
    ("of a device on another host", [("subscribe", 2, "active", 0, 0), ("gb-notify", 2)],
     "endpoint other 192.0.2.65:5060 user=%s domain=3402000000\n" % CAMERA + subscribe() +
     moved().replace("from=camera", "from=other").replace("camera >", "other >")
     .replace("> camera", "> other")),
    ("keep-alives", [("subscribe", 2, "active", 0, 0), ("gb-notify", 2)],
     subscribe("Keepalive") + moved(command="Keepalive")),
    ("a query of the same command", [("subscribe", 2, "active", 0, 0), ("gb-query", 2)],
     subscribe("Catalog") + query()),
    ("further messages under the Call-ID of a notification",
     [("subscribe", 4, "active", 0, 1), ("gb-notify", 2)],
     subscribe() + moved() +
     moved(command="Keepalive").replace("call p from=camera to=platform\n", "", 1)
     .replace("p:MESSAGE\n", "p:MESSAGE new\n")),
    ("two subscriptions", [("subscribe", 4, "active", 0, 1), ("subscribe", 4, "active", 0, 1)],
     subscribe("Catalog") + subscribe("Alarm", name="t") + alarm() +
     moved(name="c", command="Catalog")),
]


def check_subscription(wanted, events):
    rows = objects(played(events), "calls", "--columns", "call.kind,call.messages,gb.subscription,"
                   "gb.refreshes,gb.notifications", "-Y", "call.kind != options")
    found = [tuple(value for value in row.values() if value is not None) for row in rows]
    assert found == wanted, found


def test_subscription():
    """Fields, the ladder, the device's timeline; what was sent twice is one notification."""
    again = moved().replace("p:MESSAGE\n", "p:MESSAGE as=it\n", 1)
    events = subscribe(gap=0) + again.replace("+0.01 platform", "+0.5 again it\n+0.01 platform", 1)
    capture = played(events)
    row, = objects(capture, "calls", "--columns", "gb.command,gb.expires,gb.notifications")
    assert row == {"gb.command": "MobilePosition", "gb.notifications": 1,
                   "gb.expires": "2026-01-02T10:02:00.010000000Z"}, row
    ladder, = objects(capture, "flow")
    assert len(ladder["rungs"]) == 5 and len(ladder["columns"]) == 2, ladder
    assert timeline(events)[0] == ("subscribed", "MobilePosition", "active", 1), timeline(events)
    stats, = objects(capture, "stats")
    assert stats["call_ids"] == 2, stats


def test_subscription_evicted():
    """What was discarded is found by nobody."""
    events = "".join(subscribe(name="s%d" % i, gap=40, device="340200000013200%05d" % i) +
                     moved(name="p%d" % i, device="340200000013200%05d" % i) for i in range(40))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(played(events))
        file.flush()
        done = tap.rung("calls", "-T", "json", "--max-calls", "10", file.name)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["messages"] for row in rows] == [4] * 10, (rows, done.stderr)


# --- findings ------------------------------------------------------------------------------------

def keepalives(*gaps):
    return "".join(message("k%d" % i, body("Notify", "Keepalive", i), gap)
                   for i, gap in enumerate(gaps))


def challenged(count, extra=""):
    return "".join("call g%d from=camera to=camera\n+5 camera > platform g%d:REGISTER\n"
                   "+0.01 platform > camera g%d:401\n"
                   '  WWW-Authenticate: Digest realm="3402000000", nonce="n"\n' % (i, i, i)
                   for i in range(count)) + extra


REGISTERED = ("call last from=camera to=camera\n+5 camera > platform last:REGISTER\n"
              "+0.01 platform > camera last:200\n")


def session(subject="  Subject: %s:0100000001,%s:0\n" % (CHANNEL, PLATFORM), offered="0100000001",
            answered="0100000001", setup="passive", other="active", status="200"):
    lines = "  Content-Type: application/sdp\n  | v=0\n  | o=- 0 0 IN IP4 192.0.2.1\n  | s=Play\n" \
        "  | c=IN IP4 192.0.2.1\n  | t=0 0\n  | m=video 6000 TCP/RTP/AVP 96\n  | a=setup:%s\n" \
        "  | a=rtpmap:96 PS/90000\n  | y=%s\n"
    return ("call i from=platform to=camera\n+1 platform > camera i:INVITE\n" + subject +
            lines % (setup, offered) + "+0.1 camera > platform i:%s\n" % status +
            (lines % (other, answered) if status == "200" else "") +
            "+0.01 platform > camera i:ACK\n")


PTZ = "<PTZCmd>A50F01029600004%s</PTZCmd>"

# The name, what explain finds of GB/T 28181 by call (None: in all others), and the events.
FOUND = [
    ("no response", {1: "gb-no-response/warning"}, query() + "wait 12"),
    ("no response to a control", {1: "gb-no-response/warning"},
     query(3, "DeviceControl", root="Control", more="<GuardCmd>SetGuard</GuardCmd>") + "wait 12"),
    ("a response in time", {None: ""}, query() + answer() + "wait 12"),
    ("a capture that ends soon after the query", {None: ""}, query() + "wait 5"),
    ("a control that nobody answers", {None: ""},
     query(3, "DeviceControl", root="Control", more=PTZ % "D") + "wait 60"),
    ("a query that was refused", {None: ""}, query(answer="403") + "wait 60"),
    ("a list in part", {1: "gb-partial/warning"},
     query() + answer(more=part(0, 2, 3)) + "wait 12"),
    ("a list in parts, one of them missing", {1: "gb-partial/warning"},
     query() + answer(name="r1", more=part(0, 2, 6)) + answer(name="r3", more=part(4, 2, 6)) +
     "wait 12"),
    ("a whole list", {None: ""},
     query() + answer(name="r1", more=part(0, 2, 3)) + answer(name="r2", more=part(2, 1, 3)) +
     "wait 12"),
    ("a list that does not say how many items it has", {None: ""},
     query() + answer(more=part(0, 2, 3).replace("Num='2'", "")) + "wait 12"),
    ("a list that still comes", {None: ""}, query() + answer(more=part(0, 2, 3)) + "wait 5"),
    ("a subscription that runs out", {1: "gb-subscription-lapsed/note"},
     subscribe() + moved() + "wait 140"),
    ("a subscription that has just run out", {1: ""}, subscribe() + moved() + "wait 120"),
    ("a subscription that ends", {1: ""},
     subscribe() + subscribe(seconds=0, gap=10, begins=False) + "wait 140"),
    ("a subscription that another one replaces", {1: "", 2: ""},
     subscribe() + subscribe(gap=100, name="t") + "wait 60"),
    ("keep-alives that stop", {4: "gb-offline/error", None: ""},
     keepalives(0, 60, 60, 60) + "wait 211"),
    ("keep-alives that stop and come back", {4: "gb-offline/error", None: ""},
     keepalives(0, 60, 60, 60, 300, 60)),
    ("two keep-alives that do not come", {5: "gb-keepalive-late/note", None: ""},
     keepalives(0, 60, 60, 60, 180, 60) + "wait 60"),
    ("keep-alives in time", {None: ""}, keepalives(0, 60, 61, 59, 85, 60, 60) + "wait 100"),
    ("challenged again and again", {3: "gb-auth-loop/error", 1: "", 2: ""}, challenged(3)),
    ("challenged twice", {None: ""}, challenged(2) + "wait 5"),
    ("challenged, and registered in the end", {None: "", 3: "", 4: ""},
     challenged(2, REGISTERED).replace("g0", "a").replace("g1", "b") + challenged(2)),
    ("another SSRC in the answer", {1: "gb-ssrc-mismatch/error"},
     session(answered="0100000002")),
    ("the SSRC that was asked for", {1: ""}, session()),
    ("the same SSRC with another number of digits", {1: ""}, session(answered="100000001")),
    ("an answer without an SSRC", {1: ""}, session(answered="")),
    ("both connect", {1: "gb-setup-role/error"}, session(setup="active", other="active")),
    ("both listen", {1: "gb-setup-role/error"}, session(setup="passive", other="passive")),
    ("roles of TCP, and media over UDP", {1: ""},
     session(setup="active", other="active").replace("TCP/RTP/AVP", "RTP/AVP")),
    ("one connects, the other listens", {1: ""}, session(setup="active", other="passive")),
    ("no Subject, and refused", {1: "gb-no-subject/warning"}, session("", status="400")),
    ("no Subject, and answered", {1: "gb-no-subject/note"}, session("")),
    ("a To tag on the first request", {1: "gb-habits/note", 2: ""},
     query(gap=0).replace("  Content-Type", "  To: <sip:a@3402000000>;tag=1\n  Content-Type") +
     message("k", body("Notify", "Keepalive", 4))),
    ("answers with CSeq 20", {1: "gb-habits/note"},
     query() + answer().replace(":MESSAGE\n", ":MESSAGE cseq=20\n")),
    ("answers with CSeq 21", {1: ""},
     query() + answer().replace(":MESSAGE\n", ":MESSAGE cseq=21\n")),
    ("a wrong checksum", {1: "gb-bad-checksum/warning"},
     query(3, "DeviceControl", root="Control", more=PTZ % "E")),
    ("a right checksum", {1: ""}, query(3, "DeviceControl", root="Control", more=PTZ % "D")),
]


def check_found(wanted, events):
    findings.check_calls(wanted, played(events), lambda kind: kind.startswith("gb-"))


def test_wrong_stream():
    """Media with another SSRC than y= says; and with that one."""
    events = session(setup="actpass", other="active").replace("TCP/RTP/AVP", "RTP/AVP")
    for ssrc, wanted in ((100000001, ""), (100000002, "gb-ssrc-mismatch/error")):
        media = "+0.1 media camera platform 50 pt=96 ssrc=%d dport=6000 sport=6000\n" % ssrc
        check_found({1: wanted}, events + media)


# --- media legs ----------------------------------------------------------------------------------

LEGS = """
endpoint client 192.0.2.20:5060 user=34020000004000000001 domain=3402000000
endpoint store 192.0.2.30:5060 user=34020000002020000001 domain=3402000000
"""


def description(host, port, y="0100000001", setup=None):
    """The SDP of a session."""
    lines = ["v=0", "o=- 0 0 IN IP4 " + host, "s=Play", "c=IN IP4 " + host, "t=0 0",
             "m=video %d %sRTP/AVP 96" % (port, "TCP/" if setup else ""), "a=rtpmap:96 PS/90000",
             *(["a=setup:" + setup] if setup else []), *(["y=" + y] if y else [])]
    return "  Content-Type: application/sdp\n" + "".join("  | %s\n" % line for line in lines)


def invite(name, client, server, offer="", channel=CHANNEL, gap=0.1, subject=True):
    """An INVITE for a channel, which that host gets."""
    return "call %s from=%s to=%s to-uri=sip:%s@3402000000 uri=sip:%s@3402000000\n" \
        "+%g %s > %s %s:INVITE\n%s%s" % (
            name, client, server, channel, channel, gap, client, server, name,
            "  Subject: %s:0100000001,%s:0\n" % (CHANNEL, PLATFORM) if subject else "", offer)


def third_party(camera="192.0.2.64"):
    """A client plays: the platform joins a media server with the camera (9.2.2), and the client
    with the media server."""
    return LEGS + invite("c", "client", "platform", gap=0, subject=False) + \
        invite("m", "platform", "store", channel="34020000002020000001") + \
        "+0.05 store > platform m:200\n" + description("192.0.2.30", 7000) + \
        invite("d", "platform", "camera", description("192.0.2.30", 7000)) + \
        "+0.05 camera > platform d:200\n" + description(camera, 8000) + \
        "+0.01 platform > camera d:ACK\n+0.01 platform > store m:ACK\n" + \
        description(camera, 8000) + "+0.01 platform > client c:200\n" + \
        description("192.0.2.30", 7000) + "+0.01 client > platform c:ACK\n"


def conversations_of(capture):
    rows = objects(capture, "calls", "--columns", "call.number,call.conversation", "-Y",
                   "call.kind == invite")
    return [row["call.conversation"] for row in rows]


def test_third_party():
    """The three INVITEs of 9.2.2 are one conversation, with what shows it."""
    capture = played(third_party())
    assert conversations_of(capture) == [1, 1, 1], conversations_of(capture)
    rows = objects(capture, "explain")
    text = json.dumps(rows)
    assert "third-party call control" in text and "media address" in text, text


CASCADE = LEGS.replace("client", "upper")

# The name, the conversations of the calls, and the events.
RELAYED = [
    ("a platform passes y= on", [1, 1],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000), gap=0) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500))),
    ("the same without a Subject", [1, 1],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000), gap=0,
                      subject=False) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500), subject=False)),
    ("another y=", [1, 2],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000), gap=0) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500, "0100000002"))),
    ("another channel", [1, 2],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000), gap=0,
                      subject=False) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500), "34020000001310000002",
            subject=False)),
    ("another host", [1, 2],
     CASCADE + invite("u", "upper", "store", description("192.0.2.20", 6000), gap=0) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500))),
    ("y= of zeros", [1, 2],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000, "0000000000"),
                      gap=0) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500, "0000000000"))),
    ("no y=", [1, 2],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000, ""), gap=0) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500, ""))),
    ("long after", [1, 2],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000), gap=0) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500), gap=6)),
    ("two that may be meant", [1, 2, 3],
     CASCADE + invite("u", "upper", "platform", description("192.0.2.20", 6000), gap=0) +
     invite("v", "store", "platform", description("192.0.2.30", 6000)) +
     invite("d", "platform", "camera", description("192.0.2.1", 6500))),
    ("two plays with the same y=", [1, 2],
     invite("a", "platform", "camera", description("192.0.2.1", 6500), gap=0) +
     invite("b", "platform", "camera", description("192.0.2.1", 6502), "34020000001310000002",
            subject=False)),
]


def check_relayed(wanted, events):
    assert conversations_of(played(events)) == wanted, conversations_of(played(events))


def test_who_connects():
    """Over TCP: active connects to passive; y= is said, and bound to the SSRC of the media."""
    capture = (tap.SAMPLES / "media-tcp.pcap").read_bytes()
    row, = objects(capture, "explain", "-Y", "gb.ssrc")
    events = {event["event"]: event["text"] for event in row["session"]}
    assert events["connect"] == \
        "192.0.2.110:15060 connects to 192.0.2.64:15060 for the video, over TCP", events
    assert events["offer"].endswith("PS H264 recvonly, y=0100000001 in the INVITE"), events
    for setup, other, who in (("passive", "active", "192.0.2.64:5060 connects to 192.0.2.1:6000"),
                              ("active", "passive", "192.0.2.1:5060 connects to 192.0.2.64:6000"),
                              ("active", "active", None), ("passive", "passive", None),
                              ("active", "holdconn", None), ("holdconn", "holdconn", None)):
        events = invite("i", "platform", "camera", description("192.0.2.1", 6000, setup=setup)) + \
            "+0.1 camera > platform i:200\n" + description("192.0.2.64", 6000, setup=other)
        row, = objects(played(events), "explain", "-Y", "call.kind == invite")
        found = [e["text"] for e in row["session"] if e["event"] == "connect"]
        assert found == ([who + " for the video, over TCP"] if who else []), found


def test_bound():
    """The stream whose SSRC y= asks for: a field, and the ladder."""
    events = session(setup="actpass", other="active").replace("TCP/RTP/AVP", "RTP/AVP")
    for ssrc, y in ((100000001, "0100000001"), (100000002, None)):
        media = "+0.1 media camera platform 50 pt=96 ssrc=%d dport=6000 sport=6000\n" % ssrc
        row, = objects(played(events + media), "streams", "--columns", "stream.y")
        assert row["stream.y"] == y, row
        assert ("RTP PS y=0100000001" in run(played(events + media), "flow")) == bool(y)


# --- what is saved -------------------------------------------------------------------------------

def save(capture, *words):
    """What is saved of the capture."""
    with tempfile.TemporaryDirectory() as folder:
        path, saved = pathlib.Path(folder, "x.pcap"), pathlib.Path(folder, "saved.pcap")
        path.write_bytes(capture)
        done = tap.rung("save", *words, "-w", saved, path)
        assert done.returncode == 0, done.stderr
        return saved.read_bytes()


def test_saved():
    """A query with all its answers, whatever their Call-IDs, and nothing of others."""
    events = query(17, name="q1") + query(18, name="q2") + \
        message("k", body("Notify", "Keepalive", 4)) + answer(18, name="r2") + \
        "".join(answer(17, name="r1%d" % i, more=part(i, 1, 2)) for i in range(2))
    for hop in ("udp", "tcp", "ws"):
        capture = played("hop camera platform %s\n" % hop + events)
        rows = objects(capture, "messages")
        for number in (1, 2, 3):
            wanted = [m["call_id"] for m in rows if m["call"] == number]
            saved = objects(save(capture, "--call", str(number)), "messages")
            assert [m["call_id"] for m in saved] == wanted, (hop, number, saved)
        assert [sum(m["call"] == n for m in rows) for n in (1, 2, 3)] == [6, 4, 2], rows


def sip_message(call_id, content=None):
    """A MESSAGE, or the 200 to it."""
    octets = (content or "").encode()
    head = "%s\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-%s\r\nMax-Forwards: 70\r\n" \
        "From: <sip:%s@3402000000>;tag=1\r\nTo: <sip:%s@3402000000>\r\nCall-ID: %s\r\n" \
        "CSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\nContent-Length: %d\r\n\r\n"
    first = "MESSAGE sip:%s@3402000000 SIP/2.0" % CAMERA if content else "SIP/2.0 200 OK"
    return (head % (first, call_id, PLATFORM, CAMERA, call_id, len(octets))).encode() + octets


# A query, a keep-alive, and the answer to the query in two parts: [(direction, bytes)].
TALK = [(way ^ reply, sip_message(call_id, None if reply else content))
        for way, call_id, content in (
            (0, "query", body("Query", "Catalog", 17)),
            (1, "alive", body("Notify", "Keepalive", 4)),
            (1, "first", body("Response", "Catalog", 17, more=part(0, 1, 2))),
            (1, "second", body("Response", "Catalog", 17, more=part(1, 1, 2))))
        for reply in (0, 1)]
OF_QUERY = ["query", "query", "first", "first", "second", "second"]


def test_saved_copies():
    """The same of copies in HEP, with the lines of logs that name the query."""
    logs = [hep.packet(b"asked for a catalog", kind=hep.LOG, correlation=b"query")]
    copies = hep.copies(TALK, correlation=b"all of it") + logs
    for frames in (hep.connection(b"".join(copies), 300),
                   [hep.datagram(copy, hep.START_NS + i) for i, copy in enumerate(copies)]):
        saved = save(hep.capture(frames), "--call", "query")
        row, = [row for row in objects(saved, "explain") if row["call_id"] == "query"]
        assert [note["text"] for note in row["notes"]] == ["asked for a catalog"], row
        found = [m["call_id"] for m in objects(saved, "messages")]
        # segments may hold a part of what lies between, too
        assert [name for name in found if name not in ("alive", None)] == OF_QUERY, found


def talk():
    """Over the loopback interface, from and to the port of live.py."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera:
        camera.bind(("127.0.0.1", 0))
        for way, octets in TALK:
            if way == 0:
                live.RECEIVER.sendto(octets, camera.getsockname())
            else:
                camera.sendto(octets, ("127.0.0.1", live.PORT))


def test_saved_live():
    """Chosen by its number of items, which only the answer gives: what came before it, too."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        path, end = pathlib.Path(folder, "x.pcapng"), time.monotonic() + 10
        with tap.running([tap.program(), "save", "-i", "lo", "-f", "udp port %d" % live.PORT,
                          "-w", path, "-Y", "gb.sum == 2"], stderr=subprocess.PIPE) as process:
            live.wait_until_it_captures(process)
            talk()
            while sorted(live.saved(path)) != sorted(OF_QUERY) and time.monotonic() < end:
                time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=20)[1].decode()
        assert process.returncode == 0 and sorted(live.saved(path)) == sorted(OF_QUERY), said


# --- a platform and a device that talk -----------------------------------------------------------

def captured(folder):
    """What rung saves of tests/gb_peers, from the REGISTER to the BYE."""
    if "RUNG_GB_PEERS" not in os.environ:
        raise tap.Skip("built without libosip2")
    peers, path = pathlib.Path(os.environ["RUNG_GB_PEERS"]), pathlib.Path(folder, "gb.pcapng")
    platform, camera = "192.0.2.1", "192.0.2.64"
    addresses = ["address add %s/32 dev lo" % address for address in (platform, camera)]
    with live.own_network("link set lo up", *addresses), \
            tap.running([tap.program(), "save", "-i", "lo", "--with-media", "-w", path],
                        stderr=subprocess.PIPE) as capture:
        live.wait_until_it_captures(capture)
        with tap.running([peers / "gb_platform", platform, camera]) as server:
            time.sleep(0.3)
            with tap.running([peers / "gb_device", camera, platform]) as client:
                assert (client.wait(60), server.wait(60)) == (0, 0)
        time.sleep(0.3)
        capture.send_signal(signal.SIGINT)
        said = capture.communicate(timeout=20)[1].decode()
        assert capture.returncode == 0 and " 0 dropped" in said, said
    return path.read_bytes()


def test_peers():
    """Two ends on libosip2 with the habits of eXosip2, captured live."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        capture = captured(folder)
    rows = [(row["kind"], row["messages"], row["transactions"])
            for row in objects(capture, "calls", "-Y", "!gb.command or gb.command != Keepalive")]
    assert rows == [("register", 4, 2), ("gb-query", 6, 3), ("gb-control", 2, 1),
                    ("invite", 6, 3)], rows
    for row in objects(capture, "calls"):
        assert row["outcome"] == "answered" and row["retransmissions"] == 0, row
    row, = objects(capture, "calls", "--columns", "gb.command,gb.sn,gb.items,gb.sum", "-Y",
                   "gb.sum")
    assert list(row.values()) == ["Catalog", "1", 4, 4], row
    found = [(f["id"], f["severity"]) for row in objects(capture, "explain")
             for f in row["findings"]]
    assert sorted(found) == [("dropped", "warning"), ("gb-habits", "note")], found
    assert {row["id"] for row in objects(capture, "lint")} == {
        "date-local", "via-no-cookie", "gb-habits"}
    tree = [(row["device"], row["depth"], row["state"], row["name"])
            for row in objects(capture, "devices")]
    assert tree == [(PLATFORM, 0, "seen", None), (CAMERA, 1, "online", None),
                    (CHANNEL, 2, "online", GATE), (CHANNEL[:-1] + "2", 2, "online", "后门"),
                    (CHANNEL[:-1] + "3", 2, "online", "车库"),
                    ("34020000001340000001", 2, "online", "报警输入")], tree
    camera = objects(capture, "devices")[1]
    assert camera["expires_s"] == 3600 and camera["version"] == "2.0", camera
    assert camera["keepalives"] >= 3 and camera["missed"] == 0, camera
    stream, = objects(capture, "streams")
    assert (stream["codec"], stream["packets"], stream["ssrc"]) == ("PS", 50, "0x0bebc201"), stream


# --- habits of eXosip2 ---------------------------------------------------------------------------

SWAPPED = "branch=z3hG9bK"


def exosip(text, number):
    """Its branches, its CSeq, its To tag; and no Content-Type."""
    words = text.replace(":MESSAGE\n", ":MESSAGE cseq=20 %s%d\n" % (SWAPPED, number))
    return words.replace("  Content-Type: Application/MANSCDP+xml\n",
                         "  To: <sip:%s@3402000000>;tag=%d\n" % (CAMERA, number))


def test_habits():
    """They break no transaction and raise no error by themselves; lint names them."""
    events = exosip(query(), 1) + exosip(answer(name="r1", more=part(0, 1, 2)), 2) + \
        exosip(answer(name="r2", more=part(1, 1, 2)), 3) + \
        exosip(message("k", body("Notify", "Keepalive", 4)), 4)
    capture = played(events + "wait 40")
    rows = objects(capture, "calls", "-Y", "call.kind != options")
    assert [(row["kind"], row["outcome"], row["messages"], row["transactions"],
             row["retransmissions"]) for row in rows] == [
        ("gb-query", "answered", 6, 3, 0), ("gb-notify", "answered", 2, 1, 0)], rows
    assert all(not row["retransmission"] and not row["duplicate"]
               for row in objects(capture, "messages"))
    found = [f for row in objects(capture, "explain") for f in row["findings"]]
    assert {f["severity"] for f in found} == {"note"}, found
    flaws = objects(capture, "lint")
    assert all(flaw["severity"] != "error" for flaw in flaws), flaws
    assert {flaw["id"] for flaw in flaws} >= {"via-no-cookie", "no-content-type", "gb-habits"}
    texts = "\n".join(flaw["text"] for flaw in flaws if flaw["id"] == "gb-habits")
    assert "with CSeq 20" in texts and "has a To tag" in texts, texts


# --- devices -------------------------------------------------------------------------------------

def registered(seconds=3600, gap=0.0, name="reg"):
    return ("call %s from=camera to=camera\n+%g camera > platform %s:REGISTER\n"
            "  ! REGISTER sip:%s@3402000000 SIP/2.0\n  Contact: <sip:%s@192.0.2.64:5060>\n"
            "  Expires: %d\n  X-GB-Ver: 3.0\n  User-Agent: IPC\n+0.01 platform > camera %s:200\n"
            "  Expires: %d\n" % (name, gap, name, PLATFORM, CAMERA, seconds, name, seconds))


def item(device, parent=None, status="ON", name=GATE):
    below = "<ParentID>%s</ParentID>" % parent if parent else ""
    return "<Item><DeviceID>%s</DeviceID><Name>%s</Name><Model>M1</Model>%s<Status>%s</Status>" \
        "</Item>" % (device, name, below, status)


def catalog(*items, name="cat", number=9):
    content = body("Response", "Catalog", number, more="<SumNum>%d</SumNum><DeviceList Num='%d'>%s"
                   "</DeviceList>" % (len(items), len(items), "".join(items)))
    return message(name, content.encode("gbk"))


def device_rows(events):
    return {row["device"]: row for row in objects(played(events), "devices")}


SECOND, GROUP = "34020000001310000002", "34020000002160000001"


def test_devices():
    events = registered() + keepalives(0, 60, 61, 59) + \
        catalog(item(CHANNEL, CAMERA), item(SECOND, GROUP, "OFF"), item(GROUP, CAMERA)) + \
        message("al", body("Notify", "Alarm", 5, more="<AlarmPriority>1</AlarmPriority>"
                           "<AlarmMethod>5</AlarmMethod>"))
    rows = objects(played(events), "devices")
    assert [(row["device"], row["depth"]) for row in rows] == [
        (PLATFORM, 0), (CAMERA, 1), (CHANNEL, 2), (GROUP, 2), (SECOND, 3)], rows
    camera, channel, second = rows[1], rows[2], rows[4]
    assert camera["parent"] == PLATFORM and camera["state"] == "online", camera
    assert camera["role"] == "device" and camera["address"] == "192.0.2.64:5060", camera
    assert camera["version"] == "3.0" and camera["user_agent"] == "IPC", camera
    assert camera["expires"].startswith("2026-01-02T11:00:00.0"), camera
    assert camera["keepalives"] == 4 and camera["missed"] == 0, camera
    assert abs(camera["keepalive_ms"] - 60010) < 1, camera
    assert abs(camera["keepalive_jitter_ms"] - 667) < 1, camera
    assert camera["alarms"] == 1 and camera["alarm"] == "priority 1, method 5", camera
    assert channel["name"] == GATE and channel["state"] == "online", channel
    assert second["state"] == "offline" and second["parent"] == GROUP, second
    text = run(played(events), "devices", "--utc")
    assert "\n  %s  device  online  192.0.2.64:5060; IP camera" % CAMERA in text, text
    assert "\n    %s  channel  online  %s; camera" % (CHANNEL, GATE) in text, text
    table = list(csv.DictReader(run(played(events), "devices", "-T", "csv").splitlines()))
    assert [row["device"] for row in table] == [row["device"] for row in rows]


def timeline(events, device=CAMERA):
    """What happened to a device: kind, what, detail and count; and the number of the message."""
    row = device_rows(events)[device]
    return [(e["event"], e["what"], e["detail"], e["count"]) for e in row["timeline"]]


def test_timeline():
    events = registered(60) + registered(60, 50, "again") + registered(60, 100, "late") + \
        registered(0, 5, "off") + keepalives(0, 60, 60, 250, 60) + query(gap=1) + \
        answer(name="r1", more=part(1, 2, 3)) + answer(name="r2", more=part(3, 1, 3)) + \
        query(3, "DeviceStatus", name="q2") + \
        message("p", body("Notify", "MobilePosition", 7)) + \
        message("p2", body("Notify", "MobilePosition", 8))
    assert timeline(events) == [
        ("registered", None, None, 60), ("refreshed", None, None, 60), ("expired", None, None, 60),
        ("registered", None, None, 60), ("removed", None, None, None),
        ("keep-alives", None, None, 3), ("silent", None, None, 3), ("keep-alives", None, None, 2),
        ("query", "Catalog", None, 3), ("query", "DeviceStatus", None, None),
        ("notified", "MobilePosition", None, 2)], timeline(events)
    events = message("c", body("Control", "DeviceControl", 4, CHANNEL, PTZ % "D"),
                     to_platform=False) + \
        message("a", body("Notify", "Alarm", 5, CHANNEL, "<AlarmPriority>2</AlarmPriority>"
                          "<AlarmMethod>5</AlarmMethod>")) + \
        session().replace("to=camera", "to=camera to-uri=sip:%s@3402000000" % CHANNEL) + \
        message("n", body("Notify", "Catalog", 6, more="<DeviceList Num='1'><Item><DeviceID>%s"
                          "</DeviceID><Event>OFF</Event></Item></DeviceList>" % CHANNEL))
    assert timeline(events, CHANNEL) == [
        ("control", "PTZ", "left 150", None), ("alarm", None, "priority 2, method 5", None),
        ("play", "Play", "0100000001", None), ("notified", "Catalog", "OFF", 1)], \
        timeline(events, CHANNEL)


def test_timeline_of_refusals():
    """A challenge that is answered is none."""
    refused = REGISTERED.replace(":200", ":403").replace("last", "no")
    assert timeline(challenged(1) + refused) == [("refused", None, None, None)] * 2
    rows = device_rows(challenged(1).replace("g0", "x") + refused)
    assert [e["status"] for e in rows[CAMERA]["timeline"]] == [401, 403], rows
    again = REGISTERED.replace("call last from=camera to=camera\n", "").replace("last", "g0")
    assert timeline(challenged(1) + again)[0][0] == "registered"


STATES = [
    ("registered", "online", registered(60) + "wait 50"),
    ("registered, and not again", "expired", registered(60) + "wait 70"),
    ("registered for 0 seconds", "removed", registered(60) + registered(0, 5, "off") + "wait 1"),
    ("keep-alives", "online", keepalives(0, 60, 60) + "wait 200"),
    ("keep-alives that stopped", "offline", keepalives(0, 60, 60) + "wait 211"),
    ("one keep-alive", "online", keepalives(0) + "wait 500"),
    ("an answer alone", "seen", answer()),
]


def check_state(wanted, events):
    rows = device_rows(events)
    assert rows[CAMERA]["state"] == wanted, rows


def test_circles():
    """ParentID may lead in a circle, or to itself: every device is listed once."""
    rows = device_rows(catalog(item(CHANNEL, SECOND), item(SECOND, GROUP), item(GROUP, CHANNEL),
                               item(CAMERA, CAMERA)))
    assert sorted(rows) == sorted([CHANNEL, SECOND, GROUP, CAMERA]), rows
    assert sum(row["parent"] is None for row in rows.values()) == 2, rows


def test_unreadable():
    """A catalog that is no XML is counted."""
    capture = played(message("cat", body("Response", "Catalog", 9, more="<DeviceList><Item>")))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture)
        file.flush()
        done = tap.rung("devices", file.name)
    assert done.returncode == 1 and b"1 messages that could not be read" in done.stderr, done.stderr


def sent(number, content, user):
    text = body(*content)
    return ("MESSAGE sip:%s@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK%d\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:%s@3402000000>;tag=1\r\nTo: <sip:%s@3402000000>\r\n"
            "Call-ID: %d\r\nCSeq: 20 MESSAGE\r\nContent-Type: Application/MANSCDP+xml\r\n"
            "Content-Length: %d\r\n\r\n%s" % (PLATFORM, number, user, PLATFORM, number, len(text),
                                              text)).encode()


def test_costs():
    """Time is linear in the messages, whoever sends what."""
    costs.skip_sanitized()
    for device in (lambda i: "3402000000132%07d" % i, lambda i: CAMERA):
        for content in (lambda i: ("Notify", "Keepalive", i, device(i)),
                        lambda i: ("Query", "Catalog", i % 2, device(i)),
                        lambda i: ("Response", "Catalog", 1, device(i))):
            for command in ("devices", "explain"):
                once, twice = (costs.cost_of(costs.pcap(sent(i, content(i), device(i))
                                                        for i in range(count)), command, "-q")[0]
                               for count in (2500, 5000))
                assert twice < 3 * once + 0.5, "%s, %s: %.2f s, %.2f s" % (
                    command, content(1), once, twice)


def tests():
    return [*((name.removeprefix("test_").replace("_", " "), function)
              for name, function in sorted(globals().items()) if name.startswith("test_")),
            *(("rows: " + name, functools.partial(check_rows, wanted, events))
              for name, wanted, events in ROWS),
            *(("subscription: " + name, functools.partial(check_subscription, wanted, events))
              for name, wanted, events in SUBSCRIPTIONS),
            *(("relayed: " + name, functools.partial(check_relayed, wanted, events))
              for name, wanted, events in RELAYED),
            *(("findings: " + name, functools.partial(check_found, wanted, events))
              for name, wanted, events in FOUND),
            *(("state: " + name, functools.partial(check_state, wanted, events))
              for name, wanted, events in STATES)]
