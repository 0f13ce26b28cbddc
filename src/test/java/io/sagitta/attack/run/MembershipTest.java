package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembershipTest {
  private static final int SAMPLES = 1000;

  @TempDir Path folder;

  @Test
  void everySampleIsAMemberOfExactlyHalfTheModels() {
    Membership membership = Membership.generate(7, 10, SAMPLES);
    for (int sample = 0; sample < SAMPLES; sample++) {
      int s = sample;
      long in = IntStream.range(0, 10).filter(model -> membership.member(model, s)).count();
      assertThat(in).as("models trained on sample %d", sample).isEqualTo(5);
    }
  }

  @Test
  void pairsAreComplementsAndHalvesAreRandom() {
    Membership membership = Membership.generate(7, 4, SAMPLES);
    int[] first = membership.members(0);
    int[] third = membership.members(2);
    assertThat(first.length + membership.members(1).length).isEqualTo(SAMPLES);
    assertThat(first.length).isBetween(430, 570);
    long common =
        IntStream.of(third).filter(sample -> membership.member(0, sample)).count();
    assertThat(common).as("members that two pairs share").isBetween(190L, 310L);
  }

  @Test
  void theLastOfAnOddNumberIsAHalfWithoutItsComplement() {
    Membership odd = Membership.generate(7, 5, SAMPLES);
    Membership even = Membership.generate(7, 6, SAMPLES);
    assertThat(odd.models()).isEqualTo(5);
    for (int model = 0; model < 5; model++) {
      assertThat(odd.members(model)).isEqualTo(even.members(model));
    }
  }

  @Test
  void moreSamplesLeaveTheOthersAsTheyAre() {
    Membership few = Membership.generate(3, 4, 50);
    Membership many = Membership.generate(3, 4, 60);
    for (int model = 0; model < 4; model++) {
      int m = model;
      assertThat(IntStream.of(many.members(m)).filter(s -> s < 50).toArray())
          .isEqualTo(few.members(m));
    }
    assertThat(Membership.generate(4, 4, 50).members(0)).isNotEqualTo(few.members(0));
  }

  @Test
  void theFileHoldsMembersAndLabels() {
    Path file = folder.resolve("masks.safetensors");
    Membership membership = Membership.generate(1, 3, 4);
    membership.write(file, new int[] {9, 8, 7, 6}, Map.of("k", "v"));
    Safetensors.File read = Safetensors.read(file);
    Safetensors.Entry members = read.entry("members");
    assertThat(members.type()).isEqualTo(Safetensors.Type.U8);
    assertThat(members.shape()).containsExactly(3, 4);
    assertThat(members.bytes()[4 * 2 + 1]).isEqualTo((byte) (membership.member(2, 1) ? 1 : 0));
    assertThat(read.entry("labels").type()).isEqualTo(Safetensors.Type.I64);
    assertThat(read.entry("labels").longs()).containsExactly(9, 8, 7, 6);
    assertThat(membership.isIn(file, membership.models())).isTrue();
    assertThatThrownBy(() -> Membership.generate(2, 3, 4).isIn(file, 1))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("masks.safetensors");
  }
}
