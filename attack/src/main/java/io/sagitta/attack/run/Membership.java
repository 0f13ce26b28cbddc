package io.sagitta.attack.run;

import io.sagitta.kernels.Philox;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which model is trained on which sample: random halves and their complements. Models 2p and 2p + 1
 * are a pair; sample s is a member of the first where {@code uniform(p, s) > 0.5} and of the second
 * elsewhere. With an even number of models every sample is a member of exactly half of them; the
 * last model of an odd number is a half without its complement.
 *
 * <p>A function of (seed, model, sample) alone: more models or samples leave the others as they
 * are.
 * Protocol: Ravikumar et al., "Curvature Clues" (NeurIPS 2024).
 */
public final class Membership {
  private static final int PHILOX_PURPOSE = 32;

  private final boolean[][] members;

  private Membership(boolean[][] members) {
    this.members = members;
  }

  /** The memberships of some models. */
  public static Membership generate(long seed, int models, int samples) {
    Philox philox = new Philox(seed);
    boolean[][] members = new boolean[models][samples];
    for (int model = 0; model < models; model++) {
      long stream = Philox.stream(PHILOX_PURPOSE, model / 2);
      boolean first = model % 2 == 0;
      for (int sample = 0; sample < samples; sample++) {
        members[model][sample] = philox.uniform(stream, sample) > 0.5 == first;
      }
    }
    return new Membership(members);
  }

  /** These models and, numbered after them, others of known members. */
  Membership and(List<ExternalTarget> others) {
    boolean[][] all = Arrays.copyOf(members, members.length + others.size());
    for (int i = 0; i < others.size(); i++) {
      all[members.length + i] = others.get(i).members();
    }
    return new Membership(all);
  }

  /** How many models. */
  public int models() {
    return members.length;
  }

  /** Whether a model is trained on a sample. */
  public boolean member(int model, int sample) {
    return members[model][sample];
  }

  /** The samples that a model is trained on, ascending. */
  public int[] members(int model) {
    boolean[] row = members[model];
    return IntStream.range(0, row.length).filter(sample -> row[sample]).toArray();
  }

  /**
   * Writes {@code members} U8 [models, samples] and {@code labels} I64 [samples].
   *
   * @param labels [samples]
   */
  void write(Path file, int[] labels, Map<String, String> metadata) {
    long[] shape = {members.length, labels.length};
    long[] wide = Arrays.stream(labels).asLongStream().toArray();
    Safetensors.write(
        file,
        List.of(
            Safetensors.Entry.ofUnsignedBytes("members", shape, bytes()),
            Safetensors.Entry.ofLongs("labels", new long[] {labels.length}, wide)),
        metadata);
  }

  /**
   * Compares with a file, whose last models may be missing or others: external targets come and go.
   *
   * @param own how many of the models come from the run's seed
   * @return whether all is equal
   * @throws BadFileException if it holds other memberships of these
   */
  boolean isIn(Path file, int own) {
    byte[] found = Safetensors.read(file).entry("members").bytes();
    byte[] expected = bytes();
    int count = members.length == 0 ? 0 : expected.length / members.length * own;
    if (found.length < count || !Arrays.equals(found, 0, count, expected, 0, count)) {
      throw new BadFileException(
          file, "expected the memberships that the run's seed gives, found others");
    }
    return Arrays.equals(found, expected);
  }

  private byte[] bytes() {
    int samples = members.length == 0 ? 0 : members[0].length;
    byte[] bytes = new byte[members.length * samples];
    for (int model = 0; model < members.length; model++) {
      for (int sample = 0; sample < samples; sample++) {
        bytes[model * samples + sample] = (byte) (members[model][sample] ? 1 : 0);
      }
    }
    return bytes;
  }
}
