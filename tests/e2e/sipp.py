"""`save --sipp`: sipp plays both sides of calls against each other, and the capture of that has the
same ladder.

All calls are played at the same time, in a network of their own, each at ports of its own.
"""
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import live
import tap

PLAYED = ["auth", "basic", "busy", "cancel", "chain", "failed", "fork", "proxies", "refer",
          "reinvite", "retransmission", "ringing", "tcp-split", "unanswered"]
SECONDS_MAX = 60
FIRST_PORT = 20000


def rows(command, *arguments):
    done = tap.rung(command, "-T", "json", *arguments)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ladder(capture, call):
    """(is from the caller, method or status, method of CSeq) of each message of the call between
    the ends of its first message, whatever their ports; without copies."""
    messages = [row for row in rows("messages", "--call", call, capture)
                if not row["retransmission"] and not row["duplicate"]]
    hosts = [messages[0][end].rpartition(":")[0] for end in ("src", "dst")]
    names = {end: end if hosts[0] == hosts[1] else end.rpartition(":")[0]
             for row in messages for end in (row["src"], row["dst"])}
    ends = [names[messages[0]["src"]], names[messages[0]["dst"]]]
    return [(names[row["src"]] == ends[0], row["method"] or str(row["status"]), row["cseq_method"])
            for row in messages if {names[row["src"]], names[row["dst"]]} == set(ends)]


def sipp(*words, folder, **options):
    return subprocess.Popen(["sipp", "-m", "1", "-nostdin", "-default_behaviors", "none", "-i",
                             "127.0.0.1", *map(str, words)],
                            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, **options)


def wait(process, end):
    """Its exit code; None if it did not end."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(end - time.monotonic(), 0.1))
    return process.returncode


def play(plays):
    """[(folder, stem, transport)]: ports of the callers and exit codes; all at the same time."""
    with contextlib.ExitStack() as stack:
        def start(*words, folder):
            process = sipp(*words, folder=folder)
            stack.callback(process.kill)
            return process
        servers = [start("-sf", stem + "-uas.xml", "-p", FIRST_PORT + 10 * i, "-t", transport,
                         "-mp", 30000 + 20 * i, folder=folder)
                   for i, (folder, stem, transport) in enumerate(plays)]
        time.sleep(1)
        clients = [start("-sf", stem + "-uac.xml", "-p", FIRST_PORT + 10 * i + 5, "-t", transport,
                         "-mp", 40000 + 20 * i, "127.0.0.1:%d" % (FIRST_PORT + 10 * i),
                         folder=folder)
                   for i, (folder, stem, transport) in enumerate(plays)]
        end = time.monotonic() + SECONDS_MAX
        return [(wait(client, end), wait(server, end))
                for client, server in zip(clients, servers)]


@contextlib.contextmanager
def captured(path):
    with tap.running([tap.program(), "save", "-i", "lo", "-w", path], stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
        live.wait_until_it_captures(program)
        yield
        time.sleep(0.3)
        program.send_signal(signal.SIGINT)
        said = program.communicate(timeout=20)[1].decode()
        assert program.returncode == 0 and " 0 dropped" in said, said


def transport_of(script):
    return re.search(r"-t (\w+)", pathlib.Path(script).read_text("ascii")).group(1)


def prepare(folder, names):
    """[(sample, call, folder, stem, transport)] of all calls of these samples."""
    prepared = []
    for name in names:
        into = pathlib.Path(folder, pathlib.Path(name).stem)
        done = tap.rung("save", "--sipp", into, name)
        assert done.returncode == 0, (name, done.stderr.decode())
        for script in sorted(into.glob("*.sh")):
            assert os.access(script, os.X_OK)
            call = int(script.stem.rpartition("-")[2])
            prepared.append((name, call, into, script.stem, transport_of(script)))
    return prepared


def compare(prepared, codes, replay):
    """The ladder of each replay is that of its call."""
    ports = {}
    for row in rows("calls", replay):
        for end in row["endpoints"]:
            ports.setdefault(int(end.rpartition(":")[2]), row["call"])
    faults = []
    for i, ((name, call, _, _, transport), code) in enumerate(zip(prepared, codes)):
        port = FIRST_PORT + 10 * i
        wanted = ladder(name, call)
        found = [step for number in [ports.get(port)] if number
                 for step in of_replay(replay, number, port)]
        if found != wanted or code != (0, 0):
            faults.append("%s, call %d, %s: exit %r\n  %r\n  %r" % (
                pathlib.Path(name).name, call, transport, code, wanted, found))
    return faults


def of_replay(replay, number, port):
    """The server's port is known; that of a client over TCP is any."""
    messages = [row for row in rows("messages", "--call", number, replay)
                if not row["retransmission"] and not row["duplicate"]]
    return [(row["dst"].endswith(":%d" % port), row["method"] or str(row["status"]),
             row["cseq_method"]) for row in messages]


def replay(names):
    """What is not alike."""
    live.may_capture()
    if not shutil.which("sipp"):
        raise tap.Skip("sipp is not installed")
    with tempfile.TemporaryDirectory() as folder, live.own_network("link set lo up"):
        prepared = prepare(folder, names)
        path = pathlib.Path(folder, "replay.pcap")
        with captured(path):
            codes = play([row[2:] for row in prepared])
        return len(prepared), compare(prepared, codes, path)


def test_samples():
    count, faults = replay([tap.SAMPLES / (name + ".pcap") for name in PLAYED])
    assert count > len(PLAYED) and not faults, "\n".join(faults)


@functools.cache
def scenarios(name, *arguments):
    """{name: text} of a sample."""
    with tempfile.TemporaryDirectory() as folder:
        done = tap.rung("save", "--sipp", folder, *arguments, tap.SAMPLES / (name + ".pcap"))
        assert done.returncode == 0, done.stderr.decode()
        return {path.name: path.read_text("latin-1") for path in pathlib.Path(folder).iterdir()}


def test_what_is_live():
    """No address, tag, branch, Call-ID or nonce of the call is in its scenarios."""
    written = scenarios("auth")
    for name, text in written.items():
        for gone in ("192.0.2.", "z9hG4bK", "376cb89f12f2c02d"):
            assert gone not in text, (name, gone)
    assert "[authentication username=alice password=replay]" in written["call-1-uac.xml"]
    assert 'auth="true"' in written["call-1-uac.xml"]
    assert "[branch-" in scenarios("cancel")["call-1-uac.xml"]
    assert "[media_port+0]" in scenarios("basic")["call-1-uas.xml"]


def test_hostile():
    """Nothing of a message is taken for a keyword, an element or the end of a text."""
    text = "INVITE sip:bob@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n" \
        "From: \"[pid] ]]>\\x41\" <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\n" \
        "CSeq: 1 INVITE\r\nSubject: one\r\n two [$tag1]\r\nContent-Type: text/plain\r\n" \
        "Content-Length: 17\r\n\r\n ]]></scenario>\n["
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "hostile.txt")
        path.write_text("2026/01/02 03:04:05.000000 192.0.2.1:5060 -> 192.0.2.2:5060\n" + text +
                        "\n\n", "latin-1", newline="")
        done = tap.rung("save", "--sipp", folder, path)
        assert done.returncode == 0, done.stderr.decode()
        made = pathlib.Path(folder, "call-1-uac.xml").read_text("latin-1")
    assert made.count("]]>") == 1 and made.count("</scenario>") == 2, made
    assert '"\\x5bpid\\x5d \\x5d\\x5d>\\x5cx41"' in made, made
    assert "Subject: one two \\x5b$tag1\\x5d" in made, made
    assert "\n\\x20\\x5d\\x5d></scenario>\n\\x5b\n" in made, made


def test_what_cannot_be_played():
    """A call that begins with a response is reported; the others are written."""
    with tempfile.TemporaryDirectory() as folder:
        done = tap.rung("save", "--sipp", folder, tap.SAMPLES / "midway.pcap")
        assert done.returncode == 1 and "call 2 cannot be played" in done.stderr.decode()
        assert {name[:6] for name in os.listdir(folder)} == {"call-1", "call-3"}
        made = pathlib.Path(folder, "call-1-uac.xml").read_text("latin-1")
        tags = re.findall(r"To: .*;tag=(.*)", made)
        assert "$" not in tags[0] and tags[1:] == ["[$tag2]"] * 2, made  # not received before


def test_files():
    """An existing file stays; a folder that cannot be made, and wrong options."""
    with tempfile.TemporaryDirectory() as folder:
        into = pathlib.Path(folder, "new")
        basic = tap.SAMPLES / "basic.pcap"
        assert tap.rung("save", "--sipp", into, basic).returncode == 0
        names = ["call-1-uac.xml", "call-1-uas.xml", "call-1.sh"]
        assert sorted(os.listdir(into)) == names
        done = tap.rung("save", "--sipp", into, basic)
        assert done.returncode == 1 and "use --force" in done.stderr.decode(), done.stderr
        assert tap.rung("save", "--force", "--sipp", into, basic).returncode == 0
        done = tap.rung("save", "--sipp", into / "call-1.sh", basic)
        assert done.returncode == 1 and "cannot make the folder" in done.stderr.decode()
        for arguments in (("-w", "x.pcap"), ("--anonymize",), ("--with-media",)):
            assert tap.rung("save", "--sipp", into, *arguments, basic).returncode == 2, arguments
        assert sorted(os.listdir(into)) == names


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
