"""`save --bundle`: a zip of the packets and of all that is made of them."""
import hashlib
import json
import os
import pathlib
import resource
import shlex
import tempfile
import zipfile

import tap

MEDIA = tap.SAMPLES / "media-loss.pcap"
REPORTS = ["ladder.txt", "ladder.html", "explain.txt", "explain.json", "calls.json", "messages.txt",
           "messages.json", "streams.txt", "streams.json"]


def needs_library():
    if "built without: save --bundle" in tap.version():
        raise tap.Skip("built without libarchive")


def bundle(*arguments, status=0, **options):
    """{name: bytes} of all members, and the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "evidence.zip")
        done = tap.rung("save", "--bundle", path, *arguments, **options)
        assert done.returncode == status, done.stderr.decode()
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            members = {name: archive.read(name) for name in archive.namelist()}
        assert os.listdir(folder) == ["evidence.zip"], os.listdir(folder)
    return members, json.loads(members["manifest.json"])


def test_members():
    """The manifest names each member but itself, with its SHA-256; the packets come first."""
    needs_library()
    members, manifest = bundle("--call", 1, MEDIA)
    names = ["calls.pcapng", *REPORTS]
    assert list(members)[:len(names)] == names and list(members)[-1] == "manifest.json"
    assert [row["name"] for row in manifest["members"]] == list(members)[:-1]
    for row in manifest["members"]:
        data = members[row["name"]]
        assert row["bytes"] == len(data)
        assert row["sha256"] == hashlib.sha256(data).hexdigest(), row
    assert manifest["calls"] == 1 and manifest["messages"] == 6, manifest
    assert "--bundle" in manifest["command"] and str(MEDIA) in manifest["command"]


def test_commands():
    """Each command of the manifest makes the same member of the packets."""
    needs_library()
    members, manifest = bundle(MEDIA, tap.SAMPLES / "failed.pcap")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "calls.pcapng").write_bytes(members["calls.pcapng"])
        for row in manifest["members"][1:]:
            program, *words = shlex.split(row["command"])
            assert program == "rung", row
            done = tap.rung(*words, cwd=folder)
            assert done.returncode == 0, (row, done.stderr.decode())
            assert pathlib.Path(folder, row["name"]).read_bytes() == members[row["name"]], row


def test_the_same_packets():
    """As `save --with-media` writes them."""
    needs_library()
    members, _ = bundle("-Y", "call.outcome == failed", tap.SAMPLES / "failed.pcap")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "saved.pcapng")
        tap.rung("save", "--with-media", "-Y", "call.outcome == failed", "-w", path,
                 tap.SAMPLES / "failed.pcap")
        assert path.read_bytes() == members["calls.pcapng"]


def test_sound():
    needs_library()
    members, manifest = bundle(MEDIA)
    if not any("libsndfile" in note for note in manifest["notes"]):
        assert members["call-1.wav"][:4] == b"RIFF" and len(members["call-1.wav"]) > 50000
    members, _ = bundle(tap.SAMPLES / "failed.pcap")
    assert not any(name.endswith(".wav") for name in members), list(members)


def test_anonymized():
    """No name is left in any member, nor in the manifest; media are silent, so no sound."""
    needs_library()
    source = tap.SAMPLES / "basic.pcap"
    members, manifest = bundle("--anonymize", "-Y", 'from.user == "alice"', source)
    for name, data in members.items():
        for word in (b"alice", b"Alice", b"atlanta", b"biloxi", b"192.0.2.10", b"198.51.100.20",
                     str(source.parent).encode()):
            assert word not in data, (name, word)
    assert manifest["command"].startswith("rung save ") and "--anonymize" in manifest["command"]
    assert not any(name.endswith(".wav") for name in members)
    assert json.loads(members["calls.json"])["outcome"] == "answered"


def test_nothing_is_left_behind():
    """A full disk, and an archive that would be an input or exists."""
    needs_library()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(folder, "evidence.zip")
        done = tap.rung("save", "--bundle", path, MEDIA, preexec_fn=limit, env={"TMPDIR": scratch})
        assert done.returncode == 1 and "was not written" in done.stderr.decode(), done.stderr
        assert os.listdir(folder) == [] and os.listdir(scratch) == []
        path.write_text("mine")
        done = tap.rung("save", "--bundle", path, MEDIA)
        assert done.returncode == 1 and "use --force" in done.stderr.decode(), done.stderr
        assert path.read_text() == "mine"
        assert tap.rung("save", "--force", "--bundle", path, MEDIA).returncode == 0
        assert zipfile.is_zipfile(path)


def test_full_device():
    """What cannot be written ends it, wherever it comes."""
    needs_library()
    full = pathlib.Path("/dev/full")
    if not full.exists():
        raise tap.Skip("no /dev/full here")
    done = tap.rung("save", "--bundle", full, MEDIA)
    assert done.returncode == 1 and "/dev/full" in done.stderr.decode() and full.exists()


def test_usage():
    needs_library()
    rows = [(("-w", "x.pcap", "--bundle", "y.zip", MEDIA), "one of -w, --audio, --bundle and"),
            (("--bundle", "y.zip"), "needs a capture file"),
            (("--bundle", "y.zip", "--decrypted", MEDIA), "cannot be combined"),
            (("--bundle", "y.zip", "--stream", "1", MEDIA), "--stream needs --audio"),
            (("--bundle", MEDIA, MEDIA), "it is the input"),
            (("--bundle", "y.zip", "--anonymize-agents", MEDIA), "needs --anonymize")]
    for arguments, said in rows:
        done = tap.rung("save", *arguments, stdin=None, cwd=tempfile.gettempdir())
        assert done.returncode == 2 and said in done.stderr.decode(), (arguments, done.stderr)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
