package io.sagitta.attack.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Loss against curvature, a dot an image, on two logarithmic axes. Of many images, evenly spaced
 * ones stand for all.
 *
 * @param loss {@code [samples]}; what is not positive is left out
 * @param curvature {@code [samples]}, likewise
 * @param member {@code [samples]}: the colour
 */
record ScatterChart(double[] loss, double[] curvature, boolean[] member) {
  /** The most dots of a colour. */
  static final int MOST_DOTS = 1500;

  private static final int MOST_MARKS = 6;
  private static final double MARGIN = 0.15;

  /** Whether there is a dot of each colour. */
  boolean hasBoth() {
    return chosen(true).length > 0 && chosen(false).length > 0;
  }

  Picture picture() {
    return Picture.drawn(Axes.HEIGHT, this::draw);
  }

  private void draw(Drawing drawing) {
    int[] in = chosen(true);
    int[] out = chosen(false);
    Axes axes = new Axes(drawing, scale(loss, in, out), scale(curvature, in, out));
    axes.frame("loss, nats", "curvature");
    double radius = in.length + out.length > 1000 ? 1.5 : 2.1;
    axes.dots(logs(loss, out), logs(curvature, out), radius, Palette.NONMEMBER, 0.6);
    axes.dots(logs(loss, in), logs(curvature, in), radius, Palette.MEMBER, 0.6);
    Key key = new Key(drawing, Axes.WIDTH - 146, Axes.HEIGHT - 84);
    key.dot("members", Palette.MEMBER);
    key.dot("non-members", Palette.NONMEMBER);
  }

  private int[] chosen(boolean members) {
    int[] all =
        IntStream.range(0, loss.length)
            .filter(s -> member[s] == members && positive(loss[s]) && positive(curvature[s]))
            .toArray();
    int count = Math.min(MOST_DOTS, all.length);
    return IntStream.range(0, count)
        .map(i -> all[(int) ((long) i * all.length / count)])
        .toArray();
  }

  private static boolean positive(double value) {
    return value > 0 && value < Double.POSITIVE_INFINITY;
  }

  private static double[] logs(double[] values, int[] samples) {
    return Arrays.stream(samples).mapToDouble(s -> Math.log10(values[s])).toArray();
  }

  private static Scale scale(double[] values, int[] in, int[] out) {
    double[] logs = DoubleStream.concat(
            Arrays.stream(logs(values, in)), Arrays.stream(logs(values, out)))
        .sorted()
        .toArray();
    double from = Math.min(logs[0] - MARGIN, Math.ceil(logs[0]));
    double to = Math.max(logs[logs.length - 1] + MARGIN, from + 1);
    return Scale.decades(from, to, MOST_MARKS, Scale::power);
  }
}
