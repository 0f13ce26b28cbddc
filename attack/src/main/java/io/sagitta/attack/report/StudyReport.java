package io.sagitta.attack.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.nn.io.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A study's question, what was found, its pictures and tables, and how it was made. The study
 * brings the words; what they look like is the same for all.
 */
public final class StudyReport {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final String name;
  private final String title;
  private final String lead;
  private final List<String> found = new ArrayList<>();
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final List<Plot> plots = new ArrayList<>();
  private final List<DataTable> tables = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, String> setup = new LinkedHashMap<>();

  /**
   * A report without content yet.
   *
   * @param name of its files, without an ending
   * @param lead the question, in a sentence or two
   */
  public StudyReport(String name, String title, String lead) {
    this.name = name;
    this.title = title;
    this.lead = lead;
  }

  /** What its files are called, without an ending. */
  public String name() {
    return name;
  }

  /** Adds a paragraph of what was found. */
  public StudyReport found(String paragraph) {
    found.add(paragraph);
    return this;
  }

  /** Adds a value to the JSON file; a number that is not finite becomes null. */
  public StudyReport fact(String key, Object value) {
    boolean none = value instanceof Number n && !Double.isFinite(n.doubleValue());
    facts.put(key, none ? null : value);
    return this;
  }

  /** Adds a picture. */
  public StudyReport plot(Plot plot) {
    plots.add(plot);
    return this;
  }

  /** Adds a table; the first is what the command prints and what the plain CSV file holds. */
  public StudyReport table(DataTable table) {
    tables.add(table);
    return this;
  }

  /** Adds a sentence that a reader needs to read the figures. */
  public StudyReport note(String note) {
    notes.add(note);
    return this;
  }

  /** Adds lines on how it was made. */
  public StudyReport setup(Map<String, String> lines) {
    setup.putAll(lines);
    return this;
  }

  /** What was found, a paragraph each. */
  public List<String> findings() {
    return List.copyOf(found);
  }

  /**
   * Writes, under the study's name, JSON, a CSV file a table, SVG and PNG of each picture, and
   * HTML, which contains them all and needs nothing else.
   *
   * @param folder made if it is not there
   * @return the page
   * @throws UncheckedIOException naming the file that could not be written
   */
  public Path write(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be made: " + e, e);
    }
    AtomicFiles.writeText(folder.resolve(name + ".json"), json());
    for (DataTable table : tables) {
      String stem = table == tables.get(0) ? name : name + "-" + table.key();
      AtomicFiles.writeText(folder.resolve(stem + ".csv"), table.csv());
    }
    for (Plot plot : plots) {
      AtomicFiles.writeText(folder.resolve(plot.name() + ".svg"), plot.svg());
      AtomicFiles.write(folder.resolve(plot.name() + ".png"), plot.png());
    }
    Path page = folder.resolve(name + ".html");
    AtomicFiles.writeText(page, html());
    return page;
  }

  /** The first table that is on the page, and what was found, as plain text. */
  public void print(PrintWriter out) {
    tables.stream().filter(DataTable::onPage).findFirst().ifPresent(t -> out.print(t.text()));
    found.forEach(out::println);
  }

  private String json() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("title", title);
    root.set("setup", MAPPER.valueToTree(setup));
    root.set("found", MAPPER.valueToTree(found));
    facts.forEach(root::putPOJO);
    tables.forEach(table -> table.json(root.putArray(table.key())));
    try {
      return MAPPER.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and text can be written", e);
    }
  }

  private String html() {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("title", title);
    page.put("lead", lead);
    page.put("found", found);
    page.put("plots", plots.stream().map(Page::plot).toList());
    page.put("tables", tables.stream().filter(DataTable::onPage).map(DataTable::page).toList());
    page.put("notes", notes);
    page.put("setup", Page.pairs(setup));
    return Page.of("study.html", page);
  }
}
