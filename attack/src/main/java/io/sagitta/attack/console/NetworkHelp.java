package io.sagitta.attack.console;

/** What the options that name a network say of it. */
public final class NetworkHelp {
  /** The value of {@code --arch}. */
  public static final String ARCHITECTURES =
      "resnet8, resnet20, resnet32, resnet56, resnet18, resnet34, resnet50, vgg11, vgg16, lenet5,"
          + " mlp or vit-tiny";

  /** The value of {@code --width}. */
  public static final String WIDTH =
      "Width: channels of the first stage (default: 16; 64 for resnet18, 34 and 50 and vgg), of"
          + " the first convolution (lenet5: 6), hidden units (mlp: 512), numbers of a token, a"
          + " multiple of 3 (vit-tiny: 192).";

  private NetworkHelp() {}
}
