"""What `explain` says of calls that went wrong: for each finding a call that has it, and one that
comes close and has not.

A row of CASES: the name, what is found (`id/severity` of call 1, in order; or a dictionary by
number of the call), and the events of a scenario (samples/README.md has the format).  A line
`wait SECONDS` lets the capture go on for so long: a ping between two other hosts follows.
A name alone is that of the findings of the rows below it: each is raised by some of them, and not
by others.  How messages travelled is left aside: see hops.py.
"""
import functools
import json
import re
import tempfile

import tap
from scenario import script

# What hops.py raises.
OF_TRAVEL = ("fragment-lost", "retransmissions", "slow-setup", "route-ignored", "via-mismatch",
             "cseq", "fork", "spiral", "merged", "max-forwards", "header-changed", "nat",
             "udp-too-large", "timer-violation", "no-answer-sdp", "offer-answer")

PRELUDE = """
endpoint alice 192.0.2.10:5060 user=alice domain=example.com
endpoint alice2 192.0.2.10:5062 user=alice domain=example.com
endpoint proxy 192.0.2.1:5060 host=proxy.example.com
endpoint second 192.0.2.2:5060 host=second.example.com
endpoint bob 198.51.100.20:5060 user=bob domain=example.com
endpoint carol 198.51.100.30:5060 user=carol domain=example.com
endpoint hidden 10.1.1.7:5060 user=bob domain=example.com
endpoint mallory 192.0.2.66:5071 user=mallory domain=example.com
endpoint watch 203.0.113.1:5060 user=watch domain=example.com
endpoint clock 203.0.113.2:5060 user=clock domain=example.com
call watch from=watch to=clock
call one from=alice to=bob
"""
CHALLENGE = '  Proxy-Authenticate: Digest realm="example.com", nonce="f84f1cec"'
CREDENTIALS = '  Proxy-Authorization: Digest username="alice", realm="example.com", ' \
              'nonce="f84f1cec", uri="sip:bob@example.com", response="42ce3cef44b22f50"'
ANSWERED = """
+0 alice > bob INVITE sdp
+0.1 bob > alice 180
+1 bob > alice 200 sdp as=ok
+0.01 alice > bob ACK
"""
NATTED = ANSWERED.replace("INVITE sdp", """INVITE
  Content-Type: application/sdp
  | v=0
  | c=IN IP4 10.1.1.7
  | m=audio 40000 RTP/AVP 0""")
ENDED = """
+5 alice > bob BYE
+0.01 bob > alice 200
"""
MEDIA = "+0.02 media alice bob 200\n+0 media bob alice 200\n"
REGISTERED = """
+%d alice > proxy reg:REGISTER%s
  Contact: <sip:alice@192.0.2.10>
  Expires: 600
+0.01 proxy > alice reg:200
  Contact: <sip:alice@192.0.2.10>;expires=%d
"""


def again(label, *gaps):
    return "".join("+%g again %s\n" % (gap, label) for gap in gaps)


def tried(users, gap=0.3, status=404, method="REGISTER", caller="%s", retry=""):
    """Mallory asks the proxy for users, each under a Call-ID of its own."""
    text = ""
    for i, user in enumerate(users):
        text += """call u%d from=mallory to=proxy
+%g mallory > proxy u%d:%s
  From: <sip:%s@example.com>;tag=t%d
  To: <sip:%s@example.com>
+0.01 proxy > mallory u%d:%s
""" % (i, gap, i, method, caller.replace("%s", str(user)), i, user, i, status)
        if method == "INVITE":
            text += "+0.01 mallory > proxy u%d:ACK\n" % i
        text += retry.replace("uN", "u%d" % i).replace("USER", str(user))
    return text + "wait 6"


def prefixed(count):
    """A number as it is dialled by who looks for a way out."""
    return ["%d00972599123456" % prefix for prefix in range(90, 90 + count)]


RETRY = """+0.01 mallory > proxy uN:REGISTER
+0.01 proxy > mallory uN:200
"""
PASSWORD = """+0.01 mallory > proxy uN:%s
  To: <sip:USER@example.com>
  Authorization: Digest username="x", realm="r", nonce="n", uri="sip:example.com", response="00"
"""
INVITES = again("invite", 0.5, 1, 2, 4, 8, 16)
OKS = again("ok", 0.5, 1, 2, 4, 4, 4, 4)

CASES = [
    "scanner",
    *[("User-Agent: " + name, found, """
+0 alice > bob OPTIONS
  User-Agent: %s
+0.01 bob > alice 200
""" % name) for name, found in (
        ("friendly-scanner", "scanner/warning"), ("sipcli/v1.8", "scanner/warning"),
        ("SIPVicious", "scanner/warning"), ("sipclient/1.0", ""), ("sipcli-phone", ""),
        ("Firewall against sipvicious", ""), ("iWarrior 2", ""))],
    ("only the server names one", "", """
+0 alice > bob OPTIONS
+0.01 bob > alice 200
  User-Agent: friendly-scanner
"""),
    "enumeration",
    ("users tried one after the other", {1: "registration-failed/error enumeration/warning"},
     tried(range(100, 130))),
    ("too few users tried", {1: "registration-failed/error"}, tried(range(100, 119))),
    ("too slowly", {1: "registration-failed/error"}, tried(range(100, 130), gap=3.2)),
    ("users in no order", {1: "registration-failed/error enumeration/note"},
     tried("user%x" % (i * 7919 % 65536) for i in range(30))),
    ("a gateway whose users are challenged", {1: ""},
     tried(range(100, 130), status=401, retry=RETRY)),
    ("phones behind a NAT, of which the answers are still missing", {1: ""},
     tried(range(100, 130), status=401, retry=PASSWORD % "REGISTER")),
    ("calls behind a NAT that ring", {1: ""},
     tried(range(100, 130), status=407, method="INVITE", caller="mallory",
           retry=PASSWORD % "INVITE" + "+0.01 proxy > mallory uN:180\n")),
    ("users with wrong passwords", {1: "auth-failed/error enumeration/warning"},
     tried(range(100, 130), status=401,
           retry=PASSWORD % "REGISTER" + "+0.01 proxy > mallory uN:403\n")),
    ("a gateway that is asked itself", {2: "registration-failed/error"},
     "call ping from=bob to=mallory\n+0 bob > mallory ping:OPTIONS\n"
     "+0.01 mallory > bob ping:200\n" + tried(range(100, 130))),
    ("a proxy that sends on", {1: "registration-failed/error"},
     tried(range(100, 130)).replace("  From:", "  +Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK9\n"
                                               "  From:")),
    ("calls to users by one caller", {1: "rejected/error enumeration/warning"},
     tried(range(100, 130), method="INVITE", caller="mallory")),
    ("a trunk whose calls are all refused", {1: "rejected/error"},
     tried(range(100, 130), method="INVITE", caller="0%s")),
    "registration-flood",
    ("one user, without end", {1: "registration-flood/warning"},
     tried(["alice"] * 110, gap=0.05, status=401)),
    ("one user, often", {1: ""},
     tried(["alice"] * 90, gap=0.05, status=401)),
    ("a gateway that restarts", {1: ""},
     tried(("user%x" % (i * 7919 % 65536) for i in range(300)), gap=0.01, status=401,
           retry=RETRY)),
    "toll-fraud",
    ("a number with many prefixes", {1: "rejected/error toll-fraud/warning"},
     tried(prefixed(9), gap=9, status=403, method="INVITE", caller="100")),
    ("and one that is let through", {1: "rejected/error toll-fraud/error", 10: "toll-fraud/error"},
     tried(prefixed(9), gap=9, status=403, method="INVITE", caller="100").replace("wait 6", """
call ok from=mallory to=proxy
+1 mallory > proxy ok:INVITE
  To: <sip:9810972599123456@example.com>
+1 proxy > mallory ok:200
+0.01 mallory > proxy ok:ACK
+20 mallory > proxy ok:BYE
+0.01 proxy > mallory ok:200
""")),
    ("a few ways to dial a number", {1: "rejected/error"},
     tried(prefixed(7), gap=9, status=403, method="INVITE", caller="100")),
    ("one number again and again", {1: "rejected/error"},
     tried(["00972599123456"] * 20, gap=9, status=403, method="INVITE", caller="100")),
    "no-response",
    ("no response", "no-response/error", "+0 alice > bob INVITE sdp as=invite\n" + INVITES +
     "wait 1"),
    ("no response until the capture ends", "no-response/warning",
     "+0 alice > bob INVITE sdp as=invite\n" + again("invite", 0.5, 1, 2) + "wait 2"),
    ("sent once over UDP", "", "+0 alice > bob INVITE sdp\nwait 40"),
    ("sent again for a short time", "",
     "+0 alice > bob INVITE sdp as=invite\n" + again("invite", 0.5, 1) + "wait 2"),
    ("nothing but 100", "",
     "+0 alice > bob INVITE sdp as=invite\n+0.5 again invite\n+0.1 bob > alice 100\nwait 40"),
    ("no response over TCP", "no-response/error",
     "hop alice bob tcp\n+0 alice > bob INVITE sdp\nwait 40"),
    ("no response behind a proxy", "no-response/error",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > alice 100\n"
     "+0.01 proxy > bob INVITE as=invite\n" + INVITES +
     "+0.5 proxy > alice 408\n+0.01 alice > proxy ACK\nwait 1"),
    ("one branch of two is silent", "no-response/warning",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > alice 100\n+0.01 proxy > carol INVITE as=invite\n"
     "+0.01 proxy > bob INVITE\n" + again("invite", 0.5, 1, 2, 4) +
     "+0.01 bob > proxy 200 sdp\n+0.01 proxy > alice 200\n+0.01 alice > proxy ACK\n"
     "+0.01 proxy > bob ACK\n+5 alice > proxy BYE\n+0.01 proxy > bob BYE\n"
     "+0.01 bob > proxy 200\n+0.01 proxy > alice 200\nwait 40"),
    ("no response, and another server tried", {1: "no-response/warning", 2: ""},
     "+0 alice > proxy INVITE sdp as=invite\n" + INVITES +
     "call two from=alice to=bob\n+1 alice > second INVITE sdp\n+1 second > alice 200 sdp\n"
     "+0.01 alice > second ACK\n+5 alice > second BYE\n+0.01 second > alice 200"),
    ("only what the caller sends was captured", "",
     "+0 alice > bob INVITE sdp as=invite\n+0.5 again invite\n+0.1 bob > alice 486 lost\n"
     "+0.01 alice > bob ACK\nwait 40"),
    "rejected reinvite-rejected",
    ("busy", "rejected/error", "+0 alice > bob INVITE sdp\n+0.1 bob > alice 486\n"
     "+0.01 alice > bob ACK"),
    ("a refused re-INVITE is not the outcome", "reinvite-rejected/note",
     ANSWERED + "+3 alice > bob INVITE sdp=sendonly\n+0.1 bob > alice 488\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    ("one branch refuses, another answers", "",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > alice 100\n+0.01 proxy > carol INVITE\n"
     "+0.01 proxy > bob INVITE\n+0.1 carol > proxy 486\n+0.01 proxy > carol ACK\n"
     "+1 bob > proxy 200 sdp\n+0.01 proxy > alice 200\n+0.01 alice > proxy ACK\n"
     "+0.01 proxy > bob ACK\n+5 alice > proxy BYE\n+0.01 proxy > bob BYE\n"
     "+0.01 bob > proxy 200\n+0.01 proxy > alice 200"),
    ("a refused ping", "rejected/warning", "+0 alice > bob OPTIONS new\n+0.1 bob > alice 404"),
    ("a refusal without its request", "rejected/warning",
     "+0 alice > bob INVITE sdp lost\n+0.1 bob > alice 486\n+0.01 alice > bob ACK lost"),
    "auth-failed auth-not-answered",
    ("wrong password", "auth-failed/error",
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 407\n" + CHALLENGE +
     "\n+0.01 alice > proxy ACK\n+0.1 alice > proxy INVITE sdp\n" + CREDENTIALS +
     "\n+0.1 proxy > alice 407\n" + CHALLENGE + "\n+0.01 alice > proxy ACK\nwait 40"),
    ("a stale nonce", "",
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 407\n" + CHALLENGE +
     "\n+0.01 alice > proxy ACK\n+0.1 alice > proxy INVITE sdp\n" + CREDENTIALS +
     "\n+0.1 proxy > alice 407\n" + CHALLENGE + ", stale=true\n+0.01 alice > proxy ACK\n"
     "+0.1 alice > proxy INVITE sdp\n" + CREDENTIALS + "\n+0.1 proxy > alice 200 sdp\n"
     "+0.01 alice > proxy ACK\n+5 alice > proxy BYE\n+0.1 proxy > alice 200\nwait 40"),
    ("challenged and left", "auth-not-answered/error",
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 407\n" + CHALLENGE +
     "\n+0.01 alice > proxy ACK\nwait 40"),
    ("challenged when the capture ends", "rejected/warning",
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 407\n" + CHALLENGE +
     "\n+0.01 alice > proxy ACK\nwait 5"),
    ("challenged, tried again with another Call-ID", {1: "", 2: ""},
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 407\n" + CHALLENGE +
     "\n+0.01 alice > proxy ACK\ncall two from=alice to=bob\n+1 alice > proxy INVITE sdp\n" +
     CREDENTIALS + "\n+0.1 proxy > alice 200 sdp\n+0.01 alice > proxy ACK\n"
     "+5 alice > proxy BYE\n+0.1 proxy > alice 200\nwait 40"),
    "no-common-codec",
    ("a Warning of the format", "no-common-codec/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 488\n"
     "  Warning: 305 example.com \"Incompatible media format\"\n+0.01 alice > bob ACK"),
    ("488 without a word of codecs", "rejected/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 488\n"
     "  Warning: 399 example.com \"No bandwidth\"\n+0.01 alice > bob ACK"),
    ("a codec of the refusal is in the offer", "rejected/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 488\n  Content-Type: application/sdp\n"
     "  | v=0\n  | o=- 1 1 IN IP4 198.51.100.20\n  | s=-\n  | c=IN IP4 198.51.100.20\n"
     "  | t=0 0\n  | m=audio 0 RTP/AVP 0\n  | a=rtpmap:0 PCMU/8000\n+0.01 alice > bob ACK"),
    ("the refusal names other codecs", "no-common-codec/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 488\n  Content-Type: application/sdp\n"
     "  | v=0\n  | o=- 1 1 IN IP4 198.51.100.20\n  | s=-\n  | c=IN IP4 198.51.100.20\n"
     "  | t=0 0\n  | m=audio 4000 RTP/AVP 18\n  | a=rtpmap:18 G729/8000\n+0.01 alice > bob ACK"),
    ("a body that is not taken", "no-common-codec/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 415\n  Accept: application/pidf+xml\n"
     "+0.01 alice > bob ACK"),
    ("415 that takes this type", "rejected/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 415\n  Accept: application/*\n"
     "+0.01 alice > bob ACK"),
    ("the answer has port 0", "no-common-codec/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 200\n  Content-Type: application/sdp\n"
     "  | v=0\n  | o=- 1 1 IN IP4 198.51.100.20\n  | s=-\n  | c=IN IP4 198.51.100.20\n"
     "  | t=0 0\n  | m=audio 0 RTP/AVP 0\n+0.01 alice > bob ACK\n" + ENDED),
    "caller-cancelled cancel-race",
    ("cancelled", "caller-cancelled/note",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180\n+5 alice > bob CANCEL\n"
     "+0.01 bob > alice 200/CANCEL\n+0.01 bob > alice 487/INVITE\n+0.01 alice > bob ACK"),
    ("487 without a CANCEL", "rejected/warning",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180\n+5 bob > alice 487/INVITE\n"
     "+0.01 alice > bob ACK"),
    ("the answer crossed the CANCEL", "cancel-race/note",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180\n+5 alice > bob CANCEL\n"
     "+0.01 bob > alice 200/INVITE sdp\n+0.01 bob > alice 200/CANCEL\n+0.01 alice > bob ACK\n"
     "+0.01 alice > bob BYE\n+0.01 bob > alice 200/BYE"),
    ("the answer crossed the CANCEL, and the call went on", "",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180\n+5 alice > bob CANCEL\n"
     "+0.01 bob > alice 200/INVITE sdp\n+0.01 bob > alice 200/CANCEL\n+0.01 alice > bob ACK\n"
     "+60 bob > alice BYE\n+0.01 alice > bob 200/BYE"),
    "redirect-not-followed",
    ("redirected to nobody", "redirect-not-followed/error",
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 302\n  Contact: <sip:bob@198.51.100.30>\n"
     "+0.01 alice > proxy ACK\nwait 40"),
    ("redirected and called", "",
     "+0 alice > proxy INVITE sdp\n+0.1 proxy > alice 302\n  Contact: <sip:bob@198.51.100.30>\n"
     "+0.01 alice > proxy ACK\n+0.1 alice > carol INVITE sdp\n+0.1 carol > alice 200 sdp\n"
     "+0.01 alice > carol ACK\n+5 alice > carol BYE\n+0.1 carol > alice 200\nwait 40"),
    "loop too-many-hops",
    ("a loop", "loop/error",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > second INVITE\n"
     "  ! INVITE sip:bob@example.com SIP/2.0\n+0.01 second > proxy INVITE\n"
     "  ! INVITE sip:bob@example.com SIP/2.0\n+0.01 proxy > second 482\n"
     "+0.01 second > proxy ACK\n+0.01 second > proxy 482\n+0.01 proxy > second ACK\n"
     "+0.01 proxy > alice 482\n+0.01 alice > proxy ACK"),
    ("a spiral", "rejected/error",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > second INVITE\n"
     "  ! INVITE sip:bob@example.com SIP/2.0\n+0.01 second > proxy INVITE\n"
     "  ! INVITE sip:carol@example.com SIP/2.0\n+0.01 proxy > second 404\n"
     "+0.01 second > proxy ACK\n+0.01 second > proxy 404\n+0.01 proxy > second ACK\n"
     "+0.01 proxy > alice 404\n+0.01 alice > proxy ACK"),
    ("no hops left", "too-many-hops/error",
     "+0 alice > proxy INVITE sdp\n  Max-Forwards: 0\n+0.01 proxy > alice 483\n"
     "+0.01 alice > proxy ACK"),
    ("one hop left", "rejected/error",
     "+0 alice > proxy INVITE sdp\n  Max-Forwards: 1\n+0.01 proxy > alice 404\n"
     "+0.01 alice > proxy ACK"),
    ("merged requests", "rejected/error",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > bob INVITE\n+0.01 proxy > second INVITE\n"
     "+0.01 second > bob INVITE\n+0.01 bob > second 482\n+0.01 second > bob ACK\n"
     "+0.01 second > proxy 482\n+0.01 proxy > second ACK\n+0.1 bob > proxy 486\n"
     "+0.01 proxy > bob ACK\n+0.01 proxy > alice 486\n+0.01 alice > proxy ACK"),
    "dialog-unknown",
    ("481 to a BYE", "dialog-unknown/error",
     ANSWERED + "+5 alice > bob BYE\n+0.01 bob > alice 481"),
    ("481 to the BYE that crossed another", "",
     ANSWERED + "+5 alice > bob BYE\n+0.01 bob > alice BYE\n+0.01 alice > bob 481/BYE\n"
     "+0.01 bob > alice 200/BYE"),
    "ack-missing",
    ("no ACK", "ack-missing/error",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp as=ok\n" + OKS +
     "+10 bob > alice BYE\n+0.01 alice > bob 200\nwait 5"),
    ("no ACK, and nothing of the caller was captured", "",
     "+0 alice > bob INVITE sdp lost\n+1 bob > alice 200 sdp as=ok\n" + OKS + "wait 40"),
    ("a late ACK", "",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp as=ok\n" + OKS + "+1 alice > bob ACK\n" +
     ENDED),
    ("no ACK of a 2xx that was sent again three times", "",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp as=ok\n" + again("ok", 0.5, 1, 2) +
     "+5 bob > alice BYE\n+0.01 alice > bob 200"),
    "contact-unreachable",
    ("a private Contact", "contact-unreachable/error",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp as=ok\n  Contact: <sip:bob@10.1.1.7>\n"
     "+0.01 alice > hidden ACK as=ack\n" +
     "".join("+%g again ok\n+0.01 again ack\n" % gap for gap in (0.5, 1, 2, 4, 4, 4)) +
     "+16 bob > alice BYE\n+0.01 alice > bob 200\nwait 5"),
    ("a private Contact that answers", "",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp\n  Contact: <sip:bob@10.1.1.7>\n"
     "+0.01 alice > hidden ACK\n+5 alice > hidden BYE\n+0.01 hidden > alice 200\nwait 5"),
    "bye-unanswered",
    ("an unanswered BYE", "bye-unanswered/warning",
     ANSWERED + "+5 alice > bob BYE as=bye\n" + again("bye", 0.5, 1, 2, 4, 4) + "wait 20"),
    ("a BYE that was answered late", "",
     ANSWERED + "+5 alice > bob BYE as=bye\n" + again("bye", 0.5, 1, 2, 4, 4) +
     "+0.1 bob > alice 200\nwait 20"),
    "session-expired",
    ("ended by its session timer", "session-expired/error",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp\n  Session-Expires: 90;refresher=uac\n"
     "+0.01 alice > bob ACK\n+60 bob > alice BYE\n+0.01 alice > bob 200"),
    ("past its session timer", "session-expired/error",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp\n  Session-Expires: 90;refresher=uac\n"
     "+0.01 alice > bob ACK\n+200 bob > alice BYE\n+0.01 alice > bob 200"),
    ("refreshed in time", "",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp\n  Session-Expires: 90;refresher=uac\n"
     "+0.01 alice > bob ACK\n+45 alice > bob UPDATE\n+0.1 bob > alice 200\n"
     "  Session-Expires: 90;refresher=uac\n+20 bob > alice BYE\n+0.01 alice > bob 200/BYE"),
    ("ended between two refreshes", "",
     "+0 alice > bob INVITE sdp\n+1 bob > alice 200 sdp\n  Session-Expires: 1800;refresher=uac\n"
     "+0.01 alice > bob ACK\n+600 bob > alice BYE\n+0.01 alice > bob 200"),
    "prack-missing",
    ("no PRACK", "caller-cancelled/note prack-missing/error",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180 as=ring\n  Require: 100rel\n  RSeq: 1\n" +
     again("ring", 0.5, 1, 2) + "+5 alice > bob CANCEL\n+0.01 bob > alice 200/CANCEL\n"
     "+0.01 bob > alice 487/INVITE\n+0.01 alice > bob ACK"),
    ("a late PRACK", "",
     "+0 alice > bob INVITE sdp\n+0.1 bob > alice 180 as=ring\n  Require: 100rel\n  RSeq: 1\n" +
     again("ring", 0.5, 1, 2) + "+0.1 alice > bob PRACK\n  RAck: 1 1 INVITE\n"
     "+0.01 bob > alice 200/PRACK\n+1 bob > alice 200/INVITE sdp\n+0.01 alice > bob ACK\n" + ENDED),
    "transfer-failed",
    ("a refused transfer", "transfer-failed/error",
     ANSWERED + "+3 bob > alice REFER\n  Refer-To: <sip:carol@example.com>\n"
     "+0.01 alice > bob 603\n" + ENDED),
    ("a transfer to somebody busy", "transfer-failed/error",
     ANSWERED + "+3 bob > alice REFER\n  Refer-To: <sip:carol@example.com>\n"
     "+0.01 alice > bob 202\n+1 alice > bob NOTIFY\n  Event: refer\n"
     "  Subscription-State: terminated;reason=noresource\n"
     "  Content-Type: message/sipfrag\n  | SIP/2.0 486 Busy Here\n+0.01 bob > alice 200\n" + ENDED),
    ("a transfer that worked", "",
     ANSWERED + "+3 bob > alice REFER\n  Refer-To: <sip:carol@example.com>\n"
     "+0.01 alice > bob 202\n+0.1 alice > bob NOTIFY\n  Event: refer\n"
     "  Subscription-State: active\n  Content-Type: message/sipfrag\n  | SIP/2.0 100 Trying\n"
     "+0.01 bob > alice 200\n+1 alice > bob NOTIFY\n  Event: refer\n"
     "  Subscription-State: terminated;reason=noresource\n"
     "  Content-Type: message/sipfrag\n  | SIP/2.0 200 OK\n+0.01 bob > alice 200\n" + ENDED),
    ("a transfer without a report", "transfer-failed/error",
     ANSWERED + "+3 bob > alice REFER\n  Refer-To: <sip:carol@example.com>\n"
     "+0.01 alice > bob 202\n+60 alice > bob BYE\n+0.01 bob > alice 200"),
    ("a transfer that asks for no report", "",
     ANSWERED + "+3 bob > alice REFER\n  Refer-To: <sip:carol@example.com>\n  Refer-Sub: false\n"
     "+0.01 alice > bob 200\n  Refer-Sub: false\n+60 alice > bob BYE\n+0.01 bob > alice 200"),
    "glare",
    ("re-INVITEs that crossed", "glare/note glare/note",
     ANSWERED + "+3 alice > bob INVITE sdp\n+0.01 bob > alice INVITE sdp\n"
     "+0.01 alice > bob 491/INVITE\n+0.01 bob > alice 491/INVITE\n+0.01 alice > bob ACK\n"
     "+0.01 bob > alice ACK\n" + ENDED),
    ("an interval that was too small", "",
     ANSWERED + "+3 alice > bob INVITE sdp\n+0.01 bob > alice 422\n  Min-SE: 120\n"
     "+0.01 alice > bob ACK\n+0.1 alice > bob INVITE sdp\n+0.01 bob > alice 200 sdp\n"
     "+0.01 alice > bob ACK\n" + ENDED),
    "dropped",
    ("dropped at once", "dropped/warning",
     ANSWERED + "+1 bob > alice BYE\n+0.01 alice > bob 200"),
    ("dropped with a fault", "dropped/warning",
     ANSWERED + "+60 bob > alice BYE\n  Reason: Q.850;cause=41\n+0.01 alice > bob 200"),
    ("ended normally, and says so", "",
     ANSWERED + "+60 bob > alice BYE\n  Reason: Q.850;cause=16\n+0.01 alice > bob 200"),
    "never-ended",
    ("never ended", "never-ended/note", ANSWERED + "wait 2000"),
    ("not ended yet", "", ANSWERED + "wait 1000"),
    "registration-failed registration-lapsed registration-flapping",
    ("a refused registration", "registration-failed/error",
     "call reg from=alice to=alice\n+0 alice > proxy reg:REGISTER\n+0.1 proxy > alice reg:403"),
    ("a wrong password of a registration", "auth-failed/error",
     "call reg from=alice to=alice\n+0 alice > proxy reg:REGISTER\n" +
     CREDENTIALS.replace("Proxy-", "") + "\n+0.1 proxy > alice reg:403"),
    ("a binding that ran out", "registration-lapsed/warning",
     "call reg from=alice to=alice" + REGISTERED % (0, "", 60) + REGISTERED % (90, "", 60) +
     "wait 30"),
    ("a binding that was never refreshed", "registration-lapsed/warning",
     "call reg from=alice to=alice" + REGISTERED % (0, "", 60) + "wait 120"),
    ("a binding that was refreshed in time", "",
     "call reg from=alice to=alice" + REGISTERED % (0, "", 60) + REGISTERED % (55, "", 60) +
     "wait 30"),
    ("a binding that was removed", "",
     "call reg from=alice to=alice" + REGISTERED % (0, "", 60) +
     "+5 alice > proxy reg:REGISTER\n  Contact: *\n  Expires: 0\n+0.01 proxy > alice reg:200\n"
     "wait 120"),
    ("registered far too often", "registration-flapping/warning",
     "call reg from=alice to=alice" + 8 * (REGISTERED % (5, "", 600)) + "wait 30"),
    ("registered as often as its server asks for", "",
     "call reg from=alice to=alice" + 8 * (REGISTERED % (50, "", 60)) + "wait 30"),
    "peer-down peer-up",
    ("a peer that was away", {1: "", 2: "no-response/error peer-down/warning",
                              3: "no-response/error", 4: "peer-up/note"},
     "call p1 from=alice to=bob\n+0 alice > bob p1:OPTIONS new\n+0.01 bob > alice p1:200\n"
     "call p2 from=alice to=bob\n+30 alice > bob p2:OPTIONS new as=p2\n" +
     again("p2", 0.5, 1, 2, 4, 4) +
     "call p3 from=alice to=bob\n+40 alice > bob p3:OPTIONS new as=p3\n" +
     again("p3", 0.5, 1, 2, 4, 4) +
     "call p4 from=alice to=bob\n+40 alice > bob p4:OPTIONS new\n+0.01 bob > alice p4:404\n"
     .replace("404", "200")),
    ("a peer that lost one packet", {1: "", 2: "", 3: ""},
     "call p1 from=alice to=bob\n+0 alice > bob p1:OPTIONS new\n+0.01 bob > alice p1:200\n"
     "call p2 from=alice to=bob\n+30 alice > bob p2:OPTIONS new as=p2\n+0.5 again p2\n"
     "+0.01 bob > alice p2:200\n"
     "call p3 from=alice to=bob\n+30 alice > bob p3:OPTIONS new\n+0.01 bob > alice p3:200\n"),
    "subscription-refused subscription-terminated",
    ("a refused subscription", "subscription-refused/warning",
     "+0 alice > bob SUBSCRIBE\n  Event: dialog\n+0.01 bob > alice 489"),
    ("a subscription that was ended", "subscription-terminated/warning",
     "+0 alice > bob SUBSCRIBE\n  Event: dialog\n  Expires: 600\n+0.01 bob > alice 200\n"
     "  Expires: 600\n+10 bob > alice NOTIFY\n  Event: dialog\n"
     "  Subscription-State: terminated;reason=deactivated\n+0.01 alice > bob 200/NOTIFY"),
    ("a subscription that was given up", "",
     "+0 alice > bob SUBSCRIBE\n  Event: dialog\n  Expires: 600\n+0.01 bob > alice 200\n"
     "  Expires: 600\n+10 alice > bob SUBSCRIBE\n  Event: dialog\n  Expires: 0\n"
     "+0.01 bob > alice 200\n+0.01 bob > alice NOTIFY\n  Event: dialog\n"
     "  Subscription-State: terminated;reason=timeout\n+0.01 alice > bob 200/NOTIFY"),
    "fork-answered-twice",
    ("two phones answered", "fork-answered-twice/note",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > bob INVITE\n+0.01 proxy > carol INVITE\n"
     "+1 bob > proxy 200 sdp\n+0.01 proxy > alice 200\n"
     "+0.01 alice > proxy ACK\n+0.01 proxy > bob ACK\n"
     "+0.01 carol > proxy 200 sdp\n+0.01 proxy > alice 200/INVITE\n"
     "+0.01 alice > carol ACK\n+0.01 alice > carol BYE\n+0.01 carol > alice 200/BYE\n"
     "+20 alice > bob BYE\n+0.01 bob > alice 200/BYE"),
    ("two phones rang, and the 200 of one came twice", "",
     "+0 alice > proxy INVITE sdp\n+0.01 proxy > bob INVITE\n+0.01 proxy > carol INVITE\n"
     "+0.1 bob > proxy 180\n+0.1 carol > proxy 180\n+1 bob > proxy 200/INVITE sdp as=ok\n"
     "+0.01 proxy > alice 200\n+0.01 proxy > carol CANCEL\n+0.01 carol > proxy 200/CANCEL\n"
     "+0.01 carol > proxy 487/INVITE\n+0.01 proxy > carol ACK\n+0.5 again ok\n"
     "+0.01 alice > proxy ACK\n+0.01 proxy > bob ACK\n+20 alice > bob BYE\n"
     "+0.01 bob > alice 200/BYE"),
    "no-audio",
    ("the next call has the same ports and SSRCs", {1: "", 2: ""},
     ANSWERED + MEDIA + ENDED + "call two from=alice to=bob\n" + ANSWERED + MEDIA + ENDED),
    ("the next call has the same ports, and one of the SSRCs", {2: ""},
     ANSWERED + MEDIA + ENDED + "call two from=alice to=bob\n" + ANSWERED +
     "+0.02 media alice bob 200 ssrc=99\n+0 media bob alice 200\n" + ENDED),
    ("the next call has the same ports and no media", {1: "", 2: "no-audio/error"},
     ANSWERED + MEDIA + ENDED + "call two from=alice to=bob\n" + ANSWERED + ENDED),
    ("the next call has the same ports and SSRCs, behind NAT", {1: "", 2: ""},
     NATTED + MEDIA + ENDED + "call two from=alice to=bob\n" + NATTED + MEDIA + ENDED),
    ("a stream to the same port comes from another host", {1: "", 2: "no-audio/error"},
     "call two from=carol to=bob\n" + ANSWERED.replace("alice", "carol") +
     "+0.02 media carol bob 400\n+0 media bob carol 400\n" +
     "call three from=alice to=bob\n" + ANSWERED + ENDED),
]


def played(events):
    """The capture of a scenario."""
    lines = []
    for line in (PRELUDE + events).splitlines():
        word, _, rest = line.partition(" ")
        if word == "wait":
            lines += ["+%s watch > clock watch:OPTIONS new" % rest, "+0.01 clock > watch watch:200"]
        else:
            lines.append(line)
    return script.play("findings", "\n".join(lines))[0]


def explained(capture, *arguments):
    """What `explain` prints of the bytes of a capture."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture)
        file.flush()
        done = tap.rung("explain", *arguments, file.name)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def check_calls(wanted, capture, is_meant):
    """The findings that are meant, of the calls that are wanted (None: of all)."""
    for line in explained(capture, "-T", "json").splitlines():
        call = json.loads(line)
        findings = [finding for finding in call["findings"] if is_meant(finding["id"])]
        found = " ".join("%(id)s/%(severity)s" % finding for finding in findings)
        expected = wanted.get(call["call"], wanted.get(None))
        assert expected is None or found == expected, "call %d: %s" % (
            call["call"], json.dumps(call["findings"], indent=1))
        for finding in call["findings"]:
            assert finding["messages"] or finding["streams"], finding


def check(wanted, events):
    check_calls(wanted if isinstance(wanted, dict) else {1: wanted}, played(events),
                lambda kind: kind not in OF_TRAVEL)


# Findings that other tests raise, and come close to.
ELSEWHERE = {
    "dissect/diagnose/test_media_findings.c":
        "one-way-audio no-audio codec-mismatch rtp-loss rtp-jitter media-late media-after-bye "
        "ssrc-changed ptime-mismatch dtmf-unagreed",
    "e2e/tls.py": "tls-alert tls-unread",
    "e2e/cases.py": "identity-invalid identity-checked",
    "e2e/registrations.py": "binding-gone",
    "e2e/gb28181.py":
        "gb-no-response gb-partial gb-offline gb-keepalive-late gb-auth-loop gb-bad-checksum "
        "gb-no-subject gb-ssrc-mismatch gb-setup-role gb-subscription-lapsed gb-habits",
}


def rows_of(cases):
    """The rows of a table, without the names of findings between them."""
    return [case for case in cases if not isinstance(case, str)]


def groups_of(cases):
    """The rows of each group, by the names of its findings."""
    groups = {}
    for case in cases:
        if isinstance(case, str):
            rows = groups.setdefault(case, [])
        elif groups:
            rows.append(case)
    return groups


def raises(wanted, name):
    texts = wanted.values() if isinstance(wanted, dict) else [wanted]
    return any(found.split("/")[0] == name for text in texts for found in text.split())


def test_every_finding():
    """Each finding of the help is raised by a call, and not by one that comes close."""
    import hops  # which needs this module
    text = tap.rung("help", "findings").stdout.decode()
    names = set(re.findall(r"^(?:error|warning|note) +([a-z-]+) ", text, re.M))
    tested, lacking = set(), []
    for table in CASES, hops.CASES:
        for group, rows in groups_of(table).items():
            raised = {name: [raises(wanted, name) for _, wanted, _ in rows]
                      for name in group.split()}
            lacking += [name for name, each in raised.items() if any(each) == all(each)]
            tested.update(raised)
    assert not lacking, lacking
    for path, elsewhere in ELSEWHERE.items():
        source = (tap.ROOT / "tests" / path).read_text("utf-8")
        assert all(name in source for name in elsewhere.split()), path
        tested.update(elsewhere.split())
    assert tested == names, tested ^ names


def test_fields():
    """Filters and columns know what was found."""
    events = {name: text for name, _, text in rows_of(CASES)}
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(played(events["a peer that was away"]))
        file.flush()

        def calls(*arguments):
            done = tap.rung("calls", "-T", "json", *arguments, file.name)
            assert done.returncode == 0, done.stderr.decode()
            return [json.loads(line) for line in done.stdout.decode().splitlines()]

        assert [row["call"] for row in calls("-Y", "call.finding == peer-down")] == [2]
        assert [row["call"] for row in calls("-Y", "call.finding == no-response")] == [2, 3]
        assert [row["call"] for row in calls("-Y", "call.severity == note")] == [4]
        assert [row["call"] for row in calls("-Y", "finding.where == 198.51.100.20")] == [2, 3, 4]
        assert [row["call"] for row in calls("-Y", "not call.why")] == [1]
        row = calls("--call", "2", "--columns", "call.why,call.finding,finding.severity,"
                                                "finding.message")[0]
        assert row["call.finding"] == ["no-response", "peer-down"], row
        assert row["finding.severity"] == ["error", "warning"], row
        assert "did not answer the OPTIONS" in row["call.why"], row
        unknown = tap.rung("calls", "-Y", "call.finding == peer", file.name)
        assert unknown.returncode == 2 and b"peer-down" in unknown.stderr


def tests():
    return [("fields", test_fields), ("every finding", test_every_finding),
            *((name, functools.partial(check, wanted, events))
              for name, wanted, events in rows_of(CASES))]
