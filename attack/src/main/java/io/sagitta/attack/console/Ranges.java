package io.sagitta.attack.console;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Holds what was given against {@link Range}. */
final class Ranges {
  private Ranges() {}

  /**
   * Checks the options of the innermost command.
   *
   * @throws ParameterException naming the option, what it takes and what was given
   */
  static void check(ParseResult parsed) {
    ParseResult inner = parsed;
    while (inner.hasSubcommand()) {
      inner = inner.subcommand();
    }
    for (OptionSpec option : inner.matchedOptions()) {
      Range range =
          option.userObject() instanceof AnnotatedElement field
              ? field.getAnnotation(Range.class) : null;
      if (range != null) {
        for (Number number : numbers(option.getValue())) {
          String expected = broken(range, number.doubleValue());
          if (expected != null) {
            throw new ParameterException(
                inner.commandSpec().commandLine(),
                option.longestName() + ": expected " + expected + ", got " + number);
          }
        }
      }
    }
  }

  private static List<Number> numbers(Object value) {
    List<Number> numbers = new ArrayList<>();
    if (value instanceof Collection<?> several) {
      several.forEach(each -> numbers.add((Number) each));
    } else if (value.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(value); i++) {
        numbers.add((Number) Array.get(value, i));
      }
    } else {
      numbers.add((Number) value);
    }
    return numbers;
  }

  /** The side of a range on which a number is not in it, such as {@code above 0}; or null. */
  private static String broken(Range range, double number) {
    double low = Double.isNaN(number) ? Double.NEGATIVE_INFINITY : number;
    if (low < range.least()) {
      return "at least " + words(range.least());
    }
    if (low <= range.above() && Double.isFinite(range.above())) {
      return "above " + words(range.above());
    }
    if (number > range.most()) {
      return "at most " + words(range.most());
    }
    if (number >= range.below() && Double.isFinite(range.below())) {
      return "below " + words(range.below());
    }
    if (!Double.isFinite(number)) {
      return "a finite number";
    }
    return null;
  }

  private static String words(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }
}
