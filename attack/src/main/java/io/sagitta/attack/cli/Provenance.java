package io.sagitta.attack.cli;

import io.sagitta.attack.guard.ProtocolGuard;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** What files say of how each model was trained and scored. */
final class Provenance {
  /** In a score file it is that of scoring, which decides nothing. */
  private static final String BATCH = "batch";

  /** Before what the weights of an external target say of their training. */
  private static final String TRAINED = "trained_";

  private Provenance() {}

  /** What a score file is to say of the training of a model whose weights a run does not keep. */
  static Map<String, String> trained(Map<String, String> weights) {
    Map<String, String> trained = new HashMap<>();
    ProtocolGuard.training(weights).forEach((key, value) -> trained.put(TRAINED + key, value));
    return trained;
  }

  /** From score files, which may say what they like. */
  static Map<Integer, Map<String, String>> ofScores(Path folder, int models) {
    return collect(models, model -> scoring(ScoreFiles.file(folder, model)));
  }

  /** From a run's weights and scores. */
  static Map<Integer, Map<String, String>> of(Run run, int models) {
    return collect(
        models,
        model -> {
          Map<String, String> all = scoring(run.scores(model));
          if (run.hasWeights(model)) {
            all.putAll(Safetensors.read(run.weights(model)).metadata());
          }
          return all;
        });
  }

  private static Map<String, String> scoring(Path file) {
    Map<String, String> all = new HashMap<>();
    if (Files.exists(file)) {
      Map<String, String> said = Safetensors.read(file).metadata();
      all.putAll(said);
      all.remove(BATCH);
      said.forEach(
          (key, value) -> {
            if (key.startsWith(TRAINED)) {
              all.put(key.substring(TRAINED.length()), value);
            }
          });
    }
    return all;
  }

  private static Map<Integer, Map<String, String>> collect(
      int models, IntFunction<Map<String, String>> of) {
    Map<Integer, Map<String, String>> all = new HashMap<>();
    for (int model = 0; model < models; model++) {
      all.put(model, of.apply(model));
    }
    return all;
  }
}
