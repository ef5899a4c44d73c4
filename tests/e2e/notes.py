"""Notes on calls: written in the terminal, kept beside the capture, and shown with the calls."""
import pathlib
import shutil
import tempfile

import tap
from pty_session import Session

TEXT = "carrier confirms: trunk 7 was down"


class Folder:
    """With a copy of a sample, which notes may be kept beside."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name) / "a.pcap"
        shutil.copy(tap.SAMPLES / "failed.pcap", path)
        return path

    def __exit__(self, *_):
        self.folder.cleanup()


def write(path, *keys, **options):
    """Presses the keys once the list is there."""
    with Session("--no-config", path, size=(200, 50), **options) as session:
        session.expect("Calls 1/")
        session.send(*keys)
        session.send("q")
        assert session.wait() == 0, session.screen.text()
        return session.screen


def said(command, path, *words):
    done = tap.rung(command, *words, path)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.decode()


def notes_of(path):
    rows = said("calls", path, "-T", "csv", "--columns", "call.number,call.note").splitlines()[1:]
    return [row.split(",", 1)[1] for row in rows]


def test_kept_beside_the_capture():
    with Folder() as path:
        with Session("--no-config", path, size=(200, 50)) as session:
            session.expect("Calls 1/")
            session.send("Down", ";")
            session.expect("note on call 2:")
            session.send(TEXT, "Enter")
            session.expect("kept in .*a.pcap.notes")
            session.expect(r"Note\b")  # a column of its own
            session.expect("call|trunk 7 was down")
            session.send("Enter")
            session.expect('call 2 .*"%s"' % TEXT)
            session.send("q", "q")
            assert session.wait() == 0
        assert notes_of(path)[:3] == ["", TEXT, ""]
        with Session("--no-config", path, size=(200, 50)) as session:
            session.expect("trunk 7 was down")
            session.send("/", "call.note contains trunk", "Enter")
            session.expect(r"Calls 1/1 of \d")
            session.send(";")
            session.expect("note on call 2: " + TEXT)
            session.send("\x15", "Enter")  # C-u
            session.expect("hides all")
            session.send("q")
            assert session.wait() == 0
        assert not pathlib.Path(str(path) + ".notes").exists()


def test_shown_everywhere():
    with Folder() as path:
        write(path, ";", TEXT + " <&`*", "Enter")
        for command, words, wanted in (
                ("explain", (), "  note: " + TEXT + " <&`*"),
                ("flow", (), "  note: " + TEXT + " <&`*"),
                ("explain", ("-T", "markdown"), "- Note: `` %s <&`* ``" % TEXT),
                ("flow", ("-T", "html"), "<dt>Note</dt><dd>%s &lt;&amp;`*</dd>" % TEXT),
                ("calls", ("-Y", 'call.note contains "trunk 7"', "-T", "json"), '"call":1,')):
            assert wanted in said(command, path, *words), (command, words)
        assert "note" not in said("explain", path, "--call", "2")


def test_saved_with_the_calls():
    with Folder() as path:
        write(path, ";", "one", "Enter", "Down", ";", "two", "Enter")
        out = path.parent / "out.pcap"
        said("save", path, "-w", out, "--call", "2")
        assert notes_of(out) == ["two"]
        masked = path.parent / "masked.pcap"
        tap.rung("save", "--anonymize", "-w", masked, path)
        assert masked.exists() and not pathlib.Path(str(masked) + ".notes").exists()
        screen = path.parent / "screen.pcap"
        with Session("--no-config", path, size=(200, 50)) as session:
            session.expect("Calls 1/")
            session.send("F2", "\x15", str(screen), "Enter")
            session.expect("screen.pcap: .* packets")
            session.send("q")
            assert session.wait() == 0
        assert notes_of(screen)[0] == "one"


def test_faults():
    """A capture can be read all the same."""
    with Folder() as path:
        beside = pathlib.Path(str(path) + ".notes")
        beside.write_text("what is this\n", encoding="ascii")
        done = tap.rung("calls", path)
        assert done.returncode == 0 and b"line 1 is no note on a call" in done.stderr, done.stderr
        with Session("--no-config", path, size=(200, 50)) as session:
            session.expect("(?s)Calls 1/4.*line 1 is no note on a call")
            session.send(";", "text", "Enter")
            session.expect("(?s)Note\n.* text.*line 1 is no note on a call")
            session.send("q")
            assert session.wait() == 0
        assert beside.read_text(encoding="ascii") == "what is this\n"
        beside.unlink()
        with Session("--no-config", path, size=(200, 50)) as session:
            session.expect("Calls 1/")
            beside.mkdir()
            session.send(";", "text", "Enter")
            session.expect("cannot read .*a.pcap.notes: not a file of notes")
            session.send("q")
            assert session.wait() == 0


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
