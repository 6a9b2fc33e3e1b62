"""Networks as the peers themselves build them, and what they give."""

import os
from typing import Any, cast

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import timm
import torch
import torchvision
from numpy.typing import NDArray

from emit.images import mean_and_std
from netspec.preprocessing import Preprocessing
from tests.runtime.weights.peers import Peer

Images = NDArray[np.uint8]  # [N, H, W, 3]
Logits = NDArray[np.floating[Any]]


def torch_model(peer: Peer) -> torch.nn.Module:
    """A network of torchvision's or timm's, with the weights that it starts from, for evaluation."""
    if peer.library == "torchvision":
        model = torchvision.models.get_model(peer.name, weights=None)
    else:
        model = timm.create_model(peer.name)
    return cast(torch.nn.Module, model.eval())


def torch_logits(model: torch.nn.Module, images: Images, preprocessing: Preprocessing) -> tuple[Logits, Logits]:
    """In f32, and in f64; the model is one of f32 afterwards."""
    mean, std = (np.array(numbers) for numbers in mean_and_std(3, preprocessing))
    inputs = torch.from_numpy(((images / preprocessing.scale - mean) / std).transpose(0, 3, 1, 2))
    with torch.inference_mode():
        short = model(inputs.float()).numpy()
        long = model.double()(inputs).numpy()
    model.float()
    return short, long


def keras_model(peer: Peer, pixels: int, dtype: str = "float32") -> Any:
    """A network of Keras', with logits in place of probabilities."""
    keras.config.set_dtype_policy(dtype)
    make = getattr(keras.applications, peer.name)
    return make(weights=None, input_shape=(pixels, pixels, 3), classifier_activation=None)


def keras_logits(model: Any, peer: Peer, images: Images) -> Logits:
    """Of images as that network's own `preprocess_input` prepares them."""
    module = {"MobileNet": "mobilenet", "MobileNetV2": "mobilenet_v2"}.get(peer.name, "mobilenet_v3")
    prepared = getattr(keras.applications, module).preprocess_input(images.astype(model.dtype))
    return np.asarray(model.predict_on_batch(prepared))


def rows(peer: Peer) -> list[list[Any]]:
    """The name and the shape of each tensor of its own, in its order, without counters."""
    if peer.library == "keras":
        weights = keras_model(peer, peer.pixels).weights
        return [[variable.path, list(variable.shape)] for variable in weights if "seed" not in variable.path]
    with torch.device("meta"):
        state = torch_model(peer).state_dict()
    return [[name, list(tensor.shape)] for name, tensor in state.items() if not name.endswith("num_batches_tracked")]


def distance(found: Logits, expected: Logits) -> float:
    """Relative, in L2."""
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
