#!/usr/bin/env python3
"""A proxy that relays the media of one call, and does to them what a bad network does.

relay.py IP SEED LOSS COPIES LATE JITTER_MS TRUTH

The caller is IP:5060, the callee IP:5070, the relay IP:5080, to which the caller sends.  In session
descriptions the relay replaces the ports of RTP by its own; so each direction is two streams with
the same SSRC, one before the relay and one after it.  LOSS, COPIES and LATE are shares of packets,
by the seed; each packet is delayed by up to JITTER_MS, in order.  On SIGTERM it sends on all that it
still has, and writes TRUTH: what it did, as JSON (see Network.truth).
"""
import collections
import json
import random
import re
import select
import signal
import socket
import struct
import sys
import time

CALLER, CALLEE, PROXY = 5060, 5070, 5080
TO_CALLER, TO_CALLEE = 30000, 30002  # where the peer of each sends its media
SPARED = 10                          # packets at the beginning: until then it is no stream
HELD_MAX = 3                         # packets; if no more come, time
HELD_MAX_NS = 10**8


def bound(ip, port):
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((ip, port))
    return opened


class Network:
    """One direction: what becomes of each packet, and when."""

    def __init__(self, seed, shares, jitter_ms):
        self.random = random.Random(seed)
        self.shares, self.jitter_ns = shares, jitter_ms * 10**6
        self.came = 0
        self.held = []  # [how many packets have to overtake it, until when, number, data]
        self.waiting = collections.deque()  # (when, number, data), in order
        self.done = {"drop": [], "copy": []}
        self.sent = []

    def fate(self):
        draw = self.random.random()
        for name, share in self.shares:
            if draw < share and self.came > SPARED:
                return name
            draw -= share
        return "pass"

    def take(self, data, now):
        """A packet came.  Its number counts from 1."""
        self.came += 1
        fate, number = self.fate(), self.came
        if fate in self.done:
            self.done[fate].append(number)
        if fate == "late":
            self.held.append([self.random.randint(1, HELD_MAX), now + HELD_MAX_NS, number, data])
        if fate in ("drop", "late"):
            return
        self.delay(number, data, now)
        if fate == "copy":
            self.delay(number, data, now)
        for entry in self.held:
            entry[0] -= 1

    def release(self, now):
        """What was overtaken, or waited long enough for that."""
        for packets, until, *held in self.held:
            if packets <= 0 or until <= now:
                self.delay(*held, now)
        self.held = [entry for entry in self.held if entry[0] > 0 and entry[1] > now]

    def delay(self, number, data, now):
        due = now + round(self.random.uniform(0, self.jitter_ns))
        if self.waiting:
            due = max(due, self.waiting[-1][0])
        self.waiting.append((due, number, data))

    def send(self, opened, destination):
        """What is due."""
        self.release(time.time_ns())
        while self.waiting and self.waiting[0][0] <= time.time_ns():
            _, number, data = self.waiting.popleft()
            before = time.time_ns()
            opened.sendto(data, destination)
            self.sent.append((before, time.time_ns(), number, struct.unpack_from("!I", data, 4)[0]))

    def due(self):
        """Times when something has to be done if nothing comes."""
        return [entry[1] for entry in self.held] + [entry[0] for entry in self.waiting]

    def truth(self):
        """Packets that came; numbers of those dropped, copied and overtaken by others; and of each
        that was sent: nanoseconds before and after sending, number, RTP timestamp."""
        late, highest = set(), 0
        for _, _, number, _ in self.sent:
            if number < highest:
                late.add(number)
            highest = max(highest, number)
        return {"came": self.came, "dropped": self.done["drop"], "late": sorted(late),
                "copied": self.done["copy"], "sent": self.sent}


class Way:
    """Media for one of both: the socket that gets them, and where they go on to."""

    def __init__(self, ip, port, network):
        self.opened, self.network = bound(ip, port), network
        self.port = None  # of RTP of the one they are for, as it said


class Relay:
    def __init__(self, ip, network_of):
        self.ip, self.sip = ip, bound(ip, PROXY)
        self.to_caller = Way(ip, TO_CALLER, network_of("to caller"))
        self.to_callee = Way(ip, TO_CALLEE, network_of("to callee"))
        # what comes for one is sent on from where the other's media come, as if there was no relay
        self.ways = [(self.to_caller, self.to_callee), (self.to_callee, self.to_caller)]

    def described(self, text, sender):
        """The message with the relay's port for media instead of its sender's: both have 5 digits,
        so lengths stay right."""
        way = self.to_caller if sender == CALLER else self.to_callee
        found = re.search(r"m=audio (\d{5}) ", text)
        if not found:
            return text
        way.port = int(found[1])
        return text.replace(found[0], "m=audio %d " % way.opened.getsockname()[1])

    def forward(self, data, sender):
        """A proxy that stays in the dialog (RFC 3261 16.6, 16.7)."""
        head, _, body = data.decode().partition("\r\n\r\n")
        lines = head.split("\r\n")
        own = "Via:" if lines[0].startswith("SIP/2.0") else "Route:"
        lines = [line for i, line in enumerate(lines) if not line.startswith(own) or
                 any(before.startswith(own) for before in lines[:i])]
        if own == "Route:":
            branch = re.search("branch=z9hG4bK([^;]*)", head)[1]
            lines[1:1] = ["Via: SIP/2.0/UDP %s:%d;branch=z9hG4bKrelay%s" % (self.ip, PROXY, branch),
                          "Record-Route: <sip:%s:%d;lr>" % (self.ip, PROXY)]
        text = self.described("\r\n".join(lines) + "\r\n\r\n" + body, sender)
        self.sip.sendto(text.encode(), (self.ip, CALLEE if sender == CALLER else CALLER))

    def wait_ns(self):
        now = time.time_ns()
        due = [when for way, _ in self.ways for when in way.network.due()]
        return max(0, min(due, default=now + 10**8) - now)

    def step(self):
        """False when nothing came."""
        opened = [self.sip, self.to_caller.opened, self.to_callee.opened]
        readable = select.select(opened, [], [], self.wait_ns() / 10**9)[0]
        if self.sip in readable:
            data, (_, port) = self.sip.recvfrom(65536)
            self.forward(data, port)
        for way, back in self.ways:
            if way.opened in readable:
                way.network.take(way.opened.recv(65536), time.time_ns())
            way.network.send(back.opened, (self.ip, way.port))
        return bool(readable)

    def finish(self):
        """Takes what has come, and sends all that it has."""
        while self.step() or any(way.network.due() for way, _ in self.ways):
            pass

    def truth(self):
        return {"to caller": self.to_caller.network.truth(),
                "to callee": self.to_callee.network.truth()}


def main(ip, seed, loss, copies, late, jitter_ms, path):
    shares = [("drop", float(loss)), ("copy", float(copies)), ("late", float(late))]
    relay = Relay(ip, lambda way: Network(seed + way, shares, float(jitter_ms)))
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    while going:
        relay.step()
    relay.finish()
    with open(path, "w", encoding="ascii") as file:
        json.dump(relay.truth(), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
