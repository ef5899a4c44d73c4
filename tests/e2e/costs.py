"""Time, memory and disk grow with the size of the input, or are bounded."""
import gzip
import json
import pathlib
import resource
import signal
import struct
import subprocess
import sys
import tempfile

import tap
from scenario import wire

MB = 1024 * 1024
HOSTS = (bytes((192, 0, 2, 10)), bytes((198, 51, 100, 20)))


def skip_sanitized():
    if b"__asan_init" in pathlib.Path(tap.program()).read_bytes():
        raise tap.Skip("a sanitizer costs more")


def pcap(payloads):
    """UDP on raw IP, a packet a millisecond."""
    records = []
    for i, payload in enumerate(payloads):
        udp = struct.pack("!HHHH", 5060, 5060, 8 + len(payload), 0) + payload
        packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), i & 0xFFFF, 0, 64, 17, 0) + \
            b"".join(HOSTS) + udp
        records.append((10**18 + i * 10**6, 0, packet))
    return wire.pcap_file(101, records)


def request(number, method="OPTIONS", user="a", body=""):
    return ("%s sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK%d\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:%s@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
            "Call-ID: %d@192.0.2.10\r\nCSeq: 1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
                method, number, user, number, method,
                "Content-Type: application/sdp\r\n" if body else "", len(body), body)).encode()


# The peak of a process counts that of the one it was forked from: this one has to be small.
METER = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
sys.exit(status)
"""


def cost(*arguments):
    """Seconds of processor time and MB at the most, of the program."""
    done = subprocess.run([sys.executable, "-ISc", METER, tap.program(), *map(str, arguments)],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak) / MB


def cost_of(data, *arguments):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(data)
        file.flush()
        return cost(*arguments, file.name)


def test_large_headers_are_not_kept():
    """A few hundred bytes per message, however long From is."""
    skip_sanitized()
    for command in ("stats", "calls"):
        _, small = cost_of(pcap(request(i) for i in range(400)), command)
        _, large = cost_of(pcap(request(i, user="a" * 60000) for i in range(400)), command)
        assert large < small + 8, "%s: %.1f MB, not about %.1f" % (command, large, small)


def test_long_texts_are_whole():
    """They are cut in memory, but nothing that is shown or compared is; unless nothing is kept."""
    users = ["a" * 2000 + end for end in ("1", "2", "1")]
    ids = ["i" * 2000 + end for end in ("1", "2", "2")]
    data = pcap(request(i, user=users[i], method=("OPTIONS", "OPTIONS", "INVITE")[i]).replace(
        b"Call-ID: %d" % i, b"Call-ID: " + ids[i].encode()) for i in range(3))
    froms = ["sip:%s@example.com" % user for user in users]
    call_ids = [i + "@192.0.2.10" for i in ids]

    def rows(*arguments, **options):
        done = tap.rung(*arguments, "-T", "json", **options)
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(data)
        file.flush()
        found = rows("calls", file.name)
        assert [row["from"] for row in found] == froms and \
            [row["call_id"] for row in found] == call_ids, found
        assert [row["call_id"] for row in rows("messages", file.name)] == call_ids
        for expression, calls in (('call.from contains "a1@"', [1, 3]),
                                  ('from.user matches "2$"', [2]),
                                  ('call.id == "%s"' % call_ids[1], [2, 3])):
            found = [row["call"] for row in rows("calls", "-Y", expression, file.name)]
            assert found == calls, (expression, found)
        for number, call_id in ((1, call_ids[0]), (None, call_ids[0][:-1] + "x")):
            done = tap.rung("calls", "-T", "json", "--call", call_id, file.name)
            assert [json.loads(line)["call"] for line in done.stdout.splitlines()] == \
                [number] * (number is not None), done.stdout
        text = tap.rung("flow", "--call", "2", "--width", "80", file.name).stdout.decode()
        assert call_ids[1] in text and froms[1] in text
    for command in ("messages", "show"):
        found = rows(command, "--call", call_ids[1], "-", input=data)
        assert [row["message"] for row in found] == [2, 3], found
    assert [row["call_id"] for row in rows("messages", "-", input=data)] == call_ids


def test_little_memory():
    """What it cannot have ends it with one line, and no file stays behind."""
    skip_sanitized()
    text = "OPTIONS sip:bob@example.com SIP/2.0\r\nCall-ID: %d\r\nCSeq: 1 OPTIONS\r\n\r\n"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "many.pcap")
        path.write_bytes(pcap((text % i).encode() for i in range(50000)))
        said = set()
        for megabytes in range(20, 116, 4):
            def limit(size=megabytes * MB):
                resource.setrlimit(resource.RLIMIT_AS, (size, size))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for words in ["calls"], ["save", "-w", folder + "/out.pcap", "--force"]:
                done = tap.rung(*words, path, preexec_fn=limit, env={"TMPDIR": folder})
                line = done.stderr.decode()
                # slices of GLib end the program on their own
                assert done.returncode >= 0 or "GSlice" in line, (megabytes, words, done)
                if line.startswith("rung: out of memory: "):
                    assert done.returncode == 1 and line.count("\n") == 1, (megabytes, done)
                    said.add(words[0])
                assert {p.name for p in pathlib.Path(folder).iterdir()} <= {"many.pcap", "out.pcap"}
        assert said == {"calls", "save"}, said


def limit_files():
    """Files of more than 1 MB cannot be written."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MB, MB))


def test_reports_of_compressed_files_need_no_disk():
    empty = struct.pack("<IIII", 10**9, 0, 1000, 1000) + bytes(1000)
    data = wire.pcap_file(1, []) + empty * 40000
    with tempfile.NamedTemporaryFile(suffix=".pcap.gz") as file:
        file.write(gzip.compress(data, 1))
        file.flush()
        for command in ("stats", "calls", "messages"):
            done = tap.rung(command, file.name, preexec_fn=limit_files)
            said = done.stderr.decode()
            assert done.returncode == 0 and "temporary" not in said, (command, said)


def test_a_full_disk_ends_nothing():
    """Compressed, and to be saved: what is beyond the room is listed, and it is said."""
    data = gzip.compress(pcap(request(i, body="x" * 1000) for i in range(2000)), 1)
    with tempfile.NamedTemporaryFile(suffix=".pcap.gz") as file:
        file.write(data)
        file.flush()
        done = tap.rung("calls", "-T", "json", "-Y", "call.messages > 0", file.name,
                        preexec_fn=limit_files)
        assert len(done.stdout.splitlines()) == 2000, done.stderr.decode()
        assert done.returncode == 1 and "temporary file" in done.stderr.decode(), done.stderr
        done = tap.rung("calls", "-T", "json", "--max-disk", "1M", file.name)
        assert len(done.stdout.splitlines()) == 2000, done.stderr.decode()
        assert done.returncode == 1 and "--max-disk" in done.stderr.decode(), done.stderr


def test_limits_of_calls_are_reported():
    data = pcap(request(i) for i in range(500))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(data)
        file.flush()
        done = tap.rung("calls", "-T", "json", "--max-calls", "100", file.name)
        assert len(done.stdout.splitlines()) == 100, done.stdout
        assert done.returncode == 1 and "400 oldest calls discarded" in done.stderr.decode()


def same_place_hash(count):
    """Calls whose media addresses had one hash before it was seeded."""
    for i in range(count):
        low, high = i & 255, i >> 8
        body = "v=0\r\nc=IN IP4 %d.%d.1.1\r\nm=audio %d RTP/AVP 0\r\n" % (
            low, high, (low | high << 8) ^ 0x1234)
        yield request(i, "INVITE", body=body)


def test_crafted_media_addresses_cost_no_more():
    seconds = []
    for count in (4000, 16000):
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(cost_of(pcap(same_place_hash(count)), "save", "--with-media", "-w",
                                   pathlib.Path(folder, "saved.pcap"))[0])
    assert seconds[1] < 8 * seconds[0] + 0.2, "%.2f s, four times as many calls: %.2f s" % (
        *seconds,)


SAME_VALUES = ("Session-ID: ab30317f1a784dc48ff824d0d3715d86\r\n"
               "P-Charging-Vector: icid-value=1234\r\nX-CID: 7@192.0.2.10\r\n"
               "Replaces: 9@192.0.2.10;to-tag=1;from-tag=2\r\nReferred-By: <sip:q@example.com>\r\n"
               "Diversion: <sip:b@example.com>\r\nCSeq:")
SAME_SDP = ("v=0\r\no=- 19121922 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
            "m=audio 4000 RTP/AVP 0\r\n")


def test_values_that_all_calls_have_link_none_and_cost_little():
    """All calls at the same time, with the same value for every kind of evidence."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for calls in (5000, 20000):
            path = pathlib.Path(folder, "%d.pcap" % calls)
            invites = (request(i, "INVITE", body=SAME_SDP).decode().replace("CSeq:", SAME_VALUES, 1)
                       for i in range(calls))
            path.write_bytes(pcap(invite.encode() for invite in invites))
            options = ["-q", "-T", "csv", "--no-config", "--columns", "call.legs", path]
            legs = tap.rung("calls", *options).stdout.decode().split()[1:]
            assert legs == ["1"] * calls, set(legs)
            seconds.append(cost("calls", *options)[0])
        assert seconds[1] < 10 * seconds[0], "linear is 4 times, pairs 16 times: %s" % seconds
        said = tap.rung("explain", "--no-config", "--call", 3, path).stdout.decode()
        assert "ab30317f1a784dc48ff824d0d3715d86 (99 %): too many calls have it (seen 20000" in \
            " ".join(said.split()), said


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
