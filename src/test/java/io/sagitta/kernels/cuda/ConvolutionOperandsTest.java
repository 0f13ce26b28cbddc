package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Weights as kernels of convolutions read them, on the emulated driver. */
class ConvolutionOperandsTest {
  /**
   * One channel and one tap; a stem, padded to eight channels; channels of a block and 44 more; of
   * a single tap more than a block has threads; taps of 2x2, in groups; taps of a block and 48 more,
   * and of two whole ones.
   */
  private static final List<Conv2dGeometry> GEOMETRIES =
      List.of(
          new Conv2dGeometry(1, 1, 1, 1, 1, 1, 1, 1, 0, 1),
          new Conv2dGeometry(1, 3, 3, 3, 5, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 3, 3, 300, 3, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 1, 1, 520, 2, 1, 1, 1, 0, 1),
          new Conv2dGeometry(1, 2, 2, 24, 4, 2, 2, 1, 0, 2),
          new Conv2dGeometry(1, 40, 30, 3, 2, 40, 30, 1, 0, 1),
          new Conv2dGeometry(1, 48, 48, 2, 2, 48, 48, 1, 0, 1));

  private final List<CudaBuffer> buffers = new ArrayList<>();
  private CudaSession session;
  private CudaTransfer transfer;
  private ConvolutionOperands operands;

  @BeforeEach
  void open() {
    session = EmulatedCuda.session();
    transfer = new CudaTransfer(session);
    operands = new ConvolutionOperands(session, new CudaBatchNorm(session));
  }

  @AfterEach
  void close() {
    if (session != null) {
      buffers.forEach(CudaBuffer::release);
      session.close();
    }
  }

  @ParameterizedTest
  @FieldSource("GEOMETRIES")
  void packsChannelsBehindTaps(Conv2dGeometry g) {
    assertThat(packed(false, g)).isEqualTo(expected(g, g.groupInChannels()));
  }

  @ParameterizedTest
  @FieldSource("GEOMETRIES")
  void packsWordsWithZerosInPaddedChannels(Conv2dGeometry g) {
    assertThat(packed(true, g)).isEqualTo(expected(g, CudaBf16.padded(g.groupInChannels())));
  }

  private float[] packed(boolean words, Conv2dGeometry g) {
    float[] w = weights(g);
    CudaBuffer buffer = keep(session.scratch(DType.F32, w.length));
    transfer.upload(w, 0, buffer, 0, w.length);
    CudaBuffer made = keep(operands.pack(words, g, buffer).buffer());
    CudaBuffer floats = words ? keep(new CudaBf16(session).as(DType.F32, made)) : made;
    float[] values = new float[Math.toIntExact(floats.elements())];
    transfer.download(floats, 0, values, 0, values.length);
    return values;
  }

  private static float[] expected(Conv2dGeometry g, int wide) {
    float[] w = weights(g);
    int channels = g.groupInChannels();
    int taps = g.kernelHeight() * g.kernelWidth();
    float[] packed = new float[g.outChannels() * taps * wide];
    for (int i = 0; i < w.length; i++) {
      int output = i / taps / channels;
      packed[(output * taps + i % taps) * wide + i / taps % channels] = w[i];
    }
    return packed;
  }

  /** Numbers that bf16 has, so that neighbours differ; none is zero. */
  private static float[] weights(Conv2dGeometry g) {
    float[] w = new float[Math.toIntExact(g.weightElements())];
    for (int i = 0; i < w.length; i++) {
      w[i] = i % 251 + 1;
    }
    return w;
  }

  private CudaBuffer keep(CudaBuffer buffer) {
    buffers.add(buffer);
    return buffer;
  }
}
