package io.sagitta.kernels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A region of memory lifetimes, used with try-with-resources. Everything made while a scope is the
 * innermost one of its thread belongs to it and is released when it closes, unless {@linkplain
 * #keep kept}. No memory of the engine waits for the garbage collector.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *   Tensor y = x.mul(x).sum();
 *   return y.item();
 * } // x·x and y are gone
 * }</pre>
 *
 * <p>A scope belongs to the thread that opened it and scopes close in the reverse order of opening.
 * A {@linkplain #detached() detached} scope is on no thread's stack: it holds what lives long, such
 * as a model's parameters.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

  private final Scope parent;
  private final boolean stacked;
  private final Set<Resource> members = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean closed;

  private Scope(Scope parent, boolean stacked) {
    this.parent = parent;
    this.stacked = stacked;
  }

  /** Opens a scope inside the current one of this thread. */
  public static Scope open() {
    Scope scope = new Scope(CURRENT.get(), true);
    CURRENT.set(scope);
    return scope;
  }

  /** A scope that is on no thread's stack; things enter it only by {@link #add}. */
  public static Scope detached() {
    return new Scope(null, false);
  }

  /**
   * The innermost open scope of this thread.
   *
   * @throws IllegalStateException if there is none
   */
  public static Scope current() {
    Scope scope = CURRENT.get();
    if (scope == null) {
      throw new IllegalStateException(
          "no open Scope on thread '"
              + Thread.currentThread().getName()
              + "': compute inside try (Scope scope = Scope.open()) { … }");
    }
    return scope;
  }

  /** Whether this thread has an open scope. */
  public static boolean isOpen() {
    return CURRENT.get() != null;
  }

  /**
   * Takes over one hold of {@code resource}, which is released when this scope closes.
   *
   * @return the resource
   */
  public <T extends Resource> T add(T resource) {
    if (closed) {
      throw new IllegalStateException("this Scope is closed");
    }
    if (!members.add(resource)) {
      resource.release();
    }
    return resource;
  }

  /**
   * Lets a member outlive this scope by handing it to the enclosing one. Something that is no
   * member (it belongs to an outer scope already) is left where it is.
   *
   * @return the resource
   */
  public <T extends Resource> T keep(T resource) {
    if (members.contains(resource)) {
      if (parent == null) {
        throw new IllegalStateException("the outermost Scope has none to hand a resource to");
      }
      members.remove(resource);
      parent.add(resource);
    }
    return resource;
  }

  /** Hands a member to another scope, such as a detached one. */
  public <T extends Resource> T move(T resource, Scope target) {
    if (!members.remove(resource)) {
      throw new IllegalArgumentException("the resource is not a member of this Scope");
    }
    return target.add(resource);
  }

  /**
   * Bytes that the members of each open scope of this thread stand for, the outermost scope first;
   * memory that several members share counts for each.
   */
  public static List<Long> heldBytes() {
    List<Long> held = new ArrayList<>();
    for (Scope scope = CURRENT.get(); scope != null; scope = scope.parent) {
      held.add(scope.members.stream().mapToLong(Resource::bytes).sum());
    }
    Collections.reverse(held);
    return held;
  }

  /** How many members this scope has now. */
  public int size() {
    return members.size();
  }

  /**
   * Releases every member, also where one fails; the first failure is thrown at the end.
   *
   * @throws IllegalStateException if a scope opened later on this thread is still open
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (stacked) {
      if (CURRENT.get() != this) {
        throw new IllegalStateException(
            "Scopes close innermost first, on the thread that opened them");
      }
      if (parent == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(parent);
      }
    }
    closed = true;
    RuntimeException failure = null;
    for (Resource member : members) {
      try {
        member.release();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    members.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
