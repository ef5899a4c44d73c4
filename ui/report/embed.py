#!/usr/bin/env python3
"""embed.py OUTPUT FILE...: a C header with each file: ladder.css is the string LADDER_CSS, zh_CN.mo
the bytes ZH_CN_MO."""
import os
import sys


def literal(line):
    return '  "%s\\n"\n' % line.replace("\\", "\\\\").replace('"', '\\"')


def text(name, path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return "static const char %s[] =\n%s;\n" % (name, "".join(map(literal, lines)))


def binary(name, path):
    with open(path, "rb") as file:
        content = file.read()
    rows = ["  %s,\n" % ",".join(map(str, content[i:i + 32])) for i in range(0, len(content), 32)]
    return "static const unsigned char %s[] = {\n%s};\n" % (name, "".join(rows))


def main(output, *files):
    parts = ["#pragma once\n"]
    for path in files:
        name = os.path.basename(path).upper().replace(".", "_")
        parts.append((text if path.endswith((".css", ".js")) else binary)(name, path))
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(parts))


main(*sys.argv[1:])
