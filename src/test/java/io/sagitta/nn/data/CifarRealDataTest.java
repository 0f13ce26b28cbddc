package io.sagitta.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The real images beside the checkout, where they are present. */
class CifarRealDataTest {
  private static Path data(String name) {
    Path path = Path.of(System.getProperty("sagitta.root", "."), "../shared/data", name);
    assumeTrue(Files.isDirectory(path), "no real images at " + path);
    return path;
  }

  @Test
  void cifar100HasItsSizesNamesAndMoments() {
    Path path = data("cifar-100-mini");
    ImageDataset train = Datasets.open(Datasets.Kind.CIFAR100, path, Split.TRAIN);
    assertThat(train.size()).isEqualTo(6000);
    assertThat(train.classNames()).hasSize(100).startsWith("apple", "aquarium_fish");
    assertThat(Datasets.open(Datasets.Kind.CIFAR100, path, Split.TEST).size()).isEqualTo(2000);
    requireStandardised(train);
  }

  @Test
  void cifar10HasItsSizesNamesAndMoments() {
    Path path = data("cifar-10-mini");
    ImageDataset train = Datasets.open(Datasets.Kind.CIFAR10, path, Split.TRAIN);
    assertThat(train.size()).isEqualTo(5000);
    assertThat(train.classNames()).hasSize(10).startsWith("airplane", "automobile");
    assertThat(Datasets.open(Datasets.Kind.CIFAR10, path, Split.TEST).size()).isEqualTo(1000);
    requireStandardised(train);
  }

  /**
   * Normalised by the published constants, a sample of thousands of images has mean 0 and deviation
   * 1 in each channel within what its size allows, and classes of about equal size. Planes read in
   * the wrong order would shift the means by 0.1 and more.
   */
  private static void requireStandardised(ImageDataset data) {
    int channels = data.channels();
    double[] sum = new double[channels];
    double[] squares = new double[channels];
    for (int i = 0; i < data.size(); i++) {
      float[] image = data.normalized(i);
      for (int e = 0; e < image.length; e++) {
        sum[e % channels] += image[e];
        squares[e % channels] += (double) image[e] * image[e];
      }
    }
    double count = (double) data.size() * data.height() * data.width();
    for (int c = 0; c < channels; c++) {
      assertThat(sum[c] / count).as("mean of channel %s", c).isCloseTo(0, within(0.03));
      assertThat(Math.sqrt(squares[c] / count)).as("std of %s", c).isCloseTo(1, within(0.03));
    }
    int[] labels = data.labels();
    double fair = (double) data.size() / data.classes();
    assertThat(IntStream.range(0, data.classes())
            .mapToLong(label -> Arrays.stream(labels).filter(l -> l == label).count()))
        .allSatisfy(n -> assertThat((double) n).isBetween(fair / 2, fair * 2));
  }
}
