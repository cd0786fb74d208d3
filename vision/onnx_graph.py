"""Freeing an exported YOLO model from its fixed input size.

Exporters bake the input size into the last nodes of the graph: the grid of cells becomes
constants. Up to the raw heads, one per stride, the network itself takes any multiple of 32 and
any batch. So the graph is cut there, and `vision.heads` does the rest in numpy. A wide picture
then needs no grey bars above and below it, and a batch is one run.

ONNX files are protocol buffers; the few fields that matter are read by hand, which spares the
whole onnx package. Field numbers: onnx/onnx.proto (ModelProto, GraphProto, NodeProto).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_MODEL_GRAPH = 7
_NODE, _INPUT, _OUTPUT, _VALUE_INFO = 1, 11, 12, 13
_NODE_INPUT, _NODE_OUTPUT, _NODE_TYPE = 1, 2, 4
_BYTES = 2  # wire type of strings and messages
HEADS = 3  # strides 8, 16 and 32
Field = tuple[int, int, bytes]
"""Number, wire type, payload (without the length)."""


@dataclass(frozen=True, slots=True)
class _Node:
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def cut_at_heads(model: bytes) -> bytes | None:
    """The model with its raw heads as outputs and free input sides; None if it has no such heads.

    Input: batch x 3 x height x width. Outputs, by stride: batch x (64 + classes) x rows x columns.
    """
    fields = list(_fields(model))
    at = next((i for i, field in enumerate(fields) if field[0] == _MODEL_GRAPH), None)
    if at is None:
        return None
    graph = _cut_graph(list(_fields(fields[at][2])))
    if graph is None:
        return None
    fields[at] = (_MODEL_GRAPH, _BYTES, graph)
    return b"".join(_written(*field) for field in fields)


def _cut_graph(fields: list[Field]) -> bytes | None:
    nodes = [_node(payload) if number == _NODE else None for number, _, payload in fields]
    present = [node for node in nodes if node]
    heads = _heads(present)
    if len(heads) != HEADS:
        return None
    needed = _needed(present, heads)
    image = next(payload for number, _, payload in fields if number == _INPUT)
    kept = [
        _written(*field)
        for field, node in zip(fields, nodes, strict=True)
        if field[0] not in (_INPUT, _OUTPUT, _VALUE_INFO)
        and (node is None or needed.intersection(node.outputs))
    ]
    kept.append(_written(_INPUT, _BYTES, _value(_name(image), ("batch", 3, "height", "width"))))
    kept += [_written(_OUTPUT, _BYTES, _value(head, None)) for head in heads]
    return b"".join(kept)


def _heads(nodes: list[_Node]) -> list[str]:
    """What is flattened after boxes and classes were put together: the heads, finest first."""
    joined = {name for node in nodes if node.kind == "Concat" for name in node.outputs}
    return [n.inputs[0] for n in nodes if n.kind == "Reshape" and n.inputs[0] in joined]


def _needed(nodes: list[_Node], heads: list[str]) -> set[str]:
    """Every value that the heads are computed from."""
    makers = {name: node for node in nodes for name in node.outputs}
    needed, waiting = set(heads), list(heads)
    while waiting:
        maker = makers.get(waiting.pop())
        for name in maker.inputs if maker else ():
            if name not in needed:
                needed.add(name)
                waiting.append(name)
    return needed


def _node(payload: bytes) -> _Node:
    inputs, outputs, kind = [], [], ""
    for number, _, value in _fields(payload):
        if number == _NODE_INPUT:
            inputs.append(value.decode())
        elif number == _NODE_OUTPUT:
            outputs.append(value.decode())
        elif number == _NODE_TYPE:
            kind = value.decode()
    return _Node(kind, tuple(inputs), tuple(outputs))


def _name(value_info: bytes) -> str:
    return next(payload.decode() for number, _, payload in _fields(value_info) if number == 1)


def _value(name: str, shape: tuple[int | str, ...] | None) -> bytes:
    """A ValueInfoProto: float32 of this shape, or of any shape that follows."""
    tensor = _written(1, 0, _varint(1))  # elem_type = FLOAT
    if shape is not None:
        sides = b"".join(_written(1, _BYTES, _side(side)) for side in shape)
        tensor += _written(2, _BYTES, sides)
    kind = _written(1, _BYTES, tensor)
    return _written(1, _BYTES, name.encode()) + _written(2, _BYTES, kind)


def _side(side: int | str) -> bytes:
    if isinstance(side, int):
        return _written(1, 0, _varint(side))
    return _written(2, _BYTES, side.encode())


def _fields(message: bytes) -> Iterator[Field]:
    """The fields of a protocol buffer, in order; varints as their own bytes."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        number, wire = key >> 3, key & 7
        if wire == _BYTES:
            length, position = _read_varint(message, position)
        elif wire == 0:
            length = _read_varint(message, position)[1] - position
        else:
            length = 8 if wire == 1 else 4
        yield number, wire, message[position : position + length]
        position += length


def _written(number: int, wire: int, payload: bytes) -> bytes:
    key = _varint(number << 3 | wire)
    return key + (_varint(len(payload)) if wire == _BYTES else b"") + payload


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
