package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.PrivacyNotice;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.console.TrainingOptions;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.RunConflictException;
import io.sagitta.attack.run.RunInputs;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.shadow.TrainProgress;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainResult;
import io.sagitta.nn.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "train",
    description = "Train one model on all samples. Stopped, the same command continues.",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta train --dataset cifar10 --data data/cifar-10-batches-bin --arch resnet18 \\",
      "                --epochs 100 --augment crop-flip --out model.safetensors",
      "  sagitta train --dataset cifar10 --data data/cifar-10-batches-bin --batch 512 \\",
      "                --dp-epsilon 8 --seed 8273645192 --out private.safetensors"
    })
final class TrainCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--out", paramLabel = "FILE", required = true,
      description = "Receives the weights, a safetensors file with PyTorch's names.")
  private Path out;

  @Mixin private TrainingOptions options;
  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  TrainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (Files.exists(out)) {
      throw new RunConflictException(
          out + ": expected a new file, found one; move it away or choose another name");
    }
    RunConfig config = options.over(null).build();
    ImageDataset images = RunInputs.pool(config, options.data(), null);
    ModelSpec spec =
        RunInputs.network(config, images.classes(), images.height(), images.width());
    TrainConfig training = config.training(config.seed());
    PrivacyNotice.say(terminal, spec, training.promise(images.size()));
    Path checkpoint = out.resolveSibling(out.getFileName() + ".checkpoint");
    Progress progress = terminal.progress(null);
    progress.begin("train", 1, 0);
    try (Workers workers = device.openOne(terminal)) {
      workers.each(
          List.of(0), progress,
          (model, backend, own) -> {
            own.model(model);
            train(spec, backend, images, training, checkpoint, own);
            own.end("trained", Map.of());
          });
    } finally {
      progress.finish();
    }
    Files.deleteIfExists(checkpoint);
    terminal.out().flush();
    return ExitCode.OK.status();
  }

  private void train(
      ModelSpec spec, Backend backend, ImageDataset images, TrainConfig training,
      Path checkpoint, Progress progress) {
    int[] all = IntStream.range(0, images.size()).toArray();
    TrainResult result =
        Trainer.train(
            Models.create(spec), backend, images, all, training, checkpoint,
            new TrainProgress(progress, training.epochs(), images.size()));
    try (Weights weights = result.weights()) {
      weights.save(out, metadata(images, training, backend, result));
    }
    terminal.out().printf(
        "%s: loss %.4f, training accuracy %.4f%n",
        out, result.finalLoss(), result.trainAccuracy());
  }

  private static Map<String, String> metadata(
      ImageDataset images, TrainConfig training, Backend backend, TrainResult result) {
    Map<String, String> metadata = new LinkedHashMap<>(training.metadata());
    if (training.privacy() != null) {
      metadata.putAll(training.promise(images.size()).metadata());
    }
    metadata.put("sagitta", Version.sagitta());
    metadata.put("dataset", images.name());
    metadata.put("dataset_hash", images.hash());
    metadata.put("samples", Integer.toString(images.size()));
    metadata.put("normalization", images.normalization().toString());
    metadata.put("device", backend.name());
    metadata.put("final_loss", Double.toString(result.finalLoss()));
    metadata.put("train_accuracy", Double.toString(result.trainAccuracy()));
    if (training.privacy() != null) {
      // These say of the samples, or of the noise, what the promise does not allow.
      metadata.keySet().removeAll(List.of("seed", "final_loss", "train_accuracy"));
    }
    return metadata;
  }
}
