package io.sagitta.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Synthetic;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final ImageDataset DATA = Synthetic.generate(1, 7, 4, 8);

  private final Model model = Models.create(ModelSpec.of("resnet8", 4, 2));

  @Test
  void averagesOverTheImagesAskedFor() {
    int[] indices = {6, 0, 3, 3, 1};
    try (Backend backend = new ReferenceBackend();
        Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      double loss = 0;
      double correct = 0;
      for (int index : indices) {
        double[] logits = classifier.logits(DATA.normalized(index), 1, 8, 8);
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        loss += Math.log(sum) - logits[DATA.label(index)];
        double largest = Arrays.stream(logits).max().orElseThrow();
        correct += logits[DATA.label(index)] == largest ? 1 : 0;
      }
      for (int batch : new int[] {1, 2, 5, 100}) {
        Evaluator.Evaluation evaluation = Evaluator.evaluate(classifier, DATA, indices, batch);
        assertThat(evaluation.loss()).isCloseTo(loss / 5, Offset.offset(1e-12));
        assertThat(evaluation.accuracy()).isEqualTo(correct / 5);
      }
      assertThatThrownBy(() -> Evaluator.evaluate(classifier, DATA, new int[0], 1))
          .hasMessage("evaluate: expected at least one image, got none");
    }
  }

  @Test
  void lossIsStable() {
    assertThat(Evaluator.loss(new double[] {1000, 0, -1000}, 0)).isZero();
    assertThat(Evaluator.loss(new double[] {1000, 0, -1000}, 2)).isEqualTo(2000);
    assertThat(Evaluator.loss(new double[] {0, 0}, 1)).isEqualTo(Math.log(2));
  }
}
