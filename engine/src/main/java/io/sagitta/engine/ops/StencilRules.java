package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import java.util.function.BinaryOperator;

/**
 * How central differences pass through what is not linear. With s the value at x, o and e its odd
 * and even parts, the values at x ± d are s + e/2 ± o; the rules have o and e as factors everywhere,
 * so that they lose no digits however small these are. Sums of parts may be null where they are zero.
 */
final class StencilRules {
  private StencilRules() {}

  /** Makes a result's parts from an argument's, of which the even one may be null. */
  interface Kernel {
    void run(Buffer odd, Buffer even, Buffer newOdd, Buffer newEven);
  }

  /**
   * What a kernel of the backend makes of a stencil.
   *
   * @param shape the result's
   */
  static Stencil byKernel(Backend backend, Shape shape, Stencil stencil, Kernel kernel) {
    Tensor even = stencil.even();
    return run(
        backend, shape, stencil.odd().value().wide(), even == null ? null : even.value().wide(),
        kernel);
  }

  /** The same of a kernel that takes parts, and makes them, as they are stored. */
  static Stencil byImageKernel(Backend backend, Shape shape, Stencil stencil, Kernel kernel) {
    Tensor even = stencil.even();
    return even != null && even.type() != stencil.odd().type()
        ? byKernel(backend, shape, stencil, kernel)
        : run(
            backend, shape, stencil.odd().value(), even == null ? null : even.value(), kernel);
  }

  private static Stencil run(
      Backend backend, Shape shape, DenseTensor odd, DenseTensor even, Kernel kernel) {
    DenseTensor newOdd = DenseTensor.allocate(backend, odd.type(), shape);
    DenseTensor newEven = DenseTensor.allocate(backend, odd.type(), shape);
    kernel.run(
        odd.buffer(), even == null ? null : even.buffer(), newOdd.buffer(), newEven.buffer());
    return new Stencil(newOdd, newEven);
  }

  /**
   * A function linear in each argument, both of which vary:
   *
   * <pre>o′ = s₁o₂ + o₁s₂ + (o₁e₂ + e₁o₂)/2,   e′ = s₁e₂ + e₁s₂ + 2·o₁o₂ + e₁e₂/2</pre>
   */
  static Stencil product(
      BinaryOperator<Tensor> f, Tensor first, Tensor second, Stencil ofFirst, Stencil ofSecond) {
    Tensor o1 = ofFirst.odd();
    Tensor o2 = ofSecond.odd();
    Tensor e1 = ofFirst.even();
    Tensor e2 = ofSecond.even();
    Tensor odd = f.apply(first, o2).add(f.apply(o1, second));
    Tensor even = f.apply(o1, o2).mul(2);
    if (e1 != null) {
      odd = odd.add(f.apply(e1, o2).mul(0.5));
      even = even.add(f.apply(e1, second));
    }
    if (e2 != null) {
      odd = odd.add(f.apply(o1, e2).mul(0.5));
      even = even.add(f.apply(first, e2));
    }
    if (e1 != null && e2 != null) {
      even = even.add(f.apply(e1, e2).mul(0.5));
    }
    return new Stencil(odd, even);
  }

  /** The sum of two stencils of one shape. */
  static Stencil sum(Stencil a, Stencil b) {
    return new Stencil(a.odd().add(b.odd()), Tangents.add(a.even(), b.even()));
  }

  /** Minus the stencil. */
  static Stencil negative(Stencil a) {
    return new Stencil(a.odd().neg(), a.even() == null ? null : a.even().neg());
  }

  /**
   * exp(e/2 ± o) = 1 + q ± r. With t = tanh(o/2), sinh o = 2t/(1 − t²) and cosh o − 1 = t·sinh o; with
   * u = tanh(e/4), exp(e/2) − 1 = 2u/(1 − u).
   */
  record Growth(Tensor q, Tensor r) {
    static Growth of(Stencil stencil) {
      Tensor t = stencil.odd().mul(0.5).tanh();
      Tensor sinh = t.mul(2).div(t.square().neg().add(1));
      Tensor cosh = t.mul(sinh);
      if (stencil.even() == null) {
        return new Growth(cosh, sinh);
      }
      Tensor u = stencil.even().mul(0.25).tanh();
      Tensor m = u.mul(2).div(u.neg().add(1));
      return new Growth(cosh.add(m).add(cosh.mul(m)), sinh.add(sinh.mul(m)));
    }
  }
}
