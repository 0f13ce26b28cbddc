package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/**
 * A PNG file (W3C PNG, third edition), checked chunk by chunk before a decoder sees it: sizes,
 * checksums, and that its compressed data could hold the pixels it claims. Chunks that are not the
 * picture (profiles, texts, transparency) are left out of what is passed on.
 */
final class PngFile {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int HEADER_BYTES = 13;
  /** Length, type and checksum. */
  private static final int FRAME_BYTES = 12;

  private static final int MAX_PALETTE_BYTES = 768;
  /** No deflate stream expands further. */
  private static final long MAX_RATIO = 1032;
  /** Channels of each colour type: grey, -, RGB, palette, grey + alpha, -, RGB + alpha. */
  private static final int[] CHANNELS = {1, 0, 3, 1, 2, 0, 4};

  private static final int[][] DEPTHS = {
    {1, 2, 4, 8, 16}, {}, {8, 16}, {1, 2, 4, 8}, {8, 16}, {}, {8, 16}
  };

  private final Path file;
  private final byte[] bytes;
  private final ByteBuffer words;
  private final ByteArrayOutputStream picture;
  private int width;
  private int height;
  private long rawBytes;
  private long compressedBytes;

  PngFile(Path file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
    this.words = ByteBuffer.wrap(bytes);
    this.picture = new ByteArrayOutputStream(bytes.length);
  }

  static boolean matches(byte[] bytes) {
    return bytes.length >= SIGNATURE.length
        && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }

  ImageDecoder.Checked check() {
    picture.write(bytes, 0, SIGNATURE.length);
    int at = SIGNATURE.length;
    String type = "";
    while (!type.equals("IEND")) {
      if (bytes.length - at < FRAME_BYTES) {
        throw bad("expected a chunk at byte " + at + ", found the file's end");
      }
      int length = words.getInt(at);
      type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
      if (length < 0 || length > bytes.length - at - FRAME_BYTES) {
        throw bad(
            "expected a chunk of at most " + (bytes.length - at - FRAME_BYTES) + " bytes at byte "
                + at + ", found a claim of " + Integer.toUnsignedString(length));
      }
      if ((width == 0) != type.equals("IHDR")) {
        throw bad("expected one IHDR chunk, as the first, found " + type.replaceAll("\\W", "?"));
      }
      if (isPicture(type)) {
        requireChecksum(at, length);
        read(type, at + 8, length);
        picture.write(bytes, at, length + FRAME_BYTES);
      }
      at += length + FRAME_BYTES;
    }
    if (rawBytes > MAX_RATIO * compressedBytes) {
      throw bad(
          "expected data for " + width + "x" + height + " pixels, found " + compressedBytes
              + " compressed bytes, which cannot hold them");
    }
    return new ImageDecoder.Checked("png", height, width, null, picture.toByteArray());
  }

  private static boolean isPicture(String type) {
    return type.equals("IHDR") || type.equals("PLTE") || type.equals("IDAT")
        || type.equals("IEND");
  }

  private void requireChecksum(int at, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, at + 4, length + 4);
    if ((int) crc.getValue() != words.getInt(at + 8 + length)) {
      throw bad("the chunk at byte " + at + " does not have its checksum");
    }
  }

  private void read(String type, int at, int length) {
    switch (type) {
      case "IHDR" -> readHeader(at, length);
      case "PLTE" -> {
        if (length == 0 || length > MAX_PALETTE_BYTES || length % 3 != 0) {
          throw bad("expected a palette of 1 to 256 colours, found " + length + " bytes");
        }
      }
      case "IDAT" -> compressedBytes += length;
      default -> {
        if (length != 0) {
          throw bad("expected an empty IEND chunk, found " + length + " bytes");
        }
      }
    }
  }

  private void readHeader(int at, int length) {
    if (length != HEADER_BYTES) {
      throw bad("expected a header of " + HEADER_BYTES + " bytes, found " + length);
    }
    ImageDecoder.requireSize(
        file, words.getInt(at) & 0xFFFFFFFFL, words.getInt(at + 4) & 0xFFFFFFFFL);
    width = words.getInt(at);
    height = words.getInt(at + 4);
    int depth = bytes[at + 8];
    int colour = bytes[at + 9];
    boolean known =
        colour >= 0
            && colour < DEPTHS.length
            && IntStream.of(DEPTHS[colour]).anyMatch(allowed -> allowed == depth);
    if (!known || bytes[at + 10] != 0 || bytes[at + 11] != 0 || (bytes[at + 12] & ~1) != 0) {
      throw bad("a header with colour type " + colour + ", depth " + depth + ", methods "
          + bytes[at + 10] + ", " + bytes[at + 11] + ", " + bytes[at + 12] + " is not PNG");
    }
    rawBytes = height * (((long) width * depth * CHANNELS[colour] + 7) / 8);
  }

  private BadFileException bad(String problem) {
    return new BadFileException(file, "png: " + problem);
  }
}
