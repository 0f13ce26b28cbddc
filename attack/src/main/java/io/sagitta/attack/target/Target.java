package io.sagitta.attack.target;

/**
 * A classifier that answers batches of images and gives nothing else away. One thread asks it at a
 * time.
 */
public interface Target extends AutoCloseable {
  /** What it takes and gives. */
  Signature signature();

  /**
   * Answers.
   *
   * @param images [count, H, W, C] from the array's start, in the units it wants; it may be longer
   * @param count any number
   * @return [count, classes]: logits or probabilities
   * @throws TargetException if it does not answer, or not as its signature says
   */
  float[] answer(float[] images, int count);

  /** Whether it keeps its answers for later processes. */
  default boolean keepsAnswers() {
    return false;
  }

  /** Lets go of it. */
  @Override
  void close();
}
