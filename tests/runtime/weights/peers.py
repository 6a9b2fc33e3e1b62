"""Which network of whose library is which of ours."""

from dataclasses import dataclass
from pathlib import Path

# Of the peers, made by `tests/peers/goldens.py`.
KEYS = Path(__file__).with_name("keys.json")
LOGITS = Path(__file__).with_name("logits.json")


@dataclass(frozen=True)
class Peer:
    """A network of another library's, and ours.

    Attributes:
        source: where its keys alone do not say.
        pixels: a side of the images that it is asked about.
    """

    library: str
    name: str
    spec: str
    width: float | None = None
    source: str | None = None
    pixels: int = 96

    def __str__(self) -> str:
        return f"{self.library} {self.name}" + (f" {self.pixels}" if self.pixels != Peer.pixels else "")


TORCHVISION = {
    "mobilenet_v2": "mobilenet_v2",
    "mobilenet_v3_large": "mobilenet_v3:large",
    "mobilenet_v3_small": "mobilenet_v3:small",
    "efficientnet_b0": "efficientnet:b0",
    "efficientnet_b1": "efficientnet:b1",
    "efficientnet_b2": "efficientnet:b2",
    "efficientnet_v2_s": "efficientnet_v2:s",
    "mnasnet1_0": "mnasnet:b1",
}
TIMM = {
    "mobilenetv1_100": "mobilenet_v1",
    "mobilenetv2_100": "mobilenet_v2",
    "mobilenetv4_conv_small": "mobilenet_v4:conv_small",
    "mobilenetv4_conv_medium": "mobilenet_v4:conv_medium",
    "mobilenetv4_conv_large": "mobilenet_v4:conv_large",
    "mobilenetv4_hybrid_medium": "mobilenet_v4:hybrid_medium",
    "mobilenetv4_hybrid_large": "mobilenet_v4:hybrid_large",
    "mnasnet_100": "mnasnet:b1",
    "semnasnet_100": "mnasnet:a1",
    "mnasnet_small": "mnasnet:small",
}
BOTH = {  # of timm's own training, and of TensorFlow's
    "mobilenetv3_large_100": "mobilenet_v3:large",
    "mobilenetv3_small_100": "mobilenet_v3:small",
    "efficientnet_b0": "efficientnet:b0",
    "efficientnet_b1": "efficientnet:b1",
    "efficientnet_b2": "efficientnet:b2",
    "efficientnet_lite0": "efficientnet_lite:lite0",
    "efficientnet_lite1": "efficientnet_lite:lite1",
    "efficientnet_lite2": "efficientnet_lite:lite2",
    "efficientnetv2_s": "efficientnet_v2:s",
}
WIDTHS = {
    "mobilenetv2_140": ("mobilenet_v2", 1.4),
    "mobilenetv2_050": ("mobilenet_v2", 0.5),
    "mobilenetv3_large_075": ("mobilenet_v3:large", 0.75),
    "mobilenetv3_small_050": ("mobilenet_v3:small", 0.5),
}
KERAS = {
    "MobileNet": "mobilenet_v1",
    "MobileNetV2": "mobilenet_v2",
    "MobileNetV3Large": "mobilenet_v3:large",
    "MobileNetV3Small": "mobilenet_v3:small",
}
RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101")
PEERS = [
    *(Peer("torchvision", name, spec) for name, spec in TORCHVISION.items()),
    *(Peer("timm", name, spec) for name, spec in TIMM.items()),
    *(Peer("timm", name, spec, source="timm") for name, spec in BOTH.items()),
    *(Peer("timm", f"tf_{name}", spec, source="timm-tf") for name, spec in BOTH.items()),
    *(Peer("timm", name, *found, source="timm" if "v3" in name else None) for name, found in WIDTHS.items()),
    *(Peer("keras", name, spec) for name, spec in KERAS.items()),
    Peer("keras", "MobileNet", "mobilenet_v1", pixels=100),  # odd further in, where it does not pad as "same" does
    *(Peer(library, name, name, source=library) for library in ("torchvision", "timm") for name in RESNETS),
]
