"""Writes kernels.txt: kernels computed by PyTorch 1.13 in float64, for KernelGoldenTest.

    python3 kernels.py > kernels.txt

A case is a line `case NAME KIND`, then lines of a key and numbers. Images are written NHWC, weights
as PyTorch keeps them. Inputs are multiples of 1/8, so that they are the same in every precision.
"""
import torch
import torch.nn.functional as F

torch.manual_seed(17)


def eighths(*shape):
    return (torch.randn(shape, dtype=torch.float64) * 8).round() / 8


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def line(key, values):
    if torch.is_tensor(values):
        values = values.detach().contiguous().flatten().tolist()
    print(key, *(repr(v) if v != int(v) else int(v) for v in values))


def conv(name, n, h, w, ci, co, kh, kw, stride, padding, groups):
    x = eighths(n, ci, h, w).requires_grad_()
    weight = eighths(co, ci // groups, kh, kw).requires_grad_()
    bias = eighths(co)
    y = F.conv2d(x, weight, None, stride, padding, 1, groups)
    g = eighths(*y.shape)
    residual = eighths(*y.shape)
    gx, gw = torch.autograd.grad(y, (x, weight), g)
    fused = F.relu(y + bias[None, :, None, None] + residual)
    print("case", name, "conv")
    line("geometry", [n, h, w, ci, co, kh, kw, stride, padding, groups])
    for key, value in (("x", nhwc(x)), ("w", weight), ("bias", bias), ("residual", nhwc(residual)),
                       ("gradY", nhwc(g)), ("y", nhwc(y)), ("fused", nhwc(fused)),
                       ("gradX", nhwc(gx)), ("gradW", gw)):
        line(key, value)


def pool(name, n, h, w, c, window, stride, padding):
    x = eighths(n, c, h, w).requires_grad_()
    top, where = F.max_pool2d(x, window, stride, padding, return_indices=True)
    mean = F.avg_pool2d(x, window, stride, padding)
    g = eighths(*top.shape)
    image = torch.arange(n).view(n, 1, 1, 1) * h * w
    winners = (image + where) * c + torch.arange(c).view(1, c, 1, 1)
    print("case", name, "pool")
    line("geometry", [n, h, w, c, window, stride, padding])
    line("x", nhwc(x))
    line("gradY", nhwc(g))
    line("max", nhwc(top))
    line("winners", nhwc(winners))
    line("maxGrad", nhwc(torch.autograd.grad(top, x, g)[0]))
    line("mean", nhwc(mean))
    line("meanGrad", nhwc(torch.autograd.grad(mean, x, g)[0]))


def batch_norm(name, rows, channels, training, relu):
    x = eighths(rows, channels).requires_grad_()
    gamma = eighths(channels).requires_grad_()
    beta = eighths(channels).requires_grad_()
    residual = eighths(rows, channels)
    mean, variance = x.mean(0), x.var(0, unbiased=False)
    if not training:
        mean, variance = eighths(channels), eighths(channels).abs() + 0.5
    running = (mean.detach().clone(), variance.detach().clone())
    y = F.batch_norm(x, *running, gamma, beta, training, 0.1, 1e-5) + residual
    y = F.relu(y) if relu else y
    g = eighths(rows, channels)
    gx, ggamma, gbeta = torch.autograd.grad(y, (x, gamma, beta), g)
    print("case", name, "norm")
    line("options", [rows, channels, int(training), int(relu)])
    for key, value in (("x", x), ("gamma", gamma), ("beta", beta), ("residual", residual),
                       ("statistics", torch.cat((mean, variance))), ("gradY", g), ("y", y),
                       ("gradX", gx), ("gradGamma", ggamma), ("gradBeta", gbeta)):
        line(key, value)


def cross_entropy(name, rows, columns, scale):
    x = (eighths(rows, columns) * scale).requires_grad_()
    labels = torch.randint(columns, (rows,))
    weight = eighths(rows)
    y = F.cross_entropy(x, labels, reduction="none")
    print("case", name, "entropy")
    line("options", [rows, columns])
    for key, value in (("x", x), ("labels", labels), ("weight", weight), ("y", y),
                       ("gradX", torch.autograd.grad((y * weight).sum(), x)[0]),
                       ("softmax", F.softmax(x, 1)), ("logSumExp", torch.logsumexp(x, 1))):
        line(key, value)


def sgd(name, size, rate, momentum, decay, nesterov):
    weight = eighths(size).requires_grad_()
    optimizer = torch.optim.SGD([weight], rate, momentum, 0, decay, nesterov)
    print("case", name, "sgd")
    line("options", [rate, momentum, decay, int(nesterov)])
    line("weight", weight)
    for step in range(3):
        weight.grad = eighths(size)
        line("gradient%d" % step, weight.grad)
        optimizer.step()
        line("weight%d" % step, weight)


conv("plain", 2, 5, 4, 3, 4, 3, 3, 1, 1, 1)
conv("stride", 1, 7, 6, 4, 3, 3, 3, 2, 1, 1)
conv("projection", 2, 5, 5, 3, 4, 1, 1, 2, 0, 1)
conv("groups", 1, 5, 6, 4, 6, 5, 5, 1, 2, 2)
conv("depthwise", 1, 4, 5, 3, 6, 3, 3, 2, 2, 3)
conv("oblong", 1, 6, 9, 2, 3, 3, 5, 3, 1, 1)
conv("seven", 1, 9, 8, 2, 2, 7, 7, 2, 2, 1)
pool("halves", 2, 4, 6, 3, 2, 2, 0)
pool("stem", 2, 7, 5, 2, 3, 2, 1)
pool("overlapping", 1, 6, 5, 3, 3, 1, 1)
pool("whole", 2, 4, 4, 3, 4, 4, 0)
batch_norm("training", 6, 3, True, False)
batch_norm("trainingRectified", 7, 4, True, True)
batch_norm("evaluation", 5, 3, False, True)
cross_entropy("few", 5, 4, 1)
cross_entropy("one", 3, 1, 1)
cross_entropy("large", 4, 11, 200)
sgd("plain", 5, 0.1, 0, 0, False)
sgd("momentum", 5, 0.1, 0.9, 5e-4, False)
sgd("nesterov", 5, 0.05, 0.9, 1e-3, True)
