package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.IdentityHashMap;
import java.util.Map;

/** Finds out, when a block is given back, whether more of it was written than was asked for. */
final class GuardedMemory extends HostMemory {
  private static final int GUARD = 1 << 16;
  private static final byte PATTERN = 0x5a;

  private final Map<Block, Long> asked = new IdentityHashMap<>();

  @Override
  synchronized Block take(long bytes) {
    Block block = super.take(bytes + GUARD);
    for (int i = (int) bytes; i < block.capacity; i++) {
      block.bytes.put(i, PATTERN);
    }
    asked.put(block, bytes);
    return block;
  }

  @Override
  synchronized void give(Block block) {
    long bytes = asked.remove(block);
    int end = block.capacity;
    while (end > bytes && block.bytes.get(end - 1) == PATTERN) {
      end--;
    }
    super.give(block);
    assertThat((long) end).as("bytes written of the %d asked for", bytes).isEqualTo(bytes);
  }
}
