"""--columns and --sort: facts of FIELDS as columns, rows in their order."""
import csv
import io
import json
import struct

import tap

AUTH = tap.SAMPLES / "auth.pcap"
BASIC = tap.SAMPLES / "basic.pcap"
FAILED = tap.SAMPLES / "failed.pcap"
REGISTRATION = tap.SAMPLES / "registration.pcap"
INPUTS = [AUTH, BASIC, FAILED, REGISTRATION, tap.SAMPLES / "busy.pcap"]


def said(*arguments, status=0, **options):
    done = tap.rung(*arguments, **options)
    assert done.returncode == status, (arguments, done.returncode, done.stderr.decode())
    return done.stdout.decode()


def objects(*arguments, **options):
    return [json.loads(line) for line in said(*arguments, "-T", "json", **options).splitlines()]


def table(*arguments, **options):
    return list(csv.reader(io.StringIO(said(*arguments, "-T", "csv", **options), newline=""),
                           strict=True))


def test_values_are_those_of_the_usual_rows():
    """What both ways give is the same, key by key."""
    keys = {"call.number": "call", "call.kind": "kind", "call.id": "call_id", "call.from": "from",
            "call.to": "to", "call.outcome": "outcome", "call.status": "status",
            "call.reason": "reason", "call.start": "start", "call.end": "end",
            "call.ring": "ring_ms", "call.setup": "setup_ms", "call.duration": "duration_ms",
            "call.messages": "messages", "call.endpoints": "endpoints",
            "call.retransmissions": "retransmissions", "call.transactions": "transactions",
            "call.dialogs": "dialogs"}
    for sample in tap.samples():
        status = int(sample.stem == "truncated")
        usual = objects("calls", sample, status=status)
        found = objects("calls", "--columns", ",".join(keys), sample, status=status)
        wanted = [{key: row[other] for key, other in keys.items()} for row in usual]
        assert found == wanted, (sample.stem, found, wanted)
        assert all(list(row) == list(keys) for row in found), "in the order that was asked for"


def test_messages():
    keys = {"message.number": "message", "message.frame": "frame", "message.time": "time",
            "message.src": "src", "message.dst": "dst", "message.transport": "transport",
            "message.kind": "kind", "message.retransmission": "retransmission",
            "call.number": "call"}
    for sample in (BASIC, tap.SAMPLES / "tcp-gap.pcap", tap.SAMPLES / "fragments.pcap",
                   tap.SAMPLES / "retransmission.pcap"):
        usual = objects("messages", sample)
        found = objects("messages", "--columns", ",".join(keys), sample)
        assert found == [{key: row[other] for key, other in keys.items()} for row in usual]


def test_several_values_and_none():
    row = objects("messages", "--columns", 'header["Via"],header["x-none"],message.port', BASIC)[0]
    assert isinstance(row['header["Via"]'], list) and row['header["x-none"]'] is None
    assert row["message.port"] == [5060, 5060], "numbers are numbers"
    rows = table("messages", "--columns", 'header["Via"],header["x-none"],message.port', BASIC)
    assert rows[0] == ['header["Via"]', 'header["x-none"]', "message.port"]
    assert rows[1][1:] == ["", "5060 5060"] and len({len(r) for r in rows}) == 1


def test_csv_and_json_agree():
    columns = "call.number,call.start,call.duration,call.outcome,from.user,call.endpoints"
    for sample in tap.samples():
        status = int(sample.stem == "truncated")
        rows = table("calls", "--columns", columns, sample, status=status)
        listed = objects("calls", "--columns", columns, sample, status=status)
        assert rows[0] == columns.split(",") and len(rows) == 1 + len(listed)
        for row, fact in zip(rows[1:], listed):
            assert row[0] == str(fact["call.number"]) and row[1] == fact["call.start"]
            assert row[2] == ("" if fact["call.duration"] is None else str(fact["call.duration"]))
            assert row[5] == " ".join(fact["call.endpoints"])


def test_formulas_are_guarded():
    evil = (b"OPTIONS sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\nCall-ID: =1+1\r\n"
            b"From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCSeq: 1 OPTIONS\r\n"
            b"X-A: =cmd|'/c', \"b\"\r\n"
            b"X-A: \x1b[2J\xff\r\n\r\n")
    udp = struct.pack(">HHHH", 5060, 5060, 8 + len(evil), 0) + evil
    octets = b"\2" * 12 + b"\x08\0\x45\0" + struct.pack(">H", 20 + len(udp)) + \
        b"\0\0\0\0\x40\x11\0\0\xc0\0\2\1\xc0\0\2\2" + udp
    record = struct.pack("<IIII", 0, 0, len(octets), len(octets))
    capture = BASIC.read_bytes()[:24] + record + octets
    for command in ("calls", "messages"):
        rows = table(command, "--columns", 'call.id,header["X-A"]', "-", input=capture)
        assert rows[1][0] == "'=1+1" and rows[1][1].startswith("'=cmd|'/c', \"b\" "), rows
        text = said(command, "--columns", 'call.id,header["X-A"]', "-", input=capture)
        assert "\x1b" not in text and "=1+1" in text, text
        found = objects(command, "--columns", 'call.id,header["X-A"]', "-", input=capture)
        assert found[0]["call.id"] == "=1+1" and len(found[0]['header["X-A"]']) == 2


def test_sort():
    for key, name in (("call.duration", "duration_ms"), ("call.number", "call"),
                      ("call.outcome", "outcome"), ("call.start", "start"),
                      ("call.status", "status")):
        everything = objects("calls", *INPUTS)
        there = [c for c in everything if c[name] is not None]
        absent = [c for c in everything if c[name] is None]
        up = sorted(there, key=lambda c, n=name: c[n])
        down = sorted(there, key=lambda c, n=name: c[n], reverse=True)
        assert objects("calls", "--sort", key, *INPUTS) == up + absent, key
        found = objects("calls", "--sort", "-" + key, *INPUTS)
        assert [c[name] for c in found] == [c[name] for c in down + absent], key
        assert found[len(there):] == absent, "what is absent comes last, either way"


def test_sort_is_stable_and_by_several():
    everything = objects("calls", *INPUTS)
    by_outcome = objects("calls", "--sort", "call.outcome", *INPUTS)
    assert by_outcome == sorted(everything, key=lambda c: c["outcome"])
    found = objects("calls", "--sort", "call.outcome,-call.start", *INPUTS)
    wanted = sorted(sorted(everything, key=lambda c: c["start"], reverse=True),
                    key=lambda c: c["outcome"])
    assert found == wanted


def test_sort_in_every_format():
    numbers = [c["call"] for c in objects("calls", "--sort", "-call.number", FAILED)]
    assert numbers == sorted(numbers, reverse=True)
    assert [r[0] for r in table("calls", "--sort", "-call.number", FAILED)[1:]] == list(
        map(str, numbers))
    lines = said("calls", "--sort", "-call.number", FAILED).splitlines()[1:]
    assert [int(line.split()[0]) for line in lines] == numbers
    lines = said("calls", "--sort=-call.number", "--columns", "call.number", FAILED).splitlines()
    assert [int(line) for line in lines[1:]] == numbers


def test_sorted_messages_are_the_usual_rows():
    everything = objects("messages", AUTH)
    assert objects("messages", "--sort", "-message.number", AUTH) == everything[::-1]
    text = [line.split() for line in said("messages", AUTH).splitlines()]
    turned = said("messages", "--sort", "-message.number", AUTH).splitlines()
    assert [line.split() for line in turned] == text[::-1]
    by_status = objects("messages", "--sort", "message.status", AUTH)
    assert [m["status"] for m in by_status] == sorted(
        (m["status"] for m in everything), key=lambda s: (s is None, s))


def test_with_choices():
    found = objects("calls", "--call", "2", "--columns", "call.number", FAILED)
    assert found == [{"call.number": 2}]
    found = objects("calls", "-Y", "call.status >= 500", "--sort", "-call.status",
                    "--columns", "call.status", FAILED)
    assert [c["call.status"] for c in found] == [603, 503]
    found = objects("messages", "-Y", "message.status >= 400", "--call", "1",
                    "--columns", "message.status", FAILED)
    assert found and {m["message.status"] for m in found} == {400}


def test_width():
    columns = 'call.number,call.id,from.uri,to.uri,header["Contact"],call.outcome,call.endpoints'
    for width in (100, 120, 200):
        text = said("calls", "--width", width, "--columns", columns, FAILED)
        longest = max(map(len, text.splitlines()))
        assert longest <= width, (width, longest)


def test_ascii():
    for sample in tap.samples():
        text = tap.rung("calls", "--ascii", "--columns", "call.id,call.from,call.endpoints",
                        "--width", "40", sample).stdout
        assert text.isascii(), sample


def test_refused():
    for arguments, words in (
            (["--columns", "call.durtion"], ["--columns", "call.duration"]),
            (["--sort", "-call.durtion"], ["--sort", "call.duration"]),
            (["--columns", "message.status"], ["message.status", "messages"]),
            (["--sort", "message.status"], ["--sort", "message.status"]),
            (["--columns", "-call.start"], ["--columns"]),
            (["--columns", "call.start,call.start"], ["call.start", "twice"]),
            (["--columns", "call.start call.end"], ["comma"]),
            (["--columns", "call.start,"], ["--columns"]), (["--columns", ""], ["--columns"]),
            (["--sort", "call.start", "--sort", "call.end"], ["--sort", "twice"])):
        done = tap.rung("calls", *arguments, BASIC)
        assert done.returncode == 2 and not done.stdout, arguments
        told = done.stderr.decode()
        assert len(told.splitlines()) == 1 and all(w in told for w in words), told
    done = tap.rung("flow", "--columns", "call.start", BASIC)
    assert done.returncode == 2


def in_runs(fields):
    """Of (name, key): names of one field, which is given only once, are in different runs."""
    runs = []
    for name, key in fields:
        run = next((run for run in runs if len(run) < 12 and key not in run), None)
        if run is None:
            runs.append(run := {})
        run[key] = name
    return [list(run.values()) for run in runs]


def test_every_field_can_be_a_column():
    fields, _, others = said("help", "fields").partition("\nWireshark's names\n")
    names = [(line.split()[0],) * 2 for line in fields.splitlines() if line.startswith("  ")]
    names += [tuple(line.split()[:2]) for line in others.splitlines()]
    names = [pair for pair in names if not pair[1].startswith("header")]
    assert len(names) > 100
    for command in "messages", "streams":
        for run in in_runs([pair for pair in names
                            if (command == "streams") == pair[1].startswith("stream.")]):
            text = ",".join(run)
            for row in objects(command, "--columns", text, "--sort", text, BASIC):
                assert len(row) == len(run), (row, run)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
