package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Libraries round operands to TF32 when they are asked to, and at no other time. */
class LibraryPrecisionTest {
  /** One more than half of TF32's last place above 1, which it drops. */
  private static final float FINE = 1 + 0x1p-12f;

  private Backend backend;

  @BeforeEach
  void open() {
    String absent = StandInLibraries.whyAbsent();
    assumeTrue(absent == null, "no stand-ins: " + absent);
    backend = StandInLibraries.open();
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  @Test
  void matrixProductsInTurn() {
    for (int i = 0; i < 2; i++) {
      assertThat(product(backend, Precision.FP32, FINE, 1)).isEqualTo(FINE);
      assertThat(product(backend, Precision.TF32, FINE, 1)).isEqualTo(1);
    }
  }

  @Test
  void convolutionsInTurn() {
    for (int i = 0; i < 2; i++) {
      assertThat(convolutions(Precision.FP32)).containsOnly(FINE);
      assertThat(convolutions(Precision.TF32)).containsOnly(1f);
    }
  }

  @Test
  void otherPrecisionsAreOurOwn() {
    long products = StandInLibraries.products();
    long convolutions = StandInLibraries.convolutions();
    for (Precision precision : List.of(Precision.TF32X3, Precision.BF16)) {
      assertThat(product(backend, precision, 2, 3)).isEqualTo(6);
      convolutions(precision);
    }
    assertThat(StandInLibraries.products()).isEqualTo(products);
    assertThat(StandInLibraries.convolutions()).isEqualTo(convolutions);
  }

  /** a·b as matrices of one element. */
  static float product(Backend on, Precision precision, float a, float b) {
    Buffer x = upload(on, a);
    Buffer y = upload(on, b);
    Buffer z = upload(on, Float.NaN);
    on.matmul(precision, x, false, y, false, z, 1, 1, 1, 1);
    return download(on, z);
  }

  /** 1·FINE in all four forms. */
  private float[] convolutions(Precision precision) {
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 1, 2, 1, 1, 1, 1, 0, 1);
    Buffer x = upload(backend, FINE, 0);
    Buffer w = upload(backend, 1, 1);
    Buffer y = upload(backend, Float.NaN);
    backend.conv2d(precision, g, x, w, y);
    Buffer fused = upload(backend, Float.NaN);
    Buffer zero = upload(backend, 0);
    backend.conv2dBiasAct(precision, g, x, w, zero, null, true, fused);
    Buffer one = upload(backend, 1);
    Buffer gradX = upload(backend, Float.NaN, Float.NaN);
    backend.conv2dGradInput(precision, g, upload(backend, FINE, 0), one, gradX);
    Buffer gradW = upload(backend, Float.NaN, Float.NaN);
    backend.conv2dGradWeight(precision, g, x, one, gradW);
    return new float[] {
      download(backend, y), download(backend, fused), download(backend, gradX),
      download(backend, gradW)
    };
  }

  private static Buffer upload(Backend on, float... values) {
    Buffer buffer = on.allocate(DType.F32, values.length);
    on.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  /** The first element. */
  private static float download(Backend on, Buffer buffer) {
    float[] value = new float[1];
    on.download(buffer, 0, value, 0, 1);
    return value[0];
  }
}
