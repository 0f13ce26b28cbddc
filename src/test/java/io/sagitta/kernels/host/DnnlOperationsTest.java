package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DnnlOperationsTest {
  private final Set<Integer> open = new TreeSet<>();
  private int built;

  /** Knows whether it is open. */
  private final class Probe implements DnnlOperation {
    private final int number;

    Probe(int number) {
      this.number = number;
      open.add(number);
      built++;
    }

    @Override
    public void run(HostMemory memory, HostBuffer weights, long... arguments) {
      assertThat(open).contains(number);
    }

    @Override
    public void close() {
      assertThat(open.remove(number)).isTrue();
    }
  }

  private void use(DnnlOperations operations, int number) {
    operations.use(number, () -> new Probe(number), operation -> operation.run(null, null));
  }

  @Test
  void keepsWhatIsUsedAndFreesTheRest() {
    DnnlOperations operations = new DnnlOperations();
    for (int i = 0; i < 5000; i++) {
      use(operations, i);
      use(operations, 0);
      assertThat(operations.size()).isEqualTo(open.size()).isLessThanOrEqualTo(512);
    }
    assertThat(built).isEqualTo(5000);
    assertThat(open).contains(0, 4999);
    operations.close();
    assertThat(open).isEmpty();
  }

  @Test
  void anOperationThatRunsIsNotFreed() {
    DnnlOperations operations = new DnnlOperations();
    operations.use(
        -1, () -> new Probe(-1),
        outer -> {
          for (int i = 0; i < 2000; i++) {
            use(operations, i);
          }
          outer.run(null, null);
        });
    use(operations, 2000);
    assertThat(operations.size()).isLessThanOrEqualTo(512);
    operations.close();
  }

  @Test
  void refusesAfterClose() {
    DnnlOperations operations = new DnnlOperations();
    operations.close();
    assertThatThrownBy(() -> use(operations, 1)).isInstanceOf(IllegalStateException.class);
    assertThat(built).isZero();
  }
}
