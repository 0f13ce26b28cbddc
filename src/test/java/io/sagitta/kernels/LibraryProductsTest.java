package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.cuda.StandInLibraries;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The conformance cases of products and convolutions by cuBLAS and cuDNN in place of our own, but
 * for the precisions that stay our own.
 */
class LibraryProductsTest {
  @TestFactory
  Stream<DynamicTest> cublasAndCudnnAgreeWithTheReference() {
    String absent = StandInLibraries.whyAbsent();
    assumeTrue(absent == null, "no stand-ins: " + absent);
    return Stream.of(MatmulCases.all(), ConvolutionCases.all())
        .flatMap(List::stream)
        .filter(test -> !test.title().matches("(?i)(bf16|tf32x3) .*"))
        .map(test -> DynamicTest.dynamicTest(test.toString(), () -> run(test)));
  }

  private static void run(ConformanceCase test) {
    try (Duel duel = new Duel(StandInLibraries::open, Duel.Layout.SLICED)) {
      long before = computed(test);
      test.body().run(duel);
      duel.checkTraces();
      assertThat(computed(test)).as("calls of the library").isGreaterThan(before);
    }
  }

  /** The library is in the process once a backend is open. */
  private static long computed(ConformanceCase test) {
    return test.method().equals("matmul")
        ? StandInLibraries.products()
        : StandInLibraries.convolutions();
  }
}
