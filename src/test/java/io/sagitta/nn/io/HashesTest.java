package io.sagitta.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HashesTest {
  /** FIPS 180-4's own examples: "abc", and a million times "a". */
  @Test
  void givesThePublishedDigests(@TempDir Path folder) throws Exception {
    String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertThat(Hashes.sha256("abc".getBytes(StandardCharsets.US_ASCII))).isEqualTo(abc);
    Path file = Files.writeString(folder.resolve("a"), "a".repeat(1_000_000));
    assertThat(Hashes.sha256(file))
        .isEqualTo("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }

  @Test
  void aMissingFileIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> Hashes.sha256(folder.resolve("none")))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("none");
  }
}
