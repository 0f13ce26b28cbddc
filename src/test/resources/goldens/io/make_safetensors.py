"""Writes golden.safetensors from the format's description alone: python3 make_safetensors.py"""
import json
import struct

FLOATS = [0.0, -0.0, 1.0, -2.5, 65504.0, 65519.996, 65520.0, 1e-8, 5.960464477539063e-08,
          2.9802322387695312e-08, 8.940696716308594e-08, 2049.0, 2051.0, 1 / 3, float("inf")]


def half(value):
    try:
        return struct.pack("<e", value)
    except OverflowError:  # struct refuses where IEEE 754 rounds to infinity
        return b"\x00\x7c"


tensors = [
    ("f64", "F64", [2], struct.pack("<2d", 1 / 3, -1e300)),
    ("i64", "I64", [], struct.pack("<q", -2**63)),
    ("f32", "F32", [15], struct.pack("<15f", *FLOATS)),
    ("i32", "I32", [1, 2], struct.pack("<2i", -2**31, 7)),
    ("f16", "F16", [15], b"".join(half(v) for v in FLOATS)),
    ("bf16", "BF16", [2], b"".join(struct.pack("<f", v)[2:] for v in (1.5, -3.0))),
    ("i16", "I16", [2], struct.pack("<2h", -32768, 300)),
    ("i8", "I8", [3], struct.pack("<3b", -128, 0, 127)),
    ("u8", "U8", [3], bytes([0, 128, 255])),
    ("bool", "BOOL", [2], bytes([1, 0])),
    ("leer/0×3 \"\\", "F32", [0, 3], b""),
]
header = {"__metadata__": {"format": "pt", "größe": "6\n\t\"x\""}}
data = b""
for name, dtype, shape, raw in tensors:
    header[name] = {"dtype": dtype, "shape": shape,
                    "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("golden.safetensors", "wb") as out:
    out.write(struct.pack("<Q", len(text)) + text + data)
