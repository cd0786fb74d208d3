"""CTranslate2's file read back, and its tensors under openai-whisper's names, one by one."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from voice.hearing.checkpoint import converted
from voice.hearing.ct2file import NotReadable, read_variables

STATE, WIDE, LAYERS, VOCABULARY = 8, 32, 2, 11
_KINDS = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}

Variables = dict[str, NDArray[Any]]


def written(
    variables: Mapping[str, NDArray[Any]], aliases: Mapping[str, str] | None = None
) -> bytes:
    """The file of these variables."""

    def text(name: str) -> bytes:
        raw = name.encode() + b"\x00"
        return struct.pack("<H", len(raw)) + raw

    parts = [struct.pack("<I", 6), text("WhisperSpec"), struct.pack("<II", 3, len(variables))]
    for name, value in variables.items():
        data, kind = value.tobytes(), _KINDS[value.dtype.name]
        parts += [text(name), struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)]
        parts += [struct.pack("<BI", kind, len(data)), data]
    parts.append(struct.pack("<I", len(aliases or {})))
    parts += [text(name) + text(of) for name, of in (aliases or {}).items()]
    return b"".join(parts)


def small_whisper() -> Variables:
    """A network of two layers, in CTranslate2's names; every number is another one."""
    chance = np.random.default_rng(7)

    def some(*shape: int) -> NDArray[Any]:
        return chance.normal(size=shape).astype(np.float16)

    found: Variables = {
        "encoder/conv1/weight": some(STATE, 5, 3),
        "encoder/conv1/bias": some(STATE),
        "encoder/conv2/weight": some(STATE, STATE, 3),
        "encoder/conv2/bias": some(STATE),
        "encoder/position_encodings/encodings": some(20, STATE),
        "decoder/position_encodings/encodings": some(9, STATE),
        "decoder/embeddings/weight": some(VOCABULARY, STATE),
        "encoder/num_heads": np.int16(2).reshape(()),
        "decoder/num_heads": np.int16(4).reshape(()),
    }

    def norm(name: str) -> None:
        found[f"{name}/gamma"], found[f"{name}/beta"] = some(STATE), some(STATE)

    def linear(name: str, out: int, into: int) -> None:
        found[f"{name}/weight"], found[f"{name}/bias"] = some(out, into), some(out)

    for side in ("encoder", "decoder"):
        norm(f"{side}/layer_norm")
        for number in range(LAYERS):
            layer = f"{side}/layer_{number}"
            norm(f"{layer}/self_attention/layer_norm")
            linear(f"{layer}/self_attention/linear_0", 3 * STATE, STATE)
            found[f"{layer}/self_attention/linear_0/bias"][STATE : 2 * STATE] = 0
            linear(f"{layer}/self_attention/linear_1", STATE, STATE)
            norm(f"{layer}/ffn/layer_norm")
            linear(f"{layer}/ffn/linear_0", WIDE, STATE)
            linear(f"{layer}/ffn/linear_1", STATE, WIDE)
            if side == "decoder":
                norm(f"{layer}/attention/layer_norm")
                linear(f"{layer}/attention/linear_0", STATE, STATE)
                linear(f"{layer}/attention/linear_1", 2 * STATE, STATE)
                found[f"{layer}/attention/linear_1/bias"][:STATE] = 0
                linear(f"{layer}/attention/linear_2", STATE, STATE)
    return found


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Names, shapes, types, numbers; an alias is the same array."""
    file, variables = tmp_path / "model.bin", small_whisper()
    file.write_bytes(written(variables, {"decoder/projection/weight": "decoder/embeddings/weight"}))
    found = read_variables(file)
    assert found.keys() == variables.keys() | {"decoder/projection/weight"}
    for name, value in variables.items():
        assert found[name].dtype == value.dtype
        np.testing.assert_array_equal(found[name], value)
    assert found["decoder/projection/weight"] is found["decoder/embeddings/weight"]


@pytest.mark.parametrize("cut", [0, 3, 10, 40, 2000, -1])
def test_a_file_that_was_cut_short_is_told(tmp_path: Path, cut: int) -> None:
    """Wherever it was cut."""
    file = tmp_path / "model.bin"
    file.write_bytes(written(small_whisper())[:cut])
    with pytest.raises(NotReadable):
        read_variables(file)


def test_another_version_is_told(tmp_path: Path) -> None:
    """Its layout is not known."""
    file = tmp_path / "model.bin"
    file.write_bytes(struct.pack("<I", 7) + written(small_whisper())[4:])
    with pytest.raises(NotReadable, match="version 7"):
        read_variables(file)


def test_every_tensor_has_its_place_and_its_numbers() -> None:
    """What was one matrix is query, key and value again; nothing is left over, nothing is lost."""
    variables = small_whisper()
    dims, tensors = converted(variables)
    assert dims == {
        "n_mels": 5,
        "n_audio_ctx": 20,
        "n_audio_state": STATE,
        "n_audio_head": 2,
        "n_audio_layer": LAYERS,
        "n_vocab": VOCABULARY,
        "n_text_ctx": 9,
        "n_text_state": STATE,
        "n_text_head": 4,
        "n_text_layer": LAYERS,
    }
    given = sum(value.size for value in variables.values()) - 2  # the numbers of heads
    key_biases = STATE * LAYERS * 3
    assert sum(value.size for value in tensors.values()) == given - key_biases
    for side in ("encoder", "decoder"):
        fused = variables[f"{side}/layer_1/self_attention/linear_0/weight"]
        for place, part in enumerate(("query", "key", "value")):
            np.testing.assert_array_equal(
                tensors[f"{side}.blocks.1.attn.{part}.weight"],
                fused[place * STATE : (place + 1) * STATE],
            )
        assert f"{side}.blocks.1.attn.key.bias" not in tensors
        np.testing.assert_array_equal(
            tensors[f"{side}.blocks.0.attn_ln.weight"],
            variables[f"{side}/layer_0/self_attention/layer_norm/gamma"],
        )
        np.testing.assert_array_equal(
            tensors[f"{side}.blocks.0.mlp.2.bias"], variables[f"{side}/layer_0/ffn/linear_1/bias"]
        )
    crossed = variables["decoder/layer_0/attention/linear_1/weight"]
    np.testing.assert_array_equal(
        tensors["decoder.blocks.0.cross_attn.key.weight"], crossed[:STATE]
    )
    np.testing.assert_array_equal(
        tensors["decoder.blocks.0.cross_attn.value.weight"], crossed[STATE:]
    )
    np.testing.assert_array_equal(
        tensors["decoder.blocks.0.cross_attn.query.weight"],
        variables["decoder/layer_0/attention/linear_0/weight"],
    )


def test_keys_with_a_bias_are_no_whisper() -> None:
    """It would be lost without a word."""
    variables = small_whisper()
    variables["encoder/layer_1/self_attention/linear_0/bias"][STATE] = 0.5
    with pytest.raises(NotReadable, match="bias"):
        converted(variables)


def test_another_network_is_no_whisper() -> None:
    """A translation model has no convolutions."""
    variables = small_whisper()
    del variables["encoder/conv1/weight"]
    with pytest.raises(NotReadable, match="no Whisper"):
        converted(variables)
