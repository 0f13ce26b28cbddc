package io.sagitta.nn.privacy;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How privately a network is trained: by clipped, noisy sums over batches that are drawn anew for each
 * step (Abadi and others, "Deep Learning with Differential Privacy", CCS 2016).
 *
 * @param epsilon ε to be kept, from which the noise follows; 0 where the noise is given
 * @param noise σ, the noise's deviation in multiples of {@code clip}: 0 where ε is given, or for
 *     clipping alone; else at least 0.05
 * @param delta δ, in (0, 1); below one over the number of members to mean something
 * @param clip the norm that each sample's gradient is clipped to
 * @param virtualBatch images that are computed on at a time, which bounds the memory; 0 for a batch
 */
public record Privacy(
    double epsilon, double noise, double delta, double clip, int virtualBatch) {
  /** The paper's δ. */
  public static final double DELTA = 1e-5;

  /** The key of ε in metadata. */
  public static final String EPSILON_KEY = "dp_epsilon";

  /** The key of δ in metadata. */
  public static final String DELTA_KEY = "dp_delta";

  private static final String KEYS = "dp_";

  /** Checks. */
  public Privacy {
    require(epsilon >= 0 && Double.isFinite(epsilon), "a finite epsilon >= 0", epsilon);
    RdpAccountant.requireNoise(noise);
    require(epsilon == 0 || noise == 0, "either epsilon or noise", epsilon + " and " + noise);
    require(delta > 0 && delta < 1, "delta in (0, 1)", delta);
    require(clip > 0 && Double.isFinite(clip), "a finite clipping norm above 0", clip);
    require(virtualBatch >= 0, "a virtual batch of at least 1, or 0", virtualBatch);
  }

  private static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException("privacy: expected " + expected + ", got " + got);
    }
  }

  /**
   * A promise, with the paper's δ = 1e-5 and clipping norm 1.
   *
   * @throws IllegalArgumentException if {@code epsilon} is not above 0
   */
  public static Privacy ofEpsilon(double epsilon) {
    require(epsilon > 0, "epsilon above 0", epsilon);
    return new Privacy(epsilon, 0, DELTA, 1, 0);
  }

  /** A noise, with the same; 0 for clipping alone, which promises nothing. */
  public static Privacy ofNoise(double noise) {
    return new Privacy(0, noise, DELTA, 1, 0);
  }

  /** The same for another ε, from which the noise follows. */
  public Privacy keeping(double target) {
    return new Privacy(target, 0, delta, clip, virtualBatch);
  }

  /** The same with another clipping norm. */
  public Privacy clippingAt(double norm) {
    return new Privacy(epsilon, noise, delta, norm, virtualBatch);
  }

  /** The same with another number of images at a time. */
  public Privacy inVirtualBatchesOf(int images) {
    return new Privacy(epsilon, noise, delta, clip, images);
  }

  /** In words: {@code epsilon 3.0, delta 1.0E-5, clip 1.0}. */
  @Override
  public String toString() {
    String much = epsilon > 0 ? "epsilon " + epsilon : "noise " + noise;
    String text = much + ", delta " + delta + ", clip " + clip;
    return virtualBatch == 0 ? text : text + ", virtual batch " + virtualBatch;
  }

  /**
   * What comes of it.
   *
   * @param members of the training set
   * @param batch the mean size of a step's batch
   * @param epochs passes over the members, in the mean
   * @throws IllegalArgumentException if the batch is larger than the training set, ε cannot be
   *     reached, or the noise exceeds what the batch can say
   */
  public Promise promise(int members, int batch, int epochs) {
    if (batch > members) {
      throw new IllegalArgumentException(
          "privacy: expected a batch of at most the " + members + " members, got " + batch);
    }
    int stepsPerEpoch = Math.max(1, (int) Math.round((double) members / batch));
    double sampleRate = (double) batch / members;
    RdpAccountant accountant =
        new RdpAccountant(sampleRate, (long) stepsPerEpoch * epochs, delta);
    double sigma = epsilon > 0 ? accountant.noise(epsilon) : noise;
    if (sigma >= batch) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "batch: expected more images a step than the noise multiplier %.4g%s, got %d: along"
                  + " any direction the noise exceeds the sum of %d clipped gradients; enlarge the"
                  + " batch, or epsilon",
              sigma, epsilon > 0 ? " that epsilon " + epsilon + " wants" : "", batch, batch));
    }
    return new Promise(
        this, members, sampleRate, stepsPerEpoch, sigma, accountant.epsilon(sigma));
  }

  /** What a file's metadata say of the privacy of a training; empty where they say nothing. */
  public static Map<String, String> recorded(Map<String, String> metadata) {
    Map<String, String> recorded = new LinkedHashMap<>(metadata);
    recorded.keySet().removeIf(key -> !key.startsWith(KEYS));
    return recorded;
  }

  /**
   * What a training keeps.
   *
   * @param privacy what was asked
   * @param members of the training set
   * @param sampleRate the probability with which a step takes each member
   * @param noise σ, in multiples of the clipping norm
   * @param epsilon ε that all steps together keep, at most that asked for; infinite without noise
   */
  public record Promise(
      Privacy privacy, int members, double sampleRate, int stepsPerEpoch, double noise,
      double epsilon) {
    /** The fields as text, as the files of weights record them. */
    public Map<String, String> metadata() {
      Map<String, String> metadata = new LinkedHashMap<>();
      metadata.put(EPSILON_KEY, Double.toString(epsilon));
      metadata.put(DELTA_KEY, Double.toString(privacy.delta));
      metadata.put("dp_noise", Double.toString(noise));
      metadata.put("dp_clip", Double.toString(privacy.clip));
      metadata.put("dp_sample_rate", Double.toString(sampleRate));
      metadata.put("dp_steps_per_epoch", Integer.toString(stepsPerEpoch));
      metadata.put("dp_accountant", "rdp");
      return metadata;
    }
  }
}
