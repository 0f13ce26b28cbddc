package io.sagitta.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Synthetic;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.optim.Schedule;
import io.sagitta.nn.privacy.Privacy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateTrainingTest {
  /** What a user's interruption is in these tests. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final ModelSpec SPEC = ModelSpec.of("resnet8", 4, 3);
  private static final Model MODEL = Models.create(SPEC.withoutBatchNorm());
  private static final ImageDataset DATA = Synthetic.generate(5, 60, 4, 8);
  private static final int[] MEMBERS = IntStream.range(0, 41).map(i -> i * 59 % 60).toArray();
  private static final int STEPS = 15;

  @TempDir Path folder;
  private final Backend backend = HostBackend.create();

  @AfterEach
  void closeAndCount() {
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  /** Three epochs of five steps, with batches of 0 to a dozen in two virtual ones and more. */
  private static TrainConfig config(Privacy privacy) {
    return new TrainConfig(
            3, 8, 1e-2, 0.5, 0, false, Schedule.MULTI_STEP, Augment.Mode.CROP_FLIP, Precision.FP32,
            3)
        .by(OptimizerKind.RMSPROP)
        .privately(privacy);
  }

  private static TrainConfig config() {
    return config(Privacy.ofEpsilon(20).inVirtualBatchesOf(5));
  }

  private byte[] train(Model model, TrainConfig config, Path checkpoint, TrainListener listener)
      throws IOException {
    TrainResult result =
        Trainer.train(model, backend, DATA, MEMBERS, config, checkpoint, listener);
    Path file = Files.createTempFile(folder, "weights", ".safetensors");
    try (Weights weights = result.weights()) {
      weights.save(file, java.util.Map.of());
    }
    return Files.readAllBytes(file);
  }

  @Test
  void aStopAtAnyStepChangesNoBit() throws IOException {
    byte[] whole = train(MODEL, config(), null, TrainListener.NONE);
    Path checkpoint = folder.resolve("c.safetensors");
    AtomicInteger taken = new AtomicInteger();
    for (int stop = 1; stop <= STEPS; stop++) {
      Files.deleteIfExists(checkpoint);
      int at = stop;
      taken.set(0);
      TrainListener stopping =
          new TrainListener() {
            @Override
            public void onStep(int epoch, int step, int steps, double loss, double accuracy) {
              assertThat(steps).isEqualTo(5);
              if (taken.incrementAndGet() == at) {
                throw new Stopped();
              }
            }
          };
      assertThatThrownBy(() -> train(MODEL, config(), checkpoint, stopping))
          .isInstanceOf(Stopped.class);
      assertThat(train(MODEL, config(), checkpoint, TrainListener.NONE))
          .as("after a stop at step " + stop)
          .isEqualTo(whole);
    }
  }

  @Test
  void aCheckpointKnowsItsPromise() throws IOException {
    Path checkpoint = folder.resolve("c.safetensors");
    train(MODEL, config(), checkpoint, TrainListener.NONE);
    assertThat(Safetensors.read(checkpoint).metadata())
        .containsEntry("dp_delta", "1.0E-5")
        .containsEntry("optimizer", "rmsprop")
        .containsEntry("norm", "group");
    TrainConfig other = config(Privacy.ofEpsilon(21).inVirtualBatchesOf(5));
    assertThatThrownBy(() -> train(MODEL, other, checkpoint, TrainListener.NONE))
        .isInstanceOf(BadFileException.class)
        .hasMessageContainingAll("another training", "dp_epsilon expected 2", "dp_noise expected");
  }

  /** What a plain training has nothing to say of, its checkpoint may not have either. */
  @Test
  void aCheckpointOfMoreThanWasAskedIsRefused() throws IOException {
    Path checkpoint = folder.resolve("c.safetensors");
    train(MODEL, config(), checkpoint, TrainListener.NONE);
    byte[] before = Files.readAllBytes(checkpoint);
    assertThatThrownBy(() -> train(MODEL, config(null), checkpoint, TrainListener.NONE))
        .isInstanceOf(BadFileException.class)
        .hasMessageContainingAll(
            "another training, left as it is", "dp_clip expected nothing, found 1.0");
    TrainConfig descent = config().by(OptimizerKind.SGD);
    assertThatThrownBy(() -> train(MODEL, descent, checkpoint, TrainListener.NONE))
        .isInstanceOf(BadFileException.class)
        .hasMessage(
            checkpoint + ": a checkpoint of another training, left as it is: optimizer expected"
                + " nothing, found rmsprop");
    assertThat(Files.readAllBytes(checkpoint)).isEqualTo(before);
  }

  /** A sample in the set twice would move a sum by twice the clipping norm. */
  @Test
  void aMemberTwiceIsRefused() {
    int[] twice = MEMBERS.clone();
    twice[7] = twice[3];
    assertThatThrownBy(
            () ->
                Trainer.train(MODEL, backend, DATA, twice, config(), null, TrainListener.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "private training: expected each member once, got 41 members of which 40 differ");
  }

  @Test
  void itLearnsWhereNoiseIsLittle() throws IOException {
    double[] losses = new double[3];
    TrainListener listener =
        new TrainListener() {
          @Override
          public void onEpoch(int epoch, int epochs, double loss, double accuracy, double time) {
            losses[epoch] = loss;
          }
        };
    train(MODEL, config(Privacy.ofNoise(0.05)), null, listener);
    assertThat(losses[2]).isLessThan(losses[0]);
  }

  @Test
  void networksWhoseSamplesDependOnEachOtherAreRefused() {
    assertThatThrownBy(
            () -> train(Models.create(SPEC), config(), null, TrainListener.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "private training: expected a network whose samples do not depend on each other, such as"
                + " resnet8, width 3, 4 classes, group normalisation; got batch normalisation in"
                + " resnet8, width 3, 4 classes");
  }

  @Test
  void aLowerPrecisionIsRefused() {
    assertThatThrownBy(
            () ->
                new TrainConfig(
                        1, 8, 0.1, 0, 0, false, Schedule.CONSTANT, Augment.Mode.NONE,
                        Precision.BF16, 0)
                    .privately(Privacy.ofNoise(1)))
        .hasMessageContainingAll("precision fp32", "got bf16");
  }

  @Test
  void aDivergenceIsNamed() {
    TrainConfig wild =
        new TrainConfig(
                2, 8, 1e30, 0, 0, false, Schedule.CONSTANT, Augment.Mode.NONE, Precision.FP32, 0)
            .privately(Privacy.ofNoise(1));
    assertThatThrownBy(() -> train(MODEL, wild, null, TrainListener.NONE))
        .isInstanceOf(DivergedException.class);
  }
}
