"""Chromium without a window, over the pipes of its debugging protocol (no port, no network)."""
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import tempfile

import tap

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
               None)


class Page:
    """One page; what its console says is kept."""

    def __init__(self, to, answers):
        self.to, self.answers, self.last = to, answers, 0
        self.rest, self.console = b"", []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log":
            self.call(domain + ".enable")

    def receive(self):
        while b"\0" not in self.rest:
            piece = os.read(self.answers, 65536)
            assert piece, "the browser has ended"
            self.rest += piece
        one, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(one)
        if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded",
                                     "Runtime.consoleAPICalled"):
            self.console.append(message["params"])
        return message

    def call(self, method, **params):
        self.last += 1
        request = {"id": self.last, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.to, json.dumps(request).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") == self.last:
                assert "error" not in message, message
                return message["result"]

    def open(self, path):
        self.call("Page.navigate", url="file://%s" % path)
        while self.receive().get("method") != "Page.loadEventFired":
            pass

    def ask(self, expression):
        """The value of an expression of JavaScript in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


def pipe():
    """Above the descriptors that the browser reads and writes."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high


@contextlib.contextmanager
def page():
    theirs_in, to = pipe()
    answers, theirs_out = pipe()

    def place():
        os.dup2(theirs_in, 3)
        os.dup2(theirs_out, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        command = [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                   "--disable-dev-shm-usage", "--user-data-dir=" + home, "--remote-debugging-pipe"]
        with tap.running(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, preexec_fn=place, pass_fds=(3, 4),
                         env=dict(os.environ, HOME=home)):
            os.close(theirs_in)
            os.close(theirs_out)
            yield Page(to, answers)
    os.close(to)
    os.close(answers)
