package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A JPEG file (ITU-T T.81), checked segment by segment before a decoder sees it: one frame of a
 * bearable size, a bounded number of scans (each costs a pass over the image), an end marker.
 * Application segments other than JFIF's and Adobe's, which say how colours are coded, are left out
 * of what is passed on: profiles, previews, Exif.
 */
final class JpegFile {
  private static final int MARKER = 0xFF;
  private static final int START = 0xD8;
  private static final int END = 0xD9;
  private static final int SCAN = 0xDA;
  private static final int COMMENT = 0xFE;
  private static final int APP0 = 0xE0;
  private static final int APP14 = 0xEE;
  private static final int APP15 = 0xEF;
  private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);
  private static final int YCCK = 2;
  private static final int RESTART_0 = 0xD0;
  private static final int RESTART_7 = 0xD7;
  /** Encoders write about ten. */
  private static final int MAX_SCANS = 100;
  /** A block takes a bit or more; subsampled most coarsely, 32×32 pixels are eight blocks. */
  private static final long MAX_PIXELS_PER_BYTE = 1024;

  private final Path file;
  private final byte[] bytes;
  private final ByteArrayOutputStream picture;
  private int at = 2;
  private int width;
  private int height;
  private int scans;
  private int components;
  /** Of Adobe's segment, which says how colours are coded; −1 without it. */
  private int transform = -1;

  JpegFile(Path file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
    this.picture = new ByteArrayOutputStream(bytes.length);
  }

  static boolean matches(byte[] bytes) {
    return bytes.length >= 3
        && (bytes[0] & 0xFF) == MARKER
        && (bytes[1] & 0xFF) == START
        && (bytes[2] & 0xFF) == MARKER;
  }

  ImageDecoder.Checked check() {
    picture.write(bytes, 0, 2);
    for (int code = marker(); code != END; code = marker()) {
      int length = segmentBytes(code);
      if (isFrame(code)) {
        readFrame(length);
      }
      if (code == APP14) {
        readAdobe(length);
      }
      int end = at + length;
      if (code == SCAN) {
        end = endOfScan(end);
      }
      if (isPicture(code)) {
        picture.write(MARKER);
        picture.write(code);
        picture.write(bytes, at, end - at);
      }
      at = end;
    }
    if (scans == 0) {
      throw bad("expected a frame and its scans, found the end");
    }
    picture.write(MARKER);
    picture.write(END);
    return new ImageDecoder.Checked("jpeg", height, width, inks(), picture.toByteArray());
  }

  private Inks inks() {
    if (components != 4) {
      return null;
    }
    return transform == YCCK ? Inks.YCCK : Inks.CMYK;
  }

  /** The next marker's code; leaves {@link #at} behind it. */
  private int marker() {
    if (at >= bytes.length || (bytes[at] & 0xFF) != MARKER) {
      throw bad("expected a marker at byte " + at + ", found "
          + (at >= bytes.length ? "the file's end" : "other bytes"));
    }
    while (at < bytes.length && (bytes[at] & 0xFF) == MARKER) {
      at++;
    }
    if (at == bytes.length) {
      throw bad("expected a marker at byte " + at + ", found the file's end");
    }
    return bytes[at++] & 0xFF;
  }

  private int segmentBytes(int code) {
    boolean standalone = code <= 0x01 || code >= RESTART_0 && code <= START;
    int length = standalone || bytes.length - at < 2 ? 0 : word(at);
    if (length < 2 || length > bytes.length - at) {
      throw bad("expected a segment at byte " + at + ", found marker " + Integer.toHexString(code)
          + " and a claim of " + length + " of " + (bytes.length - at) + " bytes");
    }
    return length;
  }

  private static boolean isFrame(int code) {
    return code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
  }

  private static boolean isPicture(int code) {
    boolean application = code >= APP0 && code <= APP15;
    return code != COMMENT && (!application || code == APP0 || code == APP14);
  }

  private void readFrame(int length) {
    if (width != 0 || length < 8) {
      throw bad("expected one frame header, found "
          + (width != 0 ? "two" : length + " bytes of one"));
    }
    ImageDecoder.requireSize(file, word(at + 5), word(at + 3));
    height = word(at + 3);
    width = word(at + 5);
    components = bytes[at + 7] & 0xFF;
    if ((long) width * height > MAX_PIXELS_PER_BYTE * bytes.length) {
      throw bad("expected data for " + width + "x" + height + " pixels, found a file of "
          + bytes.length + " bytes, which cannot hold them");
    }
  }

  /** The name Adobe, a version, two words of flags, and how colours are coded. */
  private void readAdobe(int length) {
    boolean adobe =
        length >= 14 && Arrays.equals(bytes, at + 2, at + 2 + ADOBE.length, ADOBE, 0, ADOBE.length);
    if (adobe) {
      transform = bytes[at + 13] & 0xFF;
    }
  }

  /** Scan data runs to the next marker that is neither a stuffed zero nor a restart. */
  private int endOfScan(int from) {
    if (width == 0 || ++scans > MAX_SCANS) {
      throw bad("expected a frame header, then at most " + MAX_SCANS + " scans, found "
          + (width == 0 ? "a scan before the frame" : "more"));
    }
    for (int i = from; i + 1 < bytes.length; i++) {
      int code = bytes[i + 1] & 0xFF;
      boolean data = code == 0 || code == MARKER || code >= RESTART_0 && code <= RESTART_7;
      if ((bytes[i] & 0xFF) == MARKER && !data) {
        return i;
      }
    }
    throw bad("the file ends inside a scan: expected an end marker");
  }

  private int word(int from) {
    return (bytes[from] & 0xFF) << 8 | bytes[from + 1] & 0xFF;
  }

  private BadFileException bad(String problem) {
    return new BadFileException(file, "jpeg: " + problem);
  }
}
