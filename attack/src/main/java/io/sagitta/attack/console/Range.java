package io.sagitta.attack.console;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The numbers that an option takes; of an array or list, each of them. What was given is checked
 * before the command runs, defaults are not. No option takes NaN or infinity.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Range {
  /** The least. */
  double least() default Double.NEGATIVE_INFINITY;

  /** What every number is greater than. */
  double above() default Double.NEGATIVE_INFINITY;

  /** The greatest. */
  double most() default Double.POSITIVE_INFINITY;

  /** What every number is less than. */
  double below() default Double.POSITIVE_INFINITY;
}
