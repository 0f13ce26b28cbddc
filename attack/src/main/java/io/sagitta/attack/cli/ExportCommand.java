package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Version;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.OnnxExport;
import io.sagitta.nn.models.Stem;
import io.sagitta.nn.models.Weights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "export",
    description = "Write a trained network as an ONNX model of standard operators, for other"
        + " programs: images [batch, 3, H, W], normalised, to logits [batch, classes].",
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta export --weights runs/c100/models/0016.safetensors --onnx target.onnx",
      "  sagitta export --weights model.safetensors --arch resnet18 --classes 100 --onnx model.onnx"
    })
final class ExportCommand implements Callable<Integer> {
  private static final int SMALL = 32;
  private static final int PHOTOGRAPH = 224;
  private static final int MOST = 65_536;
  private static final String NORMALIZATION = "normalization";

  private final Terminal terminal;

  @Option(
      names = "--weights", paramLabel = "FILE", required = true,
      description = "Weights, a safetensors file with PyTorch's names.")
  private Path weights;

  @Mixin private NetworkOptions network;

  @Range(least = 1, most = MOST)
  @Option(
      names = "--size", paramLabel = "N",
      description = "Height and width of the images (default: 32; 224 for an ImageNet stem).")
  private Integer size;

  @Option(names = "--onnx", paramLabel = "FILE", required = true, description = "Receives it.")
  private Path out;

  @Mixin private CommonOptions common;

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Outputs.requireOther("--onnx", out, weights);
    Safetensors.File file = Safetensors.read(weights);
    ModelSpec spec = network.named().of(weights, file, 0);
    int extent = size != null ? size : spec.stem() == Stem.CIFAR ? SMALL : PHOTOGRAPH;
    spec.requireImages(extent, extent);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(ScoreStep.WEIGHTS_KEY, Hashes.sha256(weights));
    String normalization = file.metadata().get(NORMALIZATION);
    if (normalization != null) {
      metadata.put(NORMALIZATION, normalization);
    }
    Model model = Models.create(spec);
    // The host, whatever the device: the file is the same everywhere.
    try (Backend backend = Devices.open("host");
        Weights loaded = Weights.of(model, backend, file.entries(), weights)) {
      OnnxExport.write(out, loaded, extent, extent, Version.sagitta(), metadata);
    }
    terminal.out().println(
        out + ": " + spec + ", images [batch, 3, " + extent + ", " + extent + "]"
            + (normalization == null ? "" : " normalised by " + normalization));
    terminal.out().flush();
    return ExitCode.OK.status();
  }
}
