"""rung capture: files in a ring, what is kept, how it ends, and a disk that is full."""
import calendar
import collections
import contextlib
import functools
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import costs
import gb28181
import hep as hep_files
import hep_live
import live
import tap
from scenario import hep, script

NAME = re.compile(r"trace_(\d{5,})_\d{14}\.pcapng$")


def capturing(folder, *words, name="trace.pcapng", ports=("udp port %d" % live.PORT,), **options):
    path = os.path.join(folder, name)
    if os.geteuid() == 0 and "-Z" not in words:
        words += ("-Z", "root")
    return tap.running([tap.program(), "capture", "-i", "lo", "-f", " or ".join(ports), "-w", path,
                        *words], stderr=subprocess.PIPE, **options)


def ends(process, status=0, number=signal.SIGINT):
    process.send_signal(number)
    said = process.communicate(timeout=20)[1].decode()
    assert process.returncode == status, (process.returncode, said)
    return said


def numbers(folder):
    return sorted(int(NAME.match(name)[1]) for name in os.listdir(folder) if NAME.match(name))


def messages(folder, pattern="trace_*.pcapng"):
    """How many of each Call-ID there are in the files, each of which can be read as a whole."""
    found = collections.Counter()
    for path in sorted(pathlib.Path(folder).glob(pattern)):
        if path.stat().st_size == 0:  # it has just begun
            continue
        done = tap.rung("messages", "-T", "json", path)
        assert done.returncode == 0, (path, done.stderr)
        found.update(json.loads(row)["call_id"] for row in done.stdout.splitlines())
    return found


def wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "too late"
        time.sleep(0.05)


def call_ids(numbers_, times=1):
    return {"live-%d@example.com" % n: times for n in numbers_}


def test_files_by_size():
    """All that is captured is in one file after the other."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "-C", "20K") as process:
            live.wait_until_it_captures(process)
            for first in range(0, 200, 20):
                live.send(first, 20)
                time.sleep(0.3)
            ends(process)
        found = numbers(folder)
        assert found == list(range(1, len(found) + 1)) and 3 <= len(found) <= 8, found
        assert messages(folder) == call_ids(range(200))


def test_ring():
    """The oldest are deleted, also those of an earlier run, whose numbers go on."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "trace_00007_20250101000000.pcapng").write_bytes(b"old")
        pathlib.Path(folder, "trace_00008_20250101000000.pcap").write_bytes(b"another ending")
        pathlib.Path(folder, "trace_00009_2025010100000x.pcapng").write_bytes(b"no time")
        with capturing(folder, "-C", "2K", "-W", "3") as process:
            live.wait_until_it_captures(process)
            wait_for(lambda: numbers(folder) == [7, 8])
            for first in range(0, 60, 10):
                live.send(first, 10)
                time.sleep(0.4)
            ends(process)
        found = numbers(folder)
        assert len(found) == 3 and found[0] >= 10 and found[2] == found[0] + 2, found
        assert len(os.listdir(folder)) == 5, os.listdir(folder)
        newest = messages(folder, "trace_*[0-9].pcapng")
        assert set(call_ids(range(50, 60))) <= set(newest), newest


def test_files_by_age_and_signal():
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "-G", "1") as process:
            live.wait_until_it_captures(process)
            wait_for(lambda: len(numbers(folder)) == 3)
            ends(process, number=signal.SIGTERM)
    for number in signal.SIGUSR1, signal.SIGHUP:
        with tempfile.TemporaryDirectory() as folder:
            with capturing(folder, "-G", "1000") as process:
                live.wait_until_it_captures(process)
                wait_for(lambda: numbers(folder) == [1])
                process.send_signal(number)
                wait_for(lambda: numbers(folder) == [1, 2])
                live.send(1, 3)
                ends(process)
            assert messages(folder, "trace_00002_*") == call_ids(range(1, 4))


def test_file_that_was_moved():
    """As by logrotate: the name gets a new file."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "trace.pcapng")
        with capturing(folder) as process:
            live.wait_until_it_captures(process)
            live.send(1, 3)
            wait_for(lambda: messages(folder, "trace.pcapng") == call_ids(range(1, 4)))
            process.send_signal(signal.SIGHUP)  # nothing was moved: it goes on
            live.send(4, 1)
            wait_for(lambda: messages(folder, "trace.pcapng") == call_ids(range(1, 5)))
            path.rename(path.with_suffix(".1"))
            process.send_signal(signal.SIGHUP)
            wait_for(path.exists)
            live.send(5, 2)
            ends(process)
        assert messages(folder, "trace.pcapng") == call_ids(range(5, 7))
        assert messages(folder, "trace.1") == call_ids(range(1, 5))


def test_it_stops_by_itself():
    live.may_capture()
    for words in (["-a", "duration:1"], ["-c", "5"], ["-a", "packets:5"], ["-a", "filesize:3K"]):
        with tempfile.TemporaryDirectory() as folder:
            with capturing(folder, *words) as process:
                live.wait_until_it_captures(process)
                live.send(0, 30)
                said = process.communicate(timeout=10)[1].decode()
                assert process.returncode == 0, said
            assert messages(folder, "trace.pcapng") == call_ids(range(30)), words


def test_kept_calls():
    """Are in files of their own, whole, though the ring has lost them."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "-C", "3K", "-W", "2", "--keep", "call.outcome == failed",
                       "--max-disk", "2M") as process:
            live.wait_until_it_captures(process)
            for number in range(1, 1201):
                failed = number % 100 == 7
                status = b"404 Not Found" if failed else b"200 OK"
                live.exchange(number, status + b"\r\nX-Padding: " + b"x" * 1200)
                if number % 40 == 0:
                    time.sleep(0.1)
            time.sleep(1.5)
            ends(process, 1)  # calls were discarded
        assert len(numbers(folder)) == 2
        assert messages(folder, "trace-kept_*") == call_ids(range(7, 1201, 100), 2)


def test_calls_that_leave_at_once():
    """Are asked before they do, also amid a batch: all that are to be kept are, with one file or
    one per call."""
    live.may_capture()
    for words in ([], ["--split", "call"]):
        with tempfile.TemporaryDirectory() as folder:
            with capturing(folder, "--keep", "call.outcome == failed", "--max-calls", "10",
                           *words) as process:
                live.wait_until_it_captures(process)
                for number in range(1, 601):
                    live.exchange(number, b"200 OK" if number % 20 else b"404 Not Found")
                said = ends(process, 1)
            assert "before" not in said and "left out" not in said, (words, said)
            assert messages(folder, "trace-kept*") == call_ids(range(20, 601, 20), 2), words


def test_calls_that_leave_undecided():
    """Of calls that had to go before they were over it is said that they may be missing."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "--keep", "call.outcome == failed", "--max-calls", "10") as process:
            live.wait_until_it_captures(process)
            live.send(1, 60)
            said = ends(process, 1)
        undecided = re.search(r"trace-kept.pcapng: (\d+) calls were discarded before they were over",
                              said)
        assert undecided and 50 <= int(undecided[1]) <= 60, said


def test_kept_exchange():
    """A query of GB/T 28181 with its answers, which have Call-IDs of their own."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "--keep", "gb.sum == 2") as process:
            live.wait_until_it_captures(process)
            gb28181.talk()
            wanted = collections.Counter(gb28181.OF_QUERY)
            wait_for(lambda: messages(folder, "trace-kept*") == wanted)
            ends(process)


@contextlib.contextmanager
def small_disk():
    """A folder with room for little, and a function that gives it more."""
    live.must_be_root()
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder]
        if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            raise tap.Skip("no permission to mount")
        try:
            yield folder, lambda: subprocess.run(
                ["mount", "-o", "remount,size=1m", folder], check=True)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk():
    """What cannot be written is tried again; the file stays one that can be read."""
    live.may_capture()
    with small_disk() as (folder, make_larger):
        with capturing(folder) as process:
            live.wait_until_it_captures(process)
            live.send(1, 100)
            wait_for(lambda: len(messages(folder, "trace.pcapng")) == 100)
            live.send(101, 200)
            time.sleep(1)
            assert messages(folder, "trace.pcapng") == call_ids(range(1, 101)), "no torn packet"
            make_larger()
            wait_for(lambda: messages(folder, "trace.pcapng") == call_ids(range(1, 301)))
            said = ends(process, 1)
        lines = [line for line in said.splitlines() if "trace.pcapng" in line]
        assert len(lines) == 2, said
        assert "; trying again" in lines[0] and "written again; 0 packets were lost" in lines[1]


def processor_seconds(pid):
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_few_descriptors():
    """Connections for which there is no descriptor wait; the capture goes on."""
    live.may_capture()
    port = live.PORT  # that the filter lets through
    with tempfile.TemporaryDirectory() as folder:
        limit = functools.partial(resource.setrlimit, resource.RLIMIT_NOFILE, (30, 30))
        with capturing(folder, "-L", "tcp:127.0.0.1:%d" % port, preexec_fn=limit) as process:
            live.wait_until_it_captures(process)
            wait_for(lambda: hep_live.is_bound("tcp", port))
            with contextlib.ExitStack() as stack:
                for _ in range(40):
                    stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                live.send(1, 20)
                wait_for(lambda: messages(folder, "trace.pcapng") == call_ids(range(1, 21)))
                before = processor_seconds(process.pid)
                time.sleep(2)
                assert processor_seconds(process.pid) - before < 1, "it does not wait"
            hep_live.send("tcp", port, hep.copies(hep_files.CALL))
            wait_for(lambda: len(messages(folder, "trace.pcapng")) == 21)
            said = ends(process, 1)
        assert said.count("cannot accept a connection: Too many open files") == 1, said


def test_little_memory():
    """It captures, or ends with one line."""
    live.may_capture()
    costs.skip_sanitized()
    ends_early = []
    for megabytes in (100, 120, 200, 400):
        limit = functools.partial(resource.setrlimit, resource.RLIMIT_AS, (megabytes * 10**6,) * 2)
        with tempfile.TemporaryDirectory() as folder:
            with capturing(folder, preexec_fn=limit) as process:
                time.sleep(1)
                live.send(1, 20)
                time.sleep(1.2)
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=20)[1].decode()
            ends_early.append(process.returncode != 0)
            if process.returncode == 0:
                assert messages(folder, "trace.pcapng") == call_ids(range(1, 21)), megabytes
            elif "loading shared libraries" not in said:
                assert said.startswith("rung: out of memory: "), (megabytes, said)
                assert process.returncode == 1 and said.count("\n") == 1, (megabytes, said)
    assert not ends_early[-1] and sorted(ends_early, reverse=True) == ends_early, ends_early


TWO_CALLS = """
endpoint alice 192.0.2.10:5060 user=alice domain=example.com
endpoint bob 198.51.100.20:5060 user=bob domain=example.com
call one from=alice to=bob
call two from=alice to=bob
+0 alice > bob one:INVITE sdp
+1 bob > alice one:200 sdp
+0.01 alice > bob one:ACK
+1 alice > bob two:INVITE sdp
+1 bob > alice two:200 sdp
+0.01 alice > bob two:ACK
+5 alice > bob one:BYE
+0.01 bob > alice one:200
+1 alice > bob two:BYE
+0.01 bob > alice two:200
"""


def stepped(pcap, first, seconds):
    """From the record of that number, from 0, on, the clock is another one."""
    pcap, at, number = bytearray(pcap), 24, 0
    while at < len(pcap):
        time_s, _, size = struct.unpack_from("<III", pcap, at)
        struct.pack_into("<I", pcap, at, time_s + (seconds if number >= first else 0))
        at, number = at + 16 + size, number + 1
    return bytes(pcap)


def test_clock_that_is_stepped():
    """Back by an hour, or on by a day, during calls: none is lost, nothing lasts less than 0 s."""
    capture = script.play("stepped", TWO_CALLS)[0]
    for step in 0, -3600, 86400:
        for first in 3, 6:
            done = tap.rung("calls", "-T", "json", "-", input=stepped(capture, first, step))
            assert done.returncode == 0, done.stderr
            calls = [json.loads(line) for line in done.stdout.splitlines()]
            assert [call["state"] for call in calls] == ["completed"] * 2, calls
            assert [call["messages"] for call in calls] == [5, 5], calls
            assert all((call[key] or 0) >= 0 for call in calls
                       for key in ("duration_ms", "setup_ms", "ring_ms")), calls
            if first == 3:  # the second call is all after it
                assert round(calls[1]["duration_ms"]) == 6020, calls


def test_killed():
    """All but the last second is in the file, compressed or not."""
    live.may_capture()
    for ending in ".pcapng", ".pcapng.gz", ".pcap.zst":
        with tempfile.TemporaryDirectory() as folder:
            with capturing(folder, "-C", "1M", name="trace" + ending) as process:
                live.wait_until_it_captures(process)
                live.send(1, 50)
                time.sleep(1.2)
                process.kill()
                process.wait(10)
            assert messages(folder, "trace_*" + ending) == call_ids(range(1, 51))


def noon():
    """TZ of a zone where it is noon, of yesterday or tomorrow: no test there meets midnight; and
    the day there."""
    now = time.gmtime()
    west = now.tm_hour + (12 if now.tm_hour < 12 else -36)
    there = time.gmtime(calendar.timegm(now) - west * 3600)
    return "XXX%d" % west, time.strftime("%Y-%m-%d", there)


def test_days():
    """Each day, of local time, has a folder; the oldest files go, and folders that they leave
    empty."""
    live.may_capture()
    zone, today = noon()
    with tempfile.TemporaryDirectory() as folder:
        for day, numbers_ in (("2025-01-01", [1]), ("2025-01-02", [20, 21]), ("2025-01-0x", [30])):
            pathlib.Path(folder, day).mkdir()
            for number in numbers_:
                name = "trace_%05d_20250101000000.pcapng" % number
                pathlib.Path(folder, day, name).write_bytes(b"old")
        with capturing(folder, "--split", "day", "-W", "3",
                       env={**os.environ, "TZ": zone}) as process:
            live.wait_until_it_captures(process)
            live.send(1, 3)
            wait_for(lambda: messages(folder, today + "/trace_00022_*") == call_ids(range(1, 4)))
            assert not os.path.exists(os.path.join(folder, "2025-01-01")), os.listdir(folder)
            process.send_signal(signal.SIGUSR1)
            wait_for(lambda: len(os.listdir(os.path.join(folder, today))) == 2)
            live.send(4, 2)
            wait_for(lambda: messages(folder, today + "/trace_00023_*") == call_ids(range(4, 6)))
            ends(process)
        assert sorted(os.listdir(folder)) == ["2025-01-02", "2025-01-0x", today]
        assert len(os.listdir(os.path.join(folder, "2025-01-02"))) == 1


SPLIT = re.compile(r"trace_\d{14}_\d+_([\w.@-]+)\.pcapng$")


def split_calls(folder):
    """Names of the calls that have files, and how many of each Call-ID there are in these."""
    found = {}
    for path in pathlib.Path(folder).iterdir():
        if path.stat().st_size == 0:  # it has just begun
            continue
        rows = tap.rung("messages", "-T", "json", path)
        assert rows.returncode == 0, (path, rows.stderr)
        ids = [json.loads(row)["call_id"] for row in rows.stdout.splitlines()]
        name = SPLIT.match(path.name)[1]
        assert name not in found, os.listdir(folder)
        found[name] = collections.Counter(ids)
    return found


def split_media(folder):
    """RTP packets in each file, by SSRC: as many files as calls."""
    return sorted(list(live.saved_rtp(path).items()) for path in pathlib.Path(folder).iterdir())


def of_calls(numbers_, messages_):
    return {"live-%d@example.com" % n: call_ids([n], messages_) for n in numbers_}


def test_split_by_call():
    """Calls that go on at once, with their media; what is there is there when it is killed."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder, live.CallWithMedia(1) as one, \
            live.CallWithMedia(2) as two:
        ports = ["udp port %d" % port for port in (live.PORT, one.port, two.port)]
        with capturing(folder, "--split", "call", "--with-media", ports=ports) as process:
            live.wait_until_it_captures(process)
            for call in one, two:
                call.invite()
            for _ in range(5):
                for call in one, two:
                    call.talk(6)
                time.sleep(0.3)
            media = [[(1, 30)], [(2, 30)]]
            wait_for(lambda: split_media(folder) == media)
            process.kill()
            process.wait(10)
        assert split_calls(folder) == of_calls([1, 2], 2) and split_media(folder) == media


def in_one_connection(port, octets, size):
    """Sends it in segments of that size."""
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(octets), size):
            sender.sendall(octets[at:at + size])
            time.sleep(0.002)


def test_split_connection():
    """Calls that share connections, and segments, which each of their files has."""
    live.may_capture()
    with tempfile.TemporaryDirectory() as folder, \
            socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        octets = b"".join((live.MESSAGE % (10 * n + again, n)).encode()
                          for again in range(3) for n in range(1, 6)).replace(b"/UDP", b"/TCP")
        with capturing(folder, "--split", "call", ports=["tcp port %d" % port]) as process:
            live.wait_until_it_captures(process)
            for size in 100, 1000:
                in_one_connection(port, octets, size)
            ends(process)
        found = split_calls(folder)
        assert found.keys() == of_calls(range(1, 6), 6).keys(), found
        for name, ids in found.items():
            assert ids[name] == 6 and ids.total() < 25, found


def test_split_many():
    """More calls than there may be open files, each with messages at several times; kept ones and
    what has become of a call choose, too."""
    live.may_capture()
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_NOFILE, (30, 30))
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "--split", "call", preexec_fn=limit) as process:
            live.wait_until_it_captures(process)
            for _ in range(3):
                live.send(1, 50)
                time.sleep(0.4)
            ends(process)
        assert split_calls(folder) == of_calls(range(1, 51), 3)
    with tempfile.TemporaryDirectory() as folder:
        with capturing(folder, "--split", "call", "-Y", "call.outcome == failed") as process:
            live.wait_until_it_captures(process)
            for number in range(1, 9):
                live.exchange(number, b"404 Not Found" if number % 4 == 0 else b"200 OK")
            wait_for(lambda: split_calls(folder) == of_calls([4, 8], 2))
            live.exchange(12, b"404 Not Found")
            ends(process)
        assert split_calls(folder) == of_calls([4, 8, 12], 2)


def test_split_names():
    """A Call-ID is no path, and not longer than a name may be."""
    live.may_capture()
    ids = {"../../tmp/x": ".._.._tmp_x", "/etc/passwd": "_etc_passwd",
           "a\x01\x7fb%n`id`": "a__b_n_id_",
           "..": "..", "x" * 5000: "x" * 64, "\u00e9": "__"}
    with tempfile.TemporaryDirectory() as above:
        folder = os.path.join(above, "inner")
        os.mkdir(folder)
        with capturing(folder, "--split", "call") as process:
            live.wait_until_it_captures(process)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number, name in enumerate(ids):
                    text = (live.MESSAGE % (number, 0)).replace("live-0@example.com", name)
                    sender.sendto(text.encode(), ("127.0.0.1", live.PORT))
            ends(process)
        assert os.listdir(above) == ["inner"]
        found = {name: sum(ids_.values()) for name, ids_ in split_calls(folder).items()}
        assert found == dict.fromkeys(ids.values(), 1), found


def test_split_full_disk():
    """What cannot be written waits; files that are taken away begin anew."""
    live.may_capture()
    with small_disk() as (folder, make_larger):
        with capturing(folder, "--split", "call") as process:
            live.wait_until_it_captures(process)
            for _ in range(3):
                live.send(1, 20)
                time.sleep(0.4)
            make_larger()
            wait_for(lambda: split_calls(folder) == of_calls(range(1, 21), 3))
            for path in pathlib.Path(folder).iterdir():
                path.unlink()
            live.send(1, 20)
            wait_for(lambda: split_calls(folder) == of_calls(range(1, 21), 1))
            said = ends(process, 1)
        lines = [line for line in said.splitlines() if "trace" in line]
        assert len(lines) == 2 and "; trying again" in lines[0], said
        assert "written again; 0 packets were lost" in lines[1], said


def test_compressed():
    """Files of that size, of which the oldest are deleted; what is kept is compressed as well."""
    live.may_capture()
    for ending in ".pcap.gz", ".pcapng.zst":
        with tempfile.TemporaryDirectory() as folder:
            with capturing(folder, "-C", "500", "-W", "3", "--keep", "call.number == 1",
                           name="trace" + ending) as process:
                live.wait_until_it_captures(process)
                for first in range(0, 200, 20):
                    live.send(first, 20)
                    time.sleep(0.3)
                ends(process)
            files = list(pathlib.Path(folder).glob("trace_*" + ending))
            assert len(files) == 3, os.listdir(folder)
            assert all(500 < path.stat().st_size < 3000 for path in sorted(files)[:2]), [
                path.stat().st_size for path in files]
            found = messages(folder, "trace_*" + ending)
            assert 20 < len(found) < 180 and set(found.values()) == {1}, found
            assert messages(folder, "trace-kept_*" + ending) == call_ids([0])


def test_rights():
    """Files are made by the user that it becomes, or not at all; that is said at once."""
    live.must_be_root()
    with tempfile.TemporaryDirectory() as folder:  # of mode 0700
        with capturing(folder, "-C", "1M", "-Z", "daemon") as process:
            said = process.communicate(timeout=10)[1].decode()
            assert process.returncode == 1 and "Permission denied" in said, said
            assert len(said.splitlines()) == 1 and not os.listdir(folder), said
        shutil.chown(folder, "daemon")
        with capturing(folder, "-C", "1M", "-Z", "daemon") as process:
            live.wait_until_it_captures(process)
            live.send(1, 3)
            ends(process)
        assert messages(folder) == call_ids(range(1, 4))


def test_wrong_words():
    for words, said in ((["-w", "x.pcap", "file.pcap"], "captures live"), ([], "needs -w FILE"),
                        (["-w", "x.pcap", "-W", "3"], "-W needs -C SIZE, -G SECONDS"),
                        (["-w", "x.pcap", "-a", "size:3"], "duration:SECONDS"),
                        (["-w", "x.pcap", "--split", "week"], "--split needs day or call"),
                        (["-w", "x.pcap", "--split", "call", "-C", "1M"],
                         "-C and -G are not for it"),
                        (["-w", "x.pcap", "--split", "call", "-W", "3"], "-W needs -C SIZE"),
                        (["-w", "x.pcapng", "--split", "call", "--with-secrets"],
                         "does not write secrets"),
                        (["-w", "x.pcap", "--keep", "call.nothing"], "--keep: "),
                        (["-w", "x.pcap", "--anonymize"], "has no option --anonymize"),
                        (["-w", "x.pcap", "--decrypted"], "has no option --decrypted"),
                        (["-w", "x.pcap", "-r", "y.pcap"], "has no option --read")):
        done = tap.rung("capture", *words)
        assert done.returncode == 2 and said in done.stderr.decode(), done.stderr
        assert len(done.stderr.splitlines()) <= 3, done.stderr
    done = tap.rung("calls", "-C", "3M", "x.pcap")
    assert done.returncode == 2 and b"'calls' has no option --file-size" in done.stderr, done.stderr


def tests():
    return [("capture: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
