package io.sagitta.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** A place in device memory, whose number JCuda keeps to itself. */
final class Address extends CUdeviceptr {
  Address() {}

  private Address(Address base, long byteOffset) {
    super(base, byteOffset);
  }

  /** The address as kernels take it. */
  long value() {
    return getNativePointer() + getByteOffset();
  }

  Address plus(long bytes) {
    return new Address(this, bytes);
  }
}
