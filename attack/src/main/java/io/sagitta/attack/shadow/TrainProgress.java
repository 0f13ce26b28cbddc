package io.sagitta.attack.shadow;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Rate;
import io.sagitta.nn.train.TrainListener;
import java.util.LinkedHashMap;
import java.util.Map;

/** Passes the steps of one model's training on as progress. */
public final class TrainProgress implements TrainListener {
  private final Progress progress;
  private final int epochs;
  private final int images;
  private final Rate rate = new Rate();

  /**
   * @param epochs how many the training will have
   * @param images of an epoch
   */
  public TrainProgress(Progress progress, int epochs, int images) {
    this.progress = progress;
    this.epochs = epochs;
    this.images = images;
  }

  @Override
  public void onStep(int epoch, int step, int stepsPerEpoch, double loss, double accuracySoFar) {
    double epochsDone = epoch + (step + 1.0) / stepsPerEpoch;
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("epoch", (epoch + 1) + "/" + epochs);
    figures.putAll(figures(loss, accuracySoFar));
    rate.addTo(figures, "images_per_second", epochsDone * images);
    progress.update(epochsDone / epochs, figures);
  }

  /** Loss and accuracy, to be shown. */
  public static Map<String, Object> figures(double loss, double accuracy) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("loss", loss);
    figures.put("accuracy", accuracy);
    return figures;
  }
}
