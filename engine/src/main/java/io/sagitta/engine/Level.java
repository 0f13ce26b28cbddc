package io.sagitta.engine;

/**
 * One differentiation in progress. Levels nest: an operation on tensors of several levels belongs
 * to the innermost, which handles it by operations on the levels below, so that derivatives of
 * derivatives never mix (cf. Pearlmutter and Siskind, "Reverse-Mode AD in a Functional Framework",
 * TOPLAS 2008, on perturbation confusion).
 */
final class Level implements AutoCloseable {
  private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

  private final int depth;
  private boolean open = true;

  private Level(int depth) {
    this.depth = depth;
  }

  static Level enter() {
    return new Level(++DEPTH.get()[0]);
  }

  int depth() {
    return depth;
  }

  /** Fails for a tensor that outlived the differentiated function it was made in. */
  void checkOpen() {
    if (!open) {
      throw new IllegalStateException(
          "a tensor made inside a differentiated function was used after the function returned;"
              + " return it from the function instead");
    }
  }

  @Override
  public void close() {
    open = false;
    DEPTH.get()[0]--;
  }
}
