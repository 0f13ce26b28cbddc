package io.sagitta.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void writesBytesTextAndStreams() throws IOException {
    Path file = folder.resolve("file");
    AtomicFiles.write(file, new byte[] {1, 2, 3});
    assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    AtomicFiles.writeText(file, "größer\n");
    assertThat(file).hasContent("größer\n");
    byte[] chunk = new byte[100_000];
    Arrays.fill(chunk, (byte) 7);
    AtomicFiles.write(
        file,
        out -> {
          for (int i = 0; i < 10; i++) {
            out.write(chunk);
            out.write(8);
          }
        });
    assertThat(Files.size(file)).isEqualTo(1_000_010);
    assertThat(names()).containsExactly("file");
  }

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("file");
    AtomicFiles.writeText(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IllegalStateException("stop");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("stop");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void afullDiskIsToldWithTheFileAndTheSpace() throws IOException {
    Path file = folder.resolve("weights");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    5_000_000_000L,
                    out -> {
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageMatching(
            "\\Q" + file + "\\E: cannot be written \\(.*No space left on device\\); "
                + "it needs 5000000000 bytes, \\d+ bytes are free there");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(new byte[200_000]);
                      throw new IOException("No space left on device");
                    }))
        .hasMessageContaining("it had written 200000 bytes, ");
    assertThat(names()).isEmpty();
  }

  @Test
  void aMissingFolderOrOneInTheWayIsNamed() throws IOException {
    Path lost = folder.resolve("none/file");
    assertThatThrownBy(() -> AtomicFiles.writeText(lost, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(lost + ": cannot be written")
        .hasMessageEndingWith("the folder " + lost.getParent() + " does not exist");
    Path taken = Files.createDirectory(folder.resolve("taken"));
    assertThatThrownBy(() -> AtomicFiles.writeText(taken, "x"))
        .hasMessageContaining("a folder has this name");
    assertThat(names()).containsExactly("taken");
  }

  @Test
  void filesOfAKilledProcessAreDeletedAndOthersKept() throws IOException {
    AtomicFiles.writeText(folder.resolve(".keep"), "x");
    AtomicFiles.writeText(folder.resolve("keep.sagitta-tmp"), "x");
    Files.createFile(folder.resolve(".weights.123-4.sagitta-tmp"));
    assertThat(AtomicFiles.deleteLeftovers(folder)).isEqualTo(1);
    assertThat(names()).containsExactlyInAnyOrder(".keep", "keep.sagitta-tmp");
  }

  @Test
  void writersOfOneFileNeverMix() throws Exception {
    Path file = folder.resolve("file");
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> writers =
          IntStream.range(0, 4).mapToObj(id -> writer(file, (byte) id)).toList();
      for (Future<Void> done : pool.invokeAll(writers)) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(50_000).containsOnly(bytes[0]);
    assertThat(names()).containsExactly("file");
  }

  private static Callable<Void> writer(Path file, byte id) {
    return () -> {
      for (int i = 0; i < 10; i++) {
        byte[] bytes = new byte[50_000];
        Arrays.fill(bytes, id);
        AtomicFiles.write(file, bytes);
        byte[] seen = Files.readAllBytes(file);
        assertThat(seen).hasSize(50_000).containsOnly(seen[0]);
      }
      return null;
    };
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
