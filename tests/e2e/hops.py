"""How messages travelled: for each finding of `explain` about hops, routes, retransmissions, offers
and answers a call that has it, and one that comes close and has not.

A row of CASES: the name, what is found (`id/severity`, in order; other kinds of findings are left
aside), and the events of a scenario (samples/README.md has the format); with names of findings
between them, as in findings.py.
"""
import functools
import json

from findings import OF_TRAVEL, check_calls, explained, rows_of
from scenario import script

PRELUDE = """
endpoint alice 192.0.2.10:5060 user=alice domain=example.com
endpoint p1 192.0.2.1:5060 rr
endpoint p2 192.0.2.2:5060
endpoint p3 192.0.2.3:5060
endpoint bob 198.51.100.20:5060 user=bob domain=example.com
endpoint carol 198.51.100.30:5060 user=carol domain=example.com
endpoint home 203.0.113.7:1024 user=home domain=example.com
call one from=alice to=bob
"""
# Without a proxy; then through p1, which records itself.
ANSWERED = """
+0 alice > bob INVITE sdp
+0.1 bob > alice 180
+1 bob > alice 200 sdp
+0.01 alice > bob ACK
"""
ENDED = "+5 alice > bob BYE\n+0.01 bob > alice 200\n"
ROUTED = """
+0 alice > p1 INVITE sdp
+0.01 p1 > bob INVITE
+0.1 bob > p1 180
+0.01 p1 > alice 180
+1 bob > p1 200 sdp
+0.01 p1 > alice 200
+0.01 alice > p1 ACK
+0.01 p1 > bob ACK
"""
ROUTED_END = "+5 alice > p1 BYE\n+0.01 p1 > bob BYE\n+0.01 bob > p1 200\n+0.01 p1 > alice 200\n"
UNCHANGED = "  ! INVITE sip:bob@example.com SIP/2.0\n"
SDP = "  Content-Type: application/sdp\n  | v=0\n  | o=- 1 %d IN IP4 %s\n  | s=-\n" \
      "  | c=IN IP4 %s\n  | t=0 0\n"
AUDIO = "  | m=audio 20000 RTP/AVP 0\n"
VIDEO = "  | m=video 30000 RTP/AVP 31\n"
ALICE = ("192.0.2.10", "192.0.2.10")
BOB = ("198.51.100.20", "198.51.100.20")


def again(label, *gaps):
    return "".join("+%g again %s\n" % (gap, label) for gap in gaps)


def sdp(version, ends, *lines):
    return SDP % (version, *ends) + "".join(lines)


def session(offer, answer):
    return "+0 alice > bob INVITE\n%s+1 bob > alice 200\n%s+0.01 alice > bob ACK\n" % (
        offer, answer)


def reinvite(offer, answer):
    return "+1 alice > bob INVITE\n%s+0.1 bob > alice 200\n%s+0.01 alice > bob ACK\n" % (
        offer, answer)


PLAIN = session(sdp(1, ALICE, AUDIO), sdp(1, BOB, AUDIO))

CASES = [
    ("a call that went well", "", ANSWERED + ENDED),
    ("a call that went well through a proxy", "", ROUTED + ROUTED_END),
    "retransmissions",
    ("an INVITE that was answered at the fourth time", "retransmissions/warning",
     "+0 alice > bob INVITE sdp as=invite\n" + again("invite", 0.5, 1, 2) +
     "+0.1 bob > alice 486\n+0.01 alice > bob ACK"),
    ("2 retransmissions in more than 40 messages", "",
     ANSWERED + "".join("+1 alice > bob INFO\n+0.1 bob > alice 200/INFO\n" for _ in range(20)) +
     "+1 alice > bob BYE as=bye\n" + again("bye", 0.5, 1) + "+0.1 bob > alice 200\n"),
    ("1 retransmission in 8 messages", "retransmissions/warning",
     ANSWERED + "+5 alice > bob BYE as=bye\n+0.5 again bye\n+0.01 bob > alice 200\n"),
    ("a 180 that is repeated", "",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180 as=ringing\n" +
     again("ringing", 0.5, 1, 2) + "+1 bob > alice 200/INVITE sdp\n+0.01 alice > bob ACK\n" +
     ENDED),
    ("a reliable 180 that was acknowledged late", "retransmissions/warning",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180 as=ringing\n  Require: 100rel\n  RSeq: 1\n" +
     again("ringing", 0.5, 1, 2) + "+1 alice > bob PRACK\n  RAck: 1 1 INVITE\n"
     "+0.01 bob > alice 200/PRACK\n+1 bob > alice 200/INVITE sdp\n+0.01 alice > bob ACK\n" +
     ENDED),
    ("an INVITE that nothing answered is told as that", "",
     "+0 alice > bob INVITE sdp as=invite\n" + again("invite", 0.5, 1, 2, 4, 8, 16)),
    "slow-setup",
    ("it rang after 5 s", "slow-setup/warning",
     "+0 alice > bob INVITE sdp\n+5 bob > alice 180\n+1 bob > alice 200 sdp\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("it rang after 4 s", "",
     "+0 alice > bob INVITE sdp\n+4 bob > alice 180\n+1 bob > alice 200 sdp\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("a proxy held the answer back", "slow-setup/warning",
     "+0 alice > p1 INVITE sdp\n+0.01 p1 > bob INVITE\n+1 bob > p1 200 sdp\n+2 p1 > alice 200\n"
     "+0.01 alice > p1 ACK\n+0.01 p1 > bob ACK\n" + ROUTED_END),
    "route-ignored",
    ("a BYE without Route", "route-ignored/warning",
     ROUTED + "+5 alice > bob BYE\n  -Route\n+0.01 bob > alice 200"),
    ("a BYE past the proxy that it names", "route-ignored/warning",
     ROUTED + "+5 alice > bob BYE\n+0.01 bob > alice 200"),
    ("a proxy that did not record itself is left out", "",
     "+0 alice > p2 INVITE sdp\n+0.01 p2 > bob INVITE\n+1 bob > p2 200 sdp\n+0.01 p2 > alice 200\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("a BYE of the callee without Route", "route-ignored/warning",
     ROUTED + "+5 bob > alice BYE\n  -Route\n+0.01 alice > bob 200"),
    ("a strict router", "route-ignored/warning",
     ROUTED.replace("+0.01 p1 > bob INVITE\n",
                    "+0.01 p1 > bob INVITE\n  Record-Route: <sip:192.0.2.1>\n") + ROUTED_END),
    ("a strict router that is the Request-URI", "",
     ROUTED.replace("+0.01 p1 > bob INVITE\n",
                    "+0.01 p1 > bob INVITE\n  Record-Route: <sip:192.0.2.1>\n")
     .replace("ACK\n", "ACK\n  ! ACK sip:192.0.2.1 SIP/2.0\n"
              "  Route: <sip:bob@198.51.100.20:5060>\n", 1)),
    "via-mismatch",
    ("a response that lost a Via", "via-mismatch/warning",
     ROUTED.replace("+1 bob > p1 200 sdp\n",
                    "+1 bob > p1 200 sdp\n  -Via\n  ^Via: SIP/2.0/UDP 192.0.2.1;branch=%s\n")
     .replace("p1 > bob INVITE", "p1 > bob INVITE branch=z9hG4bKp1") % "z9hG4bKp1" + ROUTED_END),
    ("a response to another port than rport says", "via-mismatch/warning",
     "endpoint other 192.0.2.10:6000\n+0 alice > bob OPTIONS\n"
     "  Via: SIP/2.0/UDP 192.0.2.10:6000;rport;branch=z9hG4bK1\n+0.01 bob > other bytes\n"
     "  | SIP/2.0 200 OK\\r\n  | Via: SIP/2.0/UDP 192.0.2.10:6000;rport;branch=z9hG4bK1\\r\n"
     "  | From: <sip:alice@example.com>;tag=%s\\r\n  | To: <sip:bob@example.com>;tag=1\\r\n"
     "  | Call-ID: fixed\\r\n  | CSeq: 1 OPTIONS\\r\n  | Content-Length: 0\\r\n  | \\r\n"),
    ("a response to the port of the sent-by", "",
     "endpoint other 192.0.2.10:6000\n+0 alice > bob OPTIONS\n"
     "  Via: SIP/2.0/UDP 192.0.2.10:6000;branch=z9hG4bK1\n+0.01 bob > other bytes\n"
     "  | SIP/2.0 200 OK\\r\n  | Via: SIP/2.0/UDP 192.0.2.10:6000;branch=z9hG4bK1\\r\n"
     "  | From: <sip:alice@example.com>;tag=%s\\r\n  | To: <sip:bob@example.com>;tag=1\\r\n"
     "  | Call-ID: fixed\\r\n  | CSeq: 1 OPTIONS\\r\n  | Content-Length: 0\\r\n  | \\r\n"),
    "cseq",
    ("a BYE with the CSeq of the INVITE", "cseq/warning",
     ANSWERED + "+5 alice > bob BYE cseq=1\n+0.01 bob > alice 200"),
    ("CSeq goes back", "cseq/warning",
     ANSWERED + "+1 alice > bob INFO cseq=9\n+0.01 bob > alice 200/INFO\n"
     "+1 alice > bob BYE cseq=8\n+0.01 bob > alice 200"),
    ("each side has its own CSeq", "",
     ANSWERED + "+1 alice > bob INFO\n+0.01 bob > alice 200/INFO\n+1 bob > alice BYE cseq=1\n"
     "+0.01 alice > bob 200"),
    ("CSeq goes up by more than one", "",
     ANSWERED + "+5 alice > bob BYE cseq=100\n+0.01 bob > alice 200"),
    "fork",
    ("a fork", "fork/note",
     "+0 alice > p1 INVITE sdp\n+0.01 p1 > bob INVITE\n+0.01 p1 > carol INVITE\n"
     "+0.1 carol > p1 486\n+0.01 p1 > carol ACK\n+0.1 bob > p1 200 sdp\n+0.01 p1 > alice 200\n"
     "+0.01 alice > p1 ACK\n+0.01 p1 > bob ACK\n" + ROUTED_END),
    ("one after the other", "",
     "+0 alice > p1 INVITE sdp\n+0.01 p1 > carol INVITE\n+0.1 carol > p1 486\n"
     "+0.01 p1 > carol ACK\n+0.01 p1 > bob INVITE\n+0.1 bob > p1 200 sdp\n+0.01 p1 > alice 200\n"
     "+0.01 alice > p1 ACK\n+0.01 p1 > bob ACK\n" + ROUTED_END),
    "spiral merged",
    ("a spiral", "spiral/note",
     "+0 alice > p2 INVITE sdp\n+0.01 p2 > p3 INVITE\n" + UNCHANGED + "+0.01 p3 > p2 INVITE\n"
     "  ! INVITE sip:carol@example.com SIP/2.0\n+0.01 p2 > p3 404\n+0.01 p3 > p2 ACK\n"
     "+0.01 p3 > p2 404\n+0.01 p2 > p3 ACK\n+0.01 p2 > alice 404\n+0.01 alice > p2 ACK"),
    ("two ways to one phone", "fork/note merged/note",
     "+0 alice > p1 INVITE sdp\n+0.01 p1 > p2 INVITE\n" + UNCHANGED + "+0.01 p1 > p3 INVITE\n" +
     UNCHANGED + "+0.01 p2 > bob INVITE\n+0.01 p3 > bob INVITE\n+0.01 bob > p3 482\n"
     "+0.01 p3 > bob ACK\n+0.01 p3 > p1 482\n+0.01 p1 > p3 ACK\n+1 bob > p2 200 sdp\n"
     "+0.01 p2 > p1 200\n+0.01 p1 > alice 200\n+0.01 alice > p1 ACK\n+0.01 p1 > bob ACK"),
    ("two ways to two phones", "fork/note",
     "+0 alice > p1 INVITE sdp\n+0.01 p1 > p2 INVITE\n" + UNCHANGED + "+0.01 p1 > p3 INVITE\n" +
     UNCHANGED + "+0.01 p2 > bob INVITE\n+0.01 p3 > carol INVITE\n+0.01 carol > p3 486\n"
     "+0.01 p3 > carol ACK\n+0.01 p3 > p1 486\n+0.01 p1 > p3 ACK\n+1 bob > p2 200 sdp\n"
     "+0.01 p2 > p1 200\n+0.01 p1 > alice 200\n+0.01 alice > p1 ACK\n+0.01 p1 > bob ACK"),
    "max-forwards",
    ("Max-Forwards is set up again", "max-forwards/note",
     ROUTED.replace("+0.01 p1 > bob INVITE\n", "+0.01 p1 > bob INVITE\n  Max-Forwards: 70\n") +
     ROUTED_END),
    ("Max-Forwards goes down by two", "",
     ROUTED.replace("+0.01 p1 > bob INVITE\n", "+0.01 p1 > bob INVITE\n  Max-Forwards: 68\n") +
     ROUTED_END),
    "header-changed",
    ("a proxy changed From", "header-changed/note",
     ROUTED.replace("+0.01 p1 > bob INVITE\n", "+0.01 p1 > bob INVITE as=x\n"
                    "  From: <sip:trunk@example.com>;tag=%s\n") + ROUTED_END),
    ("a proxy changed the address of the media", "header-changed/note",
     ROUTED.replace("+0.01 p1 > bob INVITE\n", "+0.01 p1 > bob INVITE\n" +
                    sdp(1, ("192.0.2.1", "192.0.2.1"), AUDIO)) + ROUTED_END),
    ("a proxy changed what it may", "",
     ROUTED.replace("+0.01 p1 > bob INVITE\n", "+0.01 p1 > bob INVITE\n  +Privacy: id\n"
                    "  P-Asserted-Identity: <sip:alice@example.com>\n") + ROUTED_END),
    ("a NAT with a SIP ALG", "header-changed/note",
     "+0 alice > p2 OPTIONS branch=z9hG4bKalg\n"
     "  Contact: <sip:alice@192.0.2.10>\n+0.01 home > p2 bytes\n"
     "  | OPTIONS sip:bob@example.com SIP/2.0\\r\n"
     "  | Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKalg\\r\n  | Max-Forwards: 70\\r\n"
     "  | From: <sip:alice@example.com>;tag=%s\\r\n  | To: <sip:bob@example.com>\\r\n"
     "  | Call-ID: fixed\\r\n  | CSeq: 1 OPTIONS\\r\n  | Contact: <sip:alice@203.0.113.7:1024>\\r\n"
     "  | Content-Length: 0\\r\n  | \\r\n"),
    "nat",
    ("a phone behind a NAT", "nat/note",
     "+0 home > p2 OPTIONS\n  Via: SIP/2.0/UDP 10.1.1.7:5060;rport;branch=z9hG4bK1\n"
     "+0.01 p2 > home 200"),
    ("a private Contact", "nat/note",
     "+0 home > p2 OPTIONS\n  Contact: <sip:home@10.1.1.7>\n+0.01 p2 > home 200"),
    ("a sent-by that is a name", "",
     "+0 home > p2 OPTIONS\n  Via: SIP/2.0/UDP phone.example.com;rport;branch=z9hG4bK1\n"
     "+0.01 p2 > home 200"),
    "udp-too-large",
    ("a request of 1301 bytes and more", "udp-too-large/note",
     "+0 alice > bob MESSAGE\n  Content-Type: text/plain\n  | " + 1300 * "x" +
     "\n+0.01 bob > alice 200"),
    ("a large request over TCP", "",
     "hop alice bob tcp\n+0 alice > bob MESSAGE\n  Content-Type: text/plain\n  | " + 1300 * "x" +
     "\n+0.01 bob > alice 200"),
    ("a request of less than 1300 bytes", "",
     "+0 alice > bob MESSAGE\n  Content-Type: text/plain\n  | " + 900 * "x" +
     "\n+0.01 bob > alice 200"),
    "fragment-lost",
    ("a fragment is missing, and nothing came back", "fragment-lost/error udp-too-large/note",
     "+0 alice > bob MESSAGE frag=1400 order=1\n  Content-Type: text/plain\n  | " + 1800 * "x"),
    ("a fragment is missing, and 200 came back", "fragment-lost/warning udp-too-large/note",
     "+0 alice > bob MESSAGE frag=1400 order=1\n  Content-Type: text/plain\n  | " + 1800 * "x" +
     "\n+0.1 bob > alice 200"),
    ("all fragments came", "udp-too-large/note",
     "+0 alice > bob MESSAGE frag=1400 order=2,1\n  Content-Type: text/plain\n  | " + 1800 * "x" +
     "\n+0.1 bob > alice 200"),
    "timer-violation",
    ("sent again too early", "retransmissions/warning timer-violation/note",
     "+0 alice > bob INVITE sdp as=invite\n" + again("invite", 0.1, 0.1, 0.1) +
     "+0.1 bob > alice 486\n+0.01 alice > bob ACK"),
    ("sent again with other bytes", "retransmissions/warning timer-violation/note",
     "+0 alice > bob INVITE sdp branch=z9hG4bK1 cseq=1\n+0.5 alice > bob INVITE sdp new "
     "branch=z9hG4bK1 cseq=1\n  X-Turn: 2\n+0.1 bob > alice 486\n+0.01 alice > bob ACK"),
    ("an INVITE after its ACK", "retransmissions/warning timer-violation/note",
     "+0 alice > bob INVITE sdp as=invite\n+1 bob > alice 200 sdp\n+0.01 alice > bob ACK\n"
     "+1 again invite\n" + ENDED),
    ("sent again later than it had to be", "retransmissions/warning",
     "+0 alice > bob INVITE sdp as=invite\n" + again("invite", 1, 2, 4) +
     "+0.1 bob > alice 486\n+0.01 alice > bob ACK"),
    "no-answer-sdp",
    ("no answer in the 200", "no-answer-sdp/error",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200\n+0.01 alice > bob ACK\n" + ENDED),
    ("the answer is in the 183", "",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 183 sdp\n+1 bob > alice 200\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("no answer in the ACK", "no-answer-sdp/error",
     "+0 alice > bob INVITE\n+1 bob > alice 200 sdp\n+0.01 alice > bob ACK\n" + ENDED),
    ("the answer is in the ACK", "",
     "+0 alice > bob INVITE\n+1 bob > alice 200 sdp\n+0.01 alice > bob ACK sdp\n" + ENDED),
    ("an answer of which the type is not named", "",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp\n  -Content-Type\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    "offer-answer",
    ("an answer with fewer m= lines", "offer-answer/warning",
     session(sdp(1, ALICE, AUDIO, VIDEO), sdp(1, BOB, AUDIO)) + ENDED),
    ("an answer that refuses a line", "",
     session(sdp(1, ALICE, AUDIO, VIDEO), sdp(1, BOB, AUDIO, "  | m=video 0 RTP/AVP 31\n")) +
     ENDED),
    ("sendonly answered with sendrecv", "offer-answer/warning",
     PLAIN + reinvite(sdp(2, ALICE, AUDIO, "  | a=sendonly\n"), sdp(2, BOB, AUDIO)) + ENDED),
    ("hold", "",
     PLAIN + reinvite(sdp(2, ALICE, AUDIO, "  | a=sendonly\n"),
                      sdp(2, BOB, AUDIO, "  | a=recvonly\n")) + ENDED),
    ("the version was not raised", "offer-answer/warning",
     PLAIN + reinvite(sdp(1, ALICE, AUDIO, "  | a=sendonly\n"),
                      sdp(2, BOB, AUDIO, "  | a=recvonly\n")) + ENDED),
    ("the same offer again", "",
     PLAIN + reinvite(sdp(1, ALICE, AUDIO), sdp(1, BOB, AUDIO)) + ENDED),
    ("an offer with fewer m= lines", "offer-answer/warning",
     session(sdp(1, ALICE, AUDIO, VIDEO), sdp(1, BOB, AUDIO, VIDEO)) +
     reinvite(sdp(2, ALICE, AUDIO), sdp(2, BOB, AUDIO)) + ENDED),
    ("a second offer while the first is open", "offer-answer/warning",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180\n+0.1 alice > bob UPDATE sdp=sendonly\n"
     "+0.1 bob > alice 500/UPDATE\n+1 bob > alice 200/INVITE sdp\n+0.01 alice > bob ACK\n" + ENDED),
    ("a second offer after the 183 had the answer", "",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 183 sdp\n+0.1 alice > bob UPDATE sdp\n"
     "+0.1 bob > alice 200/UPDATE sdp\n+1 bob > alice 200/INVITE\n+0.01 alice > bob ACK\n" + ENDED),
]


# Where a message was lost: what a finding says of it; "" where nothing shows it.
THROUGH = "+0 alice > p1 INVITE sdp\n+0.01 p1 > alice 100\n+0.01 p1 > bob INVITE\n"
STATELESS = ROUTED + "+5 alice > p1 BYE as=bye\n+0.01 p1 > bob BYE as=bye2\n" \
    "+0.01 bob > p1 200 as=ok\n"
NOT_SENT_ON = "; 192.0.2.1:5060 did not send it on to 192.0.2.10:5060: it was lost before " \
    "192.0.2.1:5060, or discarded there"
LOSSES = [
    ("of a response, after the capture point",
     ": the 200 OK, captured 7.5 s before the last of them, did not reach 192.0.2.10:5060",
     ANSWERED + "+5 alice > bob BYE as=bye\n+0.01 bob > alice 200\n" +
     again("bye", 0.49, 1, 2, 4)),
    ("of a response, or it crossed the last request", "",
     ANSWERED + "+5 alice > bob BYE as=bye\n" + again("bye", 0.5, 1) +
     "+1.6 bob > alice 200\n+0.4 again bye\n"),
    ("of no response: after a 100 an OPTIONS is sent again", "",
     "+0 alice > bob OPTIONS as=ping\n+0.01 bob > alice 100\n" + again("ping", 0.5, 1, 2) +
     "+0.1 bob > alice 200"),
    ("of a 486, before the proxy", NOT_SENT_ON,
     THROUGH + "+1 bob > p1 486 as=busy\n" + again("busy", 0.5, 1, 2, 4)),
    ("of a 200, before the proxy", NOT_SENT_ON,
     THROUGH + "+1 bob > p1 200 sdp as=ok\n" + again("ok", 0.5, 1, 2, 4, 4, 4)),
    ("of a reliable 183, before the proxy", NOT_SENT_ON,
     THROUGH + "+1 bob > p1 183 sdp as=ring\n  Require: 100rel\n  RSeq: 1\n" +
     again("ring", 0.5, 1, 2)),
    ("of a 486, or the proxy waits for another branch", "",
     THROUGH + "+0.01 p1 > carol INVITE\n+1 bob > p1 486 as=busy\n" +
     again("busy", 0.5, 1, 2, 4)),
    ("of a 486, or what the proxy sends is not captured", "",
     "+0 alice > p1 INVITE sdp\n+0.01 p1 > bob INVITE\n+1 bob > p1 486 as=busy\n" +
     again("busy", 0.5, 1, 2, 4)),
    ("of an ACK, after the capture point",
     ": its ACK, captured 7.5 s before the last of them, did not reach 198.51.100.20:5060",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 486 as=busy\n+0.01 alice > bob ACK\n" +
     again("busy", 0.49, 1, 2, 4)),
    ("of an ACK, in the proxy",
     "; 192.0.2.10:5060 sent the ACK to 192.0.2.1:5060, which did not send it on",
     THROUGH + "+1 bob > p1 200 sdp as=ok\n+0.01 p1 > alice 200\n+0.01 alice > p1 ACK\n" +
     again("ok", 0.5, 1, 2, 4, 4, 4)),
    ("of an ACK, or of the 200 after the proxy",
     "; 192.0.2.10:5060 got the 2xx from 192.0.2.1:5060, and no ACK of it was captured",
     THROUGH + "+1 bob > p1 200 sdp as=ok\n+0.01 p1 > alice 200\n" +
     again("ok", 0.5, 1, 2, 4, 4, 4)),
    ("of a response, in a stateless proxy",
     "; it had the 200 OK from 198.51.100.20:5060, and did not send it on",
     STATELESS + "".join("+%g again bye\n+0.01 again bye2\n+0.01 again ok\n" % gap
                         for gap in (0.5, 1, 2, 4))),
    ("of no response: a stateless proxy sends a BYE on as often as it comes", "",
     STATELESS + "+0.01 p1 > alice 200 as=ok1\n" +
     "".join("+%g again bye\n+0.01 again bye2\n+0.01 again ok\n" % gap for gap in (0.2, 0.2)) +
     "+0.01 again ok1\n"),
    ("of no response: the proxy sends it on at last", "",
     STATELESS + "".join("+%g again bye\n+0.01 again bye2\n+0.01 again ok\n" % gap
                         for gap in (0.5, 1, 2, 4)) + "+0.01 p1 > alice 200"),
]


def check_loss(wanted, events):
    lines = explained(played(events), "-T", "json").splitlines()
    texts = [finding["text"] for finding in json.loads(lines[0])["findings"]]
    if wanted:
        assert any(wanted in text for text in texts), texts
    else:
        assert not any("did not reach" in text or "send it on" in text for text in texts), texts


def played(events):
    """The capture of a scenario, in which tags and Call-IDs can be written out."""
    if "Call-ID: fixed" in events:
        events = "call fixed from=alice to=bob id=fixed\n" + events
    tag = script.sip.digest("hops", "fixed" if "id=fixed" in events else "one", "tag", "alice")[:8]
    return script.play("hops", PRELUDE + events.replace("tag=%s", "tag=" + tag))[0]


def check(wanted, events):
    check_calls({None: wanted}, played(events), lambda kind: kind in OF_TRAVEL)


def tests():
    return [*((name, functools.partial(check, wanted, events))
              for name, wanted, events in rows_of(CASES)),
            *(("a loss " + name, functools.partial(check_loss, wanted, events))
              for name, wanted, events in LOSSES)]
