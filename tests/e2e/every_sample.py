"""What holds for each sample, whole, cut and damaged."""
import csv
import functools
import io
import json
import zlib

import tap


@functools.lru_cache(maxsize=None)
def as_json(command, sample):
    """The lines that it prints, with the exit status that it should have."""
    done = tap.rung(command, "-T", "json", sample)
    assert done.returncode == (1 if sample.stem == "truncated" else 0), done.stderr.decode()
    return done.stdout.decode("utf-8").splitlines()


def test_cut_at_every_length():
    """However much of a file is there: an answer, status 0 or 1, never a crash."""
    data = (tap.SAMPLES / "busy.pcap").read_bytes()
    for length in range(0, len(data), 7):
        done = tap.rung("stats", "-T", "json", "-", input=data[:length])
        assert done.returncode in (0, 1), "%d: %d\n%s" % (length, done.returncode,
                                                         done.stderr.decode())


def test_random_damage():
    """Bytes changed at random anywhere in a capture: an exit status, never a crash."""
    state = 1
    for sample in tap.samples():
        data = bytearray(sample.read_bytes())
        for _ in range(8):
            state = zlib.crc32(b"%d" % state)
            data[state % len(data)] ^= 1 << state % 8
        done = tap.rung("messages", "-T", "json", "-", input=bytes(data))
        assert done.returncode in (0, 1), (sample, done.returncode, done.stderr.decode()[-2000:])


def test_counts_agree():
    """stats says the same as the rows do."""
    for sample in tap.samples():
        stats, = map(json.loads, as_json("stats", sample))
        messages = [json.loads(line) for line in as_json("messages", sample)]
        calls = [json.loads(line) for line in as_json("calls", sample)]
        assert stats["sip_messages"] == len(messages) == stats["requests"] + stats["responses"]
        assert len(calls) == len({m["call"] for m in messages}), sample
        ids = tap.rung("messages", "-T", "json", "--columns", 'header["Call-ID"]', sample).stdout
        assert stats["call_ids"] == len({x for x in ids.splitlines() if b":null" not in x}), sample
        assert stats["retransmissions"] == sum(m["retransmission"] for m in messages), sample
        assert sum(stats["transactions"].values()) == len(
            {m["transaction"] for m in messages} - {None}), sample
        assert stats["dialogs"] == len({m["dialog"] for m in messages} - {None}), sample
        assert sum(c["messages"] for c in calls) == len(messages), sample
        assert [m["message"] for m in messages] == list(range(1, len(messages) + 1)), sample


def test_ascii():
    for sample in tap.samples():
        for command in ("calls", "messages", "flow"):
            text = tap.rung(command, "--ascii", "--color", "always", sample).stdout
            assert text.isascii(), (command, sample)


def json_is_valid(sample):
    for command in ("calls", "messages", "flow", "stats", "show"):
        for line in as_json(command, sample):
            assert isinstance(json.loads(line), dict), line


def csv_is_valid(sample):
    for command in ("calls", "messages"):
        text = tap.rung(command, "-T", "csv", sample).stdout.decode("utf-8")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert len({len(line) for line in lines}) == 1, "rows of one length"
        assert len(lines) == 1 + len(as_json(command, sample)), "a heading and a row an object"


def tests():
    found = [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
             if name.startswith("test_")]
    for sample in tap.samples():
        found.append(("JSON of " + sample.stem, functools.partial(json_is_valid, sample)))
        found.append(("CSV of " + sample.stem, functools.partial(csv_is_valid, sample)))
    return found
