"""Real TLS sessions with SIP in them, and captures of them: by Python's ssl in memory, or by
`openssl s_server` and `s_client` with a relay between that notes what passes."""
import contextlib
import ipaddress
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

from scenario import wire

CLIENT = (ipaddress.ip_address("192.0.2.10"), 40000)
SERVER = (ipaddress.ip_address("198.51.100.20"), 5061)
START_NS = 1_767_000_000 * 10**9
TO_SERVER, TO_CLIENT = 0, 1


def message(start, cseq, call_id, branch, body=""):
    return ("%s\r\nVia: SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK%s\r\n"
            "From: <sips:alice@example.com>;tag=a\r\nTo: <sips:bob@example.com>;tag=b\r\n"
            "Call-ID: %s\r\nCSeq: %s\r\nMax-Forwards: 70\r\nContent-Type: text/plain\r\n"
            "Content-Length: %d\r\n\r\n%s"
            % (start, branch, call_id, cseq, len(body), body)).encode()


def call(call_id="tls-1", body=""):
    """A whole call: [(direction, bytes)]."""
    return [
        (TO_SERVER, message("INVITE sips:bob@example.com SIP/2.0", "1 INVITE", call_id, "1", body)),
        (TO_CLIENT, message("SIP/2.0 100 Trying", "1 INVITE", call_id, "1")),
        (TO_CLIENT, message("SIP/2.0 180 Ringing", "1 INVITE", call_id, "1")),
        (TO_CLIENT, message("SIP/2.0 200 OK", "1 INVITE", call_id, "1", body)),
        (TO_SERVER, message("ACK sips:bob@example.com SIP/2.0", "1 ACK", call_id, "2")),
        (TO_SERVER, message("BYE sips:bob@example.com SIP/2.0", "2 BYE", call_id, "3")),
        (TO_CLIENT, message("SIP/2.0 200 OK", "2 BYE", call_id, "3")),
    ]


def certificate(folder, kind="rsa"):
    """(certificate, key), self-signed; made once in each folder."""
    cert, key = pathlib.Path(folder, kind + ".pem"), pathlib.Path(folder, kind + ".key")
    new = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] if kind == "ec" else ["rsa:2048"]
    if not cert.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", *new, "-nodes", "-days", "3650",
                        "-subj", "/CN=sip.example.com/O=Example", "-keyout", key, "-out", cert],
                       check=True, capture_output=True)
    return cert, key


def dh_params(folder):
    """A group of RFC 7919."""
    path = pathlib.Path(folder, "dh.pem")
    if not path.exists():
        subprocess.run(["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt",
                        "group:ffdhe2048", "-out", path], check=True, capture_output=True)
    return path


# --- In memory ----------------------------------------------------------------------------------

def contexts(folder, key_log, kind="rsa", versions=None, ciphers=None, curve=None, mutual=False):
    cert, key = certificate(folder, kind)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.keylog_filename = str(key_log)
    server.load_cert_chain(cert, key)
    if ciphers and ciphers.startswith("DHE"):
        server.load_dh_params(dh_params(folder))
    if mutual:
        client.load_cert_chain(cert, key)
        server.load_verify_locations(cert)
        server.verify_mode = ssl.CERT_REQUIRED
    for context in (client, server):
        if versions:
            context.minimum_version = context.maximum_version = versions
        if ciphers:
            context.set_ciphers(ciphers)
        context.set_alpn_protocols(["sip/2"])
    if curve:
        server.set_ecdh_curve(curve)
    return client, server


class Memory:
    """A client and a server without a network; `flights`: [(direction, bytes)]."""

    def __init__(self, client, server, name="sip.example.com", session=None):
        self.bios = [ssl.MemoryBIO() for _ in range(4)]
        to_server, from_server, to_client, from_client = self.bios
        self.ends = [client.wrap_bio(to_client, from_client, server_hostname=name, session=session),
                     server.wrap_bio(to_server, from_server, server_side=True)]
        self.flights = []

    def move(self):
        """What one side has written becomes a flight, and is given to the other."""
        to_server, from_server, to_client, from_client = self.bios
        for direction, out, into in ((TO_SERVER, from_client, to_server),
                                     (TO_CLIENT, from_server, to_client)):
            data = out.read()
            if data:
                self.flights.append((direction, data))
                into.write(data)

    def handshake(self):
        done = [False, False]
        for _ in range(20):
            for i, end in enumerate(self.ends):
                with contextlib.suppress(ssl.SSLWantReadError):
                    end.do_handshake()
                    done[i] = True
                self.move()
            if all(done):
                return
        raise AssertionError("the handshake did not end")

    def close(self):
        """What ends without an alert is not resumed."""
        for end in self.ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.unwrap()
            self.move()

    def send(self, dialogue):
        for direction, data in dialogue:
            self.ends[direction].write(data)
            self.move()
            other = self.ends[1 - direction]
            got = b""
            while len(got) < len(data):
                got += other.read(len(data))
            assert got == data
        with contextlib.suppress(ssl.SSLWantReadError):
            self.ends[0].read(1)  # takes a ticket of TLS 1.3


def session(client, server, dialogue=None, **options):
    """The flights of a handshake and a dialogue, and the session."""
    memory = Memory(client, server, **options)
    memory.handshake()
    memory.send(call() if dialogue is None else dialogue)
    memory.close()
    return memory.flights, memory.ends[0].session


# --- openssl s_server and s_client --------------------------------------------------------------

class Relay(threading.Thread):
    """Between a client and a server; notes what passes, one connection after the other."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.server_port = self.listener.getsockname()[1], port
        self.connections = []
        self.start()

    def run(self):
        while True:
            client = self.listener.accept()[0]
            server = socket.create_connection(("127.0.0.1", self.server_port))
            flights = []
            self.connections.append(flights)
            for source, sink, direction in ((client, server, TO_SERVER),
                                            (server, client, TO_CLIENT)):
                threading.Thread(target=self.pump, args=(source, sink, direction, flights),
                                 daemon=True).start()

    @staticmethod
    def pump(source, sink, direction, flights):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                flights.append((direction, data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


class Reader(threading.Thread):
    """All that a program writes."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.data = stream, b""
        self.start()

    def run(self):
        while data := self.stream.read1(65536):
            self.data += data

    def wait(self, text, seconds=10):
        end = time.monotonic() + seconds
        while text not in self.data:
            assert time.monotonic() < end, "%r did not come: %r" % (text[:60], self.data[-2000:])
            time.sleep(0.005)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class OpenSsl:
    """A server, and clients that talk to it through a relay."""

    def __init__(self, folder, key_log, *options, kind="rsa"):
        if not shutil.which("openssl"):
            raise FileNotFoundError("openssl")
        cert, key = certificate(folder, kind)
        port = free_port()
        self.key_log = key_log
        self.server = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-cert", cert, "-key", key,
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.heard = Reader(self.server.stdout)
        self.heard.wait(b"ACCEPT")
        self.relay = Relay(port)

    def close(self):
        self.server.kill()
        self.server.wait()

    def talk(self, steps, *options):
        """steps: (direction, bytes), or a command of s_client such as b"K\\n".  The flights."""
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.relay.port, "-servername",
             "sip.example.com", "-keylogfile", self.key_log, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        heard = Reader(client.stdout)
        heard.wait(b"Verify return code")
        for step in steps:
            if isinstance(step, bytes):
                client.stdin.write(step)
                client.stdin.flush()
                time.sleep(0.3)
                continue
            direction, data = step
            writer, reader = ((client.stdin, self.heard), (self.server.stdin, heard))[direction]
            writer.write(b"\r\n" + data)  # a first letter may be a command
            writer.flush()
            reader.wait(data.replace(b"\r\n", b"\n").split(b"\n")[0], 10)
            time.sleep(0.05)
        client.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            client.wait(5)
        client.kill()
        client.wait()
        time.sleep(0.1)
        return list(self.relay.connections[-1])


# --- Captures -----------------------------------------------------------------------------------

def packets(flights, size=1400, client=CLIENT, server=SERVER, start_ns=START_NS):
    """[(time, direction, bytes of the frame, length of its payload)]: a whole connection."""
    ends, numbers, out = (client, server), [1000, 500000], []

    def emit(direction, flags, data=b""):
        src, dst = ends[direction], ends[1 - direction]
        ack = numbers[1 - direction] if flags & wire.TCP_ACK else 0
        segment = wire.tcp(src, dst, numbers[direction], ack, flags, data)
        frame = wire.ethernet(wire.ip(src[0], dst[0], wire.PROTO_TCP, segment), src[0], dst[0])
        out.append((start_ns + len(out) * 1_000_000, direction, frame, len(data)))
        numbers[direction] += len(data) + (flags & (wire.TCP_SYN | wire.TCP_FIN) > 0)

    emit(TO_SERVER, wire.TCP_SYN)
    emit(TO_CLIENT, wire.TCP_SYN | wire.TCP_ACK)
    emit(TO_SERVER, wire.TCP_ACK)
    for direction, data in flights:
        for at in range(0, len(data), size):
            emit(direction, wire.TCP_ACK | wire.TCP_PSH, data[at:at + size])
        emit(1 - direction, wire.TCP_ACK)
    emit(TO_SERVER, wire.TCP_FIN | wire.TCP_ACK)
    emit(TO_CLIENT, wire.TCP_FIN | wire.TCP_ACK)
    emit(TO_SERVER, wire.TCP_ACK)
    return out


def capture(frames):
    return wire.pcap_file(1, [(time_ns, 0, data) for time_ns, _, data, _ in frames])


def capture_with_secrets(frames, key_log):
    """pcapng with a Decryption Secrets Block (draft-ietf-opsawg-pcapng 4.7)."""
    whole = wire.pcapng_file([("lo", 1)], [(time_ns, 0, data) for time_ns, _, data, _ in frames])
    length = int.from_bytes(whole[4:8], "little")
    text = pathlib.Path(key_log).read_bytes()
    body = b"KSLT" + len(text).to_bytes(4, "little") + text + b"\0" * (-len(text) % 4)
    return whole[:length] + wire.pcapng_block(10, body) + whole[length:]


def main():
    """`tls.py FOLDER KEYLOG VERSION [CIPHERS]`: a session in a process of its own, which
    OPENSSL_CONF can tell what to use; its flights as lines of direction and hexadecimal bytes."""
    folder, key_log, version, *ciphers = sys.argv[1:]
    versions = getattr(ssl.TLSVersion, version)
    flights, _ = session(*contexts(folder, key_log, versions=versions,
                                   ciphers=ciphers[0] if ciphers else None))
    for direction, data in flights:
        print(direction, data.hex())


if __name__ == "__main__":
    main()
