package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.cuda.EmulatedCuda;
import io.sagitta.kernels.host.HostBackend;
import java.util.List;
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
        ImageBatches kept = new ImageBatches(backend, data, true);
        ImageBatches uploaded = new ImageBatches(backend, data, false);
        Scope scope = Scope.open()) {
      assertThat(kept.views(SOME, 2, 99, mode).toFloats()).containsExactly(expected);
      assertThat(uploaded.views(SOME, 2, 99, mode).toFloats()).containsExactly(expected);
    }
  }

  @Test
  void imagesAreKeptOnlyInAMemoryOfTheDevicesOwnAndGivenBack() {
    try (Backend backend = HostBackend.createPlain()) {
      try (ImageBatches batches = ImageBatches.of(backend, data())) {
        assertThat(backend.liveBytes()).isZero();
      }
      try (ImageBatches kept = new ImageBatches(backend, data(), true)) {
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
        ImageBatches kept = new ImageBatches(backend, data(), true);
        Scope scope = Scope.open()) {
      assertThatThrownBy(() -> kept.views(new int[] {IMAGES}, 0, 1, Augment.Mode.NONE))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("dataset d: expected an index in 0..10, got 11");
    }
  }
}
