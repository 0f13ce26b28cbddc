package io.sagitta.kernels.host;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The packed forms of a buffer's contents, kept with the buffer until it is written or freed:
 * forward and backward passes, precisions and layers of different shapes want different ones.
 */
final class DnnlPacked implements AutoCloseable {
  private final HostMemory memory;
  private final Map<ByteBuffer, HostMemory.Block> forms = new HashMap<>();

  private DnnlPacked(HostMemory memory) {
    this.memory = memory;
  }

  /** Address of the weights packed as asked, which is done once for each of their contents. */
  static long address(HostBuffer weights, DnnlPacking packing, HostMemory memory) {
    synchronized (weights) {
      DnnlPacked packed;
      if (weights.derived() instanceof DnnlPacked current) {
        packed = current;
      } else {
        packed = new DnnlPacked(memory);
        weights.derived(packed);
      }
      return DnnlAddress.of(packed.form(weights, packing));
    }
  }

  private HostMemory.Block form(HostBuffer weights, DnnlPacking packing) {
    HostMemory.Block block = forms.get(packing.form());
    if (block == null) {
      block = memory.take(packing.bytes());
      try {
        packing.plan().run(memory, DnnlAddress.of(weights), DnnlAddress.of(block));
      } catch (RuntimeException | Error e) {
        memory.give(block);
        throw e;
      }
      forms.put(packing.form(), block);
    }
    return block;
  }

  @Override
  public void close() {
    forms.values().forEach(memory::give);
    forms.clear();
  }
}
