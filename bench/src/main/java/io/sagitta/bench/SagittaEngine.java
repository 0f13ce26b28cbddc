package io.sagitta.bench;

import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Precision;
import java.util.List;
import java.util.function.Supplier;

/** This project's engine on one of its devices. */
public final class SagittaEngine implements Engine {
  private final String device;
  private final Precision precision;

  /** On the host, in binary32. */
  public SagittaEngine() {
    this("host", Precision.FP32);
  }

  /**
   * On a device.
   *
   * @param device a name that {@link io.sagitta.kernels.Devices#open} takes
   * @param precision of convolutions
   */
  public SagittaEngine(String device, Precision precision) {
    this.device = device;
    this.precision = precision;
  }

  @Override
  public String name() {
    return "sagitta";
  }

  @Override
  public String description() {
    return "Sagitta";
  }

  @Override
  public List<Supplier<Workload>> variants(Workload.Kind kind, Problem problem) {
    return List.of(() -> new SagittaWorkload(kind, problem, Devices.open(device), precision));
  }

  @Override
  public List<Supplier<Workload>> variants(ConvolutionWork work, int batch) {
    return List.of(() -> new SagittaConvolution(work, batch, device, precision));
  }
}
