package io.sagitta.kernels.cuda;

import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What a thread works on: the session whose context is current in it, and its launch there. A
 * thread that goes back and forth between devices keeps a launch on each.
 */
final class Attachment {
  private static final ThreadLocal<Attachment> OF_THREAD = ThreadLocal.withInitial(Attachment::new);

  private final Map<CudaSession, Launch> launches = new IdentityHashMap<>();
  private CudaSession session;
  private Launch launch;

  private Attachment() {}

  /** The calling thread's. */
  static Attachment ofThread() {
    return OF_THREAD.get();
  }

  /** The session whose context is current, or null. */
  CudaSession session() {
    return session;
  }

  /** The thread's launch on the current session, or null where it has none yet. */
  Launch launch() {
    return launch;
  }

  /** Moves the thread to a session, whose context has just been made current. */
  void moveTo(CudaSession next) {
    launches.keySet().removeIf(CudaSession::isClosed);
    session = next;
    launch = launches.get(next);
  }

  /** Notes the thread's launch on the current session. */
  void keep(Launch made) {
    launches.put(session, made);
    launch = made;
  }

  /** Leaves a session that closes. */
  void leave(CudaSession closing) {
    launches.remove(closing);
    if (session == closing) {
      session = null;
      launch = null;
    }
  }
}
