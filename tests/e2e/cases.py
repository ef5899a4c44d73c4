"""What the scenarios of tests/cases must give: each is a small input that is easily misread.

A row of CASES: the scenario, a question, and what must hold.  The question is a command and, but
for `stats`, the name of a call (`*`: all); then options.  `from=WHAT` begins the capture at the
first message that is WHAT, as in an event.  Of `stats` the answer is an object, of `calls` one row
or a list of them, of `messages` the number of rows (`count`) and columns: a list, or one value for
all; of `faults` the number of findings of `show --decode`.  Only what is named is compared; names
with a dot are fields.
"""
import copy
import csv
import functools
import hashlib
import io
import json
import pathlib
import re
import shlex
import tempfile

import pty_session
import tap
from scenario import script

FOLDER = tap.ROOT / "tests" / "cases"
MS = 30.0  # how exact times are

ANSWERED = {"kind": "invite", "outcome": "answered", "status": 200, "state": "completed"}
IN_CALL = {**ANSWERED, "state": "in-call"}
BUSY = {"kind": "invite", "outcome": "busy", "status": 486, "state": "busy"}
CANCELLED = {"kind": "invite", "outcome": "cancelled", "state": "cancelled"}
INVITE = {"kind": "invite"}
UNKNOWN = {**INVITE, "outcome": None, "state": None, "status": None}


def failed(status):
    return {"kind": "invite", "outcome": "failed", "status": status, "state": "failed"}


def lasting(row, milliseconds):
    return {**row, "duration_ms": milliseconds}


def metered(**milliseconds):
    """What RFC 6076 measures of a call: nothing but that."""
    milliseconds.setdefault("pdd", milliseconds.get("srd"))
    return {"call." + key: milliseconds.get(key) for key in
            ("pdd", "srd", "failed_srd", "sdd", "failed_sdd", "sdt", "failed_sdt", "rrd")}


CASES = [
    # One Call-ID, several rows.
    ("call-id-reused", "calls last-fails.1", [lasting(ANSWERED, 5010), BUSY, failed(404)]),
    ("call-id-reused", "calls first-fails.1",
     [failed(503), {**CANCELLED, "ring_ms": 100, "status": 487}, lasting(ANSWERED, 2010)]),
    ("call-id-reused", "calls late-bye.1", [lasting(ANSWERED, 65120), BUSY, IN_CALL]),
    ("call-id-reused", "messages late-bye.1",
     {"count": 11, "call": [1, 1, 1, 2, 2, 2, 1, 1, 3, 3, 3]}),
    ("call-id-reused", "calls back.1",
     [{**failed(480), "from": "sip:alice@example.com"},
      {**lasting(ANSWERED, 3010), "from": "sip:bob@example.com"}]),
    ("call-id-reused", "calls challenged", lasting(ANSWERED, 2020)),
    ("call-id-reused", "calls refused", failed(401)),
    ("call-id-reused", "calls redirected", BUSY),
    ("call-id-reused", "calls failover", lasting(ANSWERED, 2010)),
    ("call-id-reused", "calls forked", lasting(ANSWERED, 2030)),
    ("call-id-reused", "stats",
     {"call_ids": 9, "calls": 16,
      "outcomes": {"answered": 8, "busy": 3, "cancelled": 1, "failed": 4}}),

    ("kind-of-first-request", "calls register",
     [{"kind": "register", "outcome": "answered", "status": 200, "messages": 2},
      {**lasting(ANSWERED, 5010), "ring_ms": 100, "setup_ms": 1000, "messages": 6}]),
    ("kind-of-first-request", "calls subscribe.1",
     [{"kind": "subscribe", "outcome": "answered", "messages": 4}, {**BUSY, "messages": 3}]),
    ("kind-of-first-request", "calls options",
     [{"kind": "options", "outcome": "answered", "messages": 2}, lasting(ANSWERED, 2010)]),
    ("kind-of-first-request", "calls message",
     [{"kind": "message", "outcome": "answered", "status": 202},
      {"kind": "invite", "outcome": "unanswered", "state": "calling", "status": None}]),
    ("kind-of-first-request", "calls invite", {**lasting(ANSWERED, 3030), "messages": 9}),
    ("kind-of-first-request", "stats",
     {"call_ids": 5, "calls": 5, "outcomes": {"answered": 3, "busy": 1, "unanswered": 1}}),

    ("call-id-kept-by-b2bua", "calls hears-500.a", {**failed(500), "setup_ms": None}),
    ("call-id-kept-by-b2bua", "calls hears-200.a",
     {**lasting(ANSWERED, 3010), "setup_ms": 200}),
    ("call-id-kept-by-b2bua", "calls hears-486.a", BUSY),
    ("call-id-kept-by-b2bua", "calls hears-503.a", failed(503)),
    ("call-id-kept-by-b2bua", "calls hunts.a", {**lasting(ANSWERED, 2010), "setup_ms": 650}),
    ("call-id-kept-by-b2bua", "calls gives-up.a",
     {**CANCELLED, "status": 487, "ring_ms": 120, "setup_ms": None}),
    ("call-id-kept-by-b2bua", "calls times.a",
     {**lasting(ANSWERED, 5000), "ring_ms": 400, "setup_ms": 2600}),
    ("call-id-kept-by-b2bua", "stats",
     {"call_ids": 7, "calls": 7,
      "outcomes": {"answered": 3, "busy": 1, "cancelled": 1, "failed": 2}}),

    ("times-at-the-caller", "calls callee-ends",
     {**lasting(ANSWERED, 6000), "ring_ms": 500, "setup_ms": 3000}),
    ("times-at-the-caller", "calls caller-ends",
     {**lasting(ANSWERED, 4000), "ring_ms": None, "setup_ms": 1000}),
    ("times-at-the-caller", "calls challenged",
     {**lasting(ANSWERED, 2000), "ring_ms": 800, "setup_ms": 1800}),
    ("times-at-the-caller", "calls beyond",
     {**lasting(ANSWERED, 3000), "ring_ms": 300, "setup_ms": 1500}),
    ("times-at-the-caller", "calls late-ack", {**lasting(ANSWERED, 2500), "setup_ms": 500}),
    ("times-at-the-caller", "calls unheard", {**CANCELLED, "ring_ms": None, "setup_ms": None}),

    ("cancel-crossings", "calls no-487", {**CANCELLED, "status": None, "ring_ms": 100}),
    ("cancel-crossings", "calls no-487-no-180", {**CANCELLED, "status": None, "ring_ms": None}),
    ("cancel-crossings", "calls then-486", {**CANCELLED, "status": 486}),
    ("cancel-crossings", "calls then-503", {**CANCELLED, "status": 503}),
    ("cancel-crossings", "calls then-200", lasting(ANSWERED, 20)),
    ("cancel-crossings", "calls after-200", lasting(ANSWERED, 2021)),
    ("cancel-crossings", "calls unheard", {**INVITE, "outcome": "unanswered"}),
    ("cancel-crossings", "calls refused", BUSY),
    ("cancel-crossings", "calls no-cancel", {**CANCELLED, "status": 487}),
    ("cancel-crossings", "calls by-proxy", failed(480)),
    ("cancel-crossings", "calls re-invite", ANSWERED),
    ("cancel-crossings", "calls again", lasting(ANSWERED, 1010)),

    # Captures that begin midway.
    ("begins-in-answered", "calls a from=100", {**lasting(ANSWERED, 3010), "ring_ms": None}),
    ("begins-in-answered", "calls a from=180", {**lasting(ANSWERED, 3010), "setup_ms": None}),
    ("begins-in-answered", "calls a from=PRACK", lasting(ANSWERED, 3010)),
    ("begins-in-answered", "calls a from=200/PRACK", lasting(ANSWERED, 3010)),
    ("begins-in-answered", "calls a from=UPDATE", lasting(ANSWERED, 3010)),
    ("begins-in-answered", "calls a from=200/UPDATE", lasting(ANSWERED, 3010)),
    ("begins-in-answered", "calls a from=200/INVITE", lasting(ANSWERED, 3010)),
    ("begins-in-answered", "calls a from=ACK", INVITE),
    ("begins-in-answered", "calls a from=BYE", INVITE),
    ("begins-in-answered", "calls a from=200/BYE", INVITE),
    ("begins-in-answered", "stats from=180", {"calls": 1, "outcomes": {"answered": 1}}),
    ("begins-in-cancelled", "calls a from=100", {**CANCELLED, "status": 487}),
    ("begins-in-cancelled", "calls a from=180", {**CANCELLED, "status": 487}),
    ("begins-in-cancelled", "calls a from=CANCEL", {**CANCELLED, "status": 487}),
    ("begins-in-cancelled", "calls a from=200/CANCEL", {**CANCELLED, "status": 487}),
    ("begins-in-cancelled", "calls a from=487", {**CANCELLED, "status": 487}),
    ("begins-in-cancelled", "calls a from=ACK", UNKNOWN),
    ("begins-in-refused", "calls goes-on", {**IN_CALL, "status": None, "duration_ms": None}),
    ("begins-in-refused", "calls ends",
     {**ANSWERED, "status": None, "setup_ms": None, "duration_ms": None}),
    ("begins-in-refused", "calls busy", UNKNOWN),
    ("begins-in-refused", "calls answered", {**IN_CALL, "status": None}),
    ("begins-in-refused", "stats", {"calls": 4, "outcomes": {"answered": 3, "unanswered": 0}}),
    ("begins-in-others", "calls register", {"kind": "register", "outcome": "answered"}),
    ("begins-in-others", "calls subscribe", {"kind": "subscribe", "outcome": "answered"}),
    ("begins-in-others", "calls options", {"kind": "options", "outcome": "failed", "status": 404}),
    ("begins-in-others", "calls * -Y 'message.ip == 203.0.113.0/24'", [{"messages": 1}] * 10),

    # Transactions, what was sent again, copies.
    ("transactions", "messages other-sent-by",
     {"count": 8, "transaction": [1, 1, 1, 2, 3, 3, 4, 4], "retransmission": False}),
    ("transactions", "messages other-from-tag",
     {"count": 8, "transaction": [1, 1, 2, 3, 3, 4, 5, 5], "retransmission": False}),
    ("transactions", "messages other-client",
     {"count": 2, "transaction": [1, 2], "retransmission": False}),
    ("transactions", "messages again",
     {"count": 11, "transaction": [1, 1, 1, 1, 2, 1, 2, 3, 3, 3, 3],
      "retransmission": [False, True, False, False, False, True, True, False, False, True, True]}),
    ("transactions", "messages rerun",
     {"count": 10, "transaction": [1, 1, 2, 3, 3, 4, 4, 5, 6, 6], "retransmission": False}),
    ("transactions", "messages rerun-busy",
     {"count": 6, "transaction": [1, 1, 1, 2, 2, 2], "retransmission": False}),
    ("transactions", "messages rerun-tcp",
     {"count": 10, "transaction": [1, 1, 2, 3, 3, 4, 4, 5, 6, 6], "retransmission": False}),
    *[("second-tap", "calls " + name,
       {**ANSWERED, "messages": 14, "retransmissions": 0, "transactions": 3, "setup_ms": 1110})
      for name in ("skew-50ms", "skew-400ms", "skew-2s", "skew-back")],
    *[("second-tap", "messages %s -Y message.duplicate" % name, {"count": 7})
      for name in ("skew-50ms", "skew-400ms", "skew-2s", "skew-back")],
    ("second-tap", "calls resent", {**BUSY, "messages": 10, "retransmissions": 2}),
    ("second-tap", "messages resent -Y message.duplicate", {"count": 5}),
    ("second-tap", "calls fragments", {**BUSY, "messages": 6, "retransmissions": 0}),
    ("second-tap", "messages no-ident",
     {"count": 4, "retransmission": [False, True, False, False], "duplicate": False}),

    # TCP.
    *[("tcp-goes-on", "messages " + name,
       {"count": 8, "complete": True, "retransmission": False,
        "transaction": [1, 1, 2, 2, 3, 3, 4, 4]})
      for name in ("rst-ahead", "rst-ahead-slow", "rst-below", "rst-of-server", "rst-checksum",
                   "rst-both", "fin-checksum", "fin-ahead", "syn-other-isn", "syn-challenged",
                   "syn-ack-other-isn", "data-checksum")],
    ("tcp-goes-on", "stats",
     {"sip_messages": 96, "incomplete": 0, "call_ids": 12}),
    ("tcp-ends", "messages rst", {"count": 4, "complete": True}),
    ("tcp-ends", "messages half-closed", {"count": 4, "complete": True}),
    ("tcp-ends", "messages syn-answered", {"count": 4, "complete": True}),
    ("tcp-ends", "messages offload", {"count": 6, "complete": True}),
    ("tcp-ends", "stats", {"sip_messages": 19, "incomplete": 1}),
    ("tcp-content-length", "messages too-large",
     {"count": 5, "method": ["MESSAGE", "MESSAGE", None, "OPTIONS", None]}),
    ("tcp-content-length", "messages too-large -Y message.malformed", {"count": 1}),
    ("tcp-content-length", "messages too-large-joined -Y message.malformed", {"count": 1}),
    ("tcp-content-length", "messages too-small",
     {"count": 3, "method": ["MESSAGE", "OPTIONS", None]}),
    ("tcp-content-length", "messages sipfrag",
     {"count": 2, "method": ["NOTIFY", None], "complete": True}),

    # SIP inside of other protocols, and SIP after other bytes.
    *[("quoted-in-tcp", "messages * -Y 'message.port == %d'" % port, {"count": 0})
      for port in (5672, 6667, 23, 8021, 20, 50051, 8080, 80, 9092, 25, 1883, 3306, 7777, 2002,
                   5432, 6379, 514, 601)],
    ("quoted-in-tcp", "calls seen",
     {**ANSWERED, "messages": 7, "endpoints": ["192.0.2.10:5060", "198.51.100.20:5060"]}),
    ("quoted-in-tcp", "calls unseen", []),
    ("quoted-in-tcp", "calls pings", []),
    ("quoted-in-tcp", "calls wrapped", []),
    ("quoted-verbatim", "messages * -Y 'message.port == 7777'", {"count": 0}),
    ("quoted-verbatim", "calls a", {**ANSWERED, "messages": 6}),
    ("quoted-verbatim", "calls b", {"kind": "options", "outcome": "answered", "messages": 2}),
    # RFC 6076: what is measured of one call, and of all.
    ("rfc6076", "calls plain", metered(srd=200, sdt=5100, sdd=30)),
    ("rfc6076", "calls resent", metered(srd=1600, sdt=1010, sdd=10)),
    ("rfc6076", "calls challenged", metered(srd=340, sdt=2020, sdd=70)),
    ("rfc6076", "calls followed", metered(srd=130, sdt=1010, failed_sdd=10)),
    ("rfc6076", "calls forked", metered(srd=110, sdt=3020, sdd=10)),
    ("rfc6076", "calls redirected", metered()),
    ("rfc6076", "calls unanswered-challenge", metered()),
    ("rfc6076", "calls busy", metered(pdd=100, failed_srd=100)),
    ("rfc6076", "calls timeout", metered(failed_srd=250)),
    ("rfc6076", "calls cancelled", metered(pdd=100, failed_srd=100)),
    ("rfc6076", "calls bye-refused", metered(srd=100, sdt=1010, failed_sdd=20)),
    ("rfc6076", "calls bye-lost", metered(srd=100, failed_sdt=33010)),
    ("rfc6076", "calls bye-open", metered(srd=100)),
    ("rfc6076", "calls reg-challenged", metered(rrd=60)),
    ("rfc6076", "calls reg-refused", metered()),
    ("rfc6076", "calls reg-wrong", metered()),
    # 18 calls, one of them redirected; 8 are answered, 6 of these were ended by a BYE.
    ("rfc6076", "stats --by to.host -Y 'call.kind == invite'",
     {"group": "example.com", "others": False, "calls": 18, "answered": 8, "busy": 1,
      "cancelled": 1, "redirected": 1, "failed": 7, "unanswered": 0, "asr": 8 / 17,
      "ser": 8 / 17, "ner": 12 / 17, "seer": 11 / 17, "isa": 2 / 18, "scr": 6 / 18,
      "srd_max_ms": 1600, "failed_srd_max_ms": 250, "sdd_p50_ms": 30, "sdd_max_ms": 70,
      "failed_sdd_max_ms": 20, "sdt_mean_ms": 2196.7, "failed_sdt_mean_ms": 33010,
      "registrations": 0, "ira": None, "rrd_mean_ms": None}),
    ("rfc6076", "stats --by to.host -Y 'call.kind == register'",
     {"calls": 0, "asr": None, "registrations": 3, "failed_registrations": 2, "ira": 2 / 3,
      "rrd_mean_ms": 60, "srd_p50_ms": None}),
    ("rfc6076", "stats --by hour", {"group": "2026-01-02T10:00:00Z", "calls": 18}),
    ("rfc6076", "stats --by call.finding", {"group": "rejected", "calls": 7}),
    ("quoted-in-tcp", "stats", {"sip_messages": 7, "call_ids": 1, "transports": {"UDP": 7}}),
    ("sip-after-junk", "calls after-junk", {**ANSWERED, "messages": 5}),
    ("sip-after-junk", "messages after-text", {"count": 4, "complete": True}),
    ("sip-after-junk", "messages junk-between", {"count": 6, "complete": True}),
    ("sip-after-junk", "messages keep-alives", {"count": 4, "complete": True}),
    ("sip-after-junk", "messages one-direction", {"count": 4, "complete": True}),
    ("sip-after-junk", "messages spiral", {"count": 12, "complete": True}),
    ("sip-after-junk", "calls spiral", BUSY),

    # One message.
    *[("malformed", "messages " + name, {"count": 1, "message.malformed": True})
      for name in ("max-forwards-text", "max-forwards-large", "quote-open", "bracket-open",
                   "from-empty", "display-name", "spaces-in-brackets", "address-needs-brackets",
                   "address-trailing", "route-needs-brackets", "empty-value", "empty-parameter",
                   "parameter-twice", "lower-via", "contact-star", "credentials-merged", "rack",
                   "header-name", "header-twice", "no-to", "no-cseq", "cseq-method", "cseq-text",
                   "via-version", "length-text", "body-cut", "uri-spaces", "status-range")],
    *[("malformed", "messages " + name, {"count": 1, "message.malformed": False})
      for name in ("max-forwards-zero", "no-max-forwards", "lf", "no-length", "folded", "quoted",
                   "comma")],
    ("malformed", "stats", {"sip_messages": 35, "malformed": 28}),
    ("spaces-in-parameters", "messages branch", {"branch": "z9hG4bKone"}),
    ("spaces-in-parameters", "messages branch-folded", {"branch": "z9hG4bKone"}),
    ("spaces-in-parameters", "messages from-tag", {"from_tag": "one"}),
    ("spaces-in-parameters", "messages from-tag-then-more", {"from_tag": "one"}),
    ("spaces-in-parameters", "messages to-tag", {"to_tag": "one"}),
    ("spaces-in-parameters", "messages legal",
     {"branch": "z9hG4bKone", "from_tag": "one", "to_tag": "two"}),
    *[("spaces-in-parameters", "faults " + name, 1)
      for name in ("branch", "branch-folded", "from-tag", "from-tag-then-more", "to-tag")],
    ("spaces-in-parameters", "faults legal", 0),
    *[("event-headers", "faults " + name, 0)
      for name in ("etag-notify", "etag-publish", "if-match", "suppress")],
    ("event-headers", "faults etag-invite", 1),
    ("websocket-length", "faults without", 0),
    ("websocket-length", "messages without",
     {"count": 6, "message.transport": "WS", "message.malformed": False}),
    ("websocket-length", "messages with", {"count": 5, "message.malformed": False}),
    ("websocket-length", "messages too-large", {"count": 2, "message.malformed": [True, False]}),
    ("websocket-length", "messages tcp", {"count": 1, "message.malformed": True}),
    ("websocket-length", "stats", {"sip_messages": 14, "malformed": 2}),
    ("websocket-deflate", "calls context", {**lasting(ANSWERED, 3010), "messages": 7}),
    ("websocket-deflate", "calls alone", {**lasting(ANSWERED, 3010), "messages": 6}),
    ("websocket-deflate", "messages midway", {"count": 2, "transport": "WS"}),
    ("bodies", "messages nested",
     {"message.sdp": True, "message.codecs": ["PCMA", "telephone-event"]}),
    ("bodies", "messages nested-related", {"message.sdp": True, "message.codecs": ["PCMU"]}),
    *[("bodies", "messages " + name,
       {"message.sdp": True, "message.codecs": ["PCMU", "PCMA", "telephone-event"]})
      for name in ("gzip", "deflate", "gzip-compact", "identity")],
    ("bodies", "messages gzip-multipart", {"message.sdp": True, "message.codecs": ["PCMA"]}),
    ("bodies", "messages no-boundary", {"message.sdp": False}),
    ("bodies", "faults no-boundary", 1),
    *[("bodies", "faults " + name, 0) for name in ("nested", "gzip", "gzip-multipart", "identity")],

    ("body-kinds", "calls sip-i", failed(503)),

    # Links.
    *[(link, question, wanted) for link in ("link-null", "link-loop") for question, wanted in (
        ("messages v4", {"count": 2, "src": ["192.0.2.10:5060", "198.51.100.20:5060"]}),
        ("messages v6", {"count": 2, "src": ["[2001:db8::10]:5060", "[2001:db8::20]:5060"]}),
        ("stats", {"undecoded_packets": 0}))],
    ("link-unknown", "stats",
     {"sip_messages": 1, "packets": 6, "undecoded": {"link type 195": 1, "link type 147": 2}}),
    *[("port-under-tags", "stats -f '%s'" % bpf, {"sip_messages": count}) for bpf, count in (
        ("port 5060", 16), ("udp port 5060", 16), ("port 5070", 4), ("udp src port 5060", 16),
        ("ip and port 5060", 14), ("host 192.0.2.10 and port 5060", 14), ("port 5099", 0),
        ("not port 5060", 4))],
]


@functools.lru_cache
def scenario(name):
    return script.perform(name, (FOLDER / (name + ".scn")).read_text(encoding="utf-8"))


def is_what(data, what):
    """Is that in a packet?  INVITE, 180, 200/CANCEL."""
    status, _, method = what.partition("/")
    start = r"SIP/2\.0 %s " if status.isdigit() else r"(?<![A-Z])%s sip:"
    return bool(re.search((start % status).encode(), data)
                and re.search(r"\r\nCSeq: \d+ {}".format(method).encode(), data))


@functools.lru_cache
def capture(name, first=None):
    """A file with the packets of a scenario, from the first one that is `first`."""
    player, start = scenario(name), 0
    if first:
        start = next(i for i, record in enumerate(player.records) if is_what(record[2], first))
    file = tempfile.NamedTemporaryFile(suffix="." + player.container)
    file.write(player.capture(start))
    file.flush()
    return file


def objects(*arguments):
    done = tap.rung(*arguments)
    assert done.returncode == 0, "exit status %d: %s" % (done.returncode, done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def same(wanted, found):
    if isinstance(wanted, float) or isinstance(found, float):
        return None not in (wanted, found) and abs(wanted - found) <= MS
    return wanted == found


def differences(wanted, found):
    return ["%s: %s, not %s" % (key, found.get(key), value) for key, value in wanted.items()
            if not (not differences(value, found.get(key) or {}) if isinstance(value, dict)
                    else same(value, found.get(key)))]


def renumbered(ids):
    """Numbers in order of first appearance, so that only the grouping counts."""
    seen = {}
    return [seen.setdefault(i, len(seen) + 1) for i in ids]


def rows_of(command, call, keys, arguments):
    """Rows of the call, all in JSON or with those fields as columns."""
    key = "call_id"
    if any("." in k for k in keys):
        key = "call.id"
        arguments = ["--columns", ",".join([key, *(k for k in keys if k != "count")]), *arguments]
    rows = objects(command, "-T", "json", *arguments)
    return [row for row in rows if call in (None, row[key])]


def table_differences(wanted, rows):
    found = {"count": len(rows)}
    for key, value in wanted.items():
        if key == "count":
            continue
        column = [row[key] for row in rows]
        if key in ("transaction", "call"):
            column = renumbered(column)
        whole = isinstance(value, list) and not key.endswith("codecs")
        found[key] = column if whole or any(c != value for c in column) else value
    return differences(wanted, found)


def check_stats(wanted, words, _, path):
    return differences(wanted, objects("stats", "-T", "json", *words, path)[0])


def check_calls(wanted, words, call, path):
    wanted = [wanted] if isinstance(wanted, dict) else wanted
    keys = [key for key in wanted[0] if "." in key] if call and wanted else []
    rows = rows_of("calls", call, keys, [*words, path])
    wrong = ["%d rows, not %d" % (len(rows), len(wanted))] * (len(rows) != len(wanted))
    for number, (one, row) in enumerate(zip(wanted, rows), 1):
        wrong += ["row %d: %s" % (number, text) for text in differences(one, row)]
    return wrong


def check_messages(wanted, words, call, path):
    return table_differences(wanted, rows_of("messages", call, wanted, [*words, path]))


def check_faults(wanted, words, call, path):
    done = tap.rung("show", "--decode", "--call", call, *words, path)
    found = re.findall(r"^  (! .*)", done.stdout.decode(), re.M)
    return [] if len(found) == wanted else ["%d, not %d: %s" % (len(found), wanted, found)]


def check(name, question, wanted):
    command, *words = shlex.split(question)
    first = next((w[5:] for w in words if w.startswith("from=")), None)
    words = [w for w in words if not w.startswith("from=")]
    call = None
    if command != "stats":
        call = words.pop(0)
        call = scenario(name).calls[call].call_id if call != "*" else None
    path = capture(name, first).name
    wrong = globals()["check_" + command](wanted, words, call, path)
    assert not wrong, "\n".join(wrong)


def listed(*arguments):
    done = tap.rung(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    return list(csv.reader(io.StringIO(done.stdout.decode(), newline=""), strict=True))[1:]


def test_numbers_and_formulas_in_csv():
    wanted = [("+4930111", "+4940222"), ("+1+1", "=1+1"), ("-1-1", "-2+3"), ("@SUM(1)", "+A1"),
              ("4930111", "*21#")]
    rows = listed("calls", "-T", "csv", "--columns", "from.user,to.user",
                  capture("spreadsheet").name)
    for row, texts in zip(rows, wanted, strict=True):
        for cell, text in zip(row, texts, strict=True):
            if re.fullmatch(r"\+?\d+|[^-+=@].*", text):
                assert cell == text, "%s, not %s" % (cell, text)
            else:
                assert cell[0] not in "-+=@" and text in cell, cell


def test_uri_parameters_are_not_shown_in_rows():
    path = capture("uri-parameters").name
    done = tap.rung("calls", "--width", "200", path).stdout.decode().splitlines()[1].split()
    parties = "+4930111;phone-context=x@example.com", "sips:+4940222@example.com:5061"
    assert done[4:6] == list(parties) and ";user" not in str(done), done
    row, = objects("calls", "-T", "json", path)
    assert row["from"] == "sip:+4930111;phone-context=x@example.com;user=phone", row
    assert row["to"] == "sips:+4940222@example.com:5061;user=phone;transport=tcp", row
    with pty_session.Session(path, size=(160, 24)) as session:
        session.expect("Quit")
        session.send("\r")
        session.expect("Back")
        title = session.screen.text().splitlines()[0]
        assert all(party in title for party in parties) and ";user" not in title, title


def test_a_filter_that_gives_up_says_so():
    """A match that was not decided is neither a match nor none."""
    path = capture("regex-limit").name
    for expression, count in (('from.user matches "(a+)+$|b$"', 5),
                              ('from.user not matches "(a+)+$|b$"', 0),
                              ('not from.user matches "(a+)+$|b$"', 0),
                              ('from.user matches "^a+b$"', 5)):
        for command in ("calls", "messages"):
            done = tap.rung(command, "-T", "json", "-Y", expression, path)
            lines = done.stderr.decode().splitlines()
            if done.returncode == 0:
                found = len(done.stdout.splitlines())
                assert found == count and not lines, (command, expression, found, lines)
            else:
                assert done.returncode == 1 and len(lines) == 1, (expression, lines)


def test_compressed_bodies_are_read():
    """In the decoded message, in JSON, in searches and in ladders; not in the bytes as sent."""
    path, call = capture("bodies").name, scenario("bodies").calls["gzip"].call_id
    text = tap.rung("show", "--decode", "--call", call, path).stdout.decode()
    assert re.search(r"^  \[gzip: \d+ bytes, decompressed to \d+\]\n  \| v=0\n", text, re.M), text
    row, = objects("show", "-T", "json", "--call", call, path)
    assert row["body"].startswith("v=0\r\n") and "v=0" not in row["raw"], row
    for expression in ('"m=audio"', 'message.body contains "m=audio"'):
        for command in ("calls", "messages"):
            found = objects(command, "-T", "json", "--call", call, "-Y", expression, path)
            assert len(found) == 1, (command, expression, found)
    assert not objects("messages", "-T", "json", "--call", call, "-Y",
                       'message.text contains "m=audio"', path)
    assert "INVITE (PCMU PCMA)" in tap.rung("flow", "--call", call, path).stdout.decode()


def decoded_names(nodes):
    """(name, value) of all nodes."""
    for node in nodes:
        yield node["name"], node["value"]
        yield from decoded_names(node.get("nodes", []))


def test_bodies_are_decoded():
    """In text, and as nodes in JSON; what is wrong with one is said."""
    for call, wanted in (
            ("sip-i", [("calling party number", "4989765432"),
                       ("m= media", "audio 20000 RTP/AVP 8")]),
            ("presence", [("tuple", "id t1, status basic open, note here")]),
            ("json", [("b", "c")]),
            ("broken", [("b", "1"), ("fault", None)])):
        path, call_id = capture("body-kinds").name, scenario("body-kinds").calls[call].call_id
        first = objects("show", "--decode", "-T", "json", "--call", call_id, path)[0]
        found = list(decoded_names(first["decoded"]))
        text = tap.rung("show", "--decode", "--call", call_id, path).stdout.decode()
        for name, value in wanted:
            assert any(n == name and value in (v, None) for n, v in found), (call, name, found)
            line = r"^ +%s: %s" % (re.escape(name), re.escape(value or ""))
            assert re.search(line, text, re.M), text
    plain, = objects("show", "-T", "json", "--message", "1", capture("body-kinds").name)
    assert "decoded" not in plain, plain


def test_isup_has_a_cause():
    """That of Reason, or else of the ISUP body, in fields and findings."""
    path = capture("body-kinds").name
    causes = [row["call.cause"] for row in objects("calls", "-T", "json", "--columns",
                                                   "call.cause", path)]
    assert causes[:3] == [34, 17, None], causes
    text = tap.rung("explain", path).stdout.decode()
    assert "; ISUP: Q.850 cause 34: no circuit available" in text, text
    assert "; Reason: Q.850 cause 17" in text and "ISUP: Q.850 cause 17" not in text, text


CERTIFICATES = [word for name in ("shaken", "old")
                for word in ("--stir-cert", str(FOLDER / (name + ".pem")))]


def without_crypto(done):
    if "lacks OpenSSL" in done.stderr.decode():
        raise tap.Skip("built without OpenSSL")


def test_identities_are_checked():
    """Of the certificate by the name in x5u, by the time of iat; without one nothing is said."""
    path = capture("identity").name
    names = list(scenario("identity").calls)
    without_crypto(tap.rung("calls", *CERTIFICATES, path))
    columns = ["-T", "json", "--columns", "identity.signature,identity.attest,identity.age"]
    for options, wanted in (
            ([], {"full": None, "junk": None}),
            (CERTIFICATES, {"full": ["valid"], "diverted": ["valid", "valid"], "compact": ["valid"],
                            "expired": ["expired"], "tampered": ["invalid"], "stale": ["valid"],
                            "junk": ["unreadable"], "junk-json": ["unreadable"]}),
            (CERTIFICATES[2:], {"full": ["invalid"], "expired": ["expired"],
                                "asserted": ["no certificate"]}),
            (CERTIFICATES[:2], {"tampered": ["invalid"], "expired": ["no certificate"]})):
        rows = dict(zip(names, objects("calls", *columns, *options, path)))
        for name, states in wanted.items():
            assert (rows[name]["identity.signature"] or None) == states, (options, name, rows[name])
    assert rows["full"]["identity.attest"] == ["A"], rows["full"]
    assert rows["stale"]["identity.age"] == [125000.0], rows["stale"]
    found = [[finding["id"] for finding in row["findings"] if "identity" in finding["id"]]
             for row in objects("explain", "-T", "json", *CERTIFICATES, path)]
    assert dict(zip(names, found)) == {
        "full": ["identity-checked"], "diverted": 2 * ["identity-checked"],
        "compact": ["identity-checked"], "expired": ["identity-invalid"],
        "tampered": ["identity-invalid"], "stale": ["identity-invalid", "identity-checked"],
        "other-caller": ["identity-invalid", "identity-checked"], "asserted": ["identity-checked"],
        "junk": ["identity-invalid"], "junk-json": ["identity-invalid"], "junk-dots": []}, found
    # A guess is no finding of more than a note.
    first = objects("explain", "-T", "json", "--call", "1", *CERTIFICATES[2:], path)[0]
    assert [f["id"] for f in first["findings"]] == ["identity-checked"], first


def test_credentials_are_checked():
    """Right, wrong or not listed; a password is never printed."""
    path = capture("digest").name
    names = list(scenario("digest").calls)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("alice:example.com:s3cret\n")
        file.flush()
        done = tap.rung("explain", "--password-file", file.name, path)
        rows = objects("calls", "-T", "json", "--columns", "auth.check", "--password-file",
                       file.name, path)
        decoded = tap.rung("show", "--decode", "--password-file", file.name, path).stdout.decode()
        pathlib.Path(file.name).chmod(0o644)
        warned = tap.rung("calls", "--password-file", file.name, path)
    checks = {name: row["auth.check"] for name, row in zip(names, rows)}
    if checks["sha-512-256"] == ["unreadable"]:
        raise tap.Skip("built without OpenSSL")
    right = ("md5", "md5-old", "md5-sess", "sha-256", "sha-512-256", "sha-256-sess", "auth-int",
             "right-refused")
    assert checks == {**{name: ["right"] for name in right}, "wrong": ["wrong"],
                      "wrong-sha": ["wrong"], "other-user": ["user not listed"],
                      "other-realm": ["user not listed"], "unknown": ["unreadable"]}, checks
    text = done.stdout.decode()
    assert text.count("the password does not match") == 2, text
    assert text.count("they were made with the password") == 1, text
    assert decoded.count("password      right (by --password-file)") == len(right), decoded
    for done in (done, warned):
        assert b"s3cret" not in done.stdout + done.stderr, done
    assert b"others can read these passwords" in warned.stderr, warned.stderr
    assert "s3cret" not in decoded


def test_lost_compressed_messages_are_reported():
    """Without one of them, those that refer to it cannot be read: their number is said."""
    player = copy.copy(scenario("websocket-deflate"))
    server = [i for i, (_, _, data) in enumerate(player.records)
              if b"\xc1" in data[54:57] and data[26:30] == bytes([192, 0, 2, 1])]
    whole = len(objects("messages", "-T", "json", capture("websocket-deflate").name))
    for lost in server[:2]:
        player.records = [r for i, r in enumerate(scenario("websocket-deflate").records)
                          if i != lost]
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(player.capture())
            file.flush()
            done = tap.rung("messages", "-T", "json", file.name)
        count = int(re.search(r"unreadable compressed WebSocket messages: (\d+)\n",
                              done.stderr.decode())[1])
        assert count > 0 and len(done.stdout.splitlines()) == whole - 1 - count, (lost, count)


def saved_facts(path, call, *, status=0):
    """Of the messages of one call, in the capture and in what is saved of it."""
    with tempfile.TemporaryDirectory() as folder:
        saved = pathlib.Path(folder, "saved.pcap")
        done = tap.rung("save", "--call", call, "-w", saved, path)
        assert done.returncode == status, done.stderr.decode()
        return [sorted((m["time"], m["call_id"], m["bytes"]) for m in rows) for rows in
                (objects("messages", "-T", "json", "--call", call, path),
                 [m for m in objects("messages", "-T", "json", saved)
                  if m["call_id"] == call])], done.stderr.decode()


def test_compressed_messages_can_be_read_in_what_is_saved():
    """With those before them on the connection, to which they refer."""
    path = capture("websocket-deflate").name
    calls = {m["call_id"] for m in objects("messages", "-T", "json", path)}
    assert len(calls) == 4
    for call in calls:
        (here, saved), said = saved_facts(path, call)
        assert here == saved and len(here) >= 2 and not said, (call, here, saved, said)


def test_compressed_messages_that_need_too_many_others():
    """More segments than are remembered of a connection: what cannot be read is said."""
    text = (FOLDER / "websocket-deflate.scn").read_text(encoding="utf-8").split("call context")[0]
    octets = ",".join(map(str, range(1, 150)))
    text += "call first from=alice to=gateway\n"
    for n in range(60):  # of digits that compress to 150 bytes
        text += "+0.001 alice > gateway OPTIONS cut=%s\n  X-Digits: %s%s\n" % (
            octets, hashlib.sha512(b"%d" % n).hexdigest(), hashlib.sha512(b"-%d" % n).hexdigest())
    text += "call last from=alice to=gateway\n+0.001 alice > gateway OPTIONS\n"
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(script.perform("many", text).capture())
        file.flush()
        call = objects("messages", "-T", "json", file.name)[-1]["call_id"]
        (here, saved), said = saved_facts(file.name, call, status=1)
    assert len(here) == 1 and not saved, (here, saved)
    assert "1 compressed WebSocket message cannot be read in it" in said, said


def test_what_was_not_decoded_is_reported():
    path = capture("link-unknown").name
    for command in ("calls", "messages", "stats"):
        errors = tap.rung(command, path).stderr.decode()
        for pattern in (r"link type.*\b195\b", r"link type.*\b147\b", r"(?i)EtherType.*88b5",
                        r"IP protocol.*\b253\b"):
            assert re.search(pattern, errors), "%s: no %s in %r" % (command, pattern, errors)
        assert not tap.rung(command, "-q", path).stderr


def test_malformed_is_what_decode_calls_an_error():
    """In every scenario and sample."""
    paths = {path.stem: capture(path.stem).name for path in sorted(FOLDER.glob("*.scn"))}
    paths.update({path.stem: path for path in tap.samples()})
    for name, path in paths.items():
        text = tap.rung("show", "--decode", path).stdout.decode("utf-8", "replace")
        parts = re.split(r"^\S.* message (\d+) call \d+.*$", text, flags=re.M)
        wrong = {int(n) for n, part in zip(parts[1::2], parts[2::2]) if "\n  ! error: " in part}
        done = tap.rung("messages", "-T", "json", "-Y", "message.malformed", path)
        found = {json.loads(line)["message"] for line in done.stdout.splitlines()}
        assert found == wrong, "%s: malformed %s, errors %s" % (name, sorted(found), sorted(wrong))


def test_connections_are_saved_whole():
    for name in ("tcp-goes-on", "tcp-ends", "sip-after-junk"):
        path = capture(name).name
        with tempfile.TemporaryDirectory() as folder:
            saved = pathlib.Path(folder, "saved.pcap")
            done = tap.rung("save", "-w", saved, path)
            assert done.returncode == 0, done.stderr.decode()
            facts = [sorted((m["time"], m["call_id"], m["bytes"], m["complete"])
                            for m in objects("messages", "-T", "json", file))
                     for file in (path, saved)]
        assert facts[0] == facts[1], "%s: %d of %d messages" % (name, len(facts[1]), len(facts[0]))


# What must not reach a terminal: C0 but line ends, C1, bidi, zero width and tag characters.
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e"
                    "\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def on_terminal(arguments, locale):
    """The bytes that a terminal gets."""
    with pty_session.Session(*arguments, size=(200, 50), env={"LC_ALL": locale}) as session:
        session.wait()
        return session.raw


def check_terminal(arguments, locale):
    raw = on_terminal([*arguments, "--color", "never", capture("injection").name], locale)
    text = raw.decode("latin-1" if locale == "C" else "utf-8")
    found = UNSAFE.search(text)
    assert not found, "%r of %r" % (found.group(), text[max(found.start() - 40, 0):found.end()])
    assert len(raw) > 100, raw


def safe_reports():
    forms = [["calls"], ["messages"], ["flow"], ["show"], ["show", "--decode"], ["stats"],
             ["calls", "-T", "json"], ["messages", "-T", "json"], ["calls", "-T", "csv"],
             ["messages", "-T", "csv"],
             ["messages", "-T", "json", "--columns", "from.name,user_agent,message.text"],
             ["calls", "-T", "csv", "--columns", "call.id,from.name,call.reason,user_agent"]]
    return [("safe on a terminal, %s: %s" % (locale, " ".join(form)),
             functools.partial(check_terminal, form, locale))
            for locale in ("C.UTF-8", "C") for form in forms]


def test_json_is_the_same_on_a_terminal():
    """Escaped there, but nothing else."""
    path = capture("injection").name
    for command in ("calls", "messages"):
        arguments = [command, "-T", "json", "--color", "never"]
        shown = on_terminal([*arguments, path], "C.UTF-8").decode().replace("\r\n", "\n")
        found = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
        assert found == objects(*arguments, path), "%s: %s" % (command, shown[:500])


def legs(row, config=""):
    """What F4 says of that row of the list."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(config)
        file.flush()
        options = ["--config", file.name] if config else []
        with pty_session.Session(*options, capture("legs").name, size=(120, 24)) as session:
            session.expect("10 calls")
            session.send(*["Down"] * (row - 1), "\033OS")
            session.expect(r"added .*\)|no (further )?related calls found|adds (it|them)")
            return session.screen.text().splitlines()[-1]


def test_legs_are_found():
    for row, other, why in ((1, 2, "ICID"), (2, 1, "ICID"), (3, 4, "Call-ID"), (5, 6, "Call-ID")):
        said = legs(row)
        assert "call %d (%s)" % (other, why) in said, "row %d: %s" % (row, said)


def test_call_ids_of_a_counter_are_no_legs():
    assert "(Call-ID)" not in legs(7)


def test_legs_in_batch():
    path = capture("legs").name
    for call, other, why in ((1, 2, "ICID"), (2, 1, "ICID"), (3, 4, "Call-ID"), (5, 6, "Call-ID")):
        rows = objects("flow", "-T", "json", "--no-config", "--call", call, "--legs", path)
        assert [row["call"] for row in rows] == sorted((call, other)), rows
        assert sum((row["legs"] for row in rows), []) == [
            {"call": other, "of": call, "why": why}], rows
    assert [row["call"] for row in objects("flow", "-T", "json", "--no-config", "--call", 7,
                                           "--legs", path)] == [7]
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("[settings]\nlegs.header = X-Trace-Ref\n")
        file.flush()
        text = tap.rung("flow", "--config", file.name, "--call", 9, "--legs", path).stdout.decode()
    assert "(leg of call 9: X-Trace-Ref)" in text, text


def test_calls_in_one_ladder():
    path = capture("legs").name
    merged, = objects("flow", "-T", "json", "--no-config", "--call", 1, "--legs", "--merge", path)
    assert merged["calls"] == [1, 2] and merged["columns"] == [
        "192.0.2.10:5060", "192.0.2.1:5060", "198.51.100.20:5060"], merged
    assert [rung["call"] for rung in merged["rungs"]] == [1, 2, 2, 2, 1, 1], merged
    text = tap.rung("flow", "--merge", path).stdout.decode()
    every, = objects("flow", "-T", "json", "--merge", path)
    assert len(every["calls"]) == 10 and len(every["rungs"]) == 30
    assert "\n10 calls, 30 messages, " in text and text.count("\n\n") == 1, text
    assert "INVITE (PCMU PCMA)" in text, text


def test_legs_by_a_configured_header():
    said = legs(9, "[settings]\nlegs.header = X-Trace-Ref\n")
    assert "call 10 (X-Trace-Ref)" in said, said


def tests():
    rows = [("%s: %s" % (name, question), functools.partial(check, name, question, wanted))
            for name, question, wanted in CASES]
    return rows + safe_reports() + [(name[5:].replace("_", " "), function)
                   for name, function in sorted(globals().items()) if name.startswith("test_")]
