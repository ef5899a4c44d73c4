"""--alert and --exec: what starts a command, what it is told, and how often."""
import contextlib
import json
import pathlib
import signal
import subprocess
import tempfile
import time

import cases
import tap

NOTE = """import json, os, sys
row = {k[11:].lower(): v for k, v in os.environ.items() if k.startswith("RUNG_ALERT_")}
row["words"] = sys.argv[2:]
with open(sys.argv[1], "a") as out:
    out.write(json.dumps(row) + "\\n")
"""


class Watched:
    """The program with a capture that it follows, and what its commands were told."""

    def __init__(self, folder, alerts, name="rfc6076"):
        self.told = pathlib.Path(folder, "told")
        self.told.touch()
        self.told.chmod(0o666)
        note = pathlib.Path(folder, "note.py")
        note.write_text(NOTE)
        words = []
        for expression, *more in alerts:
            command = more[0] if more else "python3 %s %s 'two words' '$(id)'" % (note, self.told)
            words += ["--alert", expression, "--exec", command]
        self.command = [tap.program(), "stats", "-q", "--follow", cases.capture(name).name, *words]

    def rows(self):
        return [json.loads(line) for line in self.told.read_text().splitlines()]

    def run(self, count, seconds=15):
        """Until there are so many rows, and a second more; what it said."""
        with tap.running(self.command, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE) as process:
            end = time.monotonic() + seconds
            while len(self.rows()) < count and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=20)[1].decode()
            self.status = process.returncode
        return said


@contextlib.contextmanager
def watching(*alerts):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o777)
        yield Watched(folder, alerts)


def test_calls():
    with watching(["call.outcome == failed"], ["call.outcome == redirected"]) as watched:
        assert watched.run(8) == ""
        rows = watched.rows()
        assert len(rows) == 8 and watched.status == 0, rows
        failed = [row for row in rows if row["expr"] == "call.outcome == failed"]
        assert sorted(row["status"] for row in failed) == sorted(
            ["407", "480", "603", "404", "408", "503", "502"])
        assert all(row["state"] == "call" and row["from"] == "sip:alice@example.com"
                   and row["words"] == ["two words", "$(id)"] for row in rows)


def test_metrics():
    """Once, while it holds; never where it does not, or nothing is defined."""
    with watching(["metric.asr < 90% for 1s"], ["metric.asr < 40"], ["metric.srd_p90 > 1s"],
                  ["metric.rrd_p50 > 61ms"], ["metric.failed >= 7"]) as watched:
        watched.run(3)
        rows = {row["expr"]: row for row in watched.rows()}
        assert len(watched.rows()) == 3, rows
        assert set(rows) == {"metric.asr < 90% for 1s", "metric.srd_p90 > 1s",
                             "metric.failed >= 7"}
        assert all(row["state"] == "firing" for row in rows.values())
        assert rows["metric.failed >= 7"]["value"] == "7.000"


def test_not_too_often():
    """18 calls match, and 10 are started within a minute of the clock that both use."""
    left = 60 - time.monotonic() % 60
    if left < 20:
        time.sleep(left)
    with watching(["call.kind == invite"]) as watched:
        watched.run(18, 6)
        count = len(watched.rows())
        assert count == 10, count


def test_pipe_is_not_held():
    """Who reads the output sees its end with the program, whatever commands go on."""
    with watching(*[["call.kind == invite", "sleep 30"]] * 4) as watched:
        began = time.monotonic()
        watched.run(1, 3)  # reads stderr to its end
        assert time.monotonic() - began < 20


def test_commands_that_fail():
    """Said once each."""
    with watching(["call.outcome == failed", "/no/such/command"],
                  ["call.outcome == busy", "false"]) as watched:
        said = watched.run(1, 4)
        assert watched.status == 1
        assert said.count("cannot start /no/such/command") == 1, said
        assert said.count("false failed with status 1") == 1, said


def test_refused():
    path = cases.capture("rfc6076").name
    for words, said in ((["--alert", "metric.asr < 40"], b"needs its --exec"),
                        (["--exec", "true"], b"needs its --exec"),
                        (["--alert", "metric.asr << 4", "--exec", "true"], b"is not like"),
                        (["--alert", "metric.nothing < 4", "--exec", "true"], b"is not like"),
                        (["--alert", "metric.srd_p90 > 4", "--exec", "true"], b"is not like"),
                        (["--alert", "metric.asr < 40 for ever", "--exec", "true"],
                         b"is not like"),
                        (["--alert", "call.nothing", "--exec", "true"], b"call.nothing"),
                        (["--alert", "metric.asr < 40", "--exec", "a 'b"], b"into words")):
        done = tap.rung("stats", "--follow", path, *words)
        assert done.returncode == 2 and said in done.stderr, (words, done)
    done = tap.rung("stats", path, "--alert", "metric.asr < 40", "--exec", "true")
    assert done.returncode == 2 and b"needs a live capture" in done.stderr


def tests():
    return [("alerts: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
