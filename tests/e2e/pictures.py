"""`flow` as SVG, HTML, Mermaid and PlantUML: well-formed, bounded; what was sent stays text.

Pages are opened in Chromium where there is one, and the programs that draw the others read them.
"""
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
from xml.etree import ElementTree

import browser
import findings
import tap

SVG = "{http://www.w3.org/2000/svg}"
EVIL = ("+0 alice > bob INVITE\n"
        "  Subject: </pre></details><script>document.title='run'</script>\n"
        "  X-Note: \"><img src=x onerror=\"document.title='run'\">\n"
        "  Content-Type: text/plain\n"
        "  | ]]><svg onload=\"document.title='run'\">&amp;&#60;b&#62;\n"
        "+0.1 bob > alice 486\n"
        "  ! SIP/2.0 486 <b onclick='x()'>\"No\"</b> ]]> ;#1; @enduml %date() [[http://e.com]]\n"
        "+0.01 alice > bob ACK\n")


def flow(capture, *arguments):
    """What `flow` prints of the bytes of a capture."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture)
        file.flush()
        done = tap.rung("flow", "--no-config", *arguments, file.name)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


class Reader(html.parser.HTMLParser):
    """Elements and attributes; all that are open are closed."""

    EMPTY = {"meta", "input", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.names, self.attributes = [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.names.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


def labels_of(root):
    return [text.text for text in root.iter(SVG + "text") if text.get("class") == "label"]


def test_svg_shows_the_ladder():
    """One row a rung of the text, in its order, and each is inside of the picture."""
    for sample in tap.samples():
        done = tap.rung("flow", "--no-config", "-T", "svg", sample)
        root = ElementTree.fromstring(done.stdout)
        labels = labels_of(root)
        text = tap.rung("flow", "--no-config", "--width", "100", sample).stdout.decode()
        arrows = re.findall("[◄►]", text)
        assert len(labels) == len(arrows), (sample, len(labels), len(arrows))
        width = float(root.get("width"))
        for one in root.iter(SVG + "text"):
            end = float(one.get("x")) + (0 if one.get("text-anchor") else
                                         float(one.get("textLength", "0")))
            assert 0 <= end <= width, (sample, one.text, end, width)


def test_html_has_all_of_a_call():
    text = tap.rung("flow", "--no-config", "-T", "html", "--utc",
                    tap.SAMPLES / "failed.pcap").stdout.decode()
    reader = Reader(text)
    assert reader.names.count("section") == 4 and reader.names.count("script") == 1
    for part in ("Call 1: ", "<dt>Call-ID</dt>", "SIP/2.0 ", "<b class=\"error\">error</b>"):
        assert part in text, part
    drawn = re.findall(r'id="r(\d+)"', text)
    assert drawn == re.findall(r'<details id="m(\d+)"', text) and len(drawn) > 10
    assert not re.search(r"(src|href)=\"(?!#)", text), "it needs nothing from a network"
    marks = re.findall(r'<a href="#m(\d+)"', text)
    assert marks and set(marks) <= set(drawn), marks


def test_merged():
    text = tap.rung("flow", "--no-config", "-T", "html", "--merge",
                    tap.SAMPLES / "b2bua.pcap").stdout.decode()
    assert Reader(text).names.count("section") == 1
    assert "Call 1: " in text and "Call 2: " in text


def test_markdown_and_explain():
    """They are the same documents, whichever command writes them."""
    sample = tap.SAMPLES / "failed.pcap"
    for form in "markdown", "html":
        flow_says, explain_says = (tap.rung(command, "--no-config", "-T", form, sample).stdout
                                   for command in ("flow", "explain"))
        assert flow_says == explain_says and len(flow_says) > 1000, form
    done = tap.rung("flow", "-T", "markdown", "--merge", sample)
    assert done.returncode == 2 and b"--merge" in done.stderr, done.stderr


def test_hostile_texts():
    capture = findings.played(EVIL)
    for form in "html", "svg":
        text = flow(capture, "-T", form)
        names = set(Reader(text).names) if form == "html" else {
            one.tag.replace(SVG, "") for one in ElementTree.fromstring(text).iter()}
        assert not names & {"img", "b" if form == "svg" else "iframe"}, names
        assert "onerror=\"" not in text and "onclick='" not in text, form
    plantuml = flow(capture, "-T", "plantuml")
    assert re.findall("^@enduml", plantuml, re.M) == ["@enduml"], plantuml
    for special in ("[[", "%date", "<b"):
        assert special not in plantuml, plantuml
    mermaid = flow(capture, "-T", "mermaid")
    assert "<b" not in mermaid and "#59;#35;1#59;" in mermaid, mermaid


def test_long_calls_are_bounded():
    """What is beyond the limit is counted."""
    again = "".join("+0.01 alice > bob OPTIONS\n" for _ in range(10500))
    capture = findings.played("+0 alice > bob INVITE sdp\n" + again)
    for form, most in ("svg", 8), ("html", 24):
        text = flow(capture, "-T", form)
        assert len(text) < most * 1000 * 1000, len(text)
        said = text[text.rfind("left out") - 60:]
        assert re.search(r"\d+ more (rows|calls)?.* left out", said), said[:1500]


def report_of(path, *arguments):
    done = tap.rung("report", "--no-config", *arguments, path)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_report():
    """One page: causes with examples, each of which has its ladder below; trunks; numbers."""
    text = report_of(tap.SAMPLES / "failed.pcap")
    reader = Reader(text)
    for part in ("What the capture lacks", "<h2>Causes</h2>", "<h2>Trunks</h2>", "<h2>Numbers</h2>",
                 "<h2>Calls</h2>"):
        assert part in text, part
    named = set(re.findall('href="#call(\\d+)"', text))
    drawn = re.findall('id="call(\\d+)"', text)
    assert named == set(drawn) and len(drawn) == len(named) == 4, (named, drawn)
    assert reader.names.count("svg") == 2 * len(drawn)
    chosen = report_of(tap.SAMPLES / "failed.pcap", "-Y", "call.number == 2")
    assert re.findall('id="call(\\d+)"', chosen) == ["2"], chosen
    for sample, part in (("media-loss", "Worst sound"), ("registrations", "-of-record")):
        assert part in report_of(tap.SAMPLES / (sample + ".pcap")), sample


def test_report_of_hostile_texts():
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(findings.played(EVIL))
        file.flush()
        assert not set(Reader(report_of(file.name)).names) & {"img", "iframe"}


def test_report_without_calls():
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        whole = (tap.SAMPLES / "failed.pcap").read_bytes()
        file.write(whole[:24])
        file.flush()
        assert "No findings." in report_of(file.name)


def test_in_a_browser():
    """No error on the console; click, search, fold and zoom work; no script of a message runs."""
    if not browser.PROGRAM:
        raise tap.Skip("no chromium")
    capture = findings.played(EVIL)
    with tempfile.TemporaryDirectory() as folder, browser.page() as page:
        path = pathlib.Path(folder) / "page.html"
        path.write_text(flow(capture, "-T", "html"), encoding="utf-8")
        page.open(path)
        assert page.ask("document.title") == "SIP calls"
        assert page.ask("document.querySelectorAll('img, svg[onload], pre script').length") == 0
        assert page.ask("document.querySelector('aside').hidden") is True
        page.ask("document.querySelector('.rung').dispatchEvent("
                 "new MouseEvent('click', {bubbles: true}))")
        assert page.ask("document.querySelector('aside').hidden") is False
        assert "INVITE sip:" in page.ask("document.querySelector('aside pre').textContent")
        assert "onerror" in page.ask("document.querySelector('aside pre').textContent")
        page.ask("(() => { const field = document.getElementById('search');"
                 "field.value = 'No'; field.dispatchEvent(new Event('input')); })()")
        assert int(page.ask("document.getElementById('count').textContent")) > 0
        before = page.ask("document.querySelector('svg.rungs').getBoundingClientRect().width")
        page.ask("document.getElementById('larger').click()")
        after = page.ask("document.querySelector('svg.rungs').getBoundingClientRect().width")
        assert after > before, (before, after)
        assert page.console == [], page.console


def test_report_in_a_browser():
    """A link to a call opens it."""
    if not browser.PROGRAM:
        raise tap.Skip("no chromium")
    with tempfile.TemporaryDirectory() as folder, browser.page() as page:
        path = pathlib.Path(folder) / "report.html"
        path.write_text(report_of(tap.SAMPLES / "failed.pcap"), encoding="utf-8")
        page.open(path)
        assert page.ask("document.querySelectorAll('details.call[open]').length") == 0
        page.ask("document.querySelector('a[href^=\\'#call\\']').click()")
        assert page.ask("document.querySelectorAll('details.call[open]').length") == 1
        assert page.console == [], page.console


def test_folding_in_a_browser():
    if not browser.PROGRAM:
        raise tap.Skip("no chromium")
    with tempfile.TemporaryDirectory() as folder, browser.page() as page:
        path = pathlib.Path(folder) / "page.html"
        path.write_bytes(tap.rung("flow", "--no-config", "-T", "html",
                                  tap.SAMPLES / "retransmission.pcap").stdout)
        page.open(path)
        height = "Number(document.querySelector('svg.rungs').getAttribute('height'))"
        copies = page.ask("document.querySelectorAll('g.row.copy').length")
        before = page.ask(height)
        page.ask("document.getElementById('fold').click()")
        assert copies > 0 and page.ask(height) < before, (copies, before)
        page.ask("document.getElementById('fold').click()")
        assert page.ask(height) == before


DRAWN = ["basic", "chain", "fork", "media-dtmf", "unicode", "websocket"]


def sources(form):
    """{name: text} of samples, and of a hostile call."""
    made = {name: tap.rung("flow", "--no-config", "-T", form,
                           tap.SAMPLES / (name + ".pcap")).stdout.decode() for name in DRAWN}
    made["hostile"] = flow(findings.played(EVIL), "-T", form)
    return made


def test_plantuml_draws():
    """The program itself reads them, without a fault, and draws every endpoint."""
    if not shutil.which("plantuml"):
        raise tap.Skip("plantuml is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for stem, text in sources("plantuml").items():
            (folder / (stem + ".puml")).write_text(text, encoding="utf-8")
        done = subprocess.run(["plantuml", "-tsvg", "-failfast2", "-charset", "UTF-8",
                               *map(str, folder.glob("*.puml"))], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
        for stem in DRAWN:
            drawn = "".join(path.read_text(encoding="utf-8")
                            for path in folder.glob(stem + "*.svg"))
            assert "INVITE" in drawn or "REGISTER" in drawn, stem
            assert "Syntax Error" not in drawn, stem


def mermaid_script():
    """Where `check` or npm has put it."""
    candidates = [os.environ.get("RUNG_MERMAID", "")]
    if shutil.which("npm"):
        root = subprocess.run(["npm", "root", "-g"], check=False, stdin=subprocess.DEVNULL,
                              capture_output=True).stdout.decode().strip()
        candidates.append(os.path.join(root, "mermaid", "dist", "mermaid.min.js"))
    for path in candidates:
        if os.path.isfile(path):
            return path
    raise tap.Skip("mermaid is not installed (npm; RUNG_MERMAID names its mermaid.min.js)")


def draw_mermaid(page, text):
    """The SVG, or what is wrong."""
    page.ask("window.drawn = null; mermaid.render('one', %s).then("
             "made => { window.drawn = made.svg; }, why => { window.drawn = 'fault: ' + why; }); 1"
             % json.dumps(text))
    end = time.monotonic() + 20
    while not (drawn := page.ask("window.drawn")) and time.monotonic() < end:
        time.sleep(0.01)
    return drawn or "fault: not drawn in time"


def test_mermaid_draws():
    """The same in a browser; nothing of a message becomes markup."""
    script = mermaid_script()
    if not browser.PROGRAM:
        raise tap.Skip("no chromium")
    with tempfile.TemporaryDirectory() as folder, browser.page() as page:
        path = pathlib.Path(folder, "page.html")
        path.write_text("<script src=\"file://%s\"></script>" % script, encoding="utf-8")
        page.open(path)
        page.ask("mermaid.initialize({startOnLoad: false}); 1")
        for stem, text in sources("mermaid").items():
            parts = [part for part in text.split("sequenceDiagram\n") if part.strip()]
            assert parts, stem
            for part in parts:
                drawn = draw_mermaid(page, "sequenceDiagram\n" + part)
                assert drawn.startswith("<svg"), (stem, drawn[:500], part[:2000])
                assert "<img" not in drawn and "onerror=" not in drawn, stem


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
