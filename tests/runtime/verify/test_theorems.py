"""`docs/theorems.md` says what the source says: its generated parts are made here, and rewritten when asked to."""

import inspect
import os
from pathlib import Path

import pytest

from emit.op import REGISTRY, Op
from runtime.verify.ops import DEFINITIONS
from runtime.verify.rules import hold

PAGE = Path(__file__).parents[3] / "docs" / "theorems.md"
REWRITE = bool(os.environ.get("NETSPEC_REWRITE_GOLDEN"))


def op_section(kind: type[Op]) -> str:
    module = inspect.getmodule(kind)
    assert module is not None
    assert module.__file__ is not None
    formula = inspect.getdoc(module) or ""
    derivation = inspect.getdoc(kind.vjp) or ""
    cases = DEFINITIONS[kind.kind].cases
    forms = list(dict.fromkeys(case.form for case in cases if case.form))
    lines = [f"### {kind.kind}", "", _quoted(formula), "", f"`{kind.__name__}.vjp`:", "", _quoted(derivation), ""]
    lines.append(f"* Emitted in `emit/ops/{Path(module.__file__).name}`.")
    definition = DEFINITIONS[kind.kind]
    if definition.theorem:
        lines.append(f"* Lean: {definition.theorem}.")
    found = hold(cases[0])
    how = "in the field" if found.startswith("exact") else "in 80 digits"
    forms_said = f" in {len(forms)} forms ({', '.join(forms)})" if len(forms) > 1 else ""
    lines.append(f"* Checked {how}: {len(cases)} cases{forms_said}, and a network's own sizes.")
    if definition.convention:
        lines.append(f"* At the kink: {definition.convention}.")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


def ops_part() -> str:
    return "\n\n".join(op_section(kind) for _, kind in sorted(REGISTRY.items()))


@pytest.mark.parametrize(("name", "made"), [("ops", ops_part)])
def test_a_generated_part_of_the_page_is_up_to_date(name: str, made: object) -> None:
    assert callable(made)
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(f"<!-- {name} -->\n")
    old, tail = rest.split(f"<!-- end of {name} -->")
    new = f"\n{made()}\n\n"
    if REWRITE:
        PAGE.write_text(f"{head}<!-- {name} -->\n{new}<!-- end of {name} -->{tail}", encoding="utf-8")
    else:
        assert old == new, "rewrite it: NETSPEC_REWRITE_GOLDEN=1 python -m pytest tests/runtime/verify/test_theorems.py"
