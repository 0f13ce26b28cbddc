package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.nn.io.HostileFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HostileImagesTest {
  private static final Path FOLDER = HostileFiles.newFolder();
  private static final List<byte[]> PNGS =
      List.of("rgb.png", "rgba.png", "palette.png", "palette-4-bit.png", "grey-16-bit.png").stream()
          .map(name -> HostileFiles.golden("data/" + name))
          .toList();
  private static final List<byte[]> JPEGS =
      List.of("rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk-unmarked.jpg", "ycck.jpg").stream()
          .map(name -> HostileFiles.golden("data/" + name))
          .toList();

  /**
   * All that is allocated, short-lived or not. A file of 2 KiB that passes the checks holds 2 Mi
   * pixels at most: 11 bytes each here and in the decoder's image, and what the decoder makes anew
   * for each of up to 65,535 rows.
   */
  private static final long HEAP_BYTES = 96 << 20;

  @AfterAll
  @AfterContainer
  static void deleteFolder() {
    if (Files.exists(FOLDER)) {
      HostileFiles.delete(FOLDER);
    }
  }

  @Property(tries = 1000, seed = "1")
  void everyMutatedPngIsReadOrRefused(@ForAll Random random) {
    byte[] original = PNGS.get(random.nextInt(PNGS.size()));
    byte[] changed = HostileFiles.mutate(original, random);
    // Most changes break a checksum; three in four are mended, so that the decoder meets them.
    read("a.png", random.nextInt(4) == 0 ? changed : withChecksums(changed));
  }

  @Property(tries = 1000, seed = "2")
  void everyMutatedJpegIsReadOrRefused(@ForAll Random random) {
    read("a.jpg", HostileFiles.mutate(JPEGS.get(random.nextInt(JPEGS.size())), random));
  }

  /** Any size in the header of a small file: no decoder allocates what the file cannot hold. */
  @Property(tries = 400, seed = "3")
  void aClaimedSizeNeverCostsMemory(@ForAll Random random) {
    int width = random.nextInt() >>> random.nextInt(32);
    int height = random.nextInt() >>> random.nextInt(32);
    byte[] png = PNGS.get(random.nextInt(PNGS.size())).clone();
    ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
    read("a.png", withChecksums(png));

    byte[] jpeg = JPEGS.get(random.nextInt(JPEGS.size())).clone();
    int frame = frameAt(jpeg);
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) height).putShort(frame + 7, (short) width);
    read("a.jpg", jpeg);
  }

  @Test
  void absurdSizesAreRefusedFromTheHeader() {
    byte[] png = PNGS.get(0).clone();
    ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
    assertThat(read("a.png", withChecksums(png)))
        .endsWith("expected an image of 1 to 67108864 pixels, found 100000x100000");
    ByteBuffer.wrap(png).putInt(16, 8000).putInt(20, 8000);
    assertThat(read("a.png", withChecksums(png))).contains("cannot hold them");

    byte[] jpeg = JPEGS.get(0).clone();
    int frame = frameAt(jpeg);
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 65_000).putShort(frame + 7, (short) 65_000);
    assertThat(read("a.jpg", jpeg)).endsWith("pixels, found 65000x65000");
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 8000).putShort(frame + 7, (short) 8000);
    assertThat(read("a.jpg", jpeg)).contains("cannot hold them");
  }

  /** 64 MiB of zeros packed in a text and a profile: never unpacked, for they are left out. */
  @Test
  void bombsInMetadataAreLeftOut() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes("x\0\0".getBytes(StandardCharsets.US_ASCII));
    packed.writeBytes(deflate(new byte[64 << 20]));
    byte[] png = PNGS.get(0);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(png, 0, 33);
    for (String type : List.of("iCCP", "zTXt", "iTXt")) {
      bomb.writeBytes(chunk(type, packed.toByteArray()));
    }
    bomb.write(png, 33, png.length - 33);
    assertThat(read("a.png", bomb.toByteArray())).isEmpty();
  }

  /** A picture whose data goes on for 64 MiB after its last row. */
  @Test
  void aBombBehindThePixelsIsNotUnpacked() {
    byte[] png = PNGS.get(0);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(png, 0, 33);
    bomb.writeBytes(chunk("IDAT", deflate(new byte[64 << 20])));
    bomb.writeBytes(chunk("IEND", new byte[0]));
    read("a.png", bomb.toByteArray());
  }

  @Test
  void manyScansAreRefused() {
    byte[] jpeg = JPEGS.get(2);
    int scan = indexOf(jpeg, 0xDA, 2);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < 200; i++) {
      bomb.write(jpeg, scan, jpeg.length - 2 - scan);
    }
    bomb.write(jpeg, jpeg.length - 2, 2);
    assertThat(read("a.jpg", bomb.toByteArray())).contains("at most 100 scans");
  }

  @Test
  void damagedPicturesAreNamed() {
    byte[] jpeg = JPEGS.get(0);
    assertThat(read("a.jpg", Arrays.copyOf(jpeg, jpeg.length - 40)))
        .contains("a.jpg: jpeg: the file ends inside a scan");
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length - 40);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    assertThat(read("a.jpg", cut)).contains("premature end");

    byte[] png = PNGS.get(0);
    byte[] flipped = png.clone();
    flipped[png.length / 2] ^= 1;
    assertThat(read("a.png", flipped)).contains("checksum");
    assertThat(read("a.png", Arrays.copyOf(png, 60))).contains("a chunk of at most");
    assertThat(read("a.png", new byte[0])).contains("expected a PNG or JPEG image");
    assertThat(read("a.png", "GIF89a".getBytes(StandardCharsets.US_ASCII))).contains("PNG or JPEG");
  }

  private static String read(String name, byte[] bytes) {
    Path folder = FOLDER.resolve(name);
    Path file = HostileFiles.put(folder.resolve("class/" + name), bytes);
    // By this thread, whose memory is what is counted.
    return HostileFiles.readBounded(
        folder, HEAP_BYTES,
        () -> assertThat(FolderScan.picture(file, FolderOptions.AS_THEY_ARE).rgb()).isNotEmpty());
  }

  /** Mends every chunk's checksum as far as lengths lead through the file. */
  private static byte[] withChecksums(byte[] png) {
    ByteBuffer words = ByteBuffer.wrap(png.clone());
    int at = 8;
    while (at + 12 <= png.length) {
      int length = words.getInt(at);
      if (length < 0 || length > png.length - at - 12) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(words.array(), at + 4, length + 4);
      words.putInt(at + 8 + length, (int) crc.getValue());
      at += length + 12;
    }
    return words.array();
  }

  private static byte[] chunk(String type, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(data.length + 12).putInt(data.length);
    chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, data.length + 4);
    return chunk.putInt((int) crc.getValue()).array();
  }

  private static byte[] deflate(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(out, new Deflater(9))) {
      deflater.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Where the frame header's marker is: baseline or progressive. */
  private static int frameAt(byte[] jpeg) {
    int baseline = indexOf(jpeg, 0xC0, 2);
    return baseline >= 0 ? baseline : indexOf(jpeg, 0xC2, 2);
  }

  private static int indexOf(byte[] jpeg, int marker, int from) {
    for (int i = from; i + 1 < jpeg.length; i++) {
      if ((jpeg[i] & 0xFF) == 0xFF && (jpeg[i + 1] & 0xFF) == marker) {
        return i;
      }
    }
    return -1;
  }
}
