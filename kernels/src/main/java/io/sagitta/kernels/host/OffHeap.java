package io.sagitta.kernels.host;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory outside the Java heap that is freed when told, not when collected. From Java 22 on it is a
 * shared arena's; before, a direct buffer's, given back by its cleaner. Both are called by
 * reflection: the code compiles for Java 17, which has no arenas, and newer versions warn of the
 * cleaner.
 */
final class OffHeap {
  private static final boolean ARENAS = Runtime.version().feature() >= 22;
  private static final Calls CALLS = new Calls();

  /** Bytes of arenas, which Java holds to no limit of its own. */
  private static final AtomicLong RESERVED = new AtomicLong();

  private final ByteBuffer bytes;
  private final Object arena;

  private OffHeap(ByteBuffer bytes, Object arena) {
    this.bytes = bytes;
    this.arena = arena;
  }

  /**
   * Zeroed memory.
   *
   * @throws OutOfMemoryError if there is none, or -XX:MaxDirectMemorySize is reached
   */
  static OffHeap allocate(int size) {
    if (!ARENAS) {
      return new OffHeap(ByteBuffer.allocateDirect(size), null);
    }
    reserve(size);
    Object arena = call(CALLS.openArena, null);
    try {
      Object segment = call(CALLS.allocate, arena, (long) size);
      return new OffHeap((ByteBuffer) call(CALLS.asByteBuffer, segment), arena);
    } catch (OutOfMemoryError e) {
      RESERVED.addAndGet(-size);
      call(CALLS.closeArena, arena);
      throw e;
    }
  }

  private static void reserve(int size) {
    long limit = Limit.BYTES;
    long before = RESERVED.getAndUpdate(all -> all + size <= limit ? all + size : all);
    if (before + size > limit) {
      throw new OutOfMemoryError(
          "off-heap memory: " + size + " bytes asked for, " + before + " of " + limit + " in use");
    }
  }

  /** Bytes that all of it may take together. */
  static long limit() {
    return Limit.BYTES;
  }

  /** Asked for once, when first wanted. */
  private static final class Limit {
    static final long BYTES = bytes();

    private static long bytes() {
      HotSpotDiagnosticMXBean machine =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      long option =
          machine == null
              ? 0
              : Long.parseLong(machine.getVMOption("MaxDirectMemorySize").getValue());
      return option == 0 ? Runtime.getRuntime().maxMemory() : option;
    }
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Gives the memory back; {@link #bytes} must not be used any more. */
  void free() {
    if (ARENAS) {
      call(CALLS.closeArena, arena);
      RESERVED.addAndGet(-bytes.capacity());
    } else {
      call(CALLS.invokeCleaner, CALLS.unsafe, bytes);
    }
  }

  /** The methods of whichever interface this Java has; those of the other are null. */
  private static final class Calls {
    private Method openArena;
    private Method allocate;
    private Method closeArena;
    private Method asByteBuffer;
    private Method invokeCleaner;
    private Object unsafe;

    Calls() {
      try {
        if (ARENAS) {
          Class<?> arena = Class.forName("java.lang.foreign.Arena");
          openArena = arena.getMethod("ofShared");
          allocate = arena.getMethod("allocate", long.class);
          closeArena = arena.getMethod("close");
          asByteBuffer = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
        } else {
          Class<?> type = Class.forName("sun.misc.Unsafe");
          Field instance = type.getDeclaredField("theUnsafe");
          instance.setAccessible(true);
          unsafe = instance.get(null);
          invokeCleaner = type.getMethod("invokeCleaner", ByteBuffer.class);
        }
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private static Object call(Method method, Object target, Object... arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error) {
        throw (Error) e.getCause();
      }
      throw new IllegalStateException("host memory: " + method + " failed", e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("host memory: " + method + " failed", e);
    }
  }
}
