"""--metrics: what Prometheus is told, and that nobody else is told more."""
import contextlib
import http.client
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import cases
import tap


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(*words, address="127.0.0.1:%d"):
    """The program with a capture that it follows, and the port that it answers at."""
    if "built without: metrics" in tap.version():
        raise tap.Skip("built without libmicrohttpd")
    port = free_port()
    path = cases.capture("rfc6076", None).name
    command = [tap.program(), "stats", "-q", "--follow", path, "--metrics", address % port, *words]
    with tap.running(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        yield process, port


def get(port, path="/metrics", host="127.0.0.1", method="GET"):
    end = time.monotonic() + 20
    while True:
        try:
            request = urllib.request.Request("http://%s:%d%s" % (host, port, path), method=method)
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.headers, answer.read().decode()
        except (urllib.error.URLError, ConnectionError) as why:
            if isinstance(why, urllib.error.HTTPError) or time.monotonic() > end:
                raise
            time.sleep(0.1)


def values(text):
    rows = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def wait_for(port, **wanted):
    """Until the numbers are what they are to be; calls are counted when they were quiet."""
    wanted = {"rung_" + name: value for name, value in wanted.items()}
    for _ in range(150):
        text = get(port)[1]
        found = values(text)
        if all(found.get(name) == value for name, value in wanted.items()):
            return text
        time.sleep(0.1)
    raise AssertionError({name: found.get(name) for name in wanted})


def test_numbers():
    with serving() as (process, port):
        text = wait_for(port, **{'calls_total{outcome="answered"}': 8,
                                 'calls_total{outcome="failed"}': 7,
                                 'calls_total{outcome="redirected"}': 1,
                                 'registrations_total{result="failed"}': 2,
                                 "completed_calls_total": 6, "ineffective_calls_total": 2,
                                 "srd_seconds_count": 8, 'srd_seconds_bucket{le="1"}': 7,
                                 'srd_seconds_bucket{le="+Inf"}': 8})
        found = values(text)
        assert abs(found["rung_srd_seconds_sum"] - 2.68) < 0.05, found["rung_srd_seconds_sum"]
        assert abs(found['rung_asr_ratio{window="5m"}'] - 8 / 17) < 1e-6
        assert found['rung_requests_total{method="REGISTER"}'] == 7
        assert found['rung_responses_total{status="407"}'] == 3
        assert found['rung_findings_total{id="bye-unanswered"}'] >= 1
        assert found["rung_resident_memory_bytes"] > 1e6
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0, process.stderr.read()


def test_format():
    """Every metric has HELP and TYPE before it, names and labels are ours, and promtool agrees."""
    with serving() as (_, port):
        headers, text = get(port)
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        typed = set()
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                typed.add(line.split()[2])
            elif not line.startswith("#"):
                name = line.partition(" ")[0].partition("{")[0]
                base = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
                assert name in typed or base in typed, line
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(),
                                  capture_output=True, timeout=30, check=False)
            assert done.returncode == 0 and not done.stderr, done.stderr.decode()


def test_only_that():
    with serving() as (_, port):
        get(port)
        for path, method, status in (("/", "GET", 404), ("/metrics/../etc", "GET", 404),
                                     ("/metrics", "POST", 405), ("/metrics", "DELETE", 405)):
            try:
                get(port, path, method=method)
                raise AssertionError("%s %s was answered" % (method, path))
            except urllib.error.HTTPError as answer:
                assert answer.code == status, (path, method, answer.code)
        assert get(port, method="HEAD")[1] == ""


def test_loopback():
    """Without a host it is the loopback address alone, of which 127.0.0.2 is another."""
    for address in ("%d", ":%d"):
        with serving(address=address) as (_, port):
            get(port)
            with socket.socket() as other:
                assert other.connect_ex(("127.0.0.2", port)) != 0
    with serving(address="[::1]:%d") as (_, port):
        try:
            get(port, host="[::1]")
        except (urllib.error.URLError, OSError) as why:
            raise tap.Skip("no IPv6") from why


def test_clients_that_hold_on():
    """Connections that ask for nothing end nothing, and are bounded."""
    with serving() as (process, port):
        get(port)
        with contextlib.ExitStack() as stack:
            for _ in range(60):
                held = stack.enter_context(socket.socket())
                held.settimeout(2)
                with contextlib.suppress(OSError):
                    held.connect(("127.0.0.1", port))
                    held.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 60000)
            assert process.poll() is None
        assert "rung_packets_total" in get(port)[1]


def test_refused():
    taken = socket.socket()
    with taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path = cases.capture("rfc6076", None).name
        for words, status, said in (
                (["--follow", path, "--metrics", "127.0.0.1:%d" % port], 1, b"cannot listen at"),
                (["--follow", path, "--metrics", "127.0.0.1:0"], 2, b"needs HOST:PORT"),
                (["--follow", path, "--metrics", "a:b:80"], 2, b"needs HOST:PORT"),
                (["--follow", path, "--metrics", "127.0.0.1:99999"], 2, b"needs HOST:PORT"),
                ([path, "--metrics", "127.0.0.1:%d" % port], 2, b"needs a live capture"),
                (["--demo", "--metrics", "127.0.0.1:%d" % port], 2, b"needs a live capture")):
            done = tap.rung("stats", *words)
            if b"without libmicrohttpd" in done.stderr:
                raise tap.Skip("built without libmicrohttpd")
            assert done.returncode == status and said in done.stderr, (words, done)


def tests():
    return [("metrics: " + name[5:].replace("_", " "), function)
            for name, function in sorted(globals().items()) if name.startswith("test_")]
