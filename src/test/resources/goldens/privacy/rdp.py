"""Writes rdp.json: Renyi divergences of the sampled Gaussian mechanism by numerical integration in 40
digits, epsilons of whole trainings from them, and quantiles of the normal distribution.

The divergence is taken from its definition, log E[(p(z)/p0(z))^a] / (a - 1), p0 = N(0, s^2), p = (1 - q)
p0 + q N(1, s^2), without the series of any paper. Needs mpmath. Usage: python3 rdp.py > rdp.json
"""
import json

from mpmath import erfinv, exp, inf, log, mp, mpf, quad, sqrt, pi

mp.dps = 40


def moment(q, sigma, order):
    """E under N(0, sigma^2) of the density ratio's power."""
    q, sigma, order = mpf(q), mpf(sigma), mpf(order)

    def integrand(z):
        ratio = 1 - q + q * exp((2 * z - 1) / (2 * sigma**2))
        return ratio**order * exp(-(z**2) / (2 * sigma**2)) / (sigma * sqrt(2 * pi))

    places = {mpf(0), order}
    if q < 1:
        places.add(sigma**2 * log(1 / q - 1) + mpf(1) / 2)
    marks = sorted({p + k * sigma for p in places for k in (-16, -8, -4, -2, 0, 2, 4, 8, 16)})
    return quad(integrand, [-inf, *marks, inf])


def divergence(q, sigma, order):
    return log(moment(q, sigma, order)) / (mpf(order) - 1)


def epsilon(q, sigma, steps, delta):
    """The least over orders 1.1, 1.2, ... 10.9, which is convex in them."""

    def converted(tenths):
        a = mpf(tenths) / 10
        r = steps * divergence(q, sigma, a)
        return r + log((a - 1) / a) - (log(mpf(delta)) + log(a)) / (a - 1)

    best = min(range(15, 110, 10), key=converted)
    return min(converted(t) for t in range(best - 9, best + 10))


cases = []
for q, sigma in [("0.01", "1.1"), ("0.00256", "1"), ("0.3", "0.7"), ("0.04", "1.5"), ("1e-6", "4"),
                 ("0.9", "20"), ("0.001", "0.5"), ("1e-5", "0.1"), ("1", "2")]:
    for order in ["1.1", "1.5", "2", "3.7", "8", "10.9", "32", "64"]:
        if sigma == "0.1" and float(order) > 11:
            continue
        cases.append({"q": float(q), "sigma": float(sigma), "order": float(order),
                      "divergence": float(divergence(q, sigma, order))})

trainings = []
for q, sigma, steps, delta in [("0.00256", "1", 7820, "1e-5"), ("0.04", "1.5", 2250, "1e-5"),
                               ("0.05", "0.8", 400, "1e-4")]:
    trainings.append({"q": float(q), "sigma": float(sigma), "steps": steps, "delta": float(delta),
                      "epsilon": float(epsilon(q, sigma, steps, delta))})

quantiles = [{"p": float(p), "z": float(sqrt(2) * erfinv(2 * mpf(float(p)) - 1))}
             for p in ["1e-17", "1e-13", "1e-9", "1e-5", "0.001", "0.07", "0.0750001", "0.2", "0.45",
                       "0.5", "0.6", "0.92", "0.93", "0.999", "0.9999999"]]

print(json.dumps({"divergences": cases, "trainings": trainings, "quantiles": quantiles}, indent=1))
