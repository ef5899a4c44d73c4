"""`push` and `capture --push`: what a ClickHouse server has afterwards, and what happens when it is
away or refuses."""
import atexit
import base64
import contextlib
import functools
import http.server
import ipaddress
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import hep as hep_files
import hep_live
import live
import tap
from scenario import hep

PASSWORD = "hunter2"
CONFIG = """<yandex>
<logger><level>warning</level><log>{0}/log</log><errorlog>{0}/errors</errorlog></logger>
<http_port>{1}</http_port><tcp_port>{2}</tcp_port><listen_host>127.0.0.1</listen_host>
<listen_host>127.0.0.9</listen_host>
<path>{0}/data/</path><tmp_path>{0}/tmp/</tmp_path><users_config>{0}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size>{3}
</yandex>"""
USERS = """<yandex><profiles><default></default></profiles><quotas><default></default></quotas>
<users>
<default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default>
<rung><password>%s</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></rung>
</users></yandex>""" % PASSWORD


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, sql, database="default"):
    url = "http://127.0.0.1:%d/?database=%s" % (port, database)
    with urllib.request.urlopen(url, data=sql.encode(), timeout=30) as answer:
        return answer.read().decode("utf-8", "surrogateescape").rstrip("\n")


class Server:
    """A server of its own, in a folder that goes at the end."""

    def __init__(self, own=None, more=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rung-clickhouse-"))
        self.port, self.process = free_port(), None
        (self.folder / "users.xml").write_text(USERS)
        (self.folder / "config.xml").write_text(
            CONFIG.format(self.folder, self.port, own or free_port(), more))
        atexit.register(self.remove)
        self.start()

    def start(self):
        command = ["clickhouse-server", "--config-file=%s/config.xml" % self.folder]
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with contextlib.suppress(OSError):
                ask(self.port, "SELECT 1")
                return
            time.sleep(0.1)
        raise AssertionError("clickhouse-server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def server():
    need_server()
    return Server()


@functools.cache
def shards():
    """Two servers of a cluster, each with a shard."""
    need_server()
    ports = [free_port(), free_port()]
    shard = "<shard><replica><host>127.0.0.1</host><port>%d</port></replica></shard>"
    cluster = "<remote_servers><two>%s</two></remote_servers>" % "".join(shard % p for p in ports)
    return [Server(port, cluster) for port in ports]


def need_server():
    need_push()
    if not shutil.which("clickhouse-server"):
        raise tap.Skip("no clickhouse-server")


def need_push():
    if "built without: push" in tap.version():
        raise tap.Skip("built without libcurl")


class Database:
    """A new one on the server."""
    count = 0

    def __init__(self, own=None):
        self.server = own or server()
        Database.count += 1
        self.name = "test_%d" % Database.count
        self.url = "clickhouse://rung:%s@127.0.0.1:%d/%s" % (PASSWORD, self.server.port, self.name)

    @staticmethod
    def over_shards(hosts=2):
        database = Database(shards()[0])
        ports = [shard.port for shard in shards()[:hosts]]
        authority = ",".join("127.0.0.1:%d" % port for port in ports)
        database.url = "clickhouse://rung:%s@%s/%s?cluster=two" % (PASSWORD, authority,
                                                                  database.name)
        return database

    def ask(self, sql):
        return ask(self.server.port, sql, self.name)

    def rows(self, sql):
        return [json.loads(line) for line in self.ask(sql + " FORMAT JSONEachRow").splitlines()]

    def count_of(self, table):
        return int(self.ask("SELECT count() FROM %s FINAL" % table))

    def push(self, *words, **options):
        return tap.rung("push", "--to", self.url, "--create", "--probe", "p1", *words, **options)


def push(database, *words, **options):
    """Succeeds."""
    done = database.push(*words, **options)
    assert done.returncode == 0, done.stderr.decode()


def sample(name):
    return tap.SAMPLES / (name + ".pcap")


def pcap(messages, start=1700000000):
    """A file of UDP packets from 192.0.2.1 to 192.0.2.2, a millisecond apart."""
    records = [struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)]
    ends = ipaddress.ip_address("192.0.2.1").packed + ipaddress.ip_address("192.0.2.2").packed
    for i, text in enumerate(messages):
        udp = struct.pack(">HHHH", 5060, 5060, 8 + len(text), 0) + text
        packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), i & 0xffff, 0, 64, 17, 0)
        packet += ends + udp
        records.append(struct.pack("<IIII", start + i // 1000, i % 1000 * 1000, len(packet),
                                   len(packet)) + packet)
    file = tempfile.NamedTemporaryFile(prefix="rung-", suffix=".pcap")
    file.write(b"".join(records))
    file.flush()
    return file


def options_request(call_id, more=b"", branch=b"z9hG4bK1"):
    return (b"OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=" + branch +
            b"\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
            b"Call-ID: " + call_id + b"\r\nCSeq: 1 OPTIONS\r\n" + more +
            b"Content-Length: 0\r\n\r\n")


# --- What is there -------------------------------------------------------------------------------

def same(stored, printed):
    """Is the value of a column the same as in JSON?"""
    if isinstance(printed, bool):
        return stored == int(printed)
    if isinstance(printed, (int, float)):
        return stored is not None and abs(float(stored) - printed) < 1e-3 * max(1, abs(printed))
    return stored == ("" if printed is None and isinstance(stored, str) else printed)


def compare(database, table, key, command, files):
    """Each key of the command's JSON that is a column has its value."""
    printed = tap.rung(command, "-q", "-T", "json", *files).stdout.decode()
    wanted = sorted((json.loads(line) for line in printed.splitlines()),
                    key=lambda row: [str(row[k]) for k in key])
    stored = database.rows("SELECT * FROM %s FINAL" % table)
    stored.sort(key=lambda row: [str(row[k]) for k in key])
    assert len(stored) == len(wanted), (table, len(stored), len(wanted))
    shared = [k for k in wanted[0] if k in stored[0] and k not in ("call", "message", "streams")]
    for row, want in zip(stored, wanted):
        for k in shared:
            assert same(row[k], want[k]), (table, k, row[k], want[k])
    return len(shared)


def test_tables():
    database = Database()
    files = [sample(name) for name in ("failed", "proxies", "media-loss", "registrations",
                                       "tcp-split")]
    push(database, *files)
    assert compare(database, "messages", ("src", "call_id", "cseq", "cseq_method", "dst", "status",
                                          "branch", "to_tag"), "messages", files) > 15
    assert compare(database, "calls", ("call_id", "from"), "calls", files) > 10
    assert compare(database, "streams", ("ssrc", "src"), "streams", files) > 20
    assert compare(database, "registrations", ("aor", "contact"), "registrations", files) > 20
    row = database.rows("SELECT * FROM probe FINAL")[0]
    stats = json.loads(tap.rung("stats", "-T", "json", *files).stdout)
    assert int(row["messages"]) == stats["sip_messages"] and int(row["packets"]) == stats["packets"]
    assert row["probe"] == "p1" and row["dropped_packets"] is None and row["lost_rows"] == "0"


def test_findings():
    database = Database()
    push(database, sample("failed"), sample("media-loss"))
    told = tap.rung("explain", "-T", "json", sample("failed"), sample("media-loss")).stdout
    wanted = sorted((call["call_id"], finding["id"], finding["severity"], finding["text"],
                     finding["section"])
                    for call in map(json.loads, told.splitlines()) for finding in call["findings"])
    found = database.rows("SELECT call_id, name, severity, text, section FROM findings")
    assert sorted((f["call_id"], f["name"], f["severity"], f["text"], f["section"])
                  for f in found) == wanted and wanted


def test_bytes():
    """The message as it was sent, and times in nanoseconds and as people write them."""
    database = Database()
    text = options_request(b"one", b"X: \xff'\\\x01\t\r\n")
    with pcap([text]) as file:
        push(database, file.name)
    row = database.rows("SELECT hex(raw) AS raw, time_ns, toString(time) AS t, day "
                        "FROM messages")[0]
    assert bytes.fromhex(row["raw"]) == text
    assert (row["time_ns"], row["t"], row["day"]) == (
        "1700000000000000000", "2023-11-14 22:13:20", "2023-11-14")


def test_hostile_texts():
    """In every place of a message: it is text in the tables, and nothing else."""
    database = Database()
    evil = [b"'); DROP TABLE messages; --", b"\\'", b"\\x00\\N\\", b"`; SELECT 1", b"\xff\xfe",
            b"{x:String}", b"%s%n%27", b"a" * 3000, b"\xe2\x80\xae\x1b[2J"]
    texts = []
    for i, word in enumerate(evil):
        branch = b"z9hG4bK" + word.replace(b" ", b"").replace(b";", b"")
        texts.append(options_request(word.replace(b" ", b"_") + b"%d" % i, b"User-Agent: " + word +
                                     b"\r\nContent-Type: " + word + b"\r\nSubject: " + word +
                                     b"\r\n", branch))
        texts.append(b"OPTIONS sip:" + word.replace(b" ", b"") + b"@h SIP/2.0\r\n" +
                     texts[-1].partition(b"\r\n")[2].replace(b"sip:a@", b"sip:" + word + b"@"))
        texts.append(b"SIP/2.0 200 " + word + b"\r\n" + texts[-2].partition(b"\r\n")[2])
    with pcap(texts) as file:
        push(database, file.name)
        count = len(tap.rung("messages", "-q", "-T", "json", file.name).stdout.splitlines())
    assert database.count_of("messages") == count > len(evil)
    stored = {bytes.fromhex(line) for line in database.ask("SELECT hex(raw) FROM messages").split()}
    assert stored <= set(texts) and len(stored) == count
    agents = database.ask("SELECT DISTINCT hex(user_agent) FROM calls").split()
    assert {word.strip() for word in evil} >= {bytes.fromhex(a) for a in agents} and len(agents) > 5


# --- Twice, and from two probes ------------------------------------------------------------------

def counts(database):
    return [database.count_of(table)
            for table in ("messages", "calls", "streams", "registrations", "probe")]


def test_twice():
    """Pushed again, alone and with others, nothing is there twice."""
    database = Database()
    files = [sample("failed"), sample("media-loss"), sample("registrations")]
    push(database, *files)
    before = counts(database)
    push(database, *files)
    assert counts(database) == before and min(before) > 0, (before, counts(database))
    push(database, files[0])
    after = counts(database)
    assert after[:4] == before[:4] and after[4] == before[4] + 1


def test_equal_packets():
    """The same message at the same time is not the same row, if the capture has it twice."""
    database = Database()
    text = options_request(b"same")
    with pcap([text]) as one:
        content = pathlib.Path(one.name).read_bytes()
        with tempfile.NamedTemporaryFile(suffix=".pcap") as twice:
            twice.write(content + content[24:])
            twice.flush()
            for _ in range(2):
                push(database, twice.name)
                assert database.count_of("messages") == 2
            push(database, one.name)
    assert database.count_of("messages") == 2


def test_overlap():
    """Two parts of a capture that overlap are the capture; from two probes each has its own."""
    database, whole = Database(), Database()
    texts = [options_request(b"call-%d" % i) for i in range(300)]
    with pcap(texts) as all_of_it:
        content = pathlib.Path(all_of_it.name).read_bytes()
    at = [24 + sum(16 + 28 + len(t) for t in texts[:i]) for i in (0, 100, 200, 300)]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "a.pcap").write_bytes(content[:24] + content[at[0]:at[2]])
        (folder / "b.pcap").write_bytes(content[:24] + content[at[1]:at[3]])
        (folder / "all.pcap").write_bytes(content)
        push(whole, folder / "all.pcap")
        push(database, folder / "b.pcap")
        push(database, folder / "a.pcap")
        sql = "SELECT %s FROM messages FINAL ORDER BY time_ns, id FORMAT TabSeparated"
        assert database.ask(sql % "hex(id), hex(raw)") == whole.ask(sql % "hex(id), hex(raw)")
        assert database.count_of("calls") == 300
        done = tap.rung("push", "--to", database.url, "--probe", "p2", folder / "b.pcap")
        assert done.returncode == 0, done.stderr
    found = database.ask("SELECT probe, count() FROM messages FINAL GROUP BY probe ORDER BY probe")
    assert found == "p1\t300\np2\t200", found


# --- What may go wrong ---------------------------------------------------------------------------

def fails_with(done, words, status=1):
    said = done.stderr.decode()
    assert done.returncode == status, (done.returncode, said)
    assert words in said and said.count("\n") == 1, said
    assert PASSWORD not in said and "Traceback" not in said


def test_refusals():
    database = Database()
    to = ["push", "-q", "--to"]
    fails_with(tap.rung(*to, database.url, sample("failed")), "doesn't exist")
    ask(database.server.port, "CREATE DATABASE %s" % database.name)
    fails_with(tap.rung(*to, database.url, sample("failed")), "make them once with --create")
    fails_with(tap.rung(*to, database.url.replace(PASSWORD, PASSWORD + "x"), sample("failed")),
               "wrong user or password (code 193)")
    fails_with(tap.rung(*to, database.url.replace(str(database.server.port), str(free_port())),
                        sample("failed")), "onnect")
    push(database, "-q", sample("failed"))
    database.ask("ALTER TABLE messages DROP COLUMN to_user")
    fails_with(tap.rung(*to, database.url, sample("failed")), "lacks the column to_user")
    push(database, "-q", sample("failed"))
    database.ask("INSERT INTO rung_schema (version) VALUES (1000)")
    fails_with(tap.rung(*to, database.url, sample("failed")), "schema 1000, of a newer rung")
    fails_with(database.push("-q", sample("failed")), "schema 1000, of a newer rung")
    fails_with(database.push("-q", "--days", "7", sample("failed")), "schema 1000")


def test_old_server_keeps_days():
    database = Database()
    if not ask(database.server.port, "SELECT version()").startswith("18."):
        raise tap.Skip("the server deletes old rows")
    fails_with(database.push("-q", "--days", "7", sample("failed")), "as --days needs")


def test_usage():
    need_push()
    url = "clickhouse://u:%s@127.0.0.1:1/db" % PASSWORD
    for words, told in ((("--to", url), "needs capture files"),
                        ((sample("failed"),), "needs --to"),
                        (("--to", "http://h/db", sample("failed")), "does not begin with"),
                        (("--to", url + "?x=1", sample("failed")), "unknown option"),
                        (("--to", url, "--days", "1", sample("failed")), "--days needs --create"),
                        (("--to", url, "-i", "lo"), "has no option --interface")):
        fails_with(tap.rung("push", *words), told, 2)


def test_server_killed():
    """In the middle, and started again: all rows are there, and none twice."""
    database = Database()
    texts = [options_request(b"c%d" % i, b"X-Filler: %s\r\n" % (b"%d" % i * 60))
             for i in range(60000)]
    with pcap(texts) as file:
        command = [tap.program(), "push", "--to", database.url, "--create", file.name]
        with tap.running(command, stderr=subprocess.PIPE) as process:
            for _ in range(400):
                with contextlib.suppress(urllib.error.HTTPError):
                    if database.count_of("messages") > 0:
                        break
                time.sleep(0.02)
            database.server.kill()
            time.sleep(0.7)
            database.server.start()
            said = process.communicate(timeout=100)[1].decode()
    assert database.count_of("messages") == 60000, said
    assert database.count_of("calls") == 60000, said
    assert process.returncode == 0 and said.count("trying again") <= 1, said
    assert ("trying again" in said) == ("are sent to ClickHouse again" in said), said


def test_interrupted():
    """While no server takes the rows: it ends at once, and says how many are missing."""
    with Fake(refuses=10 ** 6) as fake:
        command = [tap.program(), "push", "--to", fake.url, "--create", str(sample("failed"))]
        with tap.running(command, stderr=subprocess.PIPE) as process:
            fake.wait_for_insert()
            cmdline = pathlib.Path("/proc/%d/cmdline" % process.pid)
            assert not cmdline.exists() or PASSWORD.encode() not in cmdline.read_bytes()
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=20)[1].decode()
    assert process.returncode == 1 and "22 rows were not pushed" in said, said


# --- Live ----------------------------------------------------------------------------------------

PORTS = "udp port %d" % live.PORT


@contextlib.contextmanager
def capturing(url, *words, inputs=("-i", "lo", "-f", PORTS), **options):
    """Stopped by the caller (ends), once it captures."""
    live.may_capture()
    rights = ["-Z", "root"] if os.geteuid() == 0 and "-Z" not in words else []
    command = [tap.program(), "capture", *inputs, "--push", url, "--probe", "p1", *rights,
               *map(str, words)]
    with tap.running(command, stderr=subprocess.PIPE, **options) as process:
        live.wait_until_it_captures(process)
        yield process


def ends(process, status=0):
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == status, (process.returncode, said)
    assert PASSWORD not in said
    return said


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "too late"
        time.sleep(0.05)


def ids(database):
    """Numbers of the messages of live.send that are there, each with how often."""
    found = database.ask("SELECT call_id, count(), uniqExact(id) FROM messages FINAL "
                         "GROUP BY call_id FORMAT TabSeparated")
    rows = [line.split("\t") for line in found.splitlines()]
    assert all(rows_ == ids_ for _, rows_, ids_ in rows), rows
    return {int(call_id[5:].partition("@")[0]): int(count) for call_id, count, _ in rows}


def test_live():
    """Rows come while it runs, calls once they are over, the rest at the end."""
    database = Database()
    with capturing(database.url, "--create") as process:
        live.send(1, 20)
        wait_for(lambda: database.count_of("messages") == 20 and database.count_of("probe") == 1)
        live.send(21, 10)
        said = ends(process)
    assert ids(database) == {number: 1 for number in range(1, 31)}, said
    assert database.count_of("calls") == 30 and database.count_of("probe") == 2
    row = database.rows("SELECT * FROM probe FINAL ORDER BY time_ns DESC LIMIT 1")[0]
    assert (row["probe"], row["input"], row["messages"]) == ("p1", "lo", "30"), row
    assert row["dropped_packets"] == "0" and row["lost_rows"] == "0", row


def test_live_hep():
    database = Database()
    port = hep_live.free_port(socket.SOCK_DGRAM)
    with capturing(database.url, "--create", inputs=("-L", "udp:127.0.0.1:%d" % port)) as process:
        hep_live.wait_for(lambda: hep_live.is_bound("udp", port))
        hep_live.send("udp", port, hep.copies(hep_files.CALL))
        wait_for(lambda: database.count_of("messages") == 7)
        ends(process)
    row = database.rows("SELECT call_id, messages FROM calls FINAL")[0]
    assert (row["call_id"], row["messages"]) == ("hep-1", "7"), row


def test_live_with_files():
    """Both get all of it, also what -Y leaves out of the file."""
    database = Database()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "live.pcapng")
        with capturing(database.url, "--create", "-w", path, "-Y",
                       'call.id contains "live-7@"') as process:
            live.send(1, 10)
            wait_for(lambda: database.count_of("messages") == 10)
            ends(process)
        kept = tap.rung("messages", "-q", "-T", "json", path).stdout.splitlines()
    assert [json.loads(row)["call_id"] for row in kept] == ["live-7@example.com"]


def test_live_call_that_goes_on():
    """Its row is put when it is over, and replaced when another message comes."""
    database = Database()

    def rows():
        return database.ask("SELECT messages FROM calls FINAL FORMAT TabSeparated").split()

    with capturing(database.url, "--create", "--max-calls", "3") as process:
        live.send(1, 1)
        answer = (b"SIP/2.0 200 OK\r\n" + (live.MESSAGE % (1, 1)).encode().partition(b"\r\n")[2])
        send_from(live.RECEIVER, answer)
        wait_for(lambda: rows() == ["2"])
        send_from(live.RECEIVER, answer)
        wait_for(lambda: rows() == ["3"])
        live.send(2, 10)  # calls that are not over are discarded, and have rows all the same
        wait_for(lambda: len(rows()) >= 8)
        said = ends(process, 1)
    assert "oldest calls discarded" in said and len(rows()) == 11, (said, rows())


def send_from(source, text):
    """What the receiver sends goes to where it does not listen."""
    source.sendto(text, ("127.0.0.1", 9))


def test_live_server_killed():
    """In the middle, and started again: said once, all rows are there, in order, and none twice."""
    database = Database()
    with capturing(database.url, "--create") as process:
        for first in range(0, 2000, 200):
            if first == 600:
                wait_for(lambda: database.count_of("messages") > 0)
                database.server.kill()
            live.send(first, 200)
            time.sleep(0.2)
        database.server.start()
        wait_for(lambda: database.count_of("messages") == 2000)
        said = ends(process)
    assert ids(database) == {number: 1 for number in range(2000)}, said
    assert database.count_of("calls") == 2000
    assert said.count("trying again") == 1 and said.count("ClickHouse again") == 1, said


def test_live_queue():
    """What no server took is in the folder, and pushed by the next run; also after a kill."""
    database = Database()
    push(database, "-q", sample("failed"))
    before = database.count_of("messages")
    database.server.kill()
    try:
        with tempfile.TemporaryDirectory() as folder:
            queue = pathlib.Path(folder, "queue")
            with capturing(database.url, "--queue", queue) as process:
                live.send(1, 50)
                wait_for(lambda: list(queue.glob("*.batch")))
                said = ends(process)
            assert "connect" in said and "trying again" in said, said
            assert "rows wait in %s" % queue in said and "0 rows were pushed" in said, said
            with capturing(database.url, "--queue", queue) as process:
                waiting = len(list(queue.glob("*.batch")))
                live.send(51, 50)
                wait_for(lambda: len(list(queue.glob("*.batch"))) > waiting)
                time.sleep(1.5)
                process.kill()
            database.server.start()
            with capturing(database.url, "--queue", queue) as process:
                wait_for(lambda: not list(queue.glob("*.batch")))
                said = ends(process)
            assert "wait in" not in said and sorted(os.listdir(queue)) == ["lock"], said
    finally:
        if database.server.process.poll() is not None:
            database.server.start()
    assert database.count_of("messages") == before + 100


def test_live_queue_full():
    """The oldest go, and are counted."""
    database = Database()
    push(database, "-q", sample("failed"))
    url = database.url.replace(str(database.server.port), str(free_port()))
    with tempfile.TemporaryDirectory() as folder:
        queue = pathlib.Path(folder, "queue")
        with capturing(url, "--queue", queue, "--max-disk", "100K") as process:
            for i in range(40):
                live.send(i * 100, 100)
                time.sleep(0.1)
            said = ends(process, 1)
        size = sum(path.stat().st_size for path in queue.glob("*.batch"))
    assert size <= 52 * 1024, size
    assert "rows for ClickHouse were lost" in said and "rows wait in" in said, said


def test_live_refusals():
    """What no time mends is said at once: nothing is captured for it."""
    live.may_capture()
    database = Database()
    words = ["capture", "-i", "lo", "-a", "duration:1", "--push"]
    fails_with(tap.rung(*words, database.url), "doesn't exist")
    fails_with(tap.rung(*words, database.url.replace(PASSWORD, PASSWORD + "x")),
               "wrong user or password (code 193)")
    fails_with(tap.rung(*words, database.url.replace(str(database.server.port), str(free_port())),
                        "--create"), "onnect")
    for more, told in ((["--queue", "q"], "need --push"), (["-W", "3"], "need -w FILE"),
                       ([], "needs -w FILE or --push URL")):
        push_to = ["--push", database.url] if "-W" in more else []
        fails_with(tap.rung("capture", "-i", "lo", *push_to, *more), told, 2)


def test_live_password_changed():
    """While it runs: said, and what waits is pushed when it is the old one again."""
    database = Database()
    users = database.server.folder / "users.xml"
    with capturing(database.url, "--create") as process:
        live.send(1, 10)
        wait_for(lambda: database.count_of("messages") == 10)
        users.write_text(USERS.replace(PASSWORD, "other"))
        try:
            wait_for(lambda: not can_log_in(database))
            live.send(11, 10)
            time.sleep(2)
        finally:
            users.write_text(USERS)
        wait_for(lambda: database.count_of("messages") == 20)
        said = ends(process)
    assert said.count("wrong user or password") == 1 and "ClickHouse again" in said, said


def can_log_in(database):
    """With the password of the URL."""
    login = base64.b64encode(("rung:" + PASSWORD).encode()).decode()
    request = urllib.request.Request("http://127.0.0.1:%d/?query=SELECT%%201" %
                                     database.server.port,
                                     headers={"Authorization": "Basic " + login})
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except urllib.error.HTTPError:
        return False


def test_live_network_cut():
    """In a namespace of its own: packets to the server go nowhere while it is cut."""
    need_server()
    live.must_be_root()
    cut = ["ip", "route", "add", "blackhole", "127.0.0.9/32", "table", "local"]
    with live.own_network("link set lo up"):
        database = Database(Server())
        with capturing(database.url.replace("127.0.0.1", "127.0.0.9"), "--create") as process:
            live.send(0, 300)
            wait_for(lambda: database.count_of("messages") == 300)
            subprocess.run(cut, check=True)
            live.send(300, 300)
            time.sleep(3)
            subprocess.run([word.replace("add", "del") for word in cut], check=True)
            live.send(600, 300)
            wait_for(lambda: database.count_of("messages") == 900, 90)
            said = ends(process)
        assert ids(database) == {number: 1 for number in range(900)}, said
        assert said.count("trying again") <= 1, said
        database.server.remove()


# --- A server that does what it is told to, and says that it is a newer one ----------------------

class Fake:
    """Answers as a ClickHouse that has nothing, and refuses the first inserts."""

    FULL = (500, b"Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. "
                 b"(NOT_ENOUGH_SPACE)\n")

    def __init__(self, refuses=0, answer=FULL, identity=None):
        need_push()
        self.refuses, self.answer, self.asked, self.inserted = refuses, answer, [], []
        self.arrived = threading.Event()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text = fake.take(self.path, body, self.headers)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                if identity:  # each request has a connection of its own
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        if identity:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*identity)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
            self.http.handle_error = lambda *_: None  # who does not know it gives up
        scheme = "clickhouses" if identity else "clickhouse"
        self.url = "%s://u:%s@127.0.0.1:%d/db" % (scheme, PASSWORD, self.port)

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def take(self, path, body, headers):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        self.asked.append((query, body, headers))
        if "query" in query:
            self.arrived.set()
            if self.refuses > 0:
                self.refuses -= 1
                return self.answer
            self.inserted.append(query["query"][0])
        return 200, b"24.8.1.1\n" if body == b"SELECT version()" else b""

    def wait_for_insert(self):
        assert self.arrived.wait(30)

    def sql(self):
        return [body.decode() for query, body, _ in self.asked if "query" not in query]


def test_newer_server():
    with Fake() as fake:
        done = tap.rung("push", "--to", fake.url, "--create", "--days", "30,messages=7",
                        sample("failed"))
        assert done.returncode == 0, done.stderr
        sql = fake.sql()
        assert any("`raw` String CODEC(ZSTD(3))" in text for text in sql)
        assert "ALTER TABLE `messages` MODIFY TTL day + toIntervalDay(7)" in sql
        assert "ALTER TABLE `calls` MODIFY TTL day + toIntervalDay(30)" in sql
        login = "Basic " + base64.b64encode(b"u:hunter2").decode()
        assert all(headers["Authorization"] == login for _, _, headers in fake.asked)
        assert all(PASSWORD not in str(query) for query, _, _ in fake.asked)


def test_tls():
    """Each connection is verified, by authorities that can be read wherever they lie."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        identity = hep_live.certificate(folder, "db")
        with Fake(identity=identity) as fake:
            words = ["push", "--create", sample("failed"), "--to"]
            done = tap.rung(*words, fake.url + "?ca=" + identity[0])
            assert done.returncode == 0, done.stderr
            assert len(fake.inserted) == 3, fake.inserted
            fails_with(tap.rung(*words, fake.url), "certificate")
            assert len(fake.inserted) == 3, fake.inserted


def test_full_disk_of_server():
    """Said once, and what was refused is sent again, in order."""
    with Fake(refuses=2) as fake:
        done = tap.rung("push", "--to", fake.url, "--create", sample("failed"))
        said = done.stderr.decode().splitlines()
        assert len(said) == 3 and "not enough space" in said[0] and "trying again" in said[0], said
        assert "again" in said[1] and "rows were pushed" in said[2], said
        assert done.returncode == 0, said
        tables = [sql.split("`")[1] for sql in fake.inserted]
        assert sorted(tables) == ["calls", "messages", "probe"] and tables[0] == "messages", tables


def test_refused_rows():
    """What no server will take is lost, and the rest is not."""
    with Fake(refuses=1, answer=(400, b"Code: 33. DB::Exception: Cannot read all data.\n")) as fake:
        done = tap.rung("push", "--to", fake.url, "--create", sample("failed"))
        said = done.stderr.decode()
        assert done.returncode == 1 and "17 rows were refused" in said, said
        assert len(fake.inserted) == 2, fake.inserted


def test_other_host():
    """The next one is asked when the first is away, or refuses."""
    with Fake() as fake:
        urls = "clickhouse://u:%s@127.0.0.1:%d,127.0.0.1:%d/db" % (PASSWORD, fake.port, fake.port)
        done = tap.rung("push", "--to", urls, "--create", sample("failed"))
        assert done.returncode == 0, done.stderr
        assert sum("version()" in sql for sql in fake.sql()) == 2


def test_no_clickhouse():
    """A server of something else."""
    with Fake() as fake:
        fake.take = lambda *_: (200, b"<html>hello</html>")
        fails_with(tap.rung("push", "-q", "--to", fake.url, "--create", sample("failed")),
                   "does not answer as ClickHouse does")


def test_no_libcurl():
    """Where its module is not installed: said at once."""
    module = pathlib.Path(tap.program()).parent.parent / "capture" / "rung-curl.so"
    if not module.exists():
        raise tap.Skip("libcurl is no module of this build")
    hide = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null "$0" && exec "$@"', module]
    try:
        subprocess.run([*hide, "true"], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise tap.Skip("no right to mount") from error
    for command in (["push", "--to"], ["calls"]):
        done = subprocess.run([*hide, tap.program(), *command, "clickhouse://u@127.0.0.1:1/db",
                               *([sample("failed")] if command[0] == "push" else [])],
                              capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1 and "without libcurl" in done.stderr, done


# --- Over shards ---------------------------------------------------------------------------------

def parts(database, table):
    """What each shard has of it."""
    sql = "SELECT hex(id), hex(key_hash) FROM %s_shard FINAL" % table
    return [[line.split("\t") for line in ask(shard.port, sql, database.name).splitlines()]
            for shard in shards()]


def test_shards():
    """A call is on one of them, with all that it has; and nothing is there twice."""
    database = Database.over_shards()
    files = [sample(name) for name in ("failed", "proxies", "media-loss", "registrations")]
    push(database, *files)
    before = counts(database)
    push(database, *files)
    assert counts(database) == before and min(before) > 0, (before, counts(database))
    place = {}
    for table in "messages", "calls", "streams":
        found = parts(database, table)
        assert all(found) or table == "streams", table
        ids_ = [row[0] for part in found for row in part]
        assert len(set(ids_)) == len(ids_) == database.count_of(table)
        for number, part in enumerate(found):
            assert all(place.setdefault(key, number) == number for _, key in part)
    compare(database, "calls", ("call_id", "from"), "calls", files)
    assert database.rows("SELECT count() AS n FROM findings")[0]["n"] != "0"


def test_shards_read_back():
    """From either of them, and chosen by its calls."""
    database = Database.over_shards()
    files = [sample("failed")]
    push(database, *files)
    same_as_files(database, *files)
    for expression in "message.status >= 400", 'call.id contains "a"', "call.outcome == failed":
        wanted = tap.rung("calls", "-q", "-T", "json", "-Y", expression, *files).stdout.decode()
        for shard in shards():
            url = "clickhouse://rung:%s@127.0.0.1:%d/%s" % (PASSWORD, shard.port, database.name)
            done = tap.rung("calls", "-q", "-T", "json", "-Y", expression, url)
            assert without(done.stdout.decode(), "call") == without(wanted, "call"), done.stderr
            assert done.stdout


def test_shards_live():
    """Also while one of them is away for a while."""
    database = Database.over_shards()
    with capturing(database.url, "--create") as process:
        live.send(0, 200)
        wait_for(lambda: database.count_of("messages") == 200)
        shards()[1].kill()
        live.send(200, 200)
        time.sleep(2)
        shards()[1].start()
        live.send(400, 200)
        wait_for(lambda: database.count_of("messages") == 600, 60)
        said = ends(process)
    assert ids(database) == {number: 1 for number in range(600)}, said
    assert said.count("trying again") <= 1, said


def test_shards_refusals():
    """Tables stay where they were made, and each host has to get them."""
    database = Database.over_shards(hosts=1)
    fails_with(database.push("-q", sample("failed")), "has 2 hosts, and the URL 1")
    unknown = Database.over_shards()
    unknown.url = unknown.url.replace("=two", "=three")
    fails_with(unknown.push("-q", sample("failed")), "has no cluster three")
    database = Database.over_shards()
    push(database, "-q", sample("failed"))
    alone = database.url.partition("?")[0]
    fails_with(tap.rung("push", "-q", "--create", "--to", alone, sample("failed")),
               "name it with ?cluster=")
    assert tap.rung("push", "-q", "--to", alone, sample("failed")).returncode == 0
    ask(shards()[1].port, "ALTER TABLE messages_shard DROP COLUMN to_user", database.name)
    push(database, "-q", sample("failed"))
    here = Database(shards()[0])
    push(here, "-q", sample("failed"))
    here.url += "?cluster=two"
    fails_with(here.push("-q", sample("failed")), "needs a new database")


# --- Reading back --------------------------------------------------------------------------------

FILES = ("failed", "proxies", "registrations", "tcp-split", "websocket", "ipv6", "sctp")


def read(database, command, *words, **options):
    """What the command prints of the database."""
    done = tap.rung(command, "-q", database.url, *words, **options)
    assert done.returncode == 0, (command, done.stderr.decode())
    return done.stdout.decode()


def without(text, *keys):
    """Rows of JSON, but for what packets alone have."""
    rows = [json.loads(line) for line in text.splitlines()]
    return [{key: value for key, value in row.items() if key not in keys} for row in rows]


def same_as_files(database, *files):
    for command in "calls", "messages", "explain", "flow", "show":
        words = ["-T", "json"]
        wanted = tap.rung(command, "-q", *words, *files).stdout.decode()
        found = without(read(database, command, *words), "frame")
        for got, want in itertools.zip_longest(found, without(wanted, "frame")):
            assert got == want, (command, got, want)
        assert found


def test_read_back():
    for name in FILES:
        database = Database()
        push(database, sample(name))
        same_as_files(database, sample(name))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "all.pcapng")
        read(database, "save", "-w", path)
        assert without(tap.rung("calls", "-T", "json", path).stdout.decode()) == without(
            read(database, "calls", "-T", "json"))


def records(path):
    """Head and packets of a pcap file."""
    content, at = path.read_bytes(), 24
    packets = []
    while at < len(content):
        end = at + 16 + struct.unpack_from("<I", content, at + 8)[0]
        packets.append(content[at:end])
        at = end
    return content[:24], packets


def test_read_three_probes():
    """Parts of a capture that overlap: the sightings of a message are one."""
    database = Database()
    head, packets = records(sample("failed"))
    third = len(packets) // 3
    parts = packets[:third + 2], packets[third:2 * third + 3], packets[2 * third:]
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, part in enumerate(parts):
            paths.append(pathlib.Path(folder, "%d.pcap" % number))
            paths[-1].write_bytes(head + b"".join(part))
            done = tap.rung("push", "-q", "--to", database.url, "--create", "--probe",
                            "p%d" % number, paths[-1])
            assert done.returncode == 0, done.stderr
        same_as_files(database, *paths)
        assert '"duplicate":true' in read(database, "messages", "-T", "json")


def test_read_fragments():
    """A datagram that two probes see in fragments at the same times is two sightings in the
    captures, too.  (Of one that is not whole there is one.)"""
    database = Database()
    head, packets = records(sample("fragments"))
    begin = struct.unpack_from("<I", packets[0])[0]
    whole = [packet for packet in packets if struct.unpack_from("<I", packet)[0] < begin + 5]
    assert 10 < len(whole) < len(packets)
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, name) for name in ("a.pcap", "b.pcap")]
        for probe, path in enumerate(paths):
            path.write_bytes(head + b"".join(whole))
            done = tap.rung("push", "-q", "--to", database.url, "--create", "--probe",
                            "p%d" % probe, path)
            assert done.returncode == 0, done.stderr
        same_as_files(database, *paths)
        assert '"duplicate":true' in read(database, "messages", "-T", "json")


def test_probes_and_their_clocks():
    """What two probes saw is one message, whatever their clocks say; and by how much they differ."""
    database = Database()
    head, packets = records(sample("basic"))
    alice = packets[0][16 + 26:16 + 30]
    with tempfile.TemporaryDirectory() as folder:
        for probe, ahead_us, way_us in ("berlin", 0, 0), ("paris", 612300, 4000):
            path = pathlib.Path(folder, probe + ".pcap")
            with open(path, "wb") as file:
                file.write(head)
                for packet in packets:  # from Alice they come to Berlin first
                    seconds, us = struct.unpack_from("<II", packet)
                    us += seconds * 1000000 + ahead_us
                    us += way_us if packet[16 + 26:16 + 30] == alice else -way_us
                    file.write(struct.pack("<II", us // 1000000, us % 1000000) + packet[8:])
            done = tap.rung("push", "-q", "--to", database.url, "--create", "--probe", probe, path)
            assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in read(database, "messages", "-T", "json").splitlines()]
    once = tap.rung("messages", "-T", "json", sample("basic")).stdout.splitlines()
    assert len(rows) == 2 * len(once) and not any(row["retransmission"] for row in rows), rows
    assert sum(row["duplicate"] for row in rows) == len(once), rows
    done = tap.rung("messages", "-T", "json", "-Y", "message.copier.node == paris", database.url)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(once) and all(row["duplicate"] for row in rows), rows
    assert b"by message.copier.node;" in done.stderr, done.stderr
    shown = read(database, "stats")
    assert re.search(r"(?s)Probes\n  berlin .* messages +7\n.*  paris .* messages +7\n"
                     r".* clock +612.3 ms ahead of berlin \(4 answers, half of them within 0.0 ms\)",
                     shown), shown
    rows = [json.loads(line) for line in read(database, "messages", "-T", "json", "-Y",
                                              "message.copier").splitlines()]
    assert rows == [], "a probe has no address"


def test_read_choice():
    """The database chooses calls as far as it can, the filter among their messages."""
    database = Database()
    files = [sample("failed")]
    push(database, *files)
    rows = without(tap.rung("calls", "-T", "json", *files).stdout.decode())
    evil = "'); DROP TABLE messages; --\\"
    for expression, fields in (
            ('call.id == "%s"' % rows[0]["call_id"], "call.id"),
            ("call.outcome == failed", "call.outcome"), ("call.outcome == answered", None),
            ("message.status >= 400 && message.method != BYE", "message.status"),
            ('to.user == "bob"', "to.user"), ('to.user contains "OB"', "to.user"),
            ("message.method == invite", "message.method"), ("call.messages > 3", None),
            ("call.outcome == failed || call.messages > 3", None),
            ("message.status != 200", None),
            ('call.id == "%s"' % evil.replace("\\", "\\\\"), "call.id")):
        for command in "calls", "messages":
            wanted = tap.rung(command, "-q", "-T", "json", "-Y", expression, *files).stdout
            done = tap.rung(command, "-T", "json", "-Y", expression, database.url)
            kept = [{k: v for k, v in row.items() if k not in ("call", "message", "frame", "dialog",
                                                              "transaction")}
                    for row in without(done.stdout.decode())]
            assert kept == without(wanted.decode(), "call", "message", "frame", "dialog",
                                   "transaction"), (command, expression, done.stderr)
            said = done.stderr.decode()
            assert ("by %s;" % fields if fields else "all are fetched") in said, (expression, said)
    assert database.count_of("messages") > 10
    first, last = rows[0]["start"], rows[-1]["end"]
    assert len(without(read(database, "calls", "-T", "json", "--since", first, "--until",
                            last))) >= len(rows) - 1
    assert read(database, "calls", "-T", "json", "--since", "2h") == ""


# --- Counted by the server -----------------------------------------------------------------------

BY = ("all", "hour", "trunk", "user-agent", "call.outcome", "call.status", "call.codecs_chosen",
      "call.endpoints", "from.user", "call.kind")


def causes(text):
    """Rows of explain --group; a database knows no numbers, and the first Call-ID."""
    rows = [json.loads(line) for line in text.splitlines()]
    assert all(row["call_ids"] for row in rows), rows
    return [{**row, "examples": None, "call_ids": None} for row in rows]


def same_counts(database, *files, said="", groups=BY, forms=("json",)):
    for words in [["explain", "--group"], *(["stats", "--by", by] for by in groups)]:
        for form in ["json"] if words[0] == "explain" else forms:
            done = tap.rung(*words, "-T", form, database.url)
            got, want = (run.stdout.decode()
                         for run in (done, tap.rung(*words, "-q", "-T", form, *files)))
            assert done.returncode == 0, (words, done.stderr)
            assert said in done.stderr.decode() and bool(said) == bool(done.stderr), done.stderr
            if words[0] == "explain":
                got, want = causes(got), causes(want)
            assert got == want, (words, form, got, want)


def test_count():
    database = Database()
    files = [sample(name) for name in ("failed", "proxies", "media-loss", "registrations", "fork")]
    push(database, *files)
    same_counts(database, *files, forms=["json", "csv", "text"])
    assert all(read(database, *words, "-T", "csv").count("\n") > 1
               for words in (["explain", "--group"], ["stats", "--by", "hour"]))


def test_count_over_shards():
    database = Database.over_shards()
    files = [sample(name) for name in ("failed", "media-loss", "registrations")]
    push(database, *files)
    same_counts(database, *files)


def test_count_between():
    """Calls with a message between two times are those that are read back."""
    database = Database()
    push(database, sample("failed"))
    words = ["--since", "2026-01-02T10:00:02Z", "--until", "2026-01-02T10:00:03Z"]
    for command in (["explain", "--group"], ["stats", "--by", "all"]):
        counted = read(database, command[0], "-T", "json", *command[1:], *words)
        again = read(database, command[0], "-T", "json", *command[1:], *words, "-Y",
                     "call.messages > 0")
        if command[0] == "explain":
            counted, again = causes(counted), causes(again)
        assert counted == again and counted, (command, counted, again)


def test_count_of_several_probes():
    """A call counts once, as the probe with most of its messages saw it."""
    database = Database()
    head, packets = records(sample("failed"))
    push(database, sample("failed"))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as part:
        part.write(head + b"".join(packets[:len(packets) // 2]))
        part.flush()
        done = tap.rung("push", "-q", "--to", database.url, "--probe", "p2", part.name)
        assert done.returncode == 0, done.stderr
        shared = len(tap.rung("calls", "-q", "-T", "json", part.name).stdout.splitlines())
    same_counts(database, sample("failed"),
                said="%d calls were pushed by several probes" % shared)


def test_count_cannot():
    """It is said why messages are read back."""
    database = Database()
    push(database, sample("failed"))
    for by in "call.duration", 'header["X-Account"]':
        done = tap.rung("stats", "--by", by, "-T", "csv", database.url)
        assert b"cannot count by" in done.stderr, done.stderr
        assert done.stdout == tap.rung("stats", "-q", "--by", by, "-T", "csv",
                                       sample("failed")).stdout and done.stdout
    database.ask("ALTER TABLE calls UPDATE finding = ['of-tomorrow'] WHERE 1"
                 if not ask(database.server.port, "SELECT version()").startswith("18.1") else
                 "INSERT INTO calls (id, call_id, finding, sessions) VALUES "
                 "('0123456789abcdef', 'x', ['of-tomorrow'], 1)")
    fails_with(tap.rung("explain", "-q", "--group", database.url), "only a newer rung knows")


OF_SCHEMA_2 = ("failed_srd_ms failed_sdd_ms sdt_ms failed_sdt_ms finding_where finding_status "
               "sessions ner seer isa scr registrations failed_registrations rrds").split()


def test_schema_1():
    """Its tables are refused, brought up to date, and what they lack is read back."""
    database = Database()
    push(database, sample("failed"))
    for column in OF_SCHEMA_2:
        database.ask("ALTER TABLE calls DROP COLUMN " + column)
    database.ask("DROP TABLE rung_schema")
    database.ask("CREATE TABLE rung_schema (version UInt32, at DateTime DEFAULT now()) "
                 "ENGINE=MergeTree() ORDER BY version")
    database.ask("INSERT INTO rung_schema (version) VALUES (1)")
    old = "calls were pushed by an older rung"
    same_counts(database, sample("failed"), said=old)
    fails_with(tap.rung("push", "-q", "--to", database.url, sample("failed")),
               "schema 1, of an older rung: bring it up to date once with --create")
    push(database, sample("media-loss"))
    assert database.ask("SELECT max(version) FROM rung_schema") == "2"
    said = tap.rung("stats", "--by", "all", database.url).stderr.decode()
    assert old in said, said
    push(database, sample("failed"))
    same_counts(database, sample("failed"), sample("media-loss"))


def test_read_named():
    """Only calls with the Call-IDs that --call names are fetched; a number is of all."""
    database = Database()
    push(database, sample("failed"))
    rows = [json.loads(line) for line in
            tap.rung("calls", "-T", "json", sample("failed")).stdout.splitlines()]
    named = [rows[1]["call_id"], rows[3]["call_id"]]
    words = [word for each in named for word in ("--call", each)]
    found = [json.loads(line) for line in
             read(database, "calls", "-T", "json", *words).splitlines()]
    assert [(row["call"], row["call_id"]) for row in found] == list(enumerate(named, 1)), found
    found = json.loads(read(database, "calls", "-T", "json", "--call", 4))
    assert found == rows[3], found
    done = tap.rung("calls", "-T", "json", "--call", "x') OR (1", database.url)
    assert done.returncode == 1 and done.stdout == b"", done


def test_read_exchanges():
    """With one of GB/T 28181 come its answers, whose Call-IDs are others; with other calls none."""
    database = Database()
    push(database, sample("failed"))
    push(database, sample("gb28181"))
    failed, exchanges = ([json.loads(line) for line in tap.rung(
        "calls", "-T", "json", sample(name)).stdout.splitlines()] for name in ("failed", "gb28181"))
    exchanges = [row for row in exchanges if row["messages"] > 2]
    assert len(exchanges) > 3, exchanges
    for row in exchanges:
        for words in (["--call", row["call_id"]], ["-Y", 'call.id == "%s"' % row["call_id"]]):
            found = json.loads(read(database, "calls", "-q", "-T", "json", *words))
            assert found["messages"] == row["messages"], (words, found, row)
    found = json.loads(read(database, "calls", "-T", "json", "--call", failed[-1]["call_id"]))
    assert found["call"] == 1, "nothing else was fetched"


def test_read_refusals():
    database = Database()
    words = ["calls", "-q"]
    fails_with(tap.rung(*words, database.url), "doesn't exist")
    fails_with(tap.rung(*words, database.url.replace(PASSWORD, PASSWORD + "x")),
               "wrong user or password (code 193)")
    fails_with(tap.rung(*words, database.url, sample("failed")), "read alone", 2)
    fails_with(tap.rung(*words, database.url, "--since", "yesterday"), "not 'yesterday'", 2)
    fails_with(tap.rung(*words, sample("failed"), "--since", "2h"), "are for a database", 2)


def test_read_cut():
    """A server that is gone in the middle: what came is shown, and that it is not all."""
    with Fake() as fake:
        row = struct.pack("<q", 1700000000 * 10 ** 9)
        for text in b"192.0.2.1:5060", b"[2001:db8::1]:5061", b"TLS", b"berlin", b"192.0.2.9":
            row += bytes([len(text)]) + text
        row += struct.pack("<Q", 2001)
        text = options_request(b"a-" + b"x" * 100)
        row += bytes([len(text) & 0x7f | 0x80, len(text) >> 7]) + text

        def take(path, body, _):
            if b"EXISTS" in body:
                return 200, b"0\n"
            if b"count()" in body:
                return 200, b"1000000\t1700000000000000000\t1700000100000000000\n"
            if b"time_ns>=1700000000000000000 " in body:
                return 200, row
            return 500, b"Code: 241. DB::Exception: Memory limit exceeded.\n"
        fake.take = take
        done = tap.rung("messages", "-T", "json", fake.url)
        copiers = tap.rung("messages", "-T", "csv", "--columns",
                           "message.copier,message.copier.id,message.copier.node", fake.url)
    rows = without(done.stdout.decode())
    assert copiers.stdout.splitlines()[1:] == [b"192.0.2.9,2001,"], copiers
    assert done.returncode == 1 and b"Memory limit exceeded" in done.stderr, done.stderr
    assert [(r["src"], r["dst"], r["transport"]) for r in rows] == [
        ("192.0.2.1:5060", "[2001:db8::1]:5061", "TLS")], rows


def test_read_endless_row():
    """A row that is longer than any takes no more memory."""
    with Fake() as fake:
        row = bytes(8 + 5 + 8) + b"\xff" * 9 + b"\x01" + bytes(66 << 20)
        fake.take = lambda path, body, _: (200, row if b"raw" in body else b"1\t1\t1\n")
        fake.http.handle_error = lambda *_: None  # the connection is given up
        fails_with(tap.rung("calls", "-q", fake.url), "does not answer as ClickHouse does")


def tests():
    return [("clickhouse: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
