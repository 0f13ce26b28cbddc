package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Logits;
import io.sagitta.kernels.Backend;
import io.sagitta.nn.models.Classifier;
import java.util.function.DoubleUnaryOperator;

/**
 * A model as scoring sees it.
 *
 * @param network answers images [N, H, W, C], normalised, with logits [N, classes]; estimators
 *     other than {@linkplain Estimator#isZeroOrder zero-order} ones, and streams, differentiate it
 * @param backend where the images are made, and the logits are wanted
 * @param name what errors call it
 * @param lossRounding the standard deviation of the rounding in a loss of this size beyond what
 *     shows when a question is asked a little differently, as of confidences with few decimals
 * @param keepsAnswers whether its answers are kept, so that scores need not be before all are there;
 *     whoever throws the answers away wants new ones for all samples
 */
public record ScoredModel(
    Logits network, Backend backend, int classes, String name, DoubleUnaryOperator lossRounding,
    boolean keepsAnswers) {
  /** A network whose weights are here; not closed by whoever scores it. */
  public static ScoredModel of(Classifier classifier) {
    return new ScoredModel(
        classifier::logits, classifier.backend(), classifier.spec().classes(),
        classifier.spec().toString(), loss -> 0, false);
  }
}
