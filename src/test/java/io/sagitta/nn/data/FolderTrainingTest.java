package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.Latches;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.privacy.Privacy;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainListener;
import io.sagitta.nn.train.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FolderTrainingTest {
  private static final FolderOptions OPTIONS = new FolderOptions(18, 16, false);

  @TempDir Path folder;

  @Test
  void picturesDecodedInTheBackgroundTrainToTheSameBits() {
    Path pictures = PictureFiles.write(folder.resolve("pictures"), 3, 14);
    ImageDataset made = ImageFolder.read(pictures, OPTIONS, 0);
    assertThat(made.isMade()).isTrue();
    assertThat(weights(made, "made"))
        .isEqualTo(weights(ImageFolder.read(pictures, OPTIONS), "kept"));
  }

  /** After the first step pictures are decoded that no step has asked for yet. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWillBeAskedForIsDecodedAhead(boolean privately) {
    Counted kept = new Counted(false, Integer.MAX_VALUE);
    AtomicInteger asked = new AtomicInteger();
    train(kept, privately, () -> asked.set(kept.decoded.get()));
    assertThat(asked.get()).isPositive();

    Counted made = new Counted(true, asked.get());
    train(made, privately, () -> Latches.await(made.ahead));
  }

  /** Pictures that open a latch once they were asked for more often than some times. */
  private static final class Counted implements PixelSource {
    private final boolean made;
    private final AtomicInteger decoded = new AtomicInteger();
    private final CountDownLatch ahead = new CountDownLatch(1);
    private final int times;

    Counted(boolean made, int times) {
      this.made = made;
      this.times = times;
    }

    @Override
    public byte[] array(int index) {
      if (decoded.incrementAndGet() > times) {
        ahead.countDown();
      }
      return new byte[16 * 16 * 3];
    }

    @Override
    public int offset(int index) {
      return 0;
    }

    @Override
    public boolean isMade() {
      return made;
    }
  }

  /** Does something after the first step. */
  private static void train(PixelSource source, boolean privately, Runnable first) {
    ImageDataset images =
        new ImageDataset(
            "greys", List.of("a", "b"), 16, 16, 3, source, new int[23], Normalization.CIFAR10,
            "none");
    TrainConfig plain = TrainConfig.of(1, 8, 0.05, Augment.Mode.CROP_FLIP, 7);
    TrainConfig config =
        privately ? plain.privately(Privacy.ofEpsilon(20).inVirtualBatchesOf(3)) : plain;
    ModelSpec spec = ModelSpec.of("resnet8", 2, 3);
    TrainListener listener =
        new TrainListener() {
          @Override
          public void onStep(int epoch, int step, int steps, double loss, double accuracy) {
            if (step == 0) {
              first.run();
            }
          }
        };
    try (Backend backend = Devices.open("host")) {
      Trainer.train(
              Models.create(privately ? spec.withoutBatchNorm() : spec), backend, images,
              IntStream.range(0, 23).toArray(), config, null, listener)
          .weights()
          .close();
    }
  }

  private String weights(ImageDataset images, String name) {
    TrainConfig config = TrainConfig.of(3, 8, 0.05, Augment.Mode.CROP_FLIP, 7);
    Path file = folder.resolve(name);
    int[] all = IntStream.range(0, images.size()).toArray();
    try (Backend backend = Devices.open("host");
        Weights weights =
            Trainer.train(
                    Models.create(ModelSpec.of("resnet8", images.classes(), 4)), backend, images,
                    all, config, null, TrainListener.NONE)
                .weights()) {
      weights.save(file, Map.of());
    }
    return Hashes.sha256(file);
  }
}
