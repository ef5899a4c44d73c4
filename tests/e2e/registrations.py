"""Bindings over time: what `registrations` prints, and what `explain` says of them over Call-IDs.

Events are those of a scenario (samples/README.md has the format); see findings.py.
"""
import csv
import functools
import io
import json
import tempfile

import costs
import findings
import tap

CONTACTS = {"": "sip:alice@192.0.2.10", "2": "sip:alice@192.0.2.10:5062"}


def registered(call, gap=0, seconds=600, contact="", listed=None, extra=""):
    """A REGISTER under a Call-ID of its own, and its 200."""
    who = "alice" + contact
    lines = "".join("  %sContact: <%s>;expires=%d\n" % ("+" if i else "", uri, seconds)
                    for i, uri in enumerate(listed or [CONTACTS[contact]]))
    return ("call %s from=alice to=alice\n+%g %s > proxy %s:REGISTER\n  Contact: <%s>%s\n"
            "  Expires: %d\n+0.01 proxy > %s %s:200\n%s" %
            (call, gap, who, call, CONTACTS[contact], extra, seconds, who, call, lines))


def refused(call, status, gap=0, extra=""):
    return ("call %s from=alice to=alice\n+%g alice > proxy %s:REGISTER\n  Contact: <%s>\n"
            "  Expires: 60\n+0.01 proxy > alice %s:%d\n%s" %
            (call, gap, call, CONTACTS[""], call, status, extra))


def invited(uri, status):
    return ("call inv from=bob to=alice\n+0 bob > proxy inv:INVITE sdp\n"
            "+0.01 proxy > alice inv:INVITE\n  ! INVITE %s SIP/2.0\n"
            "+0.01 alice > proxy inv:%d\n+0.01 proxy > bob inv:%d\n" % (uri, status, status))


BOTH = [CONTACTS[""], CONTACTS["2"]]
INSTANCE = ';+sip.instance="<urn:uuid:1>"'
BACK_AND_FORTH = "".join(registered("r%d" % i, 5, contact="2" if i % 2 else "", extra=INSTANCE)
                         for i in range(6))

# The name, what explain finds (without notes) by call, and the events.
FOUND = [
    ("lapsed, then another Call-ID", {1: "registration-lapsed/warning", 2: ""},
     registered("r1", 0, 60) + registered("r2", 90, 60) + "wait 30"),
    ("refreshed in time under another Call-ID", {None: ""},
     registered("r1", 0, 60) + registered("r2", 50, 60) + "wait 30"),
    ("moved under another Call-ID", {None: ""},
     registered("r1", 0, 60) + registered("r2", 30, 600, "2") + "wait 90"),
    ("how long is only what was asked for", {None: ""},
     registered("r1", 0, 60).replace("  Contact: <sip:alice@192.0.2.10>;expires=60\n", "") +
     "wait 120"),
    ("from contact to contact over Call-IDs",
     {6: "registration-flapping/warning", None: ""}, BACK_AND_FORTH + "wait 30"),
    ("two phones in turn", {None: ""},
     "".join(registered("r%d" % i, 5, contact="2" if i % 2 else "", listed=BOTH)
             for i in range(8)) + "wait 30"),
    ("two contacts in each REGISTER", {None: ""},
     "call r from=alice to=alice\n" + 8 * (
         "+300 alice > proxy r:REGISTER\n  Contact: <%s>, <%s>\n  Expires: 600\n"
         "+0.01 proxy > alice r:200\n  Contact: <%s>;expires=600, <%s>;expires=600\n" %
         (*BOTH, *BOTH)) + "wait 30"),
    ("far too often, each under a Call-ID of its own",
     {8: "registration-flapping/warning", None: ""},
     "".join(registered("r%d" % i, 5) for i in range(8)) + "wait 30"),
    ("as often as the registrar asks for", {None: ""},
     "".join(registered("r%d" % i, 50, 60) for i in range(8)) + "wait 30"),
    ("a call to a binding that had run out",
     {1: "registration-lapsed/warning", 3: "rejected/error binding-gone/warning"},
     registered("r1", 0, 60) + "wait 100\n" + invited(CONTACTS[""], 480)),
    ("a call to a binding in force", {3: "rejected/error"},
     registered("r1", 0, 600) + "wait 100\n" + invited(CONTACTS[""], 480)),
    ("a call to a binding that was replaced", {4: "rejected/error binding-gone/warning"},
     registered("r1", 0) + registered("r2", 20, 600, "2") + "wait 10\n" +
     invited(CONTACTS[""], 480)),
    ("a call to another address", {3: "rejected/error"},
     registered("r1", 0, 60) + "wait 100\n" + invited("sip:alice@192.0.2.99", 480)),
    ("a call that was answered all the same", {3: ""},
     registered("r1", 0, 60) + "wait 100\n" + invited(CONTACTS[""], 200)),
]


def check_found(wanted, events):
    findings.check_calls(wanted, findings.played(events),
                         lambda kind: kind not in findings.OF_TRAVEL)


def printed(capture, *arguments):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture)
        file.flush()
        done = tap.rung("registrations", "--no-config", *arguments, file.name)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def rows_of(capture, *arguments):
    return [json.loads(line) for line in printed(capture, "-T", "json", *arguments).splitlines()]


def rows(events, *arguments):
    return rows_of(findings.played(events), *arguments)


# The name, (contact, state, events) of each row, and the events of the scenario.
ROWS = [
    ("one binding over Call-IDs", [("", "registered", "registered refreshed")],
     registered("r1") + registered("r2", 300)),
    ("another spelling of a contact", [("", "registered", "registered refreshed")],
     registered("r1") + registered("r2", 300).replace("alice@192", "%61lice@192")),
    ("lapsed and bound again", [("", "registered", "registered lapsed registered")],
     registered("r1", 0, 60) + registered("r2", 90, 60)),
    ("a second late is not too late", [("", "registered", "registered refreshed")],
     registered("r1", 0, 60) + registered("r2", 60.9, 60)),
    ("moved", [("", "replaced", "registered replaced"), ("2", "registered", "registered")],
     registered("r1") + registered("r2", 30, 600, "2")),
    ("two phones", [("", "registered", "registered"), ("2", "registered", "registered")],
     registered("r1") + registered("r2", 30, 600, "2", BOTH)),
    ("one of two is not captured",
     [("", "registered", "registered"), ("2", "registered", "listed")],
     registered("r1", listed=BOTH)),
    ("removed", [("", "removed", "registered removed")],
     registered("r1") + registered("r2", 30, 0)),
    ("all removed", [("", "removed", "registered removed"), ("2", "removed", "registered removed")],
     registered("r1") + registered("r2", 3, 600, "2", BOTH) +
     registered("r3", 30, 0).replace("<sip:alice@192.0.2.10>", "*", 1)
     .replace("  Contact: <sip:alice@192.0.2.10>;expires=0\n", "")),
    ("refused", [("", "rejected", "rejected")], refused("r1", 403)),
    ("refused while it is bound", [("", "registered", "registered rejected")],
     registered("r1") + refused("r2", 403, 30)),
    ("too short", [("", "registered", "rejected registered")],
     refused("r1", 423, 0, "  Min-Expires: 300\n") + registered("r2", 1, 300)),
    ("challenged for ever", [("", "challenged", "challenged challenged challenged")],
     "".join(refused("r%d" % i, 401, 1) for i in range(3))),
    ("not answered", [("", "unanswered", "unanswered")],
     refused("r1", 403).replace(":403", ":403 lost")),
]


def check_rows(wanted, events):
    found = [(row["contact"], row["state"], " ".join(e["event"] for e in row["timeline"]))
             for row in rows(events)]
    assert [(CONTACTS[c], state, what) for c, state, what in wanted] == found, found


def test_facts():
    capture = (tap.SAMPLES / "registrations.pcap").read_bytes()
    by_contact = {row["contact"]: row for row in rows_of(capture)}
    dave = by_contact["sip:dave@10.1.1.7:5060;ob"]
    assert dave["nat"] and dave["reg_id"] == "1", dave
    assert dave["instance"] == "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>", dave
    assert dave["temp_gruu"] == "sip:tgruu.7hs==@example.com;gr", dave
    assert dave["path"] == ["<sip:edge.example.com;lr;ob>"], dave
    assert dave["service_route"] == ["<sip:home.example.com;lr>"], dave
    assert dave["expires"] == "2026-01-02T10:13:48.060000000Z", dave
    assert dave["lapses"] == 1 and [e["call"] for e in dave["timeline"]] == [4, 4, 8], dave
    bob = by_contact["sip:bob@198.51.100.21:5060"]
    assert bob["q"] == "0.5" and bob["source"] == "198.51.100.21:5060", bob
    assert bob["timeline"][0]["min_expires_s"] == 600, bob
    assert by_contact["sip:carol@198.51.100.30:5060"]["timeline"][1]["by"] == \
        "sip:carol@198.51.100.31:5060"


def test_selection():
    """A binding is printed whole when one of its calls is meant."""
    capture = (tap.SAMPLES / "registrations.pcap").read_bytes()
    only = rows_of(capture, "-Y", 'from.user == "dave" and call.start > 10:05:00', "--utc")
    assert [(row["aor"], len(row["timeline"])) for row in only] == [("sip:dave@example.com", 3)]
    assert [row["aor"] for row in rows_of(capture, "--call", "5")] == ["sip:eve@example.com"]
    assert rows_of(capture, "-Y", "call.kind == invite") == []
    table = list(csv.DictReader(io.StringIO(printed(capture, "-T", "csv"))))
    assert [row["state"] for row in table].count("removed") == 2, table
    assert "refreshed for 600 s" in printed(capture)


def message(number, user, contacts, status=None):
    first = "SIP/2.0 %d OK" % status if status else "REGISTER sip:example.com SIP/2.0"
    return ("%s\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"
            "From: <sip:%s@example.com>;tag=1\r\nTo: <sip:%s@example.com>%s\r\n"
            "Call-ID: %d@192.0.2.10\r\nCSeq: 1 REGISTER\r\nContact: %s\r\nExpires: 600\r\n"
            "Content-Length: 0\r\n\r\n" % (first, number, user, user, ";tag=2" if status else "",
                                           number, contacts)).encode()


def pairs(count, user, contact):
    return [message(i, user(i), contact(i), status) for i in range(count)
            for status in (None, 200)]


def test_costs():
    """Time is linear in the messages, whoever registers what."""
    costs.skip_sanitized()
    many = ", ".join("<sip:u%d@192.0.2.10>" % i for i in range(60))
    for count, user, contact in (
            (10000, lambda i: "u%d" % i, lambda i: "<sip:u%d@192.0.2.1>" % i),
            (10000, lambda i: "u", lambda i: "<sip:u@192.0.2.10:%d>" % (5060 + i % 60)),
            (10000, lambda i: "u", lambda i: "<sip:u@192.0.2.10>;q=0.%d" % i),
            (400, lambda i: "u", lambda i: many)):
        for command in ("registrations", "explain"):
            once, twice = (costs.cost_of(costs.pcap(pairs(n, user, contact)), command, "-q")[0]
                           for n in (count, 2 * count))
            assert twice < 3 * once + 0.5, "%s, %s: %.2f s, %.2f s" % (
                command, contact(1)[-30:], once, twice)


def test_many_contacts():
    """Of very many contacts those beyond the limit are counted."""
    many = ", ".join("<sip:u%d@192.0.2.10>" % i for i in range(1000))
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(costs.pcap([message(1, "u", many), message(1, "u", many, 200)]))
        file.flush()
        done = tap.rung("registrations", "-T", "json", file.name)
    assert done.returncode == 1 and b"left out: 1872 further contacts" in done.stderr, done.stderr
    assert len(done.stdout.splitlines()) == 64


def tests():
    return [("facts", test_facts), ("selection", test_selection), ("costs", test_costs),
            ("very many contacts", test_many_contacts),
            *(("rows: " + name, functools.partial(check_rows, wanted, events))
              for name, wanted, events in ROWS),
            *(("findings: " + name, functools.partial(check_found, wanted, events))
              for name, wanted, events in FOUND)]
