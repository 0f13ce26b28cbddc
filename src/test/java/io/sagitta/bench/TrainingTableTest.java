package io.sagitta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.run.TinyCifar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTableTest {
  private static final int RECORDS_PER_FILE = 8;

  @TempDir Path folder;

  @Test
  void aPrecisionIsNoBetterThanItself() throws IOException {
    Path data = TinyCifar.write(folder, RECORDS_PER_FILE);
    List<String> lines =
        printed(
            "--precisions", "fp32,fp32", "--seeds", "0,7", "--dataset", "cifar10", "--data",
            data.toString(), "--samples", "40", "--width", "4", "--epochs", "2", "--batch", "8");
    assertThat(lines).as("a heading, four trainings, a summary").hasSize(1 + 4 + 1);
    assertThat(figures(lines.get(1))).as("the same training").isEqualTo(figures(lines.get(2)));
    assertThat(figures(lines.get(1))).as("another seed").isNotEqualTo(figures(lines.get(3)));
    assertThat(lines.get(5)).contains("difference +0.00 (se 0.00)");
  }

  /** Without the time, which is another each time. */
  private static String figures(String line) {
    return line.replaceAll("seed \\d+|, [0-9.]+ ms a step", "");
  }

  private static List<String> printed(String... arguments) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      TrainingTable.main(arguments);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
