"""TLS: SIP in real sessions of OpenSSL, read by key logs and by secrets in pcapng."""
import contextlib
import functools
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import live
import tap
from pty_session import Session

from scenario import tls, wire

WANTED = ["INVITE", "100", "180", "200", "ACK", "BYE", "200"]
TLS10, TLS11, TLS12, TLS13 = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2,
                              ssl.TLSVersion.TLSv1_3)
# Of TLS 1.2 and before: version, OpenSSL's name of the suite, kind of certificate.
SUITES = [
    (TLS12, "ECDHE-RSA-AES128-GCM-SHA256", "rsa"), (TLS12, "ECDHE-RSA-AES256-GCM-SHA384", "rsa"),
    (TLS12, "ECDHE-ECDSA-AES256-GCM-SHA384", "ec"), (TLS12, "DHE-RSA-AES128-GCM-SHA256", "rsa"),
    (TLS12, "AES256-GCM-SHA384", "rsa"), (TLS12, "ECDHE-RSA-CHACHA20-POLY1305", "rsa"),
    (TLS12, "ECDHE-ECDSA-CHACHA20-POLY1305", "ec"), (TLS12, "AES128-CCM", "rsa"),
    (TLS12, "AES256-CCM8", "rsa"), (TLS12, "ECDHE-ECDSA-AES128-CCM", "ec"),
    (TLS12, "ECDHE-ECDSA-AES256-CCM8", "ec"), (TLS12, "DHE-RSA-AES256-CCM", "rsa"),
    (TLS12, "AES128-SHA", "rsa"), (TLS12, "AES256-SHA256", "rsa"),
    (TLS12, "ECDHE-RSA-AES256-SHA384", "rsa"), (TLS12, "ECDHE-RSA-AES128-SHA", "rsa"),
    (TLS12, "CAMELLIA128-SHA256", "rsa"), (TLS12, "ECDHE-ARIA256-GCM-SHA384", "rsa"),
    (TLS12, "NULL-SHA256", "rsa"), (TLS11, "AES128-SHA", "rsa"),
    (TLS11, "ECDHE-RSA-AES256-SHA", "rsa"), (TLS10, "AES256-SHA", "rsa"),
    (TLS10, "ECDHE-ECDSA-AES128-SHA", "ec"),
]


@functools.lru_cache(maxsize=None)
def folder():
    """For certificates; removed at the end of the process."""
    holder = tempfile.TemporaryDirectory()
    folder.holder = holder
    if not shutil.which("openssl"):
        raise tap.Skip("openssl is not installed")
    return pathlib.Path(holder.name)


def needs_tls():
    if "decrypting TLS: by" not in tap.version():
        raise tap.Skip("built without TLS")


def rows(*arguments, status=0, **options):
    done = tap.rung("messages", "-T", "json", *arguments, **options)
    assert done.returncode == status, (done.returncode, done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def words(messages):
    return [m["method"] or str(m["status"]) for m in messages]


def expect_call(messages, transport="TLS"):
    assert words(messages) == WANTED, words(messages)
    assert {m["transport"] for m in messages} == {transport}, messages
    assert all(m["complete"] for m in messages)


def check(frames, key_log, wanted=None, transport="TLS"):
    """The same by a key log and by a block of secrets; and not a message without."""
    plain, with_secrets = folder() / "x.pcap", folder() / "x.pcapng"
    plain.write_bytes(tls.capture(frames))
    with_secrets.write_bytes(tls.capture_with_secrets(frames, key_log))
    assert rows(plain) == []
    found = rows("--keylog", key_log, plain)
    if wanted is None:
        expect_call(found, transport)
    else:
        assert words(found) == wanted, words(found)
    assert rows(with_secrets) == found
    return found


def new_key_log():
    path = folder() / "keys.log"
    path.unlink(missing_ok=True)
    return path


def connect(dialogue=None, session=None, key_log=None, **options):
    """The flights of a session in memory, its key log, and what resumes it."""
    needs_tls()
    key_log = key_log or new_key_log()
    try:
        client, server = tls.contexts(folder(), key_log, **options)
        return (*tls.session(client, server, dialogue, session=session), key_log, client, server)
    except ssl.SSLError as why:
        raise tap.Skip("this OpenSSL does not: %s" % why) from None


def suite(version, name, kind):
    """Also with records that lie in several segments, or several in one."""
    flights, _, key_log, _, _ = connect(versions=version, ciphers=name + ":@SECLEVEL=0", kind=kind)
    for size in (1400, 60000, 37):
        check(tls.packets(flights, size), key_log)


def without_encrypt_then_mac(version, name):
    """OpenSSL can only be told so by its configuration."""
    needs_tls()
    config = folder() / "no-etm.cnf"
    config.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                      "Options = -EncryptThenMac\n")
    flights = in_other_process(config, version, name + ":@SECLEVEL=0")
    check(tls.packets(flights), folder() / "keys.log")


def in_other_process(config, *arguments):
    key_log = new_key_log()
    tls.certificate(folder())
    done = subprocess.run([sys.executable, "-m", "scenario.tls", folder(), key_log, *arguments],
                          capture_output=True, check=False, cwd=tap.ROOT / "tests",
                          env={**os.environ, "OPENSSL_CONF": str(config),
                               "PYTHONDONTWRITEBYTECODE": "1"})
    if done.returncode:
        raise tap.Skip("this OpenSSL does not: %s" % done.stderr.decode().splitlines()[-1])
    return [(int(line[:1]), bytes.fromhex(line[2:])) for line in done.stdout.decode().splitlines()]


def suite_1_3(name):
    needs_tls()
    config = folder() / "suite.cnf"
    config.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                      "Ciphersuites = %s\n" % name)
    flights = in_other_process(config, "TLSv1_3")
    for size in (1400, 60000, 37):
        check(tls.packets(flights, size), folder() / "keys.log")


def test_hello_retry():
    flights, _, key_log, _, _ = connect(versions=TLS13, curve="secp521r1")
    assert len([d for d, _ in flights]) > 3
    check(tls.packets(flights), key_log)


def test_mutual():
    for version in (TLS12, TLS13):
        flights, _, key_log, _, _ = connect(versions=version, mutual=True)
        check(tls.packets(flights), key_log)


def test_resumed():
    """By ticket, by id, and by a key that was shared before (TLS 1.3)."""
    for version, option in ((TLS12, 0), (TLS12, ssl.OP_NO_TICKET), (TLS13, 0)):
        needs_tls()
        key_log = new_key_log()
        client, server = tls.contexts(folder(), key_log, versions=version)
        server.options |= option
        _, session = tls.session(client, server)
        key_log.write_bytes(b"")
        memory = tls.Memory(client, server, session=session)
        memory.handshake()
        assert memory.ends[0].session_reused, version
        memory.send(tls.call())
        check(tls.packets(memory.flights), key_log)


def test_renegotiation_key_update_and_early_data():
    needs_tls()
    key_log = new_key_log()
    call = tls.call()
    with contextlib.closing(tls.OpenSsl(folder(), key_log, "-tls1_2", "-legacy_renegotiation",
                                        "-client_renegotiation")) as server:
        flights = server.talk([*call[:3], b"R\n", *call[3:]], "-tls1_2")
    check(tls.packets(flights), key_log)
    key_log = new_key_log()
    with contextlib.closing(tls.OpenSsl(folder(), key_log, "-tls1_3")) as server:
        flights = server.talk([*call[:2], b"K\n", *call[2:4], b"k\n", *call[4:]], "-tls1_3")
    check(tls.packets(flights), key_log)
    key_log = new_key_log()
    ticket, early = folder() / "ticket", folder() / "early"
    early.write_bytes(call[0][1])
    with contextlib.closing(tls.OpenSsl(folder(), key_log, "-tls1_3", "-early_data")) as server:
        server.talk([(tls.TO_SERVER, b"OPTIONS \r\n")], "-tls1_3", "-sess_out", ticket)
        key_log.write_bytes(b"")
        flights = server.talk(call[1:], "-tls1_3", "-sess_in", ticket, "-early_data", early)
    assert b"CLIENT_EARLY_TRAFFIC_SECRET" in key_log.read_bytes()
    check(tls.packets(flights), key_log)


def test_both_sides_of_many_calls():
    """All messages of a long connection, in segments that hold parts of several records."""
    dialogue = [m for i in range(200) for m in tls.call("many-%d" % i, "x" * (i * 37 % 3000))]
    for version in (TLS12, TLS13):
        flights, _, key_log, _, _ = connect(dialogue, versions=version)
        check(tls.packets(flights), key_log, WANTED * 200)


def test_disordered_and_doubled():
    """Segments that changed places, and that came twice: nothing is lost."""
    dialogue = [m for i in range(30) for m in tls.call("shuffled-%d" % i)]
    flights, _, key_log, _, _ = connect(dialogue, versions=TLS13)
    whole = tls.packets(flights, 500)
    for seed in range(5):
        source = random.Random(seed)
        frames = list(whole)
        for at in range(3, len(frames) - 5):
            if source.random() < 0.2:
                frames[at], frames[at + 1] = frames[at + 1], frames[at]
            if source.random() < 0.1:
                frames.insert(at + 2, frames[at])
        frames = [(tls.START_NS + i * 10**6, *frame[1:]) for i, frame in enumerate(frames)]
        found = check(frames, key_log, sorted_words(frames, key_log))
        assert sorted(words(found)) == sorted(WANTED * 30)


def sorted_words(frames, key_log):
    path = folder() / "order.pcap"
    path.write_bytes(tls.capture(frames))
    return words(rows("--keylog", key_log, path))


def lost_segments(version, ciphers=None):
    """Holes: what lies after them is found again, and nothing is invented."""
    dialogue = [m for i in range(40) for m in tls.call("lost-%d" % i)]
    flights, _, key_log, _, _ = connect(dialogue, versions=version, ciphers=ciphers)
    whole = tls.packets(flights, 700)
    for seed in range(4):
        source = random.Random(seed)
        first = next(i for i, p in enumerate(whole) if i > 25)
        lost = {source.randrange(first, len(whole) - 4) for _ in range(4)}
        lost = {i for i in lost if whole[i][3] > 0}
        path = folder() / "lost.pcap"
        path.write_bytes(tls.capture([p for i, p in enumerate(whole) if i not in lost]))
        found = [m for m in rows("--keylog", key_log, path) if m["complete"]]
        assert len(WANTED) * 40 - 6 * len(lost) <= len(found) <= len(WANTED) * 40, len(found)
        known = {"lost-%d" % i for i in range(40)}
        assert {m["call_id"] for m in found} <= known


def test_cut_captures():
    """That end anywhere give what they have; those that begin midway are counted."""
    flights, _, key_log, _, _ = connect(versions=TLS13)
    whole = tls.packets(flights, 400)
    for end in range(3, len(whole), 3):
        path = folder() / "cut.pcap"
        path.write_bytes(tls.capture(whole[:end]))
        found = words(rows("--keylog", key_log, path))
        assert found == WANTED[:len(found)], found
    handshake = next(i for i, p in enumerate(whole) if i > 12)
    path.write_bytes(tls.capture(whole[handshake:]))
    done = tap.rung("messages", "--keylog", key_log, path)
    assert b"TLS connections without a key: 1" in done.stderr and not done.stdout, done


def test_transport_is_secure_websocket():
    """WSS: what is in TLS is found out as in TCP (RFC 7118)."""
    from scenario import transport
    ask = (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"
           b"Sec-WebSocket-Version: 13\r\n\r\n")
    reply = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
             b"Sec-WebSocket-Protocol: sip\r\n\r\n")

    class End:
        def __init__(self, name):
            self.name, self.address, self.port, self.host = name, tls.CLIENT[0], 443, "x"

    ends = End("client"), End("server")
    socket = transport.WebSocket(*ends, {})
    dialogue = [(tls.TO_SERVER, ask), (tls.TO_CLIENT, reply)]
    dialogue += [(d, socket.frame(ends[d], data, 1, True)) for d, data in tls.call()]
    flights, _, key_log, _, _ = connect(dialogue)
    check(tls.packets(flights), key_log, transport="WSS")


def test_wrong_key_logs():
    """One line that says which, and everything that is right is used."""
    flights, _, key_log, _, _ = connect()
    path = folder() / "x.pcap"
    path.write_bytes(tls.capture(tls.packets(flights)))
    good = key_log.read_bytes()
    secret = good.split()[2].decode()
    log = folder() / "wrong.log"
    bad = (b"CLIENT_RANDOM 12 34\nhello\n\xff\xfe\0\n"
           b"CLIENT_TRAFFIC_SECRET_0 " + b"a" * 100000 + b"\n"
           b"CLIENT_RANDOM " + b"0" * 64 + b" " + b"1" * 95 + b"\n")
    log.write_bytes(b"# comment\n\n" + bad + good)
    done = tap.rung("messages", "--keylog", log, path)
    assert len(done.stdout.splitlines()) == 7, done
    said = done.stderr.decode()
    wanted = "no lines of a TLS key log, the first of them line 3"
    assert said.count("\n") == 1 and wanted in said, said
    assert secret not in said and secret not in done.stdout.decode()
    for content in (good.rstrip(b"\n"), good.replace(b"\n", b"\r\n"), good + good):
        log.write_bytes(content)
        expect_call(rows("--keylog", log, path))
    log.write_bytes(b"")
    assert rows("--keylog", log, path) == []
    done = tap.rung("messages", "--keylog", folder() / "none.log", path)
    assert done.returncode == 1 and b"none.log: No such file" in done.stderr, done


def test_many_lines():
    """A million lines of others: the ones that are needed are found, the memory is bounded."""
    flights, _, key_log, _, _ = connect()
    path, log = folder() / "x.pcap", folder() / "many.log"
    path.write_bytes(tls.capture(tls.packets(flights)))
    with open(log, "wb") as out:
        for i in range(300_000):
            out.write(b"CLIENT_RANDOM %064x %096x\n" % (i, i))
        out.write(key_log.read_bytes())
    expect_call(rows("--keylog", log, path))


def test_several_key_logs():
    """Each has the keys of one connection; one of them comes out of a pipe."""
    frames, logs = [], []
    for i in range(2):
        log = folder() / ("keys-%d.log" % i)
        log.unlink(missing_ok=True)
        flights, *_ = connect(tls.call("several-%d" % i), key_log=log)
        client = (tls.CLIENT[0], 40000 + i)
        frames += tls.packets(flights, client=client, start_ns=tls.START_NS + i * 10**9)
        logs.append(log)
    path = folder() / "x.pcap"
    path.write_bytes(tls.capture(frames))
    assert words(rows("--keylog", logs[0], path)) == WANTED
    assert words(rows("--keylog", logs[0], "--keylog", logs[1], path)) == WANTED * 2
    read, write = os.pipe()
    os.write(write, logs[1].read_bytes())
    os.close(write)
    found = rows("--keylog", logs[0], "--keylog", "/dev/fd/%d" % read, path, pass_fds=[read])
    os.close(read)
    assert words(found) == WANTED * 2


def test_private_key():
    """Of the server, for RSA key exchange: with and without an extended master secret."""
    needs_tls()
    _, key = tls.certificate(folder())
    path = folder() / "x.pcap"
    for version, name in ((TLS12, "AES128-GCM-SHA256"), (TLS12, "AES256-GCM-SHA384"),
                          (TLS12, "AES128-SHA"), (TLS10, "AES256-SHA")):
        for mutual in (False, True):
            flights, *_ = connect(versions=version, ciphers=name + ":@SECLEVEL=0", mutual=mutual)
            path.write_bytes(tls.capture(tls.packets(flights)))
            expect_call(rows("-k", key, path))
    saved = save("-k", key, "--with-secrets", path)
    expect_call(rows(saved))
    config = folder() / "no-ems.cnf"
    config.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                      "Options = -ExtendedMasterSecret\n")
    flights = in_other_process(config, "TLSv1_2", "AES128-SHA")
    path.write_bytes(tls.capture(tls.packets(flights)))
    expect_call(rows("-k", key, path))
    flights, *_ = connect(versions=TLS12)
    path.write_bytes(tls.capture(tls.packets(flights)))
    assert rows("-k", key, path) == []  # forward secrecy
    wrong = folder() / "wrong.key"
    wrong.write_text("no key\n")
    done = tap.rung("messages", "-k", wrong, path)
    assert b"wrong.key: not an RSA private key" in done.stderr and not done.stdout, done


def follow_late_keys(path, lines, late):
    """What is read of a file that is there, while lines of its keys come in halves."""
    late.write_bytes(b"")
    process = subprocess.Popen([tap.program(), "messages", "--follow", "--keylog", late, path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    reader = tls.Reader(process.stdout)
    time.sleep(0.7)
    assert reader.data == b"", reader.data
    with open(late, "ab", buffering=0) as out:
        for line in lines:
            out.write(line[:50])
            time.sleep(0.1)
            out.write(line[50:])
    for wanted in (b"200 OK (BYE)", b"BYE sips:"):  # the keys of both sides
        reader.wait(wanted, 20)
    process.send_signal(signal.SIGINT)
    process.wait(20)
    said = process.stderr.read().decode()
    assert reader.data.count(b" TLS ") == 7 and "key" not in said.lower(), (reader.data, said)


def test_keys_that_come_later():
    """Both files grow: what was captured before its key is read when that has come, also of a
    connection that has ended, by a FIN of both or by an RST."""
    for version in (TLS12, TLS13):
        flights, _, key_log, _, _ = connect(versions=version)
        path, late = folder() / "live.pcap", folder() / "late.log"
        frames, lines = tls.packets(flights), key_log.read_bytes().splitlines(True)
        time_ns, direction, fin, length = frames[-3]
        flags_at = 14 + 20 + 13
        reset = fin[:flags_at] + bytes([wire.TCP_RST | wire.TCP_ACK]) + fin[flags_at + 1:]
        for shown in (frames[:-3], frames, [*frames[:-3], (time_ns, direction, reset, length)]):
            path.write_bytes(tls.capture(shown))
            follow_late_keys(path, lines, late)


def failing(versions, trusts=True):
    """A handshake that ends in an alert."""
    needs_tls()
    key_log = new_key_log()
    client, _ = tls.contexts(folder(), key_log, versions=versions[0])
    _, server = tls.contexts(folder(), key_log, versions=versions[1])
    client.verify_mode = ssl.CERT_NONE if trusts else ssl.CERT_REQUIRED
    memory = tls.Memory(client, server)
    with contextlib.suppress(ssl.SSLError):
        memory.handshake()
    memory.move()
    path = folder() / "failed.pcap"
    path.write_bytes(tls.capture(tls.packets(memory.flights)))
    return path, key_log


def connections(*arguments):
    done = tap.rung("stats", "-T", "json", *arguments)
    return json.loads(done.stdout)["tls"], done.stderr.decode()


def test_failed_handshakes():
    """By name and direction."""
    path, _ = failing((TLS12, TLS13))
    (row,), said = connections(path)
    assert (row["finding"], row["alert"], row["alert_by"]) == (
        "tls-alert", "protocol_version", "server"), row
    assert "TLS handshakes that failed: 1 (198.51.100.20:5061, sip.example.com," in said, said
    path, _ = failing((TLS12, TLS12), trusts=False)
    (row,), said = connections(path)
    assert (row["alert"], row["alert_by"], row["version"]) == (
        "unknown_ca", "client", "TLS 1.2"), row
    assert row["subject"] == "O=Example,CN=sip.example.com" == row["issuer"], row
    assert "alert unknown_ca by the client" in said, said
    path, key_log = failing((TLS13, TLS13), trusts=False)
    (row,), _ = connections("--keylog", key_log, path)
    assert row["alert"] == "unknown_ca" and row["finding"] == "tls-alert", row
    assert row["subject"] == "O=Example,CN=sip.example.com", row


def test_connections_without_a_key_are_named():
    for version in (TLS12, TLS13):
        flights, *_ = connect(versions=version)
        path = folder() / "x.pcap"
        path.write_bytes(tls.capture(tls.packets(flights) + tls.packets(
            flights, client=(tls.CLIENT[0], 40001), start_ns=tls.START_NS + 10**9)))
        (row,), said = connections(path)
        assert row["connections"] == 2 and row["finding"] == "tls-unread", row
        assert row["server"] == "198.51.100.20:5061" and row["client"] == "192.0.2.10:40000", row
        assert row["name"] == "sip.example.com" and row["protocol"] == "sip/2", row
        assert row["version"] == {TLS12: "TLS 1.2", TLS13: "TLS 1.3"}[version], row
        assert row["suite"].startswith("TLS_") and (row["subject"] is None) == (version == TLS13)
        assert "TLS connections without a key: 2 (most: 198.51.100.20:5061, sip.example" in said


def lines_of(command, *arguments, status=0):
    done = tap.rung(command, "-T", "json", *arguments)
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_explain_and_lint_say_it():
    """Although they belong to no call; but not where calls are selected."""
    path, _ = failing((TLS12, TLS12), trusts=False)
    (row,) = lines_of("explain", path)
    (finding,) = row["findings"]
    assert row["call"] is None and (finding["id"], finding["severity"]) == ("tls-alert", "error")
    (call,) = lines_of("explain", tap.SAMPLES / "basic.pcap")
    assert list(row) == list(call), (list(row), list(call))
    wanted = "1 TLS connection to 198.51.100.20:5061: sip.example.com, handshake failed, TLS 1.2, "
    assert row["summary"] == finding["text"] and finding["text"].startswith(wanted), finding
    assert finding["text"].endswith("; from 192.0.2.10:40000, frame 4"), finding
    (group,) = lines_of("explain", "--group", path)
    assert (group["id"], group["calls"], group["connections"], group["where"]) == (
        "tls-alert", 0, 1, "198.51.100.20:5061"), group
    (flaw,) = lines_of("lint", "--fail-on", "error", path, status=1)
    assert (flaw["id"], flaw["severity"], flaw["message"], flaw["call"]) == (
        "tls-alert", "error", None, None), flaw
    for command in ("explain", "lint"):
        text = tap.rung(command, "--width", "200", path).stdout.decode()
        assert "tls-alert" in text and "unknown_ca by the client" in text, text
        csv = tap.rung(command, "-T", "csv", path).stdout.decode()
        assert csv.count("tls-alert") == 1, csv
        assert lines_of(command, "-Y", "call.number > 0", path) == []
    text = tap.rung("explain", "--group", path).stdout.decode()
    assert "tls-alert" in text and "0 of 0 calls" in text, text
    text = tap.rung("explain", "-T", "markdown", path).stdout.decode()
    assert text.startswith("## TLS: `198.51.100.20:5061`\n\n- **error** `tls-alert`: "), text


def test_unread_connections_are_notes():
    flights, *_ = connect()
    path = folder() / "unread.pcap"
    path.write_bytes(tls.capture(tls.packets(flights)))
    (row,) = lines_of("explain", path)
    assert row["findings"][0]["id"] == "tls-unread", row
    assert lines_of("lint", "--fail-on", "warning", path)[0]["id"] == "tls-unread"
    lines_of("lint", "--fail-on", "note", path, status=1)


def test_open_connections_are_shown():
    """On the screen of statistics, in a file that still grows: decrypted, and without a key."""
    flights, _, key_log, *_ = connect()
    path = folder() / "open.pcap"
    for options in ("--keylog", key_log), ():
        path.write_bytes(tls.capture(tls.packets(flights)[:-6]))
        with Session("--follow", *options, path, size=(160, 60)) as session:
            session.expect("following")
            session.send("i")
            session.expect("198.51.100.20:5061 +1: sip.example")


def test_secrets_in_the_dialog():
    """Saved only where they are asked for."""
    path, key_log = two_connections()
    for is_asked in (False, True):
        saved = folder() / ("dialog-%d.pcapng" % is_asked)
        with Session("--keylog", key_log, path, size=(120, 30)) as session:
            session.expect("4 calls")
            session.send("F2")
            session.expect("Cancel")
            session.send("\x15", str(saved))
            session.expect("with secrets")
            session.send("Tab", "Tab", "Tab", "Tab")
            if is_asked:
                session.send(" ")
                session.expect("with secrets +\\[x\\]")
            session.send("Enter")
            session.expect("dialog-%d.pcapng: " % is_asked)
        assert len(rows(saved)) == (28 if is_asked else 0)
        assert (b"CLIENT_" in saved.read_bytes()) == is_asked


def save(*arguments, status=0):
    """What is in the file that `save` wrote."""
    path = folder() / "saved.pcapng"
    done = tap.rung("save", "--force", "-w", path, *arguments)
    assert done.returncode == status, (done.returncode, done.stderr.decode())
    return path


def two_connections():
    """A capture of two connections with a call each, and the key log of both."""
    key_log, frames = new_key_log(), []
    for i in range(2):
        flights, *_ = connect(tls.call("one-%d" % i) + tls.call("two-%d" % i), key_log=key_log)
        frames += tls.packets(flights, 200, client=(tls.CLIENT[0], 40000 + i),
                              start_ns=tls.START_NS + i * 10**9)
    path = folder() / "two.pcap"
    path.write_bytes(tls.capture(frames))
    return path, key_log


def test_saved_packets_can_be_read():
    """Of one call: its connection from the beginning; with secrets, those of it alone."""
    path, key_log = two_connections()
    whole = rows("--keylog", key_log, path)
    for call in range(1, 5):
        wanted = [m["call_id"] for m in whole if m["call"] == call][0]
        for options in ([], ["--with-secrets"]):
            saved = save("--keylog", key_log, "--call", call, *options, path)
            again = rows(*([] if options else ["--keylog", key_log]), saved)
            assert words([m for m in again if m["call_id"] == wanted]) == WANTED, (call, options)
            other = wanted[:-1] + ("0" if wanted[-1] == "1" else "1")
            assert not [m for m in again if m["call_id"] == other]
            assert (b"CLIENT_" in saved.read_bytes()) == bool(options)
        secrets = {line.split()[1] for line in saved.read_bytes().split(b"\n")
                   if line.startswith((b"CLIENT_", b"SERVER_")) and len(line.split()) == 3}
        assert len(secrets) == 1, "secrets of another connection were saved"
    done = tap.rung("save", "--force", "-w", folder() / "x.pcap", "--with-secrets", path)
    assert done.returncode == 2 and b"needs pcapng" in done.stderr, done


def test_saved_without_encryption():
    path, key_log = two_connections()
    saved = save("--keylog", key_log, "--call", 2, "--decrypted", path)
    found = rows(saved)
    assert words(found) == WANTED and {m["call_id"] for m in found} == {"two-0"}, found
    assert found[0]["src"] == "192.0.2.10:40000" and found[0]["dst"] == "198.51.100.20:5061"
    if shutil.which("tshark"):
        done = subprocess.run(["tshark", "-r", saved, "-Y", "sip", "-T", "fields", "-e",
                               "sip.Call-ID"], capture_output=True, check=False)
        assert done.stdout.decode().split() == ["two-0"] * 7, done


def talk_on_loopback(listener, client, server, dialogue):
    """A connection through the kernel, to be captured."""
    with contextlib.ExitStack() as stack:
        near = stack.enter_context(socket.create_connection(listener.getsockname()))
        far = stack.enter_context(listener.accept()[0])
        thread = threading.Thread(target=lambda: ends.append(
            server.wrap_socket(far, server_side=True)))
        ends = []
        thread.start()
        ends.insert(0, client.wrap_socket(near, server_hostname="sip.example.com"))
        thread.join()
        for direction, data in dialogue:
            ends[direction].sendall(data)
            got = b""
            while len(got) < len(data):
                got += ends[1 - direction].recv(65536)
        for end in ends:
            end.close()


def test_live_save():
    """The packets, with the secrets of their connection, are there while the capture goes on."""
    live.may_capture()
    needs_tls()
    key_log, path = new_key_log(), folder() / "live.pcapng"
    key_log.touch()
    client, server = tls.contexts(folder(), key_log)
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            tap.running([tap.program(), "save", "-i", "lo", "-f",
                         "tcp port %d" % listener.getsockname()[1], "--keylog", key_log,
                         "--with-secrets", "--force", "-w", path],
                        stderr=subprocess.PIPE) as process:
        live.wait_until_it_captures(process)
        talk_on_loopback(listener, client, server, tls.call("live-1"))
        end = time.monotonic() + 20
        while time.monotonic() < end and not (path.exists() and is_saved(path)):
            time.sleep(0.2)
        process.kill()
        process.wait(10)
    expect_call(rows(path))


def is_saved(path):
    """A file that is still written may end in the middle of a block."""
    done = tap.rung("messages", "-T", "json", path)
    return done.stdout.count(b"\n") == len(WANTED)


def test_tshark_reads_what_was_saved():
    if not shutil.which("tshark"):
        raise tap.Skip("tshark is not installed")
    path, key_log = two_connections()
    saved = save("--keylog", key_log, "--with-secrets", path)
    done = subprocess.run(["tshark", "-r", saved, "-d", "tcp.port==5061,tls", "-Y", "sip"],
                          capture_output=True, check=False)
    assert done.stdout.count(b"\n") == 28, done


def test_tshark_finds_the_same():
    if not shutil.which("tshark"):
        raise tap.Skip("tshark is not installed")
    for version, name in ((TLS12, "AES128-SHA256"), (TLS12, None), (TLS13, None)):
        flights, _, key_log, _, _ = connect(versions=version, ciphers=name)
        path = folder() / "x.pcapng"
        path.write_bytes(tls.capture_with_secrets(tls.packets(flights), key_log))
        done = subprocess.run(["tshark", "-r", path, "-d", "tcp.port==5061,tls", "-Y", "sip", "-T",
                               "fields", "-e", "sip.Method", "-e", "sip.Status-Code"],
                              capture_output=True, check=False)
        theirs = done.stdout.decode().split()
        assert theirs == words(rows(path)), (theirs, done.stderr)


def tests():
    found = [("%s %s %s" % (version.name, name, kind),
              functools.partial(suite, version, name, kind)) for version, name, kind in SUITES]
    found += [("TLSv1_3 " + name, functools.partial(suite_1_3, name)) for name in
              ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
               "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")]
    found += [("%s %s without encrypt-then-MAC" % (version, name),
               functools.partial(without_encrypt_then_mac, version, name))
              for version, name in (("TLSv1_2", "AES128-SHA256"), ("TLSv1", "AES128-SHA"),
                                    ("TLSv1_2", "ECDHE-RSA-AES256-SHA384"),
                                    ("TLSv1_1", "AES256-SHA"))]
    found += [("lost segments of %s %s" % (version.name, name or ""),
               functools.partial(lost_segments, version, name))
              for version, name in ((TLS12, None), (TLS13, None), (TLS12, "AES128-SHA256"),
                                    (TLS10, "AES128-SHA:@SECLEVEL=0"))]
    return found + [(name[5:].replace("_", " "), function)
                    for name, function in sorted(globals().items()) if name.startswith("test_")]
