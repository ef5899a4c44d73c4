"""Protocols that quote SIP messages: logs, databases, message queues, mail, files."""
import json
import struct

LOG_HEAD = b"2026-01-02 10:00:00.000000 [DEBUG] udp:192.0.2.10:5060 "


def amqp(text):
    """A body frame of AMQP 0-9-1."""
    return b"\x03\x00\x01" + struct.pack("!I", len(text)) + text + b"\xce"


def console(text):
    return b"\r\n<--- SIP read from UDP:192.0.2.10:5060 --->\r\n" + text + b"<------------->\r\n"


def event_socket(text):
    body = LOG_HEAD + b"received:\n" + text
    return b"Content-Length: %d\nContent-Type: log/data\nLog-Level: 7\n\n" % len(body) + body


def ftp(text):
    """A text trace."""
    return b"U 2026/01/02 10:00:00.000000 192.0.2.10:5060 -> 198.51.100.20:5060\r\n" + text + \
        b"\r\n"


def grpc(text):
    """DATA frame of HTTP/2, length-prefixed message, field 1 of protobuf."""
    size = bytes([len(text) & 0x7F | 0x80, len(text) >> 7])
    message = b"\x0a" + size + text
    data = b"\0" + struct.pack("!I", len(message)) + message
    return struct.pack("!I", len(data))[1:] + b"\x00\x00\x00\x00\x00\x01" + data


def http_json(text):
    body = json.dumps({"proto": "sip", "raw": text.decode()}).encode()
    return b"POST /ingest HTTP/1.1\r\nHost: log.example.com\r\nContent-Type: application/json\r\n" \
        b"Content-Length: %d\r\n\r\n" % len(body) + body


def http_text(text):
    return b"POST /ingest HTTP/1.1\r\nHost: log.example.com\r\nContent-Type: text/plain\r\n" \
        b"Content-Length: %d\r\n\r\n" % len(text) + text


def chat(text):
    """The first line alone."""
    return b":bob!b@example.com PRIVMSG #voip :" + text.splitlines()[0] + b"\r\n"


def kafka(text):
    """A Produce request with one record."""
    record = struct.pack("!hhih", 0, 3, 7, 5) + b"probe" + struct.pack("!hihi", -1, 1, 0, 0)
    record += b"\0\0\0\1\0\3sip" + struct.pack("!i", len(text)) + text
    return struct.pack("!i", len(record)) + record


def mail(text):
    return b"MIME-Version: 1.0\r\nSubject: trace\r\nContent-Type: text/plain\r\n\r\n" + \
        text.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n"


def mqtt(text):
    payload = b"\0\3sip" + text
    return bytes([0x30, len(payload) & 0x7F | 0x80, len(payload) >> 7]) + payload


def mysql(text):
    query = b"\x03INSERT INTO sip_capture VALUES ('" + text.replace(b"'", b"\\'") + b"')"
    return struct.pack("<I", len(query))[:3] + b"\0" + query


def paste(text):
    """A trace of nothing but messages, one after the other."""
    return text + b"\r\n"


def pcap(text):
    """A record of a capture file, Ethernet, IP and UDP in it."""
    return struct.pack("<IIII", 1767348000, 0, 42 + len(text), 42 + len(text)) + \
        b"\2" * 12 + b"\x08\0\x45\0" + struct.pack("!H", 28 + len(text)) + \
        b"\0\1\0\0\x40\x11\0\0\xc0\0\2\x0a\xc6\x33\x64\x14\x13\xc4\x13\xc4" + \
        struct.pack("!HH", 8 + len(text), 0) + text


def postgres(text):
    query = b"INSERT INTO sip VALUES ($$" + text + b"$$)\0"
    return b"Q" + struct.pack("!I", 4 + len(query)) + query


def redis(text):
    return b"*3\r\n$7\r\nPUBLISH\r\n$3\r\nsip\r\n$%d\r\n" % len(text) + text + b"\r\n"


def syslog(text):
    return b"<134>1 2026-01-02T10:00:00Z sbc sip - - - ---- message\n" + text + b"\n"


def syslog_counted(text):
    """RFC 6587 3.4.1."""
    line = b"<134>1 2026-01-02T10:00:00Z sbc sip - - - " + text
    return b"%d " % len(line) + line


PROTOCOLS = {
    "amqp": amqp, "chat": chat, "console": console, "event-socket": event_socket, "ftp": ftp,
    "grpc": grpc, "http-json": http_json, "http-text": http_text, "kafka": kafka, "mail": mail,
    "mqtt": mqtt, "mysql": mysql, "paste": paste, "pcap": pcap, "postgres": postgres,
    "redis": redis, "syslog": syslog, "syslog-counted": syslog_counted,
}
