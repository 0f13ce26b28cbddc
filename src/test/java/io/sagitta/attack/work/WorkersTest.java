package io.sagitta.attack.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.Latches;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DeviceException;
import io.sagitta.kernels.MemoryUse;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  private final List<String> opened = Collections.synchronizedList(new ArrayList<>());
  private final List<String> closed = Collections.synchronizedList(new ArrayList<>());
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  private Workers workers(String... names) {
    return new Workers(List.of(names), null, this::backend);
  }

  /** A backend that knows its name and whether it was closed. */
  private Backend backend(String name) {
    opened.add(name);
    events.add("opened " + name);
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                closed.add(name);
                events.add("closed " + name);
              }
              if (method.getName().equals("memoryUse")) {
                return new MemoryUse(3, 80);
              }
              return method.getReturnType() == String.class ? "made for " + name : null;
            });
  }

  private static DeviceException lost() {
    return new DeviceException("cuda:0: an illegal address", true, null);
  }

  @Test
  void everyModelIsWorkedOnOnceByADeviceOfItsOwnThread() {
    Map<Integer, String> threads = new ConcurrentHashMap<>();
    CountDownLatch bothBegan = new CountDownLatch(2);
    try (Workers workers = workers("cuda:0", "cuda:1")) {
      workers.each(
          IntStream.range(0, 20).boxed().toList(), Progress.NONE,
          (model, backend, progress) -> {
            String thread = Thread.currentThread().getName();
            assertThat(backend.description()).isEqualTo("made for " + thread);
            assertThat(threads.put(model, thread)).isNull();
            bothBegan.countDown();
            Latches.await(bothBegan);
          });
      assertThat(workers.description()).isEqualTo("made for cuda:0; made for cuda:1");
    }
    assertThat(threads.keySet()).hasSize(20);
    assertThat(Set.copyOf(threads.values())).containsExactlyInAnyOrder("cuda:0", "cuda:1");
    assertThat(closed).containsExactlyInAnyOrder("cuda:0", "cuda:1");
  }

  @Test
  void oneDeviceWorksOnTheCallersThread() {
    List<Integer> done = new ArrayList<>();
    Thread caller = Thread.currentThread();
    try (Workers workers = workers("host")) {
      workers.each(
          List.of(3, 1, 2), Progress.NONE,
          (model, backend, progress) -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            done.add(model);
          });
    }
    assertThat(done).containsExactly(3, 1, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "cuda:0"})
  void severalWorkOnTheOnlyDeviceEachWithABackendOfItsOwn(String device) {
    Map<Integer, Backend> backends = new ConcurrentHashMap<>();
    CountDownLatch allBegan = new CountDownLatch(3);
    try (Workers workers = workers(device)) {
      workers.each(
          IntStream.range(0, 20).boxed().toList(), 3, Progress.NONE,
          (model, backend, progress) -> {
            allBegan.countDown();
            Latches.await(allBegan);
            backends.put(model, backend);
          });
      assertThat(closed).isEmpty();
      workers.each(List.of(0, 1), 2, Progress.NONE, (model, backend, progress) -> {});
      assertThat(closed).as("one too many").hasSize(1);
      workers.each(List.of(0), Progress.NONE, (model, backend, progress) -> {});
      assertThat(closed).as("those made for the occasion").hasSize(2);
    }
    assertThat(backends).hasSize(20);
    assertThat(backends.values().stream().map(System::identityHashCode).distinct()).hasSize(3);
    assertThat(opened).containsOnly(device).hasSize(3);
    assertThat(closed).hasSize(3);
  }

  @Test
  void ofSeveralGpusEachHasOneModelAtATime() {
    try (Workers workers = workers("cuda:0", "cuda:1")) {
      workers.atOnce(new AtOnce(1));
      assertThatThrownBy(() -> workers.atOnce(new AtOnce(4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "at-once: expected auto or 1 on cuda:0,cuda:1, since of several GPUs each works on"
                  + " one model at a time, got 4");
      assertThat(workers.atOnce()).isEqualTo(new AtOnce(1));
      assertThatThrownBy(
              () -> workers.each(List.of(0, 1), 2, Progress.NONE, (model, backend, own) -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("got 2");
    }
    try (Workers workers = workers("cuda:0")) {
      workers.atOnce(new AtOnce(4));
      assertThat(workers.atOnce()).isEqualTo(new AtOnce(4));
    }
  }

  @Test
  void atOnceIsAutoOrANumber() {
    assertThat(AtOnce.of("auto").isMeasured()).isTrue();
    assertThat(AtOnce.of("16")).isEqualTo(new AtOnce(16));
    for (String wrong : List.of("0", "-1", "1025", "two", "")) {
      assertThatThrownBy(() -> AtOnce.of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at-once: expected auto or a number from 1 to 1024, got");
    }
  }

  @Test
  void aLostDeviceIsOpenedAgainAndTheModelDoneOnceMore() {
    List<Integer> tries = new ArrayList<>();
    try (Workers workers = workers("cuda:0")) {
      workers.each(
          List.of(0, 1, 2), Progress.NONE,
          (model, backend, progress) -> {
            tries.add(model);
            if (model == 1 && tries.size() == 2) {
              throw lost();
            }
          });
    }
    assertThat(tries).containsExactly(0, 1, 1, 2);
    assertThat(opened).containsExactly("cuda:0", "cuda:0");
    assertThat(closed).containsExactly("cuda:0", "cuda:0");
  }

  @Test
  void aDeviceThatIsLostTwiceWithOneModelIsReported() {
    List<Integer> tries = new ArrayList<>();
    try (Workers workers = workers("cuda:0")) {
      assertThatThrownBy(
              () ->
                  workers.each(
                      List.of(0, 1), Progress.NONE,
                      (model, backend, progress) -> {
                        tries.add(model);
                        throw lost();
                      }))
          .isInstanceOf(DeviceException.class)
          .hasMessageStartingWith("cuda:0 was lost twice while it worked on model 0; ")
          .hasMessageEndingWith("an illegal address");
    }
    assertThat(tries).containsExactly(0, 0);
    assertThat(closed).hasSize(2);
  }

  @Test
  void aGpuLostToSeveralIsClosedByAllBeforeAnyOpensItAgain() {
    Map<Integer, Integer> tries = new ConcurrentHashMap<>();
    CountDownLatch bothBegan = new CountDownLatch(2);
    try (Workers workers = workers("cuda:0")) {
      workers.each(
          IntStream.range(0, 10).boxed().toList(), 2, Progress.NONE,
          (model, backend, progress) -> {
            tries.merge(model, 1, Integer::sum);
            bothBegan.countDown();
            Latches.await(bothBegan);
            if (model < 2 && tries.get(model) == 1) {
              throw lost();
            }
          });
      assertThat(events)
          .containsExactly(
              "opened cuda:0", "opened cuda:0", "closed cuda:0", "closed cuda:0",
              "opened cuda:0", "opened cuda:0");
    }
    assertThat(tries).hasSize(10);
    tries.forEach((model, times) -> assertThat(times).isEqualTo(model < 2 ? 2 : 1));
    assertThat(closed).hasSize(4);
  }

  @Test
  void aGpuLostTwiceToSeveralWithOneModelIsReported() {
    List<Integer> tries = Collections.synchronizedList(new ArrayList<>());
    try (Workers workers = workers("cuda:0")) {
      assertThatThrownBy(
              () ->
                  workers.each(
                      IntStream.range(0, 10).boxed().toList(), 2, Progress.NONE,
                      (model, backend, progress) -> {
                        tries.add(model);
                        if (model == 3) {
                          throw lost();
                        }
                      }))
          .isInstanceOf(DeviceException.class)
          .hasMessage(
              "cuda:0 was lost twice while it worked on model 3; what is done is kept. The second"
                  + " time: cuda:0: an illegal address");
    }
    assertThat(Collections.frequency(tries, 3)).isEqualTo(2);
    assertThat(tries.stream().filter(model -> model != 3)).doesNotHaveDuplicates();
    assertThat(closed).hasSize(4);
  }

  @Test
  void aGpuThatDoesNotOpenAgainIsReportedWithWhatLostIt() {
    AtomicInteger openings = new AtomicInteger();
    Function<String, Backend> opener =
        name -> {
          if (openings.incrementAndGet() > 2) {
            throw new DeviceException("cuda:0: fell off the bus");
          }
          return backend(name);
        };
    try (Workers workers = new Workers(List.of("cuda:0"), null, opener)) {
      assertThatThrownBy(
              () ->
                  workers.each(
                      List.of(0, 1), 2, Progress.NONE,
                      (model, backend, progress) -> {
                        throw lost();
                      }))
          .hasMessage("cuda:0: an illegal address")
          .satisfies(
              e -> assertThat(e.getSuppressed()[0]).hasMessage("cuda:0: fell off the bus"));
    }
  }

  @Test
  void anotherDeviceErrorIsNotTriedAgain() {
    List<Integer> tries = new ArrayList<>();
    try (Workers workers = workers("cuda:0")) {
      assertThatThrownBy(
              () ->
                  workers.each(
                      List.of(0), Progress.NONE,
                      (model, backend, progress) -> {
                        tries.add(model);
                        throw new DeviceException("no kernel image");
                      }))
          .hasMessage("no kernel image");
    }
    assertThat(tries).containsExactly(0);
    assertThat(opened).hasSize(1);
  }

  @Test
  void oneFailureStopsTheOtherDevices() {
    Set<Integer> begun = ConcurrentHashMap.newKeySet();
    List<Throwable> seen = Collections.synchronizedList(new ArrayList<>());
    try (Workers workers = workers("cuda:0", "cuda:1")) {
      assertThatThrownBy(
              () ->
                  workers.each(
                      IntStream.range(0, 1000).boxed().toList(), Progress.NONE,
                      (model, backend, progress) -> {
                        begun.add(model);
                        if (model == 0) {
                          throw new OutOfMemoryError("full");
                        }
                        try {
                          while (true) {
                            progress.update(0.5, Map.of());
                          }
                        } catch (StoppedException e) {
                          seen.add(e);
                          throw e;
                        }
                      }))
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessage("full")
          .hasNoSuppressedExceptions();
    }
    assertThat(begun).hasSizeLessThan(3);
    assertThat(seen).hasSizeLessThan(2);
    assertThat(closed).hasSize(2);
  }

  @Test
  void progressNamesTheDeviceAndComesOneCallAtATime() {
    Map<String, Set<Object>> devices = new TreeMap<>();
    List<Integer> inside = new ArrayList<>();
    Progress listener =
        new Progress() {
          @Override
          public void update(double fraction, Map<String, Object> figures) {
            inside.add(1);
            assertThat(inside).hasSize(1);
            assertThat(figures)
                .containsEntry("memory_used_bytes", 3L)
                .containsEntry("memory_total_bytes", 80L);
            devices
                .computeIfAbsent(Thread.currentThread().getName(), name -> new TreeSet<>())
                .add(figures.get("device"));
            inside.remove(0);
          }
        };
    CountDownLatch bothBegan = new CountDownLatch(2);
    try (Workers workers = workers("cuda:0", "cuda:1")) {
      workers.each(
          List.of(0, 1), listener,
          (model, backend, progress) -> {
            bothBegan.countDown();
            Latches.await(bothBegan);
            for (int i = 0; i < 500; i++) {
              progress.update(0, Map.of("epoch", i));
            }
          });
    }
    assertThat(devices)
        .isEqualTo(Map.of("cuda:0", Set.of("cuda:0"), "cuda:1", Set.of("cuda:1")));
  }

  @Test
  void whatWasOpenedIsClosedWhenAnotherCannotBe() {
    assertThatThrownBy(
            () ->
                new Workers(
                    List.of("cuda:0", "cuda:1"), null,
                    name -> {
                      if (name.equals("cuda:1")) {
                        throw new DeviceException("cuda:1: no such device");
                      }
                      return backend(name);
                    }))
        .hasMessage("cuda:1: no such device");
    assertThat(closed).containsExactly("cuda:0");
  }
}
