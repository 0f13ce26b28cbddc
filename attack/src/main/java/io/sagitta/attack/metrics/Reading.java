package io.sagitta.attack.metrics;

/** How figures are read off a curve. */
public final class Reading {
  /** TPR is that of the largest acceptance whose FPR does not exceed the rate. */
  public static final Reading EXACT = new Reading(false, null);

  /**
   * As the paper's published notebook reads them: balanced accuracy at a point that scikit-learn
   * keeps, TPR interpolated linearly between points, which can claim one that no threshold attains.
   */
  public static final Reading PUBLISHED = new Reading(true, null);

  private final boolean published;
  private final int[] balancedPoints;

  private Reading(boolean published, int[] balancedPoints) {
    this.published = published;
    this.balancedPoints = balancedPoints;
  }

  /**
   * {@link #PUBLISHED}, but with the mean of the balanced accuracies at these thresholds. A
   * resample is read at the same thresholds.
   */
  public static Reading publishedAt(Roc roc, double[] thresholds) {
    int[] points = new int[thresholds.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = roc.pointAccepting(thresholds[i]);
    }
    return new Reading(true, points);
  }

  /** The figures of a curve. */
  public Figures of(Roc roc) {
    return of(roc.counts());
  }

  /** Whether points that a resample did not draw must be left out of its curve. */
  boolean dropsUndrawn() {
    return published && balancedPoints == null;
  }

  Figures of(Counts counts) {
    return new Figures(
        counts.auroc(),
        balancedAccuracy(counts),
        counts.balancedAccuracy(counts.best()),
        tpr(counts, 1e-2),
        tpr(counts, 1e-3),
        tpr(counts, 1e-4));
  }

  private double balancedAccuracy(Counts counts) {
    if (balancedPoints == null) {
      return counts.balancedAccuracy(published ? counts.keptEqualError() : counts.equalError());
    }
    double sum = 0;
    for (int point : balancedPoints) {
      sum += counts.balancedAccuracy(point);
    }
    return sum / balancedPoints.length;
  }

  /**
   * Interpolated as NumPy's {@code interp(rate, fpr, tpr)}: of several points at one FPR the last
   * counts. Points that scikit-learn drops lie on the line between those it keeps.
   */
  private double tpr(Counts counts, double rate) {
    int p = counts.lastAtMost(rate);
    if (!published || p == counts.last()) {
      return counts.tpr(p);
    }
    double slope =
        (counts.tpr(p + 1) - counts.tpr(p)) / (counts.fpr(p + 1) - counts.fpr(p));
    return slope * (rate - counts.fpr(p)) + counts.tpr(p);
  }
}
