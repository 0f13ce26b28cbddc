package io.sagitta.nn.models;

import java.util.List;

/** Makes networks by name. */
public final class Models {
  private Models() {}

  /** The network of a specification. */
  public static Model create(ModelSpec spec) {
    return new ResNet(spec);
  }

  /** The names there are. */
  public static List<String> architectures() {
    return Architecture.ids();
  }
}
