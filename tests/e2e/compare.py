"""`compare`: what differs between two calls or two captures, and what explains it."""
import functools
import json
import pathlib
import signal
import subprocess
import tempfile

import live
import tap
from scenario import script

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"


@functools.cache
def capture():
    """tests/cases/good-and-bad.scn; deleted at the end of the program."""
    made = script.perform(
        "good-and-bad",
        (FOLDER / "good-and-bad.scn").read_text(encoding="utf-8"))
    file = tempfile.NamedTemporaryFile(suffix=".pcap")  # stays open
    file.write(made.capture())
    file.flush()
    return file


def compare(*arguments, status=0):
    done = tap.rung("compare", "--no-config", *arguments)
    assert done.returncode == status, (arguments, done.stderr.decode())
    return done.stdout.decode()


def of_calls(*arguments):
    return json.loads(compare("-T", "json", *arguments))


def names(compared, area):
    return [row["name"] for row in compared["differences"] if row["area"] == area]


def test_what_explains():
    """Each worse call, and the difference that explains it: of the area, with the name."""
    rows = [
        (2, "offer", "m=audio", "488 is about the session description; RFC 3261 21.4.26"),
        (3, "request", "Require", "420 is about extensions; RFC 3261 21.4.15"),
        (4, "messages", "message 2", "where the two calls diverge"),
        (5, "media", "audio to the caller", "the most severe finding is about media"),
    ]
    for call, area, name, why in rows:
        for order in ((1, call), (call, 1)):
            compared = of_calls("--call", order[0], "--call", order[1], capture().name)
            assert [side["call"] for side in compared["calls"]] == list(order)
            assert compared["worse"] == ("right" if order[0] == 1 else "left")
            row = compared["differences"][compared["explains"]]
            assert (row["area"], row["name"], compared["why"]) == (area, name, why), compared


def test_no_differences():
    """Branches, tags, Call-IDs, ports, session ids: differ in every call, and are none."""
    compared = of_calls("--call", 1, "--call", 4, capture().name)
    assert {"request", "offer"} <= set(compared["same"]), compared
    compared = of_calls("--call", 1, "--call", 5, capture().name)
    assert set(compared["same"]) == {"path", "request", "offer", "messages", "response", "answer"}
    compared = of_calls("--call", 1, "--call", 1, capture().name, capture().name)
    assert compared["differences"] == [], compared
    assert compared["explains"] is None and compared["worse"] is None, compared


def test_timing_and_media():
    compared = of_calls("--call", 1, "--call", 5, capture().name)
    assert names(compared, "timing") == ["post-dial delay", "until the answer"], compared
    media = [row for row in compared["differences"] if row["area"] == "media"]
    assert [row["name"] for row in media] == ["audio to the caller"], media
    assert "0.0 % lost" in media[0]["left"] and "36.0 % lost" in media[0]["right"], media


def test_two_files():
    """Call A of the first file, call B of the second; by number and by Call-ID."""
    basic, busy = tap.SAMPLES / "basic.pcap", tap.SAMPLES / "busy.pcap"
    compared = of_calls("--call", 1, "--call", 1, basic, busy)
    assert [side["outcome"] for side in compared["calls"]] == ["answered", "busy"], compared
    assert [side["capture"] for side in compared["calls"]] == [str(basic), str(busy)]
    call_id = compared["calls"][1]["call_id"]
    assert of_calls("--call", 1, "--call", call_id, basic, busy) == compared
    text = compare("--call", 1, "--call", 1, "--width", 120, basic, busy)
    assert "call 1 of " + str(basic) in " ".join(text.split()), text


def test_text():
    text = compare("--call", 1, "--call", 2, "--width", 100, "--utc", capture().name)
    assert max(len(line) for line in text.splitlines()) <= 100, text
    assert "* m=audio " in text and "First difference that explains the outcome of call 2" in text
    narrow = compare("--call", 1, "--call", 2, "--width", 40, "--utc", capture().name)
    assert max(len(line) for line in narrow.splitlines()) <= 40, narrow


def rows_of(*arguments):
    return [json.loads(line) for line in compare("-T", "json", *arguments).splitlines()]


def test_captures():
    """What has changed: all values before and after are those that `stats` and `explain` give."""
    failed, mixed = tap.SAMPLES / "failed.pcap", capture().name
    rows = {(row["area"], row["group"], row["name"]): row for row in rows_of(failed, mixed)}
    by = [json.loads(tap.rung("stats", "--by", "all", "-T", "json", path).stdout)
          for path in (failed, mixed)]
    for key in ("calls", "answered", "failed", "asr", "ner"):
        row = rows["outcomes", None, key]
        assert [row["before"], row["after"]] == [stats[key] for stats in by], row
    assert rows["delays", None, "pdd_p90"]["after"] == by[1]["pdd_p90_ms"]
    lost = rows["media", None, "loss"]
    assert lost["before"] is None and lost["after"] > 0, lost
    cause = rows["causes", None, "rejected 420 at 192.0.2.1:5060"]
    assert (cause["before"], cause["after"]) == (0, 1), cause
    assert rows["trunks", "192.0.2.1:5060", "calls"]["unit"] == "count"
    text = compare(failed, mixed)
    assert "before" in text.splitlines()[0] and "+40.0 points" in text, text


def test_shares():
    """A part is a share of its total: failed registrations of registrations, not of calls."""
    text = compare(tap.SAMPLES / "basic.pcap", tap.SAMPLES / "registrations.pcap")
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["registrations"] == ["0", "10", "+10"], text
    assert rows["failed_registrations"] == [
        "0", "(0.0", "%)", "2", "(20.0", "%)", "+20.0", "points"], text


def test_filter():
    rows = rows_of("-Y", "call.status == 404", tap.SAMPLES / "failed.pcap",
                   tap.SAMPLES / "busy.pcap")
    calls = [row for row in rows if row["name"] == "calls" and row["area"] == "outcomes"]
    assert [(row["before"], row["after"]) for row in calls] == [(1, 0)], rows


def test_usage():
    basic = tap.SAMPLES / "basic.pcap"
    for arguments, said in (((basic,), "needs two captures, or --call A --call B"),
                            ((basic, basic, basic), "needs two captures"),
                            (("--call", 1, basic), "needs --call twice"),
                            (("-i", "lo"), "has no option --interface"),
                            (("--follow", basic), "has no option --follow"),
                            (("--call", 1, "--call", 2), "takes one or two captures")):
        done = tap.rung("compare", *arguments, stdin=None)
        assert done.returncode == 2 and said in done.stderr.decode(), (arguments, done.stderr)


def test_call_that_is_not_there():
    done = tap.rung("compare", "--call", 1, "--call", 9, tap.SAMPLES / "basic.pcap")
    assert done.returncode == 1 and done.stdout == b"", done.stdout
    assert "nothing was compared" in done.stderr.decode()
    assert "there is no call '9'" in done.stderr.decode(), done.stderr


def test_interrupted():
    """While the first capture is read: the second one is not, and nothing is compared."""
    with tap.running([tap.program(), "compare", "-", str(tap.SAMPLES / "basic.pcap")],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE) as program:
        program.stdin.write((tap.SAMPLES / "failed.pcap").read_bytes())
        program.stdin.flush()
        live.wait_until_it_captures(program)
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 1 and program.stdout.read() == b""
        assert b"nothing was compared" in program.stderr.read()


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
