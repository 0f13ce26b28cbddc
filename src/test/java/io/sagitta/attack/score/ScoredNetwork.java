package io.sagitta.attack.score;

import io.sagitta.kernels.Backend;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Normalization;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.util.Collections;

/** The network and images of {@code goldens/score/generate.py}. */
final class ScoredNetwork {
  static final int SAMPLES = 8;
  static final int CLASSES = 10;

  private static final int SIZE = 12;

  private ScoredNetwork() {}

  static Classifier classifier(Backend backend) {
    Model model = Models.create(ModelSpec.of("resnet8", CLASSES, 4));
    try (Weights weights = Goldens.weights(model, backend)) {
      return Classifier.of(model, weights);
    }
  }

  static ImageDataset dataset() {
    return dataset(CLASSES);
  }

  static ImageDataset dataset(int classes) {
    return dataset(SAMPLES, classes);
  }

  /** With more images than the golden has, of which the first ones are the golden's. */
  static ImageDataset dataset(int samples, int classes) {
    double[] u = Goldens.uniform("score.images", samples * SIZE * SIZE * 3);
    byte[] pixels = new byte[u.length];
    for (int i = 0; i < u.length; i++) {
      pixels[i] = (byte) (int) ((u[i] + 1) / 2 * 256);
    }
    return new ImageDataset(
        "golden", Collections.nCopies(classes, "class"), SIZE, SIZE, 3, pixels,
        Goldens.labels("score.labels", samples, CLASSES), Normalization.CIFAR100);
  }
}
