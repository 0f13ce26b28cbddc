package io.sagitta.attack.run;

import io.sagitta.kernels.Philox;
import io.sagitta.nn.data.Datasets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A few images in CIFAR-10's layout, a coloured stripe a class under noise, and runs on them. */
public final class TinyCifar {
  private static final int SIDE = 32;
  private static final int RECORD = 1 + 3 * SIDE * SIDE;
  private static final int FILES = 5;

  private TinyCifar() {}

  /** Writes the five training files and the test file. */
  public static Path write(Path folder, int recordsPerFile) {
    try {
      Files.createDirectories(folder);
      for (int file = 1; file <= FILES; file++) {
        Files.write(folder.resolve("data_batch_" + file + ".bin"), records(recordsPerFile, file));
      }
      Files.write(folder.resolve("test_batch.bin"), records(recordsPerFile, 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  private static byte[] records(int count, int seed) {
    Philox philox = new Philox(seed);
    byte[] bytes = new byte[count * RECORD];
    for (int r = 0; r < count; r++) {
      int label = r % 10;
      bytes[r * RECORD] = (byte) label;
      for (int p = 1; p < RECORD; p++) {
        int row = (p - 1) / SIDE % SIDE;
        int noise = philox.integer(r, p, 120);
        bytes[r * RECORD + p] = (byte) (noise + (row / 3 == label ? 120 : 0));
      }
    }
    return bytes;
  }

  /** The smallest run that does everything. */
  public static RunConfig.Builder config() {
    return RunConfig.builder(Datasets.Kind.CIFAR10)
        .width(4)
        .shadows(4)
        .targets(1)
        .epochs(3)
        .batch(16)
        .n(2)
        .seed(5);
  }

  /** The same as options. */
  public static String[] options(Path data, String... more) {
    String[] options = {
      "--dataset", "cifar10", "--data", data.toString(), "--width", "4", "--shadows", "4",
      "--epochs", "3", "--batch", "16", "--n", "2", "--seed", "5"
    };
    String[] all = new String[options.length + more.length];
    System.arraycopy(more, 0, all, 0, more.length);
    System.arraycopy(options, 0, all, more.length, options.length);
    return all;
  }
}
