package io.sagitta.nn.data;

import io.sagitta.kernels.Philox;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A procedural data set that needs no files: RGB images of textured classes. A class is two
 * coloured gratings (orientation, frequency, colour). A sample shows them faintly, at phases of its
 * own, under two gratings of no class, three coloured spots and pixel noise; one label in eight is
 * wrong. So a network learns the classes in part and has to memorise the rest, as on photographs,
 * and members of its training set can be told from others.
 *
 * <p>Sample i is a function of (seed, i, classes, side) alone, computed in exact or IEEE-strict
 * arithmetic, so any split of the work gives the same bits on every machine.
 */
public final class Synthetic {
  /** Where the test samples begin, beyond any training set. */
  public static final long TEST_BEGIN = 1L << 32;

  private static final int CHANNELS = 3;
  private static final int CLASS_GRATINGS = 2;
  private static final int OTHER_GRATINGS = 2;
  private static final int SPOTS = 3;
  private static final double WRONG_LABELS = 0.125;
  private static final double CLASS_CONTRAST = 16;
  private static final double OTHER_CONTRAST = 60;
  private static final double SPOT_CONTRAST = 90;
  private static final double NOISE = 40;

  /** One turn of a cosine, so that the samples need no transcendental functions. */
  private static final double[] COSINE = cosine(1 << 12);

  private final Philox philox;
  private final int classes;
  private final int side;
  private final Grating[][] textures;

  private Synthetic(long seed, int classes, int side) {
    this.philox = new Philox(seed);
    this.classes = classes;
    this.side = side;
    this.textures = new Grating[classes][CLASS_GRATINGS];
    for (int label = 0; label < classes; label++) {
      Draws draws = new Draws(philox, Streams.syntheticClass(label));
      for (int g = 0; g < CLASS_GRATINGS; g++) {
        textures[label][g] = Grating.draw(draws);
      }
    }
  }

  /**
   * Samples 0 to samples − 1: the training set.
   *
   * @param classes 2 to 1,000
   * @param side height and width in pixels, 4 to 512
   */
  public static ImageDataset generate(long seed, int samples, int classes, int side) {
    return generate(seed, 0, samples, classes, side);
  }

  /**
   * Samples begin to begin + samples − 1 of the same endless sequence.
   *
   * @param classes 2 to 1,000
   * @param side height and width in pixels, 4 to 512
   */
  public static ImageDataset generate(
      long seed, long begin, int samples, int classes, int side) {
    requireIn("classes", classes, 2, 1_000);
    requireIn("side", side, 4, 512);
    int each = side * side * CHANNELS;
    requireIn("samples", samples, 0, (Integer.MAX_VALUE - 8) / each);
    Synthetic maker = new Synthetic(seed, classes, side);
    byte[] pixels = new byte[samples * each];
    int[] labels = new int[samples];
    IntStream.range(0, samples)
        .parallel()
        .forEach(i -> labels[i] = maker.sample(begin + i, pixels, i * each));
    List<String> names =
        IntStream.range(0, classes).mapToObj(label -> "texture " + label).toList();
    return new ImageDataset(
        "synthetic/" + seed + "/" + begin, names, side, side, CHANNELS, pixels, labels,
        Normalization.SYNTHETIC);
  }

  private static void requireIn(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "synthetic: expected " + what + " in " + least + ".." + most + ", got " + value);
    }
  }

  /** Draws one image and returns its label. */
  private int sample(long index, byte[] pixels, int at) {
    Draws draws = new Draws(philox, Streams.syntheticSample(index));
    int texture = (int) (draws.next() * classes);
    boolean wrong = draws.next() < WRONG_LABELS;
    int other = (texture + 1 + (int) (draws.next() * (classes - 1))) % classes;
    double[] image = new double[side * side * CHANNELS];
    for (Grating grating : textures[texture]) {
      grating.add(image, side, CLASS_CONTRAST * (0.5 + draws.next()), draws.next());
    }
    for (int g = 0; g < OTHER_GRATINGS; g++) {
      Grating.draw(draws).add(image, side, OTHER_CONTRAST * draws.next(), draws.next());
    }
    for (int s = 0; s < SPOTS; s++) {
      addSpot(image, draws);
    }
    for (int i = 0; i < image.length; i++) {
      double value = 127.5 + image[i] + NOISE * (2 * draws.next() - 1);
      pixels[at + i] = (byte) Math.max(0, Math.min(255, Math.round(value)));
    }
    return wrong ? other : texture;
  }

  /** A round bump of one colour: (1 − d²/r²)². */
  private void addSpot(double[] image, Draws draws) {
    double centreY = draws.next() * side;
    double centreX = draws.next() * side;
    double radius = (0.1 + 0.2 * draws.next()) * side;
    double[] colour = draws.colour();
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double dy = (y - centreY) / radius;
        double dx = (x - centreX) / radius;
        double rest = 1 - dy * dy - dx * dx;
        if (rest > 0) {
          for (int c = 0; c < CHANNELS; c++) {
            image[(y * side + x) * CHANNELS + c] += SPOT_CONTRAST * colour[c] * rest * rest;
          }
        }
      }
    }
  }

  /**
   * A wave over the image.
   *
   * @param cyclesY cycles from the top edge to the bottom
   * @param cyclesX cycles from the left edge to the right
   * @param colour its weight in each channel, −1 to 1
   */
  private record Grating(double cyclesY, double cyclesX, double[] colour) {
    static Grating draw(Draws draws) {
      double turn = draws.next() * COSINE.length / 2;
      double cycles = 2 + 5 * draws.next();
      int angle = (int) turn;
      double sine = COSINE[angle + COSINE.length * 3 / 4 & COSINE.length - 1];
      return new Grating(cycles * sine, cycles * COSINE[angle], draws.colour());
    }

    void add(double[] image, int side, double contrast, double phase) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double turns = phase + (cyclesY * y + cyclesX * x) / side;
          long step = (long) StrictMath.floor(turns * COSINE.length);
          double wave = contrast * COSINE[(int) step & COSINE.length - 1];
          for (int c = 0; c < CHANNELS; c++) {
            image[(y * side + x) * CHANNELS + c] += wave * colour[c];
          }
        }
      }
    }
  }

  private static double[] cosine(int steps) {
    double[] cosine = new double[steps];
    for (int i = 0; i < steps; i++) {
      cosine[i] = StrictMath.cos(2 * StrictMath.PI * i / steps);
    }
    return cosine;
  }

  /** The numbers of one stream, one after another, each of 32 random bits. */
  private static final class Draws {
    private final Philox philox;
    private final long stream;
    private final int[] words = new int[4];
    private long drawn;

    Draws(Philox philox, long stream) {
      this.philox = philox;
      this.stream = stream;
    }

    double next() {
      int word = (int) (drawn & 3);
      if (word == 0) {
        philox.block(stream, drawn >>> 2, words);
      }
      drawn++;
      return (words[word] & 0xFFFFFFFFL) * 0x1p-32;
    }

    double[] colour() {
      return new double[] {2 * next() - 1, 2 * next() - 1, 2 * next() - 1};
    }
  }
}
