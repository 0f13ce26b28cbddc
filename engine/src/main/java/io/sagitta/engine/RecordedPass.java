package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Recording;
import io.sagitta.kernels.Scope;
import java.util.function.Supplier;

/**
 * Work from fixed inputs, whose contents change between runs: done anew each time, or recorded the
 * first time and replayed from then on where the {@linkplain Backend#record backend records}. The
 * first time it may be done more than once.
 */
public final class RecordedPass implements AutoCloseable {
  private final Backend backend;
  private final Supplier<Tensor[]> work;
  private Scope results;
  private Tensor[] recorded;
  private Recording recording;

  /**
   * @param work makes dense tensors, and what it makes beside them is given back
   */
  public RecordedPass(Backend backend, Supplier<Tensor[]> work) {
    this.backend = backend;
    this.work = work;
  }

  /** The results, in the current scope; no later run changes them, even where one is an input. */
  public Tensor[] run() {
    try (Scope scope = Scope.open()) {
      Tensor[] results = runInPlace();
      Tensor[] copies = new Tensor[results.length];
      for (int i = 0; i < copies.length; i++) {
        DenseTensor result = results[i].value();
        DenseTensor copy = DenseTensor.allocate(backend, result.type(), result.shape());
        copy.become(result);
        copies[i] = copy.keepFrom(scope);
      }
      return copies;
    }
  }

  /** The results, which hold until the next run, and at most as long as the current scope. */
  public Tensor[] runInPlace() {
    if (recording == null) {
      recording = backend.record(this::capture);
    }
    if (recording == null) {
      return once();
    }
    recording.replay();
    return recorded;
  }

  private Tensor[] once() {
    try (Scope scope = Scope.open()) {
      Tensor[] made = work.get();
      for (Tensor result : made) {
        result.keepFrom(scope);
      }
      return made;
    }
  }

  private void capture() {
    releaseResults();
    results = Scope.detached();
    try (Scope scope = Scope.open()) {
      recorded = work.get();
      for (Tensor result : recorded) {
        result.forEachLeaf(
            leaf -> {
              leaf.retain();
              results.add(leaf);
            });
      }
    }
  }

  private void releaseResults() {
    if (results != null) {
      results.close();
    }
  }

  @Override
  public void close() {
    releaseResults();
    if (recording != null) {
      recording.close();
    }
  }
}
