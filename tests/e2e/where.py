"""-Y: what a display filter chooses in each command, and how a wrong one is reported."""
import json
import pathlib
import shlex
import subprocess
import tempfile

import tap

FAILED = tap.SAMPLES / "failed.pcap"
BASIC = tap.SAMPLES / "basic.pcap"


def rows(*arguments, **options):
    done = tap.rung(*arguments, "-T", "json", **options)
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def calls(expression, *arguments, **options):
    return [row["call"] for row in rows("calls", "-Y", expression, *arguments, **options)]


def messages(expression, *arguments, **options):
    return [row["message"] for row in rows("messages", "-Y", expression, *arguments, **options)]


def same(actual, wanted):
    assert actual == wanted, "%s, not %s" % (actual, wanted)


def test_calls():
    same(calls("call.status == 404", FAILED), [2])
    same(calls("call.outcome == failed && from.user contains LIC", FAILED), [1, 2, 3, 4])
    same(calls("486", FAILED), [])
    same(calls("message.status == 503 && message.src == 192.0.2.1:5060", FAILED), [3])


def test_messages():
    same(messages("message.status >= 400", FAILED), [2, 7, 9, 12, 16])
    same(messages("\"404 not found\"", FAILED), [7, 9])


def test_messages_by_their_calls():
    same(messages("message.method == ACK && call.status == 404", FAILED), [8, 10])
    same(messages("any(message.status == 180)", FAILED), [14, 15, 16, 17])


def test_rows_are_those_without_filter():
    """What waits for the end of the input is written as what does not."""
    for command in ("messages", "show"):
        for form in ([], ["-T", "json"]):
            whole = tap.rung(command, *form, FAILED).stdout
            same(tap.rung(command, *form, "-Y", "call.number > 0", FAILED).stdout, whole)
            same(tap.rung(command, *form, "-Y", "message.number > 0", FAILED).stdout, whole)
    for command in ("calls", "flow"):
        whole = tap.rung(command, FAILED).stdout
        same(tap.rung(command, "-Y", "sip:", FAILED).stdout, whole)


def test_samples_are_whole():
    """The same for every sample, also for bytes reassembled from packets."""
    for sample in tap.samples():
        whole = tap.rung("show", sample).stdout
        same(tap.rung("show", "--where", "call.number > 0", sample).stdout, whole)


def test_flow_and_show():
    text = tap.rung("flow", "-Y", "603", FAILED).stdout.decode()
    assert "Call 4 " in text and "Call 1 " not in text and "INVITE" in text, text
    text = tap.rung("show", "-Y", "message.status == 603", FAILED).stdout.decode()
    assert text.count("message ") == 1 and "SIP/2.0 603 Decline" in text, text


def test_with_chosen_calls():
    same(calls("call.status >= 404", FAILED, "--call", "2", "--call", "1"), [2])
    same(messages("message.method == ACK", FAILED, "--call", "2"), [8, 10])
    same(messages("any(404) and message.method == ACK", FAILED, "--call", "1"), [])


def test_save():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "chosen.pcap")
        done = tap.rung("save", "-Y", "call.status == 404", "-w", path, FAILED)
        assert done.returncode == 0, done.stderr.decode()
        same([row["call_id"] for row in rows("calls", path)],
             [row["call_id"] for row in rows("calls", "--call", "2", FAILED)])
        same(len(rows("messages", path)), 7)


def test_standard_input():
    """Nothing can be read back there but what was spooled."""
    octets = FAILED.read_bytes()
    same(calls("404", "-", input=octets), [2])
    same(messages("404", "-", input=octets), [7, 9])
    same(messages("404 && call.status == 404", "-", input=octets), [7, 9])


def test_nothing_chosen():
    done = tap.rung("calls", "-T", "json", "-Y", "call.number == 77", BASIC)
    same((done.returncode, done.stdout, done.stderr), (0, b"", b""))


def test_faults_show_the_place():
    done = tap.rung("calls", "-Y", "486 && call.duraton > 3s", BASIC)
    same(done.returncode, 2)
    same(done.stderr.decode().splitlines(), [
        'rung: -Y: unknown field "call.duraton"; did you mean call.duration?',
        "  486 && call.duraton > 3s",
        "         ^"])
    done = tap.rung("calls", "-Y", "host 1.2.3.4 and port 5060", BASIC)
    assert done.returncode == 2 and "-f" in done.stderr.decode(), done.stderr.decode()


def test_faults_cannot_harm_a_terminal():
    done = tap.rung("calls", "-Y", "x\033[2J\n\"", BASIC)
    same(done.returncode, 2)
    assert b"\033" not in done.stderr and len(done.stderr.splitlines()) == 3, done.stderr


def test_help():
    text = tap.rung("help", "filter").stdout.decode()
    examples = [x.strip() for x in text.splitlines() if x.strip().startswith("rung ")]
    assert len(examples) >= 5, text
    readme = (tap.ROOT / "README.md").read_text(encoding="utf-8")
    for example in examples:
        done = subprocess.run(["sh", "-c", example.replace("rung", shlex.quote(tap.program()), 1)
                               .replace("FILE", shlex.quote(str(FAILED)))],
                              capture_output=True, check=False)
        assert done.returncode == 0 and not done.stderr, (example, done.stderr)
        assert example in readme, "not in README.md: " + example


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
