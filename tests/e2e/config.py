"""The configuration file: --config, --no-config, -D, and the keys in the help."""
import contextlib
import pathlib
import re
import tempfile

import pty_session
import tap

BASIC = str(tap.SAMPLES / "basic.pcap")


@contextlib.contextmanager
def home(text=None):
    """A home of its own, with that text as the configuration."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rung" / "config"
        if text is not None:
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
        yield path


def run(path, *arguments):
    return tap.rung(*arguments, env={"XDG_CONFIG_HOME": str(path.parent.parent)})


def said(path, *arguments, status=0):
    done = run(path, *arguments)
    assert done.returncode == status, (arguments, done.returncode, done.stderr.decode())
    assert bool(done.stderr) == (status > 0), done.stderr.decode()
    return done.stdout.decode()


def value(text, name):
    lines = [line for line in text.splitlines() if line.startswith(name + " = ")]
    assert len(lines) == 1, lines
    return lines[0].split(" = ", 1)[1]


def test_what_is_printed_can_be_used():
    text = "[settings]\ntheme = mine\nflow.gap = 7\n[keys]\nhex = F12 \\\\\n" \
           "[theme mine]\nbase = mono\nuri = red\n[aliases]\n10.0.0.1 = SBC\n" \
           "[columns]\ncalls = call.number;header[\"X-Account\"];\n"
    with home(text) as path:
        first = said(path, "-D")
        assert value(first, "flow.gap") == "7"
        assert value(first, "hex") == "F12 \\\\"
        assert value(first, "uri") == "red"
        assert value(first, "10.0.0.1") == "SBC"
        assert path.read_text(encoding="utf-8") == text
        path.write_text(first, encoding="utf-8")
        assert said(path, "--dump-config") == first
        assert said(path, "-D", "--no-config") != first


def test_colours_of_what_is_printed():
    """They can be changed there, also where the theme is chosen by the terminal."""
    with home("[settings]\ntheme = auto\n") as path:
        first = said(path, "-D")
        path.write_text(first.replace("\nuri = " + value(first, "uri"), "\nuri = red"),
                        encoding="utf-8")
        assert value(said(path, "-D"), "uri") == "red"


# All that both can say: the configuration, the command line, and what holds.
BOTH = [
    ("[settings]\nutc = off", ["--utc"], "utc", "on"),
    ("[settings]\nutc = on", [], "utc", "on"),
    ("[settings]\nascii = off", ["--ascii"], "ascii", "on"),
    ("[settings]\nascii = on", [], "ascii", "on"),
    ("[settings]\ncolor = never", [], "color", "never"),
    ("[settings]\ncolor = never", ["--color", "always"], "color", "auto"),
    ("[settings]\ncolor = never", ["--color=auto"], "color", "auto"),
    ("[settings]\ncolor = auto", ["--color", "never"], "color", "never"),
    ("[settings]\nflow.time = delta", [], "flow.time", "delta"),
    ("[settings]\nflow.time = delta", ["--time", "relative"], "flow.time", "relative"),
    ("[settings]\nflow.time = delta", ["--time", "absolute"], "flow.time", "absolute"),
    ("[settings]\nflow.time = relative", ["--time", "delta"], "flow.time", "delta"),
    ("[columns]\ncalls = call.to;", ["--columns", "call.number,header[\"X-Account\"]"], "calls",
     "call.number;header[\"X-Account\"];"),
    ("[columns]\nsort = call.to;", ["--sort", "-call.duration"], "sort", "-call.duration;"),
]


def test_the_command_line_goes_first():
    for text, arguments, name, wanted in BOTH:
        with home(text + "\n") as path:
            found = value(said(path, "-D", *arguments), name)
            assert found == wanted, (text, arguments, found)
            assert path.read_text(encoding="utf-8") == text + "\n"


def test_colours_of_the_screen():
    """The command line, then the configuration, then NO_COLOR."""
    for text, arguments, no_color, wanted in (
            ("auto", [], "", True), ("auto", [], "1", False), ("never", [], "", False),
            ("never", ["--color", "always"], "", True), ("auto", ["--color", "always"], "1", True),
            ("never", ["--color", "always"], "1", True), ("never", ["--color", "auto"], "", True),
            ("never", ["--color", "auto"], "1", False), ("auto", ["--color", "never"], "", False)):
        with home("[settings]\ncolor = %s\n" % text) as path, pty_session.Session(
                BASIC, *arguments, term="xterm-256color",
                env={"XDG_CONFIG_HOME": str(path.parent.parent), "NO_COLOR": no_color}) as session:
            session.expect("Quit")
            session.send("q")
            assert session.wait() == 0
            found = bool(re.search(rb"\033\[[0-9;]*\b(3[0-8]|4[0-8])[;m]", session.raw))
            assert found == wanted, (text, arguments, no_color)


def test_times_that_the_screen_has_not():
    with home() as path, pty_session.Session(
            BASIC, "--time", "epoch",
            env={"XDG_CONFIG_HOME": str(path.parent.parent)}) as session:
        assert session.wait() == 2
        assert b"--time epoch is for text" in session.raw
        assert run(path, BASIC, "--time", "epoch").returncode == 0


def test_what_is_wrong_is_told():
    with home("[settings]\nfolow = on\nflow.gap = x\nnonsense\n[keys]\nupp = x\n") as path:
        done = run(path, "-D")
        assert done.returncode == 1
        assert "\nfollow = off\n" in done.stdout.decode()
        lines = done.stderr.decode().splitlines()
        assert len(lines) == 4, lines
        assert all(line.startswith("rung: %s: " % path) for line in lines), lines
        assert "line 4" in lines[0] and "'follow'" in lines[1], lines
        assert "not a number from 0 to 86400" in lines[2] and "'up'" in lines[3], lines


def test_fields_that_are_none():
    with home("[columns]\ncalls = call.number;nope;message.method;header[\"X\"];\n"
              "sort = -call.nope\n") as path:
        done = run(path, "-D")
        lines = done.stderr.decode().splitlines()
        assert done.returncode == 1 and len(lines) == 3, lines
        assert all("[columns] " in line for line in lines), lines
        assert "nope" in lines[0] and "message.method" in lines[1], lines
        assert "sort" in lines[2], lines


def test_another_file():
    with home("[settings]\ntheme = light\n") as path:
        other = path.parent / "other"
        other.write_text("[settings]\ntheme = mono\n", encoding="utf-8")
        assert value(said(path, "-D"), "theme") == "light"
        assert value(said(path, "-D", "--config", other), "theme") == "mono"
        assert value(said(path, "-D", "--no-config"), "theme") == "auto"
        missing = run(path, "-D", "--config", path.parent / "missing")
        assert missing.returncode == 1 and b"no such file" in missing.stderr
    with home() as path:
        assert value(said(path, "-D"), "theme") == "auto"
        assert not path.exists()


def test_saved_filters():
    """@NAME is the filter of that name; a word with more in it than a name is looked for."""
    failed = str(tap.SAMPLES / "failed.pcap")
    text = "[filters]\nbusy = call.status == 404\n失败 = call.outcome == failed\n" \
           "lossy = stream.loss > 1\n"
    with home(text) as path:
        for name, filter_ in ("@busy", "call.status == 404"), ("@失败", "call.outcome == failed"):
            found = said(path, "calls", "-T", "json", failed, "-Y", name)
            assert found and found == said(path, "calls", "-T", "json", failed, "-Y", filter_), name
        assert said(path, "calls", "-T", "json", failed, "-Y", "@example.com")
        missing = run(path, "calls", failed, "-Y", "@bussy")
        assert missing.returncode == 2 and b"no saved filter 'bussy'" in missing.stderr
        wrong = run(path, "calls", failed, "-Y", "@lossy")
        assert wrong.returncode == 2 and b"stream.loss" in wrong.stderr, wrong.stderr
        kept = run(path, "capture", "-i", "lo", "-w", path.parent / "x.pcap", "--keep", "@bussy")
        assert kept.returncode == 2 and b"--keep: there is no saved filter" in kept.stderr
        assert value(said(path, "-D"), "busy") == "call.status == 404"
    with home("[filters]\nbad name = 486\nworse = call.nothing\n") as path:
        faults = run(path, "-D")
        assert faults.returncode == 1, faults
        assert b"'bad name': a name has letters" in faults.stderr
        assert b"[filters] worse: unknown field" in faults.stderr, faults.stderr


def test_keys_of_the_configuration():
    with home("[keys]\nsave = F11\n") as path:
        assert "  F11          save " in said(path, "help", "keys")
        assert "  F2 s S       save " in said(path, "help", "keys", "--no-config")


def test_belongs_to_browsing():
    with home() as path:
        for arguments in (["calls", "-D"], ["messages", "--config", "x"], ["stats", "--no-config"],
                          ["--config", "x", "--no-config"]):
            assert run(path, *arguments).returncode == 2, arguments


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
