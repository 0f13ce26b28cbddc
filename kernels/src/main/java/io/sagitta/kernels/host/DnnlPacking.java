package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_blob;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;

import java.nio.ByteBuffer;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * How weights are brought into the order and precision that a primitive wants.
 *
 * @param plan from the weights (argument 0) to the packed form (argument 1)
 * @param bytes length of the packed form
 * @param form equal for packings with the same result
 */
record DnnlPacking(DnnlPlan plan, long bytes, ByteBuffer form) implements AutoCloseable {

  /** From one layout to another. */
  static DnnlPacking of(Dnnl library, dnnl_memory_desc from, dnnl_memory_desc to) {
    try (DnnlPlanBuilder builder = new DnnlPlanBuilder(library)) {
      builder.reorder(0, from, 1, to, false);
      return new DnnlPacking(builder.build(), dnnl_memory_desc_get_size(to), form(to));
    }
  }

  private static ByteBuffer form(dnnl_memory_desc layout) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      Dnnl.check(dnnl_memory_desc_get_blob((byte[]) null, size, layout), "layout");
      byte[] blob = new byte[Math.toIntExact(size.get())];
      Dnnl.check(dnnl_memory_desc_get_blob(blob, size, layout), "layout");
      return ByteBuffer.wrap(blob);
    }
  }

  @Override
  public void close() {
    plan.close();
  }
}
