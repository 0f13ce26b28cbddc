package io.sagitta.nn.data;

import io.sagitta.nn.io.HostileFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Small CIFAR files, and archives that no honest tool would write. */
final class CifarFiles {
  private CifarFiles() {}

  /** The pixel that the goldens' script gives to record i. */
  static int pixel(int i, int channel, int p) {
    return (channel * 50 + i * 10 + p % 32 + p / 32) % 256;
  }

  /** Records as in the goldens' script, with the given label bytes before each. */
  static byte[] records(int count, int firstRecord, int... labels) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = firstRecord; i < firstRecord + count; i++) {
      for (int label : labels) {
        out.write(label);
      }
      for (int c = 0; c < 3; c++) {
        for (int p = 0; p < 1024; p++) {
          out.write(pixel(i, c, p));
        }
      }
    }
    return out.toByteArray();
  }

  /** CIFAR-10 in its folder: one record in each file, its label the number of the file. */
  static void putCifar10(Path folder) {
    for (int i = 1; i <= 5; i++) {
      HostileFiles.put(folder.resolve("data_batch_" + i + ".bin"), records(1, i, i));
    }
    HostileFiles.put(folder.resolve("test_batch.bin"), records(2, 6, 9));
  }

  /** A tar header; only what the reader looks at. */
  static byte[] header(String name, char type, String size) {
    byte[] header = new byte[512];
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(nameBytes, 0, header, 0, nameBytes.length);
    System.arraycopy(size.getBytes(StandardCharsets.US_ASCII), 0, header, 124, size.length());
    header[156] = (byte) type;
    System.arraycopy("ustar\0".getBytes(StandardCharsets.US_ASCII), 0, header, 257, 6);
    return withChecksum(header);
  }

  static byte[] withChecksum(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += header[i] & 0xFF;
    }
    byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, header, 148, 8);
    return header;
  }

  /** An archive of the entries, in their order. */
  static byte[] tar(Map<String, byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    entries.forEach(
        (name, content) -> {
          out.writeBytes(header(name, '0', Integer.toOctalString(content.length)));
          out.writeBytes(content);
          out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        });
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
