package io.sagitta.kernels;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Something that every backend must do.
 *
 * @param method the method of {@link Backend} it is about, as {@link #key} names it; the case must
 *     call it
 * @param title what of the method is tested
 */
record ConformanceCase(String method, String title, Body body) {
  /** Compares a backend with the oracle. */
  interface Body {
    void run(Duel duel);
  }

  /** Every case there is. */
  static List<ConformanceCase> all() {
    return Stream.of(
            MemoryCases.all(),
            ElementCases.all(),
            RowCases.all(),
            MatmulCases.all(),
            ConvolutionCases.all(),
            ChangedWeightCases.all(),
            PoolCases.all(),
            StencilCases.all(),
            LossDifferenceCases.all(),
            DualCases.all(),
            SignConvolutionCases.all(),
            NormCases.all(),
            LayerNormCases.all(),
            GroupNormCases.all(),
            GroupNormStencilCases.all(),
            NormConvolutionCases.all(),
            Bf16Cases.all(),
            SgdCases.all(),
            ImageCases.all(),
            OrderCases.all())
        .flatMap(List::stream)
        .toList();
  }

  /** A method's name, with its parameter types where it is overloaded. */
  static String key(Method method) {
    long namesakes =
        Arrays.stream(Backend.class.getMethods())
            .filter(m -> m.getName().equals(method.getName()))
            .count();
    if (namesakes == 1) {
      return method.getName();
    }
    return method.getName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(",", "(", ")"));
  }

  @Override
  public String toString() {
    return method + ": " + title;
  }
}
