package io.sagitta.bench;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Precision;

/** A convolution on a backend of Sagitta. */
final class SagittaConvolution implements Workload {
  private static final long SEED = 1;

  private final ConvolutionWork work;
  private final Precision precision;
  private final Conv2dGeometry geometry;
  private final Backend backend;
  private final Buffer x;
  private final Buffer w;
  private final Buffer y;

  SagittaConvolution(ConvolutionWork work, int batch, String device, Precision precision) {
    this.work = work;
    this.precision = precision;
    this.geometry = work.geometry(batch);
    this.backend = Devices.open(device);
    this.x = normals(0, geometry.inputElements());
    this.w = normals(1, geometry.weightElements());
    this.y = normals(2, geometry.outputElements());
  }

  private Buffer normals(int stream, long elements) {
    Philox philox = new Philox(SEED);
    float[] values = new float[Math.toIntExact(elements)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) philox.normal(stream, i);
    }
    Buffer buffer = backend.allocate(DType.F32, elements);
    backend.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  @Override
  public void step() {
    switch (work.pass()) {
      case FORWARD -> backend.conv2d(precision, geometry, x, w, y);
      case INPUT -> backend.conv2dGradInput(precision, geometry, w, y, x);
      case WEIGHT -> backend.conv2dGradWeight(precision, geometry, x, y, w);
    }
  }

  /** Tests hold convolutions to float64; here they are timed only. */
  @Override
  public double[] check() {
    throw new UnsupportedOperationException("convolutions are not checked where they are timed");
  }

  @Override
  public void finish() {
    backend.synchronize();
  }

  @Override
  public String note() {
    return ", " + backend.description() + ", " + precision;
  }

  @Override
  public void close() {
    x.release();
    w.release();
    y.release();
    backend.close();
  }
}
