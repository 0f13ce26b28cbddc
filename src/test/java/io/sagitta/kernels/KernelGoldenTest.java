package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every backend against values of PyTorch 1.13 in float64; kernels.py beside them made them. */
class KernelGoldenTest {
  private static final String FILE = "/goldens/kernels/kernels.txt";
  private static final double EPSILON = 1e-5;

  /** One case of the file. */
  private record Golden(String name, String kind, Map<String, double[]> values) {
    double[] get(String key) {
      double[] found = values.get(key);
      if (found == null) {
        throw new IllegalArgumentException("golden " + kind + " " + name + " has no " + key);
      }
      return found;
    }

    int[] integers(String key) {
      double[] numbers = get(key);
      int[] integers = new int[numbers.length];
      for (int i = 0; i < integers.length; i++) {
        integers[i] = (int) numbers[i];
      }
      return integers;
    }
  }

  @TestFactory
  Stream<DynamicTest> everyBackendAgreesWithPyTorch() throws IOException {
    List<Golden> goldens = read();
    assertThat(goldens.stream().map(Golden::kind).distinct())
        .containsExactly("conv", "pool", "norm", "entropy", "sgd");
    return Backends.all().stream()
        .flatMap(
            candidate ->
                goldens.stream()
                    .map(
                        golden ->
                            DynamicTest.dynamicTest(
                                candidate.name() + ", " + golden.kind() + " " + golden.name(),
                                () -> run(candidate, golden))));
  }

  private static void run(Backends.Candidate candidate, Golden golden) {
    if (candidate.factory() == null) {
      Assumptions.abort(candidate.name() + " is absent: " + candidate.reason());
    }
    try (Backend backend = candidate.factory().get();
        Scope scope = Scope.open()) {
      KernelGoldenTest test = new KernelGoldenTest();
      test.backend = backend;
      test.scope = scope;
      test.golden = golden;
      switch (golden.kind()) {
        case "conv" -> test.conv();
        case "pool" -> test.pool();
        case "norm" -> test.norm();
        case "entropy" -> test.entropy();
        case "sgd" -> test.sgd();
        default -> throw new IllegalArgumentException("no test for " + golden.kind());
      }
    }
  }

  private Backend backend;
  private Scope scope;
  private Golden golden;

  private void conv() {
    int[] s = golden.integers("geometry");
    Conv2dGeometry g =
        new Conv2dGeometry(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]);
    Precision p = Precision.FP32;
    Buffer x = input("x");
    Buffer w = input("w");
    Buffer gradY = input("gradY");
    Buffer y = like("y");
    backend.conv2d(p, g, x, w, y);
    check("y", y);
    Buffer fused = like("fused");
    backend.conv2dBiasAct(p, g, x, w, input("bias"), input("residual"), true, fused);
    check("fused", fused);
    Buffer gradX = like("gradX");
    backend.conv2dGradInput(p, g, w, gradY, gradX);
    check("gradX", gradX);
    Buffer gradW = like("gradW");
    backend.conv2dGradWeight(p, g, x, gradY, gradW);
    check("gradW", gradW);
  }

  private void pool() {
    int[] s = golden.integers("geometry");
    Pool2dGeometry g = new Pool2dGeometry(s[0], s[1], s[2], s[3], s[4], s[5], s[6]);
    Buffer x = input("x");
    Buffer gradY = input("gradY");
    Buffer max = like("max");
    Buffer winners = scope.add(backend.allocate(DType.I32, golden.get("winners").length));
    backend.maxPool2d(g, x, max, winners);
    check("max", max);
    int[] places = new int[golden.get("winners").length];
    backend.download(winners, 0, places, 0, places.length);
    assertThat(places).isEqualTo(golden.integers("winners"));
    Buffer maxGrad = like("maxGrad");
    backend.scatter(gradY, winners, maxGrad);
    check("maxGrad", maxGrad);
    Buffer mean = like("mean");
    backend.avgPool2d(g, x, mean);
    check("mean", mean);
    Buffer meanGrad = like("meanGrad");
    backend.avgPool2dGrad(g, gradY, meanGrad);
    check("meanGrad", meanGrad);
  }

  private void norm() {
    int[] options = golden.integers("options");
    int rows = options[0];
    int channels = options[1];
    boolean training = options[2] == 1;
    boolean relu = options[3] == 1;
    Buffer x = input("x");
    Buffer gamma = input("gamma");
    Buffer gradY = input("gradY");
    Buffer statistics = training ? like("statistics") : input("statistics");
    if (training) {
      backend.batchNormStatistics(x, statistics, rows, channels);
      check("statistics", statistics);
    }
    Buffer y = like("y");
    backend.batchNormApply(
        x, statistics, gamma, input("beta"), input("residual"), relu, EPSILON, y, rows, channels);
    check("y", y);
    Buffer sums = scope.add(backend.allocate(backend.dtype(), 2L * channels));
    backend.batchNormSums(
        x, statistics, gradY, relu ? y : null, EPSILON, sums, rows, channels);
    check("gradBeta", scope.add(sums.slice(0, channels)));
    check("gradGamma", scope.add(sums.slice(channels, channels)));
    if (!training) {
      backend.fill(sums, 0);
    }
    Buffer gradX = like("gradX");
    backend.batchNormGradInput(
        x, statistics, gamma, gradY, relu ? y : null, sums, EPSILON, gradX, rows, channels);
    check("gradX", gradX);
  }

  private void entropy() {
    int[] options = golden.integers("options");
    int rows = options[0];
    int columns = options[1];
    Buffer x = input("x");
    Buffer labels = scope.add(backend.allocate(DType.I32, rows));
    backend.upload(golden.integers("labels"), 0, labels, 0, rows);
    Buffer y = like("y");
    backend.crossEntropy(x, labels, y, rows, columns);
    check("y", y);
    Buffer gradX = like("gradX");
    backend.crossEntropyGrad(x, labels, input("weight"), gradX, rows, columns);
    check("gradX", gradX);
    Buffer softmax = like("softmax");
    backend.softmax(x, softmax, rows, columns);
    check("softmax", softmax);
    Buffer logSumExp = like("logSumExp");
    backend.logSumExp(x, logSumExp, rows, columns);
    check("logSumExp", logSumExp);
  }

  private void sgd() {
    double[] options = golden.get("options");
    Buffer weight = input("weight");
    Buffer velocity = like("weight");
    backend.fill(velocity, 0);
    for (int step = 0; step < 3; step++) {
      backend.sgd(
          List.of(weight), List.of(input("gradient" + step)), List.of(velocity), options[0],
          options[1], options[2], options[3] == 1);
      check("weight" + step, weight);
    }
  }

  private Buffer input(String key) {
    double[] values = golden.get(key);
    Buffer buffer = like(key);
    backend.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private Buffer like(String key) {
    return scope.add(backend.allocate(backend.dtype(), golden.get(key).length));
  }

  private void check(String key, Buffer buffer) {
    double[] expected = golden.get(key);
    double[] actual = new double[expected.length];
    backend.download(buffer, 0, actual, 0, actual.length);
    Tolerance tolerance =
        backend.dtype() == DType.F64
            ? Tolerance.override(1e-12, 1e-12, "two orders of summation in float64")
            : Tolerance.override(1e-5, 1e-5, "sums of up to 100 terms near 1 in float32");
    tolerance.check(key, actual, expected);
  }

  private static List<Golden> read() throws IOException {
    List<Golden> goldens = new ArrayList<>();
    String text;
    try (InputStream in = KernelGoldenTest.class.getResourceAsStream(FILE)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (String line : text.split("\n")) {
      String[] words = line.split(" ");
      if (words[0].equals("case")) {
        goldens.add(new Golden(words[1], words[2], new HashMap<>()));
        continue;
      }
      double[] values = new double[words.length - 1];
      for (int i = 0; i < values.length; i++) {
        values[i] = Double.parseDouble(words[i + 1]);
      }
      goldens.get(goldens.size() - 1).values().put(words[0], values);
    }
    return goldens;
  }
}
