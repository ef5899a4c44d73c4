"""`save`: what it writes is what was captured, and no more than was asked for."""
import contextlib
import functools
import gzip
import json
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time

import tap

BASIC = tap.SAMPLES / "basic.pcap"
FAILED = tap.SAMPLES / "failed.pcap"
INTERFACES = tap.SAMPLES / "interfaces.pcapng"


def expect(done, status=0):
    assert done.returncode == status, "exit status %d, not %d\n%s" % (
        done.returncode, status, done.stderr.decode())
    return done


def save(folder, *arguments, name="out.pcapng", status=0, **options):
    """The path of the file that was written."""
    path = pathlib.Path(folder, name)
    expect(tap.rung("save", "-w", path, *arguments, **options), status)
    return path


def messages(*arguments, **options):
    """All messages, without what depends on the packets and calls before them."""
    done = tap.rung("messages", "-T", "json", *arguments, **options)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        del row["frame"]
    return rows


@functools.cache
def of_sample(sample):
    """Read once for all tests, which change nothing in it."""
    return messages(sample)


def alike(row):
    return {k: v for k, v in row.items() if k not in ("message", "call", "dialog", "transaction")}


def packets(path):
    """[(time, captured bytes, length)] of a pcap file as mkpcap and rung write them."""
    data = pathlib.Path(path).read_bytes()
    magic = struct.unpack_from("<I", data)[0]
    tick = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}[magic]
    found, at = [], 24
    while at < len(data):
        seconds, fraction, length, wire = struct.unpack_from("<IIII", data, at)
        found.append((seconds * 10**9 + fraction * tick, data[at + 16:at + 16 + length], wire))
        at += 16 + length
    return found


def is_in_order(part, whole):
    rest = iter(whole)
    return all(packet in rest for packet in part)


def saved_gives_the_same(sample):
    status = 1 if sample.stem == "truncated" else 0
    for ending in ("pcap", "pcapng"):
        if sample.suffix == ".pcapng" and ending == "pcap":
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = save(folder, sample, name="out." + ending, status=status)
            assert messages(path) == of_sample(sample)


def each_call_by_itself(sample):
    """A call that is saved alone gives its messages, and of others what shares its segments."""
    status = 1 if sample.stem == "truncated" else 0
    everything = of_sample(sample)
    for number in sorted({m["call"] for m in everything}):
        wanted = [alike(m) for m in everything if m["call"] == number]
        ids = {m["call_id"] for m in wanted}  # several where a query has its answers
        with tempfile.TemporaryDirectory() as folder:
            path = save(folder, "--call", number, sample, status=status)
            found = messages(path)
        assert [alike(m) for m in found if m["call_id"] in ids] == wanted, number
        others = [m for m in found if m["call_id"] not in ids]
        assert not others or others[0]["transport"] not in ("UDP", "SCTP"), others


def test_packets_are_as_they_were():
    for name in ("basic", "fragments", "tcp-split", "websocket", "sctp", "truncated"):
        sample = tap.SAMPLES / (name + ".pcap")
        with tempfile.TemporaryDirectory() as folder:
            path = save(folder, sample, name="out.pcap", status=int(name == "truncated"))
            saved = packets(path)
            whole = packets(sample) if name != "truncated" else None
        assert saved
        if whole:
            assert is_in_order(saved, whole), name
        lengths = [len(octets) for _, octets, _ in saved]
        assert all(length <= wire for length, (_, _, wire) in zip(lengths, saved))


def test_no_packet_but_those_of_messages():
    """RTP stays away, unless it is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        alone = packets(save(folder, BASIC, name="a.pcap"))
        media = packets(save(folder, "--with-media", BASIC, name="b.pcap"))
    assert len(alone) == len(messages(BASIC))
    assert media == packets(BASIC) and len(media) > len(alone)


def test_media_over_tcp():
    """All segments of the call's connection, and its beginning and end, but no pure ACK."""
    sample = tap.SAMPLES / "media-tcp.pcap"
    whole = packets(sample)
    with tempfile.TemporaryDirectory() as folder:
        for call, streams in ("1", [207, 292]), ("2", [100]):
            alone = save(folder, "--call", call, sample, name="a" + call + ".pcap")
            path = save(folder, "--call", call, "--with-media", sample, name=call + ".pcap")
            assert len(packets(alone)) < 7
            saved = packets(path)
            assert is_in_order(saved, whole) and len(saved) > sum(streams) / 2
            done = tap.rung("streams", "-T", "json", path)
            rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
            assert [row["packets"] for row in rows] == streams, rows
            assert all(row["transport"] == "TCP" and row["call"] == 1 for row in rows), rows
            assert saved[4 if call == "1" else 3][1][-20 + 13] & 0x3f == 2, "no SYN"


def test_media_of_the_call_alone():
    with tempfile.TemporaryDirectory() as folder:
        both = pathlib.Path(folder, "a.pcap")
        data = BASIC.read_bytes()
        # another call, a day later, that uses the same addresses and ports
        later, at = bytearray(data), 24
        while at < len(data):
            seconds, _, length, _ = struct.unpack_from("<IIII", data, at)
            struct.pack_into("<I", later, at, seconds + 86400)
            at += 16 + length
        call_id = data[data.index(b"Call-ID: ") + 9:][:12]
        both.write_bytes(data + bytes(later[24:]).replace(call_id, bytes(reversed(call_id))))
        path = save(folder, "--call", "1", "--with-media", both, name="out.pcap")
        assert packets(path) == packets(BASIC)


def records(data):
    """The packets of a pcap file as they are in it, with their headers."""
    at = 24
    while at < len(data):
        length = 16 + struct.unpack_from("<I", data, at + 8)[0]
        yield data[at:at + length]
        at += length


def later(record, seconds):
    return struct.pack("<I", struct.unpack_from("<I", record)[0] + seconds) + record[4:]


def media_saved(folder, drop):
    """How many packets of media an hour after the call's last message are saved, if of its messages
    those that `drop` says are not there."""
    data = BASIC.read_bytes()
    sip = [r for r in records(data) if b"SIP/2.0" in r and not drop(r)]
    media = [later(r, 3600) for r in records(data) if b"SIP/2.0" not in r]
    path = pathlib.Path(folder, "in.pcap")
    path.write_bytes(data[:24] + b"".join(sip + media))
    out = save(folder, "--with-media", "--force", path, name="out.pcap")
    saved = list(records(out.read_bytes()))
    assert len(saved) >= len(sip) and media
    return len(saved) - len(sip), len(media)


def test_media_of_a_call_that_is_up():
    """To the end of the capture, unless something has ended the call."""
    def has(*words):
        return lambda record: any(word in record for word in words)
    with tempfile.TemporaryDirectory() as folder:
        saved, _ = media_saved(folder, has(b"nothing like this"))
        assert saved == 0, "after its BYE"
        for drop in (has(b" BYE", b"BYE sip"), has(b" BYE", b"BYE sip", b"ACK sip"),
                     has(b" BYE", b"BYE sip", b"ACK sip", b"200 OK")):
            saved, whole = media_saved(folder, drop)
            assert saved == whole, (saved, whole)


def test_retransmitted_segments_and_ends():
    """Of a connection: its SYN, the segments that were sent again, its FIN."""
    sample = tap.SAMPLES / "tcp-split.pcap"
    with tempfile.TemporaryDirectory() as folder:
        saved = packets(save(folder, sample, name="out.pcap"))
    flags = [octets[14 + 20 + 13] for _, octets, _ in saved]
    assert sum(f & 2 for f in flags) // 2 == sum(
        octets[14 + 20 + 13] & 2 for _, octets, _ in packets(sample)) // 2
    with_data = [p for p in packets(sample) if struct.unpack_from(">H", p[1], 16)[0] > 40]
    missing = [p for p in with_data if p not in saved]
    assert not missing, "keep-alives, too, so that there is no hole: %s" % missing


def test_standard_output():
    with tempfile.TemporaryDirectory() as folder:
        wanted = save(folder, BASIC, name="out.pcap").read_bytes()
    assert expect(tap.rung("save", "-w", "-", BASIC)).stdout == wanted


def test_from_everywhere():
    with tempfile.TemporaryDirectory() as folder:
        wanted = save(folder, "--call", "2", FAILED).read_bytes()
        packed = pathlib.Path(folder, "in.gz")
        packed.write_bytes(gzip.compress(FAILED.read_bytes()))
        inputs = [(["-"], {"input": FAILED.read_bytes()}), ([packed], {}),
                  (["-"], {"input": packed.read_bytes()})]
        for number, (arguments, options) in enumerate(inputs):
            path = save(folder, "--call", "2", *arguments, name="%d.pcapng" % number, **options)
            found = path.read_bytes()
            assert packets_of_ng(found) == packets_of_ng(wanted), arguments


def packets_of_ng(data):
    found, at = [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 6:
            found.append(data[at + 8:at + length])
        at += length
    return found


def test_several_inputs():
    with tempfile.TemporaryDirectory() as folder:
        path = save(folder, FAILED, BASIC)
        assert messages(path) == messages(FAILED, BASIC)
        data = path.read_bytes()
    assert str(FAILED).encode() in data and str(BASIC).encode() in data, "interfaces have names"


def test_link_types():
    with tempfile.TemporaryDirectory() as folder:
        done = expect(tap.rung("save", "-w", folder + "/out.pcap", INTERFACES), 1)
        said = done.stderr.decode()
        assert len(said.splitlines()) == 1 and ".pcapng" in said, said
        assert not os.listdir(folder), "what is not complete goes"


def test_existing_file():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "out.pcap")
        path.write_bytes(b"precious" * 10000)
        done = expect(tap.rung("save", "-w", path, BASIC), 1)
        assert "%s exists; use --force to overwrite it" % path in done.stderr.decode()
        assert path.read_bytes() == b"precious" * 10000
        expect(tap.rung("save", "--force", "-w", path, BASIC))
        assert messages(path) == messages(BASIC)


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def test_old_file_outlives_a_failure():
    """--force means to have the new one: without it the old one stays."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "out.pcap")
        path.write_bytes(b"precious")
        done = subprocess.run([tap.program(), "save", "--force", "-w", str(path), str(BASIC)],
                              stderr=subprocess.PIPE, preexec_fn=limit_files, check=False)
        assert done.returncode == 1 and "was not written" in done.stderr.decode(), done
        assert path.read_bytes() == b"precious" and os.listdir(folder) == ["out.pcap"]


def test_not_over_the_input():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "in.pcap")
        shutil.copy(BASIC, path)
        os.link(path, folder + "/link.pcap")
        for name in (path, folder + "/link.pcap"):
            done = expect(tap.rung("save", "--force", "-w", name, path), 2)
            assert "is the input" in done.stderr.decode()
        assert path.read_bytes() == BASIC.read_bytes()


def test_full_disk():
    if not os.path.exists("/dev/full"):
        raise tap.Skip("no /dev/full here")
    done = expect(tap.rung("save", "-w", "/dev/full", BASIC), 1)
    assert "/dev/full" in done.stderr.decode() and os.path.exists("/dev/full")
    with open("/dev/full", "wb") as full:
        done = expect(tap.rung("save", "-w", "-", BASIC, stdout=full), 1)
    assert len(done.stderr.splitlines()) == 1


def test_limited_file_size():
    """What is larger than files may be is a failure like any other; nothing is left of it."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "out.pcap")
        done = expect(tap.rung("save", "-w", path, FAILED, preexec_fn=limit), 1)
        assert "cannot write %s: File too large" % path in done.stderr.decode()
        assert not os.listdir(folder)


def test_compressed_input_is_bounded():
    """A small file may hold much: --max-disk bounds what of it is kept, and that is reported."""
    data = BASIC.read_bytes()
    large = bytes(8) + struct.pack("<II", 60000, 60000) + bytes(60000)
    squeezed = gzip.compress(data + large * 200)
    assert len(squeezed) < 50000
    with tempfile.TemporaryDirectory() as folder:
        def run(limit, status, name):
            return expect(tap.rung("save", "--max-disk", limit, "-w", pathlib.Path(folder, name),
                                   "-", input=squeezed), status).stderr.decode()
        said = [line for line in run("1M", 1, "small.pcap").splitlines()
                if "not decoded" not in line]
        assert len(said) == 1 and "limit of 1048576 bytes reached (--max-disk)" in said[0], said
        assert messages(pathlib.Path(folder, "small.pcap")) == messages(BASIC)
        assert "--max-disk" not in run("100M", 0, "large.pcap")


def generator(folder):
    """Compiles the program that generates captures of many calls on the same connections."""
    source = tap.shared() / "bench" / "sipgen.c"
    if not shutil.which("cc") or not source.exists():
        raise tap.Skip("no generator, or no C compiler")
    program = pathlib.Path(folder, "sipgen")
    subprocess.run(["cc", "-w", "-o", program, source], check=True)
    return program


def calls_of_a_mix(folder, program, options):
    whole = pathlib.Path(folder, "mixed.pcap")
    subprocess.run([program, "--calls", "60", "--out", whole, *options], check=True,
                   capture_output=True)
    everything = messages(whole)
    assert messages(save(folder, "--force", whole, name="all.pcap")) == everything, options
    for number in (1, 7, 30, 60):
        wanted = [alike(m) for m in everything if m["call"] == number]
        ids = {m["call_id"] for m in wanted}  # several where a query has its answers
        path = save(folder, "--force", "--call", number, whole, name="one.pcap")
        found = [alike(m) for m in messages(path) if m["call_id"] in ids]
        # without what lay between them, messages may have to wait, and come later
        assert sorted(found, key=str) == sorted(wanted, key=str), (options, number)
        assert len(packets(path)) < len(packets(whole)) // 10, (options, number)


def test_calls_of_a_mix():
    with tempfile.TemporaryDirectory() as folder:
        program = generator(folder)
        for options in (["--transport", "tcp"], ["--transport", "tcp", "--tcp-mss", "100"],
                        ["--transport", "tcp", "--tcp-disorder", "20"], ["--frag", "100"]):
            calls_of_a_mix(folder, program, options)


def opened_in(process, folder):
    """Does it have a file open there, with or without a name?"""
    fds = "/proc/%d/fd/" % process.pid
    for fd in os.listdir(fds):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if os.readlink(fds + fd).startswith(str(folder) + "/"):
                return True
    return False


@contextlib.contextmanager
def saving(path, **options):
    """The program while it reads more of basic.pcap from a pipe, and has opened its output."""
    with tap.running([tap.program(), "save", "-w", str(path), "-"], stdin=subprocess.PIPE,
                     stderr=subprocess.PIPE, **options) as process:
        process.stdin.write(BASIC.read_bytes())
        process.stdin.flush()
        for _ in range(100):
            if opened_in(process, path.parent):
                break
            time.sleep(0.05)
        assert opened_in(process, path.parent), "opened before the input is read"
        time.sleep(0.2)
        yield process


def test_interrupted():
    """While input comes nothing is chosen yet: nothing is written, no file remains."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        with tempfile.TemporaryDirectory() as folder:
            with saving(pathlib.Path(folder, "out.pcap")) as process:
                process.send_signal(number)
                said = process.communicate(timeout=60)[1].decode()
            if number != signal.SIGKILL:
                assert process.returncode == 1 and "interrupted" in said, (number, said)
            assert not os.listdir(folder), "no file remains"


def test_nohup():
    """SIGHUP does not end a program that was started with it ignored."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "out.pcap")
        with saving(path,
                    preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
            process.send_signal(signal.SIGHUP)
            said = process.communicate(timeout=60)[1].decode()
        assert process.returncode == 0, said
        assert messages(path) == messages(BASIC)


def test_refused():
    for arguments in (["save", BASIC], ["save", "-w", "x.pcap"], ["save", "-w", "x.gz", BASIC],
                      ["save", "-w", "x.pcap", "-i", "lo,any"], ["calls", "--force", BASIC]):
        done = expect(tap.rung(*arguments), 2)
        assert len(done.stderr.splitlines()) == 1 and not os.path.exists("x.pcap")
    expect(tap.rung("save", "-w", "/dev/null/x.pcap", BASIC), 1)


def test_filter_chooses():
    wanted = [m for m in messages(FAILED) if m["call"] in (2, 3)]
    with tempfile.TemporaryDirectory() as folder:
        path = save(folder, "-Y", "call.number == 2 or call.number == 3", FAILED)
        assert [alike(m) for m in messages(path)] == [alike(m) for m in wanted]
        path = save(folder, "-Y", "call.number > 99", FAILED, name="none.pcap")
        assert packets(path) == []


def test_a_call_that_is_not_there():
    with tempfile.TemporaryDirectory() as folder:
        path = save(folder, "--call", "99", BASIC, status=1)
        assert messages(path) == []


def test_text_file_of_messages():
    """As sngrep writes it: time, source and destination; all bytes; an empty line."""
    for sample in tap.samples():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "out.txt")
            done = tap.rung("show", "--utc", "-w", path, sample)
            assert done.returncode == int(sample.stem == "truncated") and not done.stdout
            text = path.read_bytes()
        assert tap.rung("messages", "-T", "text", "--utc", sample).stdout == text
        for row in of_sample(sample):
            time = row["time"][:26].replace("-", "/").replace("T", " ")
            head = "%s %s -> %s\n" % (time, row["src"], row["dst"])
            assert text.startswith(head.encode()), (sample, head, text[:100])
            assert text[len(head) + row["bytes"]:][:2] == b"\n\n", (sample, row["message"])
            text = text[len(head) + row["bytes"] + 2:]
        assert not text


def test_text_file_keeps_bytes():
    message = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: \x00\x1b\xff\r\nCSeq: 1 OPTIONS\r\n\r\n\x01\x02"
    udp = struct.pack(">HHHH", 5060, 5060, 8 + len(message), 0) + message
    octets = b"\2" * 12 + b"\x08\0\x45\0" + struct.pack(">H", 20 + len(udp)) + \
        b"\0\0\0\0\x40\x11\0\0\xc0\0\2\1\xc0\0\2\2" + udp
    record = struct.pack("<IIII", 1, 0, len(octets), len(octets)) + octets
    capture = BASIC.read_bytes()[:24] + record
    wanted = b"1970/01/01 00:00:01.000000 192.0.2.1:5060 -> 192.0.2.2:5060\n" + message + b"\n\n"
    for options in ([], ["--ascii"], ["--color", "always"]):
        done = tap.rung("show", "--utc", "-w", "-", *options, "-", input=capture)
        assert expect(done).stdout == wanted, (options, done.stdout)
    done = tap.rung("show", "-w", "-", "-", input=message.replace(b"\x00", b"0"))
    assert expect(done).stdout.startswith(b"- - -> -\nOPTIONS "), done.stdout


def test_tshark_reads_it():
    """All files, one after another; mergecap names one that it cannot read."""
    if not shutil.which("tshark") or not shutil.which("mergecap"):
        raise tap.Skip("tshark and mergecap are not installed")
    with tempfile.TemporaryDirectory() as folder:
        paths = [save(folder, "--with-media", sample, name=sample.name,
                      status=int(sample.stem == "truncated")) for sample in tap.samples()]
        merged = pathlib.Path(folder, "all.pcapng")
        for command in (["mergecap", "-a", "-w", merged, *paths], ["tshark", "-r", merged]):
            done = subprocess.run([*map(str, command)], capture_output=True, check=False)
            said = [x for x in done.stderr.decode().splitlines() if "root" not in x]
            assert done.returncode == 0 and not said, (command[0], said)
        frames = len(done.stdout.splitlines())
        assert frames > len(paths), frames


def tests():
    found = [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
             if name.startswith("test_")]
    for sample in tap.samples():
        found.append(("all of " + sample.stem, functools.partial(saved_gives_the_same, sample)))
        found.append(("each call of " + sample.stem,
                      functools.partial(each_call_by_itself, sample)))
    return found
