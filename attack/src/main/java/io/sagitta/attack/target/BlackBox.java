package io.sagitta.attack.target;

import io.sagitta.attack.score.ScoredModel;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.nn.data.ImageDataset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** A target as a network that can be scored by plain queries. */
public final class BlackBox {
  /** The metadata key under which a score file says what answers it comes of. */
  public static final String ANSWERS_KEY = "target_answers";

  /** Images by whose answers the kind of answers is recognised. */
  private static final int FIRST_IMAGES = 64;

  private final Target target;
  private final PixelUnits units;
  private final Answers answers;

  private BlackBox(Target target, PixelUnits units, Answers answers) {
    this.target = target;
    this.units = units;
    this.answers = answers;
  }

  /**
   * Asks a target about the first images, to learn what its answers are.
   *
   * @param input as {@link PixelUnits#of} names it
   * @param kind as {@link Answers#recognise} names it
   * @throws TargetException if it does not answer as it should
   */
  public static BlackBox of(Target target, ImageDataset images, String input, String kind) {
    Signature signature = target.signature();
    PixelUnits units =
        PixelUnits.of(input, images.normalization(), signature.normalization());
    int count = Math.min(FIRST_IMAGES, images.size());
    float[] first = new float[count * images.imageElements()];
    images.normalized(IntStream.range(0, count).toArray(), first);
    units.convert(first);
    float[] found = target.answer(first, count);
    return new BlackBox(
        target, units, Answers.recognise(signature.name(), kind, found, signature.classes()));
  }

  /** What its answers are. */
  public Answers answers() {
    return answers;
  }

  /** What score files say of it. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("target", target.signature().name());
    metadata.put("target_identity", target.signature().identity());
    metadata.put(ANSWERS_KEY, answers.toString());
    metadata.put("target_input", units.toString());
    return metadata;
  }

  /**
   * The network.
   *
   * @param backend where the questions are made
   */
  public ScoredModel on(Backend backend) {
    Signature signature = target.signature();
    return new ScoredModel(
        x -> logits(x, backend), backend, signature.classes(), signature.name(),
        answers::lossRounding, target.keepsAnswers());
  }

  /**
   * A model that is at hand, seen as through this target's answers: what comes of both compares.
   */
  public ScoredModel like(ScoredModel model) {
    return new ScoredModel(
        x -> {
          double[] exact = model.network().logits(x).toDoubles();
          float[] given = answers.given(exact, model.classes());
          double[] logits = answers.logits(model.name(), given, model.classes());
          return Tensor.of(model.backend(), Shape.of(x.shape().dim(0), model.classes()), logits);
        },
        model.backend(), model.classes(), model.name(), answers::lossRounding,
        model.keepsAnswers());
  }

  private Tensor logits(Tensor x, Backend backend) {
    float[] images = x.value().toFloats();
    units.convert(images);
    int count = x.shape().dim(0);
    Signature signature = target.signature();
    double[] logits =
        answers.logits(signature.name(), target.answer(images, count), signature.classes());
    return Tensor.of(backend, Shape.of(count, signature.classes()), logits);
  }
}
