"""kamailio over TLS and WebSocket in TLS, and sipp over TLS, captured on the loopback interface.
Each is skipped where it is not installed, or was built without TLS."""
import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import live
import tap
from scenario import tls

CONFIG = """#!KAMAILIO
children=1
tcp_children=1
log_stderror=yes
enable_tls=yes
tcp_accept_no_cl=yes
listen=tls:127.0.0.1:{port}
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "tls.so"
{websocket}
modparam("tls", "private_key", "{key}")
modparam("tls", "certificate", "{cert}")
modparam("tls", "tls_method", "{method}")
modparam("tls", "cipher_list", "{ciphers}")
request_route {{
  sl_send_reply("200", "OK");
}}
"""
WEBSOCKET = """loadmodule "nathelper.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
event_route[xhttp:request] {
  ws_handle_handshake();
}"""
REQUEST = ("OPTIONS sips:bob@example.com SIP/2.0\r\nVia: SIP/2.0/%s 127.0.0.1;branch=z9hG4bK%d\r\n"
           "Max-Forwards: 70\r\nFrom: <sips:alice@example.com>;tag=1\r\n"
           "To: <sips:bob@example.com>\r\nCall-ID: server-%d\r\nCSeq: 1 OPTIONS\r\n"
           "Content-Length: 0\r\n\r\n")
COUNT = 20
PROBE = b'"live-0@'  # by which it is seen that it captures


def needs(*programs):
    live.may_capture()
    for program in programs:
        if not shutil.which(program):
            raise tap.Skip(program + " is not installed")
    if "decrypting TLS: by" not in tap.version():
        raise tap.Skip("this build has no OpenSSL")


@contextlib.contextmanager
def kamailio(websocket="", method="TLSv1.2", ciphers="AES128-GCM-SHA256"):
    """Its port, and its private key."""
    needs("kamailio", "openssl")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cert, key = tls.certificate(folder)
        os.chmod(folder, 0o755)
        os.chmod(key, 0o644)
        port, config = tls.free_port(), folder / "kamailio.cfg"
        config.write_text(CONFIG.format(port=port, key=key, cert=cert, websocket=websocket,
                                        method=method, ciphers=ciphers))
        if subprocess.run(["kamailio", "-c", "-f", config], capture_output=True,
                          check=False).returncode != 0:
            raise tap.Skip("kamailio has no modules for TLS or WebSocket")
        with open(folder / "log", "wb") as log, tap.running(
                ["kamailio", "-f", config, "-DD", "-E", "-m", "32", "-M", "8", "-Y", folder, "-P",
                 folder / "pid"], stdout=log, stderr=log, start_new_session=True) as process:
            try:
                wait_for(port, process, folder / "log")
                yield port, key
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def wait_for(port, process, log):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError("kamailio does not listen: " + log.read_text())


@contextlib.contextmanager
def captured(port, *options, wanted=2 * COUNT):
    """The rows of what passes meanwhile, once there are as many as that."""
    rows, text = [], b""
    process = live.start("messages", "-T", "json", "-i", "lo", "-f",
                         "tcp port %d or udp port %d" % (port, live.PORT), *map(str, options))
    try:
        yield rows
        end = time.monotonic() + 20
        os.set_blocking(process.stdout.fileno(), False)
        while sum(PROBE not in row for row in text.splitlines()) < wanted and \
                time.monotonic() < end:
            text += process.stdout.read() or b""
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        os.set_blocking(process.stdout.fileno(), True)
        text += process.stdout.read()
    finally:
        process.kill()
        process.communicate()
    rows += [json.loads(row) for row in text.splitlines() if PROBE not in row]


def connect(port, key_log=None, version=None, ciphers="DEFAULT"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.set_ciphers(ciphers)
    if version:
        context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_NONE
    if key_log:
        context.keylog_filename = str(key_log)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port)),
                               server_hostname="sip.example.com")


def expect_answers(rows, transport):
    """What waited for its key comes later than what the other side sent meanwhile."""
    words = [(row["call_id"], row["method"] or row["status"], row["transport"])
             for row in sorted(rows, key=lambda row: row["time"])]
    wanted = [("server-%d" % n, what, transport) for n in range(COUNT) for what in ("OPTIONS", 200)]
    assert words == wanted, words


def talk(port, **options):
    """The connection, which stays open: what ended before its key came is not read."""
    end = connect(port, **options)
    for n in range(COUNT):
        end.sendall((REQUEST % ("TLS", n, n)).encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += end.recv(65536)
        assert got.startswith(b"SIP/2.0 200"), got
    return end


def test_kamailio_with_its_private_key():
    with kamailio() as (port, key):
        with captured(port, "-k", key) as rows:
            end = talk(port, ciphers="AES128-GCM-SHA256")
        end.close()
        expect_answers(rows, "TLS")


def test_kamailio_with_the_key_log_of_a_client():
    with kamailio(method="TLSv1.2+", ciphers="DEFAULT") as (port, key):
        for version in ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2:
            key_log = key.parent / ("keys-%s.log" % version.name)
            key_log.touch()
            with captured(port, "--keylog", key_log) as rows:
                end = talk(port, key_log=key_log, version=version)
            end.close()
            expect_answers(rows, "TLS")


def frame(text):
    """Of a client: masked (RFC 6455 5.3)."""
    data, mask = text.encode(), b"\1\2\3\4"
    size = bytes([0xfe]) + len(data).to_bytes(2, "big") if len(data) > 125 else bytes(
        [0x80 | len(data)])
    return b"\x81" + size + mask + bytes(x ^ mask[i % 4] for i, x in enumerate(data))


def test_kamailio_websocket():
    with kamailio(WEBSOCKET, ciphers="DEFAULT") as (port, key):
        key_log = key.parent / "keys.log"
        key_log.touch()
        with captured(port, "--keylog", key_log) as rows:
            end = connect(port, key_log)
            end.sendall(("GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                         "Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n" % (
                             port, base64.b64encode(b"0123456789abcdef").decode())).encode())
            answer = end.recv(65536)
            assert b" 101 " in answer.split(b"\r\n")[0], answer
            for n in range(COUNT):
                end.sendall(frame(REQUEST % ("WSS", n, n)))
                got = b""
                while b"\r\n\r\n" not in got:
                    got += end.recv(65536)
        end.close()
        expect_answers(rows, "WSS")


def test_sipp():
    """A server of sipp, and clients."""
    needs("sipp", "openssl")
    if b"TLS" not in subprocess.run(["sipp", "-v"], capture_output=True, check=False).stdout:
        raise tap.Skip("sipp was built without TLS")
    with tempfile.TemporaryDirectory() as name:
        cert, key = tls.certificate(name)
        port = tls.free_port()
        common = ["-t", "l1", "-tls_cert", cert, "-tls_key", key, "-i", "127.0.0.1", "-nostdin"]
        with tap.running(["sipp", "-sn", "uas", "-p", str(port), *common], cwd=name,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            with captured(port, "-k", key, wanted=30) as rows:
                done = subprocess.run(["sipp", "-sn", "uac", "-m", "5", "-d", "10",
                                       "127.0.0.1:%d" % port, *common], cwd=name, timeout=60,
                                      capture_output=True, check=False)
                assert done.returncode == 0, done
        if not rows:
            raise tap.Skip("sipp uses a key exchange that a private key does not open")
        assert {row["transport"] for row in rows} == {"TLS"}, rows
        assert sum(row["method"] == "INVITE" for row in rows) == 5, rows


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
