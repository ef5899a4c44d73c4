"""Files that are no pcap: texts with messages, as people paste them, and what is not read."""
import gzip
import io
import json
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import zipfile

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


SAMPLES = tap.ROOT / "samples"


def sample(name):
    return (SAMPLES / name).read_bytes()


def archive(members, **options):
    """The bytes of a zip with these (name, bytes)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as file:
        for name, content in members:
            file.writestr(name, content)
    return data.getvalue()


def count(result):
    return len(result.stdout.splitlines())


def zips_are_read():
    """Each capture as a file of its own; what is none is named, and what is wrong with others."""
    wanted = count(rung("messages", "-T", "json", *(SAMPLES / n for n in ("basic.pcap", "busy.pcap",
                                                                         "cancel.pcap"))))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.zip"
        path.write_bytes(archive([
            ("a/basic.pcap", sample("basic.pcap")), ("a/", b""), ("README", b"no capture at all"),
            ("../../busy.pcap", sample("busy.pcap")),
            ("cancel.pcap.gz", gzip.compress(sample("cancel.pcap")))]))
        result = rung("messages", "-T", "json", path)
        assert count(result) == wanted and result.returncode == 0, result
        assert result.stderr == f"rung: not captures, and not read: {path}:README\n", result.stderr
        shown = rung("show", "-Y", 'message.body contains "v=0"', path)  # read again
        assert "\nv=0" in shown.stdout, shown
        saved = pathlib.Path(folder) / "s.pcapng"
        assert rung("save", "-w", saved, path).returncode == 0
        assert count(rung("messages", "-T", "json", saved)) == wanted
        assert not (pathlib.Path(folder).parent.parent / "busy.pcap").exists()
        path.write_bytes(archive([("a", sample("basic.pcap"))], compression=zipfile.ZIP_STORED))
        assert count(rung("messages", "-T", "json", path)) > 0
        for members in ([], [("a.txt", b"hello")]):
            path.write_bytes(archive(members))
            result = rung("calls", path)
            assert result.returncode == 1 and "there is no capture" in result.stderr, result


def faulty_zips():
    """What cannot be read is named, the rest is read."""
    good = ("good.pcap", sample("basic.pcap"))
    whole = archive([good, ("bad.pcap", sample("busy.pcap"))])
    wanted = count(rung("messages", "-T", "json", SAMPLES / "basic.pcap"))
    second = whole.rindex(b"PK\x01\x02")  # its entry in the directory

    def patched(*changes):
        data = bytearray(whole)
        for offset, form, value in changes:
            struct.pack_into(form, data, offset, value)
        return bytes(data)

    cases = [
        (patched((second + 8, "<H", 1)), "bad.pcap: encrypted; unpack it first"),
        (patched((second + 10, "<H", 12)), "bad.pcap: compressed in another way than deflate"),
        (patched((second + 16, "<I", 1)), "bad.pcap: damaged: its checksum is wrong"),
        (patched((second + 24, "<I", 100)),
         "bad.pcap: damaged: it is larger than the archive says"),
        (patched((second + 20, "<I", 1 << 30)), "bad.pcap: its end is missing"),
        (patched((second + 42, "<I", 7)), "bad.pcap: it is not where the directory says"),
        (archive([good, ("y.zip", whole)]), "y.zip: a zip file; unpack it first"),
        (archive([good, ("s.cap", b"TRSNIFF data    \x1a")]), "s.cap: a Sniffer file"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.zip"
        for data, fault in cases:
            path.write_bytes(data)
            result = rung("messages", "-T", "json", path)
            assert count(result) >= wanted and result.returncode == 1, (fault, result)
            assert f"{path}:{fault}" in result.stderr, (fault, result.stderr)
        # Two members that share their bytes.
        path.write_bytes(patched((second + 42, "<I", 0)))
        result = rung("messages", "-T", "json", path)
        assert "also those of another member" in result.stderr, result
        path.write_bytes(whole[:second])
        result = rung("calls", path)
        assert result.returncode == 1 and "it has no directory at its end" in result.stderr, result


def a_zip_bomb_is_bounded():
    """By --max-disk, as any other compression; a text without SIP is given up early."""
    packet = struct.pack("<IIII", 1, 0, 1400, 1400) + bytes(1400)
    header = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.zip"
        path.write_bytes(archive([("bomb.pcap", header + packet * 20000), ("zeros", bytes(1 << 26)),
                                  ("text", b"a\n" * (1 << 25))]))
        assert path.stat().st_size < 500_000
        result = rung("save", "--max-disk", "4M", "-w", f"{folder}/s.pcap", path)
        assert "x.zip:bomb.pcap: what follows can be listed, but not shown or saved" \
            in result.stderr, result.stderr
        assert f"not captures, and not read: {path}:zeros, {path}:text" in result.stderr, result


def damaged_zips_do_no_harm():
    whole = archive([("a.pcap", sample("basic.pcap")), ("b.pcap", sample("busy.pcap"))])
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.zip"
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(chance.randrange(1, 5)):  # mostly in the directory
                data[chance.randrange(len(data) - 200, len(data))] = chance.randrange(256)
            path.write_bytes(data[:len(data) - chance.choice([0, 0, 0, 1, 30])])
            result = rung("messages", "-T", "json", path)
            assert result.returncode in (0, 1), result


def folders_are_read():
    with tempfile.TemporaryDirectory() as folder:
        inner = pathlib.Path(folder) / "b" / "c"
        inner.mkdir(parents=True)
        (pathlib.Path(folder) / "1.pcap").write_bytes(sample("basic.pcap"))
        (inner / "2.pcap").write_bytes(sample("busy.pcap"))
        (inner / "3.zip").write_bytes(archive([("x.pcap", sample("cancel.pcap"))]))
        (inner / "notes.txt").write_text("nothing\n")
        (inner / "loop").symlink_to(folder)
        os.mkfifo(inner / "pipe")
        wanted = count(rung("messages", "-T", "json", *(SAMPLES / n for n in (
            "basic.pcap", "busy.pcap", "cancel.pcap"))))
        result = rung("messages", "-T", "json", "--recursive", folder)
        assert count(result) == wanted and result.returncode == 0, result
        assert result.stderr == f"rung: not captures, and not read: {inner}/notes.txt\n", result
        result = rung("messages", folder)
        assert result.returncode == 1 and "--recursive" in result.stderr, result.stderr
        with tempfile.TemporaryDirectory() as empty:
            result = rung("messages", "--recursive", empty)
            assert result.returncode == 1 and "there is no capture" in result.stderr, result


def many_files_are_read():
    """More than a process may usually open."""
    with tempfile.TemporaryDirectory() as folder:
        for i in range(700):
            (pathlib.Path(folder) / f"{i:04}.pcap").write_bytes(sample("options.pcap"))
        one = count(rung("messages", "-T", "json", SAMPLES / "options.pcap"))
        result = rung("stats", "-T", "json", "--recursive", folder)
        assert rows(result)[0]["sip_messages"] == 700 * one, result.stderr


def with_longer_headers(data, magic, extra):
    """A pcap with record headers that are longer."""
    made, at = bytearray(struct.pack("<I", magic) + data[4:24]), 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        made += data[at:at + 16] + bytes(range(1, extra + 1)) + data[at + 16:at + 16 + length]
        at += 16 + length
    return bytes(made)


def patched_formats():
    """Of Nokia, Red Hat 6.1, Kuznetsov and SuSE 6.3: they are told apart by the records."""
    data = sample("basic.pcap")
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        wanted = rung("messages", "-T", "json", SAMPLES / "basic.pcap").stdout
        for magic, extra in ((0xa1b2c3d4, 4), (0xa1b2c3d4, 8), (0xa1b2cd34, 8), (0xa1b2cd34, 12)):
            file.seek(0)
            file.truncate()
            file.write(with_longer_headers(data, magic, extra))
            file.flush()
            result = rung("messages", "-T", "json", file.name)
            assert result.stdout == wanted, (hex(magic), extra, result)


def not_read():
    with tempfile.TemporaryDirectory() as folder:
        for name, data, why in (("a.enc", b"TRSNIFF data    \x1a", "a Sniffer file; convert it"),
                                ("a.txt", b"no call here\n", "has no SIP message as text")):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
            result = rung("calls", f"{folder}/{name}")
            assert result.returncode == 1 and why in result.stderr, result.stderr


def big_endian(capture):
    """The same capture in the other byte order, with nanoseconds."""
    out, at = struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, capture[20]), 24
    while at < len(capture):
        seconds, micros, length, wire = struct.unpack_from("<IIII", capture, at)
        out += struct.pack(">IIII", seconds, micros * 1000, length, wire)
        out += capture[at + 16:at + 16 + length]
        at += 16 + length
    return out


def files_put_together():
    """One capture behind another, as in a pipe that several programs write to in turn."""
    names = ("failed.pcap", "basic.pcap")
    wanted = [[row["method"] or row["status"] for row in rows(
        rung("messages", "-T", "json", tap.SAMPLES / name))] for name in names]
    with tempfile.TemporaryDirectory() as folder:
        forms = []
        for name in names:
            plain = (tap.SAMPLES / name).read_bytes()
            path = pathlib.Path(folder, "x.pcapng")
            assert rung("save", "--force", "-w", path, tap.SAMPLES / name).returncode == 0
            forms.append((plain, big_endian(plain), path.read_bytes()))
        for first in forms[0]:
            for second in forms[1]:
                path = pathlib.Path(folder, "both")
                path.write_bytes(first + second)
                with open(path, "rb") as given:
                    done = tap.rung("messages", "-T", "json", "-", text=True, stdin=given)
                found = [row["method"] or row["status"] for row in rows(done)]
                assert found == wanted[0] + wanted[1], (first[:4], second[:4], found)
                assert not done.stderr, done.stderr
        saved = pathlib.Path(folder, "saved.pcapng")
        assert rung("save", "-w", saved, path).returncode == 0
        found = [row["method"] or row["status"] for row in rows(
            rung("messages", "-T", "json", saved))]
        assert found == wanted[0] + wanted[1], found


def tests():
    return [("files put together", files_put_together),
            ("a paste has no times", a_paste_has_no_times),
            ("without addresses no hop is judged", without_addresses_no_hop_is_judged),
            ("a log has one address", a_log_has_one_address),
            ("a text is shown and saved again", shown_and_saved_again),
            ("what is not read is named", not_read),
            ("zips are read", zips_are_read),
            ("faulty zips are named", faulty_zips),
            ("a zip bomb is bounded", a_zip_bomb_is_bounded),
            ("damaged zips do no harm", damaged_zips_do_no_harm),
            ("folders are read", folders_are_read),
            ("many files are read", many_files_are_read),
            ("patched formats are read", patched_formats)]
