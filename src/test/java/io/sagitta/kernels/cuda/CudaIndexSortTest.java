package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Scope;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The radix sort against Java's stable sort. */
class CudaIndexSortTest {
  private CudaSession session;
  private CudaTransfer transfer;

  @BeforeEach
  void open() {
    session = EmulatedCuda.session();
    transfer = new CudaTransfer(session);
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
    }
  }

  /** One pass and several, whole tiles and not, one key and every key. */
  @ParameterizedTest
  @CsvSource({
    "1, 1", "1, 2147483648", "300, 1", "300, 2", "2047, 7", "2048, 256", "2049, 257", "5000, 9",
    "5000, 70000", "5000, 2147483648"
  })
  void sortsStably(int n, long bound) {
    Philox random = new Philox(31);
    int[] keys =
        IntStream.range(0, n).map(i -> (int) (random.uniform(0, i) * (double) bound)).toArray();
    int[] expected =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingInt(i -> keys[i]))
            .mapToInt(i -> i)
            .toArray();

    CudaBuffer source = new CudaBuffer(session.memory(), DType.I32, n);
    transfer.upload(keys, 0, source, 0, n);
    try (Scope scratch = Scope.detached()) {
      CudaIndexSort.Sorted sorted = new CudaIndexSort(session).sort(scratch, source, n, bound);
      assertThat(read(sorted.origins(), n)).isEqualTo(expected);
      assertThat(read(sorted.keys(), n)).isEqualTo(IntStream.of(expected).map(i -> keys[i])
          .toArray());
      assertThat(read(source, n)).isEqualTo(keys);
    }
    source.release();
    assertThat(session.memory().liveBytes()).isZero();
  }

  private int[] read(CudaBuffer buffer, int n) {
    int[] values = new int[n];
    transfer.download(buffer, 0, values, 0, n);
    return values;
  }
}
