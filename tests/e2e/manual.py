"""Every command line in README, the guide and the manual page does what it is there for: it is run
on a capture made for it, and its exit status and the kind of its output are compared.

Command lines after `$` in README, with their output, are compared in cli.py and chinese.py.
"""
import csv
import functools
import io
import json
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import tempfile

import live
import tap
from scenario import script

CALLS = 12  # the examples name calls up to this one

HEAD = """
endpoint alice 192.0.2.11:5060 user=alice name=Alice domain=example.com
endpoint trunk 192.0.2.1:5060 host=trunk.example.com
endpoint bob 198.51.100.20:5060 user=bob name=Bob domain=example.com
call r from=alice to=trunk to-uri=sip:alice@example.com uri=sip:example.com
+0.000 alice > trunk REGISTER
  Expires: 3600
+0.010 trunk > alice 200
  Contact: <sip:alice@192.0.2.11:5060>;expires=3600
"""
GOOD = """
endpoint caller 192.0.2.%d:5060 user=4930123 domain=example.com
call c%d from=caller to=bob
+1.000 caller > bob INVITE sdp
+0.100 bob > caller 180
+1.000 bob > caller 200 sdp
+0.010 caller > bob ACK
+0.010 rtp caller bob 100
+2.100 bob > caller BYE
+0.010 caller > bob 200
"""
BAD = """
endpoint caller 192.0.2.%d:5060 user=4930123 domain=example.com
call c%d from=caller to=bob
+1.000 caller > trunk INVITE sdp
+0.100 trunk > caller 503
+0.010 caller > trunk ACK
"""

# Commands that have nothing to say of that capture.
SILENT = {
    "rung calls -Y 'call.finding == enumeration or call.finding == toll-fraud' FILE",
    "rung calls -Y 'call.endpoints == 192.0.2.1 and call.outcome == unanswered' FILE",
    "rung messages -Y 'message.method and message.retransmission' FILE",
    "rung streams -Y 'stream.loss > 1 or stream.max_jitter > 50ms' FILE",
}

MAGIC = {".pcap": (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"), ".pcapng": (b"\x0a\x0d\x0d\x0a",),
         ".html": (b"<!DOCTYPE html>",), ".svg": (b"<svg ", b"<?xml"), ".zip": (b"PK\3\4",),
         ".wav": (b"RIFF",)}


@functools.cache
def capture():
    text = HEAD + "".join((BAD if n % 3 == 1 else GOOD) % (100 + n, n)
                          for n in range(1, CALLS + 1))
    return script.perform("manual", text).capture()


def help_of(*arguments):
    done = tap.rung("help", *arguments, "--lang", "en")
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def commands_of(text):
    """Command lines that are alone in their line, or follow a task; what explains them is cut."""
    for line in text.splitlines():
        found = re.match(r" +(?:\S.*? {2,})?(rung(?: .*)?)$", line)
        command = re.split(r" {2,}", found[1])[0] if found else ""
        if command not in ("", "rung") and "COMMAND" not in command.split() and "[" not in command:
            yield command


def examples_of_page():
    page = (pathlib.Path(tap.program()).parent / "share" / "rung.1").read_text(encoding="utf-8")
    for line in re.findall(r"^\\fB(rung .*)\\fR$", page, re.M):
        yield line.replace("\\-", "-").replace("\\(aq", "'").replace("\\(ha", "^")


def all_commands():
    """With the first place of each."""
    found = {}
    for name in "README.md", "README.zh_CN.md":
        for command in commands_of((tap.ROOT / name).read_text(encoding="utf-8")):
            found.setdefault(command, name)
    for topic in [], ["guide"], ["filter"]:
        for command in commands_of(help_of(*topic)):
            found.setdefault(command, " ".join(["help", *topic]))
    for command in examples_of_page():
        found.setdefault(command, "rung.1")
    return found


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def words_of(command, folder):
    """With names that there are on this machine, in that folder."""
    for name in "FILE", "before.pcap", "after.pcap", "capture.pcap":
        (folder / name).write_bytes(capture())
    (folder / "keys.log").write_bytes(b"")
    (folder / "sip.conf").write_bytes(b"")
    text = command.replace("FILE...", "FILE").replace("/var/lib/rung/", "")
    text = text.replace("/usr/local/bin/page", "/bin/true").replace("eth0", "lo")
    text = text.replace("0.0.0.0:9060", "127.0.0.1:%d" % free_port())
    (folder / "password").write_text("secret\n", encoding="utf-8")
    text = text.replace("/etc/rung/password", "password")
    text = text.replace("db.example.com:8123", "127.0.0.1:%d" % free_port())
    return shlex.split(text)[1:]


def captures(words):
    return bool({"-i", "-L", "--follow"} & set(words))


def run_live(words, folder):
    """Until it captures; then Ctrl-C."""
    folder.chmod(0o777)  # of root's rights it keeps none
    if "-i" in words:
        live.may_capture()
    with tap.running([tap.program(), *words], cwd=folder, stdin=subprocess.DEVNULL,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        live.wait_until_it_captures(program)
        assert program.poll() is None, program.stderr.read().decode()
        program.send_signal(signal.SIGINT)
        said = program.stderr.read().decode()
        assert program.wait(20) == 0, said


def fails_for_want_of_a_server(words, folder):
    """What it does with one is in clickhouse.py."""
    done = tap.rung(*words, cwd=folder)
    said = done.stderr.decode()
    assert done.returncode == 1 and ("ClickHouse at 127.0.0.1:" in said or "libcurl" in said), said


def check_file(path):
    """Files of a ring have the time in their names."""
    made = [path] if path.exists() else sorted(path.parent.glob(path.stem + "*" + path.suffix))
    assert made, "no %s" % path.name
    if path.is_dir():
        assert list(path.iterdir()), "nothing in %s" % path.name
        return
    magic = MAGIC.get(path.suffix)
    assert not magic or made[0].read_bytes().startswith(magic), (path.name,
                                                                 made[0].read_bytes()[:20])


def check_output(words, text):
    kind = words[words.index("-T") + 1] if "-T" in words else "text"
    if kind == "json":
        assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
    elif kind == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert len({len(row) for row in rows}) == 1 and len(rows[0]) > 1, rows[0]
    elif kind == "markdown":
        assert text.startswith("#"), text[:80]
    assert "\033" not in text and "FILE:" not in text, text[:200]


def does_what_it_says(command):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        words = words_of(command, folder)
        outputs = [words[i + 1] for i, word in enumerate(words)
                   if word in ("-w", "--bundle", "--audio", "--sipp")]
        if captures(words):
            run_live(words, folder)
        elif words[0] == "push" or "clickhouse://" in command:
            fails_for_want_of_a_server(words, folder)
        else:
            done = tap.rung(*words, cwd=folder)
            assert done.returncode == 0, done.stderr.decode()
            text = done.stdout.decode()
            rows = text.splitlines()[1:] if words[0] in ("calls", "messages", "streams") else text
            is_silent = command in SILENT or bool(outputs)
            assert is_silent != bool(rows), text[:400]
            check_output(words, text)
        for output in outputs:
            check_file(folder / output)


def every_place_has_some():
    """So that a change of layout does not leave them out."""
    places = list(all_commands().values())
    guide = set(commands_of(help_of("guide")))
    assert places.count("README.md") > 30, places
    assert len(guide) == 10 and guide <= set(commands_of(help_of())), guide
    assert set(examples_of_page()) == guide, guide ^ set(examples_of_page())
    assert set(commands_of((tap.ROOT / "README.md").read_text(encoding="utf-8"))) >= guide
    assert SILENT <= set(all_commands()), SILENT - set(all_commands())


def tests():
    return [("every place has some", every_place_has_some)] + [
        ("%s: %s" % (place, command), functools.partial(does_what_it_says, command))
        for command, place in all_commands().items()]
