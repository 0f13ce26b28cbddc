package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.DType;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is derived from a buffer's contents holds until any part of them is written. */
class HostBufferTest {
  private final HostBackend host = HostBackend.createPlain();
  private final AtomicInteger closed = new AtomicInteger();
  private final AutoCloseable packed = closed::incrementAndGet;

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void aKernelThatWritesMakesItStale() {
    HostBuffer buffer = allocate(8);
    buffer.derived(packed);
    assertThat(buffer.derived()).isSameAs(packed);
    host.fill(buffer, 1);
    assertThat(buffer.derived()).isNull();
  }

  @Test
  void aKernelThatReadsDoesNot() {
    HostBuffer buffer = allocate(8);
    HostBuffer other = allocate(8);
    host.fill(buffer, 1);
    buffer.derived(packed);
    host.affine(buffer, 2, 0, other);
    host.download(buffer, 0, new float[8], 0, 8);
    assertThat(buffer.derived()).isSameAs(packed);
  }

  @Test
  void aStepInPlaceMakesItStale() {
    HostBuffer weight = allocate(8);
    HostBuffer gradient = allocate(8);
    HostBuffer velocity = allocate(8);
    host.fill(weight, 1);
    host.fill(gradient, 1);
    host.fill(velocity, 0);
    weight.derived(packed);
    gradient.derived(packed);
    host.sgd(List.of(weight), List.of(gradient), List.of(velocity), 0.1, 0.9, 0, false);
    assertThat(weight.derived()).isNull();
    assertThat(gradient.derived()).isSameAs(packed);
  }

  @Test
  void writesToAnyPartCountForAllParts() {
    HostBuffer whole = allocate(8);
    HostBuffer part = whole.slice(2, 4);
    whole.derived(packed);
    host.fill(part, 1);
    assertThat(whole.derived()).isNull();
    part.derived(packed);
    host.fill(whole, 1);
    assertThat(part.derived()).isNull();
    part.release();
  }

  @Test
  void itIsClosedWhenReplacedAndWhenTheBufferIsFreed() {
    HostBuffer buffer = allocate(8);
    buffer.derived(packed);
    buffer.derived(packed);
    assertThat(closed).hasValue(0);
    buffer.derived(closed::incrementAndGet);
    assertThat(closed).hasValue(1);
    buffer.touch();
    buffer.release();
    assertThat(closed).hasValue(2);
  }

  private HostBuffer allocate(int elements) {
    return HostBuffer.of(host.allocate(DType.F32, elements));
  }
}
