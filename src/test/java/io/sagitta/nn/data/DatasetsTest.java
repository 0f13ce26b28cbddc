package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.data.Datasets.Kind;
import org.junit.jupiter.api.Test;

class DatasetsTest {
  @Test
  void kindsAndSplitsHaveNames() {
    for (Kind kind : Kind.values()) {
      assertThat(Kind.of(kind.toString())).isEqualTo(kind);
    }
    assertThat(Split.of("train")).isEqualTo(Split.TRAIN);
    assertThat(Split.of("test")).isEqualTo(Split.TEST);
    assertThatThrownBy(() -> Kind.of("mnist"))
        .hasMessage("dataset: expected one of [cifar100, cifar10, folder, synthetic], got 'mnist'");
    assertThatThrownBy(() -> Split.of("val")).hasMessageEndingWith("got 'val'");
  }

  @Test
  void aKindOnDiskNeedsAPath() {
    assertThatThrownBy(() -> Datasets.open(Kind.CIFAR10, null, Split.TRAIN))
        .hasMessage("dataset cifar10: expected a path, got none");
  }
}
