"""The program in Chinese: nothing is left in English but what programs and SIP have."""
import os
import re
import shlex
import textwrap

import tap

README = tap.ROOT / "README.zh_CN.md"
HELP = ["calls", "capture", "check", "compare", "devices", "explain", "flow", "help", "lint", "mcp",
        "messages", "registrations", "report", "save", "show", "stats", "streams"]
TOPICS = ["guide", "fields", "filter", "findings", "keys", "terms"]
REPORTS = [["calls"], ["devices"], ["explain"], ["explain", "--group"],
           ["explain", "-T", "markdown"], ["flow"], ["lint"], ["messages"],
           ["registrations"], ["show", "--decode"], ["streams"]]
FOR_PROGRAMS = [["calls", "-T", "csv"], ["explain", "-T", "json"], ["lint", "-T", "json"],
                ["registrations", "-T", "json"], ["show", "-T", "json"], ["stats", "-T", "json"],
                ["stats", "--by", "all", "-T", "csv"]]
# Words in a row, without those of identifiers, paths, options and what is quoted.
WORDS = re.compile(r"""(?<![-\w.@/#'"=`])[a-z]{2,}(?: [a-z]{2,})+(?![-\w.@/:'"=`])""")
# Commands, expressions, colours, words of fields; what the samples say.
ALLOWED = re.compile(r"""^(?:rung|(?:failed|answered)\ and|contains|in|and|or|not|\w+\ on|on|
    theme|attended\ transfer|no\ certificate|wrong\ or|user\ not|preset\ call|
    play\ at|seek\ to|play\ until|better\ not\ break|blank\ before|
    which\ is\ legal|shorter\ than\ it|
    (?:invite|register|options|message|subscribe)\b)""", re.X)


def need_chinese():
    if "zh" not in tap.rung("help", "--lang", "xx").stderr.decode().split():
        raise tap.Skip("built without gettext")


def chinese(*arguments, **options):
    done = tap.rung("--lang", "zh", *arguments, **options)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def english_of(text):
    for line in text.splitlines():
        for words in WORDS.findall(line):
            if not ALLOWED.match(words):
                yield "%s: %s" % (words, line.strip())


def test_nothing_is_english():
    need_chinese()
    commands = [["help"], ["-D", "--no-config"], ["--version"]]
    commands += [["help", name] for name in HELP + TOPICS]
    found = [fault for command in commands for fault in english_of(chinese(*command))]
    for sample in tap.samples():
        for report in REPORTS:
            found += english_of(chinese(*report, "--width", "100", "--utc", sample))
    assert not found, "\n".join(found[:40])


def test_errors_are_chinese():
    need_chinese()
    for command in (["calls", "samples"], ["calls", "-Y", "call.status ==", "x"], ["nothing"],
                    ["save", str(tap.SAMPLES / "basic.pcap")], ["calls", "--width", "0", "x"]):
        done = tap.rung("--lang", "zh", *command, cwd=tap.ROOT)
        assert done.returncode != 0, command
        assert re.search("[\u4e00-\u9fff]", done.stderr.decode()), command


def test_programs_read_the_same():
    """JSON and CSV are the same in every language."""
    need_chinese()
    for sample in ("failed.pcap", "media-loss.pcap", "broken.pcap", "gb28181.pcap"):
        for command in FOR_PROGRAMS:
            found = [tap.rung(*command, "--lang", language, tap.SAMPLES / sample).stdout
                     for language in ("en", "zh")]
            assert found[0] == found[1], (command, sample)


def test_language_is_chosen():
    """By --lang, else by the environment; ASCII is English."""
    need_chinese()
    cases = [({"LC_ALL": "zh_CN.UTF-8"}, [], True), ({"LC_ALL": "C.UTF-8"}, [], False),
             ({"LANGUAGE": "zh_CN:en"}, [], True), ({"LANGUAGE": "en:zh_CN"}, [], False),
             ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, [], True), ({"LC_ALL": "C"}, [], False),
             ({"LC_ALL": "C"}, ["--lang", "zh"], True),
             ({"LC_ALL": "zh_CN.UTF-8"}, ["--lang=en"], False),
             ({"LC_ALL": "zh_CN.UTF-8"}, ["--ascii"], False)]
    for environment, arguments, is_chinese in cases:
        done = tap.rung("calls", *arguments, tap.SAMPLES / "basic.pcap",
                        env={"LANGUAGE": "", **environment})
        assert ("呼叫" in done.stdout.decode()) == is_chinese, (environment, arguments)
    assert tap.rung("--lang", "xx", "help").returncode == 2


def readme_with(text, readme):
    """README with the block that begins as `text` replaced by it."""
    first = text.split("\n", 1)[0]
    start = readme.index("\n    %s\n" % first) + 1
    rest = re.match(r"(?:    [^\n]*\n|\n(?=\n*    ))*", readme[start:])
    made = textwrap.indent(text.rstrip("\n") + "\n", "    ")
    return readme[:start] + made + readme[start + rest.end():]


def test_readme():
    """Its examples and its reference are what the program prints."""
    need_chinese()
    readme = README.read_text(encoding="utf-8")
    wanted = readme
    for topic in ([], ["filter"], ["fields"], ["keys", "--no-config"]):
        command = ["help", *topic]
        wanted = readme_with(chinese(*command), wanted)
    examples = re.findall(r"^    \$ rung ([^\n]*)\n((?:    [^\n]*\n|\n)*?)(?=\n\S|    \$ )",
                          wanted, re.M)
    assert len(examples) >= 10, examples
    for command, output in examples:
        printed = textwrap.indent(chinese(*shlex.split(command), cwd=tap.ROOT), "    ").rstrip("\n")
        wanted = wanted.replace("%s\n%s" % (command, output),
                                "%s\n%s\n" % (command, printed) + "\n" * output.endswith("\n\n"))
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(wanted, encoding="utf-8")
    else:
        assert wanted == readme, "UPDATE_GOLDEN=1 brings %s up to date" % README.name
    english = (tap.ROOT / "README.md").read_text(encoding="utf-8")
    counts = [len(re.findall(r"^#", text, re.M)) for text in (english, readme)]
    assert counts[1] >= counts[0] > 5, ("sections", counts)


def tests():
    return [(name[5:].replace("_", " "), function) for name, function in sorted(globals().items())
            if name.startswith("test_")]
