package io.sagitta.kernels.host;

/**
 * Chooses what computes products and convolutions on this machine.
 *
 * @param products the choice
 * @param reason why it is not the native library, or null where it is
 */
record ProductProvider(ProductKernels products, String reason) {
  /** The fastest that works here. */
  static ProductProvider best() {
    try {
      return new ProductProvider(DnnlProducts.create(), null);
    } catch (NativesUnavailableException e) {
      return plainJava(e.getMessage());
    }
  }

  static ProductProvider plainJava(String reason) {
    return new ProductProvider(new JavaProducts(), reason);
  }
}
