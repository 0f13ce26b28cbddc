"""Makes attacks.json and metrics.json beside it: an independent transcription, in NumPy, of the
attacks in both modes and of what is read off their ROC curves (with scikit-learn where the published
notebook uses it). Seeds are fixed. Made with numpy 1.24.2 and scikit-learn 1.2.1:

    python3 make_goldens.py
"""
import json
import os
import warnings

import numpy as np
from sklearn.metrics import balanced_accuracy_score, roc_auc_score, roc_curve

warnings.filterwarnings("ignore", category=RuntimeWarning)  # empty slices are meant
HERE = os.path.dirname(os.path.abspath(__file__))
EPS = 1e-22


# ------------------------------------------------------------------ scores
def sides(values, masks):
    """values, masks: [models, samples]; NaN marks the other side."""
    return np.where(masks, values, np.nan), np.where(masks, np.nan, values)


def published_density(x, mean, var):
    return np.exp(-((x - mean) ** 2) / (2 * var**2) - 0.5 * np.log(var**2) - 0.5 * np.log(2 * np.pi))


def published_nll(x, mean, var):
    return (x - mean) ** 2 / (2 * var**2) + 0.5 * np.log(var**2) + 0.5 * np.log(2 * np.pi)


def paper_lr(x, shadow, masks):
    """x: [views, samples]; shadow: [models, views, samples]."""
    top, bottom = 0, 0
    for view in range(len(x)):
        inside, outside = sides(shadow[:, view], masks)
        top = top + published_density(
            x[view], np.nanmean(inside, 0), np.nanvar(inside, 0) + EPS)
        bottom = bottom + published_density(
            x[view], np.nanmean(outside, 0), np.nanvar(outside, 0) + EPS)
    return top / (bottom + EPS)


def paper_nll(x, shadow, masks):
    total_in, total_out = 0, 0
    for view in range(len(x)):
        inside, outside = sides(shadow[:, view], masks)
        var = np.nanvar(inside, 0) + 1e-32
        total_in = total_in + published_nll(x[view], np.nanmean(inside, 0), var)
        total_out = total_out + published_nll(x[view], np.nanmean(outside, 0), var)
    return -(total_in - total_out)


def corrected_ratio(x, shadow, masks):
    total = 0
    for view in range(len(x)):
        inside, outside = sides(shadow[:, view], masks)
        mean_in, mean_out = np.nanmean(inside, 0), np.nanmean(outside, 0)
        shift = np.nanmean(mean_in - mean_out)
        var = []
        for side in (inside, outside):
            n = np.sum(~np.isnan(side), 0)
            squares = np.nansum((side - np.nanmean(side, 0)) ** 2, 0)
            pooled = squares.sum() / np.maximum(n - 1, 0).sum()
            own = (squares + pooled) / np.maximum(n, 1)
            few = len(shadow) < 64
            var.append(np.where((n == 0) | few, pooled, own))
        known_in = np.where(np.isnan(mean_in), mean_out + shift, mean_in)
        known_out = np.where(np.isnan(mean_out), mean_in - shift, mean_out)
        total = total + (
            -0.5 * (x[view] - known_in) ** 2 / var[0] - 0.5 * np.log(2 * np.pi * var[0])
            + 0.5 * (x[view] - known_out) ** 2 / var[1] + 0.5 * np.log(2 * np.pi * var[1]))
    return total


def published_logit(p):
    return np.log(p / (1 - p + EPS) + EPS)


def attack_scores(case, target, shadows):
    data = {k: np.array(v) for k, v in case["signals"].items()}
    masks = np.array(case["members"], bool)[shadows]
    curv, logit, prob, loss = (data[k] for k in ("curv_zo", "logit", "prob_max", "loss"))
    floor = curv[shadows][curv[shadows] > 0].min()
    safe = np.log(np.maximum(curv, floor))
    both = corrected_ratio(safe[target], safe[shadows], masks)
    flip = case["views"].index("flip") if "flip" in case["views"] else 0
    return {
        "paper": {
            "curv-zo-lr": paper_lr(np.log(curv[target] + EPS), np.log(curv[shadows] + EPS), masks),
            "curv-zo-nll": paper_nll(np.log(curv[target] + EPS), np.log(curv[shadows] + EPS), masks),
            "lira": paper_lr(published_logit(prob[target]), published_logit(prob[shadows]), masks),
            "yeom": -loss[target, flip],
        },
        "corrected": {
            "curv-zo-lr": both,
            "curv-zo-nll": both,
            "lira": corrected_ratio(logit[target], logit[shadows], masks),
            "yeom": -loss[target, case["views"].index("identity")],
        },
    }


# ------------------------------------------------------------------ figures
def paper_figures(y, s):
    fpr, tpr, thresholds = roc_curve(y, s)
    best = np.argmin(np.abs(fpr + tpr - 1))
    return {
        "auroc": roc_auc_score(y, s),
        "balanced_accuracy": balanced_accuracy_score(y, (s >= thresholds[best]).astype(int)),
        "tpr_at_1e-2": np.interp(1e-2, fpr, tpr),
        "tpr_at_1e-3": np.interp(1e-3, fpr, tpr),
        "tpr_at_1e-4": np.interp(1e-4, fpr, tpr),
        "best_balanced_accuracy": best_balanced_accuracy(y, s),
    }


def best_balanced_accuracy(y, s):
    return max(0.5, max(((s[y] >= t).mean() + (s[~y] < t).mean()) / 2 for t in np.unique(s)))


def corrected_figures(y, s):
    inside, outside = s[y], s[~y]
    cuts = np.unique(s)[::-1]
    fpr = np.array([0.0] + [(outside >= t).mean() for t in cuts])
    tpr = np.array([0.0] + [(inside >= t).mean() for t in cuts])
    wins = (inside[:, None] > outside[None]).mean() + (inside[:, None] == outside[None]).mean() / 2
    equal = np.argmin(np.abs(fpr + tpr - 1))
    figures = {"auroc": wins, "balanced_accuracy": (tpr[equal] + 1 - fpr[equal]) / 2}
    for target in ("1e-2", "1e-3", "1e-4"):
        figures["tpr_at_" + target] = tpr[fpr <= float(target)].max()
    figures["best_balanced_accuracy"] = best_balanced_accuracy(y, s)
    return figures


FIGURES = {"paper": paper_figures, "corrected": corrected_figures}


# ------------------------------------------------------------------ cases
def rounded(values):
    return np.vectorize(lambda v: float("%.6g" % v))(values)


def make_case(rng, models, samples, views, targets):
    half = rng.uniform(size=(models // 2, samples)) > 0.5
    members = np.empty((models, samples), bool)
    members[0::2], members[1::2] = half, ~half
    hardness = rng.normal(size=samples)
    seen = members[:, None].astype(float)
    shape = (models, len(views), samples)
    logit = 1.5 - 2 * hardness + 2.5 * seen + rng.normal(size=shape)
    prob_true = 1 / (1 + np.exp(-logit))
    signals = {
        "logit": rounded(logit),
        "loss": rounded(-np.log(prob_true)),
        "prob_max": rounded(np.maximum(prob_true, 0.3 + 0.1 * rng.uniform(size=shape))),
        "curv_zo": rounded(np.exp(hardness - 1.5 * seen + 0.7 * rng.normal(size=shape) - 3)),
    }
    if len(views) > 1:
        # what real runs hold: exact zeros, saturated probabilities, ties, and samples that every
        # shadow had or none
        signals["curv_zo"][rng.uniform(size=shape) < 0.02] = 0.0
        signals["prob_max"][rng.uniform(size=shape) < 0.05] = 1.0
        signals["loss"] = np.round(signals["loss"], 2)
        shadows = [m for m in range(models) if m not in targets]
        members[shadows, 3] = False
        members[shadows, 7] = True
    case = {
        "views": views,
        "targets": targets,
        "members": members.astype(int).tolist(),
        "signals": {k: v.tolist() for k, v in signals.items()},
        "results": [],
    }
    shadows = [m for m in range(models) if m not in targets]
    for target in targets:
        for mode, attacks in attack_scores(case, target, shadows).items():
            for attack, scores in attacks.items():
                known = ~np.isnan(scores)
                y, s = members[target][known], scores[known]
                case["results"].append({
                    "target": target,
                    "mode": mode,
                    "attack": attack,
                    "scores": [None if np.isnan(v) else v for v in scores.tolist()],
                    "members": int(y.sum()),
                    "nonmembers": int((~y).sum()),
                    "figures": FIGURES[mode](y, s),
                })
    return case


def make_metrics(rng):
    cases = []
    for name, members, nonmembers, shift, digits in [
        ("few", 7, 5, 0.5, 1), ("ties", 400, 300, 0.8, 1), ("fine", 500, 1000, 1.2, 4),
        ("none", 150, 150, 0.0, 3), ("constant", 5, 9, 0.0, -3)]:
        inside = np.round(rng.normal(size=members) + shift, digits)
        outside = np.round(rng.normal(size=nonmembers), digits)
        y = np.r_[np.ones(members, bool), np.zeros(nonmembers, bool)]
        s = np.r_[inside, outside] + 0.0
        fpr, _, _ = roc_curve(y, s)
        cases.append({
            "name": name, "in": inside.tolist(), "out": outside.tolist(), "kept": len(fpr),
            "paper": paper_figures(y, s), "corrected": corrected_figures(y, s)})
    return cases


def main():
    rng = np.random.default_rng(20240702)
    attacks = {
        "few-shadows": make_case(rng, 14, 40, ["identity", "flip"], [12, 13]),
        "many-shadows": make_case(rng, 66, 14, ["identity"], [65]),
    }
    for name, value in (("attacks", attacks), ("metrics", make_metrics(rng))):
        with open(os.path.join(HERE, name + ".json"), "w") as out:
            json.dump(value, out, separators=(",", ":"))
            out.write("\n")


if __name__ == "__main__":
    main()
