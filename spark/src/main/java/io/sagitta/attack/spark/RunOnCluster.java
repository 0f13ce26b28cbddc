package io.sagitta.attack.spark;

import io.sagitta.attack.run.Run;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * A run as it is named to other machines.
 *
 * @param folder absolute
 * @param hash of its configuration
 * @param data absolute, or null for procedural data
 */
record RunOnCluster(String folder, String hash, String data) implements Serializable {
  /** The last one opened in this process, so that its tasks read the data once. */
  private static Run opened;

  static RunOnCluster of(Run run) {
    return new RunOnCluster(
        run.folder().toAbsolutePath().toString(), run.record().configurationHash(),
        run.data() == null ? null : run.data().toString());
  }

  /** Opens it here, unless it is open. */
  Run open() {
    synchronized (RunOnCluster.class) {
      Run run = Run.joined(Path.of(folder), hash, data == null ? null : Path.of(data));
      if (opened == null
          || !opened.folder().equals(run.folder())
          || !opened.config().equals(run.config())
          || !of(opened).equals(this)) {
        opened = run;
      }
      return opened;
    }
  }

  /** Lets go of what is open here. */
  static void forget() {
    synchronized (RunOnCluster.class) {
      opened = null;
    }
  }
}
