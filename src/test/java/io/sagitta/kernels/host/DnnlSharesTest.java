package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DnnlSharesTest {
  @Property(seed = "20261125")
  void sharesAreEvenAndCoverEverything(
      @ForAll @IntRange(min = 1, max = 3000) int total,
      @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long operations,
      @ForAll @IntRange(min = 1, max = 200) int most) {
    DnnlShares shares = DnnlShares.of(total, operations, most);
    assertThat(shares.count()).isBetween(1, Math.min(total, most));
    assertThat(Integer.bitCount(shares.count())).as("a power of two").isEqualTo(1);
    assertThat(shares.from(0)).isZero();
    int next = 0;
    for (int i = 0; i < shares.count(); i++) {
      assertThat(shares.from(i)).isEqualTo(next);
      assertThat(shares.size(i)).isBetween(total / shares.count(), total / shares.count() + 1);
      next += shares.size(i);
    }
    assertThat(next).isEqualTo(total);
  }

  @Property(seed = "20261125")
  void smallWorkStaysTogether(@ForAll @IntRange(min = 1, max = 3000) int total) {
    assertThat(DnnlShares.of(total, 7_999_999, 16).count()).isEqualTo(1);
  }

  @Test
  void theMoreSharesTheMoreWorkEachHas() {
    assertThat(DnnlShares.of(64, 8_000_000, 64).count()).isEqualTo(2);
    assertThat(DnnlShares.of(64, 151_000_000, 64).count()).isEqualTo(8);
    assertThat(DnnlShares.of(64, 2_400_000_000L, 64).count()).isEqualTo(32);
    assertThat(DnnlShares.of(64, 2_400_000_000L, 0).count()).isEqualTo(1);
  }
}
