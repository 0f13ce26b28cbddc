package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainListener;
import io.sagitta.nn.train.Trainer;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTrainingTest {
  private static final FolderOptions OPTIONS = new FolderOptions(18, 16, false);

  @TempDir Path folder;

  @Test
  void picturesDecodedInTheBackgroundTrainToTheSameBits() {
    Path pictures = PictureFiles.write(folder.resolve("pictures"), 3, 14);
    ImageDataset made = ImageFolder.read(pictures, OPTIONS, 0);
    assertThat(made.isMade()).isTrue();
    assertThat(weights(made, "made"))
        .isEqualTo(weights(ImageFolder.read(pictures, OPTIONS), "kept"));
  }

  private String weights(ImageDataset images, String name) {
    TrainConfig config = TrainConfig.of(3, 8, 0.05, Augment.Mode.CROP_FLIP, 7);
    Path file = folder.resolve(name);
    int[] all = IntStream.range(0, images.size()).toArray();
    try (Backend backend = Devices.open("host");
        Weights weights =
            Trainer.train(
                    Models.create(ModelSpec.of("resnet8", images.classes(), 4)), backend, images,
                    all, config, null, TrainListener.NONE)
                .weights()) {
      weights.save(file, Map.of());
    }
    return Hashes.sha256(file);
  }
}
