"""Bytes of packets, from the transport down to the link layer, and of capture files.

Pure functions of their arguments, so a scenario gives the same bytes everywhere.  A layer
is a pair (ether_type, bytes); an encapsulation takes one and returns the next outer one.
"""
import ipaddress
import struct

ETHER_IPV4, ETHER_IPV6 = 0x0800, 0x86DD
TCP_FIN, TCP_SYN, TCP_RST, TCP_PSH, TCP_ACK = 1, 2, 4, 8, 16
TTL = 64
PROTO_IPIP, PROTO_TCP, PROTO_UDP, PROTO_IPV6, PROTO_GRE, PROTO_SCTP = 4, 6, 17, 41, 47, 132
# Outer addresses of tunnels (RFC 5737 TEST-NET-3).
TUNNEL_SRC = ipaddress.ip_address("203.0.113.1")
TUNNEL_DST = ipaddress.ip_address("203.0.113.2")


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(src, dst, proto, length):
    if src.version == 4:
        return src.packed + dst.packed + struct.pack("!BBH", 0, proto, length)
    return src.packed + dst.packed + struct.pack("!IHBB", length, 0, 0, proto)


def udp(src, dst, payload):
    """`src` and `dst` are (address, port), as in tcp and sctp."""
    length = 8 + len(payload)
    head = struct.pack("!HHHH", src[1], dst[1], length, 0)
    total = checksum(pseudo_header(src[0], dst[0], PROTO_UDP, length) + head + payload)
    return struct.pack("!HHHH", src[1], dst[1], length, total or 0xFFFF) + payload


def tcp(src, dst, seq, ack, flags, payload):
    def head(total):
        return struct.pack("!HHIIBBHHH", src[1], dst[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                           5 << 4, flags, 64240, total, 0)
    length = 20 + len(payload)
    pseudo = pseudo_header(src[0], dst[0], PROTO_TCP, length)
    return head(checksum(pseudo + head(0) + payload)) + payload


def wrong_checksum(proto, packet):
    """A UDP or TCP packet with another checksum than it had."""
    at = 16 if proto == PROTO_TCP else 6
    return packet[:at] + bytes([packet[at] ^ 0x55, packet[at + 1] ^ 0xAA]) + packet[at + 2:]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sctp(src, dst, vtag, chunks):
    """RFC 9260 3.1; chunks: (type, flags, value)."""
    body = b""
    for kind, flags, value in chunks:
        body += struct.pack("!BBH", kind, flags, 4 + len(value)) + value
        body += b"\0" * (-len(value) % 4)
    head = struct.pack("!HHI", src[1], dst[1], vtag)
    return head + struct.pack("<I", crc32c(head + b"\0\0\0\0" + body)) + body


def ipv4(src, dst, proto, payload, ident=0, fragment=0, ttl=TTL, dscp=0):
    """`fragment`: flags and offset as in the header."""
    def head(total):
        return struct.pack("!BBHHHBBH", 0x45, dscp << 2, 20 + len(payload), ident, fragment, ttl, proto,
                           total) + src.packed + dst.packed
    return head(checksum(head(0))) + payload


def ipv6(src, dst, proto, payload, ttl=TTL, dscp=0):
    head = struct.pack("!IHBB", 6 << 28 | dscp << 22, len(payload), proto, ttl) + src.packed + dst.packed
    return head + payload


def ip(src, dst, proto, payload, ident=0, ttl=TTL, dscp=0):
    if src.version == 4:
        return ETHER_IPV4, ipv4(src, dst, proto, payload, ident, ttl=ttl, dscp=dscp)
    return ETHER_IPV6, ipv6(src, dst, proto, payload, ttl, dscp)


def ip_fragments(src, dst, proto, payload, ident, size, ttl=TTL):
    """Fragments of at most `size` bytes of payload, a multiple of 8."""
    layers = []
    for at in range(0, len(payload), size):
        part = payload[at:at + size]
        more = at + size < len(payload)
        if src.version == 4:
            layers.append((ETHER_IPV4, ipv4(src, dst, proto, part, ident, more << 13 | at // 8,
                                            ttl)))
        else:
            head = struct.pack("!BBHI", proto, 0, at | more, ident)
            layers.append((ETHER_IPV6, ipv6(src, dst, 44, head + part, ttl)))
    return layers


def mac(address):
    return b"\x02\x00" + address.packed[-4:]


def ethernet(layer, src=TUNNEL_SRC, dst=TUNNEL_DST):
    return mac(dst) + mac(src) + struct.pack("!H", layer[0]) + layer[1]


def tag(ether_type, ident, layer):
    return ether_type, struct.pack("!HH", ident, layer[0]) + layer[1]


def encap_vlan(arg, layer):
    return tag(0x8100, int(arg), layer)


def encap_qinq(arg, layer):
    outer, inner = arg.split(".")
    return tag(0x88A8, int(outer), tag(0x8100, int(inner), layer))


def encap_mpls(arg, layer):
    return 0x8847, struct.pack("!I", int(arg) << 12 | 1 << 8 | 64) + layer[1]


def encap_pppoe(arg, layer):
    ppp = struct.pack("!H", 0x21 if layer[0] == ETHER_IPV4 else 0x57) + layer[1]
    return 0x8864, struct.pack("!BBHH", 0x11, 0, int(arg), len(ppp)) + ppp


def encap_ipip(_, layer):
    proto = PROTO_IPIP if layer[0] == ETHER_IPV4 else PROTO_IPV6
    return ip(TUNNEL_SRC, TUNNEL_DST, proto, layer[1])


def encap_gre(_, layer):
    return ip(TUNNEL_SRC, TUNNEL_DST, PROTO_GRE, struct.pack("!HH", 0, layer[0]) + layer[1])


def encap_vxlan(arg, layer):
    """RFC 7348 5."""
    head = struct.pack("!II", 8 << 24, int(arg) << 8)
    data = udp((TUNNEL_SRC, 55555), (TUNNEL_DST, 4789), head + ethernet(layer))
    return ip(TUNNEL_SRC, TUNNEL_DST, PROTO_UDP, data)


def encap_gtpu(arg, layer):
    """3GPP TS 29.281 5.1: version 1, GTP, no options; message type 255 is G-PDU."""
    head = struct.pack("!BBHI", 0x30, 255, len(layer[1]), int(arg))
    data = udp((TUNNEL_SRC, 2152), (TUNNEL_DST, 2152), head + layer[1])
    return ip(TUNNEL_SRC, TUNNEL_DST, PROTO_UDP, data)


ENCAPSULATIONS = {
    "vlan": encap_vlan, "qinq": encap_qinq, "mpls": encap_mpls, "pppoe": encap_pppoe,
    "ipip": encap_ipip, "gre": encap_gre, "vxlan": encap_vxlan, "gtpu": encap_gtpu,
}


def encapsulate(stack, layer):
    """`stack`: names with arguments, the outermost first: ["qinq:100.200", "vxlan:42"]."""
    for name in reversed(stack):
        kind, _, arg = name.partition(":")
        layer = ENCAPSULATIONS[kind](arg, layer)
    return layer


def link_sll(layer, src, _):
    return struct.pack("!HHH", 0, 1, 6) + mac(src) + struct.pack("!HH", 0, layer[0]) + layer[1]


def link_sll2(layer, src, _):
    head = struct.pack("!HHIHBB", layer[0], 0, 2, 1, 0, 6)
    return head + mac(src) + b"\0\0" + layer[1]


def link_null(layer, *_):
    return struct.pack("<I", 2 if layer[0] == ETHER_IPV4 else 30) + layer[1]


def link_null_ether(layer, *_):
    """As some write it: an EtherType where the address family belongs."""
    return struct.pack("!I", layer[0]) + layer[1]


def link_loop(layer, *_):
    return struct.pack("!I", 2 if layer[0] == ETHER_IPV4 else 30) + layer[1]


# Name -> LINKTYPE_, header.
LINKS = {
    "null": (0, link_null),
    "null-ether": (0, link_null_ether),
    "ethernet": (1, ethernet),
    "raw": (101, lambda layer, *_: layer[1]),
    "loop": (108, link_loop),
    "sll": (113, link_sll),
    "sll2": (276, link_sll2),
}


def link(name):
    """Of LINKS; of any other number, the IP packet alone."""
    return LINKS[name] if name in LINKS else (int(name), LINKS["raw"][1])


def pcap_file(link_type, records, snaplen=262144):
    """Classic pcap; records: (time_ns, interface, bytes)."""
    out = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, link_type))
    for time_ns, _, data in records:
        kept = data[:snaplen]
        out += struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9 // 1000, len(kept), len(data))
        out += kept
    return bytes(out)


def pcapng_block(kind, body):
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def pcapng_option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def pcapng_file(interfaces, records, snaplen=262144):
    """interfaces: (name, link_type); nanosecond times."""
    out = pcapng_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for name, link_type in interfaces:
        options = pcapng_option(2, name.encode()) + pcapng_option(9, b"\x09")
        options += pcapng_option(0, b"")
        out += pcapng_block(1, struct.pack("<HHI", link_type, 0, snaplen) + options)
    for time_ns, interface, data in records:
        kept = data[:snaplen]
        head = struct.pack("<IIIII", interface, time_ns >> 32, time_ns & 0xFFFFFFFF, len(kept),
                           len(data))
        out += pcapng_block(6, head + kept + b"\0" * (-len(kept) % 4))
    return out
