package io.sagitta.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What no comparison with the oracle can show: that the oracle itself is right. */
class ReferenceBackendTest {
  private final ReferenceBackend reference = new ReferenceBackend();

  @AfterEach
  void close() {
    reference.close();
  }

  /** exp(−40) is less than what float64 tells apart at 40, or at 1. */
  @Test
  void aSmallLossKeepsItsDigits() {
    Buffer x = upload(40, 0, 20, 20, 0, 25);
    Buffer labels = reference.allocate(DType.I32, 2);
    reference.upload(new int[] {0, 1}, 0, labels, 0, 2);
    Buffer loss = upload(0, 0);
    Buffer gradient = upload(0, 0, 0, 0, 0, 0);
    reference.crossEntropy(x, labels, loss, 2, 3);
    reference.crossEntropyGrad(x, labels, upload(1, 2), gradient, 2, 3);
    double others = Math.exp(-40) + Math.exp(-20);
    assertClose(download(loss)[0], Math.log1p(others));
    assertClose(download(gradient)[0], -others / (1 + others));
    double second = Math.exp(-5) + Math.exp(-25);
    assertClose(download(loss)[1], 25 + Math.log1p(second));
    assertClose(download(gradient)[4], -2 / (1 + Math.exp(-25) / (1 + Math.exp(-5))));

    Buffer certain = upload(40, 0);
    Buffer label = reference.allocate(DType.I32, 1);
    reference.upload(new int[] {0}, 0, label, 0, 1);
    reference.crossEntropy(certain, label, loss.slice(0, 1), 1, 2);
    assertClose(download(loss)[0], Math.exp(-40));
    reference.crossEntropyGrad(certain, label, upload(1), gradient.slice(0, 2), 1, 2);
    assertClose(download(gradient)[0], -Math.exp(-40));
    assertClose(download(gradient)[1], Math.exp(-40));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void typesThatItDoesNotStoreAreRefused(DType type) {
    assertThatThrownBy(() -> reference.allocate(type, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected type F64 or I32, got " + type);
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-13 * Math.abs(expected)));
  }

  private Buffer upload(double... values) {
    Buffer buffer = reference.allocate(DType.F64, values.length);
    reference.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private double[] download(Buffer buffer) {
    double[] values = new double[(int) buffer.elements()];
    reference.download(buffer, 0, values, 0, values.length);
    return values;
  }
}
