package io.sagitta.attack.study;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void figuresHaveThreeDigits() {
    assertThat(Words.figure(0.123456)).isEqualTo("0.123");
    assertThat(Words.figure(12.3456)).isEqualTo("12.3");
    assertThat(Words.figure(1234.56)).isEqualTo("1235");
    assertThat(Words.figure(-0.0123456)).isEqualTo("-0.0123");
    assertThat(Words.figure(1e-4)).isEqualTo("1.00e-04");
    assertThat(Words.figure(0)).isEqualTo("0");
    assertThat(Words.figure(Double.NaN)).isEqualTo("no number");
    assertThat(Words.percent(0.12345)).isEqualTo("12.3 %");
    assertThat(Words.sentence("behind Yeom et al.")).isEqualTo("behind Yeom et al.");
    assertThat(Words.sentence("ahead of LiRA")).isEqualTo("ahead of LiRA.");
    assertThat(Words.many(1, "shadow")).isEqualTo("1 shadow");
    assertThat(Words.many(1200, "shadow")).isEqualTo("1,200 shadows");
  }
}
