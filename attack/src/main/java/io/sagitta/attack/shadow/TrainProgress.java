package io.sagitta.attack.shadow;

import io.sagitta.attack.run.Progress;
import io.sagitta.nn.train.TrainListener;
import java.util.LinkedHashMap;
import java.util.Map;

/** Passes the steps of one model's training on as progress. */
public final class TrainProgress implements TrainListener {
  private final Progress progress;
  private final int epochs;

  /**
   * @param epochs how many the training will have
   */
  public TrainProgress(Progress progress, int epochs) {
    this.progress = progress;
    this.epochs = epochs;
  }

  @Override
  public void onStep(int epoch, int step, int stepsPerEpoch, double loss, double accuracySoFar) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("epoch", (epoch + 1) + "/" + epochs);
    figures.putAll(figures(loss, accuracySoFar));
    progress.update((epoch + (step + 1.0) / stepsPerEpoch) / epochs, figures);
  }

  /** Loss and accuracy, to be shown. */
  public static Map<String, Object> figures(double loss, double accuracy) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("loss", loss);
    figures.put("accuracy", accuracy);
    return figures;
  }
}
