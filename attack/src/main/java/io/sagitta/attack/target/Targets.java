package io.sagitta.attack.target;

import io.sagitta.nn.data.ImageDataset;
import java.util.ServiceLoader;
import java.util.TreeSet;

/** Opens targets by what users call them. */
public final class Targets {
  /** What there may be, for messages. */
  public static final String EXPECTED =
      "onnx:FILE, http(s)://HOST/v2/models/NAME or WEIGHTS.safetensors";

  private Targets() {}

  /** Whether a specification names the weights of a network of Sagitta's. */
  public static boolean isWeights(String specification) {
    return specification.endsWith(".safetensors") && !specification.matches("(?i)[a-z]{2,}:.*");
  }

  /** Whether a specification names an endpoint. */
  public static boolean isEndpoint(String specification) {
    return specification.matches("(?i)https?://.*");
  }

  /**
   * Opens a target that is only asked.
   *
   * @param images it will be asked about such images
   * @throws IllegalArgumentException if nothing here opens such a target
   * @throws TargetException if it does not answer, or does not fit the images
   */
  public static Target open(String specification, ImageDataset images, TargetSettings settings) {
    if (isEndpoint(specification)) {
      return new HttpTarget(specification, images, settings);
    }
    TreeSet<String> schemes = new TreeSet<>();
    for (TargetProvider provider : ServiceLoader.load(TargetProvider.class)) {
      schemes.add(provider.scheme());
      if (specification.startsWith(provider.scheme() + ":")) {
        return provider.open(
            specification.substring(provider.scheme().length() + 1), images, settings);
      }
    }
    if (specification.startsWith("onnx:")) {
      throw new IllegalArgumentException(
          "target: expected the module sagitta-onnx for '" + specification + "', found "
              + (schemes.isEmpty() ? "no provider" : "providers of " + schemes)
              + "; ./sagitta builds it where a command line names an onnx: target");
    }
    throw new IllegalArgumentException(
        "target: expected " + EXPECTED + ", got '" + specification + "'");
  }
}
