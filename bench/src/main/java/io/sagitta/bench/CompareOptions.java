package io.sagitta.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link Compare}'s command line says. */
final class CompareOptions {
  static final String OURS = "sagitta";

  /** The workload that is the memory of a training step. */
  static final String PEAK = "peak";

  static final String HELP =
      """
      Measures engines beside each other, in turn and in one run, each in a process of its own.
      All get the same weights, images and directions, and each result is held to float64 before
      it is timed.

        WORKLOAD:BATCH …   train, forward, gradient, hvp, hvp10, zo of ResNet-18; train-resnet8;
                           train-, forward-, gradient-, hvp- and zo-vit of a transformer; peak
                           (memory of a training step); layers, or conv-… for one of them
                           (default: train:64 forward:64 gradient:64 hvp:64 zo:64
                           train-resnet8:32 peak:64)
        --rounds N         turns of each engine (default: 7)
        --seconds S        a turn (default: 4)
        --engines A,B      of those there are, these only
        --tolerance T      relative error of a result up to which an engine counts
                           (default: 1e-3)
        --zo-tolerance T   the same of zero-order scores, in which plain queries leave noise
                           (default: 0.3)
        --keep             the same processes for all workloads, else new ones for each
        --record KEY=TEXT  stands in the result as it is
        --out FILE         receives everything as JSON (default: compare.json)
        NAME='COMMAND'     an engine, started by that command

        bench/compare --rounds 5 --seconds 3 --engines sagitta,djl forward:64 gradient:64
      """;

  int rounds = 7;
  double seconds = 4;
  double tolerance = 1e-3;
  double zeroOrderTolerance = 0.3;
  boolean keep;
  Path out = Path.of("compare.json");
  final Map<String, String> records = new LinkedHashMap<>();
  final Map<String, String> commands = new LinkedHashMap<>();
  final List<String> workloads = new ArrayList<>();

  private List<String> engines;

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if a word or value is not known, or there is no Sagitta
   */
  CompareOptions(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--keep")) {
        keep = true;
      } else if (args[i].startsWith("--")) {
        if (i + 1 == args.length) {
          throw new IllegalArgumentException("compare: expected a value after " + args[i]);
        }
        set(args[i], args[++i]);
      } else if (args[i].indexOf('=') > 0) {
        put(commands, args[i]);
      } else {
        addWorkloads(args[i]);
      }
    }
    if (engines != null) {
      chooseEngines();
    }
    if (!commands.containsKey(OURS)) {
      throw new IllegalArgumentException(
          "compare: expected sagitta='…' and any peer='…', got " + commands.keySet());
    }
    if (workloads.isEmpty()) {
      workloads.addAll(
          List.of(
              "train:64", "forward:64", "gradient:64", "hvp:64", "zo:64", "train-resnet8:32",
              "peak:64"));
    }
  }

  private void set(String option, String value) {
    switch (option) {
      case "--rounds" -> rounds = Options.number(option, value);
      case "--seconds" -> seconds = Options.real(option, value);
      case "--tolerance" -> tolerance = Options.real(option, value);
      case "--zo-tolerance" -> zeroOrderTolerance = Options.real(option, value);
      case "--engines" -> engines = List.of(value.split(","));
      case "--record" -> put(records, value);
      case "--out" -> out = Path.of(value);
      default ->
          throw new IllegalArgumentException(
              "compare: expected an option that --help names, got " + option);
    }
  }

  private static void put(Map<String, String> map, String assignment) {
    String[] parts = assignment.split("=", 2);
    map.put(parts[0], parts[1]);
  }

  private void chooseEngines() {
    if (!commands.keySet().containsAll(engines)) {
      throw new IllegalArgumentException(
          "compare: expected --engines among " + commands.keySet() + ", got " + engines);
    }
    commands.keySet().retainAll(engines);
  }

  private void addWorkloads(String entry) {
    String[] parts = entry.split(":");
    if (parts.length != 2) {
      throw new IllegalArgumentException("compare: expected WORKLOAD:BATCH, got " + entry);
    }
    Options.number(entry, parts[1]);
    if (parts[0].equals("layers")) {
      ConvolutionWork.resnet18().forEach(work -> workloads.add(work.id() + ":" + parts[1]));
    } else {
      if (!parts[0].equals(PEAK) && !ConvolutionWork.names(parts[0])) {
        Workload.Kind.of(parts[0]);
      }
      workloads.add(entry);
    }
  }

  /** The error up to which a workload's result counts. */
  double tolerance(Workload.Kind kind) {
    return kind.work() == Workload.Work.ZO ? zeroOrderTolerance : tolerance;
  }
}
