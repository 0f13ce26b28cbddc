"""Residual networks in PyTorch, written independently of Sagitta, and what both sides fill them with.

Structure and names follow the paper's CIFAR code (shortcut, linear) or torchvision (downsample, fc).
"""
import json
import struct
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)

BLOCKS = {
    "resnet8": (False, [1, 1, 1]),
    "resnet20": (False, [3, 3, 3]),
    "resnet18": (False, [2, 2, 2, 2]),
    "resnet34": (False, [3, 4, 6, 3]),
    "resnet50": (True, [3, 4, 6, 3]),
}


class Block(nn.Module):
    def __init__(self, planes_in, planes, stride, bottleneck, shortcut):
        super().__init__()
        self.bottleneck = bottleneck
        self.shortcut_name = shortcut
        out = 4 * planes if bottleneck else planes
        if bottleneck:
            self.conv1 = nn.Conv2d(planes_in, planes, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.conv3 = nn.Conv2d(planes, out, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(out)
        else:
            self.conv1 = nn.Conv2d(planes_in, planes, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
        if stride != 1 or planes_in != out:
            projection = [nn.Conv2d(planes_in, out, 1, stride, bias=False), nn.BatchNorm2d(out)]
            setattr(self, shortcut, nn.Sequential(*projection))
        self.planes_out = out

    def forward(self, x):
        residual = getattr(self, self.shortcut_name, lambda v: v)(x)
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + residual)


class ResNet(nn.Module):
    def __init__(self, architecture, classes, width, stem):
        super().__init__()
        bottleneck, blocks = BLOCKS[architecture]
        self.cifar = stem == "cifar"
        if self.cifar:
            self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        else:
            self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(blocks)
        planes_in = width
        for stage, count in enumerate(blocks):
            layers = []
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                shortcut = "shortcut" if self.cifar else "downsample"
                layers.append(Block(planes_in, width << stage, stride, bottleneck, shortcut))
                planes_in = layers[-1].planes_out
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.head_name = "linear" if self.cifar else "fc"
        setattr(self, self.head_name, nn.Linear(planes_in, classes))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if not self.cifar:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return getattr(self, self.head_name)(x.mean((2, 3)))


def uniform(key, count):
    """Numbers in [-1, 1) with 24 bits, from a 32-bit integer hash of (key's CRC-32, element)."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1)
    x += np.uint32(zlib.crc32(key.encode()))
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) * 2.0**-23 - 1.0


def value(name, shape):
    """A parameter's values, exact in float32."""
    u = uniform(name, int(np.prod(shape)))
    if len(shape) > 1:
        u = u / np.sqrt(np.prod(shape[1:]))
        u = u * (np.sqrt(3.0) if len(shape) == 4 else 1.0)
    elif name.endswith("running_var"):
        u = 1 + 0.5 * u
    elif name.endswith(".weight"):
        u = 1 + 0.2 * u
    else:
        u = 0.1 * u
    return u.astype(np.float32).reshape(shape)


def fill(model):
    state = model.state_dict()
    for name, tensor in state.items():
        if not name.endswith("num_batches_tracked"):
            state[name] = torch.from_numpy(value(name, tuple(tensor.shape)))
    model.load_state_dict(state)
    return model


def images(key, n, size):
    """[n, 3, size, size]; the values are laid out in NHWC order."""
    u = (2 * uniform(key, n * size * size * 3)).astype(np.float32)
    return torch.from_numpy(u.reshape(n, size, size, 3)).permute(0, 3, 1, 2).contiguous()


def labels(key, n, classes):
    return torch.from_numpy(((uniform(key, n) + 1) / 2 * classes).astype(np.int64))


def nhwc(tensor):
    return tensor.detach().permute(0, 2, 3, 1).contiguous()


DTYPES = {"F64": np.float64, "F32": np.float32, "I64": np.int64}


def write_safetensors(path, arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        kind = next(k for k, v in DTYPES.items() if array.dtype == v)
        header[name] = {
            "dtype": kind, "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(length))
        data = f.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(
            data[e["data_offsets"][0]:e["data_offsets"][1]], DTYPES[e["dtype"]]
        ).reshape(e["shape"])
        for name, e in header.items()
    }
