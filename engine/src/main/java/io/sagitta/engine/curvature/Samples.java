package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Gather;
import io.sagitta.kernels.Backend;

/**
 * Samples that curvature is asked of. The arrays are kept, not copied.
 *
 * @param inputs [N, …], row-major, from the array's start; it may be longer
 * @param shape of one sample, such as [H, W, C]
 * @param labels [N]: the class of each
 * @param ids [N]: the number that a sample's random directions hang on, 0 to 2^32 − 1; a sample
 *     gets the same directions in whatever company it is asked
 */
public record Samples(float[] inputs, Shape shape, int[] labels, long[] ids) {
  /** Checks. */
  public Samples {
    if (ids.length != labels.length || inputs.length < labels.length * shape.elements()) {
      throw new IllegalArgumentException(
          "samples: expected " + labels.length + " ids and " + labels.length + " inputs of shape "
              + shape + ", got " + ids.length + " and " + inputs.length + " numbers");
    }
  }

  /** How many. */
  public int count() {
    return labels.length;
  }

  /** The numbers of one sample. */
  int elements() {
    return Math.toIntExact(shape.elements());
  }

  /** The shape of {@code rows} samples together. */
  Shape batch(int rows) {
    int[] extents = new int[shape.rank() + 1];
    extents[0] = rows;
    System.arraycopy(shape.dims(), 0, extents, 1, shape.rank());
    return Shape.of(extents);
  }

  /** The inputs on a backend, [N, …], in the current scope. */
  DenseTensor upload(Backend backend) {
    DenseTensor x = DenseTensor.allocate(backend, batch(count()));
    backend.upload(inputs, 0, x.buffer(), 0, Math.toIntExact(x.shape().elements()));
    return x;
  }

  /** The sample that each of {@code count} trials from {@code first} on belongs to. */
  static int[] owners(int first, int count, int trialsPerSample) {
    int[] owners = new int[count];
    for (int i = 0; i < count; i++) {
      owners[i] = (first + i) / trialsPerSample;
    }
    return owners;
  }

  /** The trial of the same, numbered within its sample from {@code firstTrial} on. */
  static int[] trials(int first, int count, int trialsPerSample, int firstTrial) {
    int[] trials = new int[count];
    for (int i = 0; i < count; i++) {
      trials[i] = firstTrial + (first + i) % trialsPerSample;
    }
    return trials;
  }

  /** Some of them. */
  Samples only(int[] which) {
    float[] some = new float[which.length * elements()];
    long[] theirIds = new long[which.length];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(inputs, which[i] * elements(), some, i * elements(), elements());
      theirIds[i] = ids[which[i]];
    }
    return new Samples(some, shape, labelsOf(which), theirIds);
  }

  /** The labels of the samples that {@code owners} names. */
  int[] labelsOf(int[] owners) {
    int[] these = new int[owners.length];
    for (int row = 0; row < these.length; row++) {
      these[row] = labels[owners[row]];
    }
    return these;
  }

  /** The samples that {@code owners} names, one beneath the other. */
  static Tensor rows(Tensor x, int[] owners) {
    return Gather.gather(x, owners);
  }
}
