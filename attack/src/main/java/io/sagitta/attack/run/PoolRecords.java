package io.sagitta.attack.run;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code pool.safetensors}: which records of the training split form a run's pool, where these are
 * not the first ones. The run's record has the hash of their content, so that a file that was
 * changed is found out.
 */
final class PoolRecords {
  private static final String NAME = "pool.safetensors";
  private static final String TENSOR = "records";

  private PoolRecords() {}

  /** The records of a run folder; null where there is no such file. */
  static int[] read(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return null;
    }
    long[] records = Safetensors.read(file).entry(TENSOR).longs();
    if (Arrays.stream(records).anyMatch(r -> r != (int) r)) {
      throw new BadFileException(file, "expected records of 32 bits, found greater ones");
    }
    return Arrays.stream(records).mapToInt(r -> (int) r).toArray();
  }

  /** Writes them, unless they are there. */
  static void write(Path folder, int[] records, Map<String, String> metadata) {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      long[] wide = Arrays.stream(records).asLongStream().toArray();
      Safetensors.write(
          file, List.of(Safetensors.Entry.ofLongs(TENSOR, new long[] {wide.length}, wide)),
          metadata);
    }
  }
}
