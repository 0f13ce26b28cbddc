package io.sagitta.kernels.cuda;

/** Launches augment.cu: a block has a row of an image. */
final class CudaAugment {
  private static final int THREADS = 128;

  private final KernelFile kernels;

  CudaAugment(CudaSession session) {
    this.kernels = new KernelFile(session, "augment");
  }

  void cropFlip(
      CudaBuffer images, CudaBuffer table, CudaBuffer draws, CudaBuffer y, int batch, int height,
      int width, int channels) {
    if (y.elements() > 0) {
      kernels.get("crop_flip_f32").with()
          .arg(height).arg(width).arg(channels).arg(images).arg(table).arg(draws).arg(y)
          .run((long) batch * height, THREADS);
    }
  }
}
