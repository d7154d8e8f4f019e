#!/usr/bin/env python3
"""No file over 400 lines, no function over 60: what does not fit a screen is read by nobody.

usage: sizes.py SOURCE_ROOT
"""
import pathlib
import re
import sys

FOLDERS = ("core", "ui", "app", "tests")
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# Lists without a decision in them: settings, style sheets, shapes to draw.
LITERALS = {"core/run/field_list.cpp", "ui/theme/style_sheet.cpp", "ui/theme/icons.cpp", "core/run/presets.cpp"}
OPENING = re.compile(r"^(?P<indent> {0,8})(?!namespace|class|struct|enum|union|extern|using|if|for|while|switch|do|else|try|case|return)[^\s:}]")
BODY = re.compile(r"\)[^;={}]*(\{|: .*\{)$")


def beginning(lines, last):
    """The line at which the declaration begins that opens its body in line `last`: initialisers and parameters may stand in several."""
    first = last
    while first > 0 and (lines[first].lstrip().startswith(": ") or sum(line.count(")") - line.count("(") for line in lines[first : last + 1]) > 0):
        first -= 1
    return first


def functions(lines):
    """(first line, length) of what begins with a parameter list and ends with a brace in the same column."""
    for last, line in enumerate(lines):
        if not BODY.search(line) or line.lstrip().startswith(("//", "#", "}")):
            continue
        first = beginning(lines, last)
        match = OPENING.match(lines[first])
        if not match:
            continue
        end = next((i for i in range(last + 1, len(lines)) if lines[i].startswith(match["indent"] + "}")), None)
        if end is not None:
            yield first, end - first + 1


def problems(root):
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in {".cpp", ".h"})
    for path in files:
        name = path.relative_to(root).as_posix()
        lines = path.read_text(encoding="utf-8").split("\n")
        if len(lines) - 1 > LONGEST_FILE:
            yield f"{name}: {len(lines) - 1} lines, more than {LONGEST_FILE}"
        for first, length in functions(lines):
            if length > LONGEST_FUNCTION and name not in LITERALS:
                yield f"{name}:{first + 1}: a function of {length} lines, more than {LONGEST_FUNCTION}"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main())
