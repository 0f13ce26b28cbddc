package io.sagitta.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

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
   * Runs a program, or prints help where that is asked for; ends with exit code 2 where the program
   * finds an argument wrong.
   */
  static void main(String[] args, String help, Program program) throws IOException {
    if (args.length > 0 && args[0].equals("--help")) {
      System.out.print(help);
      return;
    }
    try {
      program.run();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
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
    return Integer.parseInt(text(name));
  }

  /** A real number. */
  double real(String name) {
    return Double.parseDouble(text(name));
  }

  /** Records what was asked, without the dashes. */
  void record(ObjectNode into) {
    values.forEach((name, value) -> into.put(name.substring(2), value));
  }
}
