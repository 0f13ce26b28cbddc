package io.sagitta.nn.train;

import io.sagitta.nn.models.Weights;

/**
 * A trained network.
 *
 * @param weights the receiver closes them
 * @param finalLoss the mean over the last epoch, each batch before its step
 * @param trainAccuracy the share of images classified right in the last epoch
 */
public record TrainResult(Weights weights, double finalLoss, double trainAccuracy) {}
