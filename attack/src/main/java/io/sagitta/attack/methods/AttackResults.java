package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import java.util.List;

/**
 * What an evaluation found.
 *
 * @param models how many models have memberships
 * @param shadows how many of them stood as shadows, that is, have scores and are no target
 * @param samples how many samples
 * @param views the views' names
 * @param scores what was attacked
 * @param results one for each mode, attack and target, in this order
 * @param summaries one for each mode and attack
 * @param distributions the targets' raw scores, members beside non-members
 * @param residuals of the shadows' logits and log curvatures, one for each such signal they have
 * @param warnings what a reader must know to read the figures, in whole sentences
 */
public record AttackResults(
    int models,
    int shadows,
    int samples,
    List<String> views,
    ScoreSet scores,
    List<AttackResult> results,
    List<AttackSummary> summaries,
    List<Distribution> distributions,
    List<Residuals> residuals,
    List<String> warnings) {}
