package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  private static final long STREAM = Philox.stream(7, 11);

  /** The known answers of philox4x32-10 published with Random123 (kat_vectors). */
  @Test
  void givesThePublishedAnswers() {
    assertThat(block(0, 0, 0, 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertThat(block(-1L, -1, -1, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertThat(block(0x299f31d0a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void countsWithTheIndexLowAndTheStreamHigh() {
    int[] words = new int[4];
    new Philox(5).block(0x1122334455667788L, 0x99aabbccddeeff00L, words);
    assertThat(words).containsExactly(block(5, 0xddeeff00, 0x99aabbcc, 0x55667788, 0x11223344));
  }

  @Test
  void numbersStreamsByPurposeAndItem() {
    assertThat(Philox.stream(0, 0)).isZero();
    assertThat(Philox.stream(1, 0)).isEqualTo(1L << 56);
    assertThat(Philox.stream(255, (1L << 56) - 1)).isEqualTo(-1);
    for (long[] bad : new long[][] {{-1, 0}, {256, 0}, {0, -1}, {0, 1L << 56}}) {
      assertThatThrownBy(() -> Philox.stream((int) bad[0], bad[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got " + bad[0] + ", " + bad[1]);
    }
  }

  @Property(tries = 300, seed = "20240717")
  void uniformNumbersLieBelowOne(@ForAll long seed, @ForAll long stream, @ForAll long index) {
    double value = new Philox(seed).uniform(stream, index);
    assertThat(value).isGreaterThanOrEqualTo(0).isLessThan(1);
    assertThat(value).isEqualTo(new Philox(seed).uniform(stream, index));
  }

  @Test
  void uniformNumbersFillTheirRangeEvenly() {
    Philox philox = new Philox(1);
    int count = 160_000;
    int[] bins = new int[16];
    double sum = 0;
    double neighbours = 0;
    double last = 0.5;
    for (int i = 0; i < count; i++) {
      double value = philox.uniform(STREAM, i);
      bins[(int) (16 * value)]++;
      sum += value;
      neighbours += (value - 0.5) * (last - 0.5);
      last = value;
    }
    double chiSquared = Arrays.stream(bins).mapToDouble(b -> (b - 1e4) * (b - 1e4) / 1e4).sum();
    assertThat(chiSquared).as("15 degrees of freedom; 99.9 % lie below").isBetween(3.0, 37.7);
    assertThat(sum / count).isCloseTo(0.5, within(4 * Math.sqrt(1.0 / 12 / count)));
    assertThat(neighbours / count).isCloseTo(0, within(4.0 / 12 / Math.sqrt(count)));
  }

  @Test
  void normalNumbersHaveTheMomentsOfTheStandardNormal() {
    Philox philox = new Philox(2);
    int count = 200_000;
    double[] moments = new double[5];
    int beyondTwo = 0;
    for (int i = 0; i < count; i++) {
      double value = philox.normal(STREAM, i);
      for (int p = 1; p <= 4; p++) {
        moments[p] += Math.pow(value, p) / count;
      }
      beyondTwo += Math.abs(value) > 2 ? 1 : 0;
    }
    double error = 4 / Math.sqrt(count);
    assertThat(moments[1]).isCloseTo(0, within(error));
    assertThat(moments[2]).isCloseTo(1, within(error * Math.sqrt(2)));
    assertThat(moments[3]).isCloseTo(0, within(error * Math.sqrt(15)));
    assertThat(moments[4]).isCloseTo(3, within(error * Math.sqrt(96)));
    assertThat(beyondTwo / (double) count).isCloseTo(0.0455, within(error * 0.21));
  }

  @Property(tries = 100, seed = "20240717")
  void integersStayBelowTheirBound(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int bound) {
    for (int i = 0; i < 20; i++) {
      assertThat(new Philox(seed).integer(STREAM, i, bound)).isBetween(0, bound - 1);
    }
  }

  @Test
  void integersTakeEveryValueAndRefuseNoValue() {
    Philox philox = new Philox(3);
    long different = IntStream.range(0, 200).map(i -> philox.integer(STREAM, i, 10)).distinct()
        .count();
    assertThat(different).isEqualTo(10);
    assertThatThrownBy(() -> philox.integer(STREAM, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0");
  }

  @Property(tries = 60, seed = "20240717")
  void signsAreTheBitsOfTheBlocksInOrder(
      @ForAll long seed, @ForAll long stream, @ForAll @IntRange(min = 0, max = 300) int size) {
    Philox philox = new Philox(seed);
    byte[] signs = new byte[size];
    philox.rademacher(stream, signs);
    int[] words = new int[4];
    for (int e = 0; e < size; e++) {
      philox.block(stream, e / 128, words);
      boolean set = (words[e / 32 % 4] >>> e % 32 & 1) == 1;
      assertThat(signs[e]).as("sign " + e).isEqualTo((byte) (set ? 1 : -1));
    }
  }

  @Test
  void signsAreBalanced() {
    byte[] signs = new byte[100_000];
    new Philox(4).rademacher(STREAM, signs);
    long sum = IntStream.range(0, signs.length).map(i -> signs[i]).sum();
    assertThat(sum).isBetween(-1265L, 1265L);
  }

  @Property(tries = 60, seed = "20240717")
  void permutationsHoldEachNumberOnce(
      @ForAll long seed, @ForAll @LongRange(min = 0) long stream,
      @ForAll @IntRange(min = 0, max = 500) int size) {
    int[] order = new Philox(seed).permutation(stream, size);
    assertThat(order.clone()).hasSize(size);
    Arrays.sort(order);
    assertThat(order).isEqualTo(IntStream.range(0, size).toArray());
  }

  @Test
  void everyPermutationOfThreeIsAboutAsFrequent() {
    Philox philox = new Philox(5);
    int[] counts = new int[6];
    for (int i = 0; i < 6000; i++) {
      int[] order = philox.permutation(Philox.stream(9, i), 3);
      counts[2 * order[0] + (order[1] > order[2] ? 1 : 0)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(880, 1120);
    }
  }

  @Test
  void otherSeedsAndStreamsGiveOtherNumbers() {
    double value = new Philox(6).uniform(STREAM, 0);
    assertThat(new Philox(7).uniform(STREAM, 0)).isNotEqualTo(value);
    assertThat(new Philox(6 + (1L << 32)).uniform(STREAM, 0)).isNotEqualTo(value);
    assertThat(new Philox(6).uniform(STREAM + 1, 0)).isNotEqualTo(value);
    assertThat(new Philox(6).uniform(STREAM, 1L << 32)).isNotEqualTo(value);
  }

  private static int[] block(long seed, int c0, int c1, int c2, int c3) {
    int[] words = new int[4];
    new Philox(seed).block(c0, c1, c2, c3, words);
    return words;
  }
}
