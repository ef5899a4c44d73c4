"""HEP: copies that a server sent to a collector, over UDP, TCP and TLS."""
import contextlib
import json
import pathlib
import random
import re
import ssl
import tempfile

import tap

from pty_session import Session

from scenario import hep, tls, wire

WANTED = ["INVITE", "100", "180", "200", "ACK", "BYE", "200"]
CALL = tls.call("hep-1", "x" * 700)


def read(*arguments, command="messages"):
    done = tap.rung(command, "-T", "json", *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextlib.contextmanager
def captured(frames):
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name, "x.pcap")
        path.write_bytes(hep.capture(frames))
        yield path


def words(messages):
    return [m["method"] or str(m["status"]) for m in messages]


def check_call(messages, transport="UDP"):
    """As if it had been captured where it was copied."""
    assert words(messages) == WANTED, words(messages)
    assert [m["src"] for m in messages[:2]] == ["192.0.2.10:5060", "198.51.100.20:5060"], messages
    assert {m["transport"] for m in messages} == {transport}, messages
    assert [m["time"][20:23] for m in messages] == ["0%d0" % i for i in range(7)], messages
    assert all(m["complete"] and not m["retransmission"] for m in messages), messages


def found_over_tcp(copies, size=1400):
    with captured(hep.connection(b"".join(copies), size)) as path:
        return read(path)


def test_over_tcp_in_segments_of_any_size():
    """Packets that lie in several segments, and several packets in one."""
    for size in (1, 5, 7, 37, 500, 1400, 60000):
        check_call(found_over_tcp(hep.copies(CALL), size))


def test_chunks_in_any_form():
    """Compressed, in any order, with chunks of vendors, over IPv6."""
    for seed in range(10):
        source = random.Random(seed)

        def order(chunks):
            chunks += [hep.chunk(source.randrange(1, 40), b"of a vendor", vendor=8),
                       hep.chunk(300, b"not known"), hep.chunk(13, b"")]
            source.shuffle(chunks)
        check_call(found_over_tcp(hep.copies(CALL, order=order, packed=seed % 2 == 1)))
    check_call(found_over_tcp(hep.copies(CALL, protocol=hep.TLS)), "TLS")


def test_inside_tls():
    """The transport is that of what was copied, not that of the copy."""
    if "decrypting TLS: by" not in tap.version():
        raise tap.Skip("built without TLS")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key_log, path, saved = folder / "keys.log", folder / "x.pcap", folder / "saved.pcap"
        client, server = tls.contexts(folder, key_log, versions=ssl.TLSVersion.TLSv1_3)
        dialogue = [(tls.TO_SERVER, copy) for copy in hep.copies(CALL)]
        flights, _ = tls.session(client, server, dialogue)
        path.write_bytes(tls.capture(tls.packets(flights, server=hep.COLLECTOR)))
        assert read(path) == []
        check_call(read("--keylog", key_log, path))
        done = tap.rung("save", "--keylog", key_log, "--call", "hep-1", "-w", saved, path)
        assert done.returncode == 0, done.stderr.decode()
        check_call(read("--keylog", key_log, saved))


def test_midway_and_with_holes():
    """A capture that begins anywhere, or has lost segments, gives all packets that are whole."""
    many = [message for i in range(20) for message in tls.call("hep-%d" % i, "y" * (i * 53))]
    copies = hep.copies(many)
    data = b"".join(copies)
    frames = hep.connection(data, 400)
    known = {"hep-%d" % i for i in range(20)}
    for seed in range(8):
        source = random.Random(seed)
        lost = {source.randrange(6, len(frames) - 3) for _ in range(3)}
        kept = [frame for i, frame in enumerate(frames) if i not in lost]
        with captured(kept if seed % 2 else kept[source.randrange(4, 10):]) as path:
            found = read(path)
        assert {m["src"] for m in found} == {"192.0.2.10:5060", "198.51.100.20:5060"}, len(found)
        found = [m for m in found if m["complete"]]
        assert {m["call_id"] for m in found} <= known, {m["call_id"] for m in found}
        assert len(found) >= len(many) - 12 - 3 * len(lost), len(found)


def test_hostile_lengths():
    """What contradicts itself is counted; what is around it is read."""
    good = hep.copies(CALL)
    wrong = {
        b"HEP3\xff\xff": 0, b"HEP3\0\0": 0, b"HEP3\0\x06": 0, b"HEP3HEP3": 0, b"H": 0,
        b"HEP3\0\x0d" + hep.chunk(1, b"\2")[:5] + b"\xff\0": 0,
        hep.packet(b"x" * 10)[:-3] + b"HEP": 0,
        hep.packet(b"not zlib").replace(b"\0\x0f\0\x0e", b"\0\x10\0\x0e"): 1,
        hep.packet(b"INVITE sip:x", kind=53): 1, hep.packet(b"{", kind=hep.RTCP): 1,
    }
    for junk, counted in wrong.items():
        with captured(hep.connection(b"".join([*good[:3], junk, *good[3:]]), 300)) as path:
            found, (stats,) = read(path), read(path, command="stats")
        assert words(found) == WANTED and all(m["complete"] for m in found), (junk, words(found))
        assert sum(stats["undecoded"].values()) == counted, (junk, stats["undecoded"])


def test_authentication_key_is_not_shown():
    copies = [hep.datagram(copy, hep.START_NS + i) for i, copy in enumerate(hep.copies(CALL))]
    for frames in copies, hep.connection(b"".join(hep.copies(CALL))):
        with captured(frames) as path:
            for command in ("messages", "calls", "flow", "show", "explain", "lint", "stats"):
                done = tap.rung(command, path)
                assert b"s3cret" not in done.stdout + done.stderr, done


def test_saved_as_they_came():
    """The packets of HEP themselves, of the chosen call alone."""
    dialogue = [m for pair in zip(CALL, tls.call("hep-2")) for m in pair]
    copies = hep.copies(dialogue)
    for frames in (hep.connection(b"".join(copies), 1000),
                   [hep.datagram(copy, hep.START_NS + i) for i, copy in enumerate(copies)]):
        with captured(frames) as path:
            saved = path.with_suffix(".saved.pcap")
            done = tap.rung("save", "--call", "hep-1", "-w", saved, path)
            assert done.returncode == 0, done.stderr.decode()
            found = [m for m in read(saved) if m["call_id"] == "hep-1"]
            assert words(found) == WANTED, words(found)
            assert b"HEP3" in saved.read_bytes()
            kept = saved.read_bytes().count(b"s3cret")
            assert kept <= 14 and (frames[0][2][23] == wire.PROTO_TCP or kept == 7), kept


# --- Payloads that are no SIP --------------------------------------------------------------------

def log_line(text, at_ms, correlation=b"hep-1"):
    time_ns = hep.START_NS + at_ms * hep.MS
    return hep.packet(text, time_ns=time_ns, kind=hep.LOG, correlation=correlation)


def test_log_lines_are_notes_of_their_call():
    """In `explain` and `flow`, in order of time; those of no call are counted."""
    lines = [log_line(b"routed to bob\n", 5), log_line(b"first \x1b[31m", -20),
             log_line(b"gone", 900), log_line(b"another call", 4, b"nobody"),
             hep.packet(b"no call", kind=hep.LOG)]
    copies = hep.copies(CALL)
    for frames in (hep.connection(b"".join(lines + copies), 1000),
                   [hep.datagram(data, hep.START_NS + i) for i, data in enumerate(lines + copies)]):
        with captured(frames) as path:
            (row,) = read(path, command="explain")
            notes = [(note["time"][17:23], note["sender"], note["text"]) for note in row["notes"]]
            assert notes == [("59.980", "192.0.2.100", "first \x1b[31m"),
                             ("00.005", "192.0.2.100", "routed to bob"),
                             ("00.900", "192.0.2.100", "gone")], notes
            (flow,) = read(path, command="flow")
            assert flow["notes"] == row["notes"] and len(flow["rungs"]) == 7
            ladder = tap.rung("flow", "--width", "100", path).stdout.decode().splitlines()
            at = [next(i for i, line in enumerate(ladder) if text in line) for text in
                  ("first", "INVITE ──", "routed to bob", "100 Trying", "gone")]
            assert at == sorted(at) and "\x1b" not in "".join(ladder), ladder
            assert "log" in tap.rung("explain", path).stdout.decode()
            shown = tap.rung("show", path).stdout.decode()
            assert shown.index("logs about call 1") < shown.index("routed to bob"), shown
            assert "\x1b" not in shown
            with Session("--utc", path, size=(100, 40)) as session:
                session.expect("hep-1|alice")
                session.send("\r")
                for text in "first", "INVITE", "routed to bob", "100 Trying", "gone":
                    session.expect(text)
                lines = session.screen.text().splitlines()
                at = [next(i for i, line in enumerate(lines) if text in line) for text in
                      ("first", "INVITE", "routed to bob", "100 Trying", "gone")]
                assert at == sorted(at), lines
            stats = tap.rung("stats", path).stdout.decode()
            assert "log lines in HEP                   4" in stats, stats
            assert "of no call                       1" in stats, stats
            (stats,) = read(path, command="stats")
            assert stats["undecoded"] == {"HEP log lines without a correlation id": 1}, stats
            saved = path.with_suffix(".saved.pcap")
            assert tap.rung("save", "--call", "hep-1", "-w", saved, path).returncode == 0
            assert read(saved, command="explain")[0]["notes"][1]["text"] == "routed to bob"


# What Bob reports of Alice's stream: RTCP as it was sent, and as rtpengine and others tell it.
RECEIVER_REPORT = bytes.fromhex("81c90007 00000007 12345678 1900000c 00010031 00000050 00000000"
                                "00000000")
REPORT_AS_JSON = json.dumps({"ssrc": 7, "type": 201, "report_count": 1, "report_blocks": [
    {"source_ssrc": 0x12345678, "fraction_lost": 25, "packets_lost": 12, "highest_seq_no": 65585,
     "ia_jitter": 80, "lsr": 0, "dlsr": 0}]}).encode()


def test_reports_of_rtcp_are_of_their_stream():
    """As the far end reported them; in binary and in JSON, compressed, over UDP and TCP."""
    alice, bob = (hep.ALICE[0], 40000), (hep.BOB[0], 50000)
    media = [hep.datagram(bytes.fromhex("8000%04x%08x12345678" % (i, i * 160)) + b"\xff" * 160,
                          hep.START_NS + i * 20 * hep.MS, alice, bob) for i in range(50)]
    for report in RECEIVER_REPORT, REPORT_AS_JSON:
        for packed in False, True:
            copy = hep.packet(report, (bob[0], 50001), (alice[0], 40001), kind=hep.RTCP,
                              time_ns=hep.START_NS + 10**9, packed=packed, correlation=b"x")
            for frames in [hep.datagram(copy, hep.START_NS + 10**9)], hep.connection(copy, 50):
                frames = [(max(time_ns, hep.START_NS + 10**9), *rest) for time_ns, *rest in frames]
                with captured(media + frames) as path:
                    (row,) = read(path, command="streams")
                assert row["packets"] == 50 and row["lost"] == 0, row
                rtcp = {"packets": 1, "reported_lost": 12, "reported_jitter_ms": 10.0}
                assert {key: row["rtcp"][key] for key in rtcp} == rtcp, row


def test_reports_of_rtcp_without_their_stream_are_counted():
    """The RTP was not captured; and what is said to be RTCP, and is none."""
    for payload, wanted in ((RECEIVER_REPORT, {"RTCP in HEP of RTP that was not captured": 1}),
                            (REPORT_AS_JSON, {"RTCP in HEP of RTP that was not captured": 1}),
                            (b"\x80no RTCP", {"damaged HEP": 1})):
        copy = hep.packet(payload, hep.BOB, hep.ALICE, kind=hep.RTCP, correlation=b"hep-1")
        for frames in [hep.datagram(copy, hep.START_NS)], hep.connection(copy, 50):
            with captured(frames) as path:
                (stats,) = read(path, command="stats")
                told = tap.rung("stats", path).stderr.decode()
            assert stats["undecoded"] == wanted, stats["undecoded"]
            assert next(iter(wanted)) in told, told


def test_other_payloads_are_counted_by_type():
    for kind in (2, 34, 53, 99):
        other = hep.packet(b"{}", kind=kind)
        for frames in (hep.connection(other * 3), [hep.datagram(other, hep.START_NS + i)
                                                   for i in range(3)]):
            with captured(frames) as path:
                (stats,) = read(path, command="stats")
                assert stats["undecoded"] == {"HEP payload type %d" % kind: 3}, stats


# --- What is seen more than once ----------------------------------------------------------------

INVITE, TRYING, *_ = (message for _, message in tls.call("seen-1"))
# When the INVITE is sent, and sent again (RFC 3261 17.1.1.2).
SENT_MS = [0, 500, 1500, 3500]


def on_the_wire(message, at_ms, ident, src=hep.ALICE, dst=hep.BOB):
    udp = wire.udp(src, dst, message)
    ip = wire.ip(src[0], dst[0], wire.PROTO_UDP, udp, ident=ident)
    return hep.START_NS + at_ms * hep.MS, 0, wire.ethernet(ip, src[0], dst[0])


def copied(message, at_ms, later_ms=2, skew_ms=0, **options):
    """The copy comes `later_ms` after the message, its clock is `skew_ms` ahead."""
    time_ns = hep.START_NS + (at_ms + skew_ms) * hep.MS
    data = hep.packet(message, time_ns=time_ns, **options)
    agent = (hep.AGENT[0] + options.get("agent", 2001) - 2001, hep.AGENT[1])
    return hep.datagram(data, hep.START_NS + (at_ms + later_ms) * hep.MS, src=agent)


def check_sightings(frames, sent, sightings):
    """So many messages were sent, all but the first of them again; each was seen so often."""
    with captured(frames) as path:
        found, (call,) = read(path), read(path, command="calls")
    first = [m for m in found if not m["duplicate"]]
    assert [m["retransmission"] for m in first] == [False] + [True] * (sent - 1), \
        [(m["time"], m["retransmission"], m["duplicate"]) for m in found]
    assert len(found) == sent * sightings
    assert call["retransmissions"] == sent - 1, call
    assert sorted(m["sightings"] for m in found) == sorted([*range(1, sightings + 1)] * sent)


def test_a_copy_of_what_was_captured_is_a_second_sighting():
    """Also when the copy comes first, with clocks that differ, or one of them lost some."""
    for later_ms, skew_ms in ((2, 0), (-2, 0), (300, 0), (2, 900), (2, -700), (-1, 450)):
        frames = [f for i, at in enumerate(SENT_MS) for f in
                  (on_the_wire(INVITE, at, i + 1), copied(INVITE, at, later_ms, skew_ms))]
        check_sightings(frames, 4, 2)
    twice = [f for i, at in enumerate(SENT_MS) for f in
             (on_the_wire(INVITE, at, i + 1), on_the_wire(INVITE, at, i + 1), copied(INVITE, at))]
    check_sightings(twice, 4, 3)
    check_sightings([*twice[:3], on_the_wire(INVITE, -1, 1)], 1, 4)


def test_copies_of_two_servers_are_sightings_of_one_message():
    for skew_ms in (0, 200, 800, -600):
        frames = [f for at in SENT_MS for f in
                  (copied(INVITE, at), copied(INVITE, at, 5, skew_ms, agent=2002))]
        check_sightings(frames, 4, 2)
    # of one server: it was sent again
    check_sightings([copied(INVITE, at) for at in SENT_MS], 4, 1)


def test_clocks_of_servers_are_compared():
    """By a request and a response that both saw, whatever the way between them takes."""
    back = {"src": hep.BOB, "dst": hep.ALICE}
    for skew_ms, said in (0, "0.0 ms ahead of"), (812, "812.0 ms ahead of"), (-250, "250.0 ms behind"):
        there = {"agent": 2002, "skew_ms": skew_ms}
        with captured([copied(INVITE, 0), copied(INVITE, 30, **there), copied(TRYING, 40, **there,
                      **back), copied(TRYING, 70, **back)]) as path:
            shown = tap.rung("stats", path).stdout.decode()
            assert re.search(r"agent 2002 .*\n.*\n.*\n *clock +%s 192.0.2.100, agent 2001 "
                             r"\(1 answer\)\n" % said, shown), shown
            assert shown.count("clock") == 1, shown
    with captured([copied(INVITE, 0), copied(INVITE, 30, agent=2002)]) as path:
        assert b"clock" not in tap.rung("stats", path).stdout, "requests alone do not tell"


def test_another_message_is_no_sighting():
    """Another length, or other endpoints: what a proxy has sent on is not what it got."""
    longer = INVITE.replace(b"Max-Forwards: 70", b"Max-Forwards: 070")
    with captured([on_the_wire(INVITE, 0, 1), copied(longer, 0)]) as path:
        assert not any(m["duplicate"] for m in read(path))
    with captured([on_the_wire(INVITE, 0, 1), copied(INVITE, 0, dst=hep.COLLECTOR)]) as path:
        assert not any(m["duplicate"] for m in read(path))


def test_who_copied_it_is_a_field():
    frames = [copied(INVITE, 0, node=b"edge-1"), copied(TRYING, 1, agent=2002)]
    with captured(frames) as path:
        done = tap.rung("messages", "--columns",
                        "message.copier,message.copier.id,message.copier.node", "-T", "csv", path)
        assert done.stdout.splitlines()[1:] == [b"192.0.2.100,2001,edge-1", b"192.0.2.101,2002,"], \
            done
        assert len(tap.rung("messages", "-Y", "message.copier.id == 2002", path).stdout
                   .splitlines()) == 1


def test_correlation_id_is_a_field():
    """Of each message its own; also where it is not the Call-ID."""
    frames = [copied(INVITE, 0, correlation=b"leg-1"), copied(TRYING, 1),
              copied(INVITE, 2000, correlation=b"seen-1"), copied(TRYING, 2010,
                                                                  correlation=b"leg-1")]
    field = "message.correlation"
    with captured(frames) as path:
        found = read("--columns", field, path)
        assert [row[field] for row in found] == ["leg-1", None, "seen-1", "leg-1"], found
        assert len(read("-Y", field + ' == "leg-1"', path)) == 2


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
