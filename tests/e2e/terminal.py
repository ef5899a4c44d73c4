"""The terminal program on a terminal: it starts, follows it, and gives it back."""
import base64
import contextlib
import itertools
import os
import pathlib
import random
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

import tap
from pty_session import Session

BASIC = tap.SAMPLES / "basic.pcap"
LEAVES_SCREEN = b"\033[?1049l"
MOUSE_ON, MOUSE_OFF = b"\033[?1000h\033[?1002h", b"\033[?1002l\033[?1000l"


def is_sanitized():
    return b"__asan_init" in pathlib.Path(tap.program()).read_bytes()


def open_list(*arguments, **options):
    session = Session(*(arguments or (BASIC,)), **options)
    session.expect("alice")
    return session


def test_shows_calls_and_quits():
    with open_list() as session:
        session.expect("Quit")
        started = time.monotonic()
        session.send("q")
        assert session.wait() == 0
        assert time.monotonic() - started < (10 if is_sanitized() else 1), "it ends at once"
        assert session.is_sane()


def test_keys():
    with open_list() as session:
        session.send("Enter")
        session.expect("180 Ringing")
        session.send("Esc")
        session.expect("alice")
        session.send("F1")
        session.expect("(?i)help")
        session.send("Esc", "q")
        assert session.wait() == 0


def test_demo():
    """The built-in capture, with a tour that goes on with each key that it names."""
    with Session("--demo", hints=True) as session:
        session.expect("Tour 1/11: Enter")
        session.expect("demo .*11 calls")
        session.send("Enter")
        session.expect("Tour 2/11")
        session.send("\x07")
        session.expect("Esc Back  Enter Open")
        session.send("Esc", "q")
        assert session.wait() == 0
    shown = tap.rung("calls", "--demo", "-T", "json")
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) == 11, shown.stderr
    sample = tap.rung("calls", "-T", "json", tap.SAMPLES / "demo.pcap")
    assert shown.stdout == sample.stdout


def test_without_rights():
    """One line: what to do, and the demo."""
    drop = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        raise tap.Skip("no setpriv(1)")
    with Session(before=drop if os.geteuid() == 0 else ()) as session:
        assert session.wait() == 1
        lines = session.raw.decode().splitlines()
        assert len(lines) == 1 and "no permission to capture; run as root" in lines[0], lines
        assert lines[0].endswith("rung --demo shows a sample"), lines


def test_hints_are_shown_once():
    with tempfile.TemporaryDirectory() as home:
        for hint, keys in (("Enter: open the ladder", ["Enter", "Esc"]),
                           ("!: show only the failed", ["!"]), ("/: filter", ["\x07"])):
            with Session(BASIC, hints=True, env={"XDG_CONFIG_HOME": home}) as session:
                session.expect("(?s)completed .*Hint: " + re.escape(hint))
                session.send(*keys, "q")
                assert session.wait() == 0
        with Session(BASIC, hints=True, env={"XDG_CONFIG_HOME": home}) as session:
            session.expect("q Quit  Enter Open")
            assert "Hint" not in session.screen.text()
            session.send("q")


def test_first_minute_of_an_operator():
    """Failed calls by one key or one word, OPTIONS away by one, the reason in the ladder; Esc goes
    one step back each time."""
    mixed = [tap.SAMPLES / name for name in ("failed.pcap", "options.pcap", "basic.pcap")]
    for size in ((80, 24), (200, 50)):
        with Session("--no-config", *mixed, size=size) as session:
            session.expect(r"options .*answered")
            session.expect("! Failed")
            session.send("!")
            session.expect("Calls 1/5 of 9")
            session.send("Enter")
            session.expect(r"call \d+ failed \(400 Bad Request\)")
            session.send("v")
            session.expect("call [0-9]+ as text, message 1/3")
            session.send("Esc")
            session.expect(r"failed \(400")
            session.send("Esc")
            session.expect("Calls 1/5 of 9")
            session.send("Esc")
            session.expect(r"options .*answered")
            session.send("/", "!options", "Enter")
            session.expect(r"Calls 1/[67] of 9")
            session.send("Esc")
            session.expect(r"options .*answered")
            session.send("/", "failed", "Enter")
            session.expect("Calls 1/5 of 9")
            session.send("Esc")
            session.expect(r"options .*answered")
            session.send("Esc")
            session.expect("Quit\\?")
            session.send("y")
            assert session.wait() == 0


def test_control_c_is_a_key():
    """It ends the program in the list, but as a key: the terminal is restored."""
    with open_list(term="xterm-256color") as session:
        session.send("\x1c")  # C-\ does nothing
        session.send("?")
        session.read(0.3)
        assert session.process.poll() is None
        session.send("Esc", "q")
        assert session.wait() == 0


def test_gives_the_terminal_back():
    with open_list(term="xterm-256color") as session:
        assert MOUSE_ON in session.raw
        session.send("q")
        assert session.wait() == 0
        assert LEAVES_SCREEN in session.raw
        assert session.raw.rfind(MOUSE_OFF) > session.raw.rfind(MOUSE_ON)
        assert session.is_sane()


def test_signals_end_it():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with open_list(term="xterm-256color") as session:
            session.kill(number)
            assert session.wait(5) == 0, number
            assert LEAVES_SCREEN in session.raw
            assert session.is_sane()


def test_stalled_terminal_stops_nothing():
    """What comes is read on, and what there is by then is shown when the terminal goes on."""
    capture = BASIC.read_bytes()
    packets, rounds = capture[24:], 500
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, capture)
    with open_list("-", stdin=reading, size=(150, 50)) as session:
        os.close(reading)
        rest, until = packets * rounds, time.monotonic() + 30
        keys = itertools.cycle(("?", "q"))  # two screens in turn, which are not read
        while rest and time.monotonic() < until:
            session.send(next(keys))
            if select.select([], [writing], [], 1)[1]:
                rest = rest[os.write(writing, rest[:len(packets)]):]
            time.sleep(0.005)
        assert not rest, "%d bytes of %d were not read" % (len(rest), len(packets) * rounds)
        os.close(writing)
        wanted = 27 * (rounds + 1)
        session.expect("%.1fk packets" % (wanted / 1000))
        session.send("q" if next(keys) == "?" else "qq")
        assert session.wait() == 0


def test_closed_terminal_ends_it():
    for stdin in (None, "capture"):
        with open(BASIC, "rb") as capture:
            arguments = ("-",) if stdin else (BASIC,)
            with open_list(*arguments, stdin=capture if stdin else None) as session:
                session.close()
                session.wait(5)


def test_crash_gives_the_terminal_back():
    if is_sanitized():
        raise tap.Skip("the sanitizer reports crashes")
    for number in (signal.SIGSEGV, signal.SIGABRT):
        with open_list(term="xterm-256color") as session:
            session.kill(number)
            assert session.wait() == -number
            assert LEAVES_SCREEN in session.raw
            assert session.raw.rfind(MOUSE_OFF) > session.raw.rfind(MOUSE_ON)
            assert session.is_sane()


def test_suspend():
    """Ctrl-Z stops the program, with the terminal given back meanwhile."""
    with open_list(term="xterm-256color", job=True) as session:
        session.send("\x1a")
        session.wait_stopped()
        assert LEAVES_SCREEN in session.raw
        assert session.is_sane()
        session.screen.resize(80, 24)  # somebody else wrote on it
        session.go_on()
        session.expect("alice")
        session.send("q")
        assert session.wait() == 0


def test_errors_are_reported_at_the_end():
    with tempfile.TemporaryDirectory() as folder:
        cut = pathlib.Path(folder) / "cut.pcap"
        cut.write_bytes(BASIC.read_bytes()[:-10])
        with open_list(cut, term="xterm-256color") as session:
            session.send("q")
            assert session.wait() == 1
            told = session.raw[session.raw.rfind(LEAVES_SCREEN):].decode()
            assert "rung: " in told and "cut.pcap" in told, told


@contextlib.contextmanager
def open_with_filters():
    """A session in which "@ j Enter" applies the second of its filters."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "config"
        path.write_text("[filters]\nall = call.number > 0\nnone = call.number == 0\n")
        with open_list("--config", path, BASIC, size=(120, 24)) as session:
            yield session


def test_typed_ahead():
    """Keys for a list that is not drawn yet are for its rows."""
    with open_with_filters() as session:
        os.write(session.master, b"@j\r")
        session.expect("call.number == 0")


def test_typed_ahead_of_a_slow_terminal():
    """So are those for a list that cannot be drawn yet."""
    with open_with_filters() as session:
        for width in range(400, 440):  # more than a terminal takes that nobody reads
            session.resize(width, 100)
            time.sleep(0.02)
        os.write(session.master, b"@j\r")
        time.sleep(0.2)
        session.expect("call.number == 0")


def test_wrong_configuration_is_told_at_once():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "config"
        path.write_text("[settings]\nfolow = on\n[keys]\nupp = x\n", encoding="utf-8")
        with open_list("--config", path, BASIC, size=(120, 24)) as session:
            session.expect(r"2 errors: .*'follow'")
            session.send("Down", "q")
            assert session.wait() == 0
            assert "'up'" in session.raw.decode().replace("\r\n", ""), "and all at the end"


def test_sizes():
    with open_list() as session:
        for width, height in ((40, 10), (200, 50), (1, 1), (20, 3), (3, 40), (80, 24)):
            session.resize(width, height)
            session.send("Down")
            while session.read(0.2):
                pass
            assert session.process.poll() is None, (width, height)
        session.expect("alice")
        session.send("q")
        assert session.wait() == 0


def test_resize_storm():
    chance = random.Random(1)
    with open_list() as session:
        session.send("Enter")
        for _ in range(200):
            session.resize(chance.randint(1, 150), chance.randint(1, 50))
            session.send(chance.choice(["Up", "Down", "Left", "Right", "Tab", "PgDn"]))
            session.read(0.002)
        session.resize(80, 24)
        session.send("Esc", "Esc")
        session.kill()
        assert session.wait() == 0


def test_terminals():
    """Whatever the terminal, the same is shown."""
    for term in ("vt100", "xterm", "xterm-256color", "screen", "linux", "ansi"):
        if subprocess.run(["infocmp", term], capture_output=True, check=False).returncode:
            continue
        with Session(BASIC, term=term) as session:
            end = time.monotonic() + 10
            while b"alice" not in session.raw and time.monotonic() < end:
                session.read(0.1)
            assert b"alice" in session.raw, term
            session.send("q")
            assert session.wait() == 0, term


def test_no_terminal_to_draw_on():
    for term in ("dumb", "nonsense", ""):
        with Session(BASIC, term=term) as session:
            assert session.wait() == 1, term
            told = session.raw.decode().strip().splitlines()
            assert len(told) == 1 and told[0].startswith("rung: ") and "TERM" in told[0], told


def test_no_color():
    with open_list(term="xterm-256color", env={"NO_COLOR": "1"}) as session:
        session.send("q")
        assert session.wait() == 0
        assert not re.search(rb"\033\[[0-9;]*\b(3[0-8]|4[0-8])[;m]", session.raw)
    with open_list(term="xterm-256color") as session:
        assert b"\033[38;5;" in session.raw


def test_true_color():
    """Where the terminal says so and its entry in terminfo is there; else 256 colours."""
    known = not subprocess.run(["infocmp", "xterm-direct"], capture_output=True,
                               check=False).returncode
    with open_list(term="xterm-256color", env={"COLORTERM": "truecolor"}) as session:
        session.expect("Quit")
        assert re.search(rb"38[:;]2[:;]" if known else rb"38;5;", session.raw)
        session.send("q")
        assert session.wait() == 0
        assert session.is_sane()


def test_ascii():
    for options in ({"env": {"LC_ALL": "C"}}, {"arguments": ("--ascii", BASIC)}):
        with open_list(*options.get("arguments", ()), env=options.get("env")) as session:
            session.send("Enter")
            session.expect("INVITE")
            session.kill()
            assert session.wait() == 0
            assert session.raw.isascii()


def test_capture_on_stdin():
    """Keys are read from the terminal that the program was started from."""
    with open(BASIC, "rb") as capture, open_list("-", stdin=capture) as session:
        session.send("Enter")
        session.expect("INVITE")
        session.send("Esc", "q")
        assert session.wait() == 0
        assert session.is_sane()


def test_saves_while_it_reads():
    """What came by then, though the pipe is still open; then all of it."""
    data = BASIC.read_bytes()
    half = 24
    while half < len(data) // 2:  # after a whole packet
        half += 16 + int.from_bytes(data[half + 8:half + 12], "little")
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory() as folder, os.fdopen(reader, "rb") as capture:
        os.write(writer, data[:half])
        with open_list("-", stdin=capture) as session:
            for name, more in ("half.pcap", data[half:]), ("all.pcap", b""):
                session.read_for(0.5)  # until all was read that was written
                session.send("s", "\x15", folder + "/" + name, "Enter")
                session.expect(name + ": [0-9]+ packets")
                os.write(writer, more)
            os.close(writer)
            session.send("q")
            assert session.wait() == 0
        saved = [tap.rung("messages", "-T", "json", os.path.join(folder, name)).stdout
                 for name in ("half.pcap", "all.pcap")]
    assert 0 < len(saved[0].splitlines()) < len(saved[1].splitlines())
    assert len(saved[1].splitlines()) == len(
        tap.rung("messages", "-T", "json", BASIC).stdout.splitlines())


def test_output_into_a_pipe():
    """Without a terminal on stdout it is the list of calls."""
    reader, writer = os.pipe()
    with Session(BASIC, stdout=writer) as session:
        os.close(writer)
        assert session.wait() == 0
        with os.fdopen(reader, "rb") as output:
            text = output.read()
    assert b"alice" in text, text
    assert b"\033[?1049h" not in session.raw


def test_unknown_sequences_are_no_keys():
    """q is among their letters: it must not act."""
    with open_list() as session:
        session.send("\033[99;99q", "\033[?2026;2$y", "\033[200~", "\033Oq")
        session.read(0.3)
        assert session.process.poll() is None
        session.send("q")
        assert session.wait() == 0


def test_mouse():
    with open_list(term="xterm-256color") as session:
        session.send("\033[<65;10;10M\033[<64;10;10M\033[<0;300;300M\033[<0;10;2M\033[<0;10;2m")
        session.read(0.3)
        assert session.process.poll() is None
        session.kill()
        assert session.wait() == 0


def test_drag_of_columns():
    """The width is there the next time."""
    with tempfile.TemporaryDirectory() as home:
        config = {"env": {"XDG_CONFIG_HOME": home}, "term": "xterm-256color", "hints": True}
        with open_list(BASIC, **config) as session:
            session.expect(r"Kind   Start    From +To ")
            session.send("\033[<0;28;2M", "\033[<32;20;2M", "\033[<0;20;2m")
            session.expect(r"Kind   From +Start +To ")
            session.send("q")
            assert session.wait() == 0
        with open_list(BASIC, **config) as session:
            session.expect(r"Kind   From +Start +To ")
            session.send("q")
            assert session.wait() == 0


# --- the clipboard ---

OSC52 = b"\033]52;c;"


@contextlib.contextmanager
def fake_programs(**scripts):
    """A folder of programs for PATH; each writes what it reads to NAME.got, and ends as its script
    says."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o777)
        for name, script in scripts.items():
            path = folder / name.replace("_", "-")
            path.write_text("#!/bin/sh\ncat > %s.got\necho \"$@\" > %s.words\n%s\n"
                            % (path, path, script))
            path.chmod(0o755)
        yield folder


def open_to_copy(folder, setting=None, **displays):
    env = {"PATH": "%s:/usr/bin:/bin" % folder, "DISPLAY": "", "WAYLAND_DISPLAY": "", **displays}
    arguments = [BASIC]
    if setting:
        config = folder / "config"
        config.write_text("[settings]\nhints = off\nclipboard = %s\n" % setting)
        arguments = ["--config", config, BASIC]
    session = open_list(*arguments, env=env, size=(120, 24))
    session.send("Enter")
    session.expect("180 Ringing")
    session.send("Y")
    return session


def copied(folder, name):
    end = time.monotonic() + 10
    while not (folder / (name + ".words")).exists():
        assert time.monotonic() < end, "%s was not started" % name
        time.sleep(0.02)
    return (folder / (name + ".got")).read_bytes()


def children(pid):
    return pathlib.Path("/proc/%d/task/%d/children" % (pid, pid)).read_text().split()


def test_clipboard_of_the_desktop():
    """The first program that has its display, and the terminal."""
    invite = b"INVITE sip:"
    for displays, wanted in (({"WAYLAND_DISPLAY": "w", "DISPLAY": ":9"}, "wl-copy"),
                             ({"DISPLAY": ":9"}, "xclip")):
        with fake_programs(wl_copy="", xclip="", xsel="") as folder:
            with open_to_copy(folder, **displays) as session:
                session.expect("copied [0-9]+ bytes to the clipboard: terminal, " + wanted)
                text = copied(folder, wanted)
                assert text.startswith(invite), text
                assert OSC52 + base64.b64encode(text) in session.raw
                session.send("Y")
                session.expect("copied %d bytes" % len(text))
                helper, = children(session.process.pid)
                end = time.monotonic() + 10
                while children(int(helper)) and time.monotonic() < end:
                    time.sleep(0.05)
                assert not children(int(helper)), "no zombie is left"
                session.send("Esc", "q")
                assert session.wait() == 0
            assert sum(1 for _ in folder.glob("*.got")) == 1


def test_clipboard_without_a_display():
    with fake_programs(wl_copy="", xclip="", xsel="") as folder:
        with open_to_copy(folder) as session:
            session.expect("copied [0-9]+ bytes to the clipboard: terminal$")
            assert not children(session.process.pid)
            session.kill()
            assert session.wait() == 0
        assert not list(folder.glob("*.got"))


def test_clipboard_says_why_not():
    with fake_programs(xclip="echo \"Error: Can't open display: :9\" >&2; exit 1") as folder:
        with open_to_copy(folder, DISPLAY=":9") as session:
            session.expect("xclip failed with status 1: Error: Can't open display: :9")
            session.kill()
            assert session.wait() == 0
    with fake_programs(xclip="kill -9 $$") as folder:
        with open_to_copy(folder, DISPLAY=":9") as session:
            session.expect("xclip was ended by signal 9")
            session.kill()
            assert session.wait() == 0


def test_clipboard_setting():
    with fake_programs(wl_copy="", own="") as folder:
        with open_to_copy(folder, "terminal", WAYLAND_DISPLAY="w") as session:
            session.expect("bytes to the clipboard: terminal$")
            session.kill()
            assert session.wait() == 0
        with open_to_copy(folder, "own 'two words' $(id)", WAYLAND_DISPLAY="w") as session:
            session.expect("bytes to the clipboard: own$")
            assert copied(folder, "own").startswith(b"INVITE sip:")
            assert (folder / "own.words").read_text() == "two words $(id)\n"
            assert OSC52 not in session.raw
            session.kill()
            assert session.wait() == 0
        with open_to_copy(folder, "nosuchprogram") as session:
            session.expect("cannot start nosuchprogram: No such file")
            session.kill()
            assert session.wait() == 0
        with open_to_copy(folder, "own 'open") as session:
            session.expect("bytes to the clipboard: terminal$")
            session.kill()
            assert session.wait() == 0
            assert b"rung: clipboard: " in session.raw
        assert not (folder / "wl-copy.got").exists()


def test_clipboard_program_that_never_ends():
    """Keys are answered meanwhile, and the program ends."""
    with fake_programs(own="exec sleep 60") as folder:
        with open_to_copy(folder, "own") as session:
            for _ in range(10):
                session.send("Down", "Y")
            session.expect("bytes to the clipboard: own$")
            helper, = children(session.process.pid)
            end = time.monotonic() + 10
            while len(children(int(helper))) < 4 and time.monotonic() < end:
                time.sleep(0.05)
            sleeping = children(int(helper))
            session.send("Esc", "q")
            assert session.wait() == 0
            for pid in sleeping:
                os.kill(int(pid), signal.SIGTERM)


# --- playing ---

MEDIA = tap.SAMPLES / "media-loss.pcap"
NO_SOUND = {"ALSA_CONFIG_PATH": "/dev/null", "PULSE_SERVER": "unix:/nonexistent",
            "AUDIODEVICE": "snd/none", "LSAN_OPTIONS": "detect_leaks=0"}  # libasound has some


def need_libao():
    if "playing: by libao" not in tap.version():
        raise tap.Skip("this build has no libao")


def test_no_sound_device():
    """One line says so; nothing of what libraries print gets into the screen."""
    need_libao()
    for size in ((80, 24), (200, 50)):
        with open_list(MEDIA, env=NO_SOUND, size=size) as session:
            session.send("P")
            session.expect(r"\ncannot play call 1: no sound device or server found; "
                           r"F2 saves it as WAV$")
            session.send("q")
            assert session.wait() == 0
            assert b"lib" not in session.raw and session.is_sane(), session.raw


def test_plays():
    """By libao's device that plays nothing, at once; no thread is left."""
    need_libao()
    with tempfile.TemporaryDirectory() as home:
        pathlib.Path(home, ".libao").write_text("default_driver=null\n")
        with open_list(MEDIA, env={"HOME": home}) as session:
            tasks = pathlib.Path("/proc", str(session.process.pid), "task")
            for _ in range(3):
                before = len(list(tasks.iterdir())) if tasks.exists() else 0
                session.send("P")
                session.expect(r"played call 1, 6\.6 s")
                session.send("Down")
                session.expect("Quit")
                assert before == (len(list(tasks.iterdir())) if tasks.exists() else 0)
            session.send("q")
            assert session.wait() == 0


def tests():
    return [("terminal: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
