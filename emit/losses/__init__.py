"""What training minimises: one file a loss, which is an op. Importing this registers all of them."""

from emit.op import register_package

register_package(__name__, __path__)
