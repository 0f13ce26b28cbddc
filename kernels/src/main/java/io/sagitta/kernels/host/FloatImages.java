package io.sagitta.kernels.host;

import java.nio.FloatBuffer;

/** Images that are stored as the floats they are computed with. */
record FloatImages(FloatBuffer floats) implements Images {

  @Override
  public boolean paired() {
    return false;
  }

  @Override
  public void get(int start, int n, float[] block, int half) {
    floats.get(start, block, 0, n);
  }

  @Override
  public void put(int start, int n, float[] block, int half) {
    floats.put(start, block, 0, n);
  }
}
