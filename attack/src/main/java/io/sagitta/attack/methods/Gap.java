package io.sagitta.attack.methods;

/**
 * How far an attack's AUROC lies below that of the strongest attack on the same target in the same
 * mode. The interval is of the difference within each redraw: it can exclude zero where the two
 * attacks' own intervals overlap widely, since they are tried on the same samples.
 *
 * @param strongest the attack with the greatest AUROC, which may be this one
 * @param auroc by how much its AUROC is greater
 * @param low the 2.5 % bootstrap quantile of that
 * @param high the 97.5 % quantile
 */
public record Gap(Attack strongest, double auroc, double low, double high) {}
