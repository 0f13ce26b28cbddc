package io.sagitta.attack.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One axis: a range of values and the marks on it.
 *
 * @param from the value at its start
 * @param to the value at its end
 * @param marks ascending; those without words are small
 */
record Scale(double from, double to, List<Mark> marks) {
  /** A place on the axis; no words, no grid line. */
  record Mark(double value, String label) {}

  private static final String SUPERSCRIPTS =
      "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

  private static final double[] ROUND = {1, 2, 5, 10};

  /** Room for rounding where a mark stands at an end. */
  private static final double SLACK = 1e-9;

  /**
   * Marks at round values inside the range, which stays as it is.
   *
   * @param most how many marks there may be, at least 2
   */
  static Scale linear(double from, double to, int most) {
    double least = (to - from) / most;
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    int round = 0;
    while (power * ROUND[round] < least * (1 - SLACK)) {
      round++;
    }
    double step = power * ROUND[round];
    List<Mark> marks = new ArrayList<>();
    for (long i = (long) Math.ceil(from / step - SLACK); i * step <= to + SLACK * step; i++) {
      BigDecimal exact = BigDecimal.valueOf(step).multiply(BigDecimal.valueOf(i));
      String label = exact.signum() == 0 ? "0" : exact.stripTrailingZeros().toPlainString();
      marks.add(new Mark(i * step, label.replace('-', '\u2212')));
    }
    return new Scale(from, to, List.copyOf(marks));
  }

  /**
   * Of common logarithms: a mark a power of ten, and small ones between where there is room.
   *
   * @param most how many marks may have words
   * @param words of a power of ten, from its exponent
   */
  static Scale decades(double from, double to, int most, IntFunction<String> words) {
    int first = (int) Math.ceil(from - SLACK);
    int last = (int) Math.floor(to + SLACK);
    int every = Math.max(1, (int) Math.ceil((last - first + 1) / (double) most));
    List<Mark> marks = new ArrayList<>();
    for (int exponent = first - 1; exponent <= last; exponent++) {
      if (exponent >= first) {
        boolean said = Math.floorMod(last - exponent, every) == 0;
        marks.add(new Mark(exponent, said ? words.apply(exponent) : ""));
      }
      for (int digit = 2; every == 1 && digit < 10; digit++) {
        double value = exponent + Math.log10(digit);
        if (value >= from && value <= to) {
          marks.add(new Mark(value, ""));
        }
      }
    }
    return new Scale(from, to, List.copyOf(marks));
  }

  /** A power of ten in words: plain where that is short. */
  static String power(int exponent) {
    if (Math.abs(exponent) <= 3) {
      return BigDecimal.ONE.scaleByPowerOfTen(exponent).toPlainString();
    }
    StringBuilder words = new StringBuilder("10");
    for (char digit : Integer.toString(exponent).toCharArray()) {
      words.append(digit == '-' ? '\u207b' : SUPERSCRIPTS.charAt(digit - '0'));
    }
    return words.toString();
  }

  /** Where a value lies: 0 at the start, 1 at the end. */
  double at(double value) {
    return (value - from) / (to - from);
  }
}
