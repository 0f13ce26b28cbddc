package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.cuda.EmulatedCuda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every {@link ConformanceCase} with the threads and blocks of its kernels in three orders:
 * all that is read back must agree bit for bit. A kernel that lacks a barrier does not.
 */
class EmulatedSchedulesTest {
  private static final List<String> ORDERS = List.of("forward", "reverse", "random");

  @BeforeAll
  static void needsTheEmulatedDriver() {
    assumeTrue(EmulatedCuda.whyAbsent() == null, EmulatedCuda::whyAbsent);
  }

  @AfterAll
  static void restore() {
    if (EmulatedCuda.whyAbsent() == null) {
      EmulatedCuda.command("order", ORDERS.get(0));
    }
  }

  @TestFactory
  Stream<DynamicTest> noScheduleChangesABit() {
    return ConformanceCase.all().stream()
        .map(test -> DynamicTest.dynamicTest(test.toString(), () -> compare(test)));
  }

  private static void compare(ConformanceCase test) {
    List<Integer> expected = read(test, ORDERS.get(0));
    for (String order : ORDERS.subList(1, ORDERS.size())) {
      assertThat(read(test, order)).as("%s, order %s", test, order).isEqualTo(expected);
    }
  }

  /** The hash of each array that was read back. */
  private static List<Integer> read(ConformanceCase test, String order) {
    EmulatedCuda.command("order", order);
    List<Integer> hashes = new ArrayList<>();
    try (Duel duel = new Duel(() -> reading(EmulatedCuda.open(), hashes), Duel.Layout.WHOLE)) {
      test.body().run(duel);
      duel.checkTraces();
    }
    return hashes;
  }

  private static Backend reading(Backend backend, List<Integer> hashes) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(backend, arguments);
                if (method.getName().equals("download")) {
                  hashes.add(Arrays.deepHashCode(new Object[] {arguments[2]}));
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
