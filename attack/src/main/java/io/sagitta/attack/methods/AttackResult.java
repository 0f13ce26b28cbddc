package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.ClassFigures;
import io.sagitta.attack.metrics.EpsilonBound;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Roc;
import java.util.List;

/**
 * How one attack fared against one target.
 *
 * @param attack which
 * @param mode in which arithmetic
 * @param target index of the model attacked
 * @param unscored samples the attack could not score; neither members nor non-members count them
 * @param imputed scored samples that stand on a population average
 * @param roc over the scored samples
 * @param figures read off it
 * @param interval 95 % bootstrap interval of each figure
 * @param gap to the strongest attack of the mode
 * @param guesses {@code [samples]}: the attack's score, higher means "member"; NaN where unscored
 * @param classes figures among the samples of each class, ascending by label
 * @param epsilon a lower bound on the target's ε
 */
public record AttackResult(
    Attack attack,
    Mode mode,
    int target,
    int unscored,
    int imputed,
    Roc roc,
    Figures figures,
    Bootstrap.Interval interval,
    Gap gap,
    double[] guesses,
    List<ClassFigures> classes,
    EpsilonBound epsilon) {}
