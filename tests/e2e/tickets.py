"""`explain -T markdown`, which is pasted into tickets; and what is said of what a capture lacks.

Events are those of a scenario (samples/README.md has the format); see findings.py.
"""
import json
import re

import findings
import tap
from scenario import script

ANSWERED, ENDED = findings.ANSWERED, findings.ENDED
BUSY = "+0 alice > bob INVITE sdp\n+0.1 bob > alice 486\n+0.01 alice > bob ACK\n"


def markdown(events):
    return findings.explained(findings.played(events), "-T", "markdown", "--utc", "--no-config",
                              "--call", "1")


def blocks_of(text):
    """The text outside of code, and the code blocks: by the rules of CommonMark for fences."""
    outside, blocks, fence = [], [], None
    for line in text.splitlines():
        ticks = re.match(r" {0,3}(`{3,})([^`]*)$", line)
        if fence is None and ticks:
            fence = len(ticks[1])
            blocks.append([])
        elif fence is not None and ticks and len(ticks[1]) >= fence and not ticks[2].strip():
            fence = None
        elif fence is not None:
            blocks[-1].append(line)
        else:
            outside.append(line)
    assert fence is None, text
    return "\n".join(outside), ["\n".join(block) for block in blocks]


def test_ticket():
    outside, blocks = blocks_of(markdown(BUSY))
    assert outside.startswith("## Call 1: busy"), outside
    for wanted in ("- From: `sip:alice@example.com`", "- Time: ", "(UAC)", "### Cause",
                   "- **error** `rejected`: ", "### Ladder", "### Messages", "Message 2, "):
        assert wanted in outside, (wanted, outside)
    assert "lacks" not in outside, outside
    assert "486 Busy Here" in blocks[0] and "│" in blocks[0], blocks[0]
    assert blocks[1].startswith("INVITE sip:bob@"), blocks[1]
    assert blocks[2].startswith("SIP/2.0 486 Busy Here"), blocks[2]


def test_hostile_texts():
    """What was sent stays text: no heading, no link, no HTML, no end of a code block."""
    evil = ("+0 alice > bob INVITE\n  Subject: x\n  Content-Type: text/plain\n"
            "  | ```\n  | # heading\n  | ````` \n  | <script>alert(1)</script>\n"
            "+0.1 bob > alice 486\n  ! SIP/2.0 486 `<b>@all</b>` [x](http://e.example) ``` # no\n"
            "  Reason: Q.850;cause=17;text=\"www.e.example *bold* ![i](y) @all\"\n"
            "+0.01 alice > bob ACK\n")
    outside, blocks = blocks_of(markdown(evil))
    unescaped = re.sub(r"\\.|&#\d+;", "", outside)
    plain = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", unescaped)
    for markup in ("<", ">", "@", "://", "www.", "](", "*bold*", "# heading", "![", "`"):
        assert markup not in plain, (markup, plain)
    assert any("# heading\n" in block and "`````" in block for block in blocks), blocks


def test_several_calls():
    text = findings.explained((tap.SAMPLES / "failed.pcap").read_bytes(), "-T", "markdown")
    outside, _ = blocks_of(text)
    assert len(re.findall("^## Call ", outside, re.M)) == 4, outside


def doubts(events, call=1):
    lines = findings.explained(findings.played(events), "-T", "json").splitlines()
    return json.loads(lines[call - 1])["doubts"]


def test_doubts():
    """Each is said where it is due, and not of a call that comes close."""
    no_rtp = "no RTP of any call was captured: a capture filter may have left it out"
    assert doubts(BUSY + "wait 1") == []
    assert doubts(ANSWERED + findings.MEDIA + ENDED) == []
    assert doubts(ANSWERED + ENDED) == [no_rtp]
    assert doubts(ANSWERED + findings.MEDIA) == \
        ["the call was still up at the end of the capture"]
    assert doubts("+0 alice > bob INVITE sdp\n+0.1 bob > alice 180\n") == \
        ["the call had no final response by the end of the capture"]
    assert "the beginning of the call was not captured" in doubts(
        ANSWERED.replace("INVITE sdp", "INVITE sdp lost").replace("180", "180 lost")
        .replace("as=ok", "as=ok lost") + ENDED)
    one_way = ANSWERED.replace("180", "180 lost").replace("as=ok", "as=ok lost") + \
        ENDED.replace("200", "200 lost")
    assert "only one direction of the call was captured" in doubts(one_way + "wait 1")
    assert "only one direction of the call was captured" not in doubts(
        "+0 alice > bob INVITE sdp as=invite\n" + findings.INVITES + "wait 1")


def test_capture():
    """What the whole capture lacks: once, at the end."""
    cut = script.play("cut", "snaplen 200\n" + findings.PRELUDE.strip("\n") + "\n" +
                      BUSY.strip("\n"))[0]
    text = findings.explained(cut)
    assert text.splitlines()[-1] == "What the capture lacks: messages with missing bytes: 3", text
    for events, count in ((ANSWERED + ENDED, 1), (ANSWERED + findings.MEDIA + ENDED, 0)):
        assert findings.explained(findings.played(events)).count("no RTP") == count
    whole = findings.explained(findings.played(BUSY))
    assert "lacks" not in whole, whole


def tests():
    return [("a ticket", test_ticket), ("hostile texts", test_hostile_texts),
            ("several calls", test_several_calls), ("doubts", test_doubts),
            ("the capture", test_capture)]
