"""HEP packets (https://github.com/sipcapture/HEP), and captures of them over UDP and TCP."""
import ipaddress
import struct
import zlib

from scenario import tls, wire

AGENT = (ipaddress.ip_address("192.0.2.100"), 41000)
COLLECTOR = (ipaddress.ip_address("192.0.2.200"), 9060)
ALICE = (ipaddress.ip_address("192.0.2.10"), 5060)
BOB = (ipaddress.ip_address("198.51.100.20"), 5060)
UDP, TCP, TLS = 17, 6, 22
SIP, RTCP, LOG = 1, 5, 100
START_NS = tls.START_NS
MS = 1_000_000


def chunk(kind, value, vendor=0):
    return struct.pack(">HHH", vendor, kind, len(value) + 6) + value


def packet(payload, src=ALICE, dst=BOB, time_ns=START_NS, kind=SIP, protocol=UDP, packed=False,
           correlation=None, agent=2001, node=None, order=None):
    """A packet of version 3; `order` sorts its chunks."""
    v6 = src[0].version == 6
    chunks = [
        chunk(1, bytes([10 if v6 else 2])), chunk(2, bytes([protocol])),
        chunk(5 if v6 else 3, src[0].packed), chunk(6 if v6 else 4, dst[0].packed),
        chunk(7, struct.pack(">H", src[1])), chunk(8, struct.pack(">H", dst[1])),
        chunk(9, struct.pack(">I", time_ns // 10**9)),
        chunk(10, struct.pack(">I", time_ns % 10**9 // 1000)), chunk(11, bytes([kind])),
        chunk(12, struct.pack(">I", agent)), chunk(14, b"s3cret-key"),
        chunk(16, zlib.compress(payload)) if packed else chunk(15, payload)]
    if correlation is not None:
        chunks.insert(-1, chunk(17, correlation))
    if node is not None:
        chunks.insert(-1, chunk(19, node))
    if order:
        order(chunks)
    body = b"".join(chunks)
    return b"HEP3" + struct.pack(">H", len(body) + 6) + body


def copies(dialogue, start_ns=START_NS, **options):
    """A packet each of [(direction, bytes)], 10 ms apart."""
    ends = ALICE, BOB
    return [packet(data, ends[way], ends[1 - way], start_ns + i * 10 * MS, **options)
            for i, (way, data) in enumerate(dialogue)]


def datagram(data, time_ns, src=AGENT, dst=COLLECTOR):
    """A frame for wire.pcap_file."""
    udp = wire.udp(src, dst, data)
    ip = wire.ip(src[0], dst[0], wire.PROTO_UDP, udp)
    return time_ns, 0, wire.ethernet(ip, src[0], dst[0])


def connection(data, size=1400, agent=AGENT):
    """Frames of a TCP connection to the collector that carries these bytes."""
    flights = [(tls.TO_SERVER, data)]
    return [(time_ns, 0, frame) for time_ns, _, frame, _ in
            tls.packets(flights, size, client=agent, server=COLLECTOR)]


def capture(frames):
    return wire.pcap_file(1, sorted(frames, key=lambda frame: frame[0]))
