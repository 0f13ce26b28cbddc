package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.nn.data.PictureFiles;
import io.sagitta.nn.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of pictures of many sizes and two formats, one of them broken, from end to end. */
class FolderAuditTest {
  private static final int CLASSES = 3;
  private static final int EACH = 12;
  private static final String[] NETWORK = {
    "--width", "4", "--shadows", "2", "--epochs", "2", "--batch", "8", "--n", "2"
  };

  @TempDir Path folder;

  @Test
  void picturesAreTrainedOnScoredAndAttacked() throws IOException {
    Path data = PictureFiles.write(folder.resolve("data/train"), CLASSES, EACH).getParent();
    Files.write(data.resolve("train/class-1/broken.jpg"), new byte[] {(byte) 0xFF, (byte) 0xD8, 1});
    String run = folder.resolve("run").toString();
    Cli sizes = audit(run, data, "--skip-broken");
    assertThat(sizes.status()).isEqualTo(3);
    assertThat(sizes.err())
        .contains("pixels as in the first picture, found", "(--resize and --crop scale all)");
    Cli broken = audit(run, data, "--resize", "18", "--crop", "16");
    assertThat(broken.status()).isEqualTo(3);
    assertThat(broken.err())
        .contains("expected 37 sound pictures, found 1 broken", "class-1/broken.jpg: expected");
    Cli cli = audit(run, data, "--resize", "18", "--crop", "16", "--skip-broken");
    assertThat(cli.status()).as(cli.text()).isZero();
    assertThat(Safetensors.read(Path.of(run, "scores/0002.safetensors")).entry("loss").shape())
        .containsExactly(2, CLASSES * EACH);
    assertThat(Files.readString(Path.of(run, "run.json")))
        .contains("folder/train without 1 broken files: class-1/broken.jpg")
        .contains("\"resize\" : 18", "\"crop\" : 16", "\"skip_broken\" : true");
    Cli again = Cli.run("audit", "--out", run);
    assertThat(again.status()).as(again.text()).isZero();
    Cli other = Cli.run("audit", "--out", run, "--crop", "14");
    assertThat(other.status()).isEqualTo(4);
    assertThat(other.err()).contains("pictures: resize 18, crop 16", "resize 16, crop 14");
    Path out = folder.resolve("one.safetensors");
    Cli one =
        Cli.run(
            "score", "--weights", run + "/models/0002.safetensors", "--arch", "resnet8", "--width",
            "4", "--classes", "3", "--dataset", "folder", "--data", data.toString(), "--resize",
            "18", "--crop", "16", "--skip-broken", "--first", "5", "--n", "2", "--out",
            out.toString());
    assertThat(one.status()).as(one.text()).isZero();
    assertThat(Safetensors.read(out).entry("loss").shape()).containsExactly(5);
  }

  private static Cli audit(String run, Path data, String... more) {
    String[] command = {"audit", "--out", run, "--dataset", "folder", "--data", data.toString()};
    String[] all = new String[command.length + NETWORK.length + more.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(NETWORK, 0, all, command.length, NETWORK.length);
    System.arraycopy(more, 0, all, command.length + NETWORK.length, more.length);
    return Cli.run(all);
  }
}
