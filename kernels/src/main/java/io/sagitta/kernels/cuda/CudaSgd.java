package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Buffer;
import java.util.List;

/**
 * Launches sgd.cu: up to {@link #TENSORS} tensors in one launch, whose addresses and sizes travel
 * as its argument, so that nothing is uploaded and gradients may lie elsewhere at every step.
 */
final class CudaSgd {
  /** As many as fit the 4 KiB of a launch's arguments with room to spare; fixed in the kernel. */
  private static final int TENSORS = 64;

  /** Elements of a block, fixed in the kernel. */
  private static final int CHUNK = 4096;

  private static final int THREADS = 256;

  private final KernelFile kernels;
  private final ThreadLocal<long[]> tables = ThreadLocal.withInitial(() -> new long[5 * TENSORS]);

  CudaSgd(CudaSession session) {
    this.kernels = new KernelFile(session, "sgd");
  }

  void sgd(
      List<Buffer> weights, List<Buffer> gradients, List<Buffer> velocities, double rate,
      double momentum, double weightDecay, boolean nesterov) {
    long[] table = tables.get();
    int count = 0;
    long blocks = 0;
    for (int i = 0; i < weights.size(); i++) {
      CudaBuffer weight = CudaBuffer.of(weights.get(i));
      if (weight.elements() > 0) {
        table[count] = weight.address().value();
        table[TENSORS + count] = CudaBuffer.of(gradients.get(i)).address().value();
        table[2 * TENSORS + count] = CudaBuffer.of(velocities.get(i)).address().value();
        table[3 * TENSORS + count] = weight.elements();
        table[4 * TENSORS + count] = blocks;
        blocks += (weight.elements() - 1) / CHUNK + 1;
        count++;
      }
      if (count == TENSORS || count > 0 && i == weights.size() - 1) {
        kernels.get("sgd_f32").with()
            .struct(table).arg(count).arg((float) rate).arg((float) momentum)
            .arg((float) weightDecay).arg(nesterov ? 1 : 0)
            .run(blocks, THREADS);
        count = 0;
        blocks = 0;
      }
    }
  }
}
