#!/usr/bin/env python3
"""No file over 400 lines, no function over 60, no parameter list over 5: what does not fit a screen, or a head, is read by nobody.

usage: sizes.py SOURCE_ROOT | --self-test
"""
import pathlib
import re
import sys

FOLDERS = ("core", "ui", "app", "tests")
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 60, 5
# Lists without a decision in them: settings, style sheets, shapes to draw.
LITERALS = {"core/run/field_list.cpp", "core/run/training_fields.cpp", "ui/theme/style_sheet.cpp", "ui/theme/icons.cpp", "core/run/presets.cpp"}
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


# What says nothing of structure, each as long as before: comments, raw strings, strings, characters, preprocessor lines.
SILENT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:\\\n|[^\n])*', re.DOTALL | re.MULTILINE)
SCOPE = re.compile(r"\b(namespace|class|struct|union|extern)\b[^;()=]*$")
DECLARED = re.compile(r"(?P<name>operator\s*\S{1,3}|~?\w+)\s*$")
MACRO = re.compile(r"[A-Z]+_[A-Z0-9_]+")
NOT_FUNCTIONS = {"if", "for", "while", "switch", "return", "decltype", "alignas", "static_assert", "noexcept", "requires", "sizeof", "defined"}


def blanked(text):
    return SILENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def closing(code, start):
    """Place of the bracket that closes the one at `start`, or the end."""
    depth = 0
    for place in range(start, len(code)):
        depth += (code[place] in "({[") - (code[place] in ")}]")
        if depth == 0:
            return place
    return len(code)


def count_parameters(text):
    """How many stand in a list without its brackets; commas of templates, calls and braces separate none."""
    depth, count = 0, 1
    for place, letter in enumerate(text):
        is_template = letter == "<" and re.search(r"\w$", text[:place]) is not None
        depth += (letter in "({[" or is_template) - (letter in ")}]" or (letter == ">" and text[place - 1] != "-" and depth > 0))
        count += letter == "," and depth == 0
    return count if text.strip() not in ("", "void") else 0


def parameter_lists(text):
    """(line, name, parameters) of what is declared or defined outside of bodies."""
    code = blanked(text)
    place, begin, is_known = 0, 0, False  # of the reader; of the declaration that it is in, and whether its list was seen
    while place < len(code):
        letter = code[place]
        if letter == "(":
            end = closing(code, place)
            declared = DECLARED.search(code[begin:place])
            is_function = declared and declared["name"] not in NOT_FUNCTIONS and not MACRO.fullmatch(declared["name"])
            if is_function and not is_known and "=" not in code[begin : begin + declared.start()]:
                is_known = True
                yield code.count("\n", 0, place) + 1, declared["name"], count_parameters(code[place + 1 : end])
            place = end + 1
        elif letter == "{":
            is_initialiser = is_known and re.match(r"[\w>]", code[place - 1]) is not None  # m{a} behind a constructor
            place = place + 1 if SCOPE.search(code[begin:place]) else closing(code, place) + 1
            begin, is_known = (begin, is_known) if is_initialiser else (place, False)
        else:
            place += 1
            begin, is_known = (place, False) if letter in ";}" else (begin, is_known)


def self_test():
    code = """
namespace a {
// f(int a, int b, int c, int d, int e, int f)
int many(int a, std::map<int, std::vector<int>> b, std::function<void(int, int)> c = [](int, int) {}, int d = g(1, 2),
         int e = 5, char f = ',');
struct S {
    S(int a, int b, int c, int d, int e, int f) : m{a, b, c, d, e, f}, n(a, b, c, d, e, f) {}
    void few(int a, std::pair<int, int> b, const char* text = "a,b,c,d,e,f,g") const { call(1, 2, 3, 4, 5, 6, 7); }
};
}
void S::body(int a) { other(1, 2, 3, 4, 5, 6); const auto l = [](int a, int b, int c, int d, int e, int f) {}; }
"""
    found = list(parameter_lists(code))
    is_wrong = found != [(4, "many", 6), (7, "S", 6), (8, "few", 3), (11, "body", 1)]
    if is_wrong:
        print("parameter lists are misread:", found)
    return is_wrong


def problems(root):
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in {".cpp", ".h"})
    for path in files:
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        if len(lines) - 1 > LONGEST_FILE:
            yield f"{name}: {len(lines) - 1} lines, more than {LONGEST_FILE}"
        for first, length in functions(lines):
            if length > LONGEST_FUNCTION and name not in LITERALS:
                yield f"{name}:{first + 1}: a function of {length} lines, more than {LONGEST_FUNCTION}"
        for line, function, count in parameter_lists(text):
            if count > MOST_PARAMETERS:
                yield f"{name}:{line}: {function} has {count} parameters, more than {MOST_PARAMETERS}"


def main():
    if sys.argv[1] == "--self-test":
        return int(self_test())
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main())
