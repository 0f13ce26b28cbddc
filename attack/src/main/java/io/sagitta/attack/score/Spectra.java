package io.sagitta.attack.score;

import io.sagitta.engine.curvature.InputSpectrum;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gathers what the exact estimator finds of each sample, as tensors of a score file. */
final class Spectra implements Consumer<InputSpectrum> {
  private final ImageDataset dataset;
  private final boolean keepTop;
  private final double[] frobenius;
  private double[] eigenvalues = new double[0];
  private float[] top = new float[0];
  private int count;

  /**
   * @param keepTop whether to keep the eigenvectors of the greatest eigenvalues
   */
  Spectra(ImageDataset dataset, boolean keepTop) {
    this.dataset = dataset;
    this.keepTop = keepTop;
    this.frobenius = new double[dataset.size()];
  }

  @Override
  public void accept(InputSpectrum spectrum) {
    int rank = spectrum.eigenvalues().length;
    int elements = dataset.imageElements();
    if (count == 0) {
      eigenvalues = new double[Math.multiplyExact(dataset.size(), rank)];
      top = new float[keepTop ? Math.multiplyExact(dataset.size(), elements) : 0];
    }
    frobenius[count] = spectrum.frobenius();
    System.arraycopy(spectrum.eigenvalues(), 0, eigenvalues, count * rank, rank);
    if (keepTop) {
      planes(spectrum.top(), count * elements);
    }
    count++;
  }

  /** From [H, W, C] to [C, H, W]. */
  private void planes(double[] image, int at) {
    int channels = dataset.channels();
    int pixels = image.length / channels;
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int c = 0; c < channels; c++) {
        top[at + c * pixels + pixel] = (float) image[pixel * channels + c];
      }
    }
  }

  /** The tensors; none if no spectrum came. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    if (count > 0) {
      long samples = dataset.size();
      long[] shape = {samples, eigenvalues.length / samples};
      entries.add(Entry.ofDoubles("frobenius", new long[] {samples}, frobenius));
      entries.add(Entry.ofDoubles("eigenvalues", shape, eigenvalues));
    }
    if (top.length > 0) {
      long[] images = {
        dataset.size(), dataset.channels(), dataset.height(), dataset.width()
      };
      entries.add(Entry.ofFloats("top", images, top));
    }
    return entries;
  }
}
