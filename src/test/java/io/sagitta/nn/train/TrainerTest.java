package io.sagitta.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Synthetic;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Schedule;
import io.sagitta.nn.optim.Sgd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("try")
class TrainerTest {
  /** What a user's interruption is in these tests. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final Model MODEL = Models.create(ModelSpec.of("resnet8", 4, 3));
  private static final ImageDataset DATA = Synthetic.generate(5, 60, 4, 8);
  private static final int[] MEMBERS = IntStream.range(0, 41).map(i -> i * 59 % 60).toArray();

  @TempDir Path folder;
  private final Backend backend = HostBackend.create();

  @AfterEach
  void closeAndCount() {
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  private static TrainConfig config(long seed) {
    return new TrainConfig(
        4, 8, 0.05, 0.9, 1e-4, true, Schedule.MULTI_STEP, Augment.Mode.CROP_FLIP,
        Precision.FP32, seed);
  }

  private Map<String, float[]> train(TrainConfig config, Path checkpoint, TrainListener listener) {
    TrainResult result =
        Trainer.train(MODEL, backend, DATA, MEMBERS, config, checkpoint, listener);
    try (Weights weights = result.weights()) {
      Map<String, float[]> values = new LinkedHashMap<>();
      weights.tensors().forEach((name, tensor) -> values.put(name, tensor.toFloats()));
      values.put("loss", new float[] {(float) result.finalLoss()});
      values.put("accuracy", new float[] {(float) result.trainAccuracy()});
      values.put("batches", new float[] {weights.batchesTracked()});
      return values;
    }
  }

  private static void expectSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach((name, values) ->
        assertThat(values).as(name).containsExactly(expected.get(name)));
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    Map<String, float[]> once = train(config(3), null, TrainListener.NONE);
    expectSame(train(config(3), null, TrainListener.NONE), once);
    assertThat(train(config(4), null, TrainListener.NONE).get("linear.bias"))
        .isNotEqualTo(once.get("linear.bias"));
  }

  @Test
  void goesOnAfterAnyStepToTheSameBits() throws IOException {
    Path whole = folder.resolve("whole.safetensors");
    Path broken = folder.resolve("broken.safetensors");
    List<String> steps = new ArrayList<>();
    TrainListener hearing =
        new TrainListener() {
          @Override
          public void onStep(int epoch, int step, int of, double loss, double accuracy) {
            steps.add(epoch + "." + step + " of " + of + ": " + loss + " " + accuracy);
          }
        };
    Map<String, float[]> expected = train(config(3), whole, hearing);
    List<String> heard = new ArrayList<>();
    TrainListener stopping =
        new TrainListener() {
          @Override
          public void onStep(int epoch, int step, int steps, double loss, double accuracy) {
            heard.add(epoch + "." + step + " of " + steps + ": " + loss + " " + accuracy);
            throw new Stopped();
          }
        };
    Map<String, float[]> actual = null;
    while (actual == null) {
      try {
        actual = train(config(3), broken, stopping);
      } catch (Stopped e) {
        assertThat(backend.liveBytes()).isZero();
      }
    }
    expectSame(actual, expected);
    assertThat(heard).as("stopped after each step, no step is done twice").isEqualTo(steps);
    assertThat(Files.readAllBytes(broken)).isEqualTo(Files.readAllBytes(whole));
  }

  /** Also where saving that one was not worth its time, as of later epochs that are so short. */
  @Test
  void aStopAfterAnEpochKeepsIt() {
    for (int stop = 0; stop < 4; stop++) {
      int at = stop;
      Path checkpoint = folder.resolve(stop + ".safetensors");
      TrainListener stopping =
          new TrainListener() {
            @Override
            public void onEpoch(int epoch, int epochs, double loss, double accuracy, double time) {
              if (epoch == at) {
                throw new Stopped();
              }
            }
          };
      assertThatThrownBy(() -> train(config(3), checkpoint, stopping))
          .isInstanceOf(Stopped.class);
      assertThat(Safetensors.read(checkpoint).metadata())
          .containsEntry("epochs_done", Integer.toString(stop + 1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "epochs_done, -1", "epochs_done, 5", "epochs_done, NaN", "epochs_done, 0.5", "steps_done, -1",
    "steps_done, 6", "steps_done, x", "correct, 1e10", "seen, -3"
  })
  void refusesACheckpointThatIsNowhereInTheTraining(String key, String value) {
    Path checkpoint = folder.resolve("c.safetensors");
    train(config(3), checkpoint, TrainListener.NONE);
    Safetensors.File whole = Safetensors.read(checkpoint);
    Map<String, String> metadata = new LinkedHashMap<>(whole.metadata());
    metadata.put(key, value);
    Safetensors.write(checkpoint, List.copyOf(whole.entries().values()), metadata);
    assertThatThrownBy(() -> train(config(3), checkpoint, TrainListener.NONE))
        .isInstanceOf(BadFileException.class)
        .hasMessageContainingAll(checkpoint.toString(), "metadata " + key, "found " + value);
  }

  @Test
  void aFinishedCheckpointIsTheResult() {
    Path checkpoint = folder.resolve("c.safetensors");
    Map<String, float[]> expected = train(config(3), checkpoint, TrainListener.NONE);
    TrainListener silent =
        new TrainListener() {
          @Override
          public void onStep(int epoch, int step, int steps, double loss, double accuracy) {
            throw new AssertionError("trained again");
          }
        };
    expectSame(train(config(3), checkpoint, silent), expected);
  }

  @Test
  void refusesAnotherTrainingsCheckpoint() throws IOException {
    Path checkpoint = folder.resolve("c.safetensors");
    train(config(3), checkpoint, TrainListener.NONE);
    byte[] before = Files.readAllBytes(checkpoint);
    TrainConfig other = TrainConfig.of(4, 8, 0.1, Augment.Mode.CROP_FLIP, 3);
    assertThatThrownBy(() -> train(other, checkpoint, TrainListener.NONE))
        .isInstanceOf(BadFileException.class)
        .hasMessage(
            checkpoint + ": a checkpoint of another training, left as it is: lr expected 0.1, found"
                + " 0.05; nesterov expected false, found true");
    assertThatThrownBy(
            () ->
                Trainer.train(
                    MODEL, backend, DATA, new int[] {1, 2}, config(3), checkpoint,
                    TrainListener.NONE))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("left as it is: members expected ");
    assertThat(Files.readAllBytes(checkpoint)).isEqualTo(before);
  }

  @Test
  void namesTheStepThatDiverged() {
    TrainConfig wild =
        new TrainConfig(
            3, 8, 1e30, 0.9, 1e-4, false, Schedule.CONSTANT, Augment.Mode.NONE, Precision.FP32,
            0);
    Path checkpoint = folder.resolve("c.safetensors");
    assertThatThrownBy(() -> train(wild, checkpoint, TrainListener.NONE))
        .isInstanceOfSatisfying(
            DivergedException.class,
            e -> {
              assertThat(e.epoch()).isZero();
              assertThat(e.step()).isPositive();
              assertThat(e.loss()).isNotFinite();
              assertThat(e)
                  .hasMessageMatching(
                      "training diverged: expected a finite loss, got (NaN|Infinity) in epoch 1,"
                          + " step " + (e.step() + 1) + "; a lower learning rate may help");
            });
    assertThat(checkpoint).doesNotExist();
  }

  /** The step's own loss is that of the network before it. */
  @Test
  void aLastStepThatDivergedIsNoSuccess() {
    TrainConfig wild =
        new TrainConfig(
            1, MEMBERS.length, 1e39, 0, 0, false, Schedule.CONSTANT, Augment.Mode.NONE,
            Precision.FP32, 0);
    Path checkpoint = folder.resolve("c.safetensors");
    for (Path file : new Path[] {null, checkpoint}) {
      assertThatThrownBy(() -> train(wild, file, TrainListener.NONE))
          .isInstanceOfSatisfying(
              DivergedException.class, e -> assertThat(e.step() + e.epoch()).isZero())
          .hasMessageMatching(
              "training diverged: expected a finite [a-z0-9.]+, got NaN or infinite numbers in"
                  + " epoch 1, step 1; a lower learning rate may help");
    }
    assertThat(checkpoint).doesNotExist();
  }

  @Test
  void learnsAndTellsHowItGoes() {
    List<Double> losses = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void onStep(int epoch, int step, int of, double loss, double accuracy) {
            assertThat(of).isEqualTo(5);
            assertThat(accuracy).isBetween(0.0, 1.0);
            steps.add(epoch * of + step);
          }

          @Override
          public void onEpoch(int epoch, int epochs, double loss, double accuracy, double time) {
            assertThat(epoch).isEqualTo(losses.size());
            assertThat(time).isPositive();
            losses.add(loss);
          }
        };
    TrainConfig config = TrainConfig.of(25, 8, 0.05, Augment.Mode.NONE, 1);
    TrainResult result = Trainer.train(MODEL, backend, DATA, MEMBERS, config, null, listener);
    try (Weights weights = result.weights();
        Classifier classifier = Classifier.of(MODEL, weights)) {
      assertThat(steps).containsExactlyElementsOf(IntStream.range(0, 125).boxed().toList());
      assertThat(losses).hasSize(25);
      assertThat(losses.get(24)).isEqualTo(result.finalLoss()).isLessThan(losses.get(0) / 2);
      assertThat(result.trainAccuracy()).isGreaterThan(0.8);
      Evaluator.Evaluation evaluation = Evaluator.evaluate(classifier, DATA, MEMBERS, 16);
      assertThat(evaluation.accuracy()).isGreaterThan(0.8);
      assertThat(evaluation.loss()).isLessThan(losses.get(0));
    }
  }

  @ParameterizedTest
  @CsvSource({"41, 8, 5", "42, 8, 6", "40, 8, 5", "1, 8, 1", "7, 8, 1", "9, 8, 1", "3, 1, 3"})
  void leavesNoImageAlone(int images, int batch, int steps) {
    assertThat(Trainer.steps(images, batch)).isEqualTo(steps);
  }

  @Test
  void refusesDataThatDoNotFit() {
    Model narrow = Models.create(ModelSpec.of("resnet8", 3, 2));
    assertThatThrownBy(
            () ->
                Trainer.train(
                    narrow, backend, DATA, MEMBERS, config(0), null, TrainListener.NONE))
        .hasMessageStartingWith(
            "train: expected images with 3 channels of at most 3 classes for resnet8, width 2, 3"
                + " classes, got ");
    assertThatThrownBy(
            () ->
                Trainer.train(
                    MODEL, backend, DATA, new int[0], config(0), null, TrainListener.NONE))
        .hasMessage("train: expected at least one member, got none");
    assertThatThrownBy(() -> TrainConfig.of(0, 8, 0.1, Augment.Mode.NONE, 0))
        .hasMessage("train: expected epochs >= 1, got 0");
    assertThatThrownBy(() -> TrainConfig.of(1, 8, Double.NaN, Augment.Mode.NONE, 0))
        .hasMessage("train: expected a finite lr > 0, got NaN");
  }

  @Test
  void refusesAPrecisionThatTheDeviceLacks() {
    TrainConfig half =
        new TrainConfig(
            1, 8, 0.05, 0.9, 1e-4, false, Schedule.CONSTANT, Augment.Mode.NONE, Precision.BF16, 0);
    try (Backend plain = HostBackend.createPlain()) {
      assertThatThrownBy(
              () -> Trainer.train(MODEL, plain, DATA, MEMBERS, half, null, TrainListener.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("precision: host computes in [fp32], got bf16");
    }
  }

  @Test
  void twoHundredStepsLeaveNothingBehind() {
    try (Backend reference = new ReferenceBackend()) {
      for (Backend each : List.of(backend, reference)) {
        Model tiny = Models.create(ModelSpec.of("resnet8", 4, 1));
        try (Weights weights = Weights.initialize(tiny, each, 0);
            Sgd sgd = new Sgd(weights.trainable(), 0.9, 1e-4, false);
            TrainStep step = new TrainStep(weights, sgd, Precision.FP32);
            Scope scope = Scope.open()) {
          Tensor images = Tensor.of(each, Shape.of(2, 4, 4, 3), Goldens.images("leak", 2, 4));
          int[] labels = {0, 3};
          step.run(images, labels, 0.01);
          long before = each.liveBytes();
          long[] live =
              IntStream.range(0, 200)
                  .mapToLong(
                      i -> {
                        step.run(images, labels, 0.01);
                        return each.liveBytes();
                      })
                  .toArray();
          assertThat(Arrays.stream(live).distinct()).containsExactly(before);
          assertThat(scope.size()).isEqualTo(1);
        }
        assertThat(each.liveBytes()).isZero();
      }
    }
  }
}
