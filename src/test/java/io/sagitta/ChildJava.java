package io.sagitta;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands that start a Java process on the class path of the tests. Such a process lives for
 * seconds, in which compiling thoroughly and collecting on several threads costs more than it
 * brings; its bits are the same.
 */
public final class ChildJava {
  /** Options for it. */
  public static final List<String> SHORT_LIVED =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private ChildJava() {}

  /** Runs a main class with these arguments. */
  public static List<String> command(String main, List<String> arguments) {
    return command(List.of(), System.getProperty("java.class.path"), main, arguments);
  }

  /**
   * The same with options of the virtual machine and another class path.
   *
   * @return to be added to
   */
  public static List<String> command(
      List<String> options, String classPath, String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(SHORT_LIVED);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(arguments);
    return command;
  }
}
