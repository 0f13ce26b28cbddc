package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SyntheticTest {
  @Test
  void aSampleDoesNotDependOnTheSplitOfTheWork() {
    ImageDataset whole = Synthetic.generate(5, 40, 7, 16);
    ImageDataset part = Synthetic.generate(5, 30, 10, 7, 16);
    for (int i = 0; i < 10; i++) {
      assertThat(part.pixels(i)).isEqualTo(whole.pixels(30 + i));
      assertThat(part.label(i)).isEqualTo(whole.label(30 + i));
    }
    assertThat(Synthetic.generate(6, 40, 7, 16).hash()).isNotEqualTo(whole.hash());
  }

  /** The bits themselves are fixed: runs made long ago stay comparable, on any machine. */
  @Test
  void theBitsAreFixed() {
    assertThat(Synthetic.generate(0, 100, 10, 32).hash())
        .isEqualTo("e537bbc89bde1ff5dc8417d5e79bd97305a5ce9aa385e2849062c5becdc03db0");
  }

  @Test
  void allClassesOccurAndPixelsFillTheRange() {
    ImageDataset data = Synthetic.generate(0, 2000, 10, 16);
    long[] count = new long[10];
    IntStream.of(data.labels()).forEach(label -> count[label]++);
    assertThat(LongStream.of(count)).allMatch(n -> n > 140 && n < 260);
    double sum = 0;
    double squares = 0;
    int values = 0;
    for (int i = 0; i < 200; i++) {
      for (float value : data.normalized(i)) {
        sum += value;
        squares += value * value;
        values++;
      }
    }
    assertThat(sum / values).isBetween(-0.1, 0.1);
    assertThat(Math.sqrt(squares / values)).isBetween(0.9, 1.1);
  }

  @Test
  void theSetsOfTheCommandLineDoNotOverlap() {
    ImageDataset train = Datasets.open(Datasets.Kind.SYNTHETIC, null, Split.TRAIN);
    ImageDataset test = Datasets.open(Datasets.Kind.SYNTHETIC, null, Split.TEST);
    assertThat(train.toString()).endsWith("5000 images 32x32x3 of 10 classes");
    assertThat(test.size()).isEqualTo(1000);
    assertThat(test.pixels(0)).isNotEqualTo(train.pixels(0));
  }

  @Test
  void refusesAbsurdSizes() {
    assertThatThrownBy(() -> Synthetic.generate(0, 1, 1, 32))
        .hasMessage("synthetic: expected classes in 2..1000, got 1");
    assertThatThrownBy(() -> Synthetic.generate(0, 1, 10, 3)).hasMessageContaining("side in 4");
    assertThatThrownBy(() -> Synthetic.generate(0, 1_000_000, 10, 32))
        .hasMessageContaining("samples in 0..699050");
  }
}
