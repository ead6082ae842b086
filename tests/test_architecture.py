"""House rules that no off-the-shelf linter checks.

Each rule names the file and line that breaks it and what to do instead.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("parsers", "detectors", "compression", "logplatform")
SOURCES = (*PACKAGES, "benchmarks", "samples", "tests")
KERNELS = ("*.pyx", "*.pxi", "*.pxd")

MAX_FILE_LINES = 500
MAX_BODY_LINES = 50  # docstring not counted
# "path:function" -> why it reads better whole. A reviewer agrees to each line here.
LONG_ON_PURPOSE: dict[str, str] = {}
MAX_TASK_LINES = 6
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "core"}
# The outside world, and the two switches a test may throw. Nothing else is patched.
PATCHABLE = ("django.utils.timezone.now", "time.", "urllib.", "smtplib.")

PAGE_ASSERTION = "expect"  # Playwright's, which waits for what it asserts

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def _modules(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def _functions(tree: ast.Module) -> Iterator[FunctionNode]:
    return (node for node in ast.walk(tree) if isinstance(node, FunctionNode))


def _body_lines(node: FunctionNode) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _where(path: Path, node: ast.AST | None = None) -> str:
    line = getattr(node, "lineno", 1)
    return f"{path.relative_to(ROOT)}:{line}"


def _decorators(node: FunctionNode) -> set[str]:
    return {ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list}


def test_modules_are_named_for_what_they_hold() -> None:
    vague = [_where(p) for p, _ in _modules(*PACKAGES) if p.stem in VAGUE_NAMES]
    assert not vague, f"name the module after its subject: {vague}"


def test_files_stay_small() -> None:
    files = [path for path, _ in _modules(*SOURCES)]
    files += [
        path
        for package in PACKAGES
        for kind in KERNELS
        for path in sorted((ROOT / package).rglob(kind))
    ]
    lines = {_where(path): path.read_text(encoding="utf-8").count("\n") for path in files}
    long = {where: n for where, n in lines.items() if n > MAX_FILE_LINES}
    assert not long, f"split at the next noun: {long}"


def test_functions_stay_small() -> None:
    long = []
    for path, tree in _modules(*PACKAGES, "benchmarks"):
        long += [
            f"{_where(path, f)} {f.name} has {_body_lines(f)} lines"
            for f in _functions(tree)
            if _body_lines(f) > MAX_BODY_LINES
            and f"{path.relative_to(ROOT)}:{f.name}" not in LONG_ON_PURPOSE
        ]
    assert not long, f"split at the next verb: {long}"


def test_no_import_is_guarded() -> None:
    guarded = [
        _where(path, node)
        for path, tree in _modules(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any(isinstance(s, ast.Import | ast.ImportFrom) for s in node.body)
    ]
    assert not guarded, f"a missing dependency must fail at import: {guarded}"


def test_tasks_are_thin() -> None:
    fat = [
        f"{_where(path, f)} {f.name}"
        for path, tree in _modules("logplatform")
        for f in _functions(tree)
        if _decorators(f) & {"shared_task", "app.task"} and _body_lines(f) > MAX_TASK_LINES
    ]
    assert not fat, f"move the work into a service: {fat}"


def test_abstract_classes_have_two_children() -> None:
    bases: dict[str, str] = {}
    children: dict[str, int] = {}
    for path, tree in _modules(*PACKAGES):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                names = [ast.unparse(b).rsplit(".", 1)[-1] for b in node.bases]
                if "ABC" in names:
                    bases[node.name] = _where(path, node)
                for name in names:
                    children[name] = children.get(name, 0) + 1
    lonely = [f"{where} {n}" for n, where in bases.items() if children.get(n, 0) < 2]
    assert not lonely, f"inline the base class until there is a second child: {lonely}"


def _asserts(node: ast.AST, checkers: set[str]) -> bool:
    return any(
        isinstance(part, ast.Assert)
        or (isinstance(part, ast.Attribute) and part.attr == "raises")
        or (
            isinstance(part, ast.Name)
            and (part.id.startswith("check_") or part.id in checkers | {PAGE_ASSERTION})
        )
        for part in ast.walk(node)
    )


def test_every_test_asserts_something() -> None:
    hollow = []
    for path, tree in _modules("tests"):
        # A helper of the same file that asserts does so for the tests that call it.
        checkers = {f.name for f in _functions(tree) if _asserts(f, set())}
        hollow += [
            _where(path, f)
            for f in _functions(tree)
            if f.name.startswith("test_") and not _asserts(f, checkers - {f.name})
        ]
    assert not hollow, f"a test without an assertion proves nothing: {hollow}"


def _is_constant(target: str, call: ast.Call) -> bool:
    names = [target, *(a.value for a in call.args[1:2] if isinstance(a, ast.Constant))]
    return any(str(name).rpartition(".")[2].isupper() for name in names)


def _is_patch(called: str) -> bool:
    """Say whether a call replaces something; ``browser.patch(...)`` is a request."""
    return called == "patch" or called.endswith(
        ("mock.patch", "patch.object", "monkeypatch.setattr")
    )


def test_tests_patch_only_the_outside_world() -> None:
    patched = []
    for path, tree in _modules("tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_patch(ast.unparse(node.func)):
                first = node.args[0] if node.args else node
                text = (
                    str(first.value) if isinstance(first, ast.Constant) else ast.unparse(first)
                )
                # A limit may be lowered, so that a test need not be as large as the limit.
                if not text.startswith(PATCHABLE) and not _is_constant(text, node):
                    patched.append(f"{_where(path, node)} {text}")
    assert not patched, f"use the real thing or a fake in tests/fakes.py: {patched}"


def test_exceptions_to_length_are_still_needed() -> None:
    functions = {
        f"{path.relative_to(ROOT)}:{f.name}": _body_lines(f)
        for path, tree in _modules(*PACKAGES, "benchmarks")
        for f in _functions(tree)
    }
    stale = [name for name in LONG_ON_PURPOSE if functions.get(name, 0) <= MAX_BODY_LINES]
    assert not stale, f"delete these lines of LONG_ON_PURPOSE: {stale}"


def test_folders_of_packages_are_no_packages() -> None:
    # A package named `compression` would hide the standard library's since Python 3.14, and
    # pytest's importlib mode needs test folders without one.
    folders = [ROOT / name for name in ("parsers", "compression", "detectors")]
    wrong = [folder / "__init__.py" for folder in folders if (folder / "__init__.py").exists()]
    wrong += (ROOT / "tests").rglob("__init__.py")
    assert not wrong, f"delete: {wrong}"
