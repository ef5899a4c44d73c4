"""Plays a scenario (samples/README.md has the format) and returns the bytes of its capture."""
import calendar
import gzip
import ipaddress
import shlex
import struct
import time
import zlib

from scenario import quote, rtp, sip, transport, wire

MIRROR_NS = 200_000
ENCODINGS = {"gzip": lambda data: gzip.compress(data, mtime=0), "deflate": zlib.compress}


class Hop:
    """One sending between two endpoints."""

    def __init__(self, src, dst, via_transport):
        self.src, self.dst, self.via_transport = src, dst, via_transport


def options_of(words):
    return {k: v for k, _, v in (w.partition("=") for w in words)}


def unescape(text):
    """\\r \\n \\t \\\\ and \\xNN in ASCII text; other text unchanged, in UTF-8."""
    if not text.isascii():
        return text.encode()
    return text.encode().decode("unicode_escape").encode("latin-1")


def header_text(text):
    """The same as text; bytes that are not UTF-8 as surrogates."""
    return unescape(text).decode("utf-8", "surrogateescape")


class Player:
    def __init__(self, name):
        self.name = name
        self.container, self.snaplen, self.truncate = "pcap", 262144, 0
        self.interfaces = []  # (name, link name)
        self.declared = False  # declared ones replace the default one
        self.stack = []
        self.tap = None      # of a second tap: its clock, who is near the first one, its stack
        self.mirrors = []    # (source, destination, how it quotes)
        self.endpoints, self.calls, self.labels = {}, {}, {}
        self.call = None
        self.paths = {}  # names of two endpoints -> (transport object, options)
        self.connections = {}  # the same -> the connection of their media
        self.records = []
        self.idents = {}
        self.streams = {}  # names of two endpoints -> what the first sends to the second
        self.time_ns = 0

    # Declarations

    def do_container(self, words):
        self.container = words[0]

    def do_link(self, words):
        self.interfaces = [("eth0", words[0])]

    def do_interface(self, words):
        self.interfaces = [*(self.interfaces if self.declared else []), (words[0], words[1])]
        self.declared = True

    def do_start(self, words):
        self.time_ns = calendar.timegm(time.strptime(words[0], "%Y-%m-%dT%H:%M:%SZ")) * 10**9

    def do_stack(self, words):
        self.stack = words

    def do_snaplen(self, words):
        self.snaplen = int(words[0])

    def do_truncate(self, words):
        self.truncate = int(words[0])

    def do_tap(self, words):
        """tap SECONDS [A] [stack=], tap off"""
        options = options_of(w for w in words[1:] if "=" in w)
        near = next((w for w in words[1:] if "=" not in w), None)
        stack = options["stack"].split(",") if "stack" in options else None
        self.tap = None if words[0] == "off" else (round(float(words[0]) * 10**9), near, stack)

    def do_mirror(self, words):
        """mirror A B PROTOCOL"""
        src, dst = self.endpoints[words[0]], self.endpoints[words[1]]
        self.mirrors.append((src, dst, quote.PROTOCOLS[words[2]]))

    def do_endpoint(self, words):
        address, _, port = words[1].rpartition(":")
        self.endpoints[words[0]] = sip.Endpoint(
            words[0], ipaddress.ip_address(address.strip("[]")), int(port), options_of(words[2:]))

    def do_call(self, words):
        options = options_of(words[1:])
        ends = self.endpoints[options["from"]], self.endpoints[options["to"]]
        options = {key: header_text(value) for key, value in options.items()}
        self.call = self.calls[words[0]] = sip.Call(self.name, words[0], *ends, options)

    def do_hop(self, words):
        """hop CLIENT SERVER udp|tcp|ws|sctp"""
        client, server = self.endpoints[words[0]], self.endpoints[words[1]]
        options = options_of(words[3:])
        path = transport.TRANSPORTS[words[2]](client, server, options), options
        self.paths[client.name, server.name] = self.paths[server.name, client.name] = path

    def do_connection(self, words):
        """connection CLIENT SERVER: media of both go over TCP (RFC 4571)"""
        client, server = self.endpoints[words[0]], self.endpoints[words[1]]
        options = {"port": server.media_port, **options_of(words[2:])}
        path = transport.Tcp(client, server, options)
        self.connections[client.name, server.name] = path
        self.connections[server.name, client.name] = path

    def path(self, src, dst):
        if (src.name, dst.name) not in self.paths:
            self.do_hop([src.name, dst.name, "udp"])
        return self.paths[src.name, dst.name]

    # Packets

    def interface_index(self, options):
        names = [n for n, _ in self.interfaces]
        return names.index(options["if"]) if "if" in options else 0

    def record(self, offset_ns, index, layer, ends):
        data = wire.link(self.interfaces[index][1])[1](layer, ends[0].address, ends[1].address)
        self.records.append((self.time_ns + offset_ns, index, data))

    def ident(self, src):
        first = int(sip.digest(src.name)[:4], 16)
        self.idents[src.name] = self.idents.get(src.name, first) + 1 & 0xFFFF
        return self.idents[src.name]

    def sink(self, hop_options, options):
        """Turns transport packets into records: fragments, tunnels, second copies."""
        stack = hop_options["stack"].split(",") if "stack" in hop_options else self.stack
        size = int(options.get("frag", 0))

        def layers(src, dst, proto, payload, ident, ttl):
            if not size:
                return [wire.ip(src.address, dst.address, proto, payload, ident, ttl,
                                int(options.get("dscp", 0)))]
            return transport.arrange(wire.ip_fragments(src.address, dst.address, proto, payload,
                                                       ident, size, ttl), options)

        def put(src, dst, proto, payload, offset):
            ident = int(options["ipid"]) if "ipid" in options else self.ident(src)
            if "badsum" in options:
                payload = wire.wrong_checksum(proto, payload)
            skew, near, other_stack = self.tap or (0, None, None)
            ttl = wire.TTL - (near not in (None, src.name))
            for i, layer in enumerate(layers(src, dst, proto, payload, ident, ttl)):
                at = offset + i * transport.STEP_NS
                packet = wire.encapsulate(stack, layer)
                self.record(at, self.interface_index(options), packet, (src, dst))
                if "twice" in options:  # the same packet on its way out, on `any`
                    other = {"if": options["twice"]} if options["twice"] else {}
                    self.record(at + 10_000, self.interface_index(other), packet, (src, dst))
            if not self.tap:
                return
            ttl += 1 if near not in (None, src.name) else -1
            for i, layer in enumerate(layers(src, dst, proto, payload, ident, ttl)):
                self.record(offset + skew + i * transport.STEP_NS, self.interface_index(options),
                            wire.encapsulate(stack if other_stack is None else other_stack, layer),
                            (src, dst))
        return put

    def send(self, src, dst, data, options):
        path, hop_options = self.path(src, dst)
        path.send(src, dst, data, options, self.sink(hop_options, options))

    # Events

    def event(self, words, lines):
        self.time_ns += round(float(words[0]) * 10**9)
        if words[1] == "again":
            src, dst, data, options = self.labels[words[2]]
            return self.send(src, dst, data, {**options, **options_of(words[3:])})
        if words[1] in ("rtp", "media", "digit", "rtcp", "close", "frame"):
            return getattr(self, "event_" + words[1])(words[2:], lines)
        src, dst = self.endpoints[words[1]], self.endpoints[words[3]]
        options = options_of(words[5:])
        if words[4] == "segment":
            path, hop_options = self.path(src, dst)
            return path.segment(src, dst, body_of(lines), options, self.sink(hop_options, options))
        data = self.bytes(src, dst, words[4], options, lines)
        if "as" in options:
            self.labels[options["as"]] = (src, dst, data, options)
        if "lost" not in options:
            self.send(src, dst, data, options)
        if words[4] != "bytes":
            self.quote(data)
        return None

    def quote(self, data):
        """What the mirrors make of a message, shortly after it."""
        now = self.time_ns
        for src, dst, protocol in self.mirrors:
            self.time_ns += MIRROR_NS
            self.send(src, dst, protocol(data), {})
        self.time_ns = now

    def bytes(self, src, dst, what, options, lines):
        if what == "bytes":
            return body_of(lines)
        name, _, what = what.rpartition(":")
        call = self.calls[name] if name else self.call
        hop = Hop(src, dst, self.path(src, dst)[0].via)
        return self.message(call, hop, what, options, lines).encode(
            unescape(options.get("eol", "\\r\\n")).decode(), "compact" in options)

    def message(self, call, hop, what, options, lines):
        status, _, method = what.partition("/")
        transaction = None
        if status.isdigit():
            transaction, message = sip.response(call, hop, int(status), method, options)
        else:
            message = sip.request(call, hop, what, options)
        if "sdp" in options:
            message.set("Content-Type", "application/sdp")
            message.body = sip.sdp(call, hop.src, options["sdp"] or "sendrecv")
        message.remove("Content-Length")
        message.body = body_of(lines) or message.body
        for name in ENCODINGS.keys() & options.keys():
            message.set("Content-Encoding", name)
            message.body = ENCODINGS[name](message.body)
        override(message, lines)
        if message.get("Content-Length") is None and "-Content-Length" not in lines:
            message.add("Content-Length", str(len(message.body)))
        if transaction:
            sip.note_response(call, hop, transaction, message)
        else:
            sip.note_request(call, hop, message)
        return message

    def event_rtp(self, words, _):
        """rtp A B N: N packets of 20 ms each way, to the ports of their SDP."""
        ends = self.endpoints[words[0]], self.endpoints[words[1]]
        for i in range(int(words[2])):
            for src, dst in (ends, ends[::-1]):
                ssrc = int(sip.digest(self.name, "ssrc", src.name)[:8], 16)
                rtp = struct.pack("!BBHII", 0x80, 0x80 * (i == 0), i, i * 160, ssrc) + b"\xd5" * 160
                packet = wire.udp((src.address, src.media_port), (dst.address, dst.media_port), rtp)
                self.sink({}, {})(src, dst, wire.PROTO_UDP, packet, i * 20_000_000)

    def stream(self, src, dst):
        if (src.name, dst.name) not in self.streams:
            ssrc = int(sip.digest(self.name, "ssrc", src.name, dst.name)[:8], 16)
            self.streams[src.name, dst.name] = rtp.Stream(ssrc)
        return self.streams[src.name, dst.name]

    def send_media(self, src, dst, packets, options):
        """[(milliseconds, bytes)] to the ports of SDP, or `sport` and `dport`; or over TCP."""
        path = self.connections.get((src.name, dst.name))
        path = self.path(src, dst)[0] if "channel" in options else path
        if path:
            frames = [(round(at * 10**6), rtp.frame(packet, options)) for at, packet in packets]
            return path.send_frames(src, dst, frames, options, self.sink({}, options), self.time_ns)
        ends = (src.address, int(options.get("sport", src.media_port))), \
            (dst.address, int(options.get("dport", dst.media_port)))
        put = self.sink({}, options)
        for at, packet in packets:
            put(src, dst, wire.PROTO_UDP, wire.udp(*ends, packet), round(at * 10**6))
        return None

    def event_media(self, words, _):
        """media A B N [OPTIONS]: N packets one way."""
        src, dst, options = *(self.endpoints[w] for w in words[:2]), options_of(words[3:])
        stream = self.stream(src, dst)
        stream.begin(self.time_ns, options)
        self.send_media(src, dst, stream.media(int(words[2]), options), options)

    def event_digit(self, words, _):
        """digit A B DIGIT [OPTIONS]: an event of RFC 4733."""
        src, dst, options = *(self.endpoints[w] for w in words[:2]), options_of(words[3:])
        stream = self.stream(src, dst)
        stream.begin(self.time_ns, options)
        self.send_media(src, dst, stream.digit(words[2], options), options)

    def event_rtcp(self, words, _):
        """rtcp A B [sr] [about] [mux] [OPTIONS]: a compound packet."""
        src, dst, options = *(self.endpoints[w] for w in words[:2]), options_of(words[2:])
        about = self.stream(dst, src) if "about" in options else None
        above = "mux" not in options
        options = {"sport": src.media_port + above, "dport": dst.media_port + above, **options}
        data = rtp.compound(self.stream(src, dst), about, self.time_ns, options)
        self.send_media(src, dst, [(0, data)], options)

    def event_close(self, words, _):
        src, dst = self.endpoints[words[0]], self.endpoints[words[1]]
        path, hop_options = self.path(src, dst)
        if "media" in words:
            path, hop_options = self.connections[src.name, dst.name], {}
        path.close(src, dst, self.sink(hop_options, {}))

    def event_frame(self, words, lines):
        self.records.append((self.time_ns, self.interface_index(options_of(words)), body_of(lines)))

    def capture(self, first=0):
        """`first`: the packet that it begins with."""
        records = sorted(self.records, key=lambda r: r[0])[first:]  # stable
        links = [(name, wire.link(link)[0]) for name, link in self.interfaces]
        if self.container == "pcapng":
            data = wire.pcapng_file(links, records, self.snaplen)
        else:
            data = wire.pcap_file(links[0][1], records, self.snaplen)
        return data[:len(data) - self.truncate]


def body_of(lines):
    """`| text` is a line with CRLF, `~ text` one without, `x 00 ff` bytes."""
    out = b""
    for line in lines:
        kind, text = line[0], line[2:]
        if kind == "|":
            out += unescape(text) + b"\r\n"
        elif kind == "~":
            out += unescape(text)
        elif line.startswith("x "):
            out += bytes.fromhex(text)
    return out


def override(message, lines):
    """`Name: value` sets a header, `+Name: value` adds one, `-Name` removes it, `^Name: value` puts
    it first, `! text` is the start-line."""
    for line in lines:
        if line[0] in "|~" or line.startswith("x "):
            continue
        if line[0] == "!":
            message.start = header_text(line[2:])
        elif line[0] == "-":
            message.remove(line[1:])
        else:
            name, _, value = line.lstrip("+^").partition(": ")
            value = header_text(value)
            if line[0] == "+":
                message.add(name, value)
            elif line[0] == "^":
                message.headers.insert(0, [name, value])
            else:
                message.set(name, value)


def statements(text):
    """[(number of the line, words, indented lines below it)]"""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] == " ":
            found[-1][2].append(line.strip() if line.strip()[0] not in "|~" else line.lstrip())
        else:
            found.append((number, shlex.split(line), []))
    return found


def perform(name, text):
    """The player of the scenario `text`, at its end."""
    player = Player(name)
    player.do_link(["ethernet"])
    player.do_start(["2026-01-02T10:00:00Z"])
    for number, words, lines in statements(text):
        try:
            if words[0][0] == "+":
                player.event(words, lines)
            else:
                getattr(player, "do_" + words[0])(words[1:])
        except (KeyError, ValueError, IndexError, AttributeError, StopIteration) as error:
            where = "%s.scn:%d: %s" % (name, number, " ".join(words))
            raise SystemExit("%s: %r" % (where, error)) from error
    return player


def play(name, text):
    """The capture of the scenario `text`, and "pcap" or "pcapng"."""
    player = perform(name, text)
    return player.capture(), player.container
