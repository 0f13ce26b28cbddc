// Faults of kernels, told from the process's own.
#include <signal.h>

#include <cstdio>

#include "worker.h"

namespace emulator {

namespace {

struct sigaction previous_segv, previous_bus, previous_ill;

void pass_on(const struct sigaction& previous, int signal, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    sigaction(signal, &previous, nullptr);  // the fault comes again
  }
}

// A fault in kernel code is the kernel's and ends its block; any other belongs to the process, which
// is a JVM that uses such faults itself.
void on_fault(int signal, siginfo_t* info, void* context) {
  Worker* worker = worker_here;
  if (worker == nullptr) {
    pass_on(signal == SIGBUS   ? previous_bus
            : signal == SIGILL ? previous_ill
                               : previous_segv,
            signal, info, context);
    return;
  }
  if (signal == SIGILL) {  // the trap that the compiler puts before an access
    worker->fail(kMisalignedAddress, "an access that is not aligned to its type");
  }
  bool no_address = signal == SIGSEGV && info->si_code == SI_KERNEL;
  if (no_address) {
    worker->fail(kMisalignedAddress, "an access that is not aligned, or far outside of memory");
  }
  char at[32];
  std::snprintf(at, sizeof(at), "%p", info->si_addr);
  worker->fail(kIllegalAddress, std::string("illegal access at ") + at + ", " + nearest_allocation(info->si_addr));
}

}  // namespace

void install_fault_handler() {
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  sigaction(SIGSEGV, &action, &previous_segv);
  sigaction(SIGBUS, &action, &previous_bus);
  sigaction(SIGILL, &action, &previous_ill);
}

void enter(Worker& worker) {
  stack_t stack{};
  stack.ss_sp = worker.signal_stack_.data();
  stack.ss_size = worker.signal_stack_.size();
  sigaltstack(&stack, &worker.previous_stack_);
  worker_here = &worker;
}

void leave(Worker& worker) {
  worker_here = nullptr;
  sigaltstack(&worker.previous_stack_, nullptr);
}

}  // namespace emulator
