"""`check`: assertions about calls."""
import json
from xml.etree import ElementTree

import tap

FAILED = tap.SAMPLES / "failed.pcap"


def check(*arguments):
    done = tap.rung("check", "--no-config", *arguments)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_each_kind():
    """Which hold: --none, --all, and each form of --count, at its edges."""
    rows = [
        ("--none", "call.outcome == answered", True),
        ("--none", "call.number == 2", False),
        ("--all", "call.outcome == failed", True),
        ("--all", "call.number < 4", False),
        ("--count", "4 call.outcome == failed", True),
        ("--count", "3 call.outcome == failed", False),
        ("--count", "5 call.outcome == failed", False),
        ("--count", "4.. call.outcome == failed", True),
        ("--count", "5.. call.outcome == failed", False),
        ("--count", "..4 call.outcome == failed", True),
        ("--count", "..3 call.outcome == failed", False),
        ("--count", "2..4 call.outcome == failed", True),
        ("--count", "0 call.outcome == answered", True),
    ]
    for option, text, holds in rows:
        status, out, err = check(option, text, FAILED)
        assert status == (0 if holds else 1), (option, text, out, err)
        assert out.startswith("failed: %s '%s'" % (option, text)) != holds, (option, text, out)
        assert ("1 of 1 check failed" in err) != holds, err


def test_texts():
    _, out, _ = check("--all", "call.number < 4", "--none", "call.number < 3", FAILED)
    assert out.splitlines() == [
        "failed: --all 'call.number < 4': 1 of 4 calls does not match: 4",
        "failed: --none 'call.number < 3': 2 of 4 calls match: 1, 2"], out


def test_chosen_calls():
    """-Y chooses the calls that are looked at; of none, all match."""
    assert check("-Y", "call.number == 2", "--all", "call.number == 2", FAILED)[0] == 0
    status, out, _ = check("-Y", "call.number == 9", "--all", "call.number == 2", "--count",
                           "1.. call.number > 0", FAILED)
    assert status == 1 and out.count("failed") == 1 and "0 of 0 calls match" in out, out


def test_json_and_junit():
    arguments = ("--none", "call.number > 2", "--all", "call.number < 9", FAILED)
    status, out, _ = check("-T", "json", *arguments)
    assert status == 1
    assert [json.loads(line) for line in out.splitlines()] == [
        {"check": "none", "expression": "call.number > 2", "holds": False, "calls": 4,
         "matching": 2, "examples": [3, 4]},
        {"check": "all", "expression": "call.number < 9", "holds": True, "calls": 4,
         "matching": 4, "examples": []}]
    status, out, _ = check("-T", "junit", *arguments)
    suite = ElementTree.fromstring(out)
    assert status == 1 and (suite.get("tests"), suite.get("failures")) == ("2", "1")
    cases = {case.get("name"): case.find("failure") for case in suite.iter("testcase")}
    assert cases["--all call.number < 9"] is None
    assert cases["--none call.number > 2"].get("message") == "2 of 4 calls match: 3, 4"


def test_many_are_counted():
    with_all = check("--none", "call.number > 0", tap.SAMPLES / "branches.pcap")[1]
    assert with_all.count(",") <= 10, with_all


def test_usage():
    for arguments, said in (((), "needs --none, --all or --count"),
                            (("--count", "call.number > 0"), "--count needs a number"),
                            (("--count", ".. call.number > 0"), "--count needs a number"),
                            (("--count", "4..2 call.number > 0"), "--count needs a number"),
                            (("--count", "3"), "--count needs a number"),
                            (("--none", "call.nubmer > 0"), "did you mean call.number?")):
        status, _, err = check(*arguments, FAILED)
        assert status == 2 and said in err, (arguments, err)
    status, _, err = tap.rung("calls", "--none", "x", FAILED).returncode, None, None
    assert status == 2


def test_input_that_is_cut():
    """An input that was not read whole is a failure, too."""
    assert check("--none", "call.number > 999", tap.SAMPLES / "truncated.pcap")[0] == 1


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in globals().items()
            if name.startswith("test_")]
