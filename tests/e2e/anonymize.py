"""`save --anonymize`: nobody is named any more, and all that was found is found again."""
import functools
import json
import pathlib
import re
import stat
import struct
import tempfile

import tap

KEEP = {
    "messages": "time transport kind method status cseq cseq_method content_type bytes call dialog "
                "transaction retransmission duplicate complete",
    "calls": "kind outcome state status start end ring_ms setup_ms duration_ms messages "
             "retransmissions transactions dialogs",
    "streams": "call media ssrc codec payload_type packets bytes expected lost duplicates "
               "out_of_order jitter_ms max_jitter_ms max_gap_ms mos dscp srtp",
}
# What packets that are made anew do not have: TCP around media, WebSocket, tunnels that alone tell
# two streams apart.
OTHERS = {"media-tcp", "media-tunnel", "websocket"}
# Words that name nobody.
PLAIN = {"anonymous", "example", "invalid", "localhost", "localdomain", "unknown", "asterisk"}
SHARED_MAX = 300000  # bytes of a capture


def rows(command, path):
    done = tap.rung(command, "-T", "json", path)
    return [json.loads(line) for line in done.stdout.decode(errors="replace").splitlines()]


def save(path, folder, *arguments, name="out.pcapng", status=(0, 1)):
    out = pathlib.Path(folder, name)
    done = tap.rung("save", "--with-media", "--force", "-w", out, *arguments, path)
    assert done.returncode in status, done.stderr.decode()
    return out, done.stderr.decode()


def facts(path):
    """What was found, without names."""
    found = {command: [{key: row[key] for key in keys.split()} for row in rows(command, path)]
             for command, keys in KEEP.items()}
    found["streams"] = [row for row in found["streams"] if row["call"]]
    found["explain"] = [
        ([(f["id"], f["severity"], f["messages"], f["streams"]) for f in row["findings"]],
         [(r["role"], r["messages"]) for r in row["roles"]],
         [(leg["call"], [why.split()[0] for why in leg["why"]]) for leg in row["legs"]],
         [(b["status"], b["messages"]) for b in row["branches"]], row["media"])
        for row in rows("explain", path) if row["call"]]  # no connection of TLS
    found["lint"] = [(f["message"], f["id"], f["offset"]) for f in rows("lint", path)
                     if f["message"]]
    return found


def mapped(path):
    """What became of what, of a map."""
    lines = path.read_bytes().decode(errors="replace").rstrip("\n").split("\n")
    assert lines[0] == "# rung pseudonyms 1" and re.fullmatch("key [0-9a-f]{64}", lines[1])
    return dict(line.split("\t") for line in lines[2:])


NAMES = [
    rb"(?:sips?|tel):([^@\s<>;:\"]{4,})@", rb"tel:\+?([0-9]{5,})",
    rb"(?:sips?):(?:[^@\s<>;\"]*@)?([A-Za-z0-9.-]+\.[A-Za-z0-9.-]+)",
    rb"(?im)^(?:From|To|f|t|Contact|m)[ \t]*:[ \t]*\"([^\"\r\n]{4,})\"",
    rb"(?im)^(?:Call-ID|i)[ \t]*:[ \t]*([^\s]{5,})", rb";tag=([^\s;>,]{5,})",
    rb"(?m)^o=([^ \r\n]{4,}) ", rb"IN IP4 ([0-9.]{7,15})", rb"username=\"([^\"]{4,})\"",
    rb"realm=\"([^\"]{4,})\"", rb"response=\"([^\"]{8,})\"", rb"inline:([^|\s]{8,})",
    rb"branch=z9hG4bK([^\s;,]{6,})",
]
WORD = re.compile(rb"[A-Za-z0-9\x80-\xff]{5,}")
ADDRESS = re.compile(rb"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])")


def names_in(data):
    """Users, hosts, display names, identifiers, keys and addresses, found without the program."""
    words = set()
    for pattern in NAMES:
        for value in re.findall(pattern, data):
            words.update(ADDRESS.findall(value))
            words.update(WORD.findall(ADDRESS.sub(b" ", value)))
    return {word.lower() for word in words} - {word.encode() for word in PLAIN}


def sip_in(path):
    """The bytes of all its messages, by which names are found; and the file's."""
    text = tap.rung("show", "--no-config", path).stdout
    return text, path.read_bytes()


def named(original, saved, became):
    """Names that are in both, unless they became of others."""
    text, _ = sip_in(original)
    data = saved.read_bytes().lower()
    pseudonyms = set(became.values())
    kept = {line.split(b":", 1)[1].strip() for line in text.lower().splitlines()
            if line.startswith((b"user-agent:", b"server:"))}
    found = []
    for name in names_in(text):
        if name.decode(errors="replace") in pseudonyms or name not in data:
            continue
        if any(name in agent for agent in kept) or re.fullmatch(rb"(127|0|255)\..*", name):
            continue
        if not re.search(rb"(?<![a-z0-9])" + re.escape(name) + rb"(?![a-z0-9])", data):
            continue
        found.append(name)
    return found


def addresses(saved):
    """Of all packets, which begin with their IP header."""
    found, data, at = set(), saved.read_bytes(), 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 6:
            packet = data[at + 28:at + 28 + 40]
            if packet[0] >> 4 == 4:
                found |= {packet[12:16], packet[16:20]}
                assert sum(struct.unpack(">10H", packet[:20])) % 0xffff == 0, "header checksum"
        at += length
    return {".".join(map(str, address)) for address in found}


def check(path, same=True):
    with tempfile.TemporaryDirectory() as folder:
        book = pathlib.Path(folder, "map")
        saved, _ = save(path, folder, "--anonymize=%s" % book)
        became = mapped(book)
        assert stat.S_IMODE(book.stat().st_mode) == 0o600
        was, now = facts(path), facts(saved)
        for what in was if same else ():
            assert was[what] == now[what], (what, [pair for pair in zip(was[what], now[what])
                                                   if pair[0] != pair[1]][:2])
        assert not (left := named(path, saved, became)), left
        assert addresses(saved) <= {became.get(a, a) for a in became.values()} | set(
            became.values()) | {"127.0.0.1", "0.0.0.0", "255.255.255.255"}


def hash_of(path):
    with tempfile.TemporaryDirectory() as folder:
        return save(path, folder, "--anonymize")[0].read_bytes()


def test_map():
    """It gives a second capture the same pseudonyms, and is for its owner alone."""
    with tempfile.TemporaryDirectory() as folder:
        book = pathlib.Path(folder, "map")
        save(tap.SAMPLES / "basic.pcap", folder, "--anonymize=%s" % book)
        first = mapped(book)
        save(tap.SAMPLES / "busy.pcap", folder, "--anonymize=%s" % book)
        both = mapped(book)
        assert first.items() <= both.items() and first["alice"] == both["alice"]
        book.chmod(0o644)
        _, said = save(tap.SAMPLES / "busy.pcap", folder, "--anonymize=%s" % book, status=(1, 2))
        assert "read by others" in said, said
        book.chmod(0o600)
        book.write_text("my notes\n")
        _, said = save(tap.SAMPLES / "busy.pcap", folder, "--anonymize=%s" % book, status=(1, 2))
        assert "no map" in said and book.read_text() == "my notes\n", said


def test_keys_differ():
    """Without a map no two runs have the same pseudonyms."""
    assert hash_of(tap.SAMPLES / "basic.pcap") != hash_of(tap.SAMPLES / "basic.pcap")


def test_media_is_silent():
    with tempfile.TemporaryDirectory() as folder:
        saved, _ = save(tap.SAMPLES / "media-dtmf.pcap", folder, "--anonymize")
        digits = {row["dtmf"] for row in rows("streams", saved) if row["dtmf"]}
        assert digits and all(set(each) <= set("0") for each in digits), digits
        saved, said = save(tap.SAMPLES / "media-tcp.pcap", folder, "--anonymize")
        assert "599 packets beside RTP and RTCP in UDP left out" in said, said
        saved, said = save(tap.SAMPLES / "websocket.pcap", folder, "--anonymize")
        assert "7 messages of TLS or WebSocket are in plain TCP" in said, said


def test_pdus():
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out.pcapng")
        done = tap.rung("save", "--decrypted", "--anonymize", "-w", out,
                        tap.SAMPLES / "basic.pcap")
        assert done.returncode == 0, done.stderr
        assert b"alice" not in out.read_bytes() and len(rows("messages", out)) == len(
            rows("messages", tap.SAMPLES / "basic.pcap"))


def test_agents():
    with tempfile.TemporaryDirectory() as folder:
        plain, _ = save(tap.SAMPLES / "registrations.pcap", folder, "--anonymize")
        agents = re.findall(rb"(?m)^User-Agent: (.*)\r$", plain.read_bytes())
        more, _ = save(tap.SAMPLES / "registrations.pcap", folder, "--anonymize",
                       "--anonymize-agents")
        assert not set(agents) & set(re.findall(rb"(?m)^User-Agent: (.*)\r$", more.read_bytes()))


def test_refused():
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out.pcapng")
        for arguments, said in ((("--with-secrets", "--anonymize"), "no TLS"),
                                (("--anonymize-agents",), "needs --anonymize"),
                                (("--anonymize", "-i", "lo"), "needs a capture file")):
            files = [] if "-i" in arguments else [tap.SAMPLES / "basic.pcap"]
            done = tap.rung("save", "-w", out, *arguments, *files)
            assert done.returncode == 2 and said in done.stderr.decode(), done.stderr


def test_map_is_not_overwritten():
    """Neither one that there is, nor one that the program makes."""
    with tempfile.TemporaryDirectory() as folder:
        names = pathlib.Path(folder, "map")
        save(tap.SAMPLES / "basic.pcap", folder, "--anonymize=%s" % names)
        before = names.read_bytes()
        for path in names, pathlib.Path(folder, "new"):
            done = tap.rung("save", "--force", "-w", path, "--anonymize=%s" % path,
                            tap.SAMPLES / "basic.pcap")
            assert done.returncode == 2 and b"name the same file" in done.stderr, done.stderr
        assert names.read_bytes() == before


def field_tests():
    """One for each capture of the field; or one that says why there is none."""
    try:
        folder = tap.shared() / "captures"
    except tap.Skip:
        return [("anonymized captures of the field", tap.shared)]
    return [("anonymized " + path.name, functools.partial(check, path))
            for path in sorted(folder.iterdir())
            if path.suffix in (".pcap", ".pcapng") and path.stat().st_size < SHARED_MAX]


def tests():
    own = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    each = [("anonymized %s" % sample.stem, functools.partial(check, sample,
                                                             sample.stem not in OTHERS))
            for sample in tap.samples()]
    return own + each + field_tests()
