"""The mask of the screen: no name, number, host or address is on any screen while it is on."""
import functools
import json
import re
import tempfile
import time

import tap
from pty_session import Session
from scenario import script

NUMBERS = """endpoint alice 192.0.2.10:5060 user=+4930123456 name=Alice domain=example.com
endpoint bob 198.51.100.20:5060 user=0891234567 name=Bob domain=example.com
call a from=alice to=bob
+0.000 alice > bob INVITE sdp
    P-Asserted-Identity: <tel:+4930123456>
    Diversion: <sip:4915112345678@example.com>;reason=unconditional
    Subject: please call 4915112345678 back
+0.100 bob > alice 486
    Reason: Q.850;cause=17;text="0891234567 is busy"
+0.010 alice > bob ACK
"""


@functools.cache
def numbers():
    """A call between telephone numbers; deleted at the end of the program."""
    file = tempfile.NamedTemporaryFile(suffix=".pcap")
    file.write(script.perform("numbers", NUMBERS).capture())
    file.flush()
    return file


INPUTS = [numbers().name] + [tap.SAMPLES / (name + ".pcap") for name in (
    "chain", "auth", "registrations", "media-dtmf", "refer", "options", "websocket", "unicode")]
STAYS = {"com", "org", "net", "invalid", "local", "example", "sip", "anonymous", "gateway"}

# Keys that lead from the call list to each screen, and about in it; and what is on the last one.
WALKS = [
    (["Down", "Down", "End", "Home"], "^ Calls"),
    (["Enter", "Down", "Down", "F2", "F2", "F3", "t", "F4"], r"\d+ of \d+: "),
    (["Enter", "Down", "Enter", "t", "x", "r", "]"], r"^ message \d+ of"),
    (["Enter", "Space", "Down", "Space"], r"^ messages \d+ and"),
    (["Home", "v", "PgDn", "PgDn"], "as text"),
    (["Home", "Enter", "Enter", "t", "x", "r", "]", "]"], r"^ message \d+ of"),
    (["E", "Down"], "^ findings of"),
    (["Space", "Space", "="], "^ calls 1 and 2"),
    (["u", "i", "PgDn"], "^ statistics"),
    (["N"], "^ Numbers"),
    (["M", "a", "Down", "Enter"], r"^ (RTP )?stream \d"),
    (["B", "Down", "Enter"], "^ registration"),
    (["S"], r"packets \(pcap"),
    (["t"], "Columns"),
    (["F1"], "^ help"),
]


@functools.cache
def originals():
    """Words that name somebody in the inputs: users, hosts, addresses, display names."""
    done = tap.rung("show", "-T", "json", *INPUTS)
    words = set()
    for line in done.stdout.splitlines():
        row = json.loads(line)
        raw = row["raw"]
        words |= set(re.findall(r"sips?:([^@\s;>:]{3,})@", raw))
        words |= set(re.findall(r'"(\w{3,})" <', raw))
        for host in re.findall(r"@([\w.-]+)", raw):
            words |= set(host.split("."))
        words |= {row["src"].rpartition(":")[0], row["dst"].rpartition(":")[0]}
    return {word for word in words if len(word) >= 3 and word.lower() not in STAYS and
            (len(word) > 6 or not word.isdigit())} | {"4930123456", "0891234567", "4915112345678"}


def test_originals():
    """The search below is for what it should be, and finds it without the mask."""
    assert {"alice", "bob", "carol", "atlanta", "biloxi", "192.0.2.10",
            "+4930123456"} <= originals(), originals()
    with Session("--no-config", *INPUTS, size=(140, 40)) as session:
        session.expect("alice")
        assert "0891234567" in found_on(session) and "masked" not in session.screen.text()


def found_on(session):
    text = session.screen.text()
    return [word for word in originals()
            if re.search(r"(?<![\w.])%s(?![\w])" % re.escape(word), text, re.IGNORECASE)]


def settle(session):
    """Until it draws no more."""
    end = time.monotonic() + 2
    while session.read(0.15) and time.monotonic() < end:
        pass


def mask(session):
    session.expect("alice")
    settle(session)
    session.send("Z")
    session.expect(r"masked  .*packets", 20)
    settle(session)


def go_back(session):
    for _ in range(5):
        if session.screen.text().startswith(" Calls") and "┌" not in session.screen.text():
            return
        session.send("Esc")
        settle(session)
    raise AssertionError("not back in the list:\n" + session.screen.text())


def test_no_original_is_on_any_screen():
    with Session("--no-config", *INPUTS, size=(140, 40)) as session:
        mask(session)
        for keys, wanted in WALKS:
            for key in keys:
                session.send(key)
                settle(session)
                assert not found_on(session), (keys, key, found_on(session), session.screen.text())
            assert re.search(wanted, session.screen.text()), (wanted, session.screen.text())
            go_back(session)


def rows(session):
    """The calls that are listed: what is no name of them."""
    return [re.sub(r"\s+", " ", line) for line in session.screen.text().splitlines()
            if re.search(r"(answered|completed|failed|unanswered|busy)", line)]


def test_on_and_off():
    """As many calls with the same outcomes; the originals come back; pseudonyms are the same."""
    with Session("--no-config", *INPUTS, size=(140, 40)) as session:
        mask(session)
        first = rows(session)
        session.send("Z")
        session.expect("alice")
        settle(session)
        assert len(rows(session)) == len(first) > 10, first
        session.send("Z")
        session.expect(r"masked  .*packets", 20)
        settle(session)
        assert rows(session) == first, (rows(session), first)
        session.send("q")
        assert session.wait() == 0


def test_filter_is_forgotten():
    """What was typed may name somebody."""
    with Session("--no-config", "-Y", 'from.user == "alice"', *INPUTS, size=(140, 40)) as session:
        session.expect("alice")
        settle(session)
        session.send("Z")
        session.expect(r"masked  .*packets", 20)
        settle(session)
        assert not found_on(session), session.screen.text()
        session.send("Z")
        session.expect('from.user == "alice"')


def test_only_files():
    with open(tap.SAMPLES / "basic.pcap", "rb") as stdin, \
            Session("--no-config", "-", stdin=stdin) as session:
        session.expect("alice")
        settle(session)
        session.send("Z")
        session.expect("standard input cannot be masked")


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
