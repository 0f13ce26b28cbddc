package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The arena over a driver that is arithmetic alone. */
class CudaMemoryTest {
  private static final long MIB = 1 << 20;

  /** Hands out addresses one after another, up to a limit. */
  private static final class Driver implements CudaMemory.Source {
    private final Map<Long, Long> taken = new LinkedHashMap<>();
    private final long limit;
    private long next = 1 << 20;
    private int settled;

    Driver(long limit) {
      this.limit = limit;
    }

    long bytes() {
      return taken.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public Address take(long bytes) {
      if (bytes() + bytes > limit) {
        return null;
      }
      Address address = new Address().plus(next);
      taken.put(next, bytes);
      next += bytes + 512;
      return address;
    }

    @Override
    public void give(Address address) {
      assertThat(taken.remove(address.value())).as("given back what was taken").isNotNull();
    }

    @Override
    public void settle() {
      settled++;
    }

    @Override
    public String state() {
      return "nothing free";
    }
  }

  private final Driver driver = new Driver(512 * MIB);
  private final CudaMemory memory = new CudaMemory(driver, "cuda:0", false);

  @Property(tries = 300, seed = "20261125")
  void blocksNeverOverlapAndEverythingComesBack(
      @ForAll @Size(max = 60) List<@LongRange(max = 3 * MIB) Long> sizes,
      @ForAll @Size(max = 60) List<@IntRange(max = 59) Integer> gives) {
    Driver source = new Driver(Long.MAX_VALUE / 2);
    CudaMemory arena = new CudaMemory(source, "cuda:0", false);
    List<Block> live = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      live.add(arena.take(sizes.get(i)));
      assertThat(live.get(live.size() - 1).bytes).isGreaterThanOrEqualTo(sizes.get(i));
      if (i < gives.size()) {
        arena.give(live.remove(gives.get(i) % live.size()));
      }
      assertApart(source, live);
      assertThat(arena.liveBytes()).isEqualTo(live.stream().mapToLong(b -> b.bytes).sum());
    }
    live.forEach(arena::give);
    assertThat(arena.liveBytes()).isZero();
    assertThat(arena.reservedBytes()).isEqualTo(source.bytes());
    arena.trim();
    assertThat(source.taken).as("free neighbours were merged into whole chunks").isEmpty();
    assertThat(arena.reservedBytes()).isZero();
  }

  @Property(tries = 200, seed = "20261125")
  void graphsKeepWhatTheyTookUntilTheyClose(
      @ForAll @Size(min = 1, max = 30) List<@LongRange(max = 3 * MIB) Long> before,
      @ForAll @Size(min = 1, max = 30) List<@LongRange(max = 3 * MIB) Long> inside,
      @ForAll @Size(min = 1, max = 30) List<@LongRange(max = 3 * MIB) Long> after) {
    Driver source = new Driver(Long.MAX_VALUE / 2);
    CudaMemory arena = new CudaMemory(source, "cuda:0", false);
    before.stream().map(arena::take).toList().forEach(arena::give);
    FreeBlocks graph = new FreeBlocks();
    arena.hold(graph);
    List<Block> graphs = new ArrayList<>();
    for (int i = 0; i < inside.size(); i++) {
      graphs.add(arena.take(inside.get(i)));
      if (i % 3 == 0) {
        arena.give(graphs.get(i));
      }
    }
    arena.endHold();
    List<Block> others = new ArrayList<>(after.stream().map(arena::take).toList());
    graphs.stream().filter(block -> !block.isGone()).forEach(block -> assertNotIn(block, others));
    others.forEach(arena::give);
    arena.release(graph);
    for (int i = 0; i < inside.size(); i++) {
      if (i % 3 != 0) {
        arena.give(graphs.get(i));
      }
    }
    assertThat(arena.liveBytes()).isZero();
    arena.trim();
    assertThat(source.taken).isEmpty();
  }

  @Test
  void whatAGraphTookStaysItsOwnThoughItIsGivenBackWhileAnotherIsCaptured() {
    FreeBlocks first = new FreeBlocks();
    memory.hold(first);
    Block result = memory.take(3 * MIB);
    memory.endHold();
    FreeBlocks second = new FreeBlocks();
    memory.hold(second);
    memory.give(result);
    Block others = memory.take(3 * MIB);
    memory.endHold();
    assertNotIn(result, List.of(others));
    memory.release(second);
    memory.give(others);
    assertNotIn(result, List.of(memory.take(3 * MIB)));
    memory.release(first);
    assertThat(memory.take(3 * MIB).address().value()).isEqualTo(result.address().value());
  }

  private static void assertNotIn(Block block, List<Block> others) {
    for (Block other : others) {
      assertThat(
              block.address().value() + block.bytes <= other.address().value()
                  || other.address().value() + other.bytes <= block.address().value())
          .isTrue();
    }
  }

  private static void assertApart(Driver source, List<Block> live) {
    for (int i = 0; i < live.size(); i++) {
      Block block = live.get(i);
      long from = block.address().value();
      assertThat(source.taken)
          .anySatisfy(
              (start, bytes) -> {
                assertThat(from).isBetween(start, start + bytes);
                assertThat(from + block.bytes).isLessThanOrEqualTo(start + bytes);
              });
      assertNotIn(block, live.subList(i + 1, live.size()));
    }
  }

  @Test
  void freedMemoryServesAgainWithoutTheDriver() {
    Block first = memory.take(5 * MIB);
    long address = first.address().value();
    memory.give(first);
    Block again = memory.take(3 * MIB);
    assertThat(again.address().value()).isEqualTo(address);
    assertThat(driver.taken).hasSize(1);
    assertThat(memory.liveBytes()).isEqualTo(3 * MIB);
    assertThat(memory.peakBytes()).isEqualTo(5 * MIB);
  }

  @Test
  void keptMemoryIsGivenBackBeforeTheDriverIsSaidToBeFull() {
    memory.give(memory.take(300 * MIB));
    Block large = memory.take(400 * MIB);
    assertThat(large.bytes).isEqualTo(400 * MIB);
    assertThat(driver.settled).as("waited for kernels that use it").isEqualTo(1);
    assertThat(driver.bytes()).isEqualTo(400 * MIB);
  }

  @Test
  void lessThanAWholeChunkIsTakenWhereTheDriverHasNoMore() {
    memory.take(500 * MIB);
    assertThat(memory.take(10 * MIB).bytes).isEqualTo(10 * MIB);
  }

  @Test
  void theErrorSaysWhatWasAskedWhatIsFreeAndWhatIsLive() {
    memory.take(100 * MIB);
    memory.take(200 * MIB);
    memory.take(100 * MIB);
    memory.take(4000);
    assertThatThrownBy(() -> memory.take(1L << 40))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContainingAll(
            "cuda:0: 1.00 TiB asked for", "nothing free", "400.0 MiB in live buffers",
            "largest: 200.0 MiB, 2 x 100.0 MiB, 4.00 KiB", "kept for reuse");
    assertThatThrownBy(() -> memory.take(Long.MAX_VALUE)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> memory.take(-4)).isInstanceOf(OutOfMemoryError.class);
    assertThat(memory.liveBytes()).isEqualTo(400 * MIB + 4096);
  }

  @Test
  void closingTakesLiveBlocksTooAndLaterGivesDoNothing() {
    Block block = memory.take(1000);
    memory.close();
    memory.close();
    assertThat(driver.taken).isEmpty();
    assertThat(block.isGone()).isTrue();
    memory.give(block);
    assertThat(memory.liveBytes()).isZero();
    assertThatThrownBy(() -> memory.take(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after the backend closed");
  }

  @Test
  void exactBlocksAreTheDriversOwnAndGivenBackAtOnce() {
    CudaMemory exact = new CudaMemory(driver, "cuda:0", true);
    Block first = exact.take(1001);
    Block second = exact.take(0);
    assertThat(driver.taken.values()).containsExactly(1001L, 1L);
    exact.give(first);
    assertThat(driver.taken.values()).containsExactly(1L);
    assertThat(exact.liveBytes()).isEqualTo(1);
    FreeBlocks graph = new FreeBlocks();
    exact.hold(graph);
    exact.give(exact.take(7));
    exact.endHold();
    assertThat(driver.taken.values()).as("the graph's").containsExactly(1L, 7L);
    exact.release(graph);
    exact.give(second);
    assertThat(driver.taken).isEmpty();
  }
}
