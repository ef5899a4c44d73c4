"""How the bytes of a message become IP packets: datagrams, TCP connections, WebSocket, SCTP.

`sink(src, dst, proto, payload, offset_ns)` takes each transport packet; offsets count from the
event's time.  The directives of an event that say how to cut and disturb:
  cut=100,300   cut the message at these places
  order=2,1,3   send the parts in this order; what is not named is lost, what is named twice
                is sent twice
  overlap=20    each TCP part but the first begins that many bytes earlier
  hold          keep the bytes until the next message of that direction (they share a segment)
and, of frames of media on a stream:
  segments=700  all their bytes in segments of that size, each sent when its last byte is due
  again=3       these segments, from 1, are sent twice
  missing=4-5   these are not captured
  swap=7        these come after the next one
"""
import base64
import hashlib
import struct
import zlib

from scenario import wire

STEP_NS = 50_000
WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def numbers(options, name):
    return [int(n) for n in options[name].split(",")] if name in options else []


def cut(data, places):
    """[(offset, bytes)]"""
    edges = [0] + [p for p in places if p < len(data)] + [len(data)]
    return [(a, data[a:b]) for a, b in zip(edges, edges[1:])]


def arrange(parts, options):
    order = numbers(options, "order")
    return [parts[n - 1] for n in order] if order else parts


def ranges(text):
    """{3, 7, 8, 9} of "3,7-9"."""
    found = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def cut_frames(frames, size):
    """[(ns, bytes)] of all their bytes, in parts of that size; each when its last byte is due."""
    waiting = b""
    for i, (at, data) in enumerate(frames, 1):
        waiting += data
        while len(waiting) >= size or (waiting and i == len(frames)):
            yield at, waiting[:size]
            waiting = waiting[size:]


class Udp:
    via = "UDP"

    def __init__(self, client, server, _):
        self.ports = {client.name: client.port, server.name: server.port}

    def send(self, src, dst, data, options, sink):
        ends = (src.address, self.ports[src.name]), (dst.address, self.ports[dst.name])
        sink(src, dst, wire.PROTO_UDP, wire.udp(*ends, data), 0)


class Tcp:
    """One connection; opened by the first message (not with `midway`)."""
    via = "TCP"

    def __init__(self, client, server, options):
        self.client = client
        port = int(options.get("sport", 49152))
        self.ends = {client.name: (client.address, port),
                     server.name: (server.address, int(options.get("port", server.port)))}
        self.next = {client.name: int(options.get("seq", 1000)),
                     server.name: int(options.get("peer-seq", 500000))}
        self.badsum = options.get("badsum")
        self.held = {client.name: b"", server.name: b""}
        self.came = {client.name: [], server.name: []}  # [(ns, next, next before)] of frames
        self.open = "midway" in options

    def packet(self, src, dst, seq, flags, data, ack=None):
        ack = self.next[dst.name] if ack is None else ack
        ack = ack if flags & wire.TCP_ACK else 0
        packet = wire.tcp(self.ends[src.name], self.ends[dst.name], seq, ack, flags, data)
        return wire.wrong_checksum(wire.PROTO_TCP, packet) if self.badsum == src.name else packet

    def emit(self, src, dst, flags, data, sink, offset):
        packet = self.packet(src, dst, self.next[src.name], flags, data)
        sink(src, dst, wire.PROTO_TCP, packet, offset)

    def handshake(self, src, dst, sink, end=0):
        """`end`: offset of what follows it."""
        self.emit(src, dst, wire.TCP_SYN, b"", sink, end - 3 * STEP_NS)
        self.next[src.name] += 1
        self.emit(dst, src, wire.TCP_SYN | wire.TCP_ACK, b"", sink, end - 2 * STEP_NS)
        self.next[dst.name] += 1
        self.emit(src, dst, wire.TCP_ACK, b"", sink, end - STEP_NS)

    def start(self, src, dst, sink):
        if not self.open:
            self.handshake(src, dst, sink)
            self.open = True

    def send(self, src, dst, data, options, sink):
        self.start(src, dst, sink)
        data = self.held[src.name] + data
        self.held[src.name] = data if "hold" in options else b""
        if "hold" not in options:
            self.send_bytes(src, dst, data, options, sink)

    def send_bytes(self, src, dst, data, options, sink):
        base, overlap = self.next[src.name], int(options.get("overlap", 0))
        parts = arrange(cut(data, numbers(options, "cut")), options)
        for i, (at, part) in enumerate(parts):
            early = min(overlap, at)
            bytes = data[at - early:at + len(part)]
            packet = self.packet(src, dst, base + at - early, wire.TCP_PSH | wire.TCP_ACK, bytes)
            sink(src, dst, wire.PROTO_TCP, packet, i * STEP_NS)
        self.next[src.name] = base + len(data) & 0xFFFFFFFF
        self.emit(dst, src, wire.TCP_ACK, b"", sink, (len(parts) + 1) * STEP_NS)

    def sent(self, src, now):
        """Up to which number; both may send at the same time, which are two events."""
        return next((after for at, after, _ in reversed(self.came[src.name]) if at <= now),
                    self.came[src.name][0][2] if self.came[src.name] else self.next[src.name])

    def send_frames(self, src, dst, frames, options, sink, now):
        """[(ns, bytes)]: each frame in a segment of its own when it is due, or `segments=`."""
        self.start(src, dst, sink)
        if "segments" in options:
            frames = list(cut_frames(frames, int(options["segments"])))
        again, missing, swap = (ranges(options.get(name, ""))
                                for name in ("again", "missing", "swap"))
        for i, (at, data) in enumerate(frames, 1):
            packet = self.packet(src, dst, self.next[src.name], wire.TCP_PSH | wire.TCP_ACK, data,
                                 self.sent(dst, now + at))
            before = self.next[src.name]
            self.next[src.name] = before + len(data) & 0xFFFFFFFF
            self.came[src.name].append((now + at, self.next[src.name], before))
            after = frames[i][0] + STEP_NS // 2 if i in swap else at
            if i not in missing:
                sink(src, dst, wire.PROTO_TCP, packet, after)
            if i in again:
                sink(src, dst, wire.PROTO_TCP, packet, after + STEP_NS)
            if i % 2 == 0 or i == len(frames):
                packet = self.packet(dst, src, self.sent(dst, now + after), wire.TCP_ACK, b"")
                sink(dst, src, wire.PROTO_TCP, packet, after + 2 * STEP_NS)

    def segment(self, src, dst, data, options, sink):
        """One segment on its own; the numbers advance only with `counts`."""
        self.start(src, dst, sink)
        flags = sum(1 << "FSRPA".index(letter) for letter in options.get("flags", "PA"))
        number = options.get("seq", "+0")
        seq = int(number) + (self.next[src.name] if number[0] in "+-" else 0)
        sink(src, dst, wire.PROTO_TCP, self.packet(src, dst, seq, flags, data), 0)
        if "counts" in options:
            self.next[src.name] = seq + len(data) + (flags & (wire.TCP_FIN | wire.TCP_SYN) > 0)

    def close(self, src, dst, sink):
        self.emit(src, dst, wire.TCP_FIN | wire.TCP_ACK, b"", sink, 0)
        self.next[src.name] += 1
        self.emit(dst, src, wire.TCP_FIN | wire.TCP_ACK, b"", sink, STEP_NS)
        self.next[dst.name] += 1
        self.emit(src, dst, wire.TCP_ACK, b"", sink, 2 * STEP_NS)


class WebSocket(Tcp):
    """RFC 7118 on RFC 6455; wsfrag=100,200 cuts a message into frames.  A hop with `deflate` has
    permessage-deflate (RFC 7692), with deflate=alone each message by itself; `plain` leaves one
    message as it is."""
    via = "WS"

    def __init__(self, client, server, options):
        super().__init__(client, server, options)
        self.extension = ""
        self.deflate = options.get("deflate")
        self.deflaters = {}  # name of endpoint -> its compressor
        if self.deflate is not None:
            self.extension = "Sec-WebSocket-Extensions: permessage-deflate"
        if self.deflate == "alone":
            self.extension += "; client_no_context_takeover; server_no_context_takeover"
        self.extension += "\r\n" if self.extension else ""

    def compressed(self, src, data):
        """RFC 7692 7.2.1."""
        if self.deflate == "alone" or src.name not in self.deflaters:
            self.deflaters[src.name] = zlib.compressobj(wbits=-15)
        deflater = self.deflaters[src.name]
        return (deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]

    def handshake(self, src, dst, sink, end=0):
        super().handshake(src, dst, sink, end - 40 * STEP_NS)
        key = base64.b64encode(hashlib.md5(src.name.encode()).digest()).decode()
        accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()).decode()
        ask = ("GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: sip\r\n%s"
               "Sec-WebSocket-Version: 13\r\n\r\n" % (dst.host, key, self.extension))
        reply = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: sip\r\n%s\r\n" % (
                     accept, self.extension))
        for a, b, text, offset in ((src, dst, ask, -40), (dst, src, reply, -20)):
            self.send_bytes(a, b, text.encode(), {}, lambda *args, o=offset: sink(
                *args[:4], args[4] + o * STEP_NS))

    def frame(self, src, data, opcode, last):
        """`opcode`: also with RSV1, 0x40."""
        masked = src.name == self.client.name
        head = struct.pack("!B", last << 7 | opcode)
        size, mask_bit = len(data), masked << 7
        if size < 126:
            head += struct.pack("!B", mask_bit | size)
        else:
            head += struct.pack("!BH", mask_bit | 126, size)
        if not masked:
            return head + data
        mask = hashlib.md5(data).digest()[:4]
        return head + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(data))

    def send(self, src, dst, data, options, sink):
        opcode, frames = 1, b""
        if self.deflate is not None and "plain" not in options:
            opcode, data = 0x41, self.compressed(src, data)
        parts = cut(data, numbers(options, "wsfrag"))
        for i, (_, part) in enumerate(parts):
            frames += self.frame(src, part, 0 if i else opcode, i + 1 == len(parts))
        super().send(src, dst, frames, options, sink)


class Sctp:
    """RFC 4168: a message is a user message of one association; cut= gives its DATA chunks."""
    via = "SCTP"
    DATA, INIT, INIT_ACK, SACK, COOKIE_ECHO, COOKIE_ACK = 0, 1, 2, 3, 10, 11

    def __init__(self, client, server, options):
        self.ends = {client.name: (client.address, int(options.get("sport", client.port))),
                     server.name: (server.address, server.port)}
        self.vtags = {client.name: 0x11111111, server.name: 0x22222222}
        self.tsn = {client.name: 1000, server.name: 2000}
        self.sequence = {client.name: 0, server.name: 0}
        self.open = "midway" in options

    def emit(self, src, dst, chunks, sink, offset, vtag=None):
        vtag = self.vtags[dst.name] if vtag is None else vtag
        packet = wire.sctp(self.ends[src.name], self.ends[dst.name], vtag, chunks)
        sink(src, dst, wire.PROTO_SCTP, packet, offset)

    def init(self, end, cookie):
        value = struct.pack("!IIHHI", self.vtags[end.name], 65536, 1, 1, self.tsn[end.name])
        return value + (struct.pack("!HH", 7, 4 + len(cookie)) + cookie if cookie else b"")

    def handshake(self, src, dst, sink):
        cookie = b"tested cookie..."
        self.emit(src, dst, [(self.INIT, 0, self.init(src, b""))], sink, -4 * STEP_NS, 0)
        self.emit(dst, src, [(self.INIT_ACK, 0, self.init(dst, cookie))], sink, -3 * STEP_NS)
        self.emit(src, dst, [(self.COOKIE_ECHO, 0, cookie)], sink, -2 * STEP_NS)
        self.emit(dst, src, [(self.COOKIE_ACK, 0, b"")], sink, -STEP_NS)

    def send(self, src, dst, data, options, sink):
        if not self.open:
            self.handshake(src, dst, sink)
            self.open = True
        parts, chunks = cut(data, numbers(options, "cut")), []
        for i, (_, part) in enumerate(parts):
            flags = (i == 0) << 1 | (i + 1 == len(parts))
            head = struct.pack("!IHHI", self.tsn[src.name], 0, self.sequence[src.name], 0)
            chunks.append((self.DATA, flags, head + part))
            self.tsn[src.name] += 1
        self.sequence[src.name] += 1
        for i, chunk in enumerate(arrange(chunks, options)):
            self.emit(src, dst, [chunk], sink, i * STEP_NS)
        sack = struct.pack("!IIHH", self.tsn[src.name] - 1, 65536, 0, 0)
        self.emit(dst, src, [(self.SACK, 0, sack)], sink, (len(chunks) + 1) * STEP_NS)


TRANSPORTS = {"udp": Udp, "tcp": Tcp, "ws": WebSocket, "sctp": Sctp}
