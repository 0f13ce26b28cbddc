package io.sagitta.attack.shadow;

import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.work.AtOnce;
import io.sagitta.nn.io.Hashes;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Runs of one configuration on one device, each in a folder of its own. */
record TinyRuns(RunConfig config, Path data, String device) {
  ShadowLauncher launcher(Path run, int atOnce) {
    return ShadowLauncher.in(run)
        .config(config)
        .data(data)
        .device(device)
        .atOnce(new AtOnce(atOnce));
  }

  /** A model's weights. */
  static Path model(Path run, int model) {
    return run.resolve(String.format("models/%04d.safetensors", model));
  }

  /** Hashes of all models' weights. */
  List<String> weights(Path run) {
    return IntStream.range(0, config.models())
        .mapToObj(m -> Hashes.sha256(model(run, m)))
        .toList();
  }
}
