"""Which calls of a scenario are legs of one conversation, and what they are to each other."""
import functools
import re

import pty_session
import tap
from cases import capture, objects, scenario

BLIND, ATTENDED, B2BUA = "blind transfer", "attended transfer", "B2BUA leg"
THIRD, FORWARD = "third-party call control", "forward"

# By scenario: the legs of each conversation, and its services.  All other calls are alone, without
# services.
CASES = {
    "transfers": [
        ("blind.first blind.second", [BLIND]),
        ("plain.first plain.second", [BLIND]),
        ("attended.first attended.consult attended.last", [ATTENDED]),
        ("late.consult late.last", [ATTENDED]),
    ],
    "pickup-and-park": [
        ("pickup.first pickup.last", ["pickup"]),
        ("park.first park.refer park.second park.last", ["park"]),
        ("join.first join.last", ["join"]),
        ("taken.first taken.last", ["replacement"]),
    ],
    "call-services": [
        ("click.refer click.call", ["click to dial"]),
        ("midway.first midway.second", [BLIND]),
    ],
    "forwarding": [
        ("diverted.in diverted.out", [FORWARD]),
        ("history.in history.out", [FORWARD]),
        ("moved.out moved.next", [FORWARD]),
        ("proxied", [FORWARD]),
        ("two.b two.out", [FORWARD]),
    ],
    "b2bua-legs": [
        ("session.a session.b session.c", [B2BUA]),
        ("passed.a passed.b", [B2BUA]),
        ("media.a media.b", [B2BUA]),
        ("group.in group.bob group.carol", [B2BUA]),
    ],
    "third-party": [
        ("one.a one.b", [THIRD]),
        ("four.a four.b", [THIRD]),
    ],
    "legs-alike": [
        ("port.a port.b", [B2BUA]),
        ("port.c port.d", [B2BUA]),
    ],
    "legs": [
        ("icid.a icid.b", [B2BUA]),
        ("suffix.a suffix.b", [B2BUA]),
        ("prefix.a prefix.b", [B2BUA]),
    ],
}


def names_of(name):
    return {call.call_id: name for name, call in scenario(name).calls.items()}


def check(name):
    names = names_of(name)
    rows = objects("calls", "-T", "json", "--no-config", "--columns",
                   "call.number,call.id,call.conversation,call.legs,call.leg,call.service",
                   capture(name).name)
    numbers = {names[row["call.id"]]: row["call.number"] for row in rows}
    wanted = {call: ([call], []) for call in numbers}
    wanted.update({call: (legs.split(), services) for legs, services in CASES[name]
                   for call in legs.split()})
    for row in rows:
        call = names[row["call.id"]]
        legs, services = wanted[call]
        others = sorted(numbers[leg] for leg in legs if leg != call)
        found = {key[5:]: row[key] for key in row if key != "call.id"}
        assert found == {"number": numbers[call], "legs": len(legs), "leg": others or None,
                         "conversation": min(numbers[leg] for leg in legs),
                         "service": services or None}, "%s: %s" % (call, found)


# Of calls of that scenario: the roles of their endpoints, the status of each branch, those of one
# fork one after the other, and the findings.
PATHS = {
    "findme": ("uac proxy uas uas uas", [200, [487, 486, 200]], []),
    "redial.first": ("uac uas", [486, []], ["rejected"]),
    "redial.watch": ("uac uas", [200, []], []),
    "redial.last": ("uac uas", [200, []], []),
    "click.refer": ("uac uas", [202, []], []),
    "click.call": ("uac uas", [200, []], []),
    "noanswer": ("uac proxy uas uas", [200, [487, 200]], []),
    "midway.second": ("uac uas", [200, []], []),
}


def test_services_as_in_their_rfc():
    """RFC 5359: who does what in a call, where it is tried in turn, and no fault where it ended
    well."""
    names = names_of("call-services")
    for call in objects("explain", "-T", "json", "--no-config", capture("call-services").name):
        if names[call["call_id"]] not in PATHS:
            continue
        roles, (status, tried), findings = PATHS[names[call["call_id"]]]
        assert " ".join(role["role"] for role in call["roles"]) == roles, call["roles"]
        root = call["branches"][0]
        below = [branch["status"] for branch in call["branches"]
                 if branch["parent"] == root["branch"]]
        assert (root["parent"], root["status"], below) == (None, status, tried), call["branches"]
        assert [finding["id"] for finding in call["findings"]] == findings, call["findings"]
    text = tap.rung("explain", "--no-config", "--call", 1, capture("call-services").name).stdout
    assert text.count(b", next: ") == 2 and b"487 (cancelled)" in text, text.decode()


def test_explain_says_what_links_the_legs():
    path = capture("transfers").name
    call, = objects("explain", "-T", "json", "--no-config", "--call", 6, path)
    assert call["conversation"] == 6 and call["services"] == [ATTENDED] and call["likely"] == []
    found = [(leg["call"], leg["of"], leg["service"], leg["why"], leg["evidence"][0]["value"])
             for leg in call["legs"]]
    assert found == [
        (7, 6, ATTENDED, ["Refer-To with Replaces"], "592435881734450904@atlanta.example.com"),
        (8, 6, ATTENDED, ["Referred-By", "Refer-To"], "carol@chicago.example.com")], found
    assert 0.98 < call["legs"][1]["score"] < 1, call["legs"]
    text = tap.rung("explain", "--no-config", "--call", 8, path).stdout.decode()
    assert "  conversation 6, 3 legs: attended transfer\n" in text, text
    assert "call 7 is a leg of call 8 (attended transfer, by Replaces)\n" \
        "    Replaces 592435881734450904@atlanta.example.com (99 %)\n" in text, text


def test_a_hint_links_nothing():
    path = capture("legs-alike").name
    first, second = [row["call.number"] for row in objects(
        "calls", "-T", "json", "--columns", "call.number", path)][-2:]
    call, = objects("explain", "-T", "json", "--no-config", "--call", first, path)
    assert call["legs"] == [] and call["conversation"] == first, call["legs"]
    assert [hint["call"] for hint in call["likely"]] == [second], call["likely"]
    assert call["likely"][0]["why"][0] == "same users" and call["likely"][0]["score"] < 0.8


def test_the_ladder_of_a_conversation():
    path = capture("b2bua-legs").name
    for number in 1, 3:
        flow, = objects("flow", "-T", "json", "--no-config", "--conversation", number, path)
        assert flow["calls"] == [1, 2, 3] and len(flow["rungs"]) == 15, flow["calls"]
        assert sorted(leg["call"] for leg in flow["legs"]) == [
            call for call in (1, 2, 3) if call != number], flow["legs"]
    cut, = objects("flow", "-T", "json", "--no-config", "--conversation", 1, "--cut", 2, path)
    assert cut["calls"] == [1], cut["calls"]
    rows = objects("calls", "-T", "json", "--no-config", "--cut", 3, "-Y", "call.legs == 2",
                   "--columns", "call.number", "--sort", "call.conversation,-call.number", path)
    assert [row["call.number"] for row in rows] == [2, 1, 5, 4, 7, 6], rows


def list_of(*rows):
    """Those numbers and legs in rows that follow each other."""
    return "(?m)" + r".*\n".join(r"^ *%s +%s " % tuple(map(re.escape, row.split())) for row in rows)


def test_rows_fold():
    with pty_session.Session("--no-config", capture("pickup-and-park").name,
                             size=(80, 24)) as session:
        session.expect("10 calls")
        session.send("-")
        session.expect(r"Calls 1/4 of 10, folded")
        session.expect(list_of("1 +2", "3 +4", "7 +2", "9 +2"))
        session.send("Down", "+")
        session.expect(r"Calls 2/7 of 10, folded")
        session.expect(list_of("3 -4", "4 \u2514", "5 \u2514", "6 \u2514"))
        session.send("Down", "Down", "X")
        session.expect(r"3 +-2 ")
        session.expect("call 5 is no leg of another call")
        session.send("X")
        session.expect(r"3 +-4 ")
        session.send("+")
        session.expect(r"Calls \d/4 of 10")
        session.send("\r")
        session.expect(r"4 calls, 1 of 17")


def tests():
    rows = [("legs: " + name, functools.partial(check, name)) for name in CASES]
    return rows + [(name[5:].replace("_", " "), function)
                   for name, function in sorted(globals().items()) if name.startswith("test_")]
