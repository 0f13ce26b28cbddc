package io.sagitta.nn.models;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Names;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.layers.ParameterSpec;
import io.sagitta.nn.layers.ParameterSpec.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A file's tensors under a model's names, all there and of the right shapes. */
final class WeightEntries {
  private final Map<String, Entry> byName;
  private final long batchesTracked;

  private WeightEntries(Map<String, Entry> byName, long batchesTracked) {
    this.byName = byName;
    this.batchesTracked = batchesTracked;
  }

  Entry entry(String name) {
    return byName.get(name);
  }

  long batchesTracked() {
    return batchesTracked;
  }

  static WeightEntries match(Model model, Map<String, Entry> entries, Path file) {
    Map<String, ParameterSpec> expected = new LinkedHashMap<>();
    model.parameters().forEach(p -> expected.put(p.name(), p));
    Map<String, Entry> found = new HashMap<>();
    List<String> unexpected = new ArrayList<>();
    for (Entry entry : entries.values()) {
      String name = expected.containsKey(entry.name()) ? entry.name() : respell(entry.name());
      if (!expected.containsKey(name) || found.putIfAbsent(name, entry) != null) {
        unexpected.add(entry.name());
      }
    }
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    long batches = 0;
    for (ParameterSpec parameter : expected.values()) {
      Entry entry = found.get(parameter.name());
      if (entry == null) {
        if (parameter.kind() != Kind.COUNTER) {
          missing.add(parameter.name());
        }
      } else if (!Arrays.equals(entry.shape(), parameter.shape().longs())) {
        misshapen.add(
            Names.quote(entry.name()) + " expected " + parameter.shape() + ", found "
                + Arrays.toString(entry.shape()));
      } else if (parameter.kind() == Kind.COUNTER) {
        batches = Math.max(batches, entry.longs()[0]);
      }
    }
    if (!missing.isEmpty() || !unexpected.isEmpty() || !misshapen.isEmpty()) {
      throw new BadFileException(file, problem(model, missing, unexpected, misshapen));
    }
    return new WeightEntries(found, batches);
  }

  /** The other of two spellings of a name: the paper's and torchvision's, or torchvision 0.12's. */
  private static String respell(String name) {
    if (name.contains(".mlp.linear_")) {
      return name.replace(".mlp.linear_1.", ".mlp.0.").replace(".mlp.linear_2.", ".mlp.3.");
    }
    if (name.startsWith("fc.")) {
      return "linear." + name.substring(3);
    }
    if (name.startsWith("linear.")) {
      return "fc." + name.substring(7);
    }
    return name.contains(".downsample.")
        ? name.replace(".downsample.", ".shortcut.")
        : name.replace(".shortcut.", ".downsample.");
  }

  private static String problem(
      Model model, List<String> missing, List<String> unexpected, List<String> misshapen) {
    StringBuilder text = new StringBuilder("expected the weights of ").append(model.spec());
    if (!misshapen.isEmpty()) {
      List<String> first = misshapen.subList(0, Math.min(4, misshapen.size()));
      text.append("; wrong shapes: ").append(String.join("; ", first));
      if (misshapen.size() > first.size()) {
        text.append("; and ").append(misshapen.size() - first.size()).append(" more");
      }
    }
    if (!missing.isEmpty()) {
      text.append("; missing: ").append(Names.list(missing));
    }
    if (!unexpected.isEmpty()) {
      text.append("; unexpected: ").append(Names.list(unexpected));
    }
    return text.toString();
  }
}
