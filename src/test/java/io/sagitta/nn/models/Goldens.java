package io.sagitta.nn.models;

import io.sagitta.kernels.Backend;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.layers.ParameterSpec;
import io.sagitta.nn.layers.ParameterSpec.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** What {@code goldens/nn/models.py} fills networks and batches with, and what it computed. */
public final class Goldens {
  private static final Path FOLDER = folder();

  private Goldens() {}

  private static Path folder() {
    try {
      return Path.of(Goldens.class.getResource("/goldens/nn/models.py").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A file of the goldens' folder. */
  public static Path path(String name) {
    return FOLDER.resolve(name);
  }

  /** The float64 tensors of a golden file. */
  public static double[] doubles(String file, String tensor) {
    return Safetensors.read(path(file)).entry(tensor).doubles();
  }

  /** The lines of a golden text. */
  public static List<String> lines(String file) {
    try {
      return Files.readAllLines(path(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Numbers in [−1, 1) with 24 bits, from a 32-bit integer hash of (key's CRC-32, element). */
  public static double[] uniform(String key, int count) {
    CRC32 crc = new CRC32();
    crc.update(key.getBytes(StandardCharsets.UTF_8));
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      int x = (int) crc.getValue() + i * 0x9E3779B1;
      x ^= x >>> 16;
      x *= 0x7FEB352D;
      x ^= x >>> 15;
      x *= 0x846CA68B;
      x ^= x >>> 16;
      values[i] = (x >>> 8) * 0x1p-23 - 1;
    }
    return values;
  }

  /** Images [n, size, size, 3]. */
  public static float[] images(String key, int n, int size) {
    double[] u = uniform(key, n * size * size * 3);
    float[] images = new float[u.length];
    for (int i = 0; i < u.length; i++) {
      images[i] = (float) (2 * u[i]);
    }
    return images;
  }

  /** n labels below {@code classes}. */
  public static int[] labels(String key, int n, int classes) {
    double[] u = uniform(key, n);
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (int) ((u[i] + 1) / 2 * classes);
    }
    return labels;
  }

  /** A network's weights, filled by the formula. */
  public static Weights weights(Model model, Backend backend) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (ParameterSpec parameter : model.parameters()) {
      if (parameter.kind() != Kind.COUNTER) {
        entries.put(
            parameter.name(),
            Entry.ofFloats(parameter.name(), parameter.shape().longs(), value(parameter)));
      }
    }
    return Weights.of(model, backend, entries, Path.of("goldens"));
  }

  private static float[] value(ParameterSpec parameter) {
    double[] u = uniform(parameter.name(), Math.toIntExact(parameter.shape().elements()));
    float[] values = new float[u.length];
    int rank = parameter.shape().rank();
    for (int i = 0; i < u.length; i++) {
      double value;
      if (rank > 1) {
        value = u[i] / Math.sqrt(parameter.shape().elements(1, rank));
        value *= rank == 4 ? Math.sqrt(3) : 1;
      } else if (parameter.name().endsWith("running_var")) {
        value = 1 + 0.5 * u[i];
      } else if (parameter.name().endsWith(".weight")) {
        value = 1 + 0.2 * u[i];
      } else {
        value = 0.1 * u[i];
      }
      values[i] = (float) value;
    }
    return values;
  }

  /** ‖a − b‖ / ‖b‖. */
  public static double relativeError(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new AssertionError("expected " + b.length + " values, got " + a.length);
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += b[i] * b[i];
    }
    return Math.sqrt(difference / norm);
  }
}
