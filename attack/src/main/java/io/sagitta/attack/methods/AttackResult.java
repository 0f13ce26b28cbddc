package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Roc;

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
 */
public record AttackResult(
    Attack attack,
    Mode mode,
    int target,
    int unscored,
    int imputed,
    Roc roc,
    Figures figures,
    Bootstrap.Interval interval) {}
