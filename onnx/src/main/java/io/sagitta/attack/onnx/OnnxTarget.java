package io.sagitta.attack.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sagitta.attack.target.Signature;
import io.sagitta.attack.target.Target;
import io.sagitta.attack.target.TargetException;
import io.sagitta.attack.target.TargetSettings;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Normalization;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * An image classifier in a file, with one input of float32 images, channels first or last, and an
 * output with a float32 number for each class. Batches of any size or of one.
 */
final class OnnxTarget implements Target {
  /** The key under which Sagitta's own exports say what images are normalised by. */
  private static final String NORMALIZATION = "normalization";

  private final Path file;
  private final ImageDataset images;
  private final TargetSettings settings;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private final String output;
  private final Signature signature;

  OnnxTarget(Path file, ImageDataset images, TargetSettings settings) {
    if (!Files.isRegularFile(file)) {
      throw new BadFileException(file, "expected an ONNX model, found no file");
    }
    this.file = file;
    this.images = images;
    this.settings = settings;
    this.session = session();
    boolean fits = false;
    try {
      Map.Entry<String, long[]> in = onlyInput(session.getInputInfo());
      Map.Entry<String, long[]> out = chosenOutput(session.getOutputInfo());
      this.input = in.getKey();
      this.output = out.getKey();
      this.signature =
          Signature.of(
              "onnx:" + file.getFileName(), Hashes.sha256(file) + " output " + output,
              in.getValue(), out.getValue(), normalization(), images);
      fits = true;
    } catch (OrtException e) {
      throw new BadFileException(file, "expected an ONNX model, found " + e.getMessage(), e);
    } finally {
      if (!fits) {
        close();
      }
    }
  }

  private OrtSession session() {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // On Windows it would report models and uses to its makers; elsewhere this version does not.
      environment.setTelemetry(false);
      return environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new BadFileException(
          file, "expected a model that ONNX Runtime can load, found " + e.getMessage(), e);
    }
  }

  private Normalization normalization() throws OrtException {
    String declared = session.getMetadata().getCustomMetadata().get(NORMALIZATION);
    try {
      return declared == null ? null : Normalization.of(declared);
    } catch (IllegalArgumentException e) {
      throw new BadFileException(file, "metadata " + NORMALIZATION + ": " + e.getMessage(), e);
    }
  }

  private Map.Entry<String, long[]> onlyInput(Map<String, NodeInfo> inputs) {
    if (inputs.size() == 1) {
      NodeInfo only = inputs.values().iterator().next();
      if (only.getInfo() instanceof TensorInfo tensor && tensor.type == OnnxJavaType.FLOAT) {
        return Map.entry(only.getName(), tensor.getShape());
      }
    }
    throw new TargetException(
        file + ": expected one input of float32 images, found " + inputs.values());
  }

  private Map.Entry<String, long[]> chosenOutput(Map<String, NodeInfo> outputs) {
    String wanted = settings.output();
    for (NodeInfo candidate : outputs.values()) {
      if (candidate.getInfo() instanceof TensorInfo tensor && tensor.type == OnnxJavaType.FLOAT) {
        long elements = Signature.rowElements(tensor.getShape());
        if (wanted == null ? elements == images.classes() : wanted.equals(candidate.getName())) {
          return Map.entry(candidate.getName(), tensor.getShape());
        }
      }
    }
    throw new TargetException(
        file + ": expected a float32 output "
            + (wanted == null
                ? "with a number for each of the " + images.classes() + " classes of "
                    + images.name()
                : "named '" + wanted + "'")
            + ", found " + outputs.values());
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public float[] answer(float[] asked, int count) {
    int fixed = signature.batch();
    int most = fixed > 0 ? fixed : settings.batch();
    float[] answers = new float[count * signature.classes()];
    for (int from = 0; from < count; from += most) {
      int some = Math.min(most, count - from);
      float[] these = run(asked, from, some, fixed > 0 ? fixed : some);
      System.arraycopy(
          these, 0, answers, from * signature.classes(), some * signature.classes());
    }
    return answers;
  }

  private float[] run(float[] asked, int from, int some, int rows) {
    float[] arranged =
        signature.layout().arrange(
            asked, from * images.imageElements(), some, rows, images.height() * images.width(),
            images.channels());
    long[] shape = signature.layout().shape(rows, images);
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(arranged), shape);
        OrtSession.Result result = session.run(Map.of(input, tensor), Set.of(output))) {
      OnnxTensor found = (OnnxTensor) result.get(0);
      long[] extents = found.getInfo().getShape();
      if (extents[0] != rows || Signature.rowElements(extents) != signature.classes()) {
        throw new TargetException(
            signature.name() + ": expected an output of shape [" + rows + ", "
                + signature.classes() + "], as the file says, found " + Arrays.toString(extents));
      }
      float[] answers = new float[rows * signature.classes()];
      found.getFloatBuffer().get(answers);
      return answers;
    } catch (OrtException e) {
      throw new TargetException(signature.name() + ": cannot be run: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(file + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
