package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG and JPEG files to RGB. A file is first checked and stripped to its picture (see
 * {@link PngFile}, {@link JpegFile}), so the platform's decoder sees neither absurd sizes nor
 * metadata.
 * Grey is repeated in the three channels, alpha dropped, 16 bits cut to 8, colour profiles ignored:
 * as Pillow's {@code convert("RGB")} does for such files, 16-bit grey excepted. {@link Inks} become
 * RGB as there too.
 */
final class ImageDecoder {
  /** Beyond ImageNet's largest. */
  static final long MAX_PIXELS = 1L << 26;

  private static final long MAX_FILE_BYTES = 1L << 28;

  /**
   * A picture.
   *
   * @param rgb unsigned, [height, width, 3]
   */
  record Picture(int height, int width, byte[] rgb) {}

  /**
   * A checked file: its size in pixels, and the bytes to decode.
   *
   * @param inks what its pixels are made of; null for colours
   */
  record Checked(String format, int height, int width, Inks inks, byte[] bytes) {}

  /** What the platform's decoder is asked for. */
  private interface Reading<T> {
    T by(ImageReader reader) throws IOException;
  }

  private ImageDecoder() {}

  /**
   * Decodes a file.
   *
   * @throws BadFileException if it is missing, damaged, too large or of another format
   */
  static Picture decode(Path file) {
    Checked checked = check(file, readAll(file));
    if (checked.inks != null) {
      Raster raster = decode(file, checked, reader -> reader.readRaster(0, null));
      requireAsChecked(file, checked, raster);
      return new Picture(checked.height, checked.width, checked.inks.rgb(raster));
    }
    BufferedImage image = decode(file, checked, reader -> reader.read(0));
    requireAsChecked(file, checked, image.getRaster());
    return new Picture(checked.height, checked.width, rgb(file, image));
  }

  private static void requireAsChecked(Path file, Checked checked, Raster found) {
    if (found.getWidth() != checked.width || found.getHeight() != checked.height) {
      throw new BadFileException(
          file, "expected " + checked.width + "x" + checked.height + " pixels as in the header, "
              + "found " + found.getWidth() + "x" + found.getHeight());
    }
  }

  private static byte[] readAll(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw new BadFileException(
            file, "expected an image of at most " + MAX_FILE_BYTES + " bytes, found " + bytes);
      }
      return in.readNBytes((int) bytes);
    } catch (IOException e) {
      throw new BadFileException(file, "expected a readable image, found " + e, e);
    }
  }

  private static Checked check(Path file, byte[] bytes) {
    if (PngFile.matches(bytes)) {
      return new PngFile(file, bytes).check();
    }
    if (JpegFile.matches(bytes)) {
      return new JpegFile(file, bytes).check();
    }
    throw new BadFileException(file, "expected a PNG or JPEG image, found other bytes");
  }

  /** Refuses a size before anything of that size is allocated. */
  static void requireSize(Path file, long width, long height) {
    if (width < 1 || height < 1 || width > MAX_PIXELS || height > MAX_PIXELS
        || width * height > MAX_PIXELS) {
      throw new BadFileException(
          file,
          "expected an image of 1 to " + MAX_PIXELS + " pixels, found " + width + "x" + height);
    }
  }

  private static <T> T decode(Path file, Checked checked, Reading<T> reading) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(checked.format).next();
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    try (ImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(checked.bytes))) {
      reader.setInput(in, true, true);
      T image = reading.by(reader);
      if (!warnings.isEmpty()) {
        throw new BadFileException(
            file, "expected a sound " + checked.format + " image, found: " + warnings.get(0));
      }
      return image;
    } catch (BadFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The platform's decoders answer damaged data with many kinds of exception.
      throw new BadFileException(
          file, "expected a sound " + checked.format + " image, found: " + e, e);
    } finally {
      reader.dispose();
    }
  }

  private static byte[] rgb(Path file, BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[Math.toIntExact(3L * width * height)];
    if (image.getColorModel() instanceof IndexColorModel palette) {
      copyIndexed(image.getRaster(), palette, rgb);
      return rgb;
    }
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
      copyBgr(((DataBufferByte) image.getRaster().getDataBuffer()).getData(), rgb);
      return rgb;
    }
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int bits = raster.getSampleModel().getSampleSize(0);
    if (bands > 4 || bits != 8 && bits != 16) {
      throw new BadFileException(
          file, "expected 1 to 4 channels of 8 or 16 bits, found " + bands + " of " + bits);
    }
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          rgb[at++] = (byte) (row[x * bands + (bands < 3 ? 0 : c)] >>> bits - 8);
        }
      }
    }
    return rgb;
  }

  /** Of most pictures, whose bytes need no raster to be read through. */
  private static void copyBgr(byte[] bgr, byte[] rgb) {
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = bgr[i + 2];
      rgb[i + 1] = bgr[i + 1];
      rgb[i + 2] = bgr[i];
    }
  }

  private static void copyIndexed(Raster raster, IndexColorModel palette, byte[] rgb) {
    int width = raster.getWidth();
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int index : row) {
        int colour = index < palette.getMapSize() ? palette.getRGB(index) : 0;
        rgb[at++] = (byte) (colour >>> 16);
        rgb[at++] = (byte) (colour >>> 8);
        rgb[at++] = (byte) colour;
      }
    }
  }
}
