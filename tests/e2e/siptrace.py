"""kamailio's siptrace (trace_mode 1, HEP 3 over UDP), captured live: what it copies is what is on
the wire, also where one rung received it and sent it to another one.  In a network of its own."""
import contextlib
import datetime
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import live
import tap

HOST, PROXY, CALLER, CALLEE, COLLECTOR, NEXT = "127.0.0.1", 5060, 5080, 5070, 9060, 9061
CONFIG = """#!KAMAILIO
log_stderror=yes
children=1
auto_aliases=no
listen=udp:%s:%d
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siptrace.so"
modparam("siptrace", "duplicate_uri", "sip:%s:%d")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", 3)
modparam("siptrace", "hep_capture_id", 2001)
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_mode", 1)
request_route {
  if (is_method("INVITE")) hlog("the call of $fU");
  $du = "sip:%s:%d";
  t_relay();
}
""" % (HOST, PROXY, HOST, COLLECTOR, HOST, CALLEE)
CALL_ID = "siptrace-1@example.com"
REQUEST = ("{method} sip:bob@example.com SIP/2.0\r\n"
           "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
           "From: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>{to}\r\n"
           "Call-ID: %s\r\nCSeq: {cseq}\r\nContact: <sip:alice@%s:%d>\r\n"
           "Content-Length: 0\r\n\r\n" % (HOST, CALLER, CALL_ID, HOST, CALLER))


class End:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, port))
        self.socket.settimeout(10)

    def close(self):
        self.socket.close()

    def send(self, text):
        self.socket.sendto(text.encode(), (HOST, PROXY))

    def wait(self, start):
        """The next message that begins so; others are passed over."""
        while True:
            text = self.socket.recv(65536).decode()
            if text.startswith(start):
                return text


def reply(request, status):
    """A response with what it has to repeat of the request (RFC 3261 8.2.6)."""
    lines = [line for line in request.split("\r\n") if
             line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
    lines = [line if ";tag=" in line or not line.startswith("To:") else line + ";tag=b"
             for line in lines]
    return "\r\n".join(["SIP/2.0 " + status, *lines, "Contact: <sip:bob@%s:%d>" % (HOST, CALLEE),
                        "Content-Length: 0", "", ""])


def make_call():
    with contextlib.closing(End(CALLER)) as caller, contextlib.closing(End(CALLEE)) as callee:
        caller.send(REQUEST.format(method="INVITE", branch="1", to="", cseq="1 INVITE"))
        invite = callee.wait("INVITE")
        callee.send(reply(invite, "180 Ringing"))
        caller.wait("SIP/2.0 180")
        callee.send(reply(invite, "200 OK"))
        caller.wait("SIP/2.0 200")
        caller.send(REQUEST.format(method="ACK", branch="2", to=";tag=b", cseq="1 ACK"))
        callee.wait("ACK")
        caller.send(REQUEST.format(method="BYE", branch="3", to=";tag=b", cseq="2 BYE"))
        callee.send(reply(callee.wait("BYE"), "200 OK"))
        caller.wait("SIP/2.0 200")
        time.sleep(0.5)


def stop_proxy(process):
    """With its children, which would outlive it."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def start_proxy(stack, folder):
    (folder / "kamailio.cfg").write_text(CONFIG, "ascii")
    process = stack.enter_context(tap.running(
        ["kamailio", "-f", folder / "kamailio.cfg", "-DD", "-E", "-Y", folder, "-w", folder,
         "-P", folder / "pid"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, start_new_session=True))
    stack.callback(stop_proxy, process)
    wanted = ":%04X" % PROXY
    for _ in range(100):
        if wanted in pathlib.Path("/proc/net/udp").read_text("ascii"):
            return
        if process.poll() is not None:
            raise tap.Skip("kamailio does not start: %s" % process.stderr.read().decode()[-300:])
        time.sleep(0.05)
    raise tap.Skip("kamailio does not start")


@functools.lru_cache(maxsize=None)
def seen():
    """Rows of `messages` live: of the wire alone, of HEP alone, of both; and a saved capture.  The
    ladders of the wire, of a rung that receives the HEP, and of one to which that sends it."""
    live.may_capture()
    if not shutil.which("kamailio"):
        raise tap.Skip("kamailio is not installed")
    filters = {"wire": "not port %d and not port %d" % (COLLECTOR, NEXT),
               "hep": "port %d" % COLLECTOR, "both": "udp and not port %d" % NEXT}
    address = "udp:%s:%d" % (HOST, COLLECTOR), "tcp:%s:%d" % (HOST, NEXT)
    ends = {"of wire": ("-i", "lo", "-f", filters["wire"]), "last": ("-L", address[1]),
            "first": ("-L", address[0], "-H", address[1])}
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack, \
            live.own_network("link set lo up"):
        folder = pathlib.Path(name)
        programs = [stack.enter_context(tap.running(
            [tap.program(), *words], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE))
                    for words in
                    [("messages", "-i", "lo", "-f", bpf, "-T", "json", "-w", folder / key)
                     for key, bpf in filters.items()] +
                    [("save", "-i", "lo", "-f", filters["hep"], "-w", folder / "saved.pcap")] +
                    [("save", *words, "-w", folder / (key + ".pcapng"))
                     for key, words in ends.items()]]
        for program in programs:
            live.wait_until_it_captures(program)
        start_proxy(stack, folder)
        make_call()
        for program in (*programs[:-2], programs[-1], programs[-2]):  # the last receives the most
            program.send_signal(signal.SIGINT)
            said = program.communicate(timeout=20)[1].decode()
            assert program.returncode == 0 and " 0 dropped" in said, said
        ladders = {key: tap.rung("flow", "--utc", folder / (key + ".pcapng")).stdout.decode()
                   for key in ends}
        rows = {key: [json.loads(row) for row in (folder / key).read_text("utf-8").splitlines()]
                for key in filters}
        saved = tap.rung("messages", "-T", "json", folder / "saved.pcap").stdout
        rows["saved"] = [json.loads(row) for row in saved.splitlines()]
        said = tap.rung("explain", "-T", "json", folder / "saved.pcap").stdout
        rows["ladders"] = ladders
        rows["notes"] = json.loads(said.splitlines()[0])["notes"]
    return rows


def key(row):
    return row["src"], row["dst"], row["method"] or row["status"], row["cseq_method"], row["bytes"]


def seconds(row):
    return datetime.datetime.fromisoformat(row["time"][:19]).timestamp()


def test_copies_are_what_is_on_the_wire():
    """Messages, endpoints and transport; the times are about the same."""
    wire, hep = sorted(seen()["wire"], key=str), sorted(seen()["hep"], key=str)
    assert sorted(map(key, wire), key=str) == sorted(map(key, hep), key=str), (wire, hep)
    assert len(wire) >= 13, len(wire)
    assert {row["transport"] for row in hep} == {"UDP"} and {row["call"] for row in hep} == {1}
    assert not any(row["retransmission"] or row["duplicate"] for row in hep), hep
    times = {key(row): seconds(row) for row in wire}
    for row in hep:
        assert abs(seconds(row) - times[key(row)]) < 5, (row, times[key(row)])


def test_both_are_two_sightings_of_each_message():
    first = [row for row in seen()["both"] if not row["duplicate"]]
    assert len(first) == len(seen()["wire"]) and len(seen()["both"]) == 2 * len(first)
    assert not any(row["retransmission"] for row in first), first
    assert {row["sightings"] for row in seen()["both"]} == {1, 2}


def test_saved_copies_give_the_same():
    assert list(map(key, seen()["saved"])) == list(map(key, seen()["hep"]))


def ladder(name, with_times):
    """Without the line of the log, which only the first rung is sent."""
    lines = [line for line in seen()["ladders"][name].splitlines()
             if not line.endswith("the call of alice")]
    if with_times:
        return lines
    return [re.sub(r"\d+:\d+:\d+\.\d+", "", line) for line in lines
            if not re.match(r"answered|  duration", line)]


def test_ladder_is_the_same_at_both_ends():
    """To the digit where HEP was received and where it was sent on; of the wire but for times."""
    assert ladder("first", True) == ladder("last", True), seen()["ladders"]
    assert ladder("of wire", False) == ladder("last", False), seen()["ladders"]
    assert sum("INVITE ──" in line for line in ladder("last", True)) == 2, seen()["ladders"]


def test_log_line_is_a_note_of_its_call():
    assert [note["text"] for note in seen()["notes"]] == ["the call of alice"], seen()["notes"]


def tests():
    return [("siptrace: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
