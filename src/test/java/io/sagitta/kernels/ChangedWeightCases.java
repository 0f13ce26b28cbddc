package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/**
 * What a backend keeps of weights, such as a packed copy, must not outlive a change of them, by
 * whatever kernel and through whatever slice.
 */
final class ChangedWeightCases {
  private static final Conv2dGeometry GEOMETRY =
      new Conv2dGeometry(1, 6, 6, 16, 16, 3, 3, 1, 1, 1);
  private static final int SIZE = (int) GEOMETRY.weightElements();

  private final Duel d;
  private final Backend subject;
  private final Duel.Pair x;
  private final Duel.Pair gradY;
  private final Duel.Pair bias;
  private final Buffer other;

  private ChangedWeightCases(Duel d) {
    this.d = d;
    this.subject = d.subject();
    this.x = d.normal(GEOMETRY.inputElements());
    this.gradY = d.normal(GEOMETRY.outputElements());
    this.bias = d.normal(GEOMETRY.outChannels());
    this.other = d.onSubject(d.normal(SIZE));
  }

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            "conv2d", "after a kernel changed the weights",
            d -> new ChangedWeightCases(d).byKernels()),
        new ConformanceCase(
            "conv2d", "after a reduction or gather made the weights",
            d -> new ChangedWeightCases(d).byGathers()),
        new ConformanceCase(
            "conv2d", "after the weights changed through another view",
            d -> new ChangedWeightCases(d).throughViews()),
        new ConformanceCase(
            "conv2d", "with new weights in memory used before",
            d -> new ChangedWeightCases(d).inReusedMemory()));
  }

  private void byKernels() {
    Buffer w = written();
    Buffer velocity = written();
    float[] floats = new float[SIZE];
    Arrays.fill(floats, 0.25f);
    double[] doubles = d.normals(SIZE);
    long[] unit = {1};
    long[] all = {SIZE};
    long[] half = {SIZE / 2};
    check(w, "at first");
    after("upload", w, () -> subject.upload(floats, 0, w, 0, SIZE));
    after("upload", w, () -> subject.upload(doubles, 0, w, 5, SIZE - 5));
    after("accumulate", w, () -> subject.accumulate(other, 0.5, w));
    after("affine", w, () -> subject.affine(w, 1.5, -0.1, w));
    after("unary", w, () -> subject.unary(UnaryOp.TANH, w, w));
    after("binary", w, () -> subject.binary(BinaryOp.ADD, w, other, w));
    after(
        "binary with strides", w,
        () -> subject.binary(BinaryOp.MUL, other, unit, other, new long[] {0}, w, all));
    after("sgd", w, () -> sgd(w, velocity));
    after("copy", w, () -> subject.copy(other, 0, unit, w, 7, unit, half));
    after("fill", w, () -> subject.fill(w, 0.5));
    after("sgd of the velocity's buffer", velocity, () -> sgd(w, velocity));
  }

  private void sgd(Buffer w, Buffer velocity) {
    subject.sgd(List.of(w), List.of(other), List.of(velocity), 0.1, 0.9, 1e-4, false);
  }

  private void byGathers() {
    Buffer w = written();
    Buffer index = d.onSubject(d.indices(0));
    Buffer winners = d.onSubject(d.indicesBelow(SIZE, SIZE));
    check(w, "at first");
    after("gatherRows", w, () -> subject.gatherRows(other, index, w, 1, SIZE));
    after("select", w, () -> subject.select(other, winners, w));
    after("scatter", w, () -> subject.scatter(other, winners, w));
    after("scatterAddRows", w, () -> subject.scatterAddRows(other, index, w, 1, 1, SIZE));
    after("softmax", w, () -> subject.softmax(other, w, 16, SIZE / 16));
    after("sum", w, () -> subject.sum(other, w, SIZE, 1, 1));
    after("softmax", w, () -> subject.softmax(other, w, 16, SIZE / 16));
    after("max", w, () -> subject.max(other, w, 1, 1, SIZE));
    after(
        "conv2dGradWeight", w,
        () ->
            subject.conv2dGradWeight(
                Precision.FP32, GEOMETRY, d.onSubject(x), d.onSubject(gradY), w));
    after(
        "matmul", w,
        () -> subject.matmul(Precision.FP32, other, false, other, false, w, 16, 12, 12, 12));
  }

  private void throughViews() {
    Buffer whole = subject.allocate(subject.dtype(), 2 * SIZE);
    Buffer first = whole.slice(64, SIZE);
    Buffer second = whole.slice(0, SIZE + 64);
    Buffer inner = second.slice(64, SIZE);
    subject.fill(whole, 0.1);
    check(first, "at first");
    check(inner, "at first");
    for (Buffer seen : List.of(first, inner)) {
      after("the whole", seen, () -> subject.affine(whole, -1, 0.3, whole));
      after("another slice", seen, () -> subject.affine(second, 0.7, 0.1, second));
      after("the same part of another", seen, () -> subject.accumulate(other, 1, inner));
      after("the same part", seen, () -> subject.accumulate(other, 1, first));
    }
    List.of(whole, first, second, inner).forEach(Buffer::release);
  }

  private void inReusedMemory() {
    for (int i = 0; i < 3; i++) {
      Buffer w = subject.allocate(subject.dtype(), SIZE);
      subject.upload(d.normals(SIZE), 0, w, 0, SIZE);
      check(w, "weights number " + i);
      w.release();
    }
  }

  /** Weights that kernels may write to. */
  private Buffer written() {
    Duel.Pair pair = d.normal(SIZE);
    d.actual(pair);
    return d.onSubject(pair);
  }

  private void after(String change, Buffer w, Runnable kernel) {
    kernel.run();
    check(w, "after " + change);
  }

  /** Convolves with the subject's weights and, on the oracle, with what they are read to be. */
  private void check(Buffer w, String when) {
    double[] values = new double[SIZE];
    subject.download(w, 0, values, 0, SIZE);
    Duel.Pair same = d.of(values);
    Duel.Pair y = d.output(GEOMETRY.outputElements());
    Duel.Pair gradX = d.output(GEOMETRY.inputElements());
    Duel.Pair fused = d.output(GEOMETRY.outputElements());
    d.run(
        on -> {
          Precision p = Precision.FP32;
          Buffer weights = on.backend == subject ? w : on.at(same);
          on.backend.conv2d(p, GEOMETRY, on.at(x), weights, on.at(y));
          on.backend.conv2dGradInput(p, GEOMETRY, weights, on.at(gradY), on.at(gradX));
          on.backend.conv2dBiasAct(
              p, GEOMETRY, on.at(x), weights, on.at(bias), null, true, on.at(fused));
        });
    d.checkNorm("conv2d " + when, y, 1e-5);
    d.checkNorm("conv2dGradInput " + when, gradX, 1e-5);
    d.checkNorm("conv2dBiasAct " + when, fused, 1e-5);
  }
}
