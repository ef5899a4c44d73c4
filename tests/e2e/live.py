"""Capture on the loopback interface, if permitted."""
import collections
import contextlib
import ctypes
import ipaddress
import json
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import cases
import pty_session
import tap
from scenario import wire

# Of this process alone, so that two runs at once do not see each other's messages.
RECEIVER = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
RECEIVER.bind(("127.0.0.1", 0))
PORT = RECEIVER.getsockname()[1]
NOISE = socket.create_server(("127.0.0.1", 0))
MESSAGE = ("OPTIONS sip:bob@example.com SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK%d\r\n"
           "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\n"
           "To: <sip:bob@example.com>\r\n"
           "Call-ID: live-%d@example.com\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")


def may_capture():
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except (OSError, AttributeError) as why:
        raise tap.Skip("no permission to capture") from why


def send(first, count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        for number in range(first, first + count):
            sender.sendto((MESSAGE % (number, number)).encode(), ("127.0.0.1", PORT))


def read_until(process, wanted, seconds):
    """What the program wrote until `wanted` lines with an own Call-ID are there."""
    text, end = b"", time.monotonic() + seconds
    while text.count(b"live-") < wanted and time.monotonic() < end:
        if select.select([process.stdout], [], [], 0.1)[0]:
            text += os.read(process.stdout.fileno(), 65536)
    return text


def start(*arguments):
    """The program, once it sees what is sent: probes are sent until a row comes."""
    process = subprocess.Popen([tap.program(), *arguments], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    for _ in range(100):
        send(0, 1)
        if read_until(process, 1, 0.2) or process.poll() is not None:
            break
    return process


def test_rows_come_while_it_runs():
    may_capture()
    process = start("messages", "-i", "lo", "-f", "udp port %d" % PORT, "-T", "json")
    try:
        send(1, 20)
        rows = [json.loads(x) for x in read_until(process, 20, 10).splitlines()]
        rows = [r for r in rows if r["call_id"] != "live-0@example.com"]
        assert [r["call_id"] for r in rows] == ["live-%d@example.com" % n for n in range(1, 21)]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, process.stderr.read().decode()
        assert "dropped" in process.stderr.read().decode(), "lost packets are reported"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_display_filter():
    """Applied to each message as it comes, with its call as it is by then."""
    may_capture()
    process = start("messages", "-i", "lo", "-f", "udp port %d" % PORT, "-T", "json", "-Y",
                    "call.messages == 1 and call.id matches \"^live-(0|\\d*5)@\" or live-0@")
    try:
        send(1, 20)
        text, end = b"", time.monotonic() + 10
        while b"live-15@" not in text and time.monotonic() < end:
            text += read_until(process, 1, 1)
        rows = [json.loads(x)["call_id"] for x in text.splitlines()]
        rows = [call_id for call_id in rows if call_id != "live-0@example.com"]
        assert rows == ["live-5@example.com", "live-15@example.com"], rows
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, process.stderr.read().decode()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_slow_reader():
    """Nothing is lost while standard output is not read: far more than a pipe, the batches on their
    way and the buffer of the kernel can hold."""
    may_capture()
    count = 100000
    process = start("messages", "-i", "lo", "-f", "udp port %d" % PORT, "-T", "json")
    try:
        for first in range(1, count + 1, 1000):
            send(first, 1000)
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, said = process.communicate(timeout=60)
        found = {json.loads(row)["call_id"] for row in output.splitlines()}
        assert " 0 dropped" in said.decode(), said
        assert process.returncode == 0, said
        missing = {"live-%d@example.com" % n for n in range(1, count + 1)} - found
        assert not missing, (len(missing), said)
    finally:
        process.kill()
        process.wait()


def test_reader_that_goes():
    """Ends the program, also when nothing was read for long."""
    may_capture()
    process = start("messages", "-i", "lo", "-f", "udp port %d" % PORT, "-T", "json")
    try:
        send(1, 2000)
        process.stdout.close()
        for _ in range(100):
            send(1, 1)
            if process.poll() is not None:
                break
            time.sleep(0.05)
        assert process.wait(1) == 0, process.stderr.read().decode()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def end_by(number):
    """What was sent before the signal is reported, though the program had not read it yet."""
    process = start("messages", "-i", "lo", "-f", "udp port %d" % PORT, "-T", "json")
    try:
        send(1, 20)
        process.send_signal(number)
        rows = [json.loads(x) for x in process.communicate(timeout=10)[0].splitlines()]
        assert process.returncode == 0, "signal %d: %d" % (number, process.returncode)
        seen = {r["call_id"] for r in rows}
        assert not {"live-%d@example.com" % n for n in range(1, 21)} - seen, seen
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def wait_until_it_captures(process):
    """From then on it blocks signals."""
    for _ in range(200):
        with open("/proc/%d/status" % process.pid, encoding="ascii") as status:
            blocked = next(line.split()[1] for line in status if line.startswith("SigBlk:"))
        if int(blocked, 16) >> (signal.SIGINT - 1) & 1 or process.poll() is not None:
            break
        time.sleep(0.05)


def test_save():
    """What was chosen of all messages before the signal, the last ones included."""
    may_capture()
    for choice, wanted in ([], set(range(21))), (["-Y", 'call.id contains "live-7@"'], {7}):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.pcap")
            with tap.running([tap.program(), "save", "-i", "lo", "-f", "udp port %d" % PORT,
                              "-w", path, *choice], stderr=subprocess.PIPE) as process:
                wait_until_it_captures(process)
                send(0, 21)
                process.send_signal(signal.SIGINT)
                said = process.stderr.read().decode()
                assert process.wait(10) == 0, said
            found = saved(path)
        assert sorted(found) == sorted("live-%d@example.com" % n for n in wanted), (choice, found)


def exchange(number, status):
    """A request and its response."""
    request = (MESSAGE % (number, number)).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        client.sendto(request, ("127.0.0.1", PORT))
        head = b"SIP/2.0 " + status + b"\r\n"
        RECEIVER.sendto(head + request.split(b"\r\n", 1)[1], client.getsockname())


def saved(path):
    """The Call-IDs of the messages in a capture that can be read as a whole, in order."""
    done = tap.rung("messages", "-T", "json", path)
    if done.returncode != 0:  # empty so far
        return []
    return [json.loads(row)["call_id"] for row in done.stdout.splitlines()]


def saved_when_killed(path, choice, wanted, send_all):
    """Messages of `wanted` are in the file while the capture goes on, and when it is killed."""
    wanted = sorted("live-%d@example.com" % n for n in wanted)
    with tap.running([tap.program(), "save", "-i", "lo", "-f", "udp port %d" % PORT,
                      "-w", path, *choice], stderr=subprocess.PIPE) as process:
        wait_until_it_captures(process)
        send_all()
        end = time.monotonic() + 10
        while sorted(saved(path)) != wanted and time.monotonic() < end:
            time.sleep(0.2)
        process.kill()
        process.wait(10)
    assert sorted(saved(path)) == wanted, (choice, saved(path))


def test_save_writes_as_it_comes():
    """Also calls that are selected by what becomes of them, and packets that came before."""
    def exchanges():
        for number in range(1, 7):
            exchange(number, b"200 OK" if number % 2 else b"404 Not Found")
    may_capture()
    twice = [n for n in range(1, 7) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        for i, (choice, wanted) in enumerate((
                ([], twice), (["-Y", 'call.id contains "live-4@"'], [4, 4]),
                (["-Y", "message.status == 404"], [2, 2, 4, 4, 6, 6]),
                (["-Y", "call.outcome == failed"], [2, 2, 4, 4, 6, 6]),
                (["-Y", "!(message.status == 404)"], [1, 1, 3, 3, 5, 5]))):
            for ending in ("pcap", "pcapng"):
                path = os.path.join(folder, "%d.%s" % (i, ending))
                saved_when_killed(path, choice, wanted, exchanges)
        assert len(os.listdir(folder)) == 10, os.listdir(folder)


SDP = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio %d RTP/AVP 0\r\n")


class CallWithMedia:
    """An INVITE, its 200, and RTP to where the INVITE wants it."""

    def __init__(self, number):
        self.number, self.sent = number, 0
        self.caller, self.media = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                                   for _ in range(2))
        for end in self.caller, self.media:
            end.bind(("127.0.0.1", 0))
        self.port = self.media.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.caller.close()
        self.media.close()

    def invite(self):
        head = (MESSAGE % (self.number, self.number)).replace("OPTIONS", "INVITE").encode()
        sdp = (SDP % self.port).encode()
        head = head.replace(b"Content-Length: 0\r\n", b"Content-Type: application/sdp\r\n"
                            b"Content-Length: %d\r\n" % len(sdp)) + sdp
        self.caller.sendto(head, ("127.0.0.1", PORT))
        RECEIVER.sendto(b"SIP/2.0 200 OK\r\n" + head.split(b"\r\n", 1)[1],
                        self.caller.getsockname())

    def talk(self, packets):
        for n in range(self.sent, self.sent + packets):
            RECEIVER.sendto(struct.pack(">BBHII", 0x80, 0, n, 160 * n, self.number) + bytes(160),
                            ("127.0.0.1", self.port))
        self.sent += packets


def call_with_media(number, packets):
    """After segments of TCP, which are held back while they might still become SIP."""
    with CallWithMedia(number) as call, socket.create_connection(NOISE.getsockname()) as noise:
        noise.sendall(b"SSH-2.0-noise\r\n")
        call.invite()
        call.talk(packets)


def saved_rtp(path):
    done = tap.rung("streams", "-T", "json", path)
    if done.returncode != 0:
        return {}
    return {int(row["ssrc"], 16): row["packets"]
            for row in map(json.loads, done.stdout.splitlines())}


def test_save_writes_media_as_they_come():
    """Of calls that are selected, so that they are there when the capture is killed."""
    may_capture()
    ours = "udp port %d or tcp port %d" % (PORT, NOISE.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        for choice, wanted in (([], {1: 30, 2: 40}),
                               (["-Y", 'call.id contains "live-2@"'], {2: 40}),
                               (["-Y", "message.status == 200"], {1: 30, 2: 40})):
            path = os.path.join(folder, "%d.pcap" % len(os.listdir(folder)))
            with tap.running([tap.program(), "save", "-i", "lo", "-f", ours, "--with-media",
                              "-w", path, *choice], stderr=subprocess.PIPE) as process:
                wait_until_it_captures(process)
                call_with_media(1, 30)
                call_with_media(2, 40)
                end = time.monotonic() + 10
                while saved_rtp(path) != wanted and time.monotonic() < end:
                    time.sleep(0.2)
                process.kill()
                process.wait(10)
            assert saved_rtp(path) == wanted, (choice, saved_rtp(path))
            assert len(saved(path)) == 2 * len(wanted), (choice, saved(path))


def test_save_killed_before_a_packet():
    """What it leaves is a capture without packets."""
    may_capture()
    with tempfile.TemporaryDirectory() as folder:
        for name in "out.pcap", "out.pcapng":
            path = os.path.join(folder, name)
            with tap.running([tap.program(), "save", "-i", "lo", "-f", "udp port %d" % PORT,
                              "-w", path], stderr=subprocess.PIPE) as process:
                wait_until_it_captures(process)
                time.sleep(0.3)
                process.kill()
                process.wait(10)
            done = tap.rung("stats", "-T", "json", path)
            assert done.returncode == 0 and json.loads(done.stdout)["packets"] == 0, done.stderr


def test_save_does_not_overwrite():
    may_capture()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "out.pcap")
        path.write_bytes(b"precious")
        done = tap.rung("save", "-i", "lo", "-w", path)
        assert done.returncode == 1 and b"exists; use --force" in done.stderr, done.stderr
        assert path.read_bytes() == b"precious"
        saved_when_killed(str(path), ["--force"], [1], lambda: send(1, 1))
        assert os.listdir(folder) == ["out.pcap"]


def test_report_to_a_file():
    """Its rows are there as they come, unless they would replace a file that is complete."""
    may_capture()
    for old in (None, b"precious"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "out")
            if old:
                path.write_bytes(old)
            with tap.running([tap.program(), "messages", "-i", "lo", "-f",
                              "udp port %d" % PORT, "-T", "json", "-w", path],
                             stderr=subprocess.PIPE) as process:
                wait_until_it_captures(process)
                send(1, 5)
                end = time.monotonic() + 10
                while not old and path.read_bytes().count(b"live-") < 5 and time.monotonic() < end:
                    time.sleep(0.1)
                time.sleep(0.5)
                assert path.read_bytes() == old or path.read_bytes().count(b"live-") == 5
                process.send_signal(signal.SIGINT)
                assert process.wait(10) == 0, process.stderr.read().decode()
            assert path.read_bytes().count(b"live-") == 5 and os.listdir(folder) == ["out"]


def spooled(process):
    """Bytes in temporary files of the program."""
    size = 0
    for fd in os.listdir("/proc/%d/fd" % process.pid):
        path = "/proc/%d/fd/%s" % (process.pid, fd)
        with contextlib.suppress(FileNotFoundError):  # closed since
            if "/rung-" in os.readlink(path):
                size += os.stat(path).st_size
    return size


def on_disk(process):
    """What its temporary files take there, each of which may be open more than once."""
    sizes = {}
    for fd in os.listdir("/proc/%d/fd" % process.pid):
        path = "/proc/%d/fd/%s" % (process.pid, fd)
        with contextlib.suppress(FileNotFoundError):  # closed since
            status = os.stat(path)
            if "/rung-" in os.readlink(path):
                sizes[status.st_ino] = status.st_blocks * 512
    return sum(sizes.values())


def test_spool_is_used_again():
    """Far more than --max-disk is captured; what went to the file is complete all the same."""
    may_capture()
    count, limit = 2500, 2 << 20
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcap")
        with tap.running([tap.program(), "save", "-i", "lo", "-f", "udp port %d" % PORT, "-w", path,
                          "-Y", "call.outcome == answered", "--max-disk", "2M"],
                         stderr=subprocess.PIPE) as process:
            wait_until_it_captures(process)
            most = 0
            for number in range(1, count + 1):
                exchange(number, b"200 OK\r\nX-Padding: " + b"x" * 900)
                if number % 50 == 0:
                    most = max(most, on_disk(process))
                    time.sleep(0.1)
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=20)[1].decode()
        assert "discarded" in said and "limit of" not in said, said
        assert most <= limit, most
        found = collections.Counter(saved(path))
        assert found == {"live-%d@example.com" % n: 2 for n in range(1, count + 1)}, (
            len(found), sum(found.values()), said)


def test_only_sip_is_spooled():
    """And what is no SIP only where media are to be saved."""
    may_capture()
    for words, least, most in ((["save", "-w", "/dev/null"], 15000, 60000),
                               (["save", "-w", "/dev/null", "--with-media"], 1200000, 4000000),
                               (["calls"], 10000, 30000), (["stats"], 0, 0)):
        with tap.running([tap.program(), *words, "-i", "lo", "-f", "udp port %d" % PORT],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            wait_until_it_captures(process)
            for number in range(60):
                send(number, 1)
                for _ in range(20):
                    sender.sendto(b"\x80\0" + bytes(998), ("127.0.0.1", PORT))
            end = time.monotonic() + 10
            while spooled(process) < least and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(0.5)
            size = spooled(process)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0, process.stderr.read().decode()
        assert least <= size <= most, (words, size)


def test_signals_end_it():
    may_capture()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        end_by(number)


VETH = ("link add one type veth peer name two", "link set one up")


@contextlib.contextmanager
def own_network(*commands):
    """A network namespace for the test, set up with `ip`."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_network = 0x40000000
    with open("/proc/self/ns/net", "rb") as before:
        if not shutil.which("ip") or libc.unshare(new_network) != 0:
            raise tap.Skip("no permission for a network namespace, or no ip(8)")
        try:
            for command in commands:
                if subprocess.run(["ip", *command.split()], check=False).returncode != 0:
                    raise tap.Skip("cannot create interfaces here")
            yield
        finally:
            libc.setns(before.fileno(), new_network)


def packet(number):
    """An Ethernet frame with a message of its own call."""
    src, dst = ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("192.0.2.2")
    message = (MESSAGE % (number, number)).encode()
    return wire.ethernet(wire.ip(src, dst, wire.PROTO_UDP,
                                 wire.udp((src, 5060), (dst, 5060), message)))


def send_frame(interface, frame):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((interface, 0))
        sender.send(frame)


def wait_for_calls(process, *numbers):
    """Rows of calls that come, in JSON."""
    wanted = {"live-%d@example.com" % number for number in numbers}
    end = time.monotonic() + 10
    while wanted and time.monotonic() < end:
        for row in read_until(process, 1, 0.5).splitlines():
            wanted.discard(json.loads(row)["call_id"])
    assert not wanted, wanted


def test_interface_comes_back():
    """Set down and up, removed and made again: the capture goes on, without any rights."""
    must_be_root()
    command = [tap.program(), "messages", "-T", "json", "-i", "one", "-Z", "nobody"]
    for gone, again in ((["link set one down"], ["link set one up"]),
                        (["link delete one"], [*VETH, "link set two up"])):
        with own_network(*VETH, "link set two up"):
            with tap.running(command, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE) as process:
                wait_until_it_captures(process)
                send_frame("two", packet(1))
                wait_for_calls(process, 1)
                for words in gone:
                    subprocess.run(["ip", *words.split()], check=True)
                time.sleep(1)
                for words in again:
                    subprocess.run(["ip", *words.split()], check=True)
                time.sleep(1.5)
                send_frame("two", packet(2))
                wait_for_calls(process, 2)
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=10)[1].decode()
                assert process.returncode == 1, said
                assert "rung: one: the interface went away; waiting for it\n" in said, said
                assert "rung: one: the interface is back\n" in said, said


def test_several_interfaces():
    """Each has its own counts, on the screen and at the end."""
    must_be_root()
    links = ("link add three type veth peer name four", "link set two up", "link set three up",
             "link set four up")
    with own_network(*VETH, *links), pty_session.Session(
            "--no-config", "-i", "one,three", size=(120, 50)) as session:
        session.expect("live one .1")
        for number in range(5):
            send_frame("two", packet(number))
        for number in range(5, 8):
            send_frame("four", packet(number))
        session.expect("8 calls")
        session.send("i")
        session.expect("Interfaces")
        session.expect(r"(?s) one\b.* dropped +0\b.* three\b.* dropped +0\b")
        session.process.send_signal(signal.SIGSTOP)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind(("four", 0))
            filler = packet(9) + bytes(1000)
            for _ in range(60000):
                sender.send(filler)
        session.process.send_signal(signal.SIGCONT)
        session.expect(r"(?s) one\b.* dropped +0\b.* three\b.* dropped +[1-9]", 30)
        session.send("q", "q", "y")
        assert session.wait(30) == 1
        assert re.search(rb"dropped by the kernel; three: [1-9]", session.raw), session.raw[-500:]


def test_lost_interface():
    """The loss of one is said at once and at the end; it is waited for."""
    may_capture()
    options = {"size": (100, 12), "term": "xterm-256color"}
    with own_network("link set lo up", *VETH):
        with pty_session.Session("-i", "one,lo", "-f", "udp port %d" % PORT, **options) as session:
            session.expect("live one")
            subprocess.run(["ip", "link", "delete", "one"], check=True)
            session.expect("one: the interface went away")
            send(1, 1)
            session.expect("1 call ")
            session.send("q", "y")
            assert session.wait() == 1
            assert b"rung: one: the interface went away" in session.raw
    with own_network(*VETH):
        with pty_session.Session("-q", "-i", "one", **options) as session:
            session.expect("live one")
            subprocess.run(["ip", "link", "delete", "one"], check=True)
            session.expect("one: the interface went away")
            session.send("q", "y")
            assert session.wait() == 1
            assert session.raw.count(b"rung: one: the interface went away") == 1, "even with -q"


def test_snapshot_length_and_promiscuous_mode():
    """-s cuts packets, which is seen; -p leaves the device as it is."""
    must_be_root()
    for words, promiscuity in ([], 1), (["-p"], 0):
        with own_network(*VETH, "link set two up"), tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.pcap")
            with tap.running([tap.program(), "save", "-i", "one", "-s", "100", "-w", path,
                              "-Z", "root", *words], stderr=subprocess.PIPE) as process:
                wait_until_it_captures(process)
                found = subprocess.run(["ip", "-d", "link", "show", "one"], capture_output=True,
                                       check=True).stdout.decode()
                assert "promiscuity %d " % promiscuity in found, found
                send_frame("two", packet(1))
                time.sleep(0.5)
                process.send_signal(signal.SIGINT)
                assert process.wait(10) == 0, process.stderr.read().decode()
            with open(path, "rb") as file:
                saved = file.read()
            assert struct.unpack("<II", saved[32:40]) == (100, len(packet(1))), saved[:40]
    for wrong in "0", "63", "262145", "x":
        done = tap.rung("stats", "-i", "lo", "-s", wrong)
        assert done.returncode == 2 and b"-s needs" in done.stderr, done


def test_network_namespace_by_name():
    """Opened from outside; what is wrong with the name is said."""
    must_be_root()
    name = "rung-test-%d" % os.getpid()
    if subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode:
        raise tap.Skip("no network namespaces by name")
    try:
        for command in (*VETH, "link set two up"):
            subprocess.run(["ip", "-n", name, *command.split()], check=True)
        with tap.running([tap.program(), "messages", "-T", "json", "-i", "netns:%s/one" % name],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            wait_until_it_captures(process)
            sender = ("import socket, sys; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW);"
                      "s.bind(('two', 0)); s.send(bytes.fromhex(sys.argv[1]))")
            subprocess.run(["ip", "netns", "exec", name, "python3", "-c", sender,
                            packet(7).hex()], check=True)
            wait_for_calls(process, 7)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0, process.stderr.read().decode()
        done = tap.rung("stats", "-i", "netns:%s/three" % name)
        assert done.returncode == 1 and b"three: no such interface" in done.stderr, done
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)
    for wrong, status, said in (("netns:%s/lo" % name, 1, b"network namespace (ip netns list)"),
                                ("netns:lo", 2, b"netns:NAME/INTERFACE"),
                                ("netns:/lo", 2, b"netns:NAME/INTERFACE")):
        done = tap.rung("stats", "-i", wrong)
        assert done.returncode == status and said in done.stderr, done


def test_backlog_is_read():
    """What came before the end is read, however much it is, or counted as dropped."""
    must_be_root()
    count = 50000
    with own_network(*VETH, "link set two up"):
        with tap.running([tap.program(), "stats", "-T", "json", "-i", "one", "-Z", "root"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            wait_until_it_captures(process)
            process.send_signal(signal.SIGSTOP)
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
                sender.bind(("two", 0))
                for number in range(count):
                    sender.send(packet(number % 1000))
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGCONT)
            output, said = process.communicate(timeout=60)
        stats = json.loads(output)
        assert stats["sip_messages"] + stats["dropped_packets"] >= count, (stats, said)


def test_dropped_packets():
    """Which the kernel drops while the program is stopped: a line even with -q, and status 1."""
    must_be_root()
    for words in ["stats"], []:
        with pty_session.Session(*words, "-q", "-i", "lo", "-f", "udp port %d" % PORT,
                                 size=(100, 12)) as session:
            if words:
                wait_until_it_captures(session.process)
            else:
                session.expect("live lo")
            session.process.send_signal(signal.SIGSTOP)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(40000):
                    sender.sendto(bytes(6000), ("127.0.0.1", PORT))
            session.process.send_signal(signal.SIGCONT)
            if words:
                session.process.send_signal(signal.SIGINT)
            else:
                session.expect("[1-9][0-9.k]* dropped")
                session.send("q", "y")
            assert session.wait() == 1
            assert re.search(rb"rung: \d+ packets captured, [1-9]\d* dropped", session.raw)


def frames_of(data):
    """The packets of a pcap file."""
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at < len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def test_filter_under_tags():
    """As on a file: VLAN tags, in the frame or taken off by the kernel, and PPPoE hide no port."""
    may_capture()
    data = pathlib.Path(cases.capture("port-under-tags").name).read_bytes()
    for interface, bpf, wanted in (("one", "port 5060", 16), ("any", "port 5060", 28),
                                   ("one", "not port 5060", 4), ("one", "host 192.0.2.10", 18)):
        with own_network(*VETH, "link set two up"):
            with tap.running([tap.program(), "stats", "-T", "json", "-i", interface,
                              "-f", bpf],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process, \
                    socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
                sender.bind(("two", 0))
                wait_until_it_captures(process)
                for frame in frames_of(data):
                    sender.send(frame)
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
                output, said = process.communicate(timeout=10)
            assert process.returncode == 0, said.decode()
            # on any, a frame is seen as it leaves and as it comes, but fragments are joined once
            found = json.loads(output)["sip_messages"]
            is_right = found >= wanted if interface == "any" else found == wanted
            assert is_right, (interface, bpf, found)


RIGHTS = ("Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapInh", "NoNewPrivs", "Seccomp")


def rights(process, names=RIGHTS):
    """What each thread of the program may do: a set, with one item if they agree."""
    found = set()
    for path in pathlib.Path("/proc/%d/task" % process.pid).glob("*/status"):
        try:
            fields = dict(line.split(":", 1) for line in path.read_text("ascii").splitlines())
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended since
        found.add(tuple(" ".join(fields.get(name, "").split()) for name in names))
    return found


def is_confined():
    """By seccomp: not where the build, the kernel or a sanitizer is without."""
    return "confined by: seccomp" in tap.version()


def expect_rights(process, matches, names=RIGHTS):
    """Soon: signals are blocked a little before."""
    end = time.monotonic() + 10
    while not matches(rights(process, names)):
        assert time.monotonic() < end and process.poll() is None, rights(process, names)
        time.sleep(0.05)


def must_be_root():
    may_capture()
    if os.geteuid() != 0:
        raise tap.Skip("not root")


def none():
    return ("", "0" * 16, "0" * 16, "0" * 16, "1", "2" if is_confined() else "0")


def test_rights_go():
    """Before a packet is read, in every thread, whoever is to be the user."""
    must_be_root()
    daemon = pwd.getpwnam("daemon")
    for words, user in (["-Z", "daemon"], daemon), ([], pwd.getpwnam("nobody")):
        if not words and {"_rung", "rung"} & {user.pw_name for user in pwd.getpwall()}:
            continue
        with tap.running([tap.program(), "stats", "-i", "lo", *words], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE,
                         env={**os.environ, "SUDO_UID": "0"}) as process:
            wait_until_it_captures(process)
            ids = (" ".join([str(user.pw_uid)] * 4), " ".join([str(user.pw_gid)] * 4))
            expect_rights(process, lambda found, ids=ids: found == {ids + none()})
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0, process.stderr.read().decode()
    with tap.running([tap.program(), "stats", "-i", "lo"], stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE,
                     env={**os.environ, "SUDO_UID": str(daemon.pw_uid)}) as process:
        wait_until_it_captures(process)
        expect_rights(process, lambda found: {of_thread[0].split()[0] for of_thread in found}
                      == {str(daemon.pw_uid)})
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, process.stderr.read().decode()
    with tap.running([tap.program(), "stats", "-i", "lo", "-Z", "root"],
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until_it_captures(process)
        (found,) = rights(process)
        assert found[0] == "0 0 0 0" and int(found[4], 16) and found[-1] == "0", found
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, process.stderr.read().decode()


def test_rights_in_the_terminal():
    """It captures, is not root, and says who could not save."""
    must_be_root()
    with pty_session.Session("-i", "lo", "-f", "udp port %d" % PORT, "-Z", "nobody",
                             size=(100, 12)) as session:
        session.expect("live lo")
        ids = " ".join([str(pwd.getpwnam("nobody").pw_uid)] * 4)
        assert {(found[0], *found[2:]) for found in rights(session.process)} == {(ids, *none())}
        send(1, 1)
        session.expect("1 call ")
        session.send("s")
        session.expect("Save")
        session.send("\x15", session.home.name + "/x.pcap", "Enter")
        session.expect("as user nobody: Permission denied")
        session.send("Esc", "q", "y")
        assert session.wait() == 0


def test_rights_that_cannot_go():
    """Ends the program before anything is read or written."""
    must_be_root()
    with tempfile.TemporaryDirectory() as folder:
        for words, status, said in ((["-Z", "no-such-user"], 2, "no-such-user"),
                                    (["-Z", "daemon"], 1, "as user daemon")):
            path = os.path.join(folder, "out.pcap")
            limit = ["setpriv", "--bounding-set", "-setuid"] if status == 1 else []
            if limit and not shutil.which("setpriv"):
                raise tap.Skip("setpriv is not installed")
            done = subprocess.run([*limit, tap.program(), "save", "-i", "lo", "-w", path, *words],
                                  capture_output=True, timeout=10, check=False)
            assert done.returncode == status, done
            assert said in done.stderr.decode() and done.stderr.count(b"\n") == 1, done.stderr
            assert os.listdir(folder) == []


def test_files_are_read_confined():
    """Whoever reads them, and in every thread."""
    if not is_confined():
        raise tap.Skip("not confined")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pipe")
        os.mkfifo(path)
        with tap.running([tap.program(), "messages", path], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE) as process, open(path, "wb") as pipe:
            pipe.write(wire.pcap_file(1, []))
            pipe.flush()
            expect_rights(process, lambda found: len(found) > 0 and
                          {of_thread[-2:] for of_thread in found} == {("1", "2")})
            # the parsers' thread has a second filter; kernels before 5.9 do not say
            expect_rights(process, lambda found: found == {("",)} or
                          found <= {("1",), ("2",)} and ("2",) in found, ["Seccomp_filters"])
            pipe.close()
            assert process.wait(10) == 0, process.stderr.read().decode()


def test_save_where_only_root_may():
    """The file is in its place all the same, and stays there when the program is killed."""
    must_be_root()
    with tempfile.TemporaryDirectory() as folder:  # of mode 0700
        path = os.path.join(folder, "out.pcap")
        for number, status in (signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 0):
            with tap.running([tap.program(), "save", "-i", "lo", "-f", "udp port %d" % PORT,
                              "-w", path], stderr=subprocess.PIPE,
                             env={**os.environ, "TMPDIR": folder}) as process:
                wait_until_it_captures(process)
                send(0, 5)
                time.sleep(1)
                process.send_signal(number)
                said = process.stderr.read().decode()
                assert process.wait(10) == status, said
            assert os.listdir(folder) == ["out.pcap"]
            assert len(tap.rung("messages", "-T", "json", path).stdout.splitlines()) == 5
            os.remove(path)


def in_own_etc(folder, script):
    """Runs a script that may change users and groups: of a copy of /etc."""
    own = "mount --bind %s/etc /etc && { %s; }" % (folder, script)
    return subprocess.run(["unshare", "--mount", "sh", "-c", own], capture_output=True, text=True,
                          timeout=30, check=False)


def try_as(program, group):
    """What an operator of that group, or none, gets: the exit status, 1 without permission.  If it was
    stopped before it had begun (130), it gets more time."""
    return ("for time in 2 8 30; do setpriv --reuid=nobody --regid=%s --clear-groups"
            " timeout --preserve-status -s INT $time %s stats -q -i lo >/dev/null 2>&1; status=$?;"
            " [ $status = 130 ] || break; done; echo =$status" % (group, program))


def test_setup_caps():
    """A group can capture, others cannot run the program: once root ran it, or what it prints."""
    must_be_root()
    if not all(map(shutil.which, ("setcap", "groupadd", "unshare", "setpriv", "getent"))):
        raise tap.Skip("no setcap, groupadd, unshare, setpriv or getent")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copytree("/etc", folder + "/etc", symlinks=True)
        program = shutil.copy(tap.program(), folder + "/rung")
        as_nobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups %s" % program
        found = in_own_etc(folder, try_as(program, "nogroup"))
        assert found.stdout == "=1\n", found
        said = in_own_etc(folder, as_nobody + " --setup-caps").stdout
        commands = [line for line in said.splitlines()
                    if line.startswith("  ") and "usermod" not in line]
        assert len(commands) == 4 and "cap_net_raw" in said, said
        for script in program + " --setup-caps", " && ".join(commands):
            subprocess.run(["setcap", "-r", program], check=False, capture_output=True)
            os.chown(program, 0, 0)
            os.chmod(program, 0o755)
            found = in_own_etc(folder, "{ %s; } && %s; %s; stat -c '%%U:%%G %%a' %s" % (
                script, try_as(program, "rung"), try_as(program, "nogroup"), program))
            *_, by_group, by_other, owner = found.stdout.splitlines()
            assert (by_group, by_other, owner) == ("=0", "=126", "root:rung 750"), found


def test_setup_caps_alone():
    """It changes the system: a word too many is an error."""
    for words in (["stats"], [tap.SAMPLES / "basic.pcap"]):
        done = tap.rung(*words, "--setup-caps")
        assert done.returncode == 2 and b"takes no command and no file" in done.stderr, done


def test_unknown_interface():
    may_capture()
    done = tap.rung("messages", "-i", "no-such-interface")
    assert done.returncode == 1 and b"no-such-interface" in done.stderr, done.stderr.decode()


def test_wrong_filter():
    may_capture()
    done = tap.rung("messages", "-i", "lo", "-f", "no such filter (")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr.decode()


def tests():
    return [("live: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
