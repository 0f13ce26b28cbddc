package io.sagitta.nn.models;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Names;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.layers.ParameterSpec;
import io.sagitta.nn.layers.ParameterSpec.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A network's numbers on one backend: its trainable parameters and running statistics, by name, in
 * PyTorch's order and layout. They live until closed and are changed in place by training. How many
 * batches the normalisations have seen is the same for all of them and kept as one number.
 */
public final class Weights implements AutoCloseable {
  /** The purpose of the random streams; the item is the parameter's place in the model. */
  private static final int INITIALIZE = 24;

  private final Model model;
  private final Backend backend;
  private final Scope owner = Scope.detached();
  private final Map<String, DenseTensor> tensors = new LinkedHashMap<>();
  private long batchesTracked;

  private Weights(Model model, Backend backend) {
    this.model = model;
    this.backend = backend;
  }

  private static Weights make(
      Model model, Backend backend, Function<ParameterSpec, DenseTensor> maker) {
    Weights weights = new Weights(model, backend);
    boolean done = false;
    try (Scope scope = Scope.open()) {
      for (ParameterSpec parameter : model.parameters()) {
        if (parameter.kind() != Kind.COUNTER) {
          DenseTensor tensor = scope.move(maker.apply(parameter), weights.owner);
          weights.tensors.put(parameter.name(), tensor);
        }
      }
      done = true;
      return weights;
    } finally {
      if (!done) {
        weights.close();
      }
    }
  }

  /**
   * PyTorch's default start: convolutions, dense weights and their biases uniform in ±1/√fan-in
   * (Kaiming-uniform with a = √5), normalisations 1 and 0; transformers as torchvision's. A function
   * of the seed and the model alone, rounded to float32, so every backend starts from the same bits.
   */
  public static Weights initialize(Model model, Backend backend, long seed) {
    Philox philox = new Philox(seed);
    int[] place = new int[1];
    return make(
        model,
        backend,
        parameter -> {
          float[] values = initial(parameter, philox, Philox.stream(INITIALIZE, place[0]++));
          return Tensor.of(backend, parameter.shape(), values);
        });
  }

  /**
   * A uniform element e takes the upper 24 bits of word {@code e mod 4} of the block {@code e / 4}, a
   * normal one the block {@code e}.
   */
  private static float[] initial(ParameterSpec parameter, Philox philox, long stream) {
    float[] values = new float[Math.toIntExact(parameter.shape().elements())];
    ParameterSpec.Initial law = parameter.initial();
    if (law.deviation() > 0) {
      for (int e = 0; e < values.length; e++) {
        values[e] = (float) (law.mean() + law.deviation() * philox.normal(stream, e));
      }
      return values;
    }
    int[] words = new int[4];
    for (int e = 0; e < values.length; e++) {
      if ((e & 3) == 0) {
        philox.block(stream, e >>> 2, words);
      }
      double uniform = (words[e & 3] >>> 8) * 0x1p-24;
      values[e] = (float) (law.mean() + law.bound() * (2 * uniform - 1));
    }
    return values;
  }

  /**
   * Reads a safetensors file whose names are the model's, in either spelling: {@code shortcut.0},
   * {@code linear} or {@code downsample.0}, {@code fc}; {@code mlp.0} or {@code mlp.linear_1}. Counters of batches may be missing.
   *
   * @throws BadFileException if the file is damaged or does not fit the model,
   *     naming the missing and unexpected tensors and the wrong shapes, or the first tensor with a
   *     number that is not finite
   */
  public static Weights load(Model model, Backend backend, Path file) {
    return of(model, backend, Safetensors.read(file).entries(), file);
  }

  /**
   * Makes weights of a file's tensors.
   *
   * @param file what errors name
   * @throws BadFileException as {@link #load}
   */
  public static Weights of(
      Model model, Backend backend, Map<String, Safetensors.Entry> entries, Path file) {
    WeightEntries fitting = WeightEntries.match(model, entries, file);
    Weights weights =
        make(
            model,
            backend,
            parameter ->
                Tensor.of(backend, parameter.shape(), finite(fitting, parameter.name(), file)));
    weights.batchesTracked = fitting.batchesTracked();
    return weights;
  }

  private static double[] finite(WeightEntries entries, String name, Path file) {
    double[] values = entries.entry(name).doubles();
    int at = firstNotFinite(values);
    if (at >= 0) {
      throw new BadFileException(
          file,
          "expected finite weights, found " + values[at] + " in " + Names.quote(name)
              + ", element " + at);
    }
    return values;
  }

  private static int firstNotFinite(double[] values) {
    int at = 0;
    while (at < values.length && Double.isFinite(values[at])) {
      at++;
    }
    return at < values.length ? at : -1;
  }

  /** The name of the first tensor with a number that is not finite, or null. */
  public String firstNotFinite() {
    return tensors.entrySet().stream()
        .filter(tensor -> firstNotFinite(tensor.getValue().toDoubles()) >= 0)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /**
   * Writes a safetensors file, whole or not at all, in the backend's precision.
   *
   * @param metadata free text for its header, beside what the model's specification says
   */
  public void save(Path file, Map<String, String> metadata) {
    Map<String, String> all = new LinkedHashMap<>(model.spec().metadata());
    all.putAll(metadata);
    Safetensors.write(file, entries(), all);
  }

  /** Everything as the tensors of a safetensors file. */
  public List<Safetensors.Entry> entries() {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (ParameterSpec parameter : model.parameters()) {
      entries.add(
          parameter.kind() == Kind.COUNTER
              ? Safetensors.Entry.ofLongs(
                  parameter.name(), new long[0], new long[] {batchesTracked})
              : entry(parameter.name(), tensors.get(parameter.name())));
    }
    return entries;
  }

  /** A tensor as it stands in a safetensors file. */
  public static Safetensors.Entry entry(String name, DenseTensor tensor) {
    long[] shape = tensor.shape().longs();
    return tensor.type() == DType.F64
        ? Safetensors.Entry.ofDoubles(name, shape, tensor.toDoubles())
        : Safetensors.Entry.ofFloats(name, shape, tensor.toFloats());
  }

  /** The same numbers on another backend, rounded to its precision. */
  public Weights copyTo(Backend other) {
    Weights copy =
        make(
            model,
            other,
            parameter ->
                Tensor.of(other, parameter.shape(), tensors.get(parameter.name()).toDoubles()));
    copy.batchesTracked = batchesTracked;
    return copy;
  }

  /** The network these are for. */
  public Model model() {
    return model;
  }

  /** Where they are. */
  public Backend backend() {
    return backend;
  }

  /** The trainable parameters and running statistics, in order; what {@code Pass.eval} takes. */
  public Map<String, DenseTensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** The trainable parameters, in order; what {@code Pass.train} takes. */
  public Map<String, DenseTensor> trainable() {
    Map<String, DenseTensor> trainable = new LinkedHashMap<>();
    model.parameters(Kind.TRAINABLE).forEach(p -> trainable.put(p.name(), tensors.get(p.name())));
    return trainable;
  }

  /**
   * One tensor.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public DenseTensor get(String name) {
    DenseTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          model.spec() + ": expected the name of a parameter, got '" + name + "'");
    }
    return tensor;
  }

  /** How many training batches the running statistics have seen. */
  public long batchesTracked() {
    return batchesTracked;
  }

  /** Counts a training batch. */
  public void countBatch() {
    batchesTracked++;
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    owner.close();
  }
}
