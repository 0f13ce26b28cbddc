package io.sagitta.attack.run;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A target that the run did not train: {@code targets/0017.safetensors} with {@code members} U8
 * [samples] and, in the metadata, what it is. It is numbered after the run's own models.
 *
 * @param name what users call it: an address, or a file
 * @param members [samples]: what it was trained on, as its owner knows
 */
public record ExternalTarget(int model, String name, boolean[] members) {
  private static final String NAME_KEY = "target";

  /** Those of a run, in order. */
  static List<ExternalTarget> all(Run run) {
    List<ExternalTarget> found = new ArrayList<>();
    for (int model = run.config().models(); Files.exists(file(run, model)); model++) {
      found.add(read(run, model));
    }
    return found;
  }

  /** The folder of what belongs to them. */
  static Path folder(Path run) {
    return run.resolve("targets");
  }

  private static Path file(Run run, int model) {
    return ScoreFiles.file(folder(run.folder()), model);
  }

  private static ExternalTarget read(Run run, int model) {
    Path path = file(run, model);
    Safetensors.File file = Safetensors.read(path);
    run.requireOwn(path, file.metadata());
    byte[] bytes = file.entry("members").bytes();
    String name = file.metadata().get(NAME_KEY);
    if (bytes.length != run.record().pool().samples() || name == null) {
      throw new BadFileException(
          path, "expected memberships of " + run.record().pool().samples()
              + " samples and a name, found " + bytes.length + " and " + name);
    }
    boolean[] members = new boolean[bytes.length];
    for (int s = 0; s < bytes.length; s++) {
      members[s] = bytes[s] != 0;
    }
    return new ExternalTarget(model, name, members);
  }

  void write(Run run) {
    byte[] bytes = new byte[members.length];
    for (int s = 0; s < bytes.length; s++) {
      bytes[s] = (byte) (members[s] ? 1 : 0);
    }
    Map<String, String> metadata = run.metadata();
    metadata.put("model", Integer.toString(model));
    metadata.put(NAME_KEY, name);
    Safetensors.write(
        file(run, model),
        List.of(Entry.ofUnsignedBytes("members", new long[] {bytes.length}, bytes)), metadata);
  }

  /** Whether it is that target with those members. */
  boolean is(String other, boolean[] theirs) {
    return name.equals(other) && Arrays.equals(members, theirs);
  }
}
