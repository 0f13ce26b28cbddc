"""Makes attacks.json and metrics.json beside it: an independent transcription, in NumPy and SciPy,
of the attacks in both modes, of what is read off their ROC curves (as scikit-learn 1.2 draws them,
which the published notebook uses) and of the bounds on epsilon. Seeds are fixed. Made with numpy
2.4.6 and scipy 1.17.1:

    python3 make_goldens.py
"""
import json
import os
import warnings

import numpy as np
from scipy import optimize, special, stats

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


def known_means(inside, outside):
    mean_in, mean_out = np.nanmean(inside, 0), np.nanmean(outside, 0)
    shift = np.nanmean(mean_in - mean_out)
    return (np.where(np.isnan(mean_in), mean_out + shift, mean_in),
            np.where(np.isnan(mean_out), mean_in - shift, mean_out))


def moments(side):
    n = np.sum(~np.isnan(side), 0)
    squares = np.nansum((side - np.nanmean(side, 0)) ** 2, 0)
    return n, squares, squares.sum() / np.maximum(n - 1, 0).sum()


def variance_prior(n, squares, pooled):
    """Smyth 2004: degrees of freedom and scale of an inverse chi-squared law of variances."""
    use = (n > 1) & (squares > 0)
    d = n[use] - 1
    e = np.log(squares[use] / d) - special.digamma(d / 2) + np.log(d / 2)
    excess = np.var(e, ddof=1) - np.mean(special.polygamma(1, d / 2))
    if excess <= special.polygamma(1, 5000):
        return 1e4, pooled
    half = optimize.brentq(lambda y: special.polygamma(1, y) - excess, 1e-6, 5000, xtol=1e-14)
    return 2 * half, np.exp(np.mean(e) + special.digamma(half) - np.log(half))


def variances(side, rule):
    n, squares, pooled = moments(side)
    if rule == "global":
        return np.full(len(n), pooled)
    if rule == "per-sample":
        own = (squares + pooled) / np.maximum(n, 1)
    else:
        freedom, scale = variance_prior(n, squares, pooled)
        own = (freedom * scale + squares) / (freedom + n - 1)
    return np.where(n == 0, pooled, own)


# Evidence under one view. x: [samples]; shadow, masks: [models, samples].
def gaussian_ratio(x, shadow, masks, rule="shrunk"):
    inside, outside = sides(shadow, masks)
    mean_in, mean_out = known_means(inside, outside)
    var_in, var_out = variances(inside, rule), variances(outside, rule)
    return (stats.norm.logpdf(x, mean_in, np.sqrt(var_in))
            - stats.norm.logpdf(x, mean_out, np.sqrt(var_out)))


def offline(x, shadow, masks):
    outside = sides(shadow, masks)[1]
    return (x - np.nanmean(outside, 0)) / np.sqrt(variances(outside, "shrunk"))


def offline_two_sided(x, shadow, masks):
    outside = sides(shadow, masks)[1]
    var = variances(outside, "shrunk")
    return (x - np.nanmean(outside, 0)) ** 2 / (2 * var) + np.log(var) / 2


def rmia(x, shadow, masks):
    return np.log(x / (sum(known_means(*sides(shadow, masks))) / 2))


def rmia_offline(x, shadow, masks):
    return np.log(x / ((1.3 * np.nanmean(sides(shadow, masks)[1], 0) + 0.7) / 2))


def shares(logs):
    known = logs[~np.isnan(logs)]
    return np.where(np.isnan(logs), np.nan, (known[None] <= logs[:, None]).mean(1))


def log_predictive(x, side):
    n, squares, pooled = moments(side)
    means = np.nanmean(side, 0)
    some = n > 0
    between = max(0, np.var(means[some], ddof=1) - pooled * np.mean(1 / n[some]))
    kappa = min(pooled / between if between > 0 else np.inf, some.sum())
    prior = np.mean(means[some])
    freedom, scale = variance_prior(n, squares, pooled)
    off = np.where(some, means - prior, 0)
    var = (freedom * scale + squares + kappa * n / (kappa + n) * off ** 2) / (freedom + n)
    return stats.t.logpdf(x, freedom + n, prior + n * off / (kappa + n),
                          np.sqrt(var * (1 + 1 / (kappa + n))))


def bavaria(x, shadow, masks):
    inside, outside = sides(shadow, masks)
    return log_predictive(x, inside) - log_predictive(x, outside)


def over_views(evidence, x, shadow, masks, rule="auto"):
    """x: [views, samples]; shadow: [models, views, samples]. All views, or the one that serves the
    shadows' own members better."""
    views = range(len(x))
    candidates = [list(views)] + [[view] for view in views if rule == "auto" and len(x) > 1]
    stand_ins = min(8, len(shadow))
    reached = np.zeros(len(candidates))
    for model in (i * len(shadow) // stand_ins for i in range(stand_ins)):
        rest = np.arange(len(shadow)) != model
        alone = np.array([evidence(shadow[model, v], shadow[rest, v], masks[rest]) for v in views])
        for c, candidate in enumerate(candidates):
            total = alone[candidate].sum(0)
            known = ~np.isnan(total)
            reached[c] += auroc(masks[model][known], total[known])
    chosen = candidates[np.argmax(reached)]
    return sum(evidence(x[v], shadow[:, v], masks) for v in chosen)


def class_threshold(inside, outside):
    """The value up to which accepting gives the greatest balanced accuracy; the least such."""
    cuts = np.unique(np.r_[inside, outside])
    gain = [(inside <= t).mean() - (outside <= t).mean() for t in cuts]
    return cuts[np.argmax(np.round(gain, 12))]


def song(x, shadow, masks, labels):
    inside, outside = sides(shadow, masks)
    score = np.empty(len(x))
    for label in np.unique(labels):
        own = labels == label
        flat_in, flat_out = (side[:, own][~np.isnan(side[:, own])] for side in (inside, outside))
        score[own] = class_threshold(flat_in, flat_out) - x[own]
    return score


def published_logit(p):
    return np.log(p / (1 - p + EPS) + EPS)


def attack_scores(case, target, shadows):
    data = {k: np.array(v) for k, v in case["signals"].items()}
    masks = np.array(case["members"], bool)[shadows]
    labels = np.array(case["labels"])
    curv, logit, prob, loss = (data[k] for k in ("curv_zo", "logit", "prob_max", "loss"))
    mentr, true = data["mentr"], data["prob_true"]
    floor = curv[shadows][curv[shadows] > 0].min()
    safe = np.log(np.maximum(curv, floor))
    both = over_views(gaussian_ratio, safe[target], safe[shadows], masks)
    logits, probabilities = (logit[target], logit[shadows], masks), (true[target], true[shadows], masks)
    flip = case["views"].index("flip") if "flip" in case["views"] else 0
    plain = case["views"].index("identity")
    in_flip, out_flip = sides(loss[shadows, flip], masks)
    in_plain, out_plain = sides(loss[shadows, plain], masks)
    return {
        "paper": {
            "curv-zo-lr": paper_lr(np.log(curv[target] + EPS), np.log(curv[shadows] + EPS), masks),
            "curv-zo-nll": paper_nll(np.log(curv[target] + EPS), np.log(curv[shadows] + EPS), masks),
            "lira": paper_lr(published_logit(prob[target]), published_logit(prob[shadows]), masks),
            "yeom": -loss[target, flip],
            "sablayrolles":
                -(loss[target, flip] - (np.nanmean(in_flip, 0) + np.nanmean(out_flip, 0)) / 2),
            "watson": -(loss[target, flip] - np.nanmean(out_flip, 0)),
            "ye": -(loss[target, flip] - np.nanpercentile(out_flip, 0.01, axis=0)),
            "song": -mentr[target, flip],
        },
        "corrected": {
            "curv-zo-lr": both,
            "curv-zo-nll": both,
            "lira": over_views(gaussian_ratio, *logits),
            "yeom": -loss[target, plain],
            "sablayrolles": -(loss[target, plain] - sum(known_means(in_plain, out_plain)) / 2),
            "watson": -(loss[target, plain] - np.nanmean(out_plain, 0)),
            "ye": -(loss[target, plain] - np.nanpercentile(out_plain, 0.01, axis=0)),
            "song": song(mentr[target, plain], mentr[shadows, plain], masks, labels),
            "lira-offline": over_views(offline, *logits),
            "lira-offline-two-sided": over_views(offline_two_sided, *logits),
            "rmia": shares(over_views(rmia, *probabilities)),
            "rmia-offline": shares(over_views(rmia_offline, *probabilities)),
            "bavaria": over_views(bavaria, *logits),
        },
    }


def rule_scores(case, target, shadows):
    """Corrected LiRA under each rule of variance and of views."""
    logit = np.array(case["signals"]["logit"])
    masks = np.array(case["members"], bool)[shadows]
    return {
        rule + " " + views: over_views(
            lambda x, shadow, mask: gaussian_ratio(x, shadow, mask, rule),
            logit[target], logit[shadows], masks, views).tolist()
        for rule in ("per-sample", "global", "shrunk") for views in ("auto", "all")}


# ------------------------------------------------------------------ figures
def roc_curve(y, s):
    """As scikit-learn 1.2 with drop_intermediate: points at distinct scores, but for those at
    which neither count bends, after a first that accepts nothing."""
    order = np.argsort(s, kind="mergesort")[::-1]
    y, s = y[order], s[order]
    ends = np.r_[np.where(np.diff(s))[0], len(s) - 1]
    tps = np.cumsum(y)[ends]
    fps = 1 + ends - tps
    if len(fps) > 2:
        keep = np.r_[True, (np.diff(fps, 2) != 0) | (np.diff(tps, 2) != 0), True]
        tps, fps, ends = tps[keep], fps[keep], ends[keep]
    thresholds = np.r_[s[ends[0]] + 1, s[ends]]
    return np.r_[0, fps] / fps[-1], np.r_[0, tps] / tps[-1], thresholds


def equal_error_threshold(y, s):
    fpr, tpr, thresholds = roc_curve(y, s)
    return thresholds[np.argmin(np.abs(fpr + tpr - 1))]


def balanced_accuracy(y, s, threshold):
    return ((s[y] >= threshold).mean() + (s[~y] < threshold).mean()) / 2


def auroc(y, s):
    inside, outside = s[y], s[~y]
    return ((inside[:, None] > outside[None]).mean()
            + (inside[:, None] == outside[None]).mean() / 2)


def paper_figures(y, s):
    fpr, tpr, _ = roc_curve(y, s)
    return {
        "auroc": auroc(y, s),
        "balanced_accuracy": balanced_accuracy(y, s, equal_error_threshold(y, s)),
        "tpr_at_1e-2": np.interp(1e-2, fpr, tpr),
        "tpr_at_1e-3": np.interp(1e-3, fpr, tpr),
        "tpr_at_1e-4": np.interp(1e-4, fpr, tpr),
        "best_balanced_accuracy": best_balanced_accuracy(y, s),
    }


def song_paper_figures(y, s, labels):
    """Balanced accuracy over the whole set at each class's own threshold, averaged."""
    accuracies = []
    for label in np.unique(labels):
        own = labels == label
        if y[own].any() and not y[own].all():
            accuracies.append(balanced_accuracy(y, s, equal_error_threshold(y[own], s[own])))
    return paper_figures(y, s) | {"balanced_accuracy": np.mean(accuracies)}


def epsilon_bound(y, s, confidence=0.95, delta=0.0):
    """The best of Clopper-Pearson bounds at thresholds of rank 1, 2, 4, ... on either side."""
    inside, outside = np.sort(s[y])[::-1], np.sort(s[~y])[::-1]
    members, others = len(inside), len(outside)
    ranks = [[2 ** i for i in range(40) if 2 ** i <= n] for n in (others, members)]
    level = (1 - confidence) / (2 * sum(map(len, ranks)))
    bounds = [0.0]
    for rank in ranks[0]:
        hits = (inside > outside[rank - 1]).sum()
        bounds.append(log_ratio(hits, members, rank, others, level, delta))
    for rank in ranks[1]:
        hits = (outside < inside[members - rank]).sum()
        bounds.append(log_ratio(hits, others, rank, members, level, delta))
    return max(bounds)


def log_ratio(hits, trials, rank, others, level, delta):
    right = stats.beta.ppf(level, hits, trials - hits + 1) if hits else 0.0
    wrong = stats.beta.ppf(1 - level, rank, others - rank + 1)
    return np.log((right - delta) / wrong) if right > delta else 0.0


def best_balanced_accuracy(y, s):
    return max(0.5, max(((s[y] >= t).mean() + (s[~y] < t).mean()) / 2 for t in np.unique(s)))


def corrected_figures(y, s):
    inside, outside = s[y], s[~y]
    cuts = np.unique(s)[::-1]
    fpr = np.array([0.0] + [(outside >= t).mean() for t in cuts])
    tpr = np.array([0.0] + [(inside >= t).mean() for t in cuts])
    equal = np.argmin(np.abs(fpr + tpr - 1))
    figures = {"auroc": auroc(y, s), "balanced_accuracy": (tpr[equal] + 1 - fpr[equal]) / 2}
    for target in ("1e-2", "1e-3", "1e-4"):
        figures["tpr_at_" + target] = tpr[fpr <= float(target)].max()
    figures["best_balanced_accuracy"] = best_balanced_accuracy(y, s)
    return figures


def figures(attack, mode, y, s, labels):
    if mode == "corrected":
        return corrected_figures(y, s)
    return song_paper_figures(y, s, labels) if attack == "song" else paper_figures(y, s)


# ------------------------------------------------------------------ cases
def rounded(values):
    return np.vectorize(lambda v: float("%.6g" % v))(values)


def make_case(rng, models, samples, views, targets, classes):
    half = rng.uniform(size=(models // 2, samples)) > 0.5
    members = np.empty((models, samples), bool)
    members[0::2], members[1::2] = half, ~half
    hardness = rng.normal(size=samples)
    seen = members[:, None].astype(float)
    shape = (models, len(views), samples)
    # Curvature of the second view tells little, so that it is left out; the logit's is kept.
    weight = np.array([1, 0.1])[:len(views), None]
    logit = 1.5 - 2 * hardness + 2.5 * seen + rng.normal(size=shape)
    prob_true = 1 / (1 + np.exp(-logit))
    signals = {
        "logit": rounded(logit),
        "loss": rounded(-np.log(prob_true)),
        "prob_max": rounded(np.maximum(prob_true, 0.3 + 0.1 * rng.uniform(size=shape))),
        "prob_true": rounded(prob_true),
        "mentr": rounded(-(1 - prob_true) * np.log(prob_true) * (1 + 0.2 * rng.uniform(size=shape))),
        "curv_zo": rounded(np.exp(hardness - 1.5 * weight * seen + 0.7 * rng.normal(size=shape) - 3)),
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
        "labels": [s % classes for s in range(samples)],
        "members": members.astype(int).tolist(),
        "signals": {k: v.tolist() for k, v in signals.items()},
        "results": [],
    }
    # As published, where targets and their complements are no shadows.
    shadows = [m for m in range(models)
               if m not in targets and not any((members[m] != members[t]).all() for t in targets)]
    case["shadows"] = shadows
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
                    "figures": figures(attack, mode, y, s, np.array(case["labels"])[known]),
                    "epsilon": epsilon_bound(y, s),
                })
    case["rules"] = rule_scores(case, targets[0], shadows)
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
            "paper": paper_figures(y, s), "corrected": corrected_figures(y, s),
            "epsilon": epsilon_bound(y, s), "epsilon_delta": epsilon_bound(y, s, 0.9, 0.05)})
    return cases


def main():
    rng = np.random.default_rng(20240702)
    attacks = {
        "few-shadows": make_case(rng, 14, 40, ["identity", "flip"], [12, 13], 3),
        "many-shadows": make_case(rng, 66, 14, ["identity"], [65], 1),
    }
    for name, value in (("attacks", attacks), ("metrics", make_metrics(rng))):
        with open(os.path.join(HERE, name + ".json"), "w") as out:
            json.dump(value, out, separators=(",", ":"))
            out.write("\n")


if __name__ == "__main__":
    main()
