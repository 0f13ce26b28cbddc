package io.sagitta.bench;

import io.sagitta.kernels.Conv2dGeometry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One pass of one convolution, "same" padding, over a batch of square images. Its name on the
 * command line is {@code conv-PASS-INxOUT-SIZE-kKERNELsSTRIDE}, such as {@code
 * conv-forward-64x128-32-k3s2}.
 *
 * @param pass forward, or the gradient of input or weight
 * @param in channels in
 * @param out channels out
 * @param size rows and columns of the input
 * @param kernel rows and columns of the kernel
 * @param stride rows and columns between outputs
 */
public record ConvolutionWork(Pass pass, int in, int out, int size, int kernel, int stride) {
  private static final Pattern NAME =
      Pattern.compile("conv-(forward|input|weight)-(\\d+)x(\\d+)-(\\d+)-k(\\d+)s(\\d+)");

  /** The convolutions of a ResNet-18 for 32×32 images: in, out, size, kernel, stride. */
  private static final int[][] RESNET18 = {
    {3, 64, 32, 3, 1}, {64, 64, 32, 3, 1},
    {64, 128, 32, 3, 2}, {64, 128, 32, 1, 2}, {128, 128, 16, 3, 1},
    {128, 256, 16, 3, 2}, {128, 256, 16, 1, 2}, {256, 256, 8, 3, 1},
    {256, 512, 8, 3, 2}, {256, 512, 8, 1, 2}, {512, 512, 4, 3, 1},
  };

  /** Which of the three forms of a convolution. */
  public enum Pass {
    /** The images from images and weights. */
    FORWARD,
    /** The gradient of the images that went in. */
    INPUT,
    /** The gradient of the weights. */
    WEIGHT;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether a workload's name is that of a convolution. */
  static boolean names(String id) {
    return NAME.matcher(id).matches();
  }

  /** The work of a name. */
  public static ConvolutionWork of(String id) {
    Matcher name = NAME.matcher(id);
    if (!name.matches()) {
      throw new IllegalArgumentException("workload: expected " + NAME + ", got " + id);
    }
    int[] sizes = new int[5];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Integer.parseInt(name.group(i + 2));
    }
    Pass pass = Pass.valueOf(name.group(1).toUpperCase(Locale.ROOT));
    return new ConvolutionWork(pass, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
  }

  /** Each pass of each convolution of ResNet-18; the stem's images want no gradient. */
  static List<ConvolutionWork> resnet18() {
    return Arrays.stream(RESNET18)
        .flatMap(
            l ->
                Stream.of(Pass.values())
                    .filter(pass -> pass != Pass.INPUT || l[0] > 3)
                    .map(pass -> new ConvolutionWork(pass, l[0], l[1], l[2], l[3], l[4])))
        .toList();
  }

  /** The name on the command line. */
  public String id() {
    return "conv-" + pass.id() + "-" + in + "x" + out + "-" + size + "-k" + kernel + "s" + stride;
  }

  /** The geometry over a batch. */
  public Conv2dGeometry geometry(int batch) {
    return new Conv2dGeometry(batch, size, size, in, out, kernel, kernel, stride, kernel / 2, 1);
  }

  /** Multiplications and additions for one image; the same in all three passes. */
  public double flopPerSample() {
    Conv2dGeometry g = geometry(1);
    return 2.0 * g.outputElements() * in * kernel * kernel;
  }
}
