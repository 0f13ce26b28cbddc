package io.sagitta.kernels.host;

import org.bytedeco.javacpp.Pointer;

/** An address that JavaCPP takes as a pointer; it owns nothing and can be set again and again. */
final class DnnlAddress extends Pointer {

  DnnlAddress at(long newAddress) {
    address = newAddress;
    return this;
  }

  /** Where a buffer's elements lie. */
  static long of(HostBuffer buffer) {
    return of(buffer.block()) + buffer.byteOffset();
  }

  /** Where a block lies; found once, then kept with the block. */
  static long of(HostMemory.Block block) {
    if (block.attachment instanceof Long known) {
      return known;
    }
    long found = getDirectBufferAddress(block.bytes);
    block.attachment = found;
    return found;
  }
}
