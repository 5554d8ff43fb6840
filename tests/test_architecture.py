"""The house: which folder may import which, and through which door each heavy library comes in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import VERSION

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "corpus": {"corpus"},
    "ingest": {"ingest", "corpus"},
    "assistant": {"assistant", "corpus"},
    "ui": {"ui", "corpus", "ingest", "assistant"},
}
DOORS = {
    "sentence_transformers": {"corpus/encoder.py"},
    "torch": {"corpus/encoder.py"},
    "transformers": {"corpus/encoder.py"},
    "openvino": {"corpus/encoder.py"},
    "tokenizers": {"corpus/minilm.py"},
    "chromadb": {"corpus/collection.py"},
    "tantivy": {"corpus/words.py"},
    "sqlalchemy": {"corpus/recording.py", "corpus/engines.py"},
    "psycopg": set(),
    "filelock": {"corpus/locking.py"},
    "watchfiles": {"ingest/watch.py"},
    "markdown_it": {"ingest/read/markdown.py"},
    "pypdfium2": {"ingest/read/pdf.py", "ingest/read/pdf_letters.py", "ingest/read/pdf_page.py"},
    "pdfplumber": {"ingest/read/pdf_plumber.py"},
    "docx": {"ingest/read/word.py"},
    "pptx": {"ingest/read/slides.py"},
    "openpyxl": {"ingest/read/sheets.py"},
    "trafilatura": {"ingest/read/html.py"},
    "lxml": {"ingest/read/html.py", "ingest/read/epub.py"},
    "charset_normalizer": {"ingest/read/text.py"},
    "httpx": {"ingest/fetch.py", "corpus/served.py"},
    "langchain": {"assistant/langchain.py", "assistant/generate.py"},
    "langchain_core": {"assistant/langchain.py", "assistant/generate.py"},
    "langchain_openai": set(),  # init_chat_model imports the package of a provider
    "langchain_anthropic": set(),
    "langchain_ollama": set(),
    "gradio": {"ui/"},
    "uvicorn": {"ui/"},
    "fastapi": {"ui/"},
    "starlette": {"ui/"},
    "click": {"ui/"},
    "rich": {"ui/"},
}
HEAVY = (
    "torch", "transformers", "sentence_transformers", "chromadb", "gradio", "langchain_core",
    "langchain", "pandas", "openvino", "pypdfium2", "pdfplumber", "docx", "pptx", "openpyxl", "trafilatura", "httpx",
)  # fmt: skip
LONGEST = 350  # lines; DESIGN asks for about 250, and this is where a room is two ideas
MODULES = sorted(p for folder in MAY_IMPORT for p in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(code: str, type_checking: bool = True) -> Iterator[str]:
    """The modules that code imports at any depth, inside functions too, and by import_module."""
    tree = ast.parse(code)
    unread: set[ast.AST] = set()
    if not type_checking:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                unread |= {n for child in node.body for n in ast.walk(child)}
    for node in ast.walk(tree):
        if node in unread:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that this test can read them"
            yield node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
            "import_module",
            "__import__",
        ):
            first = node.args[0] if node.args else None
            yield str(first.value) if isinstance(first, ast.Constant) else "?"


def arrows(code: str, folder: str) -> set[str]:
    """Our folders that this code imports and may not."""
    return {m.split(".")[0] for m in imports(code)} & MAY_IMPORT.keys() - MAY_IMPORT[folder]


def wrong_doors(code: str, path: str) -> set[str]:
    """Heavy libraries that this code imports and may not."""
    used = {m.split(".")[0] for m in imports(code, type_checking=False)} & DOORS.keys()
    return {m for m in used if not any(path == d or (d.endswith("/") and path.startswith(d)) for d in DOORS[m])}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_imports_only_what_its_folder_may(path: Path) -> None:
    assert arrows(path.read_text("utf-8"), path.relative_to(ROOT).parts[0]) == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_heavy_library_comes_in_by_its_own_door(path: Path) -> None:
    assert wrong_doors(path.read_text("utf-8"), name(path)) == set()


def test_the_rules_see_an_import_wherever_it_hides() -> None:
    assert arrows("def f():\n    from ui import web", "assistant") == {"ui"}
    assert arrows("import ingest.build as b", "corpus") == {"ingest"}
    assert arrows("import importlib\nimportlib.import_module('assistant')", "ingest") == {"assistant"}
    assert arrows("from corpus.types import Source", "ui") == set()
    assert wrong_doors("def f():\n    import torch.nn", "assistant/x.py") == {"torch"}
    assert wrong_doors("import gradio", "ui/web.py") == set()
    assert (
        wrong_doors("if TYPE_CHECKING:\n    from langchain_core.tools import BaseTool", "assistant/chain.py") == set()
    )


def test_all_four_folders_were_read() -> None:
    assert {p.relative_to(ROOT).parts[0] for p in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("module", ["corpus", "corpus.library", "ingest", "assistant", "ui.cli"])
def test_importing_a_folder_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.returncode) == ("[]\n", 0), run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("question", ["What was South Korea's net flow of AI talent in 2023?", "What is J-Find?"])
def test_a_question_loads_neither_torch_nor_langchain_nor_an_engine(question: str, bundled_home: Path) -> None:
    unwanted = (*HEAVY, "sqlalchemy", "rich", "ingest", "onnxruntime", "scipy")
    code = (
        "import sys; from assistant import Assistant; answer = Assistant.open(sys.argv[1]).ask(sys.argv[2]);"
        f"print(answer.status, [m for m in {unwanted!r} if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(bundled_home), question], capture_output=True, text=True, timeout=60
    )
    assert (run.stdout, run.returncode) == ("answered []\n", 0), run.stderr


def test_the_code_knows_the_version_of_the_package() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_nothing_prints_but_the_command_line() -> None:
    talkers = [
        name(path)
        for path in MODULES
        if path.relative_to(ROOT).as_posix() != "ui/cli.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "pprint", "pprint.pprint")
    ]
    assert talkers == []


def test_no_module_is_too_long_to_hold_one_idea() -> None:
    lengths = {name(p): len(p.read_text("utf-8").splitlines()) for p in MODULES}
    assert {n: length for n, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_what_it_is() -> None:
    assert [name(p) for p in MODULES if not (ast.get_docstring(ast.parse(p.read_text("utf-8"))) or "").strip()] == []


def test_tests_are_flat_and_named_after_what_they_test() -> None:
    tests = sorted((ROOT / "tests").glob("*.py"))
    assert not (ROOT / "tests" / "__init__.py").exists()
    rooms = {
        "architecture",
        "benchmarks",
        "evaluation",
        "readme",
        "wheel",
        "scripted",
        *MAY_IMPORT,
    }  # the house as a whole, or one room
    odd = [p.name for p in tests if p.stem != "conftest" and p.stem.removeprefix("test_").split("_")[0] not in rooms]
    assert odd == []
