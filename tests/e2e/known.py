"""What real captures and published flows must give (RUNG_SHARED names their folder), and what
generated ones must, against the truth their generator wrote down."""
import atexit
import collections
import csv
import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import tap

# Capture -> what is right where the index, which is tshark's count, is not.
CAPTURES_KNOWN = {
    # Damaged on purpose. tshark does not take six messages whose start-line is hurt for SIP; it
    # does take one whose first line ends in a lone CR (RFC 3261 7: lines end in CRLF).
    "classic-nero-sipps-fuzzed.pcap": {
        "sip_messages": 57, "methods": {"ACK": 4, "CANCEL": 7, "INVITE": 7, "REGISTER": 10,
                                        "REGIStER": 1}},
    # The INVITE whose last fragment was not captured is a message, an incomplete one.
    "ipfrag-invite-incomplete.pcap": {
        "sip_messages": 6, "methods": {"ACK": 1, "BYE": 1, "INVITE": 1}},
    # tshark counts three messages that ICMP errors quote.
    "repro-jitsi-long.pcapng": {
        "sip_messages": 276, "methods": {"ACK": 5, "BYE": 2, "INVITE": 5, "OPTIONS": 16, "PUBLISH": 4,
                                         "REGISTER": 112, "SUBSCRIBE": 8}},
    # SIP in TLS, and no key.
    "tls-rsa-asterisk-rtp.pcap": {"sip_messages": 0, "call_ids": 0, "methods": {}},
}
# Flow -> numbers of messages whose transaction is another than the oracle's.
FLOWS_KNOWN = {
    # The ACK of a failure goes out with the Via of the hop before (a slip of the RFC's print), and
    # its branch names that hop's INVITE (RFC 3261 17.2.3). The oracle merges two INVITEs that have
    # different branches (15, 16 belong to the last hop).
    "3.3-session-with-multiple-proxy-authentication": {8, 15, 16},
    "3.8-unsuccessful-no-answer": {18},
}
# Options of the generator; each with some seeds.
GENERATED = [
    "--calls 300", "--calls 200 --ipv6 50 --vlan 50", "--calls 150 --legs 3",
    "--calls 150 --legs 2 --b2bua", "--calls 200 --frag 100", "--calls 300 --retrans 20",
    "--calls 300 --transport tcp", "--calls 200 --transport mixed --tcp-mss 100",
    "--calls 100 --transport tcp --tcp-mss 20", "--calls 200 --transport tcp --tcp-disorder 20",
    "--calls 200 --keepalive 50 --transport mixed --keepalive-joined 100",
    "--calls 100 --rtp 50 --rtp-seconds 1",
    "--calls 200 --legs 1 --retrans 10 --frag 30 --transport mixed --tcp-disorder 5 --ipv6 20",
]
SEEDS = (1, 2, 3)


def stats_of(path, *statuses):
    done = tap.rung("stats", "-T", "json", path)
    assert done.returncode in (statuses or (0,)), "exit status %d: %s" % (
        done.returncode, done.stderr.decode())
    return json.loads(done.stdout)


def compare(wanted, found):
    wrong = ["%s: %s, not %s" % (key, found.get(key), value) for key, value in wanted.items()
             if found.get(key) != value]
    assert not wrong, "\n".join(wrong)


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def counts(text):
    """"INVITE:7,ACK:7" as a dictionary."""
    pairs = (item.rpartition(":") for item in text.split(",") if ":" in item)
    return {name: int(number) for name, _, number in pairs}


def check_capture(folder, row):
    known = CAPTURES_KNOWN.get(row["name"], {})
    stats = stats_of(folder / row["name"], known.get("status", 0))
    wanted = {"sip_messages": int(row["sip_msgs"]), "call_ids": int(row["call_ids"])}
    if row["packets"]:
        wanted["packets"] = int(row["packets"])
    if row["methods"]:
        wanted["methods"] = counts(row["methods"])
    wanted.update({key: value for key, value in known.items() if key in wanted})
    compare(wanted, stats)


def captures():
    folder = tap.shared() / "captures"
    return [("capture " + row["name"], functools.partial(check_capture, folder, row))
            for row in table(folder / "INDEX.tsv")]


def endpoint(row, side):
    address = row[side + "_ip"]
    return ("[%s]:%s" if ":" in address else "%s:%s") % (address, row[side + "_port"])


def start_line(message):
    if message["kind"] == "request":
        return "%s %s SIP/2.0" % (message["method"], message["uri"])
    return "SIP/2.0 %d %s" % (message["status"], message["reason"])


def messages_of(path):
    done = tap.rung("messages", "-T", "json", path)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_flow_opens(path):
    stats = stats_of(path)
    assert stats["undecoded_packets"] == 0 and stats["sip_messages"] > 0, stats


def squeeze(text):
    return " ".join(text.split())


def check_flow(folder):
    found = [(m["src"], m["dst"], squeeze(start_line(m))) for m in
             messages_of(folder / "flow.pcap")]
    wanted = [(endpoint(r, "from"), endpoint(r, "to"), squeeze(r["start_line"]))
              for r in table(folder / "hops_addr.tsv")]
    for number, (a, b) in enumerate(zip(wanted, found), 1):
        assert a == b, "message %d: %s, not %s" % (number, b, a)
    assert len(found) == len(wanted), "%d messages, not %d" % (len(found), len(wanted))


def renumbered(ids):
    """Numbers in order of first appearance, so that only the grouping counts."""
    seen = {}
    return [None if i in (None, "") else seen.setdefault(i, len(seen) + 1) for i in ids]


def check_transactions(folder):
    messages, oracle = messages_of(folder / "flow.pcap"), table(folder / "expect.tsv")
    known = FLOWS_KNOWN.get(folder.name, {})
    kept = [i for i in range(len(oracle)) if i + 1 not in known]
    found = renumbered(messages[i]["transaction"] for i in kept)
    wanted = renumbered(oracle[i]["transaction"] for i in kept)
    wrong = [kept[i] + 1 for i in range(len(kept)) if found[i] != wanted[i]]
    assert not wrong, "messages %s: transactions %s, not %s" % (wrong, found, wanted)


def flows():
    found = []
    for path in sorted((tap.shared() / "vectors").glob("*/*/flow.pcap")):
        name = "%s %s" % (path.parent.parent.name, path.parent.name)
        found.append(("flow opens: " + name, functools.partial(check_flow_opens, path)))
        if path.parent.parent.name == "rfc3665":
            found.append(("hops of " + name, functools.partial(check_flow, path.parent)))
            found.append(("transactions of " + name,
                          functools.partial(check_transactions, path.parent)))
    return found


def truth_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return {key: int(value) for key, value in (line.split("\t") for line in lines)}


def check_generated(generator, options, seed):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "generated.pcap")
        subprocess.run([generator, "--out", path, "--seed", str(seed), *options.split()],
                       check=True, stdout=subprocess.DEVNULL)
        truth = truth_of(path.with_suffix(".pcap.truth.tsv"))
        stats = stats_of(path)
    wanted, found = collections.Counter(), collections.Counter()
    same = {"packets": "packets", "sip_messages": "sip_messages", "sip_requests": "requests",
            "sip_responses": "responses", "distinct_call_ids": "call_ids", "calls": "calls",
            "retransmissions": "retransmissions"}
    for theirs, ours in same.items():
        wanted[theirs], found[theirs] = truth.get(theirs, 0), stats[ours]
    groups = {"method": "methods", "status": "statuses", "state": "outcomes",
              "transactions": "transactions"}
    for theirs, ours in groups.items():
        wanted.update({k: v for k, v in truth.items() if k.startswith(theirs + ".")})
        found.update({"%s.%s" % (theirs, k): v for k, v in stats[ours].items()})
    for key in ("malformed", "undecoded_packets", "incomplete"):
        wanted[key], found[key] = 0, stats[key]
    compare({key: wanted[key] for key in wanted | found}, found)


def build_generator():
    source = tap.shared() / "bench" / "sipgen.c"
    compiler = (os.environ.get("CC") or "cc").split()
    if not source.exists() or not shutil.which(compiler[0]):
        raise tap.Skip("no generator, or no C compiler")
    target = pathlib.Path(tempfile.gettempdir(), "rung-sipgen-%d" % os.getpid())
    subprocess.run([*compiler, "-O2", "-w", "-o", target, source], check=True)
    atexit.register(target.unlink)
    return target


def generated():
    generator = build_generator()
    return [("generated: %s --seed %d" % (options, seed),
             functools.partial(check_generated, generator, options, seed))
            for options in GENERATED for seed in SEEDS]


def tests():
    found = []
    for group in (captures, flows, generated):
        try:
            found += group()
        except tap.Skip as why:
            found.append((group.__name__, functools.partial(skip, str(why))))
    return found


def skip(why):
    raise tap.Skip(why)
