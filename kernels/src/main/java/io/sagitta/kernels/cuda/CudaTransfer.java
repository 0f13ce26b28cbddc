package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import java.nio.FloatBuffer;
import java.util.Objects;
import jcuda.driver.JCudaDriver;

/**
 * Copies between Java arrays and device memory, through page-locked memory and in order with the
 * kernels. An upload returns as soon as the array is read; it waits only for room. A download waits
 * for what it brings, one piece under way while another is read out.
 */
final class CudaTransfer {
  /** Writes {@code count} elements from {@code from} on into a slot, at a byte offset. */
  private interface Writer {
    void write(CudaStaging.Slot slot, int at, int from, int count);
  }

  /** Reads elements out of a slot; the arguments are those of {@link Writer}. */
  private interface Reader {
    void read(CudaStaging.Slot slot, int at, int from, int count);
  }

  private static final int MOST = CudaStaging.MOST_BYTES / Float.BYTES;

  private final CudaSession session;
  private final CudaStaging staging;

  CudaTransfer(CudaSession session) {
    this.session = session;
    this.staging = session.staging();
  }

  void upload(float[] source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    Objects.checkFromIndexSize(sourceOffset, count, source.length);
    upload(
        target.range("upload", DType.F32, targetOffset, count), count,
        (slot, at, from, n) ->
            slot.bytes().asFloatBuffer().put(at / Float.BYTES, source, sourceOffset + from, n));
  }

  void upload(double[] source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    Objects.checkFromIndexSize(sourceOffset, count, source.length);
    upload(
        target.range("upload", DType.F32, targetOffset, count), count,
        (slot, at, from, n) -> {
          FloatBuffer rounded = slot.bytes().asFloatBuffer();
          for (int i = 0; i < n; i++) {
            rounded.put(at / Float.BYTES + i, (float) source[sourceOffset + from + i]);
          }
        });
  }

  void upload(int[] source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    Objects.checkFromIndexSize(sourceOffset, count, source.length);
    upload(
        target.range("upload", DType.I32, targetOffset, count), count,
        (slot, at, from, n) ->
            slot.bytes().asIntBuffer().put(at / Integer.BYTES, source, sourceOffset + from, n));
  }

  void download(CudaBuffer source, long sourceOffset, float[] target, int targetOffset, int count) {
    Objects.checkFromIndexSize(targetOffset, count, target.length);
    download(
        source.range("download", DType.F32, sourceOffset, count), count,
        (slot, at, from, n) ->
            slot.bytes().asFloatBuffer().get(at / Float.BYTES, target, targetOffset + from, n));
  }

  void download(
      CudaBuffer source, long sourceOffset, double[] target, int targetOffset, int count) {
    Objects.checkFromIndexSize(targetOffset, count, target.length);
    download(
        source.range("download", DType.F32, sourceOffset, count), count,
        (slot, at, from, n) -> {
          FloatBuffer values = slot.bytes().asFloatBuffer();
          for (int i = 0; i < n; i++) {
            target[targetOffset + from + i] = values.get(at / Float.BYTES + i);
          }
        });
  }

  void download(CudaBuffer source, long sourceOffset, int[] target, int targetOffset, int count) {
    Objects.checkFromIndexSize(targetOffset, count, target.length);
    download(
        source.range("download", DType.I32, sourceOffset, count), count,
        (slot, at, from, n) ->
            slot.bytes().asIntBuffer().get(at / Integer.BYTES, target, targetOffset + from, n));
  }

  private void upload(Address target, int count, Writer writer) {
    session.attachToWait("upload");
    synchronized (staging) {
      for (int from = 0; from < count; from += MOST) {
        int n = Math.min(MOST, count - from);
        int bytes = n * Float.BYTES;
        CudaStaging.Slot slot = staging.reserve(bytes);
        int at = staging.offset();
        writer.write(slot, at, from, n);
        Cuda.check(
            JCudaDriver.cuMemcpyHtoDAsync(
                target.plus((long) from * Float.BYTES), slot.at(at), bytes, session.stream()),
            "cuMemcpyHtoDAsync", bytes);
      }
    }
  }

  private void download(Address source, int count, Reader reader) {
    session.attachToWait("download");
    synchronized (staging) {
      CudaStaging.Slot before = null;
      int beforeAt = 0;
      for (int from = 0; from < count; from += MOST) {
        int n = Math.min(MOST, count - from);
        int bytes = n * Float.BYTES;
        CudaStaging.Slot slot = staging.reserve(bytes);
        int at = staging.offset();
        Cuda.check(
            JCudaDriver.cuMemcpyDtoHAsync(
                slot.at(at), source.plus((long) from * Float.BYTES), bytes, session.stream()),
            "cuMemcpyDtoHAsync", bytes);
        slot.mark(session.stream());
        if (before != null) {
          before.await();
          reader.read(before, beforeAt, from - MOST, MOST);
        }
        before = slot;
        beforeAt = at;
      }
      if (before != null) {
        int last = (count - 1) / MOST * MOST;
        before.await();
        reader.read(before, beforeAt, last, count - last);
      }
    }
  }
}
