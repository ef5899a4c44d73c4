"""What the user made of a capture, when it is opened again; and several files, one at a time."""
import os
import pathlib
import shutil
import tempfile

import tap
from pty_session import Session

FAILED = tap.SAMPLES / "failed.pcap"
BASIC = tap.SAMPLES / "basic.pcap"


class State:
    """A folder for what is kept, and sessions that know it."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def kept(self):
        path = pathlib.Path(self.folder.name, "rung", "sessions")
        return sorted(path.iterdir()) if path.exists() else []

    def run(self, *arguments, cwd=None):
        before = ["env", "-C", cwd] if cwd else []
        return Session(*arguments, size=(200, 50), before=before,
                       env={"XDG_STATE_HOME": self.folder.name})


def leave(session):
    session.send("q")
    assert session.wait() == 0, session.screen.text()


def make_something(state, path):
    """A filter, a mark, and a bookmark."""
    with state.run(path) as session:
        session.expect("Calls 1/4")
        session.send("Down", "V", "Space", "Enter")
        session.expect("call 2 failed")
        session.send("Down", "Down", "b", "q")
        session.expect("Calls ")
        session.send("/", "call.status >= 404", "Enter")
        session.expect("Calls ./3 of 4, 1 marked")
        leave(session)


def expect_it_again(session):
    session.expect("(?s)Calls ./3 of 4, 1 marked.* 2 invite .*────.* 2 invite ")
    session.send("Enter")
    session.expect("call 2 failed .*1 of 7")
    session.send("B")
    session.expect("call 2 failed .*3 of 7")
    session.send("q")
    session.expect("Calls ")
    leave(session)


def test_given_back():
    with State() as state:
        make_something(state, FAILED)
        (path,) = state.kept()
        assert path.stat().st_mode & 0o777 == 0o600
        assert "@192.0.2" not in path.read_text("utf-8")  # no Call-ID
        with state.run("--resume", FAILED) as session:
            expect_it_again(session)
        with state.run("--resume", os.path.relpath(FAILED, "/"), cwd="/") as session:
            expect_it_again(session)
        with state.run("--resume", cwd="/") as session:  # the last one
            expect_it_again(session)
        with state.run("--resume", FAILED, "-Y", "call.number == 3") as session:
            session.expect("Calls 1/1 of 4, 1 marked")
            leave(session)


def test_only_when_asked():
    with State() as state:
        make_something(state, FAILED)
        with state.run(FAILED) as session:
            session.expect("Calls 1/4 ")
            leave(session)
        with state.run("--resume", FAILED) as session:  # who only looked has changed nothing
            session.expect("Calls ./3 of 4, 1 marked")
            session.send("Esc")
            session.expect("Calls ./4, 1 marked")
            session.send("u", "Down", "V", "Enter", "B", "b", "q")
            session.expect("Calls ./4 ")
            leave(session)
        assert state.kept() == []  # all of it was taken back


def test_another_capture():
    """Under the same name: what does not fit is left out, and said."""
    with State() as state, tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "a.pcap")
        shutil.copy(FAILED, path)
        make_something(state, path)
        shutil.copy(tap.SAMPLES / "options.pcap", path)
        with state.run("--resume", path) as session:
            session.expect("3 marks and bookmarks are of calls that the capture has no more")
            session.expect("Calls 1/1 of 4 ")
            leave(session)


def test_refusals():
    with State() as state:
        done = tap.rung("--resume", "-i", "lo")
        assert done.returncode == 2 and b"--resume needs capture files" in done.stderr
        done = tap.rung("--resume", "--demo")
        assert done.returncode == 2 and b"--resume needs capture files" in done.stderr
        done = tap.rung("--resume", env={**os.environ, "XDG_STATE_HOME": state.folder.name})
        assert done.returncode == 1 and b"no session was kept yet" in done.stderr, done
        with state.run("--no-config", FAILED) as session:
            session.expect("Calls 1/4")
            session.send("Space")
            leave(session)
        assert state.kept() == []


def test_oldest_go():
    with State() as state:
        make_something(state, FAILED)
        (first,) = state.kept()
        for number in range(600):
            other = first.with_name("%064x" % number)
            other.write_bytes(b"[session]\nfiles=/a;\n")
            os.utime(other, (number, number))
        make_something(state, FAILED)
        assert len(state.kept()) == 500 and first in state.kept()
        assert first.with_name("%064x" % 101) in state.kept()
        assert first.with_name("%064x" % 100) not in state.kept()


def test_one_file_at_a_time():
    """Each with its own filter and marks; all together as before."""
    with State() as state:
        with state.run(FAILED, BASIC) as session:
            session.expect(r"Calls 1/5 .*\+1 ")
            session.send("Space")
            session.expect("Calls ./5, 1 marked")
            session.send(".")
            session.expect(r"Calls 1/4 .*failed.pcap \(1/2\)")
            session.send("!", "Space")
            session.expect("1 marked, quick filter")
            session.send(".")
            session.expect(r"Calls 1/1 .*basic.pcap \(2/2\)")
            session.send(".")
            session.expect(r"Calls ./5, 1 marked .*\+1 ")
            session.send(",", ",")
            session.expect(r"1 marked, quick filter .*failed.pcap \(1/2\)")
            leave(session)
        with state.run(FAILED) as session:
            session.expect("Calls 1/4")
            session.send(".")
            session.expect("there is only one input")
            leave(session)


def test_a_file_that_went():
    with State() as state, tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "a.pcap")
        shutil.copy(BASIC, path)
        with state.run(FAILED, path) as session:
            session.expect("Calls 1/5")
            path.unlink()
            session.send(",")
            session.expect("a.pcap")
            session.expect("Calls 1/5")
            session.send(".")
            session.expect("Calls 1/4")
            leave(session)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
