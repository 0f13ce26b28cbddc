package io.sagitta.attack.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds a file so that no other process works on what it stands for. The operating system frees the
 * lock when the process ends, however it ends; the file stays and says who held it last.
 */
public final class RunLock implements AutoCloseable {
  /** Far behind the text, so that others can read it where locks forbid reading. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  /**
   * The lock files that this process holds. Needed because closing any channel of a file drops all
   * of a process's POSIX locks on it: a second channel must not even be opened.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel channel;

  private RunLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Takes the lock of a file, which is made if it is not there.
   *
   * @param what names what is locked, for the error
   * @param shared whether others may hold it at the same time, as long as they share it too
   * @throws RunConflictException saying who holds it, if somebody does
   */
  static RunLock take(Path file, String what, boolean shared) {
    try {
      Path key = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
      if (!HELD.add(key)) {
        throw inUse(what, "this process");
      }
      try {
        return new RunLock(key, locked(key, what, shared));
      } catch (IOException | RuntimeException e) {
        HELD.remove(key);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be locked: " + e, e);
    }
  }

  /** No lock at all, for who works under another process's. */
  static RunLock none() {
    return new RunLock(null, null);
  }

  boolean isNone() {
    return channel == null;
  }

  private static FileChannel locked(Path file, String what, boolean shared) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, shared);
      if (lock == null) {
        throw inUse(what, Files.readString(file).strip());
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder().getBytes(StandardCharsets.UTF_8)));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static RunConflictException inUse(String what, String holder) {
    return new RunConflictException(
        what + ": in use by " + holder + "; wait for it to end, or work on another folder");
  }

  private static String holder() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    return "process " + ProcessHandle.current().pid() + " on host " + host + " since "
        + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
  }

  @Override
  public void close() {
    if (isNone()) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(key + ": cannot be unlocked: " + e, e);
    } finally {
      HELD.remove(key);
    }
  }
}
