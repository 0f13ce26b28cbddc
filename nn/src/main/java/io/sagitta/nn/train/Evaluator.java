package io.sagitta.nn.train;

import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.models.Classifier;
import java.util.Arrays;

/** What a network says of a data set, in evaluation. */
public final class Evaluator {
  private Evaluator() {}

  /**
   * A network's quality on some images.
   *
   * @param loss the mean cross-entropy
   * @param accuracy the share classified right
   */
  public record Evaluation(double loss, double accuracy) {}

  /**
   * Loss and accuracy.
   *
   * @param indices which images; at least one
   * @param batch images at a time
   */
  public static Evaluation evaluate(
      Classifier classifier, ImageDataset dataset, int[] indices, int batch) {
    if (indices.length == 0) {
      throw new IllegalArgumentException("evaluate: expected at least one image, got none");
    }
    double[] logits = logits(classifier, dataset, indices, batch);
    int classes = classifier.spec().classes();
    double loss = 0;
    int correct = 0;
    for (int i = 0; i < indices.length; i++) {
      double[] row = Arrays.copyOfRange(logits, i * classes, (i + 1) * classes);
      int label = dataset.label(indices[i]);
      loss += loss(row, label);
      correct += argmax(row) == label ? 1 : 0;
    }
    return new Evaluation(loss / indices.length, (double) correct / indices.length);
  }

  /**
   * The logits of images, computed in the backend's precision.
   *
   * @param batch images at a time; does not change the result beyond rounding
   * @return [indices.length, classes]
   */
  public static double[] logits(
      Classifier classifier, ImageDataset dataset, int[] indices, int batch) {
    int classes = classifier.spec().classes();
    double[] logits = new double[Math.multiplyExact(indices.length, classes)];
    float[] images =
        new float[Math.multiplyExact(Math.min(batch, indices.length), dataset.imageElements())];
    for (int from = 0; from < indices.length; from += batch) {
      int[] part = Arrays.copyOfRange(indices, from, Math.min(from + batch, indices.length));
      dataset.normalized(part, images);
      double[] rows = classifier.logits(images, part.length, dataset.height(), dataset.width());
      System.arraycopy(rows, 0, logits, from * classes, rows.length);
    }
    return logits;
  }

  /** logsumexp(logits) − logits[label], stable, in float64. */
  public static double loss(double[] logits, int label) {
    double greatest = logits[argmax(logits)];
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - greatest);
    }
    return Math.log(sum) + greatest - logits[label];
  }

  private static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /** The place of the first maximum in a run of values, counted from its start. */
  static int argmax(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }
}
