"""Values, and what SciPy's tests say of them. Needs NumPy and SciPy (made with 2.4 and 1.17).

    python generate.py > statistics.json
"""
import json
import warnings

import numpy as np
from scipy import stats

warnings.simplefilter("ignore")
rng = np.random.default_rng(5)


def anderson_darling(x):
    """SciPy's statistic; p-values of D'Agostino and Stephens 1986, table 4.9."""
    n = len(x)
    a = stats.anderson(x).statistic * (1 + 0.75 / n + 2.25 / n**2)
    if a >= 0.6:
        return np.exp(1.2937 - 5.709 * a + 0.0186 * a * a)
    if a >= 0.34:
        return np.exp(0.9177 - 4.279 * a - 1.38 * a * a)
    if a >= 0.2:
        return 1 - np.exp(-8.318 + 42.796 * a - 59.938 * a * a)
    return 1 - np.exp(-13.436 + 101.14 * a - 223.73 * a * a)


def normality():
    for n in [3, 4, 5, 6, 8, 11, 12, 20, 50, 300]:
        for kind in ["normal", "exponential", "uniform", "t3"]:
            x = {
                "normal": lambda: 2 + 3 * rng.standard_normal(n),
                "exponential": lambda: rng.exponential(size=n),
                "uniform": lambda: rng.uniform(size=n),
                "t3": lambda: rng.standard_t(3, size=n),
            }[kind]().round(6)
            yield {
                "kind": kind,
                "values": x.tolist(),
                "SHAPIRO_WILK": stats.shapiro(x).pvalue,
                "ANDERSON_DARLING": anderson_darling(x) if n >= 8 else None,
                "DAGOSTINO": stats.normaltest(x).pvalue if n >= 8 else None,
            }


def mann_whitney():
    for n, m, decimals, shift in [(5, 7, 6, 0), (40, 60, 6, 0.5), (50, 30, 0, 1), (200, 200, 1, -2)]:
        x = rng.standard_normal(n).round(decimals)
        y = (shift + rng.standard_normal(m)).round(decimals)
        test = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False)
        yield {
            "first": x.tolist(),
            "second": y.tolist(),
            "lower": 1 - test.statistic / (n * m),
            "p": test.pvalue,
        }


print(json.dumps({"normality": list(normality()), "mann_whitney": list(mann_whitney())}, indent=1))
