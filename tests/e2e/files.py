"""Files that are no pcap: texts with messages, as people paste them, and what is not read."""
import json
import subprocess
import tempfile

import tap

INVITE = """INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1
From: <sip:alice@example.com>;tag=a
To: <sip:bob@example.com>
Call-ID: text@example.com
CSeq: 1 INVITE
Content-Type: application/sdp
Content-Length: 10

v=0
o=-
"""
BUSY = """SIP/2.0 486 Busy Here
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1
From: <sip:alice@example.com>;tag=a
To: <sip:bob@example.com>;tag=b
Call-ID: text@example.com
CSeq: 1 INVITE
Content-Length: 0

"""
SOFIA = (f"recv 400 bytes from udp/[192.0.2.1]:5060 at 12:00:00.5:\n------\n{INVITE}------\n"
         f"send 300 bytes to udp/[192.0.2.1]:5060 at 12:00:01.0:\n------\n{BUSY}------\n")


def rung(*arguments, text=None):
    given = {} if text is None else {"input": text}
    return tap.rung(*arguments, text=True, stdout=subprocess.PIPE, env={"TZ": "UTC"}, **given)


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def a_paste_has_no_times():
    result = rung("messages", "-T", "json", "-", text=INVITE + "\n" + BUSY)
    assert [(row["time"], row["src"], row["complete"]) for row in rows(result)] == \
        [(None, "-", True)] * 2, result.stdout
    assert result.returncode == 0, result.returncode
    assert result.stderr == ("rung: standard input: text trace of 2 messages: 2 without a time, "
                             "2 without one or both addresses\n"), result.stderr
    call = rows(rung("calls", "-T", "json", "-", text=INVITE + "\n" + BUSY))[0]
    assert (call["outcome"], call["start"], call["setup_ms"]) == ("busy", None, None), call


def without_addresses_no_hop_is_judged():
    """Not who is behind a NAT, nor where messages went."""
    text = INVITE + "\n" + BUSY
    call = rows(rung("explain", "-T", "json", "-", text=text))[0]
    found = [(finding["id"], finding["text"]) for finding in call["findings"]]
    assert found == [("rejected", "an unknown address is busy: 486 Busy Here")], found
    assert call["roles"] == [], call


def a_log_has_one_address():
    result = rung("messages", "-T", "json", "-", text=SOFIA)
    assert [(row["src"], row["dst"]) for row in rows(result)] == \
        [("192.0.2.1:5060", "-"), ("-", "192.0.2.1:5060")], result.stdout
    assert "times without a date or year, shown as of 1970" in result.stderr, result.stderr


def shown_and_saved_again():
    with tempfile.TemporaryDirectory() as folder:
        text, saved = f"{folder}/a.txt", f"{folder}/a.pcapng"
        with open(text, "w", encoding="utf-8") as file:
            file.write(SOFIA)
        shown = rung("show", "--message", "1", text).stdout
        assert INVITE.rstrip() in shown, shown
        assert rung("save", "-w", saved, text).returncode == 0
        calls = [rung("calls", "-T", "json", path).stdout for path in (text, saved)]
        assert calls[0] == calls[1] != "", calls
        again = rung("calls", "-T", "json", "-", text=rung("show", text).stdout).stdout
        assert again == calls[0], again


def not_read():
    with tempfile.TemporaryDirectory() as folder:
        for name, data, why in (("a.enc", b"TRSNIFF data    \x1a", "a Sniffer file; convert it"),
                                ("a.txt", b"no call here\n", "has no SIP message as text")):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
            result = rung("calls", f"{folder}/{name}")
            assert result.returncode == 1 and why in result.stderr, result.stderr


def tests():
    return [("a paste has no times", a_paste_has_no_times),
            ("without addresses no hop is judged", without_addresses_no_hop_is_judged),
            ("a log has one address", a_log_has_one_address),
            ("a text is shown and saved again", shown_and_saved_again),
            ("what is not read is named", not_read)]
