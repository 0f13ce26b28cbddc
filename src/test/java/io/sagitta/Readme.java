package io.sagitta;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README's code blocks. */
final class Readme {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```");

  private Readme() {}

  /** The checkout that is tested. */
  static Path root() {
    return Path.of(System.getProperty("sagitta.root", "../..")).toAbsolutePath().normalize();
  }

  static String text(String file) {
    try {
      return Files.readString(root().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The blocks in a language, in order. */
  static List<String> blocks(String language) {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text("README.md"));
    while (matcher.find()) {
      if (matcher.group(1).equals(language)) {
        blocks.add(matcher.group(2));
      }
    }
    return blocks;
  }

  /** The commands of all shell blocks as words, continued lines joined. */
  static List<List<String>> commands() {
    List<List<String>> commands = new ArrayList<>();
    for (String block : blocks("sh")) {
      for (String line : block.replace("\\\n", " ").split("\n")) {
        if (!line.isBlank()) {
          commands.add(List.of(line.trim().split("\\s+")));
        }
      }
    }
    return commands;
  }
}
