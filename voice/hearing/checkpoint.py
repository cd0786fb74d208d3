"""The weights of the light engine, as the checkpoint that openai-whisper loads.

The same tensors under other names: CTranslate2 keeps query, key and value of an attention as one
matrix.  The bias of the keys is zero, and openai-whisper has none.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice.hearing.ct2file import NotReadable, read_variables

Variables = Mapping[str, NDArray[Any]]
Tensors = dict[str, NDArray[Any]]

CHECKPOINT = "checkpoint.pt"


def checkpoint_of(folder: Path) -> Path:
    """The checkpoint beside the model in `folder`, made at the first time.  Blocking, seconds.

    Whoever comes while another process makes it waits.  Raises `NotReadable` and OSError.
    """
    path = folder / CHECKPOINT
    if path.exists():
        return path
    with _alone(folder):
        if not path.exists():
            _write(path, read_variables(folder / "model.bin"))
    return path


def converted(variables: Variables) -> tuple[dict[str, int], Tensors]:
    """The dimensions and the tensors of a checkpoint.  Raises `NotReadable` for another model."""
    try:
        return _dimensions(variables), dict(_tensors(variables))
    except (KeyError, ValueError) as error:
        raise NotReadable(f"the model is no Whisper: {error!r}") from error


def _write(path: Path, variables: Variables) -> None:
    import torch  # pyright: ignore[reportMissingImports]  # of the extra whisper

    dims, tensors = converted(variables)
    state = {name: torch.from_numpy(np.array(tensor)) for name, tensor in tensors.items()}
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        torch.save({"dims": dims, "model_state_dict": state}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _dimensions(variables: Variables) -> dict[str, int]:
    vocabulary, state = variables["decoder/embeddings/weight"].shape
    return {
        "n_mels": variables["encoder/conv1/weight"].shape[1],
        "n_audio_ctx": len(variables["encoder/position_encodings/encodings"]),
        "n_audio_state": variables["encoder/conv1/weight"].shape[0],
        "n_audio_head": int(variables["encoder/num_heads"]),
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": len(variables["decoder/position_encodings/encodings"]),
        "n_text_state": state,
        "n_text_head": int(variables["decoder/num_heads"]),
        "n_text_layer": _layers(variables, "decoder"),
    }


def _layers(variables: Variables, side: str) -> int:
    numbers = [
        int(name.split("/")[1].removeprefix("layer_"))
        for name in variables
        if name.startswith(f"{side}/layer_") and not name.startswith(f"{side}/layer_norm")
    ]
    return max(numbers) + 1


def _tensors(variables: Variables) -> Iterator[tuple[str, NDArray[Any]]]:
    for name in ("conv1", "conv2"):
        yield from _pair(variables, f"encoder/{name}", f"encoder.{name}")
    yield "encoder.positional_embedding", variables["encoder/position_encodings/encodings"]
    yield "decoder.positional_embedding", variables["decoder/position_encodings/encodings"]
    yield "decoder.token_embedding.weight", variables["decoder/embeddings/weight"]
    yield from _norm(variables, "encoder/layer_norm", "encoder.ln_post")
    yield from _norm(variables, "decoder/layer_norm", "decoder.ln")
    for side in ("encoder", "decoder"):
        for number in range(_layers(variables, side)):
            ours, theirs = f"{side}/layer_{number}", f"{side}.blocks.{number}"
            yield from _layer(variables, ours, theirs)
            if side == "decoder":
                yield from _cross_attention(variables, f"{ours}/attention", theirs)


def _layer(variables: Variables, ours: str, theirs: str) -> Iterator[tuple[str, NDArray[Any]]]:
    attention = f"{ours}/self_attention"
    weights = np.split(variables[f"{attention}/linear_0/weight"], 3)
    biases = np.split(variables[f"{attention}/linear_0/bias"], 3)
    yield from _norm(variables, f"{attention}/layer_norm", f"{theirs}.attn_ln")
    yield from _projections(f"{theirs}.attn", weights, biases)
    yield from _pair(variables, f"{attention}/linear_1", f"{theirs}.attn.out")
    yield from _norm(variables, f"{ours}/ffn/layer_norm", f"{theirs}.mlp_ln")
    yield from _pair(variables, f"{ours}/ffn/linear_0", f"{theirs}.mlp.0")
    yield from _pair(variables, f"{ours}/ffn/linear_1", f"{theirs}.mlp.2")


def _cross_attention(
    variables: Variables, ours: str, theirs: str
) -> Iterator[tuple[str, NDArray[Any]]]:
    asked, kept = f"{ours}/linear_0", f"{ours}/linear_1"
    weights = [variables[f"{asked}/weight"], *np.split(variables[f"{kept}/weight"], 2)]
    biases = [variables[f"{asked}/bias"], *np.split(variables[f"{kept}/bias"], 2)]
    yield from _norm(variables, f"{ours}/layer_norm", f"{theirs}.cross_attn_ln")
    yield from _projections(f"{theirs}.cross_attn", weights, biases)
    yield from _pair(variables, f"{ours}/linear_2", f"{theirs}.cross_attn.out")


def _projections(
    name: str, weights: list[NDArray[Any]], biases: list[NDArray[Any]]
) -> Iterator[tuple[str, NDArray[Any]]]:
    for part, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        yield f"{name}.{part}.weight", weight
        if part != "key":
            yield f"{name}.{part}.bias", bias
        elif np.any(bias):
            raise ValueError(f"the keys of {name} have a bias")


def _pair(variables: Variables, ours: str, theirs: str) -> Iterator[tuple[str, NDArray[Any]]]:
    yield f"{theirs}.weight", variables[f"{ours}/weight"]
    yield f"{theirs}.bias", variables[f"{ours}/bias"]


def _norm(variables: Variables, ours: str, theirs: str) -> Iterator[tuple[str, NDArray[Any]]]:
    yield f"{theirs}.weight", variables[f"{ours}/gamma"]
    yield f"{theirs}.bias", variables[f"{ours}/beta"]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
