package io.sagitta.attack.target;

import io.sagitta.nn.data.ImageDataset;

/** Opens one kind of target; found by {@link java.util.ServiceLoader}. */
public interface TargetProvider {
  /** What specifications of its targets begin with, before a colon, such as {@code onnx}. */
  String scheme();

  /**
   * Opens a target.
   *
   * @param location what follows the colon
   * @param images it will be asked about such images
   * @throws TargetException if it does not fit them
   * @throws io.sagitta.nn.io.BadFileException if it is a file that is missing or damaged
   */
  Target open(String location, ImageDataset images, TargetSettings settings);
}
