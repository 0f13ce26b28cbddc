package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.data.Augment.Mode;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentTest {
  private static final int SIDE = 6;
  private static final int IMAGES = 2000;
  private static final Normalization NORMALIZATION =
      new Normalization(new float[] {0.5f}, new float[] {0.25f});

  /** Every image has the pixels 1 … 36, so a view tells its shift and flip. */
  private static ImageDataset data() {
    byte[] pixels = new byte[IMAGES * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % (SIDE * SIDE) + 1);
    }
    return new ImageDataset(
        "d", List.of("a"), SIDE, SIDE, 1, pixels, new int[IMAGES], NORMALIZATION);
  }

  private static float[] views(int[] indices, long epoch, long seed) {
    float[] out = new float[indices.length * SIDE * SIDE];
    Augment.augmentedBatch(data(), indices, epoch, seed, Mode.CROP_FLIP, out);
    return out;
  }

  /** The crop of the black-padded image, then the flip, spelt out. */
  private static float[] expected(int shiftY, int shiftX, boolean flip) {
    int padded = SIDE + 8;
    int[] canvas = new int[padded * padded];
    for (int i = 0; i < SIDE * SIDE; i++) {
      canvas[(i / SIDE + 4) * padded + i % SIDE + 4] = i + 1;
    }
    float[] out = new float[SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int pixel = canvas[(y + 4 + shiftY) * padded + x + 4 + shiftX];
        out[y * SIDE + (flip ? SIDE - 1 - x : x)] = (pixel / 255f - 0.5f) / 0.25f;
      }
    }
    return out;
  }

  @Test
  void everyViewIsAPaddedCropAndFlipAndAllOccurEvenly() {
    float[] views = views(IntStream.range(0, IMAGES).toArray(), 3, 7);
    int[] count = new int[9 * 9 * 2];
    for (int i = 0; i < IMAGES; i++) {
      float[] view = Arrays.copyOfRange(views, i * SIDE * SIDE, (i + 1) * SIDE * SIDE);
      int[] matches =
          IntStream.range(0, count.length)
              .filter(k -> Arrays.equals(view, expected(k / 18 - 4, k / 2 % 9 - 4, k % 2 == 1)))
              .toArray();
      assertThat(matches).as("view %s", i).hasSize(1);
      count[matches[0]]++;
    }
    double mean = (double) IMAGES / count.length;
    double chiSquare =
        Arrays.stream(count).mapToDouble(n -> (n - mean) * (n - mean) / mean).sum();
    // 161 degrees of freedom: mean 161, deviation 18.
    assertThat(chiSquare).isBetween(161 - 4 * 18.0, 161 + 4 * 18.0);
  }

  @Test
  void aViewDependsOnSeedEpochAndSampleOnly() {
    float[] batch = views(new int[] {5, 6, 1999}, 2, 11);
    float[] alone = views(new int[] {6}, 2, 11);
    assertThat(Arrays.copyOfRange(batch, SIDE * SIDE, 2 * SIDE * SIDE)).isEqualTo(alone);

    int[] many = IntStream.range(0, 50).toArray();
    assertThat(views(many, 2, 11)).isNotEqualTo(views(many, 3, 11));
    assertThat(views(many, 2, 11)).isNotEqualTo(views(many, 2, 12));
  }

  @Test
  void noneIsThePlainImage() {
    int[] indices = {3, 0};
    float[] plain = new float[2 * SIDE * SIDE];
    float[] out = new float[2 * SIDE * SIDE];
    data().normalized(indices, plain);
    Augment.augmentedBatch(data(), indices, 1, 1, Mode.NONE, out);
    assertThat(out).isEqualTo(plain);
  }

  @Test
  void modesHaveNames() {
    assertThat(Mode.of("crop-flip")).isEqualTo(Mode.CROP_FLIP);
    assertThat(Mode.of(Mode.NONE.toString())).isEqualTo(Mode.NONE);
    assertThatThrownBy(() -> Mode.of("flip")).hasMessageContaining("none or crop-flip, got 'flip'");
    assertThatThrownBy(() -> views(new int[] {IMAGES}, 0, 0)).hasMessageContaining("got 2000");
  }

  @Test
  void anEpochVisitsEveryMemberOnceInAnOrderOfItsOwn() {
    int[] members = IntStream.range(0, 500).map(i -> 3 * i).toArray();
    int[] untouched = members.clone();
    Set<String> orders = new HashSet<>();
    for (int epoch = 0; epoch < 10; epoch++) {
      int[] order = BatchOrder.of(1, epoch, members);
      assertThat(order).containsExactlyInAnyOrder(members);
      assertThat(order).isEqualTo(BatchOrder.of(1, epoch, members));
      orders.add(Arrays.toString(order));
    }
    orders.add(Arrays.toString(BatchOrder.of(2, 0, members)));
    assertThat(orders).hasSize(11);
    assertThat(members).isEqualTo(untouched);
    assertThat(BatchOrder.of(1, 0, new int[0])).isEmpty();
  }
}
