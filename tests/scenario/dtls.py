"""Real DTLS handshakes that agree on keys for SRTP (RFC 5764), by `openssl s_server` and
`s_client` with a relay between that notes the datagrams."""
import contextlib
import pathlib
import re
import select
import socket
import subprocess
import threading

from scenario import tls

TO_SERVER, TO_CLIENT = tls.TO_SERVER, tls.TO_CLIENT


class Relay(threading.Thread):
    """Of one client; it ends with close."""

    def __init__(self, server_port):
        super().__init__(daemon=True)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", server_port))
        self.port, self.datagrams, self.client = self.front.getsockname()[1], [], None
        self.is_open = True
        self.start()

    def run(self):
        while self.is_open:
            for ready in select.select([self.front, self.back], [], [], 0.1)[0]:
                with contextlib.suppress(ConnectionRefusedError):
                    if ready is self.front:
                        data, self.client = self.front.recvfrom(65536)
                        self.datagrams.append((TO_SERVER, data))
                        self.back.send(data)
                    else:
                        data = self.back.recv(65536)
                        self.datagrams.append((TO_CLIENT, data))
                        self.front.sendto(data, self.client)

    def close(self):
        self.is_open = False
        self.join()
        self.front.close()
        self.back.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def handshake(folder, key_log, profile, length, *options):
    """([(direction, datagram)], keying material of that length, as OpenSSL exports it)."""
    cert, key = tls.certificate(folder)
    port = free_port()
    both = ["-use_srtp", profile, *options]
    with subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-cert", cert,
                           "-key", key, *both], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as server:
        tls.Reader(server.stdout).wait(b"ACCEPT")
        relay = Relay(port)
        with subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % relay.port,
                               "-keylogfile", key_log, "-keymatexport", "EXTRACTOR-dtls_srtp",
                               "-keymatexportlen", str(length), *both], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
            heard = tls.Reader(client.stdout)
            try:
                heard.wait(b"Verify return code")
                found = re.search(rb"Keying material: ([0-9A-F]+)", heard.data)
            finally:
                client.kill()
                server.kill()
        relay.close()
    assert found, heard.data
    return relay.datagrams, bytes.fromhex(found.group(1).decode())


def keys(material, key, salt):
    """RFC 5764 4.2: [(key, salt)] of client and server."""
    at = 2 * key
    return [(material[:key], material[at:at + salt]),
            (material[key:at], material[at + salt:at + 2 * salt])]


def main():
    folder = pathlib.Path("/tmp")
    datagrams, material = handshake(folder, folder / "keys", "SRTP_AES128_CM_SHA1_80", 60,
                                    "-dtls1_2")
    print(len(datagrams), material.hex())


if __name__ == "__main__":
    main()
