"""What users of sngrep, tshark and tcpdump type: understood, or answered with what to use."""
import pathlib
import tempfile

import tap

BASIC = tap.SAMPLES / "basic.pcap"

RC = """# of sngrep
set color off
set colormode cseq
set cl.column0 sipfrom
set cl.column0.width 30
set cl.column1 msgcnt
set cl.column2 nonsense
set cl.sortfield msgcnt
set cl.sortorder desc
set sip.xcid X-Call-ID|X-CID
set savepath /tmp/captures
set capture.limit 50000
set cf.splitcallid on
set cf.sdpinfo wrong
set unheard.of 1
alias 192.0.2.1 SBC
bind help ^G
bind filters Ctrl-F
unbind help F1
bind nothing x
bind help NoSuchKey
what is this
"""
SAID = """set color off: color = never
set colormode cseq: flow.color = transaction
set cl.column0 sipfrom: column call.from
set cl.column0.width 30: width 30
set cl.column1 msgcnt: column call.messages
set cl.column2 nonsense: no equivalent
set cl.sortfield msgcnt: sorted by call.messages
set cl.sortorder desc: descending
set sip.xcid X-Call-ID|X-CID: legs.header = X-Call-ID;X-CID
set savepath /tmp/captures: save.folder = /tmp/captures
set capture.limit 50000: use --max-calls N; the default depends on the memory
set cf.splitcallid on: no equivalent
set cf.sdpinfo wrong: unknown value 'wrong'
set unheard.of 1: no equivalent
alias 192.0.2.1 SBC: 192.0.2.1 = SBC
bind help ^G: help = F1 ? H C-g
bind filters Ctrl-F: filters = F7 f F C-f
unbind help F1: help = ? H C-g
bind nothing x: no equivalent
bind help NoSuchKey: no equivalent
what is this: not understood
"""


def run(home, *arguments):
    return tap.rung(*arguments, env={"XDG_CONFIG_HOME": str(home)})


def test_sngreprc():
    with tempfile.TemporaryDirectory() as home:
        path = pathlib.Path(home, "sngreprc")
        path.write_text(RC, encoding="utf-8")
        done = run(home, "--import-sngreprc", path)
        assert done.returncode == 0 and not done.stderr, done.stderr
        assert done.stdout.decode() == SAID, done.stdout.decode()
        config = run(home, "-D")
        assert config.returncode == 0 and not config.stderr, config.stderr
        text = config.stdout.decode().replace("=", " = ").replace("  =  ", " = ")
        for line in ("color = never", "flow.color = transaction", "help = ? H C-g",
                     "filters = F7 f F C-f", "192.0.2.1 = SBC", "save.folder = /tmp/captures",
                     "calls = call.from;call.messages;", "widths = 30;0;",
                     "sort = -call.messages;"):
            assert line in text.splitlines(), line
        assert run(home, "--import-sngreprc", path).returncode == 0
        assert run(home, "-D").stdout == config.stdout, "the second time changes nothing"


def test_faults_of_sngreprc():
    with tempfile.TemporaryDirectory() as home:
        for name, status in (("missing", 1), (".", 1)):
            done = run(home, "--import-sngreprc", pathlib.Path(home, name))
            assert done.returncode == status and done.stderr.startswith(b"rung: cannot read"), done
        path = pathlib.Path(home, "rc")
        path.write_bytes(b"\033[2Jset \xff\x00x\nset a b c d\n" * 1000)
        done = run(home, "--import-sngreprc", path)
        assert done.returncode == 0 and b"\033" not in done.stdout, done.stdout[:200]
        for more in (["calls"], [BASIC], ["--no-config"]):
            assert run(home, "--import-sngreprc", path, *more).returncode == 2, more


def test_options_that_are_understood():
    for theirs, ours in ((["-I", BASIC], ["-r", BASIC]),
                         (["-l", 5, BASIC], ["--max-calls", 5, BASIC]),
                         (["-F", BASIC], ["--no-config", BASIC]),
                         (["-t", "e", BASIC], ["--time", "epoch", BASIC]),
                         (["-t", "ad", BASIC], [BASIC])):
        done, wanted = tap.rung("calls", *theirs), tap.rung("calls", *ours)
        assert done.returncode == 0 and done.stdout == wanted.stdout != b"", (theirs, done.stderr)


def test_options_that_are_answered():
    for option, answer in (("-n", "of tshark, tcpdump: not needed"), ("-z", "'rung stats'"),
                           ("-N", "of sngrep: commands need no screen"), ("-e", "--columns"),
                           ("-b", "-C SIZE"), ("-v", "-Y 'not (EXPR)'")):
        done = tap.rung("calls", option, BASIC)
        said = done.stderr.decode()
        assert done.returncode == 2 and answer in said and said.count("\n") == 1, said
    assert b"see 'rung help'" in tap.rung("calls", "-j", BASIC).stderr


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
