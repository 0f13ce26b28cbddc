package io.sagitta.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Makes a library depend on another version of a library it needs. JCuda's natives are linked to
 * {@code libcublas.so.12} and {@code libnvrtc.so.12}; hosts with CUDA 13 have {@code .so.13} only,
 * with the same functions. The name stands in the dynamic string table, where {@code DT_NEEDED} and
 * the version needs point to it, and as a hash beside each version need (System V ABI, and the
 * Linux Standard Base, "Symbol Versioning"). Only 64-bit little-endian files are taken.
 */
final class NativeRelinker {
  private static final int SECTION_DYNAMIC = 6;
  private static final int SECTION_VERSION_NEEDS = 0x6ffffffe;
  private static final long TAG_NEEDED = 1;

  private final ByteBuffer elf;
  private final byte[] from;
  private final byte[] to;

  private NativeRelinker(byte[] library, String from, String to) {
    this.elf = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    this.from = from.getBytes(StandardCharsets.US_ASCII);
    this.to = to.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * A copy of {@code library} that needs {@code to} where it needed {@code from}.
   *
   * @throws IllegalArgumentException if the names differ in length, the file is no 64-bit
   *     little-endian ELF file or does not need {@code from}
   */
  static byte[] relink(byte[] library, String from, String to) {
    if (from.length() != to.length()) {
      throw new IllegalArgumentException(
          "relink: expected names of one length, got " + from + " and " + to);
    }
    boolean elf64 =
        library.length >= 64 && library[0] == 0x7f && library[1] == 'E' && library[2] == 'L'
            && library[3] == 'F' && library[4] == 2 && library[5] == 1;
    if (!elf64) {
      throw new IllegalArgumentException("relink: expected a 64-bit little-endian ELF file");
    }
    byte[] copy = library.clone();
    int needs = new NativeRelinker(copy, from, to).rewrite();
    if (needs == 0) {
      throw new IllegalArgumentException("relink: the library does not need " + from);
    }
    return copy;
  }

  /** Rewrites every use of the name; the number of {@code DT_NEEDED} entries among them. */
  private int rewrite() {
    int needed = 0;
    for (int section = 0; section < elf.getShort(60); section++) {
      int type = elf.getInt(header(section) + 4);
      if (type == SECTION_DYNAMIC) {
        needed += rewriteNeeded(section);
      } else if (type == SECTION_VERSION_NEEDS) {
        rewriteVersions(section);
      }
    }
    return needed;
  }

  private int rewriteNeeded(int section) {
    int strings = offset(elf.getInt(header(section) + 40));
    int start = offset(section);
    int end = start + (int) elf.getLong(header(section) + 32);
    int found = 0;
    for (int entry = start; entry < end; entry += 16) {
      if (elf.getLong(entry) == TAG_NEEDED) {
        found += rename(strings + (int) elf.getLong(entry + 8)) ? 1 : 0;
      }
    }
    return found;
  }

  /** A need is {version, count, file, aux, next}; its parts {hash, flags, other, name, next}. */
  private void rewriteVersions(int section) {
    int strings = offset(elf.getInt(header(section) + 40));
    int needs = elf.getInt(header(section) + 44);
    int need = offset(section);
    for (int i = 0; i < needs; i++) {
      rename(strings + elf.getInt(need + 4));
      int part = need + elf.getInt(need + 8);
      for (int j = 0; j < elf.getShort(need + 2); j++) {
        if (elf.getInt(part) == hash(from)) {
          rename(strings + elf.getInt(part + 8));
          elf.putInt(part, hash(to));
        }
        part += elf.getInt(part + 12);
      }
      need += elf.getInt(need + 12);
    }
  }

  /** Replaces the string there if it is the old name; whether the new one stands there now. */
  private boolean rename(int at) {
    if (isAt(from, at)) {
      for (int i = 0; i < to.length; i++) {
        elf.put(at + i, to[i]);
      }
    }
    return isAt(to, at);
  }

  private boolean isAt(byte[] name, int at) {
    for (int i = 0; i < name.length; i++) {
      if (elf.get(at + i) != name[i]) {
        return false;
      }
    }
    return elf.get(at + name.length) == 0;
  }

  private int header(int section) {
    return (int) elf.getLong(40) + section * elf.getShort(58);
  }

  private int offset(int section) {
    return (int) elf.getLong(header(section) + 24);
  }

  /** The hash of the System V ABI, "Hash Table". */
  private static int hash(byte[] name) {
    int hash = 0;
    for (byte c : name) {
      hash = (hash << 4) + c;
      int high = hash & 0xf0000000;
      hash = (hash ^ (high >>> 24)) & ~high;
    }
    return hash;
  }
}
