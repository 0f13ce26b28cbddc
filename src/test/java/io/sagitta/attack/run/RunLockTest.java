package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;

  @Test
  void aSecondHolderIsRefusedUntilTheFirstIsDone() {
    Path file = folder.resolve(".lock");
    try (RunLock held = RunLock.take(file, "runs/x", false)) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> RunLock.take(file, "runs/x", false))
          .isInstanceOf(RunConflictException.class)
          .hasMessageContaining("runs/x: in use by this process");
      assertThatThrownBy(() -> RunLock.take(folder.resolve("./.lock"), "runs/x", false))
          .as("another spelling of the same path")
          .isInstanceOf(RunConflictException.class);
    }
    RunLock.take(file, "runs/x", false).close();
  }

  @Test
  void theFileSaysWhoHoldsIt() throws IOException {
    Path file = folder.resolve(".lock");
    try (RunLock held = RunLock.take(file, "runs/x", false)) {
      assertThat(held).isNotNull();
      assertThat(Files.readString(file))
          .contains("process " + ProcessHandle.current().pid(), "on host", "since 20");
    }
  }
}
