package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.data.Cifar.Version;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.HostileFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CifarTest {
  @TempDir Path folder;

  /** Archives that Python's tarfile wrote, in each of its formats. */
  @ParameterizedTest
  @ValueSource(strings = {"pax", "gnu", "ustar"})
  void readsTheArchive(String form) {
    Path archive =
        HostileFiles.put(
            folder.resolve("cifar-100-binary.tar.gz"),
            HostileFiles.golden("data/cifar-100-" + form + ".tar.gz"));
    ImageDataset train = Cifar.read(Version.CIFAR100, archive, Split.TRAIN);
    assertThat(train.toString())
        .isEqualTo("cifar100/train: 3 images 32x32x3 of 100 classes");
    assertThat(train.labels()).containsExactly(0, 7, 14);
    assertThat(train.classNames()).hasSize(100).startsWith("name 0", "name 1").contains("name 99");
    for (int i = 0; i < 3; i++) {
      requireImage(train.pixels(i), i);
    }
    ImageDataset test = Cifar.read(Version.CIFAR100, archive, Split.TEST);
    assertThat(test.labels()).containsExactly(63);
    requireImage(test.pixels(0), 9);
  }

  @Test
  void readsAFolderOrTheOneAboveIt() {
    Path inner = folder.resolve("cifar-100-binary");
    HostileFiles.put(inner.resolve("train.bin"), CifarFiles.records(4, 0, 19, 99));
    for (Path path : new Path[] {folder, inner}) {
      ImageDataset train = Cifar.read(Version.CIFAR100, path, Split.TRAIN);
      assertThat(train.labels()).containsExactly(99, 99, 99, 99);
      assertThat(train.classNames()).startsWith("0", "1").hasSize(100);
      assertThat(train.normalization()).isEqualTo(Normalization.CIFAR100);
      requireImage(train.pixels(3), 3);
    }
  }

  @Test
  void cifar10IsFiveBatchesInOrder() {
    CifarFiles.putCifar10(folder);
    ImageDataset train = Cifar.read(Version.CIFAR10, folder, Split.TRAIN);
    assertThat(train.labels()).containsExactly(1, 2, 3, 4, 5);
    for (int i = 0; i < 5; i++) {
      requireImage(train.pixels(i), i + 1);
    }
    ImageDataset test = Cifar.read(Version.CIFAR10, folder, Split.TEST);
    assertThat(test.labels()).containsExactly(9, 9);
    assertThat(test.name()).isEqualTo("cifar10/test");
    assertThat(test.normalization()).isEqualTo(Normalization.CIFAR10);
  }

  @Test
  void aTruncatedFileIsToldWithItsSizes() {
    Path file =
        HostileFiles.put(
            folder.resolve("train.bin"),
            Arrays.copyOf(CifarFiles.records(2, 0, 0, 0), 5000));
    assertThatThrownBy(() -> Cifar.read(Version.CIFAR100, folder, Split.TRAIN))
        .isInstanceOf(BadFileException.class)
        .hasMessage(file + ": expected 1 to 100000 records of 3074 bytes, found 5000 bytes "
            + "(1 records and 1926 bytes)");
  }

  @Test
  void anEmptyFileIsRefused() {
    HostileFiles.put(folder.resolve("train.bin"), new byte[0]);
    assertThatThrownBy(() -> Cifar.read(Version.CIFAR100, folder, Split.TRAIN))
        .hasMessageContaining("found 0 bytes");
  }

  @Test
  void aLabelOutOfRangeIsToldWithItsRecord() {
    CifarFiles.putCifar10(folder);
    byte[] batch = CifarFiles.records(3, 0, 1);
    batch[2 * 3073] = (byte) 200;
    Path file = HostileFiles.put(folder.resolve("data_batch_4.bin"), batch);
    assertThatThrownBy(() -> Cifar.read(Version.CIFAR10, folder, Split.TRAIN))
        .isInstanceOf(BadFileException.class)
        .hasMessage(file + ": expected labels in 0..9, found 200 at record 2");
  }

  @Test
  void aMissingFileIsToldWithWhatIsThere() throws Exception {
    Files.createFile(folder.resolve("train"));
    Files.createFile(folder.resolve("meta"));
    assertThatThrownBy(() -> Cifar.read(Version.CIFAR100, folder, Split.TRAIN))
        .isInstanceOf(BadFileException.class)
        .hasMessage(folder + ": cifar100: expected the file train.bin, found 'meta', 'train'");
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> Cifar.read(Version.CIFAR10, none, Split.TRAIN))
        .hasMessage(none + ": expected a folder with cifar-10-batches-bin or its .tar.gz, "
            + "found nothing there");
  }

  @Test
  void classNamesMustBeAsManyAsClasses() {
    HostileFiles.put(folder.resolve("train.bin"), CifarFiles.records(1, 0, 0, 0));
    Path names =
        HostileFiles.put(
            folder.resolve("fine_label_names.txt"), "a\nb\n\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Cifar.read(Version.CIFAR100, folder, Split.TRAIN))
        .hasMessage(names + ": expected 100 class names, found 2");
  }

  private static void requireImage(byte[] image, int record) {
    for (int p = 0; p < 1024; p++) {
      for (int c = 0; c < 3; c++) {
        assertThat(image[p * 3 + c] & 0xFF).isEqualTo(CifarFiles.pixel(record, c, p));
      }
    }
  }
}
