"""The pages: what they name is there, what they quote is real, and their lines can be read."""

import inspect
import re
import textwrap
from pathlib import Path
from typing import get_args

import pytest

from emit.expand import expand
from emit.programs import emit
from netspec import load_spec
from netspec.activations import Activation
from netspec.layers import LAYERS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "benchmarks/README.md", *sorted(ROOT.glob("docs/*.md"))]
SHORT = {"tiling/": "runtime/compiler/tiling/", "passes/": "runtime/compiler/passes/"}  # as docs/performance.md says
NAMED = re.compile(r"`([\w.-]+/[\w./-]*)`")
LINKED = re.compile(r"\]\((?!http)([^)#]+)\)")


def named(page: Path) -> list[str]:
    """The files and folders of ours that a page names, from the root."""
    paths = NAMED.findall(page.read_text(encoding="utf-8"))
    full = [next((path.replace(s, SHORT[s], 1) for s in SHORT if path.startswith(s)), path) for path in paths]
    ours = {path.name for path in ROOT.iterdir()} - {"runs"}
    return [path for path in full if path.partition("/")[0] in ours]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert [path for path in named(page) if not (ROOT / path).exists()] == []
    links = LINKED.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_outside_a_table_is_longer_than_200_characters(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 200 and not line.startswith("|")] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert page.name in index or page.parent == ROOT


def test_the_readmes_python_can_be_imported() -> None:
    example = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    compile(example, "README.md", "exec")
    exec("\n".join(line for line in example.splitlines() if re.match(r"from|import", line)), {})


def test_the_readmes_network_with_a_width_is_one(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^    def small\(.*?\n\n", readme, re.DOTALL | re.MULTILINE)
    (tmp_path / "nets.py").write_text("from netspec import *\n\n" + textwrap.dedent(example))
    names = [load_spec(tmp_path / "nets.py", "small", width).net.name for width in (None, 0.5)]
    assert names == ["Small", "Small 0.5"]


def test_the_readme_lists_every_layer_with_its_arguments_and_every_activation() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for layer in LAYERS.values():
        assert f"`{layer.__name__}({', '.join(inspect.signature(layer).parameters)})`" in text
    assert f"Activations: {', '.join(f'`{name}`' for name in get_args(Activation))};" in text


def test_the_excerpts_of_a_programs_life_are_what_is_emitted() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    stages = page[page.index("**1. Spec") : page.index("**3. StableHLO")]
    quoted = "\n".join(line for line in stages.splitlines() if line.startswith("    "))
    spec = load_spec(ROOT / "specs/tiny.py")
    program = emit("train_step", spec.net, spec.config)
    nodes = "\n".join(map(str, expand(spec.net).nodes.values()))
    real = plain(f"{nodes}\n{program.text}\n{program.manifest.to_text()}")
    fragments = [plain(part) for part in re.split(r"\.\.|\n\s*(?=%|//|\{|Node)", quoted)]
    assert len([part for part in fragments if part]) > 10
    assert [part for part in fragments if part not in real] == []


def plain(text: str) -> str:
    """Without line breaks and blanks, which excerpts may have elsewhere."""
    return re.sub(r"\s+", "", text)
