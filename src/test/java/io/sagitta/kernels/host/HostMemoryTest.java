package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.ChildJava;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
  private final HostMemory memory = new HostMemory();

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void aFreedBlockServesTheNextRequestOfItsClass() {
    HostMemory.Block first = memory.take(1000);
    memory.give(first);
    assertThat(memory.take(1001)).isSameAs(first);
    assertThat(memory.take(1000)).isNotSameAs(first);
    assertThat(memory.take(5000)).isNotSameAs(first);
  }

  @Test
  void blocksAreAtMostAnEighthTooLong() {
    for (long bytes : new long[] {0, 1, 64, 65, 1000, 4097, 1 << 20, (1 << 20) + 1}) {
      HostMemory.Block block = memory.take(bytes);
      assertThat(block.bytes.capacity()).isEqualTo(block.capacity);
      assertThat((double) block.capacity).isBetween((double) bytes, bytes * 1.125 + 64);
      assertThat(block.bytes.alignmentOffset(0, 64)).as("alignment").isZero();
    }
  }

  @Test
  void moreThanOneBufferCanHoldIsRefused() {
    assertThatThrownBy(() -> memory.take(Integer.MAX_VALUE))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("2147483647 bytes asked for");
    assertThat(memory.liveBytes()).isZero();
  }

  @Test
  void almostTwoGibibytesAreNoMore() {
    assertThat(HostMemory.sizeClass(1_900_000_000)).isEqualTo(15 << 27);
    assertThat(HostMemory.sizeClass((15 << 27) + 1)).isEqualTo(Integer.MAX_VALUE - 127);
    assertThat(HostMemory.sizeClass(Integer.MAX_VALUE - 127)).isEqualTo(Integer.MAX_VALUE - 127);
    assertThatThrownBy(() -> HostMemory.sizeClass(Integer.MAX_VALUE - 126))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("at most 2 GiB");
  }

  @Test
  void trimmingFreesTheCacheAndNothingElse() {
    HostMemory.Block live = memory.take(1000);
    HostMemory.Block cached = memory.take(1000);
    memory.give(cached);
    memory.trim();
    assertThat(cached.freed).isTrue();
    assertThat(live.freed).isFalse();
    assertThat(memory.take(1000)).isNotSameAs(cached);
  }

  /** A backend has two memories, and models that train at once have more. */
  @Test
  void whatAnotherMemoryCachesGivesWay() throws Exception {
    Process process =
        new ProcessBuilder(
                ChildJava.command(
                    List.of("-XX:MaxDirectMemorySize=64m"), System.getProperty("java.class.path"),
                    TwoMemories.class.getName(), List.of()))
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed.lines())
        .containsExactly(
            "served",
            "host memory: 41943040 bytes asked for, 41943040 in live buffers; use a smaller batch"
                + " or raise -XX:MaxDirectMemorySize");
  }

  /** Has room for one of these blocks. */
  static final class TwoMemories {
    public static void main(String[] arguments) {
      HostMemory first = new HostMemory();
      HostMemory second = new HostMemory();
      first.give(first.take(40 << 20));
      second.take(40 << 20);
      System.out.println("served");
      try {
        first.take(40 << 20);
      } catch (OutOfMemoryError e) {
        System.out.println(e.getMessage());
      } finally {
        // Else it could be collected before, and its block with it.
        Reference.reachabilityFence(second);
      }
    }
  }

  @Test
  void closingFreesLiveBlocksToo() {
    HostMemory.Block live = memory.take(1000);
    memory.close();
    assertThat(live.freed).isTrue();
    assertThat(memory.liveBytes()).isZero();
    memory.give(live);
    assertThat(memory.liveBytes()).isZero();
    assertThatThrownBy(() -> memory.take(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aClosedScopeLeavesNoLiveBytes() {
    try (HostBackend host = HostBackend.createPlain()) {
      try (Scope scope = Scope.open()) {
        Buffer whole = scope.add(host.allocate(DType.F32, 100));
        scope.add(whole.slice(10, 20));
        scope.add(host.allocate(DType.I32, 3));
        assertThat(host.liveBytes()).isPositive();
      }
      assertThat(host.liveBytes()).isZero();
    }
  }

  @Test
  void anUnusableBufferIsRefused() {
    HostBackend host = HostBackend.createPlain();
    Buffer closed = host.allocate(DType.F32, 4);
    Buffer released = host.allocate(DType.F32, 4);
    released.release();
    assertThatThrownBy(() -> host.fill(released, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("scope closed");
    Buffer indices = host.allocate(DType.I32, 4);
    assertThatThrownBy(() -> host.fill(indices, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a buffer of F32, got I32");
    try (Backend other = new ReferenceBackend()) {
      Buffer foreign = other.allocate(DType.F64, 4);
      assertThatThrownBy(() -> host.fill(foreign, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("host backend");
      foreign.release();
    }
    assertThatThrownBy(() -> host.allocate(DType.F64, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F64");
    host.close();
    assertThatThrownBy(() -> host.fill(closed, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("backend closed");
  }
}
