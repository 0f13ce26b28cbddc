package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;

/**
 * One differentiable operation: its shapes, its kernel, and its two derivative rules. Rules are
 * written with tensor operations, never with kernels, so they are differentiated again like
 * anything else. An op is immutable and holds only its attributes (a stride, an axis).
 *
 * <p>A rule may read an input or the output only if the op declares that it {@linkplain #savesInput
 * saves} it; other tensors keep their shape but may have given back their memory.
 */
public abstract class Op {
  /** The name that error messages use, such as {@code conv2d}. */
  public abstract String name();

  /**
   * The shape of the result.
   *
   * @throws IllegalArgumentException if the inputs do not fit, naming what was expected and found
   */
  protected abstract Shape outputShape(Shape[] inputs);

  /** Computes the result from numbers. */
  protected abstract void compute(DenseTensor[] inputs, DenseTensor output);

  /**
   * Whether an input is one of the images that the kernel takes stored as {@link DType#BF16} too. It is
   * given them so where all of them are; all else comes to {@link #compute} in the backend's own type.
   */
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return false;
  }

  /** Whether the result is stored as the images are; else it has the backend's own type. */
  protected boolean makesImage() {
    return true;
  }

  /** The result from numbers; an op whose result is a view of its input overrides this. */
  protected DenseTensor forward(DenseTensor[] inputs) {
    Shape shape = checkInputs(inputs);
    Backend backend = inputs[0].backend();
    boolean asStored = imagesAreBf16(inputs);
    DType type = asStored && makesImage() ? DType.BF16 : backend.dtype();
    DenseTensor output = DenseTensor.allocate(backend, type, shape);
    if (shape.elements() > 0) {
      if (isReadable(inputs, asStored)) {
        compute(inputs, output);
      } else {
        try (Scope copies = Scope.detached()) {
          compute(widened(inputs, asStored, copies), output);
        }
      }
    }
    return output;
  }

  /** Whether the kernel takes all inputs as they are stored. */
  private boolean isReadable(DenseTensor[] inputs, boolean asStored) {
    for (int i = 0; i < inputs.length; i++) {
      if (isWidened(i, inputs, asStored)) {
        return false;
      }
    }
    return true;
  }

  private boolean isWidened(int index, DenseTensor[] inputs, boolean asStored) {
    return inputs[index].type() == DType.BF16 && !(asStored && isImage(index, inputs));
  }

  /** The inputs in the backend's own type, but for images as stored; copies belong to the scope. */
  private DenseTensor[] widened(DenseTensor[] inputs, boolean asStored, Scope copies) {
    DenseTensor[] result = inputs.clone();
    for (int i = 0; i < inputs.length; i++) {
      if (isWidened(i, inputs, asStored)) {
        result[i] = Scope.current().move(inputs[i].wide(), copies);
      }
    }
    return result;
  }

  private boolean imagesAreBf16(DenseTensor[] inputs) {
    boolean any = false;
    for (int i = 0; i < inputs.length; i++) {
      if (isImage(i, inputs)) {
        if (inputs[i].type() != DType.BF16) {
          return false;
        }
        any = true;
      }
    }
    return any;
  }

  /** The result's shape, if the inputs fit. */
  private Shape checkInputs(DenseTensor[] inputs) {
    Shape[] shapes = new Shape[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      shapes[i] = inputs[i].shape();
      if (inputs[i].backend() != inputs[0].backend()) {
        throw new IllegalArgumentException(
            name() + ": arguments on different backends: " + inputs[0].backend().name() + " and "
                + inputs[i].backend().name());
      }
    }
    return outputShape(shapes);
  }

  /**
   * The result where some input is a {@link RandomTensor}, for an op that makes its numbers as it
   * reads them; null, as here, where they must be stored first, or none is.
   */
  protected DenseTensor ofRandom(Tensor... inputs) {
    return null;
  }

  /**
   * The tangent of the result: the Jacobian times the inputs' tangents.
   *
   * @param tangents one per input; null is zero
   * @return null for zero
   */
  protected abstract Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents);

  /**
   * The result and its tangent from one kernel; null, as here, where the op has none for what
   * varies, so that they come from {@link #compute} and {@link #jvp}. The inputs fit.
   *
   * @param tangents one per input, at least one of them not null; null is zero
   */
  protected Dual dual(DenseTensor[] inputs, DenseTensor[] tangents) {
    return null;
  }

  /**
   * The inputs' gradients: the transposed Jacobian times the result's gradient.
   *
   * @param needed which inputs want theirs
   * @return one per input; null is zero or not needed
   */
  protected abstract Tensor[] vjp(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed);

  /**
   * Whether {@link #vjp} reads the elements of input {@code index}.
   *
   * @param needed which inputs will want their gradients
   */
  protected boolean savesInput(int index, boolean[] needed) {
    return true;
  }

  /**
   * The squared norms of each sample's part of the gradients in inputs that all samples share, summed
   * over these inputs; no derivative passes through them. It reads what {@link #vjp} may read.
   *
   * @param gradient of the result, whose rows belong to the samples in turn
   * @param shared which inputs; the others are the samples' own, in turn
   * @param samples how many
   * @return [samples]
   * @throws IllegalArgumentException if the op has no such rule, as here, naming it
   */
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    throw new IllegalArgumentException("no per-sample rule for op '" + name() + "'");
  }

  /** Whether {@link #vjp} reads the elements of the result. */
  protected boolean savesOutput() {
    return false;
  }

  /**
   * How the result depends on the inputs that vary.
   *
   * @param varying which inputs do
   */
  protected Dependence dependence(boolean[] varying) {
    return Dependence.SMOOTH;
  }

  /** The same op with products in another precision; itself where it has none. */
  protected Op in(Precision precision) {
    return this;
  }

  /**
   * The same result in more steps, for a fused op of whose inner results a stencil rule wants to
   * know; null where the op has its own rule.
   */
  protected Tensor stencilForm(Tensor... inputs) {
    return null;
  }

  /**
   * How a central difference passes through: the result's stencil from the inputs'. What is linear
   * acts on both parts alike, which is the rule here.
   *
   * @param inputs at the base point
   * @param output at the base point
   * @param stencils one per input; null where the input does not vary
   * @throws IllegalArgumentException if the op has no such rule, naming it
   */
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    boolean[] varying = new boolean[stencils.length];
    Tensor[] odd = new Tensor[stencils.length];
    Tensor[] even = new Tensor[stencils.length];
    boolean curved = false;
    for (int i = 0; i < stencils.length; i++) {
      varying[i] = stencils[i] != null;
      odd[i] = varying[i] ? stencils[i].odd() : null;
      even[i] = varying[i] ? stencils[i].even() : null;
      curved |= even[i] != null;
    }
    if (dependence(varying) != Dependence.LINEAR) {
      throw new IllegalArgumentException("no stencil rule for op '" + name() + "'");
    }
    return new Stencil(jvp(inputs, output, odd), curved ? jvp(inputs, output, even) : null);
  }

  /** Applies the op at the innermost level among its inputs. */
  public final Tensor apply(Tensor... inputs) {
    Level level = null;
    for (Tensor input : inputs) {
      Level own = input.level();
      if (own != null && (level == null || own.depth() > level.depth())) {
        level = own;
      }
    }
    if (level == null) {
      return applyToNumbers(inputs);
    }
    level.checkOpen();
    for (Tensor input : inputs) {
      if (input.level() == level && input instanceof TapeTensor traced) {
        return traced.tape().record(this, inputs);
      }
    }
    return applyDual(level, inputs);
  }

  private DenseTensor applyToNumbers(Tensor[] inputs) {
    DenseTensor result = ofRandom(inputs);
    if (result == null) {
      DenseTensor[] dense = new DenseTensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        dense[i] = inputs[i].value();
      }
      result = forward(dense);
    }
    return result;
  }

  private Dual dualOfNumbers(Tensor[] primals, Tensor[] tangents) {
    DenseTensor[] values = new DenseTensor[primals.length];
    DenseTensor[] directions = new DenseTensor[primals.length];
    for (int i = 0; i < primals.length; i++) {
      boolean numbers =
          isNumbers(primals[i]) && (tangents[i] == null || isNumbers(tangents[i]));
      if (!numbers) {
        return null;
      }
      values[i] = (DenseTensor) primals[i];
      directions[i] = (DenseTensor) tangents[i];
    }
    checkInputs(values);
    return dual(values, directions);
  }

  /** Whether a kernel for value and tangent reads it as it is. */
  private static boolean isNumbers(Tensor tensor) {
    return tensor instanceof DenseTensor && tensor.type() != DType.BF16;
  }

  private Tensor applyDual(Level level, Tensor[] inputs) {
    Tensor[] primals = new Tensor[inputs.length];
    Tensor[] tangents = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].level() == level) {
        primals[i] = ((JvpTensor) inputs[i]).primal();
        tangents[i] = ((JvpTensor) inputs[i]).tangent();
      } else {
        primals[i] = inputs[i];
      }
    }
    Dual fused = dualOfNumbers(primals, tangents);
    if (fused != null) {
      return new JvpTensor(level, fused.value(), fused.tangent());
    }
    Tensor output = apply(primals);
    Tensor tangent = jvp(primals, output, tangents);
    return tangent == null ? output : new JvpTensor(level, output, tangent);
  }
}
