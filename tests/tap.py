"""What the test scripts share: results as TAP, and running the program (RUNG names it)."""
import contextlib
import functools
import os
import pathlib
import signal
import subprocess
import sys
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"

SECONDS_MAX = 240  # of one test, on a machine that does other work


class Skip(Exception):
    """This test cannot run here; the reason."""


def program():
    return os.environ.get("RUNG", str(ROOT / "build" / "ui" / "rung"))


def shared():
    """The folder of real captures and published vectors."""
    folder = os.environ.get("RUNG_SHARED")
    if not folder or not pathlib.Path(folder).is_dir():
        raise Skip("RUNG_SHARED is not set")
    return pathlib.Path(folder)


def rung(*args, **options):
    """Runs the program; stdin is closed unless `input` or `stdin` is given."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "Asia/Kolkata"}
    environment.update(options.pop("env", {}))
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([program(), *map(str, args)], stderr=subprocess.PIPE, env=environment,
                          timeout=120, check=False, **options)


@functools.cache
def version():
    """What the program was built with, as it says."""
    return rung("--version").stdout.decode()


@contextlib.contextmanager
def running(*arguments, **options):
    """subprocess.Popen, killed at the end: a test that fails would wait for it for ever."""
    with subprocess.Popen(*arguments, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def samples():
    return sorted(p for p in SAMPLES.iterdir() if p.suffix in (".pcap", ".pcapng"))


def restore_signals():
    """Programs that tests start would inherit the signals that nohup and background jobs ignore."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def not_yet(folder):
    """Names of tests whose fault is known and not mended yet: a line each in FOLDER/not-yet."""
    path = folder / "not-yet"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def expect_failure(name, function):
    """Skips the test of a known fault; fails once it is mended."""
    try:
        function()
    except Exception:  # whatever way it fails
        raise Skip("known fault") from None
    raise AssertionError("mended: remove '%s' from not-yet" % name)


def fail_late(*_):
    raise AssertionError("not done after %d s:\n%s" % (
        SECONDS_MAX, "".join(traceback.format_stack(sys._getframe(1)))))


def run_tests(tests, known=()):
    """tests: (name, function); a function fails by AssertionError, also when it takes too long.
    Does not return."""
    restore_signals()
    signal.signal(signal.SIGALRM, fail_late)
    failed = count = 0
    for count, (name, function) in enumerate(tests, 1):
        try:
            signal.setitimer(signal.ITIMER_REAL, SECONDS_MAX, 10)  # again where it cleans up
            if name in known:
                expect_failure(name, function)
            function()
            print("ok %d - %s" % (count, name))
        except Skip as why:
            print("ok %d - %s # SKIP %s" % (count, name, why))
        except Exception as fault:  # any exception fails this test
            failed += 1
            print("not ok %d - %s" % (count, name))
            told = str(fault) if isinstance(fault, AssertionError) else traceback.format_exc()
            for line in told.splitlines()[:60]:
                print("#   " + line)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.flush()
    print("1..%d" % count)
    sys.exit(failed > 0)
