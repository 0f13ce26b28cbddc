package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.HostileFiles;
import io.sagitta.nn.io.Safetensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
  @TempDir Path folder;

  private Path put(String name, String golden) {
    return HostileFiles.put(folder.resolve(name), HostileFiles.golden("data/" + golden));
  }

  private byte[] expected(String name) {
    return Safetensors.read(put("expected.safetensors", "expected.safetensors"))
        .entry(name)
        .bytes();
  }

  /** Pictures that Pillow wrote; JPEG decoders may differ by rounding. */
  @ParameterizedTest
  @CsvSource({
    "rgb.png, 0", "rgba.png, 0", "grey.png, 0", "grey-alpha.png, 0", "bits.png, 0",
    "palette.png, 0", "palette-4-bit.png, 0", "grey-16-bit.png, 0",
    "rgb.jpg, 4", "progressive.jpg, 2", "grey.jpg, 1", "cmyk.jpg, 1", "cmyk-unmarked.jpg, 1",
    "cmyk-subsampled.jpg, 4", "ycck.jpg, 2", "ycck-subsampled.jpg, 4"
  })
  void decodesAsPillowDoes(String name, int tolerance) {
    ImageDecoder.Picture picture = ImageDecoder.decode(put(name, name));
    assertThat(picture.height()).isEqualTo(13);
    assertThat(picture.width()).isEqualTo(17);
    requireClose(picture.rgb(), expected(name), tolerance);
  }

  /** Pillow rounds to bytes between its two passes, so one step apart is agreement. */
  @ParameterizedTest
  @ValueSource(ints = {16, 60})
  void scalesAsPillowDoes(int side) {
    ImageDecoder.Picture picture = ImageDecoder.decode(put("large.png", "large.png"));
    requireClose(Resize.squareOf(picture, side, side).rgb(), expected("large to " + side), 1);
  }

  /** As torchvision's Resize and CenterCrop; half an excess pixel falls on either side. */
  @ParameterizedTest
  @CsvSource({"26, 16", "20, 17", "45, 21"})
  void cutsTheMiddleAsTorchvisionDoes(int resize, int crop) {
    for (String name : new String[] {"large.png", "tall.png"}) {
      ImageDecoder.Picture picture = ImageDecoder.decode(put(name, name));
      requireClose(
          Resize.squareOf(picture, resize, crop).rgb(),
          expected(name + " by " + resize + " to " + crop), 1);
    }
  }

  private static void requireClose(byte[] found, byte[] expected, int tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(Math.abs((found[i] & 0xFF) - (expected[i] & 0xFF)))
          .as("value %s: found %s, expected %s", i, found[i] & 0xFF, expected[i] & 0xFF)
          .isLessThanOrEqualTo(tolerance);
    }
  }

  @Test
  void interlacedPngIsRead() throws IOException {
    BufferedImage image = noise(9, 11);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    }
    assertThat(bytes.toByteArray()[28]).as("interlace method").isEqualTo((byte) 1);
    Path file = HostileFiles.put(folder.resolve("i.png"), bytes.toByteArray());
    assertThat(ImageDecoder.decode(file).rgb()).isEqualTo(rgb(image));
  }

  @Test
  void classesAndFilesAreInTheOrderOfTheirNames() throws IOException {
    BufferedImage[] images = {noise(1, 5), noise(2, 5), noise(3, 5)};
    putPng("zebra/2.PNG", images[2]);
    putPng("ant/b.png", images[1]);
    putPng("ant/a.png", images[0]);
    putPng("ant/.hidden.png", noise(4, 9));
    Files.writeString(folder.resolve("ant/notes.txt"), "not a picture");
    Files.writeString(folder.resolve("README"), "not a class");
    ImageDataset data = ImageFolder.read(folder, FolderOptions.AS_THEY_ARE);
    assertThat(data.classNames()).containsExactly("ant", "zebra");
    assertThat(data.labels()).containsExactly(0, 0, 1);
    assertThat(data.normalization()).isEqualTo(Normalization.IMAGENET);
    for (int i = 0; i < 3; i++) {
      assertThat(data.pixels(i)).isEqualTo(rgb(images[i]));
    }
  }

  @Test
  void picturesOfSeveralSizesNeedOneAskedFor() throws IOException {
    putPng("a/1.png", noise(1, 5));
    putPng("a/2.png", noise(2, 6));
    assertThatThrownBy(() -> ImageFolder.read(folder, FolderOptions.AS_THEY_ARE))
        .isInstanceOf(BadFileException.class)
        .hasMessageStartingWith(folder + ": expected 5x5 pixels as in the first picture, found 1")
        .hasMessageEndingWith("a/2.png has 6x6");
    ImageDataset data = ImageFolder.read(folder, new FolderOptions(6, 6, false));
    assertThat(data.height()).isEqualTo(6);
    assertThat(data.pixels(1)).isEqualTo(rgb(noise(2, 6)));
  }

  @Test
  void brokenFilesAreNamedCountedAndLeftOutWhereAsked() throws IOException {
    for (int i = 0; i < 12; i++) {
      HostileFiles.put(folder.resolve("a/" + (char) ('a' + i) + ".jpg"), new byte[] {1, 2, 3});
    }
    putPng("a/sound.png", noise(1, 5));
    putPng("b/sound.png", noise(2, 5));
    assertThatThrownBy(() -> ImageFolder.read(folder, FolderOptions.AS_THEY_ARE))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("expected 14 sound pictures, found 12 broken (--skip-broken")
        .hasMessageContaining(folder.resolve("a/a.jpg") + ": expected a PNG or JPEG image")
        .hasMessageContaining("j.jpg")
        .hasMessageEndingWith("and 2 more")
        .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("k.jpg"));
    ImageDataset sound = ImageFolder.read(folder, new FolderOptions(0, 0, true));
    assertThat(sound.name()).endsWith(" without 12 broken files: a/a.jpg, a/b.jpg, a/c.jpg,"
        + " a/d.jpg, a/e.jpg, a/f.jpg, a/g.jpg, a/h.jpg, a/i.jpg, a/j.jpg, …");
    assertThat(sound.labels()).containsExactly(0, 1);
    assertThat(sound.pixels(1)).isEqualTo(rgb(noise(2, 5)));
    Files.delete(folder.resolve("b/sound.png"));
    Files.delete(folder.resolve("a/sound.png"));
    HostileFiles.put(folder.resolve("b/l.jpg"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> ImageFolder.read(folder, new FolderOptions(0, 0, true)))
        .as("nothing is left").hasMessageContaining("found 13 broken");
  }

  @Test
  void whatIsNotKeptIsDecodedAgainToTheSame() throws IOException {
    for (int i = 0; i < 30; i++) {
      putPng("a/" + i + ".png", noise(i, 6 + i % 5));
      putPng("b/" + i + ".png", noise(100 + i, 6 + i % 7));
    }
    FolderOptions options = new FolderOptions(8, 7, false);
    ImageDataset kept = ImageFolder.read(folder, options);
    ImageDataset made = ImageFolder.read(folder, options, 20 * 7 * 7 * 3);
    assertThat(kept.isMade()).isFalse();
    assertThat(made.isMade()).isTrue();
    assertThat(made.hash()).isEqualTo(kept.hash());
    int[] some = {59, 3, 3, 30};
    assertThat(made.subset(some).hash()).isEqualTo(kept.subset(some).hash());
    float[] views = new float[4 * kept.imageElements()];
    float[] again = views.clone();
    kept.normalizedFlipped(some, views);
    made.normalizedFlipped(some, again);
    assertThat(again).isEqualTo(views);
    int elements = (int) ((kept.bytes() + 3) / 4);
    int[] packed = new int[elements];
    int[] stretch = new int[elements - 40];
    kept.pack(0, packed, elements);
    made.pack(40, stretch, stretch.length);
    assertThat(stretch).isEqualTo(Arrays.copyOfRange(packed, 40, elements));
    Files.delete(folder.resolve("a/11.png")); // by name the fourth
    assertThatThrownBy(() -> made.normalized(some, views))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining(".png: expected a readable image");
  }

  @Test
  void splitsAreSubfolders() throws IOException {
    putPng("train/a/1.png", noise(1, 5));
    putPng("val/a/1.png", noise(2, 5));
    assertThat(Datasets.open(Datasets.Kind.FOLDER, folder, Split.TRAIN).pixels(0))
        .isEqualTo(rgb(noise(1, 5)));
    assertThat(Datasets.open(Datasets.Kind.FOLDER, folder, Split.TEST).pixels(0))
        .isEqualTo(rgb(noise(2, 5)));
    Path train = folder.resolve("train");
    assertThat(Datasets.open(Datasets.Kind.FOLDER, train, Split.TRAIN).size()).isEqualTo(1);
    assertThatThrownBy(() -> Datasets.open(Datasets.Kind.FOLDER, train, Split.TEST))
        .isInstanceOf(BadFileException.class)
        .hasMessageEndingWith("expected a folder 'test' or 'val' of one subfolder a class, "
            + "found 'a'");
  }

  @Test
  void emptyFoldersAreNamed() throws IOException {
    assertThatThrownBy(() -> ImageFolder.read(folder, FolderOptions.AS_THEY_ARE))
        .hasMessage(folder + ": expected one subfolder a class, found nothing");
    Path empty = Files.createDirectory(folder.resolve("a"));
    assertThatThrownBy(() -> ImageFolder.read(folder, FolderOptions.AS_THEY_ARE))
        .hasMessage(empty + ": expected PNG or JPEG files, found nothing");
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> ImageFolder.read(none, FolderOptions.AS_THEY_ARE))
        .hasMessageContaining("found none");
    assertThatThrownBy(() -> new FolderOptions(4000, 224, false))
        .hasMessageContaining("expected a side of 1..1024")
        .hasMessageContaining("got 4000 and 224");
  }

  @Test
  void aVeryLongPictureIsScaledInLittleMemory() throws IOException {
    BufferedImage image = new BufferedImage(1, 60_000, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < 60_000; y++) {
      image.setRGB(0, y, 0x102030);
    }
    putPng("a/1.png", image);
    HostileFiles.readBounded(
        folder,
        4 << 20,
        () ->
            assertThat(
                    FolderScan.picture(folder.resolve("a/1.png"), new FolderOptions(8, 8, false))
                        .rgb())
                .contains(0x10, 0x20, 0x30));
  }

  @Test
  void theTestSplitsLabelsAreTheTrainingSplitsByName() throws IOException {
    for (String picture : new String[] {"train/ant/1", "train/bee/1", "train/cat/1", "val/cat/1"}) {
      putPng(picture + ".png", noise(4, 8));
    }
    ImageDataset test = Datasets.open(Datasets.Kind.FOLDER, folder, Split.TEST);
    assertThat(test.classNames()).containsExactly("ant", "bee", "cat");
    assertThat(test.label(0)).as("of the only class in the split").isEqualTo(2);
    putPng("val/dog/1.png", noise(5, 8));
    assertThatThrownBy(() -> Datasets.open(Datasets.Kind.FOLDER, folder, Split.TEST))
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("val/dog: expected one of the training split's classes, 'ant', 'bee',");
  }

  private void putPng(String name, BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    HostileFiles.put(folder.resolve(name), bytes.toByteArray());
  }

  private static BufferedImage noise(long seed, int side) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, random.nextInt(1 << 24));
    }
    return image;
  }

  private static byte[] rgb(BufferedImage image) {
    byte[] out = new byte[image.getWidth() * image.getHeight() * 3];
    for (int i = 0; i < out.length; i++) {
      int p = i / 3;
      int colour = image.getRGB(p % image.getWidth(), p / image.getWidth());
      out[i] = (byte) (colour >> 16 - 8 * (i % 3));
    }
    return out;
  }
}
