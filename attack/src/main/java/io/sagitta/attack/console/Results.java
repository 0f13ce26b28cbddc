package io.sagitta.attack.console;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;

/**
 * Writes results to a stream and remembers what went wrong with it, which a {@link PrintWriter}
 * keeps to itself.
 */
final class Results extends PrintWriter {
  private final Remembering stream;

  Results(OutputStream out, Charset charset) {
    this(new Remembering(out), charset);
  }

  private Results(Remembering stream, Charset charset) {
    super(new BufferedWriter(new OutputStreamWriter(stream, charset)), true);
    this.stream = stream;
  }

  /** The first failure to write, after writing all that there is; null where there was none. */
  IOException failure() {
    flush();
    return stream.failure;
  }

  /** Whether nobody reads any more, as after {@code | head}: no loss, but a wish. */
  static boolean isUnread(IOException failure) {
    // In other languages than English, systems still name the pipe.
    return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
  }

  /** Hands on, and keeps the first failure. */
  private static final class Remembering extends OutputStream {
    private final OutputStream out;
    private IOException failure;

    Remembering(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      try {
        out.write(bytes, from, count);
      } catch (IOException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
