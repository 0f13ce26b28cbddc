package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.sagitta.kernels.DType;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DnnlPackedTest {
  private final HostMemory memory = new HostMemory();
  private Dnnl library;
  private DnnlPacking transposed;
  private DnnlPacking halved;
  private HostBuffer weights;

  @BeforeEach
  void open() {
    try {
      library = Dnnl.load();
    } catch (NativesUnavailableException e) {
      Assumptions.abort(e.getMessage());
    }
    try (DnnlPlanBuilder b = new DnnlPlanBuilder(library)) {
      var from = b.rowMajor(dnnl_f32, 2, 3);
      transposed =
          DnnlPacking.of(library, from, b.strided(dnnl_f32, new long[] {2, 3}, new long[] {1, 2}));
      halved = DnnlPacking.of(library, from, b.rowMajor(dnnl_bf16, 2, 3));
    }
    weights = new HostBuffer(memory, DType.F32, 6);
    weights.writeFloats().put(0, new float[] {1, 2, 3, 4, 5, 6});
  }

  @AfterEach
  void close() {
    if (library != null) {
      transposed.close();
      halved.close();
      library.close();
      memory.close();
    }
  }

  private float[] transposed() {
    float[] values = new float[6];
    long address = DnnlPacked.address(weights, transposed, memory);
    new FloatPointer(new DnnlAddress().at(address)).get(values);
    return values;
  }

  @Test
  void packsOnceForEachForm() {
    long first = DnnlPacked.address(weights, transposed, memory);
    long second = DnnlPacked.address(weights, halved, memory);
    assertThat(second).isNotEqualTo(first);
    assertThat(DnnlPacked.address(weights, transposed, memory)).isEqualTo(first);
    assertThat(DnnlPacked.address(weights, halved, memory)).isEqualTo(second);
    assertThat(transposed()).containsExactly(1, 4, 2, 5, 3, 6);
    weights.release();
  }

  @Test
  void packsAgainAfterAWrite() {
    assertThat(transposed()).containsExactly(1, 4, 2, 5, 3, 6);
    HostBuffer last = weights.slice(5, 1);
    last.writeFloats().put(0, 7);
    last.release();
    assertThat(transposed()).containsExactly(1, 4, 2, 5, 3, 7);
    weights.release();
  }

  @Test
  void aFailureLeavesNothingThatLooksPacked() {
    long before = memory.liveBytes();
    DnnlPlan outOfMemory =
        new DnnlPlan(library, List.of(), new long[0], Long.MAX_VALUE / 2);
    DnnlPacking fails = new DnnlPacking(outOfMemory, transposed.bytes(), transposed.form());
    assertThatThrownBy(() -> DnnlPacked.address(weights, fails, memory))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(memory.liveBytes()).isEqualTo(before);
    assertThat(transposed()).containsExactly(1, 4, 2, 5, 3, 6);
    weights.release();
  }

  @Test
  void packedFormsGoWithTheBuffer() {
    DnnlPacked.address(weights, transposed, memory);
    DnnlPacked.address(weights, halved, memory);
    weights.release();
    assertThat(memory.liveBytes()).isZero();
  }
}
