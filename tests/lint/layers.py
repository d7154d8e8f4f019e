#!/usr/bin/env python3
"""Checks who includes whom. System include paths would let any file include anything, so the rules are checked on the text.

usage: layers.py SOURCE_ROOT   checks the tree, exit 1 when a rule is broken
       layers.py --self-test   plants one violation of every rule in a made-up tree and expects each to be found
"""
import pathlib
import re
import sys
import tempfile

CORE = {
    "base": [],
    "image": ["base"],
    "shapes": ["base"],
    "run": ["base", "shapes"],
    "store": ["base", "run"],
    "health": ["base", "run"],
    "figure": ["base", "run", "store"],
    "report": ["base", "run", "image", "store", "figure"],
    "study": ["base", "run", "image", "store", "figure", "report"],
    "tensor": ["base", "image"],
    "data": ["base", "image", "tensor"],
    "nn": ["base", "tensor"],
    "models": ["base", "image", "shapes", "run", "tensor", "data", "nn"],
    "diffusion": ["base", "tensor"],
    "rewards": ["base", "image", "shapes", "run", "tensor", "data", "models"],
    "rl": ["base", "shapes", "run", "tensor", "diffusion"],
    "sampling": ["base", "image", "shapes", "run", "tensor", "data", "nn", "models", "diffusion"],
    "learn": ["base", "image", "shapes", "run", "tensor", "data", "nn", "models", "diffusion", "rewards", "rl", "sampling"],
    "train": ["base", "image", "shapes", "run", "tensor", "data", "nn", "models", "diffusion", "rewards", "rl", "sampling", "learn"],
    "tools": ["base", "image", "shapes", "run", "tensor", "data", "nn", "models", "diffusion", "rewards", "rl", "sampling", "learn"],
    "parity": ["base", "image", "shapes", "run", "store", "health", "figure", "tensor", "data", "nn", "models", "diffusion", "rewards", "rl", "sampling", "learn"],
}
TORCH_FOLDERS = {"tensor", "data", "nn", "models", "diffusion", "rewards", "rl", "sampling", "learn", "train", "tools", "parity"}
UI_ORDER = ["theme", "widgets", "bridge", "charts", "gallery", "view", "models", "runs", "alarms", "live", "compare", "horizons", "grid", "vote", "studies", "report", "inspect", "shell"]
UI_CORE = ["base", "image", "run", "store", "health", "figure", "report", "study"]

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
ROOT_FOLDERS = "home root work opt tmp usr var mnt srv".split()
MACHINE_PATH = re.compile(r'(?<![\w.:/\-])/(?:%s)/[\w.]' % "|".join(ROOT_FOLDERS))

# A third-party header (by the start of its name) and the folders that may name it.
THIRD_PARTY = [
    (re.compile(r"^(spdlog|fmt)/"), lambda p: p.startswith("core/base/") and p.endswith(".cpp"), "log through core/base/log.h"),
    (re.compile(r"^SQLiteCpp/|^sqlite3\.h$"), lambda p: p == "core/store/query.h" or p.startswith("core/store/") and p.endswith(".cpp"), "SQLite stays in core/store/*.cpp"),
    (re.compile(r"^(turbojpeg|png)\.h$"), lambda p: p.startswith("core/image/"), "codecs stay in core/image"),
    (re.compile(r"^unicode/"), lambda p: p.startswith("core/data/"), "ICU stays in core/data"),
    (re.compile(r"^qcustomplot", re.IGNORECASE), lambda p: p.startswith("ui/charts/"), "QCustomPlot stays in ui/charts"),
    (re.compile(r"^cairo"), lambda p: p.startswith("core/report/"), "cairo stays in core/report"),
    (re.compile(r"^httplib\.h$"), lambda p: False, "HTTP goes through core/rewards/http_connection.h: this library's waits and lines have no limit"),
    (re.compile(r"^curl/"), lambda p: p.startswith("core/rewards/") and p.endswith(".cpp"), "libcurl stays in core/rewards/*.cpp"),
    (re.compile(r"^CLI/"), lambda p: p.startswith("app/"), "CLI11 stays in app"),
    (re.compile(r"^openssl/"), lambda p: p.startswith("core/base/") and p.endswith(".cpp"), "digests through core/base/sha256.h"),
]
TORCH = re.compile(r"^(torch|ATen|c10|caffe2)/")
QT = re.compile(r"^Q[A-Z]|^Qt[A-Z]\w*/|^qt", re.ASCII)


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in ("core", "ui") and len(parts) > 2 else parts[0]


def may_include(path, target):
    """None when `path` may include the project file `target`, else the reason."""
    own, other = folder_of(path), folder_of(target)
    if own == other or own in ("app", "tests"):
        return None if other != "tests" or own == "tests" else "only tests may include tests"
    if other in ("app", "tests"):
        return f"nothing but {other} itself may include {other}"
    area, name = own.split("/")
    other_area, other_name = other.split("/")
    if area == "core":
        if other_area != "core" or other_name not in CORE.get(name, []):
            return f"{own} may include only core/{{{','.join(CORE.get(name, []))}}}"
        return None
    if other_area == "core":
        return None if other_name in UI_CORE else f"ui may include only core/{{{','.join(UI_CORE)}}}"
    before = UI_ORDER[: UI_ORDER.index(name)] if name in UI_ORDER else []
    return None if other_name in before else f"{own} may include only the ui folders before it: {', '.join(before)}"


def third_party(path, target):
    if TORCH.match(target):
        area = folder_of(path)
        if path.startswith(("core/tensor/", "tests/support/fake_gpu/")):  # the second is a part of torch rather than a user of it
            return None
        if path.startswith("tests/"):
            return None if target == "ATen/core/Tensor.h" else "include core/tensor/torch.h instead"
        if not area.startswith("core/") or area.split("/")[1] not in TORCH_FOLDERS:
            return "torch belongs to the tensor side of core"
        return None if target == "ATen/core/Tensor.h" and path.endswith(".h") else "torch comes in through core/tensor/torch.h only"
    if QT.match(target) and path.startswith("core/"):
        return "core has no Qt"
    for pattern, allowed, reason in THIRD_PARTY:
        if pattern.match(target) and not allowed(path) and not path.startswith("tests/"):
            return reason
    return None


def check_source(path, text):
    problems = []
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        target = match.group(2)
        is_ours = re.match(r"^(core|ui|app|tests)/", target)
        reason = may_include(path, target) if is_ours else third_party(path, target)
        if reason:
            problems.append(f"{path}:{line}: includes {target}: {reason}")
    if path.startswith("core/") and path.endswith(".h") and "#pragma once" not in text:
        problems.append(f"{path}:1: has no #pragma once")
    return problems


def check_paths(path, text):
    """Absolute paths of one machine have no place in sources, scripts or documents (a #! line is needed by the system)."""
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (number == 1 and line.startswith("#!")) and "/usr/bin/env" not in line and MACHINE_PATH.search(line):
            problems.append(f"{path}:{number}: holds an absolute path: {line.strip()[:100]}")
    return problems


def check_tree(root):
    problems, count = [], 0
    for top in ("core", "ui", "app", "tests", "packaging", ".ci"):
        for file in sorted((root / top).rglob("*")):
            path = file.relative_to(root).as_posix()
            if not file.is_file() or path.startswith(("tests/golden/", "tests/lint/", "tests/tokenizer/")) or "/__pycache__/" in path:
                continue
            try:
                text = file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            count += 1
            if file.suffix in (".h", ".cpp"):
                problems += check_source(path, text)
            problems += check_paths(path, text)
    return problems, count


def self_test():
    planted = {
        "core/base/a.h": ('#pragma once\n#include "core/run/run.h"\n', "may include only"),
        "core/run/b.h": ("#pragma once\n#include <QString>\n", "no Qt"),
        "core/run/c.cpp": ("#include <ATen/core/Tensor.h>\n", "tensor side"),
        "core/nn/d.cpp": ("#include <torch/torch.h>\n", "torch.h only"),
        "core/nn/e.h": ("#include <vector>\n", "pragma once"),
        "core/store/f.h": ("#pragma once\n#include <SQLiteCpp/Database.h>\n", "SQLite stays"),
        "core/rewards/o.h": ("#pragma once\n#include <httplib.h>\n", "HTTP goes through"),
        "core/rewards/p.h": ("#pragma once\n#include <curl/curl.h>\n", "libcurl stays"),
        "core/train/q.cpp": ("#include <openssl/ssl.h>\n", "digests through"),
        "core/train/g.cpp": ("#include <spdlog/spdlog.h>\n", "log through"),
        "core/train/h.cpp": ('#include "core/store/workspace.h"\n', "may include only"),
        "ui/theme/i.h": ('#include "ui/charts/chart.h"\n', "before it"),
        "ui/runs/j.cpp": ('#include "core/train/make_run.h"\n', "ui may include only"),
        "ui/runs/k.cpp": ("#include <qcustomplot.h>\n", "stays in ui/charts"),
        "core/models/l.cpp": ('#include "app/cli/commands.h"\n', "may include app"),
        "app/cli/m.cpp": ("#include <torch/torch.h>\n", "tensor side"),
        "packaging/n.sh": ("cd /" + "home/someone/project\n", "absolute path"),
    }
    allowed = {
        "core/base/log.cpp": "#include <spdlog/spdlog.h>\n",
        "core/nn/lora.h": "#pragma once\n#include <ATen/core/Tensor.h>\n",
        "core/nn/lora.cpp": '#include "core/nn/lora.h"\n#include "core/tensor/torch.h"\n',
        "ui/shell/window.cpp": '#include <QMainWindow>\n#include "ui/charts/chart.h"\n#include "core/store/workspace.h"\n',
        "app/cli/train.cpp": '#include <CLI/CLI.hpp>\n#include "core/train/make_run.h"\n',
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {**{p: t for p, (t, _) in planted.items()}, **allowed}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        problems, _ = check_tree(root)
    wrong = [f"not found: {path} ({words})" for path, (_, words) in planted.items()
             if not any(p.startswith(path + ":") and words in p for p in problems)]
    wrong += [f"found by mistake: {p}" for p in problems if p.split(":")[0] in allowed]
    return wrong


def main():
    if sys.argv[1:] == ["--self-test"]:
        problems, summary = self_test(), "every planted violation was found"
    else:
        problems, count = check_tree(pathlib.Path(sys.argv[1]).resolve())
        summary = f"{count} files keep to the layers"
        if count < 20:
            problems.append("fewer than 20 files were checked: is this the source root?")
    print("\n".join(problems) or summary)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
