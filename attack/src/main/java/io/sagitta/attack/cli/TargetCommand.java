package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Given;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.MemberFile;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.target.Targets;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "target",
    description = {
      "Score a model that was trained elsewhere: as one more target of a RUN, whose shadows then"
          + " stand against it in 'attack' and 'report'; or by itself.",
      "Stopped, the same command continues: the answers of an endpoint are kept, and nothing is"
          + " asked twice."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta target runs/c100 --target onnx:model.onnx --members members.csv",
      "  sagitta target runs/c100 --target https://models.example/v2/models/c100 \\",
      "                 --members members.csv --rate 200 --budget 500000",
      "  sagitta target --target onnx:model.onnx --dataset cifar100 \\",
      "                 --data data/cifar-100-binary --first 500 --out scores.safetensors"
    })
final class TargetCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec command;

  @Parameters(arity = "0..1", paramLabel = "RUN", description = "The run folder.")
  private Path folder;

  @Mixin private TargetOptions target;

  @Option(
      names = "--members", paramLabel = "FILE",
      description = "With RUN: the samples that the target was trained on, as indices of the run's"
          + " records from 0: text with commas, spaces or lines between; or safetensors, members"
          + " I64 [m] or U8 [samples] of 0 and 1.")
  private Path members;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Where the data are (default for a RUN: where they were).")
  private Path data;

  @ArgGroup(exclusive = false, heading = "%nWithout RUN:%n")
  private OneTarget alone;

  @Mixin private NetworkOptions network;
  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  TargetCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if ((folder == null) == (alone == null) || (folder == null) != (members == null)) {
      throw new IllegalArgumentException(
          "target: expected RUN and --members, or --dataset and --out without them");
    }
    target.requireUse(new Given(command), folder != null);
    try (Workers workers = device.openOne(terminal)) {
      if (alone != null) {
        alone.score(target, data, workers, terminal);
      } else {
        try (Run run = Run.existing(folder, data)) {
          score(run, new TargetScores(run, workers, terminal));
        }
      }
      return ExitCode.OK.status();
    }
  }

  private void score(Run run, TargetScores scores) {
    boolean[] trainedOn = MemberFile.read(members, run.record().pool().samples());
    if (Targets.isWeights(target.specification())) {
      scores.scoreWeights(target.specification(), network, trainedOn);
    } else {
      scores.scoreBlackBox(target, trainedOn);
    }
    terminal.out().println(
        "'sagitta attack " + folder + "' and 'sagitta report " + folder + "' include it.");
    terminal.out().flush();
  }
}
