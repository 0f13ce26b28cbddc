package io.sagitta.bench;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * What is asked of a backend: arithmetic of convolutions and matrix products, and the bytes of the
 * arrays that operations are given, each counted once an operation.
 */
final class Traffic {
  private long flop;
  private long bytes;

  /** Floating-point operations, a multiplication and an addition being two. */
  long flop() {
    return flop;
  }

  /** Bytes of operands and results. */
  long bytes() {
    return bytes;
  }

  /** Forgets what was counted. */
  void reset() {
    flop = 0;
    bytes = 0;
  }

  /** The same backend, whose operations are counted. */
  Backend through(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              count(method, arguments == null ? new Object[0] : arguments);
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private synchronized void count(Method method, Object[] arguments) {
    for (Object argument : arguments) {
      if (argument instanceof Buffer buffer) {
        bytes += buffer.bytes();
      } else if (argument instanceof Conv2dGeometry g) {
        flop += 2 * g.outputElements() * (g.weightElements() / g.outChannels());
      }
    }
    if (method.getName().equals("matmul")) {
      long product = 2;
      for (int i = arguments.length - 4; i < arguments.length; i++) {
        product *= (Integer) arguments[i];
      }
      flop += product;
    }
  }
}
