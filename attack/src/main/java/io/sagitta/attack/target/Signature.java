package io.sagitta.attack.target;

import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Normalization;
import java.util.Arrays;

/**
 * What a target takes and gives.
 *
 * @param name what errors and reports call it
 * @param identity tells targets apart that answer differently: the hash of a file, or an address
 *     with a version
 * @param layout of the images it takes
 * @param batch the one number of images that it takes at a time; 0 for any
 * @param classes numbers it gives for each image
 * @param normalization what it wants images normalised by, or null if it does not say
 */
public record Signature(
    String name, String identity, ImageLayout layout, int batch, int classes,
    Normalization normalization) {

  /**
   * The signature of declared shapes, checked against the images it will be asked about.
   *
   * @param input the shape of the input, negative where any extent will do
   * @param output the shape of the output, likewise
   * @throws TargetException if they do not fit the images
   */
  public static Signature of(
      String name, String identity, long[] input, long[] output, Normalization normalization,
      ImageDataset images) {
    ImageLayout layout = ImageLayout.of(name, input, images);
    long classes = rowElements(output);
    if (classes != images.classes()) {
      throw new TargetException(
          name + ": expected a number for each of the " + images.classes() + " classes of "
              + images.name() + ", found an output " + Arrays.toString(output));
    }
    int batch = (int) Math.max(0, Math.min(Integer.MAX_VALUE, input[0]));
    return new Signature(name, identity, layout, batch, (int) classes, normalization);
  }

  /**
   * The numbers of each row of a batch.
   *
   * @return −1 if a shape does not say
   */
  public static long rowElements(long[] shape) {
    long elements = 1;
    for (int i = 1; i < shape.length; i++) {
      if (shape[i] < 1 || shape[i] > Integer.MAX_VALUE / elements) {
        return -1;
      }
      elements *= shape[i];
    }
    return shape.length < 2 ? -1 : elements;
  }
}
