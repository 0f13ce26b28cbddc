package io.sagitta.attack.report;

import io.sagitta.nn.data.ImageDataset;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** An image small enough to stand in a page. */
final class Thumbnail {
  private static final int MOST_PIXELS = 112;

  private Thumbnail() {}

  /** A data URI of a PNG file. */
  static String uri(ImageDataset images, int index) {
    BufferedImage image = shrunk(image(images, index));
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png(image));
  }

  /** One channel is grey; of more than three, the first three are shown. */
  private static BufferedImage image(ImageDataset images, int index) {
    byte[] pixels = images.pixels(index);
    int channels = images.channels();
    BufferedImage image =
        new BufferedImage(images.width(), images.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < images.height(); y++) {
      for (int x = 0; x < images.width(); x++) {
        int at = (y * images.width() + x) * channels;
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | pixels[at + (channels < 3 ? 0 : c)] & 0xFF;
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  private static BufferedImage shrunk(BufferedImage image) {
    int longest = Math.max(image.getWidth(), image.getHeight());
    if (longest <= MOST_PIXELS) {
      return image;
    }
    int width = Math.max(1, image.getWidth() * MOST_PIXELS / longest);
    int height = Math.max(1, image.getHeight() * MOST_PIXELS / longest);
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return small;
  }

  /** The bytes of a PNG file. */
  static byte[] png(BufferedImage image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    // Of its own accord ImageIO writes by way of a temporary file, which fails where its folder is
    // full or the process is asked to stop.
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(png)) {
      if (!ImageIO.write(image, "png", stream)) {
        throw new IllegalStateException("this Java has no PNG writer");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return png.toByteArray();
  }
}
