package io.sagitta.attack.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.Run;
import io.sagitta.nn.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * {@code .progress/0007.json}: how far executors are with their models, for the driver to show. It
 * is there while a step is worked on.
 */
record ModelReports(Path folder) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static ModelReports of(Run run) {
    return new ModelReports(run.folder().resolve(".progress"));
  }

  private Path file(int model) {
    return folder.resolve(String.format("%04d.json", model));
  }

  void write(ModelReport report) {
    try {
      AtomicFiles.writeText(file(report.model()), JSON.writeValueAsString(report) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and text have a JSON form", e);
    }
  }

  /** The last report on a model, or null. */
  ModelReport read(int model) {
    try {
      return JSON.readValue(Files.readAllBytes(file(model)), ModelReport.class);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(file(model) + ": cannot be read: " + e, e);
    }
  }

  /** Makes the folder, without old reports. */
  void begin() {
    try {
      Files.createDirectories(folder);
      clear();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be made: " + e, e);
    }
  }

  /** Removes folder and reports; one that a lost machine writes just now may stay. */
  void end() {
    try {
      clear();
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be removed: " + e, e);
    }
  }

  private void clear() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }
}
