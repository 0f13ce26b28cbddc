package io.sagitta.engine.curvature;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Which classes of a batch's samples get a gradient of their own, and which are taken as one. Each
 * sample has its classes other than the label in an order of its own, the most probable first; all
 * samples keep as many.
 */
final class ClassCut {
  private final int[] labels;
  private final double[][] p;
  private final int[][] order;
  private final int kept;

  /**
   * @param p [rows][C]
   * @param negligible the probability that a sample's classes beyond the cut have at most together;
   *     0 cuts nothing off
   */
  ClassCut(double[][] p, int[] labels, double negligible) {
    this.labels = labels;
    this.p = p;
    this.order = new int[p.length][];
    int most = 0;
    for (int row = 0; row < p.length; row++) {
      order[row] = order(p[row], labels[row]);
      most = Math.max(most, kept(p[row], order[row], negligible));
    }
    this.kept = most;
  }

  private static int[] order(double[] p, int label) {
    Integer[] classes = new Integer[p.length - 1];
    Arrays.setAll(classes, i -> i < label ? i : i + 1);
    Arrays.sort(classes, Comparator.comparingDouble(k -> -p[k]));
    return Arrays.stream(classes).mapToInt(Integer::intValue).toArray();
  }

  private static int kept(double[] p, int[] order, double negligible) {
    int kept = order.length;
    double tail = 0;
    while (negligible > 0 && kept > 0 && tail + p[order[kept - 1]] <= negligible) {
      tail += p[order[--kept]];
    }
    // One class by itself is its own mean.
    return order.length - kept == 1 ? order.length : kept;
  }

  /** Gradients of single classes, for each sample. */
  int kept() {
    return kept;
  }

  /** Whether there are classes taken as one. */
  boolean hasTail() {
    return p.length > 0 && kept < order[0].length;
  }

  /** The cotangents e_k − e_y, k being each sample's i-th class, [rows · C]. */
  double[] single(int i) {
    double[] seeds = new double[p.length * classes()];
    for (int row = 0; row < p.length; row++) {
      seeds[at(row, labels[row])] = -1;
      seeds[at(row, order[row][i])] = 1;
    }
    return seeds;
  }

  /** The cotangents w − e_y, w the classes beyond the cut as their probabilities weigh them. */
  double[] tail() {
    double[] seeds = new double[p.length * classes()];
    for (int row = 0; row < p.length; row++) {
      double mass = mass(row);
      seeds[at(row, labels[row])] = -1;
      for (int i = kept; i < order[row].length; i++) {
        seeds[at(row, order[row][i])] = weight(row, i, mass);
      }
    }
    return seeds;
  }

  /** The cotangents Σ r_k·√p_k·(e_k − w) over the classes beyond the cut. */
  double[] spread(byte[][] signs) {
    double[] seeds = new double[p.length * classes()];
    for (int row = 0; row < p.length; row++) {
      double mass = mass(row);
      double sum = 0;
      for (int i = kept; i < order[row].length; i++) {
        int k = order[row][i];
        double share = signs[row][k] * Math.sqrt(p[row][k]);
        seeds[at(row, k)] = share;
        sum += share;
      }
      for (int i = kept; i < order[row].length; i++) {
        seeds[at(row, order[row][i])] -= sum * weight(row, i, mass);
      }
    }
    return seeds;
  }

  /** The probabilities that go with the gradients of a sample: of single classes, then the tail's. */
  double[] weights(int row) {
    double[] weights = new double[kept + (hasTail() ? 1 : 0)];
    for (int i = 0; i < kept; i++) {
      weights[i] = p[row][order[row][i]];
    }
    if (hasTail()) {
      weights[kept] = mass(row);
    }
    return weights;
  }

  private double mass(int row) {
    double mass = 0;
    for (int i = kept; i < order[row].length; i++) {
      mass += p[row][order[row][i]];
    }
    return mass;
  }

  /** Equal shares where all of them are zero. */
  private double weight(int row, int i, double mass) {
    return mass > 0 ? p[row][order[row][i]] / mass : 1.0 / (order[row].length - kept);
  }

  private int classes() {
    return p[0].length;
  }

  private int at(int row, int k) {
    return row * classes() + k;
  }
}
