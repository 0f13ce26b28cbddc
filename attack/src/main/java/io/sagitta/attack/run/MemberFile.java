package io.sagitta.attack.run;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Names;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a target was trained on, as a file that its owner makes: a safetensors file whose {@code
 * members} are I64 indices or U8 [samples] of 0 and 1; or text, indices separated by commas, spaces
 * or lines. Indices count the records of the run's pool from 0.
 */
public final class MemberFile {
  private MemberFile() {}

  /**
   * Reads one.
   *
   * @param samples of the pool
   * @return [samples]
   * @throws BadFileException naming what is wrong; members must be some of the samples, not all
   */
  public static boolean[] read(Path file, int samples) {
    boolean[] members = new boolean[samples];
    int count =
        file.getFileName().toString().endsWith(".safetensors")
            ? readTensor(file, members)
            : readText(file, members);
    if (count == 0 || count == samples) {
      throw new BadFileException(
          file, "expected members and non-members among " + samples + " samples, found " + count
              + " members");
    }
    return members;
  }

  private static int readTensor(Path file, boolean[] members) {
    Entry entry = Safetensors.read(file).entry("members");
    if (entry.type() != Safetensors.Type.U8) {
      long[] indices = entry.longs();
      for (long index : indices) {
        add(file, index, members);
      }
      return indices.length;
    }
    byte[] bytes = entry.bytes();
    if (bytes.length != members.length) {
      throw new BadFileException(
          file, "tensor members: expected " + members.length + " samples, found " + bytes.length);
    }
    int count = 0;
    for (int s = 0; s < bytes.length; s++) {
      if (bytes[s] != 0 && bytes[s] != 1) {
        throw new BadFileException(
            file, "tensor members: expected 0 or 1, found " + (bytes[s] & 0xFF) + " for sample "
                + s);
      }
      members[s] = bytes[s] == 1;
      count += bytes[s];
    }
    return count;
  }

  private static int readText(Path file, boolean[] members) {
    int count = 0;
    try {
      for (String word : Files.readString(file).strip().split("[\\s,;]+")) {
        if (!word.isEmpty()) {
          add(file, Long.parseLong(word), members);
          count++;
        }
      }
      return count;
    } catch (NumberFormatException e) {
      throw new BadFileException(
          file, "expected whole numbers, found one that is none: "
              + Names.quote(String.valueOf(e.getMessage())), e);
    } catch (CharacterCodingException e) {
      throw new BadFileException(file, "expected text or a .safetensors file, found neither", e);
    } catch (IOException e) {
      throw new BadFileException(file, "expected a readable file, found " + e, e);
    }
  }

  private static void add(Path file, long index, boolean[] members) {
    if (index < 0 || index >= members.length) {
      throw new BadFileException(
          file, "expected indices in 0.." + (members.length - 1) + ", found " + index);
    }
    if (members[(int) index]) {
      throw new BadFileException(file, "expected distinct indices, found " + index + " twice");
    }
    members[(int) index] = true;
  }
}
