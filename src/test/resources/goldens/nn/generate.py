"""Writes the goldens of this folder with PyTorch in float64: python3 generate.py"""
import os

import numpy as np
import torch
import torch.nn.functional as F

from architectures import make
from models import fill, images, labels, nhwc, uniform, write_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))

# name: architecture, classes, width, stem, batch, image size
QUERIES = {
    "resnet18": ("resnet18", 10, 64, "cifar", 2, 32),
    "resnet18-narrow": ("resnet18", 10, 4, "cifar", 2, 8),
    "resnet50-narrow": ("resnet50", 7, 2, "imagenet", 2, 33),
    "vgg11-narrow": ("vgg11", 10, 4, "cifar", 1, 32),
    "lenet5": ("lenet5", 10, 6, "cifar", 1, 32),
    "mlp-narrow": ("mlp", 10, 16, "cifar", 1, 32),
    "vit-tiny-narrow": ("vit-tiny", 7, 12, "cifar", 2, 32),
}
TRAININGS = {
    "resnet8": ("resnet8", 10, 16, "cifar", 32, 32),
    "resnet8-narrow": ("resnet8", 10, 4, "cifar", 8, 12),
    "resnet18-narrow": ("resnet18", 5, 2, "imagenet", 8, 40),
    "vgg11-narrow": ("vgg11", 5, 2, "cifar", 8, 32),
    "vit-tiny-narrow": ("vit-tiny", 5, 6, "cifar", 4, 32),
}
# What is kept of a training's last state.
KEPT = (
    "bn1.", "linear.", "fc.", "features.0.bias", "features.1.", "classifier.", "class_token",
    "encoder.pos_embedding", "encoder.layers.encoder_layer_0.self_attention.in_proj_bias",
    "heads.head.",
)
NAMES = {
    "resnet18-cifar": ("resnet18", 10, 64, "cifar"),
    "resnet20-cifar": ("resnet20", 10, 16, "cifar"),
    "resnet18-imagenet": ("resnet18", 1000, 64, "imagenet"),
    "resnet50-imagenet": ("resnet50", 1000, 64, "imagenet"),
    "vgg11": ("vgg11", 10, 64, "cifar"),
    "vgg16": ("vgg16", 10, 64, "cifar"),
    "lenet5": ("lenet5", 10, 6, "cifar"),
    "mlp": ("mlp", 10, 512, "cifar"),
    "vit-tiny": ("vit-tiny", 10, 192, "cifar"),
}


def queries(name):
    """Logits, per-sample losses, input gradients and Hessian-vector products of the summed loss."""
    architecture, classes, width, stem, n, size = QUERIES[name]
    model = fill(make(architecture, classes, width, stem)).double().eval()
    x = images(f"{name}.images", n, size).double().requires_grad_()
    y = labels(f"{name}.labels", n, classes)
    v = images(f"{name}.direction", n, size).double()
    logits = model(x)
    loss = F.cross_entropy(logits, y, reduction="none")
    (gradient,) = torch.autograd.grad(loss.sum(), x, create_graph=True)
    (product,) = torch.autograd.grad((gradient * v).sum(), x)
    write_safetensors(
        os.path.join(HERE, f"query-{name}.safetensors"),
        {
            "logits": logits.detach().numpy(), "loss": loss.detach().numpy(),
            "gradient": nhwc(gradient).numpy(), "product": nhwc(product).numpy(),
        },
    )


def training(name):
    """Ten losses of SGD with momentum 0.9, weight decay 1e-4, rate 0.1; then some of the state."""
    architecture, classes, width, stem, n, size = TRAININGS[name]
    model = fill(make(architecture, classes, width, stem)).double().train()
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    losses = []
    for step in range(10):
        x = images(f"{name}.images.{step}", n, size).double()
        y = labels(f"{name}.labels.{step}", n, classes)
        loss = F.cross_entropy(model(x), y)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    state = model.state_dict()
    kept = [k for k in state if k.startswith(KEPT) and "num_" not in k]
    arrays = {k: state[k].numpy() for k in kept}
    arrays["losses"] = np.array(losses)
    write_safetensors(os.path.join(HERE, f"training-{name}.safetensors"), arrays)


def names(name):
    """One line for each array: its name and shape."""
    state = make(*NAMES[name]).state_dict()
    with open(os.path.join(HERE, f"names-{name}.txt"), "w") as f:
        for key, tensor in state.items():
            f.write(f"{key} {list(tensor.shape)}\n")


if __name__ == "__main__":
    for each in QUERIES:
        queries(each)
    for each in TRAININGS:
        training(each)
    for each in NAMES:
        names(each)
    write_safetensors(
        os.path.join(HERE, "uniform.safetensors"), {"uniform": uniform("layer1.0.conv1.weight", 9)}
    )
