package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemberFileTest {
  private static final int SAMPLES = 5;
  private static final boolean[] MEMBERS = {true, false, false, true, false};

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"3,0", "0\n3\n", "0 3", " 3;\t0,\r\n"})
  void textListsIndices(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("members.csv"), text);
    assertThat(MemberFile.read(file, SAMPLES)).containsExactly(MEMBERS);
  }

  @Test
  void tensorsListIndicesOrMark() {
    assertThat(read(Entry.ofLongs("members", new long[] {2}, new long[] {0, 3})))
        .containsExactly(MEMBERS);
    assertThat(
            read(
                Entry.ofUnsignedBytes("members", new long[] {5}, new byte[] {1, 0, 0, 1, 0})))
        .containsExactly(MEMBERS);
    assertThatThrownBy(
            () ->
                read(Entry.ofUnsignedBytes("members", new long[] {4}, new byte[] {1, 0, 0, 1})))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected 5 samples, found 4");
    assertThatThrownBy(
            () ->
                read(
                    Entry.ofUnsignedBytes(
                        "members", new long[] {5}, new byte[] {1, 0, 0, 2, 0})))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected 0 or 1, found 2 for sample 3");
  }

  private boolean[] read(Entry entry) {
    Path file = folder.resolve("members.safetensors");
    Safetensors.write(file, List.of(entry), Map.of());
    return MemberFile.read(file, SAMPLES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0,5|expected indices in 0..4, found 5", "-1|expected indices in 0..4, found -1",
        "1,2,1|found 1 twice", "1,two|expected whole numbers", "''|found 0 members",
        "0,1,2,3,4|found 5 members"
      })
  void whatIsWrongIsNamed(String text, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("members.csv"), text);
    assertThatThrownBy(() -> MemberFile.read(file, SAMPLES))
        .isInstanceOf(BadFileException.class)
        .hasMessageContainingAll("members.csv", message);
  }
}
