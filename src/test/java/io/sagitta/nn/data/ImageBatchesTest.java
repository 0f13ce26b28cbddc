package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.cuda.EmulatedCuda;
import io.sagitta.kernels.host.HostBackend;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageBatchesTest {
  private static final int IMAGES = 11;
  private static final int HEIGHT = 7;
  private static final int WIDTH = 5;
  private static final int[] SOME = {10, 0, 3, 3, 9};

  /** An odd number of bytes, half of them negative as Java's. */
  private static ImageDataset data() {
    byte[] pixels = new byte[IMAGES * HEIGHT * WIDTH * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37);
    }
    return new ImageDataset(
        "d", List.of("a"), HEIGHT, WIDTH, 3, pixels, new int[IMAGES], Normalization.CIFAR10);
  }

  @ParameterizedTest
  @EnumSource(Augment.Mode.class)
  @SuppressWarnings("try") // an open scope is used by the tensors inside it
  void keptAndUploadedImagesGiveTheSameBits(Augment.Mode mode) {
    ImageDataset data = data();
    float[] expected = new float[SOME.length * data.imageElements()];
    Augment.augmentedBatch(data, SOME, 2, 99, mode, expected);
    try (Backend backend = HostBackend.createPlain();
        ImageBatches kept = new ImageBatches(backend, data, true, false);
        ImageBatches uploaded = new ImageBatches(backend, data, false, false);
        Scope scope = Scope.open()) {
      assertThat(kept.views(SOME, 2, 99, mode).toFloats()).containsExactly(expected);
      assertThat(uploaded.views(SOME, 2, 99, mode).toFloats()).containsExactly(expected);
    }
  }

  @Test
  @SuppressWarnings("try") // an open scope is used by the tensors inside it
  void batchesMadeAheadAreTheOnesAskedFor() {
    ImageDataset data = data();
    List<int[]> batches =
        IntStream.range(0, 9).mapToObj(b -> new int[] {b, (b * 7 + 1) % 11, 10 - b}).toList();
    int[] unannounced = {4, 4};
    try (Backend backend = HostBackend.createPlain();
        ImageBatches ahead = new ImageBatches(backend, data, false, true);
        Scope scope = Scope.open()) {
      for (int epoch = 0; epoch < 3; epoch++) {
        long now = epoch;
        ahead.announce(
            batches.stream()
                .map(b -> new WantedViews(b, now, 99, Augment.Mode.CROP_FLIP))
                .iterator());
        for (int b = 0; b < batches.size() - epoch; b++) {
          requireViews(data, ahead, batches.get(b), epoch);
          requireViews(data, ahead, b == 4 ? batches.get(0) : unannounced, epoch);
        }
      }
      int[] absent = {IMAGES};
      ahead.announce(List.of(new WantedViews(absent, 3, 99, Augment.Mode.NONE)).iterator());
      assertThatThrownBy(() -> ahead.views(new int[] {IMAGES}, 3, 99, Augment.Mode.NONE))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("dataset d: expected an index in 0..10, got 11");
    }
  }

  private static void requireViews(
      ImageDataset data, ImageBatches batches, int[] indices, int epoch) {
    float[] expected = new float[indices.length * data.imageElements()];
    Augment.augmentedBatch(data, indices, epoch, 99, Augment.Mode.CROP_FLIP, expected);
    assertThat(batches.views(indices, epoch, 99, Augment.Mode.CROP_FLIP).toFloats())
        .containsExactly(expected);
  }

  @Test
  void imagesAreKeptOnlyInAMemoryOfTheDevicesOwnAndGivenBack() {
    try (Backend backend = HostBackend.createPlain()) {
      try (ImageBatches batches = ImageBatches.of(backend, data())) {
        assertThat(backend.liveBytes()).isZero();
      }
      try (ImageBatches kept = new ImageBatches(backend, data(), true, false)) {
        assertThat(backend.liveBytes()).isPositive();
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  @SuppressWarnings("try") // an open scope is used by the tensors inside it
  void aDeviceWithAMemoryOfItsOwnKeepsThem() {
    String absent = EmulatedCuda.whyAbsent();
    Assumptions.assumeTrue(absent == null, absent);
    ImageDataset data = data();
    float[] expected = new float[SOME.length * data.imageElements()];
    Augment.augmentedBatch(data, SOME, 5, 1, Augment.Mode.CROP_FLIP, expected);
    try (Backend backend = EmulatedCuda.open();
        ImageBatches batches = ImageBatches.of(backend, data);
        Scope scope = Scope.open()) {
      assertThat(backend.liveBytes()).isGreaterThanOrEqualTo(data.bytes());
      assertThat(batches.views(SOME, 5, 1, Augment.Mode.CROP_FLIP).toFloats())
          .containsExactly(expected);
    }
  }

  @Test
  @SuppressWarnings("try") // an open scope is used by the tensors inside it
  void anImageThatIsNotThereIsNamed() {
    try (Backend backend = HostBackend.createPlain();
        ImageBatches kept = new ImageBatches(backend, data(), true, false);
        Scope scope = Scope.open()) {
      assertThatThrownBy(() -> kept.views(new int[] {IMAGES}, 0, 1, Augment.Mode.NONE))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("dataset d: expected an index in 0..10, got 11");
    }
  }
}
