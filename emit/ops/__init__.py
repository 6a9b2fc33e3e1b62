"""What the project can compute: one file an op, in one fixed order. Importing this registers all of them."""

from emit.op import register_package

register_package(__name__, __path__)
