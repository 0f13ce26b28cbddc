package io.sagitta.attack.onnx;

import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.TargetProvider;
import io.sagitta.attack.target.TargetSettings;
import io.sagitta.nn.data.ImageDataset;
import java.nio.file.Path;

/** Opens {@code onnx:FILE}. */
public final class OnnxTargetProvider implements TargetProvider {
  @Override
  public String scheme() {
    return "onnx";
  }

  @Override
  public Target open(String location, ImageDataset images, TargetSettings settings) {
    return new OnnxTarget(Path.of(location), images, settings);
  }
}
