"""HEP received (-L) and sent (-H), over UDP and TCP, alone and from one rung to another."""
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

import hep as hep_files
import pty_session
import tap

from scenario import hep, script


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(*words):
    return tap.running([tap.program(), *map(str, words)], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def is_bound(protocol, port):
    wanted = ":%04X " % port
    return any(wanted in line and (protocol == "udp" or " 0A " in line) for name in ("", "6")
               for line in pathlib.Path("/proc/net/" + protocol + name).read_text().splitlines())


def wait_for(what, seconds=15):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "too late"
        time.sleep(0.02)


def lines(process, count, seconds=15):
    """As many rows as that."""
    text, end = b"", time.monotonic() + seconds
    while text.count(b"\n") < count and time.monotonic() < end:
        if select.select([process.stdout], [], [], 0.1)[0]:
            text += os.read(process.stdout.fileno(), 65536)
    return [json.loads(line) for line in text.splitlines()]


def stop(process, status=0):
    process.send_signal(signal.SIGINT)
    output, said = process.communicate(timeout=20)
    assert process.returncode == status, said.decode()
    return [json.loads(line) for line in output.splitlines()], said.decode()


def send(protocol, port, packets, host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as sender:
        sender.connect((host, port))
        if protocol == "tcp":
            stream = b"".join(packets)
            for at in range(0, len(stream), 777):
                sender.sendall(stream[at:at + 777])
        else:
            for packet in packets:
                sender.send(packet)


def test_received():
    """As what was captured where it was copied; over IPv6, too."""
    v4, v6 = "127.0.0.1", "::1"
    for protocol, address, host in (("udp", v4, v4), ("tcp", v4, v4), ("udp", "[::1]", v6),
                                    ("tcp", "", v4)):
        port = free_port(socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
        where = "%s:%s:%d" % (protocol, address, port)
        with start("messages", "-T", "json", "-L", where) as process:
            wait_for(lambda p=protocol, n=port: is_bound(p, n))
            send(protocol, port, hep.copies(hep_files.CALL), host)
            hep_files.check_call(lines(process, 7))
            rows, said = stop(process)
            assert rows == [] and "refused" not in said, said


def test_saved():
    """As packets that can be read again."""
    port = free_port(socket.SOCK_STREAM)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.pcapng")
        words = ["-Z", "root"] if os.geteuid() == 0 else []
        with start("save", "-L", "tcp:127.0.0.1:%d" % port, "-w", path, *words) as process:
            wait_for(lambda: is_bound("tcp", port))
            send("tcp", port, hep.copies(hep_files.CALL))
            wait_for(lambda: os.path.exists(path))
            wait_for(lambda: len(hep_files.read(path)) == 7)
            stop(process)
        hep_files.check_call(hep_files.read(path))


def test_refused():
    """Without the password, from others, and what is no HEP: counted, with the reason."""
    copies = hep.copies(hep_files.CALL)
    for words, packets, taken, why in (
            (["--hep-password", "s3cret-key"], copies, 7, None),
            (["--hep-password", "s3cret-kez"], copies, 0,
             "refused 7 times: wrong or missing password"),
            (["--hep-password", "s3cret-ke"], copies, 0,
             "refused 7 times: wrong or missing password"),
            (["--hep-allow", "127.0.0.0/8"], copies, 7, None),
            (["--hep-allow", "10.0.0.0/8", "--hep-allow", "127.0.0.1"], copies, 7, None),
            (["--hep-allow", "127.0.0.2/31"], copies, 0,
             "refused 7 times: the sender is not in --hep-allow"),
            ([], [b"OPTIONS sip:x SIP/2.0\r\n\r\n"], 0, "refused 1 time: not HEP")):
        port = free_port(socket.SOCK_DGRAM)
        with start("messages", "-T", "json", "-L", "udp:127.0.0.1:%d" % port, *words) as process:
            wait_for(lambda n=port: is_bound("udp", n))
            send("udp", port, packets)
            found = lines(process, taken) if taken else []
            time.sleep(0 if taken else 0.3)
            rows, said = stop(process, 1 if why else 0)
            assert len(found) == taken and not rows and (why or "") in said, (words, said)
            assert why or "refused" not in said, said
            assert "s3cret" not in said


def test_hostile_connections():
    """What is no HEP ends its connection alone; one that is silent costs nothing."""
    port = free_port(socket.SOCK_STREAM)
    with start("messages", "-T", "json", "-L", "tcp:127.0.0.1:%d" % port) as process:
        wait_for(lambda: is_bound("tcp", port))
        open_ones = []
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"HEP3\0\0", b"HEP3\0\5",
                     b"HEP3\xff\xff" + b"x" * 99, b"HE", b""):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(text)
            open_ones.append(one)
        send("tcp", port, hep.copies(hep_files.CALL))
        hep_files.check_call(lines(process, 7))
        for one in open_ones[:3]:
            assert one.recv(1) == b"", "closed"
        _, said = stop(process, 1)
        assert "refused 3 times: not HEP" in said, said
        for one in open_ones:
            one.close()


def test_from_one_to_another():
    """The same rows at both ends as in the capture."""
    for protocol in "udp", "tcp":
        port = free_port(socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM)
        where = "%s:127.0.0.1:%d" % (protocol, port)
        for name in "proxies", "websocket", "ipv6":
            path = tap.SAMPLES / (name + ".pcap")
            keys = ("time", "src", "dst", "transport", "method", "status", "call_id", "cseq",
                    "branch", "bytes", "retransmission")
            wanted = [[row[key] for key in keys] for row in hep_files.read(path)]
            with start("messages", "-T", "json", "-L", where, "--hep-password", "pass") as process:
                wait_for(lambda p=protocol, n=port: is_bound(p, n))
                done = tap.rung("messages", "-q", "-H", where, "--hep-password", "pass", path)
                assert done.returncode == 0, done.stderr
                found = lines(process, len(wanted))
                stop(process)
            got = [[row[key] for key in keys] for row in found]
            for row in wanted + got:
                row[0] = row[0][:26]  # HEP has microseconds
            assert got == wanted, (name, protocol, got[:2], wanted[:2])


def chunks(packet):
    """The values of a HEP 3 packet by their types."""
    found, at = {}, 6
    assert packet[:4] == b"HEP3" and int.from_bytes(packet[4:6], "big") == len(packet), packet
    while at < len(packet):
        vendor, kind, size = struct.unpack(">HHH", packet[at:at + 6])
        found[vendor, kind] = packet[at + 6:at + size]
        at += size
    return {kind: value for (vendor, kind), value in found.items() if vendor == 0}


CALL_WITH_RTCP = """
endpoint alice 192.0.2.10:5060 user=alice domain=example.com
endpoint bob 198.51.100.20:5060 user=bob domain=example.com
call one from=alice to=bob
+0 alice > bob INVITE sdp
+1 bob > alice 200 sdp
+0.01 alice > bob ACK
+0 media alice bob 200
+0 media bob alice 200
+2 rtcp alice bob sr
+0.1 rtcp bob alice about lost=3 fraction=5 jitter=24 voip=4.1
+5 alice > bob BYE
+0.01 bob > alice 200
"""


def test_rtcp_is_sent():
    """As JSON of type 5, with the Call-ID of the call that the media belong to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, \
            tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "x.pcap")
        path.write_bytes(script.play("rtcp", CALL_WITH_RTCP)[0])
        server.bind(("127.0.0.1", 0))
        done = tap.rung("calls", "-q", "-H", "udp:127.0.0.1:%d" % server.getsockname()[1], path)
        assert done.returncode == 0, done.stderr
        (call,) = hep_files.read(path, command="calls")
        server.settimeout(0.5)
        packets = []
        with contextlib.suppress(TimeoutError):
            while True:
                packets.append(chunks(server.recv(65536)))
    assert [packet[11] for packet in packets].count(b"\1") == 5, packets
    reports = [packet for packet in packets if packet[11] == b"\5"]
    sent, received = [json.loads(report[15]) for report in reports]
    assert sent["type"] == 200 and sent["sender_information"]["packets"] == 200, sent
    assert received["type"] == 201 and received["report_count"] == 1, received
    assert received["report_blocks"][0]["packets_lost"] == 3, received
    assert received["report_blocks"][0]["source_ssrc"] == sent["ssrc"], received
    assert received["report_blocks_xr"]["MOS_CQ"] == 41, received
    assert all(report[17].decode() == call["call_id"] for report in reports), reports


def test_sent_to_itself():
    """What it has sent is not sent again, whatever address it is received at."""
    wanted = 14
    for host in "127.0.0.1", "0.0.0.0":
        port = free_port(socket.SOCK_DGRAM)
        with start("messages", "-T", "json", "-L", "udp:%s:%d" % (host, port),
                   "-H", "udp:127.0.0.1:%d" % port) as process:
            wait_for(lambda n=port: is_bound("udp", n))
            send("udp", port, hep.copies(hep_files.CALL))
            found = lines(process, wanted)
            time.sleep(0.5)
            found += stop(process)[0]
            assert len(found) == wanted, (host, len(found))


def certificate(folder, name):
    """Of 127.0.0.1, signed by itself; and its key."""
    if not shutil.which("openssl"):
        raise tap.Skip("openssl is not installed")
    if "decrypting TLS: by" not in tap.version():
        raise tap.Skip("this build has no OpenSSL")
    cert, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1",
                    "-out", cert, "-keyout", key], check=True, capture_output=True)
    return cert, key


def test_from_one_to_another_over_tls():
    """Whose certificate the other knows; and the counts of what did not come so."""
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        other, _ = certificate(folder, "two")
        port, inner = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
        with start("messages", "-T", "json", "-L", "tls:127.0.0.1:%d" % port, "--hep-cert", cert,
                   "--hep-key", key) as last:
            wait_for(lambda: is_bound("tcp", port))
            for authorities, count in (cert, 7), (other, 0):
                with start("messages", "-T", "json", "-L", "udp:127.0.0.1:%d" % inner, "-H",
                           "tls:127.0.0.1:%d" % port, "--hep-ca", authorities) as first:
                    wait_for(lambda: is_bound("udp", inner))
                    send("udp", inner, hep.copies(hep_files.CALL))
                    assert len(lines(first, 7)) == 7
                    found = lines(last, count) if count else []
                    time.sleep(0 if count else 0.5)
                    said = stop(first, 0 if count else 1)[1]
                assert len(found) == count, said
                if count:
                    hep_files.check_call(found)
                else:
                    assert "HEP cannot be sent: self-signed certificate" in said, said
            with contextlib.suppress(ConnectionError):  # it may be closed before all is sent
                send("tcp", port, hep.copies(hep_files.CALL))
            rows, said = stop(last, 1)
            assert not rows and ": the TLS handshake failed" in said, said


def test_tls_server_that_ends_the_session():
    """It says so (close_notify) and closes: that is a fault, and the program goes on."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        cert, key = certificate(folder, "one")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(15)
        source = free_port(socket.SOCK_DGRAM)
        with start("messages", "-T", "json", "-L", "udp:127.0.0.1:%d" % source, "-H",
                   "tls:127.0.0.1:%d" % listener.getsockname()[1], "--hep-ca", cert) as relay:
            wait_for(lambda: is_bound("udp", source))
            send("udp", source, hep.copies(hep_files.CALL[:1]))
            with context.wrap_socket(listener.accept()[0], server_side=True) as session:
                assert session.recv(65536).startswith(b"HEP3")
                session.settimeout(0)
                with contextlib.suppress(ssl.SSLError, OSError):
                    session.unwrap()
            listener.close()
            for _ in range(4):  # the first is what the closed socket answers with a reset
                send("udp", source, hep.copies(hep_files.CALL[1:2]))
                time.sleep(0.2)
            assert len(lines(relay, 5)) == 5
            _, said = stop(relay, 1)
            assert "HEP cannot be sent: " in said and "trying again" in said, said


def test_wrong_certificates():
    port = free_port(socket.SOCK_STREAM)
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        _, other_key = certificate(folder, "two")
        for words, status, said in (
                ([], 2, "-L over TLS needs --hep-cert FILE"),
                (["--hep-cert", cert], 1, cert + ": cannot use the private key for TLS: "),
                (["--hep-cert", folder + "/none"], 1,
                 "/none: cannot use the certificate for TLS: No such file"),
                (["--hep-cert", cert, "--hep-key", other_key], 1, "key values mismatch"),
                (["--hep-cert", key], 1, key + ": cannot use the certificate for TLS: ")):
            done = tap.rung("stats", "-L", "tls:127.0.0.1:%d" % port, *words)
            assert done.returncode == status and said in done.stderr.decode(), (words, done)
        done = tap.rung("stats", "-L", "udp:127.0.0.1:%d" % port, "-H", "tls:127.0.0.1:1",
                        "--hep-ca", folder + "/none")
        assert done.returncode == 1 and b"/none: cannot use the authorities" in done.stderr, done


def test_server_that_goes():
    """It is told, everything is held, and sent when there is a server again."""
    port, source = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    where = "tcp:127.0.0.1:%d" % port
    with start("messages", "-T", "json", "-L", "udp:127.0.0.1:%d" % source, "-H", where) as relay:
        wait_for(lambda: is_bound("udp", source))
        send("udp", source, hep.copies(hep_files.CALL))
        lines(relay, 7)
        time.sleep(0.5)
        with start("messages", "-T", "json", "-L", where) as process:
            hep_files.check_call(lines(process, 7))
            stop(process)
        _, said = stop(relay, 1)
        assert said.count("HEP cannot be sent: Connection refused; trying again") == 1, said


def test_senders_on_the_screen():
    """Each with what it sent, when, and how fast; who is refused is said at once, and counted."""
    port = free_port(socket.SOCK_DGRAM)
    with pty_session.Session("--no-config", "-L", "udp:127.0.0.1:%d" % port, "--hep-password",
                             "pass", size=(160, 60)) as session:
        session.expect("live ")
        done = tap.rung("messages", "-q", "-H", "udp:127.0.0.1:%d" % port, "--hep-password", "pass",
                        tap.SAMPLES / "basic.pcap")
        assert done.returncode == 0, done.stderr
        session.expect("1 HEP sender")
        send("udp", port, hep.copies(hep_files.CALL))
        session.expect("refusing HEP from 127.0.0.1: wrong or missing password")
        session.send("i")
        session.expect("HEP senders")
        session.expect(r"(?s)udp:127.0.0.1:%d.* dropped +0 .* refused +7 " % port)
        session.expect(r"(?s)127.0.0.1, agent [0-9]+.* messages +7 .* last +[0-9-]+ [0-9:]{8}")
        session.send("q", "q", "y")
        session.wait()


def test_wrong_words():
    for words, status, said in (
            (["-L", "9060"], 2, "-L needs udp:HOST:PORT, tcp:HOST:PORT or tls:HOST:PORT"),
            (["-L", "udp:127.0.0.1:"], 2, "-L needs udp:HOST:PORT"),
            (["-L", "udp:127.0.0.1:1", "--hep-allow", "x/8"], 2, "--hep-allow needs"),
            (["-L", "udp:127.0.0.1:1", "--hep-allow", "10.0.0.0/33"], 2, "--hep-allow needs"),
            (["-L", "udp:no.such.host.invalid:9"], 1, "udp:no.such.host.invalid:9: "),
            (["-H", "udp::9060", tap.SAMPLES / "basic.pcap"], 2, "-H needs udp:HOST:PORT"),
            (["-L", "udp:127.0.0.1:9", tap.SAMPLES / "basic.pcap"], 2, "not both")):
        done = tap.rung("messages", *words)
        text = done.stderr.decode()
        assert done.returncode == status and said in text and text.count("\n") == 1, (words, text)


def tests():
    return [("live HEP: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
