package io.sagitta.nn.data;

import io.sagitta.kernels.Philox;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Writes folders of small pictures of many sizes, PNG and JPEG, a class a tint under noise. */
public final class PictureFiles {
  private static final int SMALLEST = 20;
  private static final int SIZES = 13;

  private PictureFiles() {}

  /** As many pictures in each of as many classes below a folder. */
  public static Path write(Path folder, int classes, int each) {
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < each; i++) {
        String format = i % 2 == 0 ? "png" : "jpg";
        put(folder.resolve("class-" + c + "/" + i + "." + format), format, picture(c, i));
      }
    }
    return folder;
  }

  private static BufferedImage picture(int label, int number) {
    Philox philox = new Philox(label);
    int width = SMALLEST + philox.integer(number, 0, SIZES);
    int height = SMALLEST + philox.integer(number, 1, SIZES);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < width * height; p++) {
      int noise = philox.integer(number, p + 2, 128);
      image.setRGB(p % width, p / width, noise << 8 * (label % 3) | 0x202020 * (label + 1));
    }
    return image;
  }

  private static void put(Path file, String format, BufferedImage image) {
    try {
      Files.createDirectories(file.getParent());
      ImageIO.write(image, format, file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
