// A flow of control with a stack of its own, and the change from one to another.
#pragma once
#include <cstddef>

#if defined(__x86_64__)

// Saves the callee's registers and stack in *from and goes on with `to`.
extern "C" void emu_switch(void** from, void* to);

struct Context {
  void* stack_pointer = nullptr;

  void begin(unsigned char* top, void (*entry)()) {
    void** at = reinterpret_cast<void**>(reinterpret_cast<size_t>(top) & ~size_t{15});
    *--at = nullptr;                            // the return address that entry never uses
    *--at = reinterpret_cast<void*>(entry);
    for (int i = 0; i < 6; ++i) *--at = nullptr;  // rbp, rbx, r12 to r15
    stack_pointer = at;
  }

  static void change(Context& from, Context& to) { emu_switch(&from.stack_pointer, to.stack_pointer); }
};

#else
#include <ucontext.h>

struct Context {
  ucontext_t state;

  void begin(unsigned char* top, void (*entry)()) {
    constexpr size_t bytes = 48 << 10;
    getcontext(&state);
    state.uc_stack.ss_sp = top - bytes;
    state.uc_stack.ss_size = bytes;
    state.uc_link = nullptr;
    makecontext(&state, entry, 0);
  }

  static void change(Context& from, Context& to) { swapcontext(&from.state, &to.state); }
};

#endif
