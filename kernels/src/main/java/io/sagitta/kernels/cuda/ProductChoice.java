package io.sagitta.kernels.cuda;

/**
 * Who computes a product.
 *
 * @param algorithm cuDNN's number of it; 0 for the others
 */
record ProductChoice(Maker maker, int algorithm) {
  /** Whose kernels. */
  enum Maker {
    OWN,
    CUBLAS,
    CUDNN
  }

  static final ProductChoice OWN = new ProductChoice(Maker.OWN, 0);
  static final ProductChoice CUBLAS = new ProductChoice(Maker.CUBLAS, 0);

  static ProductChoice cudnn(int algorithm) {
    return new ProductChoice(Maker.CUDNN, algorithm);
  }

  /** The choice that {@link #toString} wrote; null if it is none. */
  static ProductChoice parse(String text) {
    if (text.equals("own")) {
      return OWN;
    }
    if (text.equals("cublas")) {
      return CUBLAS;
    }
    return text.matches("cudnn/\\d{1,4}") ? cudnn(Integer.parseInt(text.substring(6))) : null;
  }

  @Override
  public String toString() {
    return switch (maker) {
      case OWN -> "own";
      case CUBLAS -> "cublas";
      case CUDNN -> "cudnn/" + algorithm;
    };
  }
}
