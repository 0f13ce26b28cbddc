package io.sagitta.attack.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows of a study, once for files with all digits and once for readers. A number that is not
 * finite, or a cell that is null, is null in JSON, empty in CSV and a dash or empty on the page.
 */
public final class DataTable {
  /** How readers see a column. */
  private enum Format {
    TEXT {
      @Override
      String show(Object cell) {
        return cell.toString();
      }
    },
    COUNT {
      @Override
      String show(Object cell) {
        return Text.count(((Number) cell).longValue());
      }
    },
    FIGURE {
      @Override
      String show(Object cell) {
        return Text.figure(((Number) cell).doubleValue());
      }
    },
    PERCENT {
      @Override
      String show(Object cell) {
        return Text.percent(((Number) cell).doubleValue());
      }
    },
    /** In files alone. */
    HIDDEN {
      @Override
      String show(Object cell) {
        return cell.toString();
      }
    },
    /** Five decimals: of correlations, where what matters is how far they are from 1. */
    CORRELATION {
      @Override
      String show(Object cell) {
        double value = ((Number) cell).doubleValue();
        return Double.isNaN(value) ? Text.figure(value) : String.format(Locale.ROOT, "%.5f", value);
      }
    };

    abstract String show(Object cell);
  }

  private record Column(String key, String heading, Format format) {
    /** How the page sets it. */
    String kind() {
      return format == Format.TEXT ? "text" : "number";
    }
  }

  private final String key;
  private final String title;
  private final boolean onPage;
  private final List<Column> columns = new ArrayList<>();
  private final List<List<Object>> rows = new ArrayList<>();

  private DataTable(String key, String title, boolean onPage) {
    this.key = key;
    this.title = title;
    this.onPage = onPage;
  }

  /**
   * A table for files and for the page.
   *
   * @param key its name in JSON
   * @param title above it on the page
   */
  public static DataTable of(String key, String title) {
    return new DataTable(key, title, true);
  }

  /** A table that is too long for a page. */
  public static DataTable inFiles(String key) {
    return new DataTable(key, key, false);
  }

  /** Adds a column of words. */
  public DataTable text(String name, String heading) {
    return column(name, heading, Format.TEXT);
  }

  /** Adds a column of whole numbers. */
  public DataTable count(String name, String heading) {
    return column(name, heading, Format.COUNT);
  }

  /** Adds a column of numbers, which readers see four digits of. */
  public DataTable figure(String name, String heading) {
    return column(name, heading, Format.FIGURE);
  }

  /** Adds a column of shares, which readers see in per cent. */
  public DataTable percent(String name, String heading) {
    return column(name, heading, Format.PERCENT);
  }

  /** Adds a column of correlations. */
  public DataTable correlation(String name, String heading) {
    return column(name, heading, Format.CORRELATION);
  }

  /** Adds a column for files alone. */
  public DataTable hidden(String name) {
    return column(name, name, Format.HIDDEN);
  }

  private DataTable column(String name, String heading, Format format) {
    columns.add(new Column(name, heading, format));
    return this;
  }

  /**
   * Adds a row.
   *
   * @param cells one for each column: text, a number, or null
   */
  public void row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "table " + key + ": expected " + columns.size() + " cells, got " + cells.length);
    }
    rows.add(Arrays.asList(cells));
  }

  /** How many rows there are. */
  public int size() {
    return rows.size();
  }

  /** The values of a column of numbers, NaN where there is none. */
  public double[] values(String name) {
    int at = IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).key.equals(name)).findFirst().orElseThrow();
    return rows.stream()
        .mapToDouble(row -> row.get(at) == null ? Double.NaN : ((Number) row.get(at)).doubleValue())
        .toArray();
  }

  String key() {
    return key;
  }

  boolean onPage() {
    return onPage && !rows.isEmpty();
  }

  void json(ArrayNode array) {
    for (List<Object> row : rows) {
      ObjectNode node = array.addObject();
      for (int i = 0; i < row.size(); i++) {
        node.putPOJO(columns.get(i).key, exact(row.get(i)));
      }
    }
  }

  String csv() {
    StringBuilder csv = new StringBuilder();
    csv.append(columns.stream().map(Column::key).collect(Collectors.joining(","))).append('\n');
    for (List<Object> row : rows) {
      csv.append(row.stream().map(DataTable::quoted).collect(Collectors.joining(",")));
      csv.append('\n');
    }
    return csv.toString();
  }

  private static Object exact(Object cell) {
    boolean none = cell instanceof Number n && !Double.isFinite(n.doubleValue());
    return none ? null : cell;
  }

  private static String quoted(Object cell) {
    Object value = exact(cell);
    String text = value == null ? "" : value.toString();
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** The columns that readers see. */
  private int[] visible() {
    return IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).format != Format.HIDDEN)
        .toArray();
  }

  private static String shown(Column column, Object cell) {
    return cell == null ? "" : column.format.show(cell);
  }

  Map<String, Object> page() {
    List<Map<String, Object>> body = new ArrayList<>();
    for (List<Object> row : rows) {
      List<Map<String, String>> cells = new ArrayList<>();
      for (int i : visible()) {
        Column column = columns.get(i);
        if (i > 0) {
          cells.add(
              Map.of(
                  "heading", column.heading, "value", shown(column, row.get(i)),
                  "kind", column.kind()));
        }
      }
      body.add(Map.of("name", shown(columns.get(0), row.get(0)), "cells", cells));
    }
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("title", title);
    page.put(
        "head",
        Arrays.stream(visible())
            .mapToObj(columns::get)
            .map(column -> Map.of("heading", column.heading, "kind", column.kind()))
            .toList());
    page.put("rows", body);
    return page;
  }

  /** As plain text, the columns aligned. */
  String text() {
    List<List<String>> lines = new ArrayList<>();
    int[] visible = visible();
    lines.add(Arrays.stream(visible).mapToObj(i -> columns.get(i).heading).toList());
    for (List<Object> row : rows) {
      lines.add(
          Arrays.stream(visible).mapToObj(i -> shown(columns.get(i), row.get(i))).toList());
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      for (int at = 0; at < visible.length; at++) {
        int column = at;
        int width = lines.stream().mapToInt(l -> l.get(column).length()).max().orElse(0);
        String padding = " ".repeat(width - line.get(at).length());
        boolean left = columns.get(visible[at]).format == Format.TEXT;
        text.append(left ? line.get(at) + padding : padding + line.get(at));
        text.append(at + 1 < visible.length ? "  " : "\n");
      }
    }
    return text.toString();
  }
}
