package io.sagitta.bench;

import io.sagitta.engine.Shape;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Philox;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a workload computes on, the same for every engine: a network's weights and a batch with its
 * directions. Between processes it is a safetensors file that holds the weights under PyTorch's
 * names, {@code images} F32 [N, 3, 32, 32], {@code labels} I64 [N], and the signs {@code v} and
 * {@code u} I8 [{@value #PROBES}, N, 3, 32, 32], which are those that {@link ZeroOrder} draws.
 */
public final class Problem {
  /** Classes of every network. */
  public static final int CLASSES = 100;

  /** Trials of the zero-order score, and vectors of {@link Workload.Kind#HVP10}. */
  public static final int PROBES = 10;

  /** The zero-order stencil's step. */
  public static final double H = 1e-3;

  /** The learning rate of training. */
  public static final double RATE = 0.01;

  static final long SEED = 1;
  static final int SIDE = 32;
  static final int COLOURS = 3;

  /** Beside those of images and labels. */
  private static final int HEAD_STREAM = 4;

  private static final int PIXELS = SIDE * SIDE;
  private static final int ELEMENTS = COLOURS * PIXELS;
  private static final String IMAGES = "images";
  private static final String LABELS = "labels";
  private static final String V = "v";
  private static final String U = "u";

  /**
   * From PyTorch's start, of variance 1/(3·fan-in), to He's, 2/fan-in: with the former, logits of a
   * deep network in evaluation hardly depend on its input, nor could one check that they do.
   */
  private static final float HE = (float) Math.sqrt(6);

  private final Map<String, Entry> entries;

  private Problem(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** A problem of random images and weights, always the same. */
  public static Problem of(Workload.Kind kind, int batch) {
    Map<String, Entry> entries = weights(model(kind));
    Philox philox = new Philox(SEED);
    float[] pixels = new float[batch * ELEMENTS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) philox.normal(0, i);
    }
    long[] labels = new long[batch];
    Arrays.setAll(labels, i -> philox.integer(2, i, CLASSES));
    long[] images = {batch, COLOURS, SIDE, SIDE};
    entries.put(IMAGES, Entry.ofFloats(IMAGES, images, pixels));
    entries.put(LABELS, Entry.ofLongs(LABELS, new long[] {batch}, labels));
    putDirections(entries, batch);
    return new Problem(entries);
  }

  /** The network of a kind of work. */
  static Model model(Workload.Kind kind) {
    return Models.create(kind.network());
  }

  private static Map<String, Entry> weights(Model model) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    try (Backend host = Devices.open("host");
        Weights initial = Weights.initialize(model, host, SEED)) {
      initial.entries().forEach(entry -> entries.put(entry.name(), spread(entry)));
    }
    return entries;
  }

  private static Entry spread(Entry entry) {
    return switch (entry.shape().length) {
      case 4 -> scaled(entry, HE);
      case 2 -> drawnIfZero(entry);
      default -> entry;
    };
  }

  private static Entry scaled(Entry entry, float factor) {
    float[] values = entry.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return Entry.ofFloats(entry.name(), entry.shape(), values);
  }

  /** A transformer's head begins at zero, under which neither logits nor gradients say anything. */
  private static Entry drawnIfZero(Entry entry) {
    float[] values = entry.floats();
    for (float value : values) {
      if (value != 0) {
        return entry;
      }
    }
    Philox philox = new Philox(SEED);
    double deviation = 1 / Math.sqrt(entry.shape()[1]);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (philox.normal(HEAD_STREAM, i) * deviation);
    }
    return Entry.ofFloats(entry.name(), entry.shape(), values);
  }

  private static void putDirections(Map<String, Entry> entries, int batch) {
    ZeroOrder score = new ZeroOrder(H, PROBES, SEED, batch * 4, Evaluation.plain());
    byte[] v = new byte[PROBES * batch * ELEMENTS];
    byte[] u = new byte[v.length];
    byte[] nhwcV = new byte[ELEMENTS];
    byte[] nhwcU = new byte[ELEMENTS];
    for (int row = 0; row < PROBES * batch; row++) {
      score.directions(row % batch, row / batch, nhwcV, nhwcU);
      for (int i = 0; i < ELEMENTS; i++) {
        v[row * ELEMENTS + i] = nhwcV[nhwc(i)];
        u[row * ELEMENTS + i] = nhwcU[nhwc(i)];
      }
    }
    long[] shape = {PROBES, batch, COLOURS, SIDE, SIDE};
    entries.put(V, Entry.ofBytes(V, shape, v));
    entries.put(U, Entry.ofBytes(U, shape, u));
  }

  /** Reads a problem that was written. */
  public static Problem read(Path file) {
    return new Problem(Safetensors.read(file).entries());
  }

  /** Writes it for other processes. */
  public void write(Path file) {
    Safetensors.write(file, List.copyOf(entries.values()), Map.of());
  }

  /** The same network with fewer images, the first ones. */
  public Problem first(int count) {
    int batch = batch();
    Map<String, Entry> fewer = new LinkedHashMap<>(entries);
    long[] images = {count, COLOURS, SIDE, SIDE};
    float[] pixels = Arrays.copyOf(images(), count * ELEMENTS);
    fewer.put(IMAGES, Entry.ofFloats(IMAGES, images, pixels));
    long[] labels = Arrays.copyOf(labels(), count);
    fewer.put(LABELS, Entry.ofLongs(LABELS, new long[] {count}, labels));
    for (String name : List.of(V, U)) {
      byte[] all = entries.get(name).bytes();
      byte[] some = new byte[PROBES * count * ELEMENTS];
      for (int probe = 0; probe < PROBES; probe++) {
        System.arraycopy(
            all, probe * batch * ELEMENTS, some, probe * count * ELEMENTS, count * ELEMENTS);
      }
      long[] shape = {PROBES, count, COLOURS, SIDE, SIDE};
      fewer.put(name, Entry.ofBytes(name, shape, some));
    }
    return new Problem(fewer);
  }

  /** Images. */
  public int batch() {
    return entries.get(LABELS).size();
  }

  /** [N, 3, 32, 32]. */
  public float[] images() {
    return entries.get(IMAGES).floats();
  }

  /** [N]. */
  public long[] labels() {
    return entries.get(LABELS).longs();
  }

  /** The signs v of one trial, [N, 3, 32, 32]; trial 0 is what Hessians are multiplied by. */
  public float[] v(int trial) {
    return signs(V, trial);
  }

  /** The signs u of one trial, [N, 3, 32, 32]. */
  public float[] u(int trial) {
    return signs(U, trial);
  }

  private float[] signs(String name, int trial) {
    byte[] all = entries.get(name).bytes();
    float[] signs = new float[batch() * ELEMENTS];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = all[trial * signs.length + i];
    }
    return signs;
  }

  /** The network's tensors by name, in PyTorch's order, counters of batches left out. */
  public Map<String, Entry> weights() {
    Map<String, Entry> weights = new LinkedHashMap<>(entries);
    weights.keySet().removeAll(List.of(IMAGES, LABELS, V, U));
    weights.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
    return weights;
  }

  /** Images [N, 3, 32, 32] as [N, 32, 32, 3]. */
  static float[] toNhwc(float[] nchw) {
    float[] turned = new float[nchw.length];
    for (int i = 0; i < turned.length; i++) {
      turned[i / ELEMENTS * ELEMENTS + nhwc(i % ELEMENTS)] = nchw[i];
    }
    return turned;
  }

  /** Images [N, 32, 32, 3] as [N, 3, 32, 32]. */
  static double[] toNchw(double[] nhwc) {
    double[] turned = new double[nhwc.length];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = nhwc[i / ELEMENTS * ELEMENTS + nhwc(i % ELEMENTS)];
    }
    return turned;
  }

  /** Where an element of [3, 32, 32] lies in [32, 32, 3]. */
  private static int nhwc(int element) {
    return element % PIXELS * COLOURS + element / PIXELS;
  }
}
