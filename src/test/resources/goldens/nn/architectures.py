"""The networks beside ResNets in PyTorch, written independently of Sagitta.

VGG is the usual one for CIFAR (torchvision's `features`, one linear `classifier`); the transformer has
torchvision's structure and names (0.13 and later).
"""
import torch
import torch.nn.functional as F
from torch import nn

from models import ResNet

VGG = {
    "vgg11": [1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M"],
    "vgg16": [1, 1, "M", 2, 2, "M", 4, 4, 4, "M", 8, 8, 8, "M", 8, 8, 8, "M"],
}


class Vgg(nn.Module):
    def __init__(self, architecture, classes, width):
        super().__init__()
        layers, planes = [], 3
        for each in VGG[architecture]:
            if each == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(planes, each * width, 3, padding=1),
                           nn.BatchNorm2d(each * width), nn.ReLU(inplace=True)]
                planes = each * width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(planes, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class LeNet5(nn.Module):
    def __init__(self, classes, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 5)
        self.conv2 = nn.Conv2d(width, 8 * width // 3, 5)
        self.fc1 = nn.Linear(8 * width // 3 * 5 * 5, 20 * width)
        self.fc2 = nn.Linear(20 * width, 14 * width)
        self.fc3 = nn.Linear(14 * width, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc2(F.relu(self.fc1(torch.flatten(x, 1)))))
        return self.fc3(x)


class Mlp(nn.Module):
    def __init__(self, classes, width):
        super().__init__()
        self.fc1 = nn.Linear(3 * 32 * 32, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, classes)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.self_attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    def __init__(self, tokens, width, depth, heads):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.zeros(1, tokens, width))
        self.layers = nn.Sequential()
        for i in range(depth):
            self.layers.add_module(f"encoder_layer_{i}", Block(width, heads))
        self.ln = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        return self.ln(self.layers(x + self.pos_embedding))


class VisionTransformer(nn.Module):
    def __init__(self, classes, width):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.conv_proj = nn.Conv2d(3, width, 4, 4)
        self.encoder = Encoder(1 + 8 * 8, width, 12, 3)
        self.heads = nn.Sequential()
        self.heads.add_module("head", nn.Linear(width, classes))

    def forward(self, x):
        patches = self.conv_proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), patches], 1)
        return self.heads(self.encoder(x)[:, 0])


def make(architecture, classes, width, stem):
    """The network of Sagitta's specification."""
    if architecture in VGG:
        return Vgg(architecture, classes, width)
    others = {"lenet5": LeNet5, "mlp": Mlp, "vit-tiny": VisionTransformer}
    if architecture in others:
        return others[architecture](classes, width)
    return ResNet(architecture, classes, width, stem)
