"""The weights among what a training script saved with them, under the names that the network itself gave them."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from netspec.text import shown
from runtime.weights.formats.names import STATE_DICT
from runtime.weights.formats.untrusted import Budget, UnreadableError
from runtime.weights.formats.values import Sequence, Table, Tensor

Described = TypeVar("Described")

# An exponential moving average of the weights, which is more accurate than the weights of the last step.
_AVERAGES = ("state_dict_ema", "model_ema", "ema_state_dict", "ema", "params_ema")
_PLAIN = ("state_dict", "model_state_dict", "model", "net", "network", "params", "weights", "module")
_PREFIXES = ("module.", "_orig_mod.", "model.")
_COUNTER = "n_averaged"  # of torch.optim.swa_utils.AveragedModel, beside names with `module.`
_KEPT = 400  # bytes in memory: what is kept of a tensor under its name
_MOST_WRAPPERS = 4  # one within the other


def state_dict_of(value: object, budget: Budget) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The tensors in what was saved, by name, and notes on which ones were chosen.

    It may be a state dict, or a dict that holds one, as training scripts write. Raises UnreadableError for others.
    """
    notes: list[str] = []
    for _ in range(_MOST_WRAPPERS):
        held = _held(value)
        if not held:
            break
        chosen, *others = held
        notes += _note(chosen, others)
        value = held[chosen]
    items = value.items if isinstance(value, Table) else {}
    budget.spend(_KEPT * len(items))
    tensors = {name: item for name, item in items.items() if isinstance(item, Tensor)}
    if not tensors:
        raise UnreadableError(_described(value), STATE_DICT)
    plain, prefix_notes = without_prefix(tensors)
    return plain, (*notes, *prefix_notes)


def without_prefix(tensors: Mapping[str, Described]) -> tuple[dict[str, Described], tuple[str, ...]]:
    """The same tensors without the prefix that a wrapper of the network gave to the names of all, and notes."""
    plain = {name: tensor for name, tensor in tensors.items() if name != _COUNTER}
    if not plain or not all(name.startswith("module.") for name in plain):
        plain = dict(tensors)
    removed = ""
    while prefix := _common_prefix(plain):
        plain = {name.removeprefix(prefix): tensor for name, tensor in plain.items()}
        removed += prefix
    return plain, (f"All names begin with {shown(removed)}, which is left out.",) if removed else ()


def _held(value: object) -> dict[str, Table]:
    """The dicts in a dict that can be a network's weights, the preferred one first."""
    items = value.items if isinstance(value, Table) else {}
    held = {name: items.get(name) for name in _AVERAGES + _PLAIN}
    return {name: item for name, item in held.items() if isinstance(item, Table) and _can_hold_weights(item)}


def _can_hold_weights(table: Table) -> bool:
    return any(
        isinstance(item, Tensor) or (isinstance(item, Table) and name in _AVERAGES + _PLAIN)
        for name, item in table.items.items()
    )


def _note(chosen: str, others: list[str]) -> list[str]:
    if not others:
        return []
    what = "the moving average of the weights" if chosen in _AVERAGES else "the set of weights"
    return [f"Used {what} under {chosen}; left out what is under {', '.join(others)}."]


def _common_prefix(names: Collection[str]) -> str | None:
    """The prefix of all names that leaves something of each."""
    for prefix in _PREFIXES:
        if names and all(len(name) > len(prefix) and name.startswith(prefix) for name in names):
            return prefix
    return None


def _described(value: object) -> str:
    if isinstance(value, Tensor):
        return "a single tensor without a name"
    if isinstance(value, Sequence):
        return "a list or a tuple"
    if not isinstance(value, Table):
        return f"a value of type {type(value).__name__}"
    held = shown(", ".join(list(value.items)[:5]) or "nothing", 100)
    return f"a dict without tensors by name (it has {held})"
