package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NativeRelinkerTest {
  private static final String OLD = "libcublas.so.12";
  private static final String NEW = "libcublas.so.13";

  @Test
  void changesTheNameAndTheVersionsHashAndNothingElse() throws IOException {
    byte[] library = cublasNatives();
    byte[] relinked = NativeRelinker.relink(library, OLD, NEW);
    assertThat(text(relinked).contains("\0" + NEW + "\0")).isTrue();
    assertThat(text(relinked).contains("\0" + OLD + "\0")).isFalse();
    assertThat(differences(library, relinked))
        .as("a digit of the name, and the last byte of one hash")
        .isEqualTo(2);
  }

  @Test
  void andBackIsWhereItWas() throws IOException {
    byte[] library = cublasNatives();
    byte[] there = NativeRelinker.relink(library, OLD, NEW);
    assertThat(NativeRelinker.relink(there, NEW, OLD)).isEqualTo(library);
  }

  @Test
  void saysWhatItDoesNotTake() throws IOException {
    byte[] library = cublasNatives();
    assertThatThrownBy(() -> NativeRelinker.relink(library, OLD, "libcublas.so.9"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("one length", OLD, "libcublas.so.9");
    assertThatThrownBy(() -> NativeRelinker.relink(library, "libabsent.so.12", "libabsent.so.13"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not need libabsent.so.12");
    assertThatThrownBy(() -> NativeRelinker.relink(new byte[100], OLD, NEW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64-bit little-endian ELF");
  }

  private static int differences(byte[] a, byte[] b) {
    assertThat(b).hasSameSizeAs(a);
    int count = 0;
    for (int i = 0; i < a.length; i++) {
      count += a[i] == b[i] ? 0 : 1;
    }
    return count;
  }

  private static String text(byte[] library) {
    return new String(library, StandardCharsets.ISO_8859_1);
  }

  private static byte[] cublasNatives() throws IOException {
    String name = "/lib/libJCublas2-12.6.0-linux-x86_64.so";
    try (InputStream in = NativeRelinkerTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
