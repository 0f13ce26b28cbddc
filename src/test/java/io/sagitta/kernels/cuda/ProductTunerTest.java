package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProductTunerTest {
  private static final ProductChoice CUDNN = ProductChoice.cudnn(1);

  @Test
  void theMediansDecide() {
    double[][] millis = {{2, 2, 2}, {1, 9, 1}, {1.5, 1.5, 1.5}};
    ProductTuner.Result result =
        ProductTuner.decide(List.of(ProductChoice.OWN, ProductChoice.CUBLAS, CUDNN), millis);
    assertThat(result.choice()).isEqualTo(ProductChoice.CUBLAS);
    assertThat(result.measured()).isEqualTo("own 2.0000 ms, cublas 1.0000 ms, cudnn/1 1.5000 ms");
  }

  @Test
  void aLibraryMustWinByAMargin() {
    List<ProductChoice> both = List.of(ProductChoice.OWN, CUDNN);
    assertThat(ProductTuner.decide(both, new double[][] {{1}, {0.96}}).choice())
        .isEqualTo(ProductChoice.OWN);
    assertThat(ProductTuner.decide(both, new double[][] {{1}, {0.94}}).choice()).isEqualTo(CUDNN);
  }

  @Test
  void whatALibraryDoesNotSupportIsLeftAloneAndOtherFailuresAreNot() {
    assertThat(ProductTuner.isAble(CUDNN, choice -> {})).isTrue();
    assertThat(ProductTuner.isAble(CUDNN, failing(3000))).isFalse();
    assertThatThrownBy(() -> ProductTuner.isAble(CUDNN, failing(5000)))
        .isInstanceOf(CudaException.class);
  }

  @Test
  void aLibraryWithoutMemoryForItsWorkspaceIsLeftAloneAndOurOwnIsNot() {
    Consumer<ProductChoice> full =
        choice -> {
          throw new OutOfMemoryError("planted");
        };
    assertThat(ProductTuner.isAble(CUDNN, full)).isFalse();
    assertThatThrownBy(() -> ProductTuner.isAble(ProductChoice.OWN, full))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("planted");
  }

  private static Consumer<ProductChoice> failing(int status) {
    return choice -> {
      throw new CudaException("cudnnConvolutionForward", status, "planted");
    };
  }
}
