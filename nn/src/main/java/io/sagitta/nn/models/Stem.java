package io.sagitta.nn.models;

/** How a network begins, and with it the spelling of its parameters. */
public enum Stem {
  /** A 3×3 convolution at full resolution; {@code shortcut.0}, {@code linear} as in the paper. */
  CIFAR,
  /** A 7×7 convolution and a pooling, each with stride 2; {@code downsample.0}, {@code fc}. */
  IMAGENET
}
