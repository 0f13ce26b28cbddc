package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.UnaryOp;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is particular to the way in which the host computes. */
class HostKernelsTest {
  private final HostBackend host = HostBackend.createPlain();

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void comparingBitsIsComparingNumbers() {
    float[] numbers = {
      0f, -0f, 1f, -1f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE,
      Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN,
      Float.intBitsToFloat(0xffc00000), Float.intBitsToFloat(0x7f800001),
      Float.intBitsToFloat(0xffffffff), Float.MIN_NORMAL
    };
    Buffer b = upload(numbers);
    Buffer y = upload(numbers);
    host.unary(UnaryOp.STEP, b, y);
    float[] steps = download(y);
    Buffer a = upload(numbers.clone());
    host.fill(a, Double.NaN);
    host.binary(BinaryOp.MASK, a, b, y);
    float[] masked = download(y);
    for (int i = 0; i < numbers.length; i++) {
      assertThat(steps[i]).as("step of %s", numbers[i]).isEqualTo(numbers[i] > 0 ? 1f : 0f);
      Float kept = numbers[i] > 0 ? Float.NaN : 0f;
      assertThat(masked[i]).as("mask by %s", numbers[i]).isEqualTo(kept);
    }
  }

  @Test
  void scatterInAnyOrderAddsUpEverything() {
    int elements = 100_000;
    int places = 50_000;
    int[] winners = new int[elements];
    float[] values = new float[elements];
    float[] expected = new float[places];
    Random random = new Random(3);
    for (int i = 0; i < elements; i++) {
      winners[i] = random.nextInt(places);
      values[i] = random.nextInt(100);
      expected[winners[i]] += values[i];
    }
    Buffer index = host.allocate(DType.I32, elements);
    host.upload(winners, 0, index, 0, elements);
    Buffer x = host.allocate(DType.F32, places);
    host.scatter(upload(values), index, x);
    assertThat(download(x)).isEqualTo(expected);
  }

  @Test
  void statisticsOfMoreChannelsThanAChunkHolds() {
    int channels = Stage.CHUNK + 3;
    int rows = 70;
    float[] x = new float[rows * channels];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1000 + i % channels + (i / channels % 2 == 0 ? 1 : -1);
    }
    Buffer statistics = host.allocate(DType.F32, 2 * channels);
    host.batchNormStatistics(upload(x), statistics, rows, channels);
    float[] result = download(statistics);
    for (int c = 0; c < channels; c++) {
      assertThat(result[c]).isEqualTo(1000 + c);
      assertThat(result[channels + c]).isEqualTo(1f);
    }
  }

  @Test
  void aSmallLossKeepsItsDigits() {
    float[] logits = {30, 0, 5, -10, 31, 1};
    Buffer x = upload(logits);
    Buffer labels = host.allocate(DType.I32, 2);
    host.upload(new int[] {0, 1}, 0, labels, 0, 2);
    Buffer weights = upload(new float[] {1, 2});
    Buffer loss = upload(new float[2]);
    Buffer gradient = upload(new float[6]);
    host.crossEntropy(x, labels, loss, 2, 3);
    host.crossEntropyGrad(x, labels, weights, gradient, 2, 3);
    double others = Math.exp(-30) + Math.exp(-25);
    double small = Math.log1p(others);
    assertThat((double) download(loss)[0]).isCloseTo(small, within(1e-6 * small));
    assertThat((double) download(gradient)[0])
        .isCloseTo(-others / (1 + others), within(1e-6 * others));
    double second = 2 * (Math.exp(-41) + Math.exp(-30));
    assertThat((double) download(gradient)[4]).isCloseTo(-second, within(1e-6 * second));
  }

  @Test
  void indicesOutOfRangeAreNamed() {
    Buffer labels = host.allocate(DType.I32, 2);
    host.upload(new int[] {0, 3}, 0, labels, 0, 2);
    Buffer x = upload(new float[6]);
    Buffer y = upload(new float[2]);
    assertThatThrownBy(() -> host.crossEntropy(x, labels, y, 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("crossEntropy: index 1: expected 0 to 2, got 3");
    assertThatThrownBy(() -> host.gatherRows(x, labels, y, 2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("gatherRows: index 1: expected 0 to 2, got 3");
  }

  @Test
  void plainJavaRefusesBfloat16() {
    Buffer x = upload(new float[1]);
    assertThat(host.supports(Precision.BF16)).isFalse();
    assertThatThrownBy(
            () -> host.matmul(Precision.BF16, x, false, x, false, upload(new float[1]), 1, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bf16");
  }

  private Buffer upload(float[] values) {
    Buffer buffer = host.allocate(DType.F32, values.length);
    host.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private float[] download(Buffer buffer) {
    float[] values = new float[(int) buffer.elements()];
    host.download(buffer, 0, values, 0, values.length);
    return values;
  }
}
