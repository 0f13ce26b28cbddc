package io.sagitta.kernels.cuda;

/** A stretch of device memory: a piece of a chunk of {@link CudaMemory}, in use or free. */
final class Block {
  /** What the driver gave at once; its blocks follow each other without gaps. */
  static final class Chunk {
    final Address address;
    final long bytes;

    /** Whether it serves small requests. */
    final boolean small;

    /** Orders chunks by age, so that which block is best does not depend on addresses. */
    final long serial;

    /** The block at offset 0. */
    Block first;

    Chunk(Address address, long bytes, boolean small, long serial) {
      this.address = address;
      this.bytes = bytes;
      this.small = small;
      this.serial = serial;
    }
  }

  final Chunk chunk;
  final long offset;
  private final Address address;
  long bytes;
  Block before;
  Block after;

  /** Those who may take it when it is free: everybody, or one graph. */
  FreeBlocks owner;

  /** Whether it is in its owner's list of free blocks. */
  boolean free;

  private volatile boolean gone;

  Block(Chunk chunk, long offset, long bytes, FreeBlocks owner) {
    this.chunk = chunk;
    this.offset = offset;
    this.bytes = bytes;
    this.owner = owner;
    this.address = chunk.address.plus(offset);
  }

  Address address() {
    return address;
  }

  /** Whether the memory went back to the driver; nothing may touch it then. */
  boolean isGone() {
    return gone;
  }

  void setGone() {
    gone = true;
  }

  /** Whether it is all of its chunk. */
  boolean isWholeChunk() {
    return bytes == chunk.bytes;
  }

  /** Cuts off what is beyond {@code size}; the rest, which has the same owner, or null. */
  Block cut(long size) {
    if (bytes == size) {
      return null;
    }
    Block rest = new Block(chunk, offset + size, bytes - size, owner);
    rest.before = this;
    rest.after = after;
    if (after != null) {
      after.before = rest;
    }
    after = rest;
    bytes = size;
    return rest;
  }

  /** Takes in the block behind this one, which is no more. */
  void absorbNext() {
    Block next = after;
    bytes += next.bytes;
    after = next.after;
    if (after != null) {
      after.before = this;
    }
    next.setGone();
  }
}
