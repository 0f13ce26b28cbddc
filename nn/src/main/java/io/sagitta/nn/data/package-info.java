/**
 * Labelled images as unsigned bytes in NHWC: CIFAR's binaries, folders of pictures, a procedural
 * set that needs no files; their normalisation and augmentation; the order of training. What is
 * random is a function of seed, epoch and sample alone, so threads and batches do not change it.
 */
package io.sagitta.nn.data;
