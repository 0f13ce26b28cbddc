package io.sagitta.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel file as it was written, with the headers of its folder that it includes.
 *
 * @param file the file without its ending
 * @param text what the file says
 * @param headers what each header says, by name
 */
record KernelSource(String file, String text, Map<String, String> headers) {
  private static final Pattern INCLUDE =
      Pattern.compile("^\\s*#\\s*include\\s+\"([^\"]+\\.cuh)\"", Pattern.MULTILINE);

  private static final Pattern NEEDS =
      Pattern.compile("^// needs (sm_\\w+)$", Pattern.MULTILINE);

  /** The source of {@code file}.cu, from the class path. */
  static KernelSource read(String file) {
    String text = text(file + ".cu");
    Map<String, String> headers = new TreeMap<>();
    addHeaders(text, headers);
    return new KernelSource(file, text, headers);
  }

  /** The only architecture that the file is for, as it says itself; null if it is for all. */
  String onlyArchitecture() {
    Matcher needs = NEEDS.matcher(text);
    return needs.find() ? needs.group(1) : null;
  }

  private static void addHeaders(String text, Map<String, String> headers) {
    Matcher include = INCLUDE.matcher(text);
    while (include.find()) {
      String name = include.group(1);
      if (!headers.containsKey(name)) {
        headers.put(name, text(name));
        addHeaders(headers.get(name), headers);
      }
    }
  }

  private static String text(String name) {
    byte[] bytes = KernelImages.resource(name);
    if (bytes == null) {
      throw new IllegalStateException(
          "kernel source: expected " + name + " on the class path beside "
              + KernelImages.class.getName() + ", found nothing");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
