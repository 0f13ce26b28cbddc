package io.sagitta.attack.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThumbnailTest {
  /** As on a full disk, where audits are to say so of the run folder and of nothing else. */
  @Test
  void needsNoTemporaryFile(@TempDir Path folder) throws IOException {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(1, 1, 0x123456);
    ImageIO.setCacheDirectory(gone.toFile());
    Files.delete(gone);
    byte[] png;
    try {
      png = Thumbnail.png(image);
    } finally {
      ImageIO.setCacheDirectory(null);
    }
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(read.getRGB(1, 1) & 0xffffff).isEqualTo(0x123456);
  }
}
