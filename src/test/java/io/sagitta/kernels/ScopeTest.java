package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Backend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(Scope.isOpen()).isFalse();
    assertThat(backend.liveBytes()).isZero();
  }

  @Test
  void closingReleasesEveryMember() {
    Buffer first;
    Buffer second;
    try (Scope scope = Scope.open()) {
      first = scope.add(buffer());
      second = scope.add(buffer());
      assertThat(scope.size()).isEqualTo(2);
      assertThat(backend.liveBytes()).isEqualTo(first.bytes() + second.bytes());
    }
    assertThat(first.isLive()).isFalse();
    assertThat(second.isLive()).isFalse();
  }

  @Test
  void aMemberThatCannotBeReleasedKeepsNoOther() {
    IllegalStateException first = new IllegalStateException("no");
    Scope scope = Scope.open();
    scope.add(failing(first));
    scope.add(failing(first));
    scope.add(failing(new IllegalStateException("neither")));
    for (int i = 0; i < 8; i++) {
      scope.add(buffer());
    }
    assertThatThrownBy(scope::close)
        .isInstanceOf(IllegalStateException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSizeBetween(1, 2));
    assertThat(scope.size()).isZero();
    assertThat(backend.liveBytes()).isZero();
  }

  private static Resource failing(RuntimeException failure) {
    return new Resource() {
      @Override
      public void retain() {}

      @Override
      public void release() {
        throw failure;
      }

      @Override
      public long bytes() {
        return 0;
      }
    };
  }

  @Test
  void theInnermostIsCurrentAndTheOuterComesBack() {
    assertThatThrownBy(Scope::current)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no open Scope on thread")
        .hasMessageContaining("Scope.open()");
    try (Scope outer = Scope.open()) {
      assertThat(Scope.current()).isSameAs(outer);
      try (Scope inner = Scope.open()) {
        assertThat(Scope.current()).isSameAs(inner);
      }
      assertThat(Scope.current()).isSameAs(outer);
    }
  }

  @Test
  void closingOutOfOrderIsRefusedAndHarmless() {
    Scope outer = Scope.open();
    Buffer held = outer.add(buffer());
    Scope inner = Scope.open();
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("innermost first");
    assertThat(held.isLive()).isTrue();
    inner.close();
    outer.close();
    assertThat(held.isLive()).isFalse();
  }

  @Test
  void anotherThreadNeitherSeesNorClosesAScope() throws InterruptedException {
    try (Scope scope = Scope.open()) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      AtomicReference<Boolean> open = new AtomicReference<>();
      Runnable close = scope::close;
      Thread thread =
          new Thread(
              () -> {
                open.set(Scope.isOpen());
                close.run();
              });
      thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
      thread.start();
      thread.join();
      assertThat(open.get()).isFalse();
      assertThat(failure.get()).isInstanceOf(IllegalStateException.class);
      scope.add(buffer());
    }
  }

  @Test
  void closingTwiceReleasesOnce() {
    Scope scope = Scope.open();
    Buffer shared = scope.add(buffer());
    shared.retain();
    scope.close();
    scope.close();
    assertThat(shared.isLive()).isTrue();
    shared.release();
  }

  @Test
  void aClosedScopeTakesNothing() {
    Scope scope = Scope.open();
    scope.close();
    Buffer homeless = buffer();
    assertThatThrownBy(() -> scope.add(homeless))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    homeless.release();
  }

  @Test
  void heldBytesAreThoseOfThisThreadsOpenScopes() throws Exception {
    assertThat(Scope.heldBytes()).isEmpty();
    try (Scope outer = Scope.open()) {
      long bytes = outer.add(buffer()).bytes();
      try (Scope inner = Scope.open()) {
        inner.add(buffer());
        inner.add(buffer());
        assertThat(Scope.heldBytes()).containsExactly(bytes, 2 * bytes);
        assertThat(CompletableFuture.supplyAsync(Scope::heldBytes).get()).isEmpty();
      }
      assertThat(Scope.heldBytes()).containsExactly(bytes);
    }
  }

  @Test
  void keepHandsAMemberToTheEnclosingScope() {
    try (Scope outer = Scope.open()) {
      Buffer kept;
      Buffer dropped;
      try (Scope inner = Scope.open()) {
        kept = inner.add(buffer());
        dropped = inner.add(buffer());
        assertThat(inner.keep(kept)).isSameAs(kept);
        assertThat(inner.size()).isEqualTo(1);
      }
      assertThat(kept.isLive()).isTrue();
      assertThat(dropped.isLive()).isFalse();
      assertThat(outer.size()).isEqualTo(1);
    }
  }

  @Test
  void keepLeavesAnOuterMemberWhereItIs() {
    try (Scope outer = Scope.open()) {
      Buffer held = outer.add(buffer());
      try (Scope inner = Scope.open()) {
        assertThat(inner.keep(held)).isSameAs(held);
      }
      assertThat(held.isLive()).isTrue();
      assertThat(outer.size()).isEqualTo(1);
    }
  }

  @Test
  void theOutermostScopeHasNoneToHandTo() {
    try (Scope scope = Scope.open()) {
      Buffer held = scope.add(buffer());
      assertThatThrownBy(() -> scope.keep(held))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("outermost");
      assertThat(scope.size()).isEqualTo(1);
    }
  }

  @Test
  void aScopeClosesWhenItsBodyThrows() {
    try (Scope outer = Scope.open()) {
      assertThatThrownBy(
              () -> {
                try (Scope inner = Scope.open()) {
                  inner.add(buffer());
                  throw new UnsupportedOperationException("body");
                }
              })
          .hasMessage("body");
      assertThat(backend.liveBytes()).isZero();
      assertThat(Scope.current()).isSameAs(outer);
    }
  }

  @Test
  void aDetachedScopeOutlivesTheStack() {
    Scope detached = Scope.detached();
    Buffer parameter;
    try (Scope scope = Scope.open()) {
      assertThat(Scope.current()).isSameAs(scope);
      parameter = scope.add(buffer());
      scope.move(parameter, detached);
      assertThat(scope.size()).isZero();
    }
    assertThat(parameter.isLive()).isTrue();
    detached.close();
    assertThat(parameter.isLive()).isFalse();
  }

  @Test
  void onlyMembersMove() {
    try (Scope scope = Scope.open()) {
      Buffer stranger = buffer();
      assertThatThrownBy(() -> scope.move(stranger, scope))
          .isInstanceOf(IllegalArgumentException.class);
      stranger.release();
    }
  }

  @Test
  void addingTwiceTakesOverBothHolds() {
    Buffer twice = buffer();
    twice.retain();
    try (Scope scope = Scope.open()) {
      scope.add(twice);
      scope.add(twice);
      assertThat(scope.size()).isEqualTo(1);
      assertThat(twice.isLive()).isTrue();
    }
    assertThat(twice.isLive()).isFalse();
  }

  @Test
  void useAfterCloseIsAClearError() {
    Buffer gone;
    try (Scope scope = Scope.open()) {
      gone = scope.add(buffer());
    }
    assertThatThrownBy(() -> backend.fill(gone, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("buffer used after its scope closed");
    assertThatThrownBy(gone::retain).hasMessage("buffer used after its scope closed");
    assertThatThrownBy(() -> gone.slice(0, 1)).hasMessage("buffer used after its scope closed");
    assertThatThrownBy(gone::release).hasMessageContaining("more often");
  }

  private Buffer buffer() {
    return backend.allocate(backend.dtype(), 10);
  }
}
