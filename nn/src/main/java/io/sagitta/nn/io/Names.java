package io.sagitta.nn.io;

import java.util.Collection;

/** Lists for error messages, short enough to read. */
public final class Names {
  private static final int SHOWN = 12;
  private static final int LONGEST = 100;

  private Names() {}

  /** The first names, quoted, and how many more there are. */
  public static String list(Collection<String> names) {
    if (names.isEmpty()) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder();
    int shown = 0;
    for (String name : names) {
      if (shown == SHOWN) {
        return text.append(" and ").append(names.size() - SHOWN).append(" more").toString();
      }
      text.append(shown == 0 ? "" : ", ").append(quote(name));
      shown++;
    }
    return text.toString();
  }

  /** A name from a file: quoted, shortened, without control characters. */
  public static String quote(String name) {
    String part = name.length() > LONGEST ? name.substring(0, LONGEST) + "…" : name;
    StringBuilder text = new StringBuilder("'");
    part.codePoints().map(c -> Character.isISOControl(c) ? '?' : c).forEach(text::appendCodePoint);
    return text.append('\'').toString();
  }
}
