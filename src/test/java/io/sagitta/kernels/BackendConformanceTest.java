package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every {@link ConformanceCase} on every backend, with whole buffers and with slices of
 * guarded ones.
 */
class BackendConformanceTest {
  @TestFactory
  Stream<DynamicNode> everyBackendAgreesWithTheReference() {
    return Backends.all().stream().map(BackendConformanceTest::tests);
  }

  @Test
  void everyMethodHasACase() {
    Set<String> methods =
        Arrays.stream(Backend.class.getMethods())
            .map(ConformanceCase::key)
            .collect(Collectors.toSet());
    Set<String> covered =
        ConformanceCase.all().stream().map(ConformanceCase::method).collect(Collectors.toSet());
    assertThat(covered).containsExactlyInAnyOrderElementsOf(methods);
  }

  private static DynamicNode tests(Backends.Candidate candidate) {
    if (candidate.factory() == null) {
      return DynamicTest.dynamicTest(
          candidate.name(),
          () -> Assumptions.abort(candidate.name() + " is absent: " + candidate.reason()));
    }
    return DynamicContainer.dynamicContainer(
        candidate.name(),
        ConformanceCase.all().stream()
            .flatMap(c -> Arrays.stream(Duel.Layout.values()).map(l -> test(candidate, c, l))));
  }

  private static DynamicTest test(
      Backends.Candidate candidate, ConformanceCase test, Duel.Layout layout) {
    String title = candidate.name() + ", " + test + ", " + layout;
    return DynamicTest.dynamicTest(
        title,
        () -> {
          try {
            run(candidate, test, layout);
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(title + ", seed " + Duel.SEED + ": " + e.getMessage(), e);
          }
        });
  }

  private static void run(Backends.Candidate candidate, ConformanceCase test, Duel.Layout layout) {
    Set<String> called = ConcurrentHashMap.newKeySet();
    Supplier<Backend> factory = () -> recording(candidate.factory().get(), called);
    try (Duel duel = new Duel(factory, layout)) {
      test.body().run(duel);
      assertThat(called).as("methods called by the case").contains(test.method());
      duel.checkTraces();
    }
  }

  /** The same backend, which notes the methods that are called. */
  private static Backend recording(Backend backend, Set<String> called) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getDeclaringClass() == Backend.class) {
                called.add(ConformanceCase.key(method));
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
