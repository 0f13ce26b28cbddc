package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Spread;
import java.util.Map;

/**
 * One attack over all targets.
 *
 * @param attack which
 * @param mode in which arithmetic
 * @param targets how many
 * @param figures by column name, mean and standard deviation: over n in paper mode, as published,
 *     and over n − 1 in corrected mode
 */
public record AttackSummary(Attack attack, Mode mode, int targets, Map<String, Spread> figures) {}
