package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.nn.data.Cifar.Version;
import io.sagitta.nn.io.HostileFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HostileCifarTest {
  private static final Path FOLDER = HostileFiles.newFolder();
  private static final byte[] ARCHIVE = HostileFiles.golden("data/cifar-100-pax.tar.gz");
  private static final byte[] TAR = unzip(ARCHIVE);
  private static final byte[] RECORDS = CifarFiles.records(2, 0, 3, 50);
  /** Twice the unpacked content, and buffers. */
  private static final long HEAP_BYTES = 2 << 20;

  @AfterAll
  @AfterContainer
  static void deleteFolder() {
    if (Files.exists(FOLDER)) {
      HostileFiles.delete(FOLDER);
    }
  }

  @Property(tries = 1500, seed = "1")
  void everyMutatedArchiveIsReadOrRefused(@ForAll Random random) {
    read(HostileFiles.mutate(ARCHIVE, random));
  }

  /** Packed after the change, so that the tar reader sees it; half of them aim at a header. */
  @Property(tries = 1500, seed = "2")
  void everyMutatedTarIsReadOrRefused(@ForAll Random random) {
    byte[] tar = TAR.clone();
    int header = 512 * random.nextInt(TAR.length / 512);
    if (random.nextBoolean()) {
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        tar[header + random.nextInt(512)] = (byte) random.nextInt(256);
      }
      byte[] block = Arrays.copyOfRange(tar, header, header + 512);
      System.arraycopy(CifarFiles.withChecksum(block), 0, tar, header, 512);
    } else {
      tar = HostileFiles.mutate(tar, random);
    }
    read(CifarFiles.gzip(tar));
  }

  @Property(tries = 1500, seed = "3")
  void everyMutatedRecordFileIsReadOrRefused(@ForAll Random random) {
    Path folder = FOLDER.resolve("folder");
    HostileFiles.put(folder.resolve("train.bin"), HostileFiles.mutate(RECORDS, random));
    HostileFiles.readBounded(
        folder,
        HEAP_BYTES,
        () -> {
          ImageDataset data = Cifar.read(Version.CIFAR100, folder, Split.TRAIN);
          assertThat(IntStream.of(data.labels())).allMatch(l -> l >= 0 && l < 100);
        });
  }

  private static String read(byte[] archive) {
    Path file = HostileFiles.put(FOLDER.resolve("archive.tar.gz"), archive);
    return HostileFiles.readBounded(
        file,
        HEAP_BYTES,
        () -> assertThat(Cifar.read(Version.CIFAR100, file, Split.TRAIN).size()).isPositive());
  }

  @Test
  void namesThatLeadElsewhereArePassedOver() throws IOException {
    byte[] evil = CifarFiles.records(1, 0, 0, 66);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("../train.bin", evil);
    entries.put("/train.bin", evil);
    entries.put("cifar-100-binary/../train.bin", evil);
    entries.put("/etc/cron.d/x", evil);
    entries.put("./cifar-100-binary/train.bin", CifarFiles.records(1, 0, 0, 7));
    Path folder = FOLDER.resolve("evil");
    Path file =
        HostileFiles.put(
            folder.resolve("inner/a.tar.gz"), CifarFiles.gzip(CifarFiles.tar(entries)));
    ImageDataset data = Cifar.read(Version.CIFAR100, file, Split.TRAIN);
    assertThat(data.labels()).containsExactly(7);
    try (var files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(file);
    }
  }

  @Test
  void linksHaveNoContentAndAreNotFollowed() {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    tar.writeBytes(CifarFiles.header("train.bin", '2', "77777777777"));
    tar.writeBytes(CifarFiles.tar(Map.of("train.bin", CifarFiles.records(1, 0, 0, 7))));
    assertThat(read(CifarFiles.gzip(tar.toByteArray()))).isEmpty();
  }

  @Test
  void aClaimedSizeCostsNothing() {
    for (String size : List.of("77777777777", "00177777777", "8", "-1")) {
      byte[] tar = Arrays.copyOf(CifarFiles.header("train.bin", '0', size), 4096);
      assertThat(read(CifarFiles.gzip(tar))).isNotEmpty();
    }
    byte[] header = CifarFiles.header("train.bin", '0', "0");
    Arrays.fill(header, 124, 136, (byte) 0xFF);
    assertThat(read(CifarFiles.gzip(CifarFiles.withChecksum(header)))).contains("above 2^63");
  }

  @Test
  void theSameFileTwiceIsRefused() {
    byte[] one = CifarFiles.tar(Map.of("train.bin", CifarFiles.records(1, 0, 0, 7)));
    byte[] tar = new byte[2 * one.length - 1024];
    System.arraycopy(one, 0, tar, 0, one.length);
    System.arraycopy(one, 0, tar, one.length - 1024, one.length);
    assertThat(read(CifarFiles.gzip(tar))).contains("expected it once, found it twice");
  }

  @Test
  void anArchiveThatEndsEarlyIsRefused() {
    byte[] tar = CifarFiles.tar(Map.of("train.bin", CifarFiles.records(1, 0, 0, 7)));
    byte[] cut = Arrays.copyOf(tar, tar.length - 1024);
    assertThat(read(CifarFiles.gzip(cut))).contains("the archive ends early, at byte 4096");
    byte[] packed = CifarFiles.gzip(tar);
    assertThat(read(Arrays.copyOf(packed, packed.length - 9))).contains("EOF");
  }

  @Test
  void aWrongChecksumAtTheEndIsNoticed() {
    byte[] packed = CifarFiles.gzip(TAR);
    packed[packed.length - 8] ^= 1;
    assertThat(read(packed)).contains("Corrupt GZIP trailer");
  }

  @Test
  void anArchiveWithoutTheFileTellsWhatIsMissing() {
    assertThat(read(CifarFiles.gzip(CifarFiles.tar(Map.of("x", new byte[3])))))
        .endsWith("expected the file cifar-100-binary/train.bin, found nothing");
  }

  /** 600 MiB of zeros in 600 KiB: in the archive's tail, and as an entry to pass over. */
  @Test
  void aBombIsGivenUp() {
    byte[] big = CifarFiles.header("x", '0', Long.toOctalString(1L << 30));
    byte[] good = CifarFiles.tar(Map.of("train.bin", CifarFiles.records(1, 0, 0, 7)));
    byte[] zeros = CifarFiles.gzip(new byte[1 << 20]);
    for (byte[] head : List.of(good, big)) {
      ByteArrayOutputStream bomb = new ByteArrayOutputStream();
      bomb.writeBytes(CifarFiles.gzip(head));
      for (int i = 0; i < 600; i++) {
        bomb.writeBytes(zeros);
      }
      assertThat(read(bomb.toByteArray())).containsPattern("expected at most \\d+ bytes");
    }
  }

  @Test
  void manyEntriesAreGivenUp() {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    byte[] header = CifarFiles.header("x", '0', "0");
    for (int i = 0; i <= 10_000; i++) {
      tar.writeBytes(header);
    }
    Path file = HostileFiles.put(FOLDER.resolve("many"), CifarFiles.gzip(tar.toByteArray()));
    // Short-lived strings of each entry add up; none is kept.
    assertThat(
            HostileFiles.readBounded(
                file, 8 << 20, () -> Cifar.read(Version.CIFAR100, file, Split.TRAIN)))
        .contains("at most 10000 entries");
  }

  @Test
  void whatIsNotAnArchiveIsRefused() {
    assertThat(read("plain text".getBytes(StandardCharsets.UTF_8))).contains("Not in GZIP format");
    assertThat(read(CifarFiles.gzip(new byte[] {1, 2, 3}))).contains("ends early, at byte 0");
    assertThat(read(CifarFiles.gzip("x".repeat(2048).getBytes(StandardCharsets.UTF_8))))
        .contains("tar header");
  }

  private static byte[] unzip(byte[] bytes) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
