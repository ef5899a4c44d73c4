"""`help schema`: every line of JSON is as it says, over all samples and small cases."""
import functools
import json
import pathlib
import subprocess
import tempfile

import gb28181
import json_schema
import tap
from scenario import script

CASES = pathlib.Path(__file__).resolve().parent.parent / "cases"

# Definition -> commands whose lines are of it.
OUTPUTS = {
    "calls": [("calls",)],
    "messages": [("messages",)],
    "flow": [("flow",), ("flow", "--merge"), ("flow", "--legs"), ("flow", "--merge", "--legs")],
    "show": [("show",), ("show", "--decode")],
    "streams": [("streams",)],
    "registrations": [("registrations",)],
    "devices": [("devices",)],
    "stats": [("stats",)],
    "stats --by": [("stats", "--by", "trunk"), ("stats", "--by", "hour"),
                   ("stats", "--by", "call.duration")],
    "explain": [("explain",)],
    "explain --group": [("explain", "--group")],
    "lint": [("lint",)],
    "check": [("check", "--none", "call.outcome == failed", "--count", "1.. call.status == 200")],
    "--columns": [("calls", "--columns", "call.number,call.start,call.endpoints,from.user"),
                  ("messages", "--columns", 'message.number,header["Via"],message.codecs'),
                  ("streams", "--columns", "stream.number,stream.mos,stream.srtp")],
}


@functools.cache
def document():
    return json.loads(tap.rung("help", "schema").stdout)


def build_cases(folder):
    """The captures of tests/cases, but for those that need options to be read."""
    for path in sorted(CASES.glob("*.scn")):
        player = script.perform(path.stem, path.read_text(encoding="utf-8"))
        made = folder / (path.stem + "." + player.container)
        made.write_bytes(player.capture())
        yield made


@functools.cache
def folder():
    """Deleted at the end of the program."""
    return tempfile.TemporaryDirectory()


def build_devices(into):
    events = gb28181.registered() + gb28181.keepalives(0, 60, 61, 59) + gb28181.catalog(
        gb28181.item(gb28181.CHANNEL, gb28181.CAMERA))
    made = into / "devices.pcap"
    made.write_bytes(gb28181.played(events))
    return made


@functools.cache
def inputs():
    into = pathlib.Path(folder().name)
    return [*tap.samples(), *build_cases(into), build_devices(into)]


def lines_of(arguments, files):
    done = tap.rung(*arguments, "-T", "json", "-q", *files)
    assert done.returncode in (0, 1), (arguments, done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_output(name):
    """All inputs as one, so that every kind of line is there."""
    checker = json_schema.Checker(document())
    for arguments in OUTPUTS[name]:
        lines = lines_of(arguments, inputs())
        assert lines, arguments
        for line in lines:
            checker.check(line, document()["$defs"][name], " ".join(arguments))


def test_compare():
    checker = json_schema.Checker(document())
    made = next(path for path in inputs() if path.stem == "good-and-bad")
    for call in (2, 3, 4, 5):
        for line in lines_of(("compare", "--call", 1, "--call", call), [made]):
            checker.check(line, document()["$defs"]["compare --call"])
    for line in lines_of(("compare",), [made, tap.SAMPLES / "failed.pcap"]):
        checker.check(line, document()["$defs"]["compare"])


def test_all_are_named():
    """Each command that has JSON, and nothing else; keys in the order of the output."""
    tested = {*OUTPUTS, "compare", "compare --call", "node"}
    assert set(document()["$defs"]) == tested, set(document()["$defs"]) ^ tested
    row = lines_of(("calls",), [tap.SAMPLES / "basic.pcap"])[0]
    assert list(document()["$defs"]["calls"]["properties"]) == list(row)
    for name in OUTPUTS:
        command = name.split()[0]
        assert command == "--columns" or "json" in tap.rung("help", command).stdout.decode()


def test_wrong_values():
    """The checker finds a missing key, an unknown one, and a value of another type."""
    checker = json_schema.Checker(document())
    schema = document()["$defs"]["check"]
    right = {"check": "none", "expression": "x", "holds": True, "calls": 1, "matching": 0,
             "examples": [1]}
    checker.check(right, schema)
    for change in ({"holds": 1}, {"calls": "1"}, {"more": 1}, {"examples": ["1"]}, {"calls": None}):
        for wrong in ({**right, **change}, {k: v for k, v in right.items() if k not in change}):
            if wrong == right:
                continue
            try:
                checker.check(wrong, schema)
            except AssertionError:
                continue
            raise AssertionError("nothing wrong was found in %r" % wrong)


VALIDATE = """
import json, sys, jsonschema
document = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(document)
for name in sys.argv[2::2]:
    jsonschema.Draft202012Validator({**document, "$ref": "#/$defs/" + name})
for line in sys.stdin:
    name, value = json.loads(line)
    jsonschema.validate(value, {**document, "$ref": "#/$defs/" + name.replace(" ", "%20")},
                        jsonschema.Draft202012Validator)
"""


def test_by_jsonschema():
    """Another program reads it: Debian's python3-jsonschema."""
    probe = subprocess.run(["/usr/bin/python3", "-c", "import jsonschema"], check=False,
                           stderr=subprocess.DEVNULL)
    if probe.returncode != 0:
        raise tap.Skip("python3-jsonschema is not installed")
    sample = [tap.SAMPLES / "chain.pcap", tap.SAMPLES / "media-dtmf.pcap"]
    values = [(name, line) for name, commands in OUTPUTS.items() for arguments in commands
              for line in lines_of(arguments, sample)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document(), file)
        file.flush()
        done = subprocess.run(["/usr/bin/python3", "-c", VALIDATE, file.name], check=False,
                              input="\n".join(map(json.dumps, values)), text=True,
                              stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr[-2000:]


def tests():
    named = [(name, functools.partial(check_output, name)) for name in OUTPUTS]
    return named + [(name[5:].replace("_", " "), function) for name, function in globals().items()
                    if name.startswith("test_")]
