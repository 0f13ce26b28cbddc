package io.sagitta.engine.ops;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.Op;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.Vjp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An op that does at once what a composition of others does step by step. The composition is its
 * definition; a rule that the fused op does not write itself is the definition's, so that it is
 * differentiable as often as its parts.
 */
public abstract class FusedOp extends Op {
  /** The same function as a composition of unfused operations. */
  protected abstract Tensor definition(Tensor... inputs);

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return Autodiff.jvp(
            xs -> List.of(definition(xs.toArray(new Tensor[0]))),
            Arrays.asList(inputs),
            Arrays.asList(tangents))
        .tangent();
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    List<Tensor> active = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      if (needed[i]) {
        active.add(inputs[i]);
      }
    }
    try (Vjp vjp = Autodiff.vjp(xs -> List.of(definition(merge(inputs, needed, xs))), active)) {
      return merge(new Tensor[inputs.length], needed, vjp.pullback(gradient));
    }
  }

  /** {@code all} with its needed entries replaced, in order. */
  private static Tensor[] merge(Tensor[] all, boolean[] needed, List<Tensor> replacements) {
    Tensor[] merged = all.clone();
    int next = 0;
    for (int i = 0; i < all.length; i++) {
      if (needed[i]) {
        merged[i] = replacements.get(next++);
      }
    }
    return merged;
  }
}
