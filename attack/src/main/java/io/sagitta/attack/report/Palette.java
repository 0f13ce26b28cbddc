package io.sagitta.attack.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The report's colours on a light and on a dark ground, distinguishable by people with colour
 * blindness (after Okabe and Ito). Pictures are painted in the light ones; in the page each
 * becomes a CSS variable, so that one picture serves both.
 */
final class Palette {
  static final Color INK = new Color(0x1d2329);
  static final Color MUTED = new Color(0x5a6572);
  static final Color GRID = new Color(0xdfe4ea);
  static final Color MEMBER = new Color(0x0067b1);
  static final Color NONMEMBER = new Color(0xc65102);
  static final Color FAINT = new Color(0xb7c0ca);
  static final Color CORRECTED = new Color(0x0067b3);
  static final Color PAPER = new Color(0x8b95a1);

  private static final int[] SERIES_LIGHT = {
    0x0067b2, 0xd2570a, 0x00855f, 0xb3325d, 0x1a8fb0, 0x20262c, 0xa0720a, 0x8a3f96
  };
  private static final int[] SERIES_DARK = {
    0x62b5f5, 0xff9a5c, 0x3fd6a2, 0xff8fb3, 0x6bd3ee, 0xf1f4f7, 0xe5bd4d, 0xd79be6
  };

  private static final Map<Integer, Entry> ENTRIES = entries();

  private record Entry(String name, int light, int dark) {}

  private Palette() {}

  private static Map<Integer, Entry> entries() {
    List<Entry> all = new ArrayList<>();
    all.add(new Entry("ink", rgb(INK), 0xe6eaef));
    all.add(new Entry("muted", rgb(MUTED), 0x9ba7b4));
    all.add(new Entry("grid", rgb(GRID), 0x2c343d));
    all.add(new Entry("member", rgb(MEMBER), 0x62b5f6));
    all.add(new Entry("nonmember", rgb(NONMEMBER), 0xff9a5b));
    all.add(new Entry("faint", rgb(FAINT), 0x4d5763));
    all.add(new Entry("corrected", rgb(CORRECTED), 0x62b5f7));
    all.add(new Entry("paper", rgb(PAPER), 0x7f8a96));
    for (int i = 0; i < SERIES_LIGHT.length; i++) {
      all.add(new Entry("series-" + i, SERIES_LIGHT[i], SERIES_DARK[i]));
    }
    Map<Integer, Entry> byColour = new LinkedHashMap<>();
    all.forEach(entry -> byColour.put(entry.light(), entry));
    return byColour;
  }

  /** Colours of lines that differ; more begin again. */
  static final int SERIES = SERIES_LIGHT.length;

  /** The colour of the i-th line of a plot. */
  static Color series(int i) {
    return new Color(SERIES_LIGHT[i % SERIES_LIGHT.length]);
  }

  /** A colour as it stands, for pictures that stand alone. */
  static String plain(Color colour) {
    return hex(rgb(colour));
  }

  /** A colour as the variable that follows the reader's scheme. */
  static String variable(Color colour) {
    Entry entry = ENTRIES.get(rgb(colour));
    return entry == null ? plain(colour) : "var(--" + entry.name() + ")";
  }

  /** The declarations of all variables for a scheme. */
  static String declarations(boolean dark) {
    StringBuilder css = new StringBuilder();
    for (Entry entry : ENTRIES.values()) {
      css.append("--").append(entry.name()).append(':');
      css.append(hex(dark ? entry.dark() : entry.light())).append(';');
    }
    return css.toString();
  }

  private static int rgb(Color colour) {
    return colour.getRGB() & 0xffffff;
  }

  private static String hex(int rgb) {
    return String.format(Locale.ROOT, "#%06x", rgb);
  }
}
