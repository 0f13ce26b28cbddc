package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.io.Hashes;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageDatasetTest {
  private static final Normalization NORMALIZATION =
      new Normalization(new float[] {0.5f, 0.25f}, new float[] {0.5f, 2f});

  /** Three images of 1×2 pixels and two channels: bytes 0, 1, …, 11 and 255 at the end. */
  private static ImageDataset data() {
    byte[] pixels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1};
    return new ImageDataset(
        "d", List.of("a", "b"), 1, 2, 2, pixels, new int[] {0, 1, 0}, NORMALIZATION);
  }

  @Test
  void knowsItsShape() {
    ImageDataset data = data();
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.classes()).isEqualTo(2);
    assertThat(data.imageElements()).isEqualTo(4);
    assertThat(data.labels()).containsExactly(0, 1, 0);
    assertThat(data.label(1)).isEqualTo(1);
    assertThat(data.labels(new int[] {2, 1, 1})).containsExactly(0, 1, 1);
    assertThat(data.pixels(1)).containsExactly(4, 5, 6, 7);
  }

  @Test
  void normalisesEachChannelInFloat32() {
    float[] expected = {
      (8 / 255f - 0.5f) / 0.5f, (9 / 255f - 0.25f) / 2f, (10 / 255f - 0.5f) / 0.5f, 0.375f
    };
    assertThat(data().normalized(2)).containsExactly(expected);
    float[] batch = new float[9];
    batch[8] = 7;
    data().normalized(new int[] {1, 2}, batch);
    assertThat(Arrays.copyOf(batch, 4)).containsExactly(data().normalized(1));
    assertThat(Arrays.copyOfRange(batch, 4, 8)).containsExactly(expected);
    assertThat(batch[8]).isEqualTo(7);
  }

  @Test
  void flipsLeftToRight() {
    float[] plain = data().normalized(2);
    float[] flipped = new float[4];
    data().normalizedFlipped(new int[] {2}, flipped);
    assertThat(flipped).containsExactly(plain[2], plain[3], plain[0], plain[1]);
  }

  @Test
  void theHashIsOfPixelsThenLabels() {
    byte[] bytes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    assertThat(data().hash()).isEqualTo(Hashes.sha256(bytes));
    assertThat(data().subset(new int[] {0, 1, 2}).hash()).isEqualTo(data().hash());
    assertThat(data().first(2).hash()).isNotEqualTo(data().hash());
  }

  @Test
  void subsetsKeepTheOrderAsked() {
    ImageDataset subset = data().subset(new int[] {2, 0, 2});
    assertThat(subset.labels()).containsExactly(0, 0, 0);
    assertThat(subset.pixels(0)).containsExactly(8, 9, 10, -1);
    assertThat(subset.pixels(1)).containsExactly(0, 1, 2, 3);
    assertThat(data().first(2).labels()).containsExactly(0, 1);
    assertThat(data().first(0).size()).isZero();
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> data().first(4))
        .hasMessage("dataset d: expected at most 3 samples, got 4");
    assertThatThrownBy(() -> data().normalized(3)).hasMessageContaining("index in 0..2, got 3");
    assertThatThrownBy(() -> data().subset(new int[] {-1})).hasMessageContaining("got -1");
    assertThatThrownBy(() -> data().normalized(new int[2], new float[7]))
        .hasMessage("dataset d: expected room for 8 values, got 7");
    assertThatThrownBy(() -> create(new byte[5], 0)).hasMessageContaining("expected 4 bytes");
    assertThatThrownBy(() -> create(new byte[4], 2))
        .hasMessage("dataset d: expected labels in 0..1, got 2 at record 0");
    assertThatThrownBy(
            () -> new Normalization(new float[] {0, 0}, new float[] {1, 0}))
        .hasMessageContaining("std 0.0 for channel 1");
  }

  private static ImageDataset create(byte[] pixels, int label) {
    return new ImageDataset(
        "d", List.of("a", "b"), 1, 2, 2, pixels, new int[] {label}, NORMALIZATION);
  }

  @Test
  void theConstantsAreThePublishedOnes() {
    for (Normalization each : new Normalization[] {Normalization.CIFAR10, NORMALIZATION}) {
      assertThat(Normalization.of(each.toString())).isEqualTo(each);
    }
    assertThatThrownBy(() -> Normalization.of("mean 0.5"))
        .hasMessage("normalization: expected 'mean [..], std [..]', got 'mean 0.5'");
    assertThat(Normalization.CIFAR100.mean()).containsExactly(0.5071f, 0.4865f, 0.4409f);
    assertThat(Normalization.CIFAR100.std()).containsExactly(0.2673f, 0.2564f, 0.2762f);
    assertThat(Normalization.CIFAR10.mean()).containsExactly(0.4914f, 0.4822f, 0.4465f);
    assertThat(Normalization.CIFAR10.std()).containsExactly(0.2470f, 0.2435f, 0.2616f);
  }
}
