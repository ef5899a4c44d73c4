#!/usr/bin/env python3
"""embed.py OUTPUT FILE...: a C header with each file as a string: ladder.css becomes LADDER_CSS."""
import os
import sys


def literal(line):
    return '  "%s\\n"\n' % line.replace("\\", "\\\\").replace('"', '\\"')


def main(output, *files):
    parts = ["#pragma once\n"]
    for path in files:
        name = os.path.basename(path).upper().replace(".", "_")
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        parts.append("static const char %s[] =\n%s;\n" % (name, "".join(map(literal, lines))))
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(parts))


main(*sys.argv[1:])
