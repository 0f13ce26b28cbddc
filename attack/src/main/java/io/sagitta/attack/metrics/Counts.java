package io.sagitta.attack.metrics;

/**
 * Members and non-members accepted along a curve, from none at point 0 to all at the last. Arrays
 * may be longer than there are points, so that resamples can share them.
 */
final class Counts {
  final int[] truePositives;
  final int[] falsePositives;
  int points;

  Counts(int capacity) {
    truePositives = new int[capacity];
    falsePositives = new int[capacity];
    points = 1;
  }

  /** Adds a point with so many more of both; one that would equal the last is not added. */
  void accept(int members, int nonmembers) {
    truePositives[points] = truePositives[points - 1] + members;
    falsePositives[points] = falsePositives[points - 1] + nonmembers;
    // Without a branch, which would be mispredicted at every third score of a resample.
    points += Math.min(1, members + nonmembers);
  }

  void reset() {
    points = 1;
  }

  int last() {
    return points - 1;
  }

  boolean haveBothKinds() {
    return truePositives[last()] > 0 && falsePositives[last()] > 0;
  }

  double tpr(int point) {
    return (double) truePositives[point] / truePositives[last()];
  }

  double fpr(int point) {
    return (double) falsePositives[point] / falsePositives[last()];
  }

  double balancedAccuracy(int point) {
    return (tpr(point) + (1 - fpr(point))) / 2;
  }

  /** Summed in integers, exact up to the last division. */
  double auroc() {
    long twiceArea = 0;
    for (int p = 1; p < points; p++) {
      twiceArea +=
          (long) (falsePositives[p] - falsePositives[p - 1])
              * (truePositives[p] + truePositives[p - 1]);
    }
    return twiceArea / (2.0 * truePositives[last()] * falsePositives[last()]);
  }

  /** Whether scikit-learn's {@code roc_curve} keeps a point: at ends, and where a count bends. */
  boolean kept(int p) {
    return p <= 1 || p >= last() || last() <= 2 || bends(truePositives, p)
        || bends(falsePositives, p);
  }

  private static boolean bends(int[] counts, int p) {
    return counts[p + 1] - counts[p] != counts[p] - counts[p - 1];
  }

  /** The first point at which {@code FPR + TPR ≥ 1}; the sum rises along the curve. */
  int balance() {
    int below = 0;
    int above = last();
    while (above - below > 1) {
      int middle = (below + above) >>> 1;
      if (fpr(middle) + tpr(middle) - 1 < 0) {
        below = middle;
      } else {
        above = middle;
      }
    }
    return above;
  }

  /** Of all points, the first where {@code |FPR + TPR − 1|} is least. */
  int equalError() {
    int above = balance();
    return nearer(above - 1, above);
  }

  /** The same of the points that are {@linkplain #kept kept}. */
  int keptEqualError() {
    int above = balance();
    int below = above - 1;
    while (!kept(above)) {
      above++;
    }
    while (!kept(below)) {
      below--;
    }
    return nearer(below, above);
  }

  private int nearer(int below, int above) {
    return Math.abs(fpr(above) + tpr(above) - 1) < Math.abs(fpr(below) + tpr(below) - 1)
        ? above
        : below;
  }

  /**
   * The first point of greatest {@code TPR − FPR}, compared in integers over a common denominator.
   */
  int best() {
    long members = truePositives[last()];
    long nonmembers = falsePositives[last()];
    int best = 0;
    long most = 0;
    for (int p = 1; p < points; p++) {
      long advantage = truePositives[p] * nonmembers - falsePositives[p] * members;
      if (advantage > most) {
        best = p;
        most = advantage;
      }
    }
    return best;
  }

  /** The last point whose FPR does not exceed a rate. */
  int lastAtMost(double rate) {
    int within = 0;
    int beyond = points;
    while (beyond - within > 1) {
      int middle = (within + beyond) >>> 1;
      if (fpr(middle) <= rate) {
        within = middle;
      } else {
        beyond = middle;
      }
    }
    return within;
  }
}
