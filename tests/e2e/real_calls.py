"""Real calls between two baresips, through a relay that loses, delays, copies and reorders media:
what rung counts, live and from what it saved, is exactly what the relay did.

All calls are made at the same time, each at an address of its own, in a network of their own.
"""
import collections
import contextlib
import functools
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import live
import relay
import tap

SECONDS = 5
# Of each call: seed; shares of packets lost, copied, and overtaken; highest delay in milliseconds.
CALLS = {"clean": (1, 0, 0, 0, 0), "jitter": (2, 0, 0, 0, 30), "loss": (3, 0.12, 0, 0, 0),
         "order": (4, 0, 0.05, 0.05, 5), "all": (5, 0.1, 0.05, 0.1, 20)}
CONFIG = """sip_listen {ip}:{port}
net_interface {ip}
rtp_ports {rtp}-{rtp_end}
audio_source ausine,{tone}
ausrc_srate 48000
ausrc_channels 2
module_path {modules}
module g711.so
module ausine.so
module_app account.so
module_app menu.so
"""
ACCOUNT = "<sip:{name}@{ip}>;regint=0;audio_codecs=pcmu;answermode=auto;" \
          "outbound=\"sip:{ip}:%d\"\n" % relay.PROXY


def modules():
    """The folder of baresip's modules."""
    for lib in "/usr/lib", "/usr/lib64", "/usr/local/lib":
        folder = pathlib.Path(lib, "baresip", "modules")
        if shutil.which("baresip") and (folder / "ausine.so").exists():
            return folder
    raise tap.Skip("baresip is not installed")


def address(name):
    return "10.0.0.%d" % CALLS[name][0]


def baresip(folder, name, user):
    """Command of one end of the call."""
    home = folder / (name + "-" + user)
    home.mkdir()
    port, rtp = (relay.CALLER, 10000) if user == "alice" else (relay.CALLEE, 20000)
    names = {"ip": address(name), "name": user, "port": port, "rtp": rtp, "rtp_end": rtp + 10,
             "tone": 440 if user == "alice" else 880, "modules": modules()}
    (home / "config").write_text(CONFIG.format(**names), "ascii")
    (home / "accounts").write_text(ACCOUNT.format(**names), "ascii")
    (home / "contacts").touch()
    return ["baresip", "-4", "-f", home]


def starts(ip, port):
    """Waits until a program receives UDP there."""
    wanted = "%s:%04X" % ("".join("%02X" % int(x) for x in reversed(ip.split("."))), port)
    for _ in range(200):
        if wanted in pathlib.Path("/proc/net/udp").read_text("ascii"):
            return True
        time.sleep(0.05)
    return False


def start_captures(run, folder):
    """`save` and `streams`, at the same time."""
    programs = [run(words, stderr=subprocess.PIPE) for words in (
        [tap.program(), "save", "-i", "lo", "--with-media", "-w", folder / "calls.pcap"],
        [tap.program(), "streams", "-i", "lo", "-T", "json", "-w", folder / "live.json"])]
    for program in programs:
        live.wait_until_it_captures(program)
    return programs


def start_callees(run, folder):
    """And their relays, which end after them."""
    relays = [run([sys.executable, relay.__file__, address(name), *map(str, CALLS[name]),
                   folder / (name + ".json")]) for name in CALLS]
    callees = [run(baresip(folder, name, "bob")) for name in CALLS]
    assert all(starts(address(name), relay.PROXY) for name in CALLS), "a relay does not start"
    if not all(starts(address(name), relay.CALLEE) for name in CALLS):
        raise tap.Skip("baresip does not start here")
    return callees + relays


def make_calls(folder):
    """Makes all calls; what was written is in the folder."""
    with contextlib.ExitStack() as stack:
        def run(words, stderr=subprocess.DEVNULL):
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=stderr)
            stack.callback(process.kill)
            return process
        programs = start_captures(run, folder)
        others = start_callees(run, folder)
        for caller in [run(baresip(folder, name, "alice") +
                           ["-t", str(SECONDS), "-e", "/dial sip:bob@" + address(name)])
                       for name in CALLS]:
            caller.wait(SECONDS + 10)
        time.sleep(0.3)
        for process in others:
            process.terminate()
            process.wait(10)
        for program in programs:
            program.send_signal(signal.SIGINT)
            said = program.communicate(timeout=20)[1].decode()
            assert program.returncode == 0 and " 0 dropped" in said, said


Results = collections.namedtuple("Results", "truth live streams explain calls")


@functools.lru_cache(maxsize=None)
def results():
    """{call: what the relay did}, rows of `streams` live, and rows of commands about what was
    saved."""
    live.may_capture()
    modules()
    addresses = ["address add %s/32 dev lo" % address(name) for name in CALLS]
    with tempfile.TemporaryDirectory() as name, live.own_network("link set lo up", *addresses):
        folder = pathlib.Path(name)
        make_calls(folder)
        truth = {name: json.loads((folder / (name + ".json")).read_text("ascii"))
                 for name in CALLS}
        outputs = [(folder / "live.json").read_bytes()] + [
            tap.rung(command, "-T", "json", folder / "calls.pcap").stdout
            for command in Results._fields[2:]]
    return Results(truth, *([json.loads(row) for row in output.splitlines()]
                            for output in outputs))


def legs(name, rows):
    """[(what the relay did, row before the relay, row after it)] of both directions."""
    at = {int(row["dst"].split(":")[1]): row for row in rows
          if row["dst"].startswith(address(name) + ":")}
    to_callee = next(row for port, row in at.items() if 20000 <= port < 30000)
    to_caller = next(row for port, row in at.items() if port < 20000)
    assert len(at) == 4, (name, sorted(at))
    done = results().truth[name]
    return [(done["to callee"], at[relay.TO_CALLEE], to_callee),
            (done["to caller"], at[relay.TO_CALLER], to_caller)]


COUNTS = "packets", "expected", "lost", "duplicates", "out_of_order"


def test_counts():
    """of each direction are what the relay did, and before the relay nothing is lost"""
    for name in CALLS:
        for done, before, after in legs(name, results().streams):
            numbers = [number for _, _, number, _ in done["sent"]]
            expected = max(numbers)  # what is lost after that nobody can know
            lost = sum(number < expected for number in done["dropped"])
            wanted = [len(numbers), expected, lost, len(done["copied"]), len(done["late"])]
            assert [after[key] for key in COUNTS] == wanted, (name, wanted, after)
            assert [before[key] for key in COUNTS] == [done["came"]] * 2 + [0] * 3, (name, before)
            assert done["came"] > 100 and before["call"] == after["call"] is not None
            for fault, share in zip(("dropped", "copied", "late"), CALLS[name][1:]):
                assert bool(done[fault]) == bool(share), (name, fault)


def jitter(sent, rate=8000):
    """Mean and highest by RFC 3550 6.4.1 as packets left the relay, each with how far what was
    captured may be from it: a packet is captured between the times before and after its sending, so
    each difference is off by what both of its packets took, at most."""
    seen, last, now, error, steps = set(), None, 0, 0, []
    for start, end, number, timestamp in sent:
        if number in seen:
            continue
        seen.add(number)
        if last:
            moved = (timestamp - last[2] + 2**31) % 2**32 - 2**31
            now += (abs((start - last[0]) / 10**6 - moved * 1000 / rate) - now) / 16
            error += ((end - start + last[1] - last[0]) / 10**6 - error) / 16
            steps.append((now, error))
        last = start, end, timestamp
    values, errors = zip(*steps)
    return (sum(values) / len(values), sum(errors) / len(errors)), (max(values), max(errors))


def test_jitter():
    """behind the relay is that of its own clock, but for what sending took"""
    rounded = 0.001  # microseconds in the file
    for name in CALLS:
        for done, _, after in legs(name, results().streams):
            mean, highest = jitter(done["sent"])
            for key, (value, error) in ("jitter_ms", mean), ("max_jitter_ms", highest):
                assert abs(after[key] - value) <= error + rounded, (name, key, after, value, error)
    for _, _, after in legs("jitter", results().streams):
        assert after["jitter_ms"] > 5, after


def test_quality_falls_with_loss():
    """and with nothing else here"""
    mos = {name: [(before["mos"], after["mos"]) for _, before, after in
                  legs(name, results().streams)] for name in CALLS}
    for name in CALLS:
        for before, after in mos[name]:
            assert before > 4.3, (name, mos)
            assert after < 4 if CALLS[name][1] else after == before, (name, mos)


def test_explain():
    """gives rtp-loss for the calls that lost packets, with their streams, and nothing of others'"""
    answered = {call["call"] for call in results().calls if call["outcome"] == "answered"}
    assert len(answered) == len(CALLS), results().calls
    for name in CALLS:
        rows = legs(name, results().streams)
        call = next(row for row in results().explain if row["call"] == rows[0][1]["call"])
        found = sorted((finding["id"], *finding["streams"]) for finding in call["findings"]
                       if finding["streams"])
        wanted = sorted(("rtp-loss", after["stream"]) for _, _, after in rows if after["lost"])
        assert found == wanted, (name, found, wanted)


def test_live():
    """`streams` on the interface gives the rows that it gives for the file that was saved"""
    def key(row):
        return row["src"], row["dst"]
    for live_row, row in zip(sorted(results().live, key=key), sorted(results().streams, key=key)):
        assert [live_row[k] for k in COUNTS] == [row[k] for k in COUNTS], (live_row, row)
        assert live_row["call"] and live_row["codec"] == row["codec"] == "PCMU", live_row
        assert abs(live_row["jitter_ms"] - row["jitter_ms"]) < 0.01, (live_row, row)
    assert len(results().live) == len(results().streams)


def tests():
    return [("real calls: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
