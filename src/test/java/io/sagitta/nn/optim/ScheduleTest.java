package io.sagitta.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  @ParameterizedTest
  @CsvSource({
    "0, 300, 1", "179, 300, 1", "180, 300, 0.1", "239, 300, 0.1", "240, 300, 0.01",
    "299, 300, 0.01", "29, 50, 1", "30, 50, 0.1", "39, 50, 0.1", "40, 50, 0.01",
    "4, 7, 1", "5, 7, 0.1", "6, 7, 0.01", "0, 1, 1"
  })
  void stepsAtSixtyAndEightyPercent(int epoch, int epochs, double factor) {
    assertThat(Schedule.MULTI_STEP.factor(epoch, epochs)).isEqualTo(factor);
  }

  @Test
  void cosineFallsFromOneTowardsZero() {
    assertThat(Schedule.COSINE.factor(0, 10)).isEqualTo(1);
    assertThat(Schedule.COSINE.factor(5, 10)).isCloseTo(0.5, Offset.offset(1e-15));
    assertThat(Schedule.COSINE.factor(9, 10)).isCloseTo(0.024471741852423234, Offset.offset(1e-15));
    assertThat(Schedule.CONSTANT.factor(9, 10)).isEqualTo(1);
  }

  @Test
  void hasNames() {
    for (Schedule schedule : Schedule.values()) {
      assertThat(Schedule.of(schedule.toString())).isSameAs(schedule);
    }
    assertThatThrownBy(() -> Schedule.of("linear"))
        .hasMessage(
            "schedule: expected one of [constant, multi-step, cosine], got 'linear'");
  }
}
