package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import java.util.LinkedHashMap;
import java.util.Map;

/** Progress on one device, whose name is among the figures. */
final class NamedProgress implements Progress {
  private final Progress all;
  private final String device;

  NamedProgress(Progress all, String device) {
    this.all = all;
    this.device = device;
  }

  @Override
  public void check() {
    all.check();
  }

  @Override
  public void model(int model) {
    all.model(model);
  }

  @Override
  public void update(double fraction, Map<String, Object> figures) {
    all.update(fraction, withDevice(figures));
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    all.end(outcome, withDevice(figures));
  }

  private Map<String, Object> withDevice(Map<String, Object> figures) {
    Map<String, Object> more = new LinkedHashMap<>(figures);
    more.put("device", device);
    return more;
  }
}
