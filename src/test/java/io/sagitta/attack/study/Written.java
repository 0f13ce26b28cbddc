package io.sagitta.attack.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.report.StudyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** A study's report, written and read again. */
record Written(JsonNode json, List<String> csv, String html) {
  static Written of(StudyReport report, Path folder) {
    Path page = report.write(folder);
    try {
      return new Written(
          new ObjectMapper().readTree(folder.resolve(report.name() + ".json").toFile()),
          Files.readAllLines(folder.resolve(report.name() + ".csv")),
          Files.readString(page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of the main table whose cell of this name has this text. */
  List<JsonNode> rows(String name, String text) {
    return StreamSupport.stream(json.get("rows").spliterator(), false)
        .filter(row -> row.get(name).asText().equals(text))
        .toList();
  }

  String found() {
    return json.get("found").toString();
  }
}
