"""A capture file that grows while it is read (--follow, W), and one that is read again (L)."""
import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time

import tap
from pty_session import Session


def packets_of(name):
    """The header of a capture, then its packets."""
    data = (tap.SAMPLES / name).read_bytes()
    parts, at = [data[:24]], 24
    while at < len(data):
        end = at + 16 + int.from_bytes(data[at + 8:at + 12], "little")
        parts.append(data[at:end])
        at = end
    return parts


class Growing:
    """A capture file that gets its packets one after the other."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, "grows.pcap")
        self.parts = packets_of(name)
        self.written = 0
        open(self.path, "wb").close()
        self.write(1)

    def write(self, count=None):
        end = len(self.parts) if count is None else self.written + count
        with open(self.path, "ab") as file:
            file.write(b"".join(self.parts[self.written:end]))
        self.written = end


@contextlib.contextmanager
def growing(name):
    with tempfile.TemporaryDirectory() as folder:
        yield Growing(folder, name)


def read_lines(process, wanted, seconds=10):
    text, end = b"", time.monotonic() + seconds
    while text.count(b"\n") < wanted and time.monotonic() < end:
        if select.select([process.stdout], [], [], 0.1)[0]:
            text += os.read(process.stdout.fileno(), 65536)
    return text.splitlines()


def test_messages_come_as_they_are_written():
    with growing("failed.pcap") as capture:
        with tap.running([tap.program(), "messages", "-T", "json", "--follow", capture.path],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for count in (1, 3, 2):
                capture.write(count)
                assert len(read_lines(process, count)) == count
            capture.write()
            rest = read_lines(process, len(capture.parts) - 7)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0, process.stderr.read()
        whole = tap.rung("messages", "-T", "json", tap.SAMPLES / "failed.pcap").stdout.splitlines()
        assert rest == whole[6:]


def test_pipe_that_is_written_again():
    """By one program after another, each with a file header of its own."""
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, "pipe")
        os.mkfifo(pipe)
        with tap.running([tap.program(), "messages", "-T", "json", "--follow", pipe],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for name in "failed.pcap", "basic.pcap", "failed.pcap":
                whole = tap.rung("messages", "-T", "json", tap.SAMPLES / name).stdout.splitlines()
                with open(pipe, "wb") as file:
                    file.write((tap.SAMPLES / name).read_bytes())
                assert len(read_lines(process, len(whole))) == len(whole), name
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0, process.stderr.read()


def test_calls_are_what_the_whole_file_says():
    """Though each row is printed when its call is over."""
    for name in "failed.pcap", "auth.pcap", "redirect.pcap":
        with growing(name) as capture:
            with tap.running([tap.program(), "calls", "-T", "json", "--follow", capture.path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                capture.write()
                time.sleep(1)
                process.send_signal(signal.SIGINT)
                followed = process.communicate(timeout=10)[0]
                assert process.returncode == 0
        whole = tap.rung("calls", "-T", "json", tap.SAMPLES / name).stdout
        rows = [sorted(map(json.loads, text.splitlines()), key=lambda row: row["call"])
                for text in (followed, whole)]
        assert rows[0] == rows[1], name


def test_stats_know_no_drops():
    with growing("basic.pcap") as capture:
        capture.write()
        with tap.running([tap.program(), "stats", "-T", "json", "--follow", capture.path],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            output, said = process.communicate(timeout=10)
    assert process.returncode == 0 and said == b"", said
    assert json.loads(output)["dropped_packets"] is None


def test_replaced_file_is_reported():
    with growing("basic.pcap") as capture:
        with tap.running([tap.program(), "messages", "--follow", capture.path],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            capture.write(1)
            assert len(read_lines(process, 1)) == 1
            os.truncate(capture.path, 0)
            assert process.wait(10) == 1
            assert b"no longer followed: the file was truncated" in process.stderr.read()


def test_wrong_use():
    basic = str(tap.SAMPLES / "basic.pcap")
    for files in ([], [basic, basic], ["-"], ["-i", "lo"]):
        done = tap.rung("calls", "--follow", *files)
        assert done.returncode == 2, files
        assert b"--follow needs exactly one capture file" in done.stderr, done.stderr


def test_screen_follows():
    """The list and the ladder; the duration of a call that is up counts on."""
    with growing("ringing.pcap") as first, growing("basic.pcap") as capture:
        with Session("--follow", capture.path, size=(120, 24)) as session:
            session.expect("following: no SIP")
            capture.write(3)
            session.expect("ringing")
            capture.write(2)
            session.expect(r"in-call +200 +1 s")
            session.expect(r"in-call +200 +2 s")
            session.send("Enter")
            session.expect(r"call 1 in-call, 3 s")
            capture.write()
            session.expect(r"call 1 answered, 5\.6 s")
            session.expect("BYE")
            session.send("Esc")
            session.expect("completed")
            os.replace(first.path, capture.path)
            session.expect("no longer followed: the file was replaced")
            session.send("L")
            session.expect("following.* 0 calls")
            session.send("q")
            assert session.wait() == 1, "the line about the file is printed again"


def test_keys_follow_and_read_again():
    """W begins to follow, and ends it; L reads the file as it is now.  The filter stays."""
    with growing("failed.pcap") as capture:
        capture.write(3)
        with Session(capture.path) as session:
            session.expect("1 call")
            session.send("/", "failed", "Enter")
            session.expect("Filter: failed")
            capture.write(7)
            session.send("L")
            session.expect("2 calls")
            session.expect("Filter: failed")
            session.send("W")
            session.expect("following")
            capture.write()
            session.expect("4 calls")
            session.send("W")
            session.expect("ended")
            session.send("q")
            assert session.wait() == 0
            assert session.is_sane()


def test_reading_again_fails():
    """What was read stays."""
    with growing("failed.pcap") as capture:
        capture.write()
        with Session(capture.path) as session:
            session.expect("4 calls")
            os.remove(capture.path)
            session.send("L")
            session.expect("No such file")
            session.expect("4 calls")
            session.send("q")
            assert session.wait() == 0


def tests():
    return [("follow: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
