package io.sagitta.attack.run;

import io.sagitta.nn.data.ImageDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a folder is found to be before it is opened as a run. */
final class RunFolder {
  static final String RECORD = "run.json";

  private RunFolder() {}

  /** Where a run's record is. */
  static Path record(Path folder) {
    return folder.resolve(RECORD);
  }

  /** Makes it, if it is not there. */
  static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be made: " + e, e);
    }
  }

  /**
   * The record of the run in a folder.
   *
   * @return null where there is no folder, or an empty one
   * @throws RunConflictException if other files are there
   */
  static RunRecord recordIn(Path folder) {
    if (Files.exists(record(folder))) {
      return RunRecord.read(record(folder));
    }
    if (Files.exists(folder)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "[!.]*")) {
        if (files.iterator().hasNext()) {
          throw new RunConflictException(
              folder + ": expected a run folder or an empty one, found other files and no "
                  + RECORD);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(folder + ": expected a folder that can be read: " + e, e);
      }
    }
    return null;
  }

  /** Refuses another configuration than the one found. */
  static void requireSame(Path folder, RunRecord found, RunConfig asked) {
    List<String> differences = found.configuration().differences(asked);
    if (!differences.isEmpty()) {
      throw new RunConflictException(
          folder + ": made with another configuration\n  " + String.join("\n  ", differences)
              + "\nNothing was changed. Ask for what the folder has, or choose another folder.");
    }
  }

  /** Refuses other data than those that the run was made from. */
  static void requireSamePool(Path folder, RunRecord found, ImageDataset pool) {
    if (!found.pool().hash().equals(pool.hash())) {
      throw new RunConflictException(
          folder + ": made from other data: expected " + found.pool().samples() + " samples of "
              + found.pool().name() + " with hash " + found.pool().hash() + ", got " + pool.size()
              + " of " + pool.name() + " with hash " + pool.hash());
    }
  }
}
