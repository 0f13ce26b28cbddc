"""Writes score.safetensors: the scores of a small network in float64, by PyTorch, with the random
directions from a transcription of Philox 4x32-10 and of the layout that the library documents.

python3 generate.py
"""
import os
import sys

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "nn"))

from models import DTYPES, ResNet, fill, labels, uniform, write_safetensors  # noqa: E402

N, SIZE, CLASSES, WIDTH = 8, 12, 10, 4
TRIALS, H, SEED = 4, 1e-3, 7
MEAN = np.array([0.5071, 0.4865, 0.4409], dtype=np.float32)
STD = np.array([0.2673, 0.2564, 0.2762], dtype=np.float32)
ZERO_ORDER, HUTCHINSON = 8, 9
VIEWS = 2


def philox(counter, key):
    """One block of four 32-bit words (Salmon et al., SC 2011)."""
    c, k, mask = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & mask, (p0 >> 32) ^ c[3] ^ k[1], p0 & mask]
        k = [(k[0] + 0x9E3779B9) & mask, (k[1] + 0xBB67AE85) & mask]
    return c


def signs(purpose, sample, trial, which):
    """Signs [3, SIZE, SIZE] of one direction; its elements are drawn in the order H, W, C."""
    stream = purpose << 56 | sample << 24 | 2 * trial + which
    count = SIZE * SIZE * 3
    bits = []
    for block in range((count + 127) // 128):
        counter = (block & 0xFFFFFFFF, block >> 32, stream & 0xFFFFFFFF, stream >> 32)
        for word in philox(counter, (SEED & 0xFFFFFFFF, SEED >> 32)):
            bits.extend(word >> bit & 1 for bit in range(32))
    drawn = np.array(bits[:count], dtype=np.int8) * 2 - 1
    return drawn.reshape(SIZE, SIZE, 3).transpose(2, 0, 1)


def directions(purpose, view, which):
    """[TRIALS, N, 3, SIZE, SIZE]; the sample number of the second view begins at 2^31."""
    return np.stack(
        [
            np.stack([signs(purpose, (view << 31) + s, trial, which) for s in range(N)])
            for trial in range(TRIALS)
        ]
    )


def pixels():
    return ((uniform("score.images", N * SIZE * SIZE * 3) + 1) / 2 * 256).astype(np.uint8)


def inputs(view):
    x = pixels().reshape(N, SIZE, SIZE, 3).astype(np.float32) / np.float32(255)
    x = ((x - MEAN) / STD).transpose(0, 3, 1, 2)
    x = x[:, :, :, ::-1] if view == 1 else x
    return torch.from_numpy(np.ascontiguousarray(x)).double()


def view_scores(model, y, view):
    x = inputs(view)

    def loss(points):
        return torch.nn.functional.cross_entropy(model(points), y, reduction="none")

    v = torch.from_numpy(directions(ZERO_ORDER, view, 0)).double() * H
    u = torch.from_numpy(directions(ZERO_ORDER, view, 1)).double() * H
    score = torch.zeros(N, dtype=torch.float64)
    with torch.no_grad():
        for i in range(TRIALS):
            t = loss(x + v[i] + u[i]) - loss(x - v[i] + u[i])
            t = t - loss(x + v[i] - u[i]) + loss(x - v[i] - u[i])
            score += t.abs() / (4 * H) / TRIALS
        logits = model(x)
    trace = torch.zeros(N, dtype=torch.float64)
    probes = torch.from_numpy(directions(HUTCHINSON, view, 0)).double()
    for i in range(TRIALS):
        z = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(z).sum(), z, create_graph=True)
        (product,) = torch.autograd.grad((gradient * probes[i]).sum(), z)
        trace += (product * probes[i]).sum((1, 2, 3)) / TRIALS
    p = torch.softmax(logits, 1)
    wrong = logits.masked_fill(torch.nn.functional.one_hot(y, CLASSES).bool(), -float("inf"))
    own = logits.gather(1, y[:, None])[:, 0]
    return {
        "curv_zo": score, "curv_trace": trace, "loss": loss(x).detach(), "logits": logits,
        "prob_true": p.gather(1, y[:, None])[:, 0], "prob_max": p.max(1).values,
        "logit": own - torch.logsumexp(wrong, 1),
    }


def main():
    model = fill(ResNet("resnet8", CLASSES, WIDTH, "cifar")).double().eval()
    y = labels("score.labels", N, CLASSES)
    views = [view_scores(model, y, view) for view in range(VIEWS)]
    arrays = {key: np.stack([view[key].numpy() for view in views]) for key in views[0]}
    arrays["v"] = directions(ZERO_ORDER, 0, 0)
    arrays["u"] = directions(ZERO_ORDER, 0, 1)
    DTYPES["I8"] = np.int8
    write_safetensors(os.path.join(HERE, "score.safetensors"), arrays)


if __name__ == "__main__":
    main()
