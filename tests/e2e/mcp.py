"""`mcp`: a recorded session with an assistant, over pipes."""
import json
import pathlib
import shutil
import subprocess
import tempfile

import tap


def start(*arguments):
    if "built without: mcp" in tap.version():
        raise tap.Skip("built without json-glib")
    return tap.running([tap.program(), "mcp", *map(str, arguments)], stdin=subprocess.PIPE,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Client:
    def __init__(self, process):
        self.process, self.number = process, 0

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, method, **params):
        self.number += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method,
                              "params": params}))
        reply = self.receive()
        assert reply["id"] == self.number, reply
        return reply

    def call(self, name, **arguments):
        result = self.ask("tools/call", name=name, arguments=arguments)["result"]
        (content,) = result["content"]
        return content["text"] if result["isError"] else json.loads(content["text"])

    def open(self, path):
        return self.call("open", path=str(path))["capture"]

    def end(self):
        out, err = self.process.communicate(timeout=60)
        assert (self.process.returncode, out, err) == (0, b"", b""), (out, err)


def printed(*arguments):
    nowhere = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
    out = tap.rung(*arguments, env=nowhere).stdout.decode()
    return [json.loads(line) for line in out.splitlines()] if "json" in arguments else out


def test_session():
    """From the handshake to the end of the input; rows are those of the command line."""
    failed = tap.SAMPLES / "failed.pcap"
    with start(tap.SAMPLES) as process:
        client = Client(process)
        hello = client.ask("initialize", protocolVersion="2025-03-26", capabilities={},
                           clientInfo={"name": "test", "version": "1"})["result"]
        assert hello["protocolVersion"] == "2025-03-26" and hello["capabilities"] == {"tools": {}}
        assert "never instructions" in hello["instructions"]
        client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
        assert client.ask("ping")["result"] == {}
        tools = {tool["name"]: tool for tool in client.ask("tools/list")["result"]["tools"]}
        assert sorted(tools) == ["calls", "explain", "fields", "flow", "messages", "open",
                                 "registrations", "show", "stats", "streams"]
        for tool in tools.values():
            schema = tool["inputSchema"]
            assert schema["type"] == "object" and tool["annotations"]["readOnlyHint"], tool
            assert set(schema["required"]) <= set(schema["properties"]), tool

        opened = client.call("open", path="failed.pcap")
        assert (opened["capture"], opened["messages"], opened["faults"]) == (1, 17, []), opened
        calls = client.call("calls", capture=1)
        assert calls["rows"] == printed("calls", "-T", "json", failed)
        assert calls["next_offset"] is None and "not instructions" in calls["note"]
        where = "call.status >= 500"
        assert client.call("calls", capture=1, where=where)["rows"] == \
            printed("calls", "-T", "json", "-Y", where, failed)
        assert client.call("explain", capture=1, call=2)["rows"] == \
            printed("explain", "-T", "json", "--call", 2, failed)
        assert client.call("flow", capture=1, call=2)["text"] == \
            printed("flow", "--call", 2, "--width", 100, "--utc", failed)
        assert client.call("show", capture=1, message=12)["rows"] == \
            printed("show", "-T", "json", "--message", 12, failed)
        assert client.call("stats", capture=1)["rows"] == printed("stats", "-T", "json", failed)
        assert client.call("stats", capture=1, by="trunk", where=where)["rows"] == \
            printed("stats", "-T", "json", "--by", "trunk", "-Y", where, failed)
        assert "call.outcome" in client.call("fields")["text"]
        client.end()


def test_other_captures():
    """Streams, registrations and messages are those of the command line, too."""
    rows = [("streams", "media-loss.pcap", {}, ()),
            ("streams", "media-loss.pcap", {"where": "stream.loss > 1"},
             ("-Y", "stream.loss > 1")),
            ("explain", "media-loss.pcap", {}, ()),
            ("registrations", "registrations.pcap", {}, ()),
            ("registrations", "registrations.pcap", {"where": 'from.user == "carol"'},
             ("-Y", 'from.user == "carol"')),
            ("messages", "chain.pcap", {}, ()),
            ("messages", "chain.pcap", {"where": "message.retransmission"},
             ("-Y", "message.retransmission")),
            ("messages", "chain.pcap", {"where": "message.status == 200 and call.number == 1"},
             ("-Y", "message.status == 200 and call.number == 1")),
            ("calls", "b2bua.pcap", {"where": "call.legs > 1"}, ("-Y", "call.legs > 1"))]
    with start(tap.SAMPLES) as process:
        client = Client(process)
        for tool, name, arguments, options in rows:
            got = client.call(tool, capture=client.open(name), **arguments)
            expected = printed(tool, "-T", "json", *options, tap.SAMPLES / name)
            assert expected and got["rows"] == expected, (tool, name, arguments, got)
        legs = client.call("flow", capture=client.open("b2bua.pcap"), call=1, conversation=True)
        assert legs["text"] == printed("flow", "--conversation", 1, "--width", 100, "--utc",
                                       tap.SAMPLES / "b2bua.pcap")
        client.end()


def pages(client, tool, limit, **arguments):
    """The rows, or lines, of all pages, and how many pages there are."""
    offset, rows, count = 0, [], 0
    while offset is not None:
        page = client.call(tool, limit=limit, offset=offset, **arguments)
        assert page["offset"] == offset
        part = page["rows"] if "rows" in page else page["text"].splitlines()
        assert len(part) <= limit
        rows, count, offset = rows + part, count + 1, page["next_offset"]
    return rows, count


def test_pages():
    with start(tap.SAMPLES) as process:
        client = Client(process)
        failed, chain = client.open("failed.pcap"), client.open("chain.pcap")
        for tool, arguments, limit, number in (
                ("calls", {"capture": failed}, 3, 2), ("calls", {"capture": failed}, 4, 1),
                ("calls", {"capture": failed, "where": "call.number > 1"}, 2, 2),
                ("explain", {"capture": failed}, 1, 4), ("messages", {"capture": chain}, 7, 6),
                ("flow", {"capture": failed, "call": 2}, 5, 3)):
            rows, count = pages(client, tool, limit, **arguments)
            whole = client.call(tool, limit=500, **arguments)
            assert rows == (whole["rows"] if "rows" in whole else whole["text"].splitlines())
            assert count == number, (tool, arguments, count)
        beyond = client.call("calls", capture=failed, offset=4)
        assert (beyond["rows"], beyond["next_offset"]) == ([], None)
        client.end()


def test_long_answers_are_cut():
    """A page has about 256 KiB, whatever the limit; what follows is on the next."""
    with tempfile.TemporaryDirectory() as folder:
        text = "".join(
            "2026/01/02 10:00:%02d.000000 192.0.2.1:5060 -> 192.0.2.2:5060\n"
            "OPTIONS sip:a@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d\n"
            "From: <sip:b@example.com>;tag=%s\nTo: <sip:a@example.com>\nCall-ID: c%d\n"
            "CSeq: 1 OPTIONS\nContent-Length: 0\n\n" % (i, i, "x" * 10000, i) for i in range(60))
        pathlib.Path(folder, "long.txt").write_text(text, encoding="utf-8")
        with start(folder) as process:
            client = Client(process)
            capture = client.open("long.txt")
            first = client.call("messages", capture=capture, limit=500)
            assert 20 < len(first["rows"]) < 30 and first["next_offset"] == len(first["rows"])
            rows, count = pages(client, "messages", 500, capture=capture)
            assert [row["message"] for row in rows] == list(range(1, 61)) and count == 3, count
            client.end()


def test_other_files_are_refused():
    """What lies elsewhere looks as if it was not there, whatever the path."""
    with tempfile.TemporaryDirectory() as folder:
        inside = pathlib.Path(folder, "in")
        inside.mkdir()
        beside = pathlib.Path(folder, "in-other.pcap")
        shutil.copy(tap.SAMPLES / "basic.pcap", beside)
        shutil.copy(tap.SAMPLES / "basic.pcap", inside / "here.pcap")
        (inside / "out.pcap").symlink_to(beside)
        (inside / "within.pcap").symlink_to(inside / "here.pcap")
        (inside / "up").symlink_to(folder)
        with start(inside) as process:
            client = Client(process)
            for path in (beside, "../in-other.pcap", "out.pcap", "up/in-other.pcap", "/etc/passwd",
                         "/proc/self/environ", "nothing.pcap", "here.pcap/", "-"):
                said = client.call("open", path=str(path))
                assert "no such file in the folders" in said, (path, said)
            assert "no such file" in client.call("open", path=".")
            (inside / "folder").mkdir()
            assert "not a file" in client.call("open", path="folder")
            for path in ("here.pcap", "within.pcap", inside / "here.pcap", "up/in/here.pcap"):
                assert client.call("open", path=str(path))["messages"] > 0, path
            client.end()


def test_faults_are_told():
    """What could not be read, expressions that are wrong, calls that are not there."""
    with start(tap.SAMPLES) as process:
        client = Client(process)
        assert client.call("open", path="truncated.pcap")["faults"], "no fault"
        assert "basic.scn" in client.call("open", path="basic.scn")
        number = client.open("failed.pcap")
        for tool, arguments, said in (
                ("calls", {"where": "call.nubmer > 1"}, "did you mean call.number?"),
                ("streams", {"where": "call.number > 1"}, "call.number"),
                ("calls", {"call": 99}, "there is no call '99'"),
                ("explain", {"call": "nobody@nowhere"}, "there is no call 'nobody@nowhere'"),
                ("flow", {"call": 99}, "there is no call '99'"),
                ("show", {"message": 99}, "there is no message 99"),
                ("streams", {"stream": 99}, "there is no stream 99"),
                ("stats", {"where": "call.number > 1"}, "needs `by`"),
                ("stats", {"by": "message.nothing"}, "message.nothing")):
            got = client.call(tool, capture=number, **arguments)
            assert isinstance(got, str) and said in got, (tool, arguments, got)
        assert "no capture 77" in client.call("calls", capture=77)
        client.end()


def test_hostile_lines():
    """Each is answered by an error, and the next request as usual."""
    with start(tap.SAMPLES) as process:
        client = Client(process)
        for line, code in (("x" * (3 << 20), -32700), ("[" * 1000000, -32700), ("{", -32700),
                           ('"\\ud800"', -32700), ("\0", -32700), ("17", -32600)):
            client.send(line)
            assert client.receive()["error"]["code"] == code, line[:40]
            assert client.ask("ping")["result"] == {}
        client.end()


def test_last_line_without_end():
    done = tap.rung("mcp", tap.SAMPLES, input=b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
    if b"built without" in done.stderr:
        raise tap.Skip("built without json-glib")
    assert done.returncode == 0 and json.loads(done.stdout)["result"] == {}, done
    assert tap.rung("mcp", tap.SAMPLES).returncode == 0


def test_usage():
    for arguments, status in (((), 2), (("-i", "lo"), 2), ((tap.SAMPLES, "--recursive"), 2),
                              ((tap.SAMPLES / "basic.pcap",), 1), (("/nowhere",), 1)):
        done = tap.rung("mcp", *arguments, input=b"")
        if b"built without" in done.stderr:
            raise tap.Skip("built without json-glib")
        assert done.returncode == status and done.stderr, (arguments, done)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
