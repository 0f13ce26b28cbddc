package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CudaTransferTest {
  private static final int SLOT = CudaStaging.MOST_BYTES / Float.BYTES;

  private CudaBackend backend;

  @BeforeEach
  void open() {
    String absent = EmulatedCuda.whyAbsent();
    Assumptions.assumeTrue(absent == null, absent);
    backend = EmulatedCuda.open();
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  private static int[] numbers(int count) {
    int[] numbers = new int[count];
    int[] words = new int[4];
    Philox random = new Philox(7);
    for (int i = 0; i < count; i++) {
      if (i % 4 == 0) {
        random.block(1, i, words);
      }
      numbers[i] = words[i % 4];
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, SLOT - 1, SLOT, SLOT + 1, 5 * SLOT + 3})
  void piecesArriveWholeAndInOrder(int count) {
    int[] numbers = numbers(count);
    Buffer buffer = backend.allocate(DType.I32, count + 2L);
    backend.upload(numbers, 0, buffer, 1, count);
    int[] back = new int[count + 1];
    backend.download(buffer, 1, back, 1, count);
    assertThat(Arrays.copyOfRange(back, 1, count + 1)).isEqualTo(numbers);
  }

  @Test
  void anArrayMayChangeAsSoonAsItsUploadReturns() {
    Buffer buffer = backend.allocate(DType.F32, 3000);
    float[] values = new float[1000];
    for (int part = 0; part < 3; part++) {
      Arrays.fill(values, part);
      backend.upload(values, 0, buffer, part * 1000L, 1000);
    }
    Arrays.fill(values, -1);
    double[] back = new double[3000];
    backend.download(buffer, 0, back, 0, 3000);
    for (int i = 0; i < 3000; i++) {
      assertThat(back[i]).isEqualTo(i / 1000);
    }
  }

  @Test
  void doublesAreRoundedToNearest() {
    double[] values = new double[SLOT + 10];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(i) * 1e3;
    }
    Buffer buffer = backend.allocate(DType.F32, values.length);
    backend.upload(values, 0, buffer, 0, values.length);
    double[] back = new double[values.length];
    backend.download(buffer, 0, back, 0, values.length);
    for (int i = 0; i < values.length; i += 997) {
      assertThat(back[i]).isEqualTo((float) values[i]);
    }
    assertThat(back[SLOT + 9]).isEqualTo((float) values[SLOT + 9]);
  }

  @Test
  void rangesAndTypesAreChecked() {
    Buffer floats = backend.allocate(DType.F32, 4);
    Buffer ints = backend.allocate(DType.I32, 4);
    float[] four = new float[4];
    assertThatThrownBy(() -> backend.upload(four, 0, floats, 1, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("upload: expected a part of 4 elements, got 4 from 1 on");
    assertThatThrownBy(() -> backend.upload(four, 2, floats, 0, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> backend.download(floats, -1, four, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> backend.download(floats, 0, four, 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> backend.upload(four, 0, ints, 0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a buffer of F32, got I32");
    assertThatThrownBy(() -> backend.download(floats, 0, new int[4], 0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a buffer of I32, got F32");
  }
}
