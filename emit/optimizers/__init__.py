"""How parameters change: one file an optimizer. Importing this registers all of them."""

from emit.op import register_package
from emit.optimizer import OPTIMIZERS, Optimizer
from netspec import recipe
from netspec.language import TrainConfig

register_package(__name__, __path__)


def optimizer_for(config: TrainConfig) -> Optimizer:
    """The optimizer that a recipe asks for."""
    asked = recipe.optimizer_of(config)
    return OPTIMIZERS[type(asked)](asked, recipe.weight_decay_of(config))
