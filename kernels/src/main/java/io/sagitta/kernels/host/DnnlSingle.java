package io.sagitta.kernels.host;

/** An operation that is one plan, which the calling thread runs on the arguments as they are. */
record DnnlSingle(DnnlPlan plan) implements DnnlOperation {

  @Override
  public void run(HostMemory memory, HostBuffer weights, long... arguments) {
    plan.run(memory, arguments);
  }

  @Override
  public void close() {
    plan.close();
  }
}
