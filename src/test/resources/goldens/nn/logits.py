"""Evaluates weights written by Sagitta:

    python3 logits.py WEIGHTS IMAGES OUT ARCHITECTURE CLASSES WIDTH STEM

IMAGES holds `images`, F32 [N, H, W, 3]; OUT receives `logits`, F32 [N, classes].
"""
import sys

import torch

from architectures import make
from models import read_safetensors, write_safetensors

weights, image_file, out, architecture, classes, width, stem = sys.argv[1:]
model = make(architecture, int(classes), int(width), stem)
state = {name: torch.from_numpy(array.copy()) for name, array in read_safetensors(weights).items()}
model.load_state_dict(state, strict=True)
model.eval()
x = torch.from_numpy(read_safetensors(image_file)["images"].copy()).permute(0, 3, 1, 2)
with torch.no_grad():
    write_safetensors(out, {"logits": model(x.contiguous()).numpy()})
