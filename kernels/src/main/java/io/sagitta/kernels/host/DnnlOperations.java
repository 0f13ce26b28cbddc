package io.sagitta.kernels.host;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Operations ready to run, made at their first use; the longest unused go when they are many. */
final class DnnlOperations implements AutoCloseable {
  /** A ResNet-50 in training and in evaluation, each with a last short batch. */
  private static final int LIMIT = 512;

  private static final class Entry {
    final DnnlOperation operation;
    volatile long lastUse;

    Entry(DnnlOperation operation) {
      this.operation = operation;
    }
  }

  private final Map<Object, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicLong uses = new AtomicLong();

  /** Held for reading while an operation runs, for writing while some are freed. */
  private final ReadWriteLock inUse = new ReentrantReadWriteLock();

  private boolean closed;

  /** Does something with the operation of a key. */
  void use(Object key, Supplier<DnnlOperation> builder, Consumer<DnnlOperation> action) {
    inUse.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("host: products asked for after the backend closed");
      }
      Entry entry = entries.get(key);
      if (entry == null) {
        entry = entries.computeIfAbsent(key, k -> new Entry(builder.get()));
      }
      entry.lastUse = uses.incrementAndGet();
      action.accept(entry.operation);
    } finally {
      inUse.readLock().unlock();
    }
    if (entries.size() > LIMIT) {
      shrink();
    }
  }

  /** How many are kept. */
  int size() {
    return entries.size();
  }

  private void shrink() {
    // A thread that runs another operation further up its stack could not wait for itself.
    if (!inUse.writeLock().tryLock()) {
      return;
    }
    try {
      List<Map.Entry<Object, Entry>> oldest =
          entries.entrySet().stream()
              .sorted(Comparator.comparingLong(e -> e.getValue().lastUse))
              .limit(Math.max(0, entries.size() - LIMIT * 3 / 4))
              .toList();
      for (Map.Entry<Object, Entry> entry : oldest) {
        entries.remove(entry.getKey());
        entry.getValue().operation.close();
      }
    } finally {
      inUse.writeLock().unlock();
    }
  }

  @Override
  public void close() {
    inUse.writeLock().lock();
    try {
      closed = true;
      entries.values().forEach(entry -> entry.operation.close());
      entries.clear();
    } finally {
      inUse.writeLock().unlock();
    }
  }
}
