package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Merging axes keeps the places of every index, and their order. */
class MergedBoxTest {
  private static final int AXIS = 12;

  /** Each number is an axis: its length from 1 to 3, and a choice of stride for both operands. */
  @Property(tries = 500, seed = "7")
  void everyIndexKeepsItsPlaces(
      @ForAll @Size(max = 6) List<@IntRange(max = AXIS - 1) Integer> axes) {
    long[] shape = axes.stream().mapToLong(a -> 1 + a % 3).toArray();
    long[] first = contiguous(shape);
    long[] second = contiguous(shape);
    for (int k = 0; k < shape.length; k++) {
      int choice = axes.get(k) / 3;
      first[k] = choice == 1 ? 0 : first[k];
      second[k] = choice == 2 ? -second[k] : second[k] + (choice == 3 ? 1 : 0);
    }
    MergedBox box = box(shape, first, second);
    assertThat(places(box)).isEqualTo(places(shape, first, second));
    assertThat(box.count()).isEqualTo(places(box).size());
  }

  @Test
  void contiguousAxesBecomeOne() {
    MergedBox box =
        box(new long[] {2, 1, 3, 4}, new long[] {12, 99, 4, 1}, new long[] {12, 5, 4, 1});
    assertThat(box.axes()).isEqualTo(1);
    assertThat(box.length(0)).isEqualTo(24);
    assertThat(box.length(-1)).isEqualTo(1);
    assertThat(box.first(-1)).isZero();
  }

  @Test
  void anAxisMovesBeforeTheLast() {
    MergedBox box =
        box(new long[] {2, 3, 4, 5}, new long[] {1, 44, 11, 2}, new long[] {60, 21, 5, 1});
    box.moveBeforeLast(0);
    assertThat(List.of(box.length(0), box.length(1), box.length(2), box.length(3)))
        .containsExactly(3L, 4L, 2L, 5L);
    assertThat(List.of(box.first(0), box.first(1), box.first(2), box.first(3)))
        .containsExactly(44L, 11L, 1L, 2L);
    assertThat(box.second(2)).isEqualTo(60);
  }

  @Test
  void vectorsNeedWholeStridesAndAContiguousLastAxis() {
    long[] shape = {3, 8};
    MergedBox box = box(shape, new long[] {12, 1}, new long[] {16, 1});
    assertThat(box.hasVectors(4)).isTrue();
    box.toVectors(4);
    assertThat(places(box)).isEqualTo(places(new long[] {3, 2}, new long[] {3, 1},
        new long[] {4, 1}));
    assertThat(box(shape, new long[] {13, 1}, new long[] {16, 1}).hasVectors(4)).isFalse();
    assertThat(box(shape, new long[] {12, 2}, new long[] {16, 1}).hasVectors(4)).isFalse();
    assertThat(box(new long[] {3, 6}, new long[] {12, 1}, new long[] {16, 1}).hasVectors(4))
        .isFalse();
    assertThat(box(new long[0], new long[0], new long[0]).hasVectors(4)).isFalse();
  }

  @Test
  void moreAxesThanKernelsTakeAreRefused() {
    MergedBox box = box(new long[0], new long[0], new long[0]);
    for (int k = 0; k < MergedBox.MOST_AXES; k++) {
      box.add("copy", 2, 3, 5);
    }
    assertThatThrownBy(() -> box.add("copy", 2, 3, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("copy: expected at most 8 axes that cannot be merged, got more");
  }

  private static MergedBox box(long[] shape, long[] first, long[] second) {
    MergedBox box = new MergedBox();
    for (int k = 0; k < shape.length; k++) {
      box.add("test", shape[k], first[k], second[k]);
    }
    return box;
  }

  private static long[] contiguous(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int k = shape.length - 1; k >= 0; k--) {
      strides[k] = step;
      step *= shape[k];
    }
    return strides;
  }

  private static List<List<Long>> places(MergedBox box) {
    long[] shape = new long[box.axes()];
    long[] first = new long[box.axes()];
    long[] second = new long[box.axes()];
    for (int k = 0; k < shape.length; k++) {
      shape[k] = box.length(k);
      first[k] = box.first(k);
      second[k] = box.second(k);
    }
    return places(shape, first, second);
  }

  /** Both operands' places at every index, the last axis fastest. */
  private static List<List<Long>> places(long[] shape, long[] first, long[] second) {
    List<List<Long>> places = List.of(List.of(0L, 0L));
    for (int k = 0; k < shape.length; k++) {
      List<List<Long>> next = new ArrayList<>();
      for (List<Long> place : places) {
        for (long i = 0; i < shape[k]; i++) {
          next.add(List.of(place.get(0) + i * first[k], place.get(1) + i * second[k]));
        }
      }
      places = next;
    }
    return places;
  }
}
