package io.sagitta.kernels.cuda;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets a session time kernels in quiet. The sessions of a device run side by side, each on its own
 * stream; while one of them measures, the others launch nothing and wait at their next use. One
 * that records a graph goes on, since what it launches does not run. Another process on the device
 * is not heard of.
 *
 * <p>Nobody waits for a session that waits: measuring takes nothing that other sessions hold.
 */
final class Quiet {
  private static final Map<Integer, Quiet> OF_DEVICES = new ConcurrentHashMap<>();

  /** Held by who measures, joins, leaves or begins to record. */
  private final ReentrantLock turn = new ReentrantLock();

  private final Set<CudaSession> sessions = new LinkedHashSet<>();

  private Quiet() {}

  /** That of a device of this process, by its number. */
  static Quiet of(int ordinal) {
    return OF_DEVICES.computeIfAbsent(ordinal, any -> new Quiet());
  }

  /** From now on a session, whose stream is there, keeps quiet where others measure. */
  void join(CudaSession session) {
    between(() -> sessions.add(session));
  }

  /** A session has launched its last; its stream may go. */
  void leave(CudaSession session) {
    between(() -> sessions.remove(session));
  }

  /** Does something short that must not happen while anybody measures. */
  void between(Runnable work) {
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  /** Returns as soon as nobody measures. */
  void await() {
    between(() -> {});
  }

  /**
   * Does work that times kernels, when it is this session's turn and the others are idle.
   *
   * @param work may use no other session of the device
   */
  <T> T measure(CudaSession session, Supplier<T> work) {
    turn.lock();
    try {
      others(session).forEach(other -> other.hush(true));
      settle(session);
      return work.get();
    } finally {
      others(session).forEach(other -> other.hush(false));
      turn.unlock();
    }
  }

  /**
   * Waits for what the others have launched. To be asked again behind the first kernels of a
   * measurement: a thread that had looked just before it was told to wait may have launched since.
   */
  void settle(CudaSession session) {
    between(() -> others(session).forEach(CudaSession::settle));
  }

  private Set<CudaSession> others(CudaSession session) {
    Set<CudaSession> others = new LinkedHashSet<>(sessions);
    others.remove(session);
    return others;
  }
}
