"""The PyTorch side of io.sagitta.bench.Compare: the same models and workloads, driven over pipes.

Reads one command a line and answers with one line of JSON, {"error": …} where it fails:
  prepare WORKLOAD BATCH PROBLEM   does the work on the first samples of a problem's file, then
                                   builds and warms up; answers {"note": …, "result": […]}. A
                                   convolution has no file.
  run SECONDS                      repeats the workload for about that long; answers
                                   {"samples_per_s": …}
  peak WORKLOAD PROBLEM            answers {"peak_bytes": …}, the growth of resident memory in two
                                   training steps
For each workload the faster of PyTorch's two memory layouts is measured once and then used; on a
GPU that is channels-last. Runs with Debian's python3-torch and with any later PyTorch: on the CPU
with a thread for each core, or with --device cuda on a GPU, there in the precision of --precision:
fp32, tf32 or bf16 (autocast), and with --compile by torch.compile. Hessian-vector products are by
double backward or, with --hvp jvp-of-grad, forward over reverse. --warm-up SECONDS comes before
each measured workload.
"""

import argparse
import contextlib
import json
import math
import os
import re
import struct
import sys
import time
import traceback

import torch
import torch.nn as nn
import torch.nn.functional as F

DOUBLE_BACKWARD = "double-backward"
JVP_OF_GRAD = "jvp-of-grad"
PROBES = 10
H = 1e-3
CHECKED_SAMPLES = 2
CHECKED_TRAINING_STEPS = 2
TYPES = {"F32": torch.float32, "I64": torch.int64, "I8": torch.int8}
CONVOLUTION = re.compile(r"conv-(forward|input|weight)-(\d+)x(\d+)-(\d+)-k(\d+)s(\d+)")


class Options:
    """What the command line says."""

    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--device", default="cpu")
        parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32")
        parser.add_argument("--compile", action="store_true")
        parser.add_argument("--hvp", choices=(DOUBLE_BACKWARD, JVP_OF_GRAD), default=DOUBLE_BACKWARD)
        parser.add_argument("--warm-up", type=float, default=0)
        parser.parse_args(namespace=self)
        self.gpu = self.device != "cpu"

    def apply(self):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        if self.gpu:
            torch.backends.cudnn.benchmark = True
        # PyTorch 2.9 and later warn that these settings are old. Their successors must not be mixed
        # with them, and torch.compile asks for the old ones.
        torch.backends.cudnn.allow_tf32 = self.precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = self.precision == "tf32"

    def arithmetic(self):
        if self.precision == "bf16":
            return torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def layouts(self):
        if self.gpu:
            return (torch.channels_last,)
        return (torch.contiguous_format, torch.channels_last)

    def note(self, workload):
        words = ["PyTorch " + torch.__version__]
        if self.gpu:
            words += [torch.cuda.get_device_name(), "CUDA " + str(torch.version.cuda),
                      "cuDNN " + str(torch.backends.cudnn.version()), self.precision]
        if self.compile:
            words.append("torch.compile")
        if workload.startswith("hvp"):
            words.append(self.hvp)
        return ", ".join(words)

    def finish(self):
        if self.gpu:
            torch.cuda.synchronize()


options = Options()


def read_problem(path):
    """The tensors of a safetensors file: a network's weights, and images, labels, v and u."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        part = torch.frombuffer(data[start:end], dtype=TYPES[entry["dtype"]])
        tensors[name] = part.reshape(entry["shape"])
    return tensors


def first(problem, count):
    fewer = dict(problem)
    for name in ("images", "labels"):
        fewer[name] = problem[name][:count]
    for name in ("v", "u"):
        fewer[name] = problem[name][:, :count]
    return fewer


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    """ResNet for 32x32 images: a 3x3 stem, then stages of basic blocks."""

    def __init__(self, widths, blocks, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.stages, cin = len(widths), widths[0]
        for stage, width in enumerate(widths):
            layers = []
            for block in range(blocks):
                layers.append(Block(cin, width, 2 if stage > 0 and block == 0 else 1))
                cin = width
            setattr(self, "layer%d" % (stage + 1), nn.Sequential(*layers))
        self.linear = nn.Linear(cin, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in range(self.stages):
            x = getattr(self, "layer%d" % (stage + 1))(x)
        return self.linear(x.mean((2, 3)))


def fold(model):
    """Evaluation alone: normalisations become part of their convolutions."""
    def fused(convolution, norm):
        return nn.utils.fusion.fuse_conv_bn_eval(convolution, norm), nn.Identity()

    model.conv1, model.bn1 = fused(model.conv1, model.bn1)
    for block in model.modules():
        if isinstance(block, Block):
            block.conv1, block.bn1 = fused(block.conv1, block.bn1)
            block.conv2, block.bn2 = fused(block.conv2, block.bn2)
            if len(block.shortcut):
                block.shortcut = nn.Sequential(*fused(*block.shortcut))


class EncoderBlock(nn.Module):
    """A transformer's block, normalised before its parts; names are torchvision's."""

    def __init__(self, width, heads, twice):
        super().__init__()
        self.heads, self.twice = heads, twice
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, x):
        z = x + self._attended(self.ln_1(x))
        return z + self.mlp(self.ln_2(z))

    def _attended(self, x):
        layer = self.self_attention
        if not self.twice:
            return layer(x, x, x, need_weights=False)[0]
        samples, tokens, width = x.shape
        q, k, v = (F.linear(x, layer.in_proj_weight, layer.in_proj_bias)
                   .reshape(samples, tokens, 3, self.heads, width // self.heads)
                   .permute(2, 0, 3, 1, 4))
        weights = (q * (width // self.heads) ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
        return layer.out_proj((weights @ v).transpose(1, 2).reshape(x.shape))


class VisionTransformer(nn.Module):
    """torchvision's, for 32x32 images in patches of 4x4: 12 blocks of 3 heads, 192 numbers a token.

    Attention is the module's own or, where it is to be differentiated twice, made of its parts, for
    what newer versions fuse has no second derivative.
    """

    def __init__(self, classes, twice, width=192, patch=4, blocks=12, heads=3):
        super().__init__()
        tokens = 1 + (32 // patch) ** 2
        self.conv_proj = nn.Conv2d(3, width, patch, patch)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.encoder = nn.Module()
        self.encoder.pos_embedding = nn.Parameter(torch.zeros(1, tokens, width))
        self.encoder.layers = nn.Module()
        for i in range(blocks):
            self.encoder.layers.add_module(
                "encoder_layer_%d" % i, EncoderBlock(width, heads, twice))
        self.encoder.ln = nn.LayerNorm(width, eps=1e-6)
        self.heads = nn.Module()
        self.heads.head = nn.Linear(width, classes)

    def forward(self, x):
        patches = self.conv_proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), patches], 1)
        x = x + self.encoder.pos_embedding
        for block in self.encoder.layers.children():
            x = block(x)
        return self.heads.head(self.encoder.ln(x)[:, 0])


def model_for(workload, problem):
    if workload.endswith("-vit"):
        model = VisionTransformer(100, twice=workload.startswith("hvp"))
    elif workload == "train-resnet8":
        model = ResNet([16, 32, 64], 1, 100)
    else:
        model = ResNet([64, 128, 256, 512], 2, 100)
    model.load_state_dict({name: problem[name] for name in model.state_dict()})
    return model


class Workload:
    """One repeatable piece of work over a problem's images."""

    def __init__(self, name, problem, layout):
        self.name, self.layout = name, layout
        self.model = model_for(name, problem).to(device=options.device, memory_format=layout)
        self.x = self._images(problem["images"])
        self.y = problem["labels"].to(options.device)
        self.batch = len(self.y)
        self.v = [self._images(v.float()) for v in problem["v"]]
        self.u = [self._images(u.float()) for u in problem["u"]]
        training = name.startswith("train")
        self.model.train(training)
        if training:
            fused = {"fused": True} if options.gpu else {}
            self.sgd = torch.optim.SGD(
                self.model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, **fused)
        else:
            for parameter in self.model.parameters():
                parameter.requires_grad_(False)
        if name.startswith("hvp"):
            if options.hvp == JVP_OF_GRAD:
                self._prepare_jvp_of_grad()
            elif options.compile:
                raise ValueError("torch.compile offers no double backward")
        elif options.compile:
            self.model = torch.compile(self.model)

    def _images(self, images):
        return images.to(options.device).contiguous(memory_format=self.layout)

    def _prepare_jvp_of_grad(self):
        """Without batch normalisation and nll_loss, whose gradients have no forward derivative
        in every PyTorch."""
        if isinstance(self.model, ResNet):
            fold(self.model)
        self.product = jvp_of_grad(self._loss_of_plain_ops)
        if options.compile:
            self.product = torch.compile(self.product)

    def step(self):
        return getattr(self, "_" + self.name.split("-")[0])()

    def check(self):
        """What a fresh workload comes to; of training the losses of two steps."""
        steps = CHECKED_TRAINING_STEPS if self.name.startswith("train") else 1
        results = [self.step().detach().double().cpu().reshape(-1) for _ in range(steps)]
        return torch.cat(results).tolist()

    def _loss(self, x, reduction="sum"):
        with options.arithmetic():
            return F.cross_entropy(self.model(x), self.y, reduction=reduction)

    def _loss_of_plain_ops(self, x):
        """The same sum."""
        with options.arithmetic():
            logits = self.model(x).float()
        return (logits.logsumexp(1) - logits.gather(1, self.y[:, None])[:, 0]).sum()

    def _train(self):
        self.sgd.zero_grad(set_to_none=True)
        loss = self._loss(self.x, "mean")
        loss.backward()
        self.sgd.step()
        return loss

    def _forward(self):
        with torch.no_grad(), options.arithmetic():
            return self.model(self.x)

    def _gradient(self):
        x = self.x.clone().requires_grad_()
        return torch.autograd.grad(self._loss(x), x)[0]

    def _hvp10(self):
        return self._hvp(PROBES)

    def _hvp(self, probes=1):
        if options.hvp == JVP_OF_GRAD:
            for _ in range(probes):
                product = self.product(self.x, self.v[0])
            return product
        x = self.x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(self._loss(x), x, create_graph=True)
        for probe in range(probes):
            (product,) = torch.autograd.grad(
                gradient, x, self.v[0], retain_graph=probe + 1 < probes)
        return product

    def _zo(self):
        """The paper's score of each sample: 4 n + 1 plain queries."""
        with torch.no_grad():
            self._losses(self.x)
            score = torch.zeros(self.batch, dtype=torch.float64, device=self.x.device)
            for v, u in zip(self.v, self.u):
                along, across = (v + u) * H, (v - u) * H
                t = self._losses(self.x + along) - self._losses(self.x - across)
                t = t - self._losses(self.x + across) + self._losses(self.x - along)
                score += t.abs() / (4 * H * PROBES)
            return score

    def _losses(self, x):
        with options.arithmetic():
            logits = self.model(x)
        return F.cross_entropy(logits.double(), self.y, reduction="none")


def jvp_of_grad(loss):
    """(x, v) ↦ the gradient's derivative along v: forward over reverse."""
    try:
        from torch.func import grad, jvp
    except ImportError:  # before PyTorch 2
        from functorch import grad, jvp
    return lambda x, v: jvp(grad(loss), (x,), (v,))[1]


class Convolution:
    """One pass of one convolution, named as io.sagitta.bench.ConvolutionWork does."""

    def __init__(self, name, batch, layout):
        match = CONVOLUTION.fullmatch(name)
        self.batch, self.kind = batch, match.group(1)
        cin, cout, size, kernel, self.stride = map(int, match.groups()[1:])
        self.padding = kernel // 2
        dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32

        def normal(*shape):
            values = torch.randn(*shape, device=options.device, dtype=dtype)
            return values.contiguous(memory_format=layout)

        self.x, self.w = normal(batch, cin, size, size), normal(cout, cin, kernel, kernel)
        self.gradient = normal(*self._forward().shape)

    def step(self):
        getattr(self, "_" + self.kind)()

    def _forward(self):
        return F.conv2d(self.x, self.w, stride=self.stride, padding=self.padding)

    def _input(self):
        self._backward((True, False, False))

    def _weight(self):
        self._backward((False, True, False))

    def _backward(self, wanted):
        torch.ops.aten.convolution_backward(
            self.gradient, self.x, self.w, None, [self.stride] * 2, [self.padding] * 2, [1, 1],
            False, [0, 0], 1, list(wanted))


def status_bytes(key):
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    return 0


def rate(workload, seconds):
    """Samples a second; the device is waited for as io.sagitta.bench.Worker does."""
    start, steps, passed = time.perf_counter(), 0, 0
    while steps == 0 or passed < seconds:
        fitting = math.ceil(steps * (seconds - passed) / passed) if steps else 1
        more = min(max(1, fitting), max(1, steps))
        for _ in range(more):
            workload.step()
        options.finish()
        steps += more
        passed = time.perf_counter() - start
    return steps * workload.batch / passed


def fastest(make):
    """The faster of PyTorch's memory layouts, and its name."""
    best, best_rate, note = None, 0, ""
    for layout in options.layouts():
        candidate = make(layout)
        candidate.step()
        options.finish()
        measured = rate(candidate, 1)
        if measured > best_rate:
            best, best_rate, note = candidate, measured, str(layout)
    if options.warm_up > 0:
        rate(best, options.warm_up)
    return best, note


class Worker:
    """Answers commands."""

    workload = None

    def answer(self, command, *arguments):
        if command not in ("prepare", "run", "peak"):
            raise ValueError("expected prepare, run or peak, got " + command)
        return getattr(self, command)(*arguments)

    def prepare(self, name, batch, path=None):
        self.workload = None
        if CONVOLUTION.fullmatch(name):
            result = []
            self.workload, layout = fastest(
                lambda layout: Convolution(name, int(batch), layout))
        else:
            problem = read_problem(path)
            sample = first(problem, min(CHECKED_SAMPLES, int(batch)))
            result = Workload(name, sample, options.layouts()[0]).check()
            self.workload, layout = fastest(lambda layout: Workload(name, problem, layout))
        return {"note": options.note(name) + ", " + layout, "result": result}

    def run(self, seconds):
        return {"samples_per_s": rate(self.workload, float(seconds))}

    def peak(self, name, path):
        fresh = Workload(name, read_problem(path), torch.channels_last)
        with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")
        before = status_bytes("VmRSS")
        fresh.step()
        fresh.step()
        return {"peak_bytes": status_bytes("VmHWM") - before}


def main():
    # Whatever else is printed must not look like an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    options.apply()
    worker = Worker()
    for line in sys.stdin:
        command, *arguments = line.split()
        try:
            answer = worker.answer(command, *arguments)
        except Exception as failure:  # an answer too, so that other work can follow
            traceback.print_exc()
            answer = {"error": (str(failure) or repr(failure)).splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
