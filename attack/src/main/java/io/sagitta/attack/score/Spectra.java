package io.sagitta.attack.score;

import io.sagitta.attack.score.PartialScores.Column;
import io.sagitta.engine.curvature.InputSpectrum;
import io.sagitta.nn.data.ImageDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Puts what the exact estimator finds of each sample into tensors of a score file. */
final class Spectra implements Consumer<InputSpectrum> {
  private static final String FROBENIUS = "frobenius";
  private static final String EIGENVALUES = "eigenvalues";
  private static final String TOP = "top";

  private final PartialScores scores;
  private final int rank;
  private final int channels;
  private final boolean keepTop;
  private int sample;

  /**
   * @param keepTop whether there is a tensor for the eigenvectors of the greatest eigenvalues
   * @param done samples whose spectra are there already
   */
  Spectra(PartialScores scores, ImageDataset dataset, boolean keepTop, int done) {
    this.scores = scores;
    this.rank = dataset.classes() - 1;
    this.channels = dataset.channels();
    this.keepTop = keepTop;
    this.sample = done;
  }

  /** The tensors. */
  static List<Column> columns(ImageDataset dataset, boolean keepTop) {
    int samples = dataset.size();
    List<Column> columns = new ArrayList<>();
    columns.add(Column.ofDoubles(FROBENIUS, samples));
    columns.add(Column.ofDoubles(EIGENVALUES, samples, dataset.classes() - 1));
    if (keepTop) {
      columns.add(
          Column.ofFloats(
              TOP, samples, dataset.channels(), dataset.height(), dataset.width()));
    }
    return columns;
  }

  @Override
  public void accept(InputSpectrum spectrum) {
    scores.tensor(FROBENIUS)[sample] = spectrum.frobenius();
    System.arraycopy(
        spectrum.eigenvalues(), 0, scores.tensor(EIGENVALUES), sample * rank, rank);
    if (keepTop) {
      planes(spectrum.top(), scores.floats(TOP), sample * spectrum.top().length);
    }
    sample++;
  }

  /** From [H, W, C] to [C, H, W]. */
  private void planes(double[] image, float[] target, int at) {
    int pixels = image.length / channels;
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int c = 0; c < channels; c++) {
        target[at + c * pixels + pixel] = (float) image[pixel * channels + c];
      }
    }
  }
}
