package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HelpersTest {
  /** At whatever moment a job comes while a helper looks, falls asleep or sleeps. */
  @Test
  void everyJobIsTaken() throws InterruptedException {
    Helpers helpers = new Helpers(2);
    for (int i = 0; i < 4000; i++) {
      CountDownLatch taken = new CountDownLatch(1);
      helpers.submit(worker -> taken.countDown(), 1);
      assertThat(taken.await(1, TimeUnit.MINUTES)).as("job %d", i).isTrue();
      for (int wait = 0; wait < i % 500 * 20; wait++) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void noMoreAreWokenThanAreAskedFor() throws InterruptedException {
    Helpers helpers = new Helpers(8);
    while (helpers.sleeping() < 8) {
      Thread.sleep(1);
    }
    CountDownLatch taken = new CountDownLatch(3);
    CountDownLatch end = new CountDownLatch(1);
    helpers.submit(
        worker -> {
          taken.countDown();
          await(end);
        },
        3);
    assertThat(helpers.sleeping()).as("when the call returns").isEqualTo(5);
    await(taken);
    assertThat(helpers.sleeping()).as("when the job is taken").isEqualTo(5);
    end.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
