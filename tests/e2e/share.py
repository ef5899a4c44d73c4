"""What is installed beside the program: manual pages, completions of shells, and the rest."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

import tap

SAMPLE = tap.SAMPLES / "failed.pcap"
CALL = "e3e38ecd7e546eeb@192.0.2.10"


def folder():
    return pathlib.Path(tap.program()).parent / "share"


def said(*command, **options):
    """Standard output of another program, which must be there and succeed."""
    if not shutil.which(command[0]):
        raise tap.Skip("no " + command[0])
    path = str(pathlib.Path(tap.program()).parent) + os.pathsep + os.environ["PATH"]
    environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                          env=environment, **options)
    assert done.returncode == 0 and not done.stderr, (command, done.stderr[:500])
    return done.stdout


def test_manual_pages_are_well_formed():
    for page in "rung.1", "rung-fields.7", "rung-filter.7":
        text = said("groff", "-ww", "-man", "-Tutf8", "-P-cbou", folder() / page)
        assert "NAME" in text and len(text.splitlines()) > 50, page


def test_manual_pages_in_chinese():
    """Well formed, with all names of the English ones, and no text of them."""
    if not (folder() / "zh_CN").is_dir():
        raise tap.Skip("built without gettext")
    for name in "rung.1", "rung-fields.7", "rung-filter.7":
        page = folder() / "zh_CN" / name
        text = said("groff", "-K", "utf8", "-ww", "-man", "-Tutf8", "-P-cbou", page)
        assert "名称" in text and len(text.splitlines()) > 50, page
        english, chinese = ((folder() / part / name).read_text(encoding="utf-8")
                            for part in ("", "zh_CN"))
        bold = [re.findall(r"^\.B .*$|^\\fB.*$", each, re.M) for each in (english, chinese)]
        assert bold[0] == bold[1], set(bold[0]) ^ set(bold[1])
        assert len(re.findall("[\u4e00-\u9fff]", chinese)) > 300
        plain = re.sub(r"\\-", "-", chinese)
        assert not re.search(r"^(?![.\\])[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+", plain, re.M), re.search(
            r"^(?![.\\])[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+.*", plain, re.M)[0]


def test_manual_says_what_help_says():
    """Each command, option and field, as it is typed."""
    page = (folder() / "rung.1").read_text()
    text = re.sub(r"\\-", "-", page)
    usage = tap.rung("help").stdout.decode()
    for name in re.findall(r"^  (\w+) {2,}\S", usage, re.M):
        assert "\n.B %s\n" % name in text, name
    options = re.findall(r"^ {2}(?:-\w, )* *--([\w-]+)", usage, re.M)
    assert len(options) > 60
    for name in options:
        assert re.search(r"^\.B .*--%s\b" % name, text, re.M), name
    fields = re.sub(r"\\-", "-", (folder() / "rung-fields.7").read_text())
    assert "\n  call.status " in fields and "header[" in fields


# What is typed after `rung`, and some of what is offered for its last word; "!": and nothing else.
TYPED = [
    (["ca"], "! calls capture"),
    (["calls", "--fo"], "! --follow --format"),
    (["explain", "--wi"], "! --width"),
    (["flow", "-T", ""], "! text json html svg mermaid plantuml markdown"),
    (["calls", "--format", "c"], "! csv"),
    (["calls", "--color", ""], "! auto always never"),
    (["lint", "--fail-on", ""], "! note warning error"),
    (["calls", "--time", "e"], "! epoch"),
    (["calls", "--lang", ""], "en"),
    (["calls", "--columns", "call.from,call.sta"], "! call.from,call.start call.from,call.state "
                                                   "call.from,call.status"),
    (["help", "fi"], "! fields filter findings"),
    (["flow", str(SAMPLE), "--call", "e3"], "! " + CALL),
    (["-i", "l"], "lo"),
    (["calls", str(tap.SAMPLES / "fail")], "! %s %s" % (SAMPLE.with_suffix(".pcap"),
                                                        SAMPLE.with_suffix(".scn"))),
]
# The same of expressions, where blanks matter.
EXPRESSIONS = [
    ("call.sta", {"call.start", "call.state", "call.status"}),
    ("call.status ", {"call.status ==", "call.status !=", "call.status in", "call.status and"}),
    ("call.status == 4xx ", {"call.status == 4xx and", "call.status == 4xx or"}),
    ("not (call.outcome == busy and from.us", {"not (call.outcome == busy and from.user"}),
]


def check(words, wanted, offered):
    exactly = wanted.startswith("! ")
    wanted = set(wanted.removeprefix("! ").split())
    assert wanted == offered if exactly else wanted <= offered, (words, wanted, sorted(offered))


def bash_offers(words, **options):
    """Quotes that are not closed are part of the word."""
    script = "compopt() { :; }; source %s; COMP_WORDS=(rung \"$@\") COMP_CWORD=$# COMPREPLY=(); " \
             "_rung; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (folder() / "rung")
    offered = said("bash", "-c", script, "bash", *words, **options)
    return {line for line in offered.split("\n") if line}


def test_bash():
    for words, wanted in TYPED:
        check(words, wanted, bash_offers(words))
    for text, wanted in EXPRESSIONS:
        offered = bash_offers(["calls", "-Y", "'" + text])
        assert wanted <= offered or offered >= {one + " ==" for one in wanted}, (text, offered)


def fish_offers(line, **options):
    script = "source %s; complete -C %s" % (folder() / "rung.fish", "'%s'" % line)
    return {found.split("\t")[0] for found in said("fish", "-c", script, **options).splitlines()}


def test_fish():
    for words, wanted in TYPED:
        if not words[-1].startswith("/"):  # files are its own
            check(words, wanted.removeprefix("! "), fish_offers("rung " + " ".join(words)))
    for text, wanted in EXPRESSIONS:
        offered = fish_offers('rung calls -Y "' + text)
        assert wanted <= offered, (text, offered)


def zsh_offers(text):
    """zsh completes only where keys are typed: it lists what it offers when asked twice."""
    script = """
zmodload zsh/zpty
zpty shell zsh -f
zpty -w shell "fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D"
zpty -w shell "setopt no_beep; LISTMAX=0; bindkey '^I' complete-word"
zpty -w shell 'list() { print -r -- ${(#):-30}$BUFFER${(#):-30} }; zle -N list'
zpty -w shell 'bindkey "^X" list'
zpty -w -n shell "$2"$'\\t\\x18'
zpty -r -m shell found "*${(#):-30}*${(#):-30}*"
print -r -- "$found"
"""
    with tempfile.TemporaryDirectory() as own:
        out = said("timeout", "20", "zsh", "-f", "-c", script, "zsh", str(folder()), text, cwd=own)
    return out.split("\x1e")[1]


def test_zsh():
    if not shutil.which("zsh"):
        raise tap.Skip("no zsh")
    for typed, end in (("expl", "ain "), ("calls --wi", "dth="), ("calls --format c", "sv "),
                       ("calls -Y 'call.outc", "ome"), ("calls -Y 'call.outcome cont", "ains"),
                       ("flow %s --call e3" % SAMPLE, CALL[2:])):
        found = zsh_offers("rung " + typed)
        assert found.startswith("rung " + typed + end), (typed, end, found)


def test_hostile_call_ids():
    """Shells expand what is completed: no text of the wire that has a meaning there is offered."""
    with tempfile.TemporaryDirectory() as own:
        capture = pathlib.Path(own, "x.pcap")
        data = SAMPLE.read_bytes()
        for text in "e3$(touch${IFS}pwned)`id`@x", "e3;touch pwned;@192.0.2.1", "-w/x@192.0.2.10":
            hostile = text.ljust(len(CALL), "0")
            assert len(hostile) == len(CALL)
            capture.write_bytes(data.replace(CALL.encode(), hostile.encode()))
            for typed in "e3", "":
                offers = [bash_offers(["flow", "x.pcap", "--call", typed], cwd=own)]
                if shutil.which("fish"):
                    offers.append(fish_offers("rung flow x.pcap --call " + typed, cwd=own))
                for offered in offers:
                    assert len(offered) == (0 if typed else 3), (text, offered)
                    assert all(re.fullmatch("[0-9a-z]+@[0-9.]+", one) for one in offered), offered
        assert os.listdir(own) == ["x.pcap"], os.listdir(own)


def test_installed():
    """Everything has its place, the unit starts what was installed."""
    build = pathlib.Path(tap.program()).parent.parent
    with tempfile.TemporaryDirectory() as root:
        said("meson", "install", "-C", build, "--no-rebuild", "--destdir", root)
        files = {str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()}
        unit = next(pathlib.Path(root, f).read_text() for f in files if f.endswith("rung.service"))
        command = re.search(r"^ExecStart=/(\S+)", unit, re.M).group(1)
        assert command in files, (command, files)
    pages = ["man1/rung.1", "man7/rung-fields.7", "man7/rung-filter.7"]
    if (folder() / "zh_CN").is_dir():
        pages += ["zh_CN/" + page for page in pages]
    for end in (*("man/" + page for page in pages),
                "zsh/site-functions/_rung", "fish/vendor_completions.d/rung.fish",
                "bash-completion/completions/rung", "applications/rung.desktop",
                "mime/packages/rung.xml", "examples/rung.logrotate", "examples/config"):
        assert any(f.endswith("share/" + end) or f.endswith(end) for f in files), end


def test_desktop_and_types():
    source = tap.ROOT / "ui" / "share"
    xml.etree.ElementTree.parse(source / "rung.xml")
    types = re.search("^MimeType=(.*)$", (source / "rung.desktop").read_text(), re.M).group(1)
    assert "application/x-pcapng" in types and "application/vnd.tcpdump.pcap" in types
    said("desktop-file-validate", source / "rung.desktop")


def test_homebrew():
    """The formula is Ruby, and names the archive beside it and each library of the build."""
    if not (tap.ROOT / ".git").exists():
        raise tap.Skip("no git repository")
    with tempfile.TemporaryDirectory() as target:
        said(tap.ROOT / "ui" / "share" / "package", "brew", target)
        formula = (pathlib.Path(target) / "rung.rb").read_text()
        url, digest = re.search('url "file://(.*)"\n  sha256 "(.*)"', formula).groups()
        assert hashlib.sha256(pathlib.Path(url).read_bytes()).hexdigest() == digest
        assert {"glib", "libpcap", "ncurses", "curl"} <= set(re.findall('depends_on "(.*)"$', formula, re.M))
        if shutil.which("ruby"):
            assert said("ruby", "-c", pathlib.Path(target) / "rung.rb") == "Syntax OK\n"


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
