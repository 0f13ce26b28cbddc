package io.sagitta.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.console.ExitCode;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** A program's options, each a name and a value, all with defaults. */
final class Options {
  private final String program;
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * @param defaults by name, such as {@code --out}, in the order of messages
   */
  Options(String program, Map<String, String> defaults) {
    this.program = program;
    values.putAll(defaults);
  }

  /**
   * Takes a command line in.
   *
   * @throws IllegalArgumentException if a name is unknown or lacks its value
   */
  void read(String[] args) {
    for (int i = 0; i < args.length; i += 2) {
      if (!values.containsKey(args[i]) || i + 1 == args.length) {
        throw new IllegalArgumentException(
            program + ": expected one of " + values.keySet() + " and its value, got " + args[i]);
      }
      values.put(args[i], args[i + 1]);
    }
  }

  /** A program that takes options. */
  @FunctionalInterface
  interface Program {
    void run() throws IOException;
  }

  /**
   * Runs a program, or prints help where that is asked for. What the command line would word, such
   * as a wrong argument, a file or a device, ends in a line and its exit status.
   */
  static void main(String[] args, String help, Program program) throws IOException {
    if (Arrays.asList(args).contains("--help")) {
      System.out.print(help);
      return;
    }
    try {
      program.run();
    } catch (RuntimeException e) {
      ExitCode code = ExitCode.of(e);
      if (code == ExitCode.UNEXPECTED) {
        throw e;
      }
      System.err.println(e.getMessage());
      System.exit(code.status());
    }
  }

  /** What commas separate. */
  String[] list(String name) {
    return text(name).split(",");
  }

  String text(String name) {
    return values.get(name);
  }

  /** A whole number. */
  int number(String name) {
    return number(program + ": " + name, text(name));
  }

  /** A real number. */
  double real(String name) {
    return real(program + ": " + name, text(name));
  }

  /**
   * A whole number.
   *
   * @param name of what is to be one, as messages say it
   */
  static int number(String name, String text) {
    return parsed(name, "a whole number", text, Integer::valueOf);
  }

  /** The same of a real number. */
  static double real(String name, String text) {
    return parsed(name, "a number", text, Double::valueOf);
  }

  private static <T> T parsed(
      String name, String expected, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + ": expected " + expected + ", got '" + text + "'", e);
    }
  }

  /** Records what was asked, without the dashes. */
  void record(ObjectNode into) {
    values.forEach((name, value) -> into.put(name.substring(2), value));
  }
}
