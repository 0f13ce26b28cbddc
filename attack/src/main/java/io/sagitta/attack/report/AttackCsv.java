package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.metrics.Figures;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code attack.csv}: a row for each mode, attack and target. Shares are between 0 and 1 with all
 * their digits; {@code _low} and {@code _high} bound the 95 % bootstrap interval.
 */
final class AttackCsv {
  private AttackCsv() {}

  static String of(AttackResults results) {
    StringBuilder csv = new StringBuilder();
    List<String> header = new ArrayList<>(List.of("attack", "mode", "target"));
    Figures.COLUMNS.forEach(column -> header.add(column.name()));
    header.addAll(List.of("members", "nonmembers", "unscored", "imputed", "shadows"));
    for (Figures.Column column : Figures.COLUMNS) {
      header.add(column.name() + "_low");
      header.add(column.name() + "_high");
    }
    header.add("epsilon_at_least");
    csv.append(String.join(",", header)).append('\n');
    for (AttackResult result : results.results()) {
      csv.append(String.join(",", row(result, results.shadows()))).append('\n');
    }
    return csv.toString();
  }

  private static List<String> row(AttackResult result, int shadows) {
    List<String> row = new ArrayList<>();
    row.add(result.attack().id());
    row.add(result.mode().id());
    row.add(Integer.toString(result.target()));
    for (Figures.Column column : Figures.COLUMNS) {
      row.add(Double.toString(column.value().applyAsDouble(result.figures())));
    }
    row.add(Long.toString(result.roc().members()));
    row.add(Long.toString(result.roc().nonmembers()));
    row.add(Integer.toString(result.unscored()));
    row.add(Integer.toString(result.imputed()));
    row.add(Integer.toString(shadows));
    for (Figures.Column column : Figures.COLUMNS) {
      row.add(Double.toString(column.value().applyAsDouble(result.interval().low())));
      row.add(Double.toString(column.value().applyAsDouble(result.interval().high())));
    }
    row.add(Double.toString(result.epsilon().epsilon()));
    return row;
  }
}
