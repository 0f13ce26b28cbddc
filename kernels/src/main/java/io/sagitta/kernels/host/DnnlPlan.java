package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;

/**
 * A short program of oneDNN primitives, such as: convert x, convolve, convert y back. A slot names
 * where an argument of a primitive lies: 0, 1, … is the caller's argument of that number, −1, −2, …
 * is a temporary in scratch memory, each 64-byte aligned.
 *
 * <p>A plan may run in several threads at once: each run takes a set of oneDNN's argument objects
 * of its own, which are kept for the next.
 */
final class DnnlPlan implements AutoCloseable {
  /** One primitive: for each of its arguments oneDNN's number, the layout and the slot. */
  record Step(
      dnnl_primitive primitive, int[] arguments, dnnl_memory_desc[] layouts, int[] slots) {}

  private final Dnnl library;
  private final List<Step> steps;
  private final long[] temporaries;
  private final long scratchBytes;
  private final ConcurrentLinkedQueue<Run> idle = new ConcurrentLinkedQueue<>();

  /**
   * @param temporaries offset of each in scratch memory
   * @param scratchBytes bytes of scratch memory that a run needs
   */
  DnnlPlan(Dnnl library, List<Step> steps, long[] temporaries, long scratchBytes) {
    this.library = library;
    this.steps = List.copyOf(steps);
    this.temporaries = temporaries;
    this.scratchBytes = scratchBytes;
  }

  /**
   * Runs the steps on this thread.
   *
   * @param memory gives scratch memory for as long as it takes
   * @param arguments addresses of the caller's arguments; those that no step uses may be 0
   */
  void run(HostMemory memory, long... arguments) {
    HostMemory.Block scratch = scratchBytes == 0 ? null : memory.take(scratchBytes);
    Run run = idle.poll();
    library.threads().enter();
    try {
      if (run == null) {
        run = new Run();
      }
      run.execute(scratch == null ? 0 : DnnlAddress.of(scratch), arguments);
    } finally {
      library.threads().leave();
      if (run != null) {
        idle.add(run);
      }
      if (scratch != null) {
        memory.give(scratch);
      }
    }
  }

  @Override
  public void close() {
    for (Run run = idle.poll(); run != null; run = idle.poll()) {
      run.close();
    }
    for (Step step : steps) {
      Dnnl.check(dnnl_primitive_destroy(step.primitive), "primitive");
      for (dnnl_memory_desc layout : step.layouts) {
        Dnnl.check(dnnl_memory_desc_destroy(layout), "layout");
      }
    }
  }

  /** The argument objects of one run at a time. */
  private final class Run implements AutoCloseable {
    private final dnnl_stream stream = new dnnl_stream();
    private final DnnlAddress address = new DnnlAddress();
    private final List<dnnl_memory[]> memories = new ArrayList<>();
    private final List<dnnl_exec_arg_t> arguments = new ArrayList<>();

    Run() {
      Dnnl.check(
          dnnl_stream_create(stream, library.engine(), dnnl_stream_default_flags), "stream");
      for (Step step : steps) {
        dnnl_memory[] memory = new dnnl_memory[step.slots.length];
        dnnl_exec_arg_t list = new dnnl_exec_arg_t(memory.length);
        for (int i = 0; i < memory.length; i++) {
          memory[i] = new dnnl_memory();
          Dnnl.check(
              dnnl_memory_create(memory[i], step.layouts[i], library.engine(), null), "memory");
          list.position(i).arg(step.arguments[i]).memory(memory[i]);
        }
        memories.add(memory);
        arguments.add(list.position(0));
      }
    }

    void execute(long scratch, long[] callerArguments) {
      for (int s = 0; s < steps.size(); s++) {
        Step step = steps.get(s);
        dnnl_memory[] memory = memories.get(s);
        for (int i = 0; i < memory.length; i++) {
          int slot = step.slots[i];
          address.at(slot >= 0 ? callerArguments[slot] : scratch + temporaries[-1 - slot]);
          Dnnl.check(dnnl_memory_set_data_handle(memory[i], address), "memory");
        }
        Dnnl.check(
            dnnl_primitive_execute(step.primitive, stream, memory.length, arguments.get(s)),
            "primitive");
      }
    }

    @Override
    public void close() {
      arguments.forEach(dnnl_exec_arg_t::close);
      for (dnnl_memory[] step : memories) {
        for (dnnl_memory memory : step) {
          Dnnl.check(dnnl_memory_destroy(memory), "memory");
        }
      }
      Dnnl.check(dnnl_stream_destroy(stream), "stream");
    }
  }
}
