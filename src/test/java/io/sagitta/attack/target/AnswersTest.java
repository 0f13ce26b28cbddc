package io.sagitta.attack.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.engine.curvature.Margin;
import io.sagitta.kernels.Philox;
import io.sagitta.nn.data.Normalization;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final int CLASSES = 10;
  private static final int ROWS = 64;

  private final double[] logits = new double[ROWS * CLASSES];
  private final float[] probabilities = new float[ROWS * CLASSES];

  AnswersTest() {
    Philox philox = new Philox(1);
    for (int row = 0; row < ROWS; row++) {
      double sum = 0;
      for (int k = 0; k < CLASSES; k++) {
        int i = row * CLASSES + k;
        logits[i] = 12 * philox.uniform(row, k) - (k == 0 ? 0 : 4);
        sum += Math.exp(logits[i]);
      }
      for (int k = 0; k < CLASSES; k++) {
        probabilities[row * CLASSES + k] =
            (float) (Math.exp(logits[row * CLASSES + k]) / sum);
      }
    }
  }

  private static Answers recognise(float[] answers) {
    return Answers.recognise("t", "auto", answers, CLASSES);
  }

  private static float[] rounded(float[] values, double step) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) (Math.rint(values[i] / step) * step);
    }
    return rounded;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Test
  void kindsAreRecognised() {
    assertThat(recognise(floats(logits))).isEqualTo(new Answers(false, 0));
    assertThat(recognise(probabilities)).isEqualTo(new Answers(true, 0));
    for (double step : new double[] {0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6}) {
      Answers found = recognise(rounded(probabilities, step));
      assertThat(found.probabilities()).isTrue();
      assertThat(found.step()).isCloseTo(step, within(1e-12));
    }
    assertThat(recognise(rounded(floats(logits), 0.01))).hasToString("logits rounded to 0.01");
  }

  @Test
  void lossesOfProbabilitiesAreThoseOfTheLogits() {
    double[] found = new Answers(true, 0).logits("t", probabilities, CLASSES);
    for (int row = 0; row < ROWS; row++) {
      double exact = Margin.loss(Margin.of(logits, row, CLASSES, 0));
      assertThat(Margin.loss(Margin.of(found, row, CLASSES, 0)))
          .isCloseTo(exact, offset(1e-6 * Math.max(exact, 1e-3)));
    }
  }

  /** What is left of the error is rounding, and the stated deviation says how much. */
  @Test
  void roundedLossesAreWithinTheStatedRounding() {
    for (double step : new double[] {0.01, 1e-3, 1e-4}) {
      Answers answers = new Answers(true, step);
      double[] found = answers.logits("t", rounded(probabilities, step), CLASSES);
      double squares = 0;
      int count = 0;
      for (int row = 0; row < ROWS; row++) {
        for (int label = 0; label < CLASSES; label++) {
          double exact = Margin.loss(Margin.of(logits, row, CLASSES, label));
          if (Math.exp(-exact) > 5 * step) {
            double loss = Margin.loss(Margin.of(found, row, CLASSES, label));
            double error = (loss - exact) / answers.lossRounding(exact);
            assertThat(Math.abs(error)).as("row %d, loss %g", row, exact).isLessThan(7);
            squares += error * error;
            count++;
          }
        }
      }
      assertThat(Math.sqrt(squares / count)).as("step %g", step).isBetween(0.5, 2.0);
    }
  }

  @Test
  void zerosShareWhatIsLeft() {
    double[] found =
        new Answers(true, 0.001).logits("t", new float[] {0.998f, 0, 0, 0}, 4);
    assertThat(Margin.loss(Margin.of(found, 0, 4, 0))).isCloseTo(-Math.log(0.9985), within(1e-3));
    double[] sure = new Answers(true, 0.001).logits("t", new float[] {1, 0, 0, 0}, 4);
    assertThat(Margin.loss(Margin.of(sure, 0, 4, 0))).isCloseTo(0.00025, within(1e-6));
  }

  @Test
  void whatIsNoAnswerIsRefused() {
    Answers probable = new Answers(true, 0);
    assertThatThrownBy(() -> probable.logits("t", new float[] {0.5f, 0.4f}, 2))
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("sum to 1", "0.9");
    assertThatThrownBy(() -> probable.logits("t", new float[] {1.5f, -0.5f}, 2))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("-0.5");
    assertThatThrownBy(() -> recognise(new float[] {Float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0}))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> recognise(new float[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("zeros and ones alone");
    assertThatThrownBy(() -> Answers.recognise("t", "labels", new float[10], CLASSES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'labels'");
  }

  @Test
  void unitsAreThoseOfTheTarget() {
    Normalization audit = Normalization.CIFAR100;
    byte pixel = (byte) 200;
    float[] image = {audit.apply(0, pixel), audit.apply(1, pixel), audit.apply(2, pixel)};
    assertThat(converted("normalised", null, image)).containsExactly(image);
    assertThat(converted("auto", null, image)).containsExactly(image);
    for (float value : converted("bytes", null, image)) {
      assertThat(value).isCloseTo(200, within(1e-4f));
    }
    for (float value : converted("unit", null, image)) {
      assertThat(value).isCloseTo(200 / 255f, within(1e-6f));
    }
    float[] other = converted("auto", Normalization.IMAGENET, image);
    for (int c = 0; c < 3; c++) {
      assertThat(other[c]).isCloseTo(Normalization.IMAGENET.apply(c, pixel), within(1e-6f));
    }
    assertThatThrownBy(() -> PixelUnits.of("floats", audit, null))
        .hasMessageContaining("'floats'");
  }

  private static float[] converted(String name, Normalization declared, float[] image) {
    float[] copy = image.clone();
    PixelUnits.of(name, Normalization.CIFAR100, declared).convert(copy);
    return copy;
  }
}
