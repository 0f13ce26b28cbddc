package io.sagitta.kernels.host;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Rows of floats of one width in scratch memory, for oneDNN to read and write. */
final class DnnlFloats implements AutoCloseable {
  private final HostMemory memory;
  private final HostMemory.Block block;
  private final FloatBuffer floats;
  private final int width;

  DnnlFloats(HostMemory memory, int rows, int width) {
    this.memory = memory;
    this.block = memory.take((long) Float.BYTES * rows * width);
    this.floats = block.bytes.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    this.width = width;
  }

  /** The same with these rows. */
  static DnnlFloats of(HostMemory memory, float[]... rows) {
    DnnlFloats floats = new DnnlFloats(memory, rows.length, rows[0].length);
    for (int i = 0; i < rows.length; i++) {
      floats.floats.put(i * floats.width, rows[i]);
    }
    return floats;
  }

  /** Where a row lies. */
  long address(int row) {
    return DnnlAddress.of(block) + (long) Float.BYTES * row * width;
  }

  /** Copies a row out. */
  void get(int row, float[] target) {
    floats.get(row * width, target, 0, width);
  }

  @Override
  public void close() {
    memory.give(block);
  }
}
