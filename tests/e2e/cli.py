"""The command line as its users and their scripts see it."""
import csv
import fcntl
import gzip
import io
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import textwrap
import time

import tap
from scenario import script

BASIC = tap.SAMPLES / "basic.pcap"
BUSY = tap.SAMPLES / "busy.pcap"
FAILED = tap.SAMPLES / "failed.pcap"


def expect(done, status):
    assert done.returncode == status, "exit status %d, not %d\n%s" % (
        done.returncode, status, done.stderr.decode())
    return done


def one_line(done):
    """An error is one line on stderr, beginning with the program's name."""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("rung: "), done.stderr.decode()


def rows(done):
    return [json.loads(line) for line in expect(done, 0).stdout.decode().splitlines()]


def test_statuses():
    for status, arguments in (
            (0, ["calls", BASIC]), (0, ["stats", BASIC]), (0, ["help"]), (0, ["--help"]),
            (0, ["help", "flow"]), (0, ["-V"]), (0, ["--version"]),
            (1, ["calls", "/nonexistent.pcap"]), (1, ["calls", "/"]),
            (2, ["calls", "--nonsense", BASIC]), (2, ["nonsense"]),
            (2, ["calls", "-T", "nonsense", BASIC]), (2, ["calls", "--width", "x", BASIC]),
            (2, ["calls", "--time", "x", BASIC]), (2, ["calls", "-f", "no such filter (", BASIC])):
        done = tap.rung(*arguments)
        assert done.returncode == status, "%s: exit status %d, not %d\n%s" % (
            arguments, done.returncode, status, done.stderr.decode())
        assert bool(done.stderr) == (status > 0), arguments


def test_errors_are_one_line():
    for arguments in (["calls", "/nonexistent.pcap"], ["calls", BASIC, "/nonexistent.pcap"],
                      ["calls", tap.SAMPLES / "basic.scn"]):
        done = expect(tap.rung(*arguments), 1)
        one_line(done)
        assert str(arguments[-1]) in done.stderr.decode(), done.stderr.decode()


def test_unknown_option_names_it():
    assert "--nonsense" in expect(tap.rung("calls", "--nonsense", BASIC), 2).stderr.decode()


def test_no_capture():
    with tempfile.TemporaryDirectory() as folder:
        texts = {"empty": b"", "short": b"\xd4\xc3\xb2\xa1", "text": b"hello\n" * 99}
        for name, data in texts.items():
            path = pathlib.Path(folder, name)
            path.write_bytes(data)
            one_line(expect(tap.rung("stats", path), 1))


def test_truncated():
    done = tap.rung("messages", "-T", "json", tap.SAMPLES / "truncated.pcap")
    assert done.returncode == 1, done.returncode
    one_line(done)
    assert len(done.stdout.splitlines()) == 5, done.stdout.decode()


def test_no_command_is_calls():
    assert tap.rung(BASIC).stdout == expect(tap.rung("calls", BASIC), 0).stdout


def test_read_option():
    wanted = expect(tap.rung("calls", BASIC), 0).stdout
    for option in ("-r", "-I", "--read"):
        assert expect(tap.rung("calls", option, BASIC), 0).stdout == wanted, option
    assert expect(tap.rung("calls", "--read=%s" % BASIC), 0).stdout == wanted


def test_stdin():
    wanted = expect(tap.rung("messages", "-T", "json", BASIC), 0).stdout
    done = tap.rung("messages", "-T", "json", "-", input=BASIC.read_bytes())
    assert expect(done, 0).stdout == wanted
    for words in ("messages", "-T", "json", "-"), ("messages", "-T", "json"):
        with open(BASIC, "rb") as file:
            done = tap.rung(*words, stdin=file)
        assert expect(done, 0).stdout == wanted
    done = tap.rung("messages", "-T", "json", input=BASIC.read_bytes())
    assert expect(done, 0).stdout == wanted
    wanted = expect(tap.rung("calls", BASIC), 0).stdout
    assert expect(tap.rung(input=BASIC.read_bytes()), 0).stdout == wanted


def compressed(data):
    """[(name, bytes)]"""
    found = [("gz", gzip.compress(data)), ("two.gz", gzip.compress(data[:99]) +
                                           gzip.compress(data[99:]))]
    if shutil.which("zstd"):
        done = subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True)
        found.append(("zst", done.stdout))
    return found


def test_compressed():
    for sample in (BASIC, tap.SAMPLES / "interfaces.pcapng"):
        wanted = expect(tap.rung("messages", "-T", "json", sample), 0).stdout
        for name, data in compressed(sample.read_bytes()):
            with tempfile.NamedTemporaryFile(suffix="." + name) as file:
                file.write(data)
                file.flush()
                done = tap.rung("messages", "-T", "json", file.name)
            assert expect(done, 0).stdout == wanted, name
            done = tap.rung("messages", "-T", "json", "-", input=data)
            assert expect(done, 0).stdout == wanted, name + " from stdin"


def test_compressed_and_cut():
    data = gzip.compress(BASIC.read_bytes())
    done = tap.rung("messages", "-T", "json", "-", input=data[:len(data) - 40])
    assert done.returncode == 1
    one_line(done)
    assert done.stdout, "what could be read is shown"


def test_messages_can_be_shown_from_everywhere():
    """Bytes are read again from the file, or from the spool if there is no file."""
    wanted = expect(tap.rung("show", BASIC), 0).stdout
    assert b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n" in wanted
    assert expect(tap.rung("show", "-", input=BASIC.read_bytes()), 0).stdout == wanted
    done = tap.rung("show", "-", input=gzip.compress(BASIC.read_bytes()))
    assert expect(done, 0).stdout == wanted


def test_several_files():
    found = rows(tap.rung("calls", "-T", "json", BASIC, BUSY, FAILED))
    alone = sum(len(rows(tap.rung("calls", "-T", "json", p))) for p in (BASIC, BUSY, FAILED))
    assert len(found) == alone
    times = [m["time"] for m in rows(tap.rung("messages", "-T", "json", FAILED, BASIC, BUSY))]
    assert times == sorted(times), "merged by time"


def big_capture(folder):
    """The basic call 3000 times, with other Call-IDs."""
    data = BASIC.read_bytes()
    path = pathlib.Path(folder, "big.pcap")
    call_id = data[data.index(b"Call-ID: ") + 9:][:16]
    with open(path, "wb") as file:
        file.write(data[:24])
        for number in range(3000):
            file.write(data[24:].replace(call_id, b"%016d" % number))
    return path


def test_closed_pipe():
    with tempfile.TemporaryDirectory() as folder:
        path = big_capture(folder)
        for command in (["messages"], ["messages", "-T", "json"], ["flow"], ["show"]):
            with tap.running([tap.program(), *command, str(path)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE) as process:
                assert process.stdout.readline()
                process.stdout.close()
                fault = process.stderr.read().decode()
                status = process.wait(60)
            assert status in (0, 1, -13, 141), (command, status)
            assert not fault, "not silent: " + fault


def test_full_disk():
    for command in (["messages"], ["calls", "-T", "json"], ["flow"], ["stats"], ["help"]):
        if not os.path.exists("/dev/full"):
            raise tap.Skip("no /dev/full here")
        with open("/dev/full", "wb") as full:
            done = tap.rung(*command, *([] if command == ["help"] else [BASIC]), stdout=full)
        assert done.returncode == 1, (command, done.returncode)
        one_line(done)


def allow_no_threads():
    """A thread's stack would be as large as the main one may become: there are too few addresses."""
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 46, resource.RLIM_INFINITY))


def test_no_threads():
    if resource.getrlimit(resource.RLIMIT_STACK)[1] != resource.RLIM_INFINITY:
        raise tap.Skip("stacks are limited here")
    media = tap.SAMPLES / "media-loss.pcap"
    for command in (["calls"], ["explain"], ["explain", "--group"], ["messages"], ["streams"],
                    ["stats"], ["show"]):
        wanted = expect(tap.rung(*command, BUSY, media), 0)
        done = expect(tap.rung(*command, BUSY, media, preexec_fn=allow_no_threads), 0)
        assert (done.stdout, done.stderr) == (wanted.stdout, wanted.stderr), command
    with tempfile.TemporaryDirectory() as folder:
        for option in ("-O", "--audio"):
            wanted, out = (pathlib.Path(folder, name + option) for name in "ab")
            expect(tap.rung("save", option, wanted, media), 0)
            expect(tap.rung("save", option, out, media, preexec_fn=allow_no_threads), 0)
            assert out.read_bytes() == wanted.read_bytes(), option


def test_write():
    wanted = expect(tap.rung("calls", BASIC), 0).stdout
    with tempfile.TemporaryDirectory() as folder:
        for option in ("-w", "-O", "--write"):
            path = pathlib.Path(folder, "out")
            assert expect(tap.rung("calls", BASIC, option, path), 0).stdout == b""
            assert path.read_bytes() == wanted
        for path in (f"{folder}/missing/out", folder):
            one_line(expect(tap.rung("calls", BASIC, "-w", path), 1))
    if os.path.exists("/dev/full"):
        one_line(expect(tap.rung("calls", BASIC, "-w", "/dev/full"), 1))


def test_stats_of_years():
    """Durations that are wider than their columns do not run into each other."""
    player = script.perform("years", """
endpoint alice 192.0.2.10:5060 user=alice domain=example.com
endpoint bob 198.51.100.20:5060 user=bob domain=example.com
call a from=alice to=bob
+0 alice > bob INVITE
+1 bob > alice 200
+1 alice > bob ACK
+1900000000 alice > bob BYE
+1 bob > alice 200
""")
    text = expect(tap.rung("stats", "-", input=player.capture()), 0).stdout.decode()
    row = next(line for line in text.splitlines() if line.split()[:1] == ["duration"])
    assert len(row.split()) == 5, row


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))


def test_write_replaces_when_complete():
    """A report that fails leaves the old file, and no other; one that is written keeps its mode."""
    with tempfile.TemporaryDirectory() as folder:
        path, link = pathlib.Path(folder, "out"), pathlib.Path(folder, "link")
        path.write_bytes(b"precious")
        path.chmod(0o640)
        link.symlink_to("out")
        for options in (["messages", "-T", "json"], ["flow"], ["stats", "-T", "json"]):
            done = expect(tap.rung(*options, BASIC, "-w", link, preexec_fn=limit_files), 1)
            one_line(done)
            assert b"File too large" in done.stderr, done.stderr
            assert path.read_bytes() == b"precious" and len(os.listdir(folder)) == 2
        expect(tap.rung("calls", BASIC, "-w", link), 0)
        assert path.read_bytes() == tap.rung("calls", BASIC).stdout
        assert path.stat().st_mode & 0o777 == 0o640 and link.is_symlink()
        assert len(os.listdir(folder)) == 2


def wait_until_read(pipe):
    for _ in range(500):
        if struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0] == 0:
            return
        time.sleep(0.02)
    raise AssertionError("it does not read its input")


def test_killed_reports_leave_nothing():
    """Whatever kills it: the old file is there, and no other."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "out")
            path.write_bytes(b"precious")
            with tap.running([tap.program(), "messages", "-w", path, "-"],
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdin.write(BASIC.read_bytes())
                process.stdin.flush()
                wait_until_read(process.stdin)
                process.send_signal(number)
                process.wait(10)
                said = process.stderr.read().decode()
            assert path.read_bytes() == b"precious" and os.listdir(folder) == ["out"], number
            if number != signal.SIGKILL:
                assert process.returncode == 1 and "out was not written" in said, said


def test_write_to_descriptors():
    """/dev/stdout is what it leads to, also when that is a file which others write to."""
    wanted = tap.rung("calls", BASIC).stdout
    if not os.path.exists("/dev/stdout"):
        raise tap.Skip("no /dev/stdout here")
    assert expect(tap.rung("calls", BASIC, "-w", "/dev/stdout"), 0).stdout == wanted
    with tempfile.TemporaryFile() as both:
        both.write(b"before\n")
        both.flush()
        expect(tap.rung("calls", BASIC, "-w", "/dev/stdout", stdout=both), 0)
        both.seek(0)
        assert both.read() == b"before\n" + wanted


def test_losses_are_told():
    """What a capture that begins in the middle of streams had to pass over."""
    text = tap.rung("stats", tap.SAMPLES / "tcp-midway.pcap").stdout.decode()
    assert re.search(r"^ *skipped stream bytes +355$", text, re.M), text
    assert re.search(r"^ *lost fragments +0$", text, re.M), text


def test_call_chooses():
    calls = rows(tap.rung("calls", "-T", "json", FAILED))
    second = rows(tap.rung("calls", "-T", "json", "--call", "2", FAILED))
    assert second == [calls[1]]
    by_id = rows(tap.rung("calls", "-T", "json", "--call", calls[1]["call_id"], FAILED))
    assert by_id == second
    both = rows(tap.rung("calls", "-T", "json", "--call", "3", "--call", "1", FAILED))
    assert {c["call"] for c in both} == {1, 3}
    messages = rows(tap.rung("messages", "-T", "json", "--call", "2", FAILED))
    assert messages and {m["call"] for m in messages} == {2}


def test_colour():
    plain = expect(tap.rung("flow", BASIC), 0).stdout
    assert b"\x1b" not in plain, "none into a pipe"
    coloured = expect(tap.rung("flow", "--color", "always", BASIC), 0).stdout
    assert b"\x1b[" in coloured
    assert expect(tap.rung("flow", "--color", "never", BASIC), 0).stdout == plain
    asked_not = tap.rung("flow", BASIC, env={"NO_COLOR": "1"})
    assert expect(asked_not, 0).stdout == plain


def test_width():
    """Tables and ladders keep to the width that was asked for; a heading is as long as it is."""
    for width, commands in ((60, ["flow"]), (80, ["calls", "messages", "flow"]),
                            (132, ["calls", "messages", "flow"])):
        for command in commands:
            text = tap.rung(command, "--width", width, tap.SAMPLES / "proxies.pcap").stdout.decode()
            if command == "flow":
                text = text.partition("\n\n")[2]
            longest = max(map(len, text.splitlines()))
            assert longest <= width, (command, width, longest)


def test_utc():
    assert b"10:00:00" in expect(tap.rung("messages", "--utc", BASIC), 0).stdout
    local = expect(tap.rung("messages", BASIC), 0).stdout
    assert b"15:30:00" in local, "Asia/Kolkata is 5:30 ahead"
    assert b"2026-01-02T10:00:00.000000000Z" in tap.rung("messages", "-T", "json", BASIC).stdout


def test_no_control_characters():
    """What is in a message does not reach the terminal raw."""
    evil = (b"OPTIONS sip:\x1b[2J@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK\x07\r\n"
            b"Call-ID: \x1b]0;title\x07\x9b\r\nFrom: <sip:\xff\xfe@x>;tag=1\r\nTo: <sip:b@x>\r\n"
            b"CSeq: 1 OPTIONS\r\n\r\n")
    frame = b"\x02" * 12 + b"\x08\x00\x45\x00" + (28 + len(evil)).to_bytes(2, "big") + \
        b"\0\0\0\0\x40\x11\0\0\xc0\0\2\1\xc0\0\2\2\x13\xc4\x13\xc4" + \
        (8 + len(evil)).to_bytes(2, "big") + b"\0\0" + evil
    size = len(frame).to_bytes(4, "little")
    data = BASIC.read_bytes()[:24] + bytes(8) + size * 2 + frame
    for command in ("calls", "messages", "flow"):
        text = expect(tap.rung(command, "-", input=data), 0).stdout
        assert text and not any(b < 32 and b != 10 or b == 127 for b in text), (command, text)
        assert "\x9b" not in text.decode("utf-8"), command
        for line in expect(tap.rung(command, "-T", "json", "-", input=data), 0).stdout.splitlines():
            json.loads(line.decode("utf-8"))


def test_help_names_everything():
    text = expect(tap.rung("help"), 0).stdout.decode()
    for word in ("calls", "messages", "flow", "stats", "--read", "--filter", "--call", "--write"):
        assert word in text, word
    assert b"0.1" in expect(tap.rung("--version"), 0).stdout


# RFC 3261 section 6; the last ones are of what is above the wire, or kept by an element.
TERMS = """Address-of-Record; Back-to-Back User Agent; Call; Call Leg; Client; Conference; Dialog;
Downstream; Final Response; Header; Header Field; Header Field Value; Home Domain;
Informational Response; Initiator, Calling Party, Caller; Invitation;
Invitee, Called Party, Callee; Location Service; Loop; Loose Routing; Message; Method;
Outbound Proxy; Parallel Search; Provisional Response; Proxy, Proxy Server; Recursion;
Redirect Server; Registrar; Regular Transaction; Request; Response; Ringback; Route Set; Server;
Sequential Search; Session; SIP Transaction; Spiral; Stateful Proxy; Stateless Proxy;
Strict Routing; Target Refresh Request; Upstream; URL-encoded; User Agent Client; User Agent;
User Agent Server"""
ABOVE_THE_WIRE = {"Call Stateful", "Core", "Transaction User", "UAC Core", "UAS Core"}


def read_terms():
    """The terms of `help terms`, each with its places."""
    text = expect(tap.rung("help", "terms"), 0).stdout.decode()
    assert max(map(len, text.splitlines())) <= 80, text
    terms = {}
    for block in re.findall(r"^(\S.*)\n    (\S.*)\n((?:    .*\n)*)", text, re.M):
        places = re.sub(r"\s+", " ", block[2]).strip().removeprefix("-> ")
        terms[block[0]] = places.split("; ") if places else []
    return terms


def check_place(place, known):
    """A command, option, JSON key, finding, screen or field that a term names exists."""
    word, _, rest = place.partition(" ")
    if word == "rung":
        name, _, detail = rest.partition(" ")
        about = expect(tap.rung("help", name), 0).stdout.decode()
        if detail.startswith("("):
            path = tap.SAMPLES / ("registrations.pcap" if name == "registrations" else "fork.pcap")
            assert detail[1:-1] in rows(tap.rung(name, "-T", "json", path))[0], place
        else:
            assert detail in about, place
    elif word in ("finding", "screen"):
        assert re.search(r"^(\w+ +)?%s( \(.*)?$" % re.escape(rest), known[word], re.M), place
    else:
        is_header = re.fullmatch(r'header\["[A-Za-z-]+"\]', word)
        assert is_header or re.search(r"^  %s " % re.escape(word), known["field"], re.M), place
        filtered = tap.rung("calls", "-Y", place, BASIC)
        assert filtered.returncode == 0, (place, filtered.stderr)


def test_terms():
    """Each term that the wire shows has a place, and each place exists."""
    terms = read_terms()
    wanted = {" ".join(term.split()) for term in TERMS.split(";")}
    assert set(terms) == wanted | ABOVE_THE_WIRE, set(terms) ^ (wanted | ABOVE_THE_WIRE)
    assert {term for term, places in terms.items() if not places} == ABOVE_THE_WIRE
    known = {"field": tap.rung("help", "fields").stdout.decode(),
             "finding": tap.rung("help", "findings").stdout.decode(),
             "screen": tap.rung("help", "keys", "--no-config").stdout.decode()}
    for place in sorted({place for places in terms.values() for place in places}):
        check_place(place, known)


def test_explain():
    """A call that went well has no findings; offer and answer are there, with RTP or without."""
    for name in ("basic.pcap", "reinvite.pcap"):
        call = rows(tap.rung("explain", "-T", "json", tap.SAMPLES / name))[0]
        assert call["findings"] == [] and call["summary"].startswith("completed (200)"), call
        first = call["media"][0]
        assert first["media"] == "audio" and first["direction"] == "sendrecv", first
        assert "PCMU" in first["offered"] and "PCMU" in first["chosen"], first
        assert first["offer"] < first["answer"], first
    fork = rows(tap.rung("explain", "-T", "json", tap.SAMPLES / "fork.pcap"))[0]
    assert [r["role"] for r in fork["roles"]] == ["uac", "proxy", "uas", "uas"], fork["roles"]
    first, *others = fork["branches"]
    assert first["parent"] is None and first["status"] == 200, first
    assert [(b["parent"], b["status"]) for b in others[:2]] == \
        [(first["branch"], 487), (first["branch"], 200)], others
    text = expect(tap.rung("explain", BASIC), 0).stdout.decode()
    assert "audio: both; PCMU from 192.0.2.10:20000, MOS 4.41" in text, text
    findings = expect(tap.rung("help", "findings"), 0).stdout.decode()
    assert "one-way-audio" in findings and max(map(len, findings.splitlines())) <= 100


def test_explain_groups_causes():
    """Each call is counted once, by its first finding; names are those of the configuration."""
    path = tap.SAMPLES / "failed.pcap"
    groups = rows(tap.rung("explain", "--group", "-T", "json", path))
    assert [(g["id"], g["status"], g["where"], g["calls"], g["percent"], g["examples"])
            for g in groups] == [
        ("rejected", 400, "192.0.2.20:5060", 1, 25, [1]),
        ("rejected", 404, "192.0.2.20:5060", 1, 25, [2]),
        ("rejected", 503, "192.0.2.1:5060", 1, 25, [3]),
        ("rejected", 603, "192.0.2.20:5060", 1, 25, [4])], groups
    table = list(csv.DictReader(io.StringIO(
        tap.rung("explain", "--group", "-T", "csv", path).stdout.decode())))
    assert [r["status"] for r in table] == ["400", "404", "503", "603"], table
    found = list(csv.DictReader(io.StringIO(
        tap.rung("explain", "-T", "csv", path).stdout.decode())))
    assert [r["messages"] for r in found] == ["1 2", "6 7 9", "11 12", "14 16"], found
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("[aliases]\n192.0.2.1 = SBC\n")
        file.flush()
        for options in ([], ["--group"]):
            text = tap.rung("explain", *options, "--config", file.name, path).stdout.decode()
            assert "SBC:5060" in text and "192.0.2.1:5060 is" not in text, text
    none = tap.rung("explain", "--group", tap.SAMPLES / "basic.pcap").stdout.decode()
    assert none == "      1 of 1 calls have nothing to report\n", none


def test_lint():
    """Each anomaly has its place; --fail-on decides over the exit status."""
    broken, good = tap.SAMPLES / "broken.pcap", BASIC
    found = rows(tap.rung("lint", "-T", "json", broken))
    twice = next(f for f in found if f["id"] == "two-content-lengths")
    raw = rows(tap.rung("show", "-T", "json", "--message", str(twice["message"]), broken))[0]["raw"]
    place = raw[twice["offset"]:twice["offset"] + twice["length"]]
    assert place == "Content-Length" and raw.index(place) < twice["offset"], place
    one = rows(tap.rung("lint", "-T", "json", "--message", "14", broken))
    assert {f["message"] for f in one} == {14} and len(one) > 3, one
    table = list(csv.DictReader(io.StringIO(tap.rung("lint", "-T", "csv", broken).stdout.decode())))
    assert [f["id"] for f in table] == [f["id"] for f in found], table
    dialog = rows(tap.rung("lint", "-T", "json", tap.SAMPLES / "retransmission.pcap"))
    assert [(f["id"], f["offset"]) for f in dialog] == [("timer-violation", None)], dialog
    worst = {"error": 1, "warning": 1, "note": 1}
    for severity, status in worst.items():
        expect(tap.rung("lint", "--fail-on", severity, broken), status)
        expect(tap.rung("lint", "--fail-on", severity, good), 0)
    notes = tap.SAMPLES / "retransmission.pcap"
    expect(tap.rung("lint", "--fail-on", "warning", notes), 0)
    done = expect(tap.rung("lint", "--fail-on", "note", notes), 1)
    assert b"lint found 1 of severity note or worse" in done.stderr, done.stderr
    expect(tap.rung("lint", "--fail-on", "fatal", good), 2)


def test_readme():
    """Commands after $ in README.md print what is shown after them; what fails says why."""
    readme = (tap.ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    \$ rung ([^\n]*)\n((?:    [^\n]*\n|\n)*?)(?=\n\S|    \$ )",
                       readme, re.M)
    assert len(shown) >= 4, shown
    for command, output in shown:
        done = tap.rung(*shlex.split(command), cwd=tap.ROOT)
        assert done.returncode == (1 if done.stderr else 0), (command, done.stderr)
        printed = textwrap.indent((done.stdout + done.stderr).decode(), "    ").rstrip("\n")
        assert printed == output.rstrip("\n"), (command, printed)


def test_hardened():
    """A release build: what the compiler and the linker do against faults in it."""
    if os.environ.get("RUNG_IS_HARDENED") != "1":
        raise tap.Skip("not a release build")
    if not shutil.which("readelf"):
        raise tap.Skip("readelf is not installed")
    said = subprocess.run(["readelf", "-W", "-h", "-l", "-d", "--dyn-syms", tap.program()],
                          capture_output=True, check=True).stdout.decode()
    for pattern in (r"Type: +DYN \(Position-Independent", r"GNU_RELRO", r"\((BIND_NOW|FLAGS\) +BIND_NOW)",
                    r"GNU_STACK .* RW ", r"__stack_chk_fail", r"__(memcpy|snprintf|vfprintf)_chk"):
        assert re.search(pattern, said), pattern


def test_loads_few_libraries():
    said = subprocess.run([tap.program()], env={**os.environ, "LD_TRACE_LOADED_OBJECTS": "1"},
                          capture_output=True, text=True, check=False).stdout
    if "libglib" not in said:
        raise tap.Skip("no loader that lists libraries")
    early = [name for name in ("curl", "archive", "microhttpd", "spandsp") if "lib" + name in said]
    assert not early, early


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
