"""RTP and RTCP of a scenario (RFC 3550, 3611, 4733): each stream goes on where it was left, so that
sequence numbers and timestamps are right until an option says otherwise."""
import struct

from scenario.transport import ranges

NTP_1970 = 2208988800
EVENTS = "0123456789*#ABCD!"
EVENT_MS = 20


def pairs(text):
    """{5: 16.0} of "5:16"."""
    parts = (part.partition(":") for part in filter(None, text.split(",")))
    return {int(k): float(v) for k, _, v in parts}


class Stream:
    """What one source sends to one destination."""

    def __init__(self, ssrc):
        self.ssrc = ssrc
        self.seq, self.timestamp, self.type = 0, 0, 0
        self.due_ns = None  # when the next packet would follow the last one
        self.sent = 0       # middle of the NTP timestamp of the last sender report

    def begin(self, time_ns, options):
        """Timestamps have gone on meanwhile, unless they are `stalled`."""
        if self.due_ns is not None and "stalled" not in options:
            step, ms = int(options.get("step", 160)), float(options.get("ms", 20))
            self.timestamp += round((time_ns - self.due_ns) / 10**6 * step / ms)
        self.due_ns = time_ns
        self.ssrc = int(options.get("ssrc", str(self.ssrc)), 0)
        self.seq = int(options.get("seq", self.seq))
        self.timestamp = int(options.get("ts", self.timestamp))
        self.type = int(options.get("pt", self.type))

    def packet(self, payload, marker=False, kind=None):
        kind = self.type if kind is None else kind
        head = struct.pack("!BBHII", 0x80, 0x80 * marker | kind, self.seq & 0xFFFF,
                           self.timestamp & 0xFFFFFFFF, self.ssrc)
        self.seq += 1
        return head + payload

    def media(self, count, options):
        """[(milliseconds, packet)]: `count` packets, changed by options that name them from 1."""
        step, ms = int(options.get("step", 160)), float(options.get("ms", 20))
        lost, copies = ranges(options.get("lost", "")), ranges(options.get("copies", ""))
        late, delay = pairs(options.get("late", "")), pairs(options.get("delay", ""))
        payload, sent = b"\xd5" * int(options.get("bytes", 160)), []
        for i in range(1, count + 1):
            packet = self.packet(payload, "marker" in options and i == 1)
            self.timestamp += step
            # `late`: after so many others, by half a packet
            self.due_ns += round(ms * 10**6)
            at = (i - 1) * ms + delay.get(i, 0) + (late[i] * ms + ms / 2 if i in late else 0)
            sent += [] if i in lost else [(at, packet)]
            sent += [(at + 1, packet)] if i in copies else []
        return sent

    def digit(self, digit, options):
        """[(milliseconds, packet)] of one event: an update each 20 ms, and its end three times."""
        updates, lost = int(options.get("updates", 5)), ranges(options.get("lost", ""))
        kind, sent = int(options.get("pt", 101)), []
        for i in range(1, updates + 4):
            ends = i > updates
            payload = struct.pack("!BBH", EVENTS.index(digit), 0x80 * ends | 10,
                                  min(i, updates + 1) * 160)
            packet = self.packet(payload, i == 1, kind)
            sent += [] if i in lost else [((i - 1) * EVENT_MS, packet)]
        self.timestamp += (updates + 3) * 160
        self.due_ns += (updates + 3) * EVENT_MS * 10**6
        return sent


def frame(packet, options):
    """The packet as a frame of RFC 4571, or with `channel=` interleaved (RFC 2326 10.12)."""
    head = struct.pack("!cB", b"$", int(options["channel"])) if "channel" in options else b""
    return head + struct.pack("!H", len(packet)) + packet


def report_block(about, options):
    """RFC 3550 6.4.1; `dlsr`: seconds since the report of `about` came."""
    lost = int(options.get("lost", 0)) & 0xFFFFFF
    return struct.pack("!IIIIII", about.ssrc, int(options.get("fraction", 0)) << 24 | lost,
                       (about.seq - 1) & 0xFFFFFFFF, int(options.get("jitter", 0)),
                       about.sent if "dlsr" in options else 0,
                       round(float(options.get("dlsr", 0)) * 65536))


def voip_metrics(sender, about, options):
    """RFC 3611 4.7; `voip=MOS`."""
    mos = round(float(options["voip"]) * 10)
    block = struct.pack("!IBBBBHHHHBBBBBBBBBBHHH", about.ssrc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16,
                        93, 127, mos, mos, 0, 0, 40, 60, 100)
    block = struct.pack("!BBH", 7, 0, len(block) // 4) + block
    return struct.pack("!BBHI", 0x80, 207, len(block) // 4 + 1, sender.ssrc) + block


def compound(sender, about, time_ns, options):
    """A compound packet of `sender`: a sender report with `sr`, a block with `about`."""
    blocks = report_block(about, options) if about else b""
    if "sr" in options:
        ntp = ((time_ns + NTP_1970 * 10**9) << 32) // 10**9
        sender.sent = ntp >> 16 & 0xFFFFFFFF
        body = struct.pack("!IQIII", sender.ssrc, ntp & (1 << 64) - 1,
                           sender.timestamp & 0xFFFFFFFF, sender.seq, sender.seq * 160) + blocks
    else:
        body = struct.pack("!I", sender.ssrc) + blocks
    data = struct.pack("!BBH", 0x80 | bool(about), 200 if "sr" in options else 201,
                       len(body) // 4) + body
    data += struct.pack("!BBHI", 0x81, 202, 3, sender.ssrc) + b"\x01\x04rung\0\0"
    if about and "voip" in options:
        data += voip_metrics(sender, about, options)
    if "bye" in options:
        data += struct.pack("!BBHI", 0x81, 203, 1, sender.ssrc)
    return data
