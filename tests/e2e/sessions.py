"""The course of a session, as `explain` tells it: offers and answers, hold, early media, session
timers, glare.

Events are those of a scenario (samples/README.md has the format); see findings.py.
"""
import functools
import json

import findings
import pty_session
import tap

ANSWERED = findings.ANSWERED
ENDED = findings.ENDED
TIMED = "  Session-Expires: 90;refresher=%s\n"


def again(sender, receiver, offer, answer, method="INVITE"):
    """A request in the dialog with an offer, and its answer."""
    ack = "+0.01 %s > %s ACK\n" % (sender, receiver) if method == "INVITE" else ""
    return ("+3 %s > %s %s sdp=%s\n+0.05 %s > %s 200 sdp=%s\n" %
            (sender, receiver, method, offer, receiver, sender, answer) + ack)


HOLD = again("alice", "bob", "sendonly", "recvonly")

# The name, what happens ("who event", alice or bob; "-" for nobody), and the events.
CASES = [
    ("one offer, one answer", "alice offer, bob answer", ANSWERED + ENDED),
    ("hold and resume", "alice offer, bob answer, alice offer, alice hold, bob answer, "
     "alice offer, alice resume, bob answer",
     ANSWERED + HOLD + again("alice", "bob", "sendrecv", "sendrecv") + ENDED),
    ("hold of RFC 2543", "alice offer, bob answer, bob offer, bob hold, alice answer",
     ANSWERED + again("bob", "alice", "inactive", "inactive") + ENDED),
    ("the other side cannot end a hold", "alice offer, bob answer, alice offer, alice hold, "
     "bob answer, bob offer, alice answer",
     ANSWERED + HOLD + again("bob", "alice", "sendrecv", "sendonly") + ENDED),
    ("resumed by an answer", "alice offer, bob answer, alice offer, alice hold, bob answer, "
     "bob offer, alice answer, alice resume",
     ANSWERED + HOLD + again("bob", "alice", "sendrecv", "sendrecv") + ENDED),
    ("a session that begins one-way is not on hold", "alice offer, bob answer",
     ANSWERED.replace("INVITE sdp", "INVITE sdp=sendonly")
     .replace("200 sdp", "200 sdp=recvonly") + ENDED),
    ("by UPDATE", "alice offer, bob answer, bob offer, bob hold, alice answer",
     ANSWERED + again("bob", "alice", "sendonly", "recvonly", "UPDATE") + ENDED),
    ("a delayed offer", "bob offer, alice answer",
     "+0 alice > bob INVITE\n+0.1 bob > alice 180\n+1 bob > alice 200 sdp\n"
     "+0.01 alice > bob ACK sdp\n" + ENDED),
    ("an early answer", "alice offer, bob answer",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 183 sdp\n  Require: 100rel\n  RSeq: 1\n"
     "+0.05 alice > bob PRACK\n  RAck: 1 1 INVITE\n+0.01 bob > alice 200/PRACK\n"
     "+1 bob > alice 200/INVITE\n+0.01 alice > bob ACK\n" + ENDED),
    ("early media", "alice offer, - early-media, bob answer",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 183 sdp\n+0.02 media bob alice 100\n"
     "+1 bob > alice 200 sdp\n+0.01 alice > bob ACK\n" + ENDED),
    ("media after the answer are not early", "alice offer, bob answer",
     ANSWERED + findings.MEDIA + ENDED),
    ("an offer that is refused", "alice offer, bob answer, alice offer, bob refused",
     ANSWERED + "+3 alice > bob INVITE sdp=sendonly\n+0.1 bob > alice 488\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("glare", "alice offer, bob answer, alice offer, bob glare",
     ANSWERED + "+3 alice > bob INVITE sdp=sendonly\n+0.1 bob > alice 491\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("a session timer that is refreshed", "alice offer, bob answer, bob timer, bob refresh",
     ANSWERED.replace("as=ok\n", "as=ok\n" + TIMED % "uac") +
     "+45 alice > bob UPDATE\n+0.01 bob > alice 200\n" + TIMED % "uac" + ENDED),
    ("a session timer that runs out", "alice offer, bob answer, bob timer, bob lapse",
     ANSWERED.replace("as=ok\n", "as=ok\n" + TIMED % "uas") + "+95" + ENDED.strip("\n")[2:] + "\n"),
    ("ended before its session timer", "alice offer, bob answer, bob timer",
     ANSWERED.replace("as=ok\n", "as=ok\n" + TIMED % "uas") + "+85" + ENDED.strip("\n")[2:] + "\n"),
]

HOSTS = {"192.0.2.10:5060": "alice", "198.51.100.20:5060": "bob", None: "-"}


def explained(events):
    return json.loads(findings.explained(findings.played(events), "-T", "json").splitlines()[0])


def check(wanted, events):
    found = explained(events)["session"]
    assert ", ".join("%s %s" % (HOSTS[e["by"]], e["event"]) for e in found) == wanted, \
        json.dumps(found, indent=1)


def test_words():
    """Who refreshes, what was offered, and the codecs that RTP had."""
    events = {name: text for name, _, text in CASES}
    text = findings.explained(findings.played(events["a session timer that is refreshed"]))
    assert "session timer of 90 s, to be refreshed by 192.0.2.10:5060; message 3" in text, text
    assert "offer 192.0.2.10:5060 offers audio PCMU PCMA telephone-event in the INVITE" in text
    plain = findings.explained(findings.played(events["one offer, one answer"]))
    assert "offers audio" not in plain, plain
    used = explained(events["media after the answer are not early"])["media"]
    assert [line["used"] for line in used] == [["PCMU"]], used
    assert explained(events["one offer, one answer"])["media"][0]["used"] == []


def test_screen_without_rtp():
    """The page of findings knows the session of a capture that has no RTP."""
    with pty_session.Session("--no-config", tap.SAMPLES / "reinvite.pcap",
                             size=(80, 24)) as session:
        session.expect("1 call")
        session.send("E")
        session.expect("192.0.2.10:5060 puts the other side on hold")


def tests():
    return [("words", test_words), ("screen without RTP", test_screen_without_rtp),
            *((name, functools.partial(check, wanted, events)) for name, wanted, events in CASES)]
