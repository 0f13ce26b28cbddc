package io.sagitta.nn.models;

import java.util.ArrayList;
import java.util.List;

/** Every architecture, narrow, with images as small as it takes. */
final class SmallNetworks {
  /** A network and the rows and columns of its images. */
  record Small(ModelSpec spec, int side) {
    @Override
    public String toString() {
      return spec.toString();
    }
  }

  private SmallNetworks() {}

  static List<Small> of(int classes) {
    List<Small> all = new ArrayList<>();
    for (String architecture : Models.architectures()) {
      all.add(
          switch (architecture) {
            case "vgg11", "vgg16" -> new Small(ModelSpec.of(architecture, classes, 2), 32);
            case "lenet5" -> new Small(ModelSpec.of(architecture, classes, 3), 32);
            case "mlp" -> new Small(ModelSpec.of(architecture, classes, 8), 32);
            case "vit-tiny" -> new Small(ModelSpec.of(architecture, classes, 6), 32);
            default -> new Small(ModelSpec.of(architecture, classes, 4), 16);
          });
    }
    all.add(new Small(ModelSpec.of("resnet18", classes, 4).with(Stem.IMAGENET), 16));
    all.add(new Small(ModelSpec.of("resnet8", classes, 24).withoutBatchNorm(), 16));
    all.add(new Small(ModelSpec.of("vgg11", classes, 2).withoutBatchNorm(), 32));
    return all;
  }
}
