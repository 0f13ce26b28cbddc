package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RateTest {
  private long now;

  @Test
  void countsFromWhereItBegins() {
    Rate rate = new Rate(() -> now);
    Map<String, Object> figures = new LinkedHashMap<>();
    rate.addTo(figures, "images_per_second", 700);
    assertThat(figures).as("not known yet").isEmpty();
    now += 4_000_000_000L;
    rate.addTo(figures, "images_per_second", 900);
    assertThat(figures).containsExactly(Map.entry("images_per_second", 50.0));
  }
}
