package io.sagitta.kernels.cuda;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Lets a class of JCuda load a changed copy of its native library.
 *
 * <p>JCuda's {@code LibUtils} looks for {@code lib<name>-<version>-<platform>.so} on the library
 * path, then in the folder that {@code java.io.tmpdir} names at that moment, and only then extracts
 * it from its jar to that folder. So the copy is put in a folder of its own and the property names
 * that folder while the class initialises; everything else in the Java library reads the property
 * once, when the process starts. The file can go as soon as it is loaded.
 */
final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  private JCudaNatives() {}

  /**
   * Initialises a class of JCuda with its library relinked.
   *
   * @param library JCuda's name of it, such as {@code JCublas2}
   * @param from the library it needs
   * @param to the library it is to need; the same for a plain copy
   * @param initialise makes the class load it
   * @throws UnsatisfiedLinkError if it cannot be loaded
   */
  static synchronized void load(String library, String from, String to, Runnable initialise) {
    String platform = LibUtils.createPlatformLibraryName(library + "-" + JCudaVersion.get());
    String file = LibUtils.createLibraryFileName(platform);
    String before = System.getProperty(TEMPORARY);
    try {
      Path folder = Files.createTempDirectory("sagitta-natives");
      Path copy = folder.resolve(file);
      try {
        byte[] original = resource("/lib/" + file);
        Files.write(copy, from.equals(to) ? original : NativeRelinker.relink(original, from, to));
        System.setProperty(TEMPORARY, folder.toString());
        initialise.run();
      } finally {
        System.setProperty(TEMPORARY, before);
        Files.deleteIfExists(copy);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("JCuda: cannot copy its library " + file, e);
    }
  }

  /** A resource of JCuda's jars. */
  private static byte[] resource(String name) throws IOException {
    try (InputStream in = LibUtils.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("no resource " + name + " in JCuda's jars");
      }
      return in.readAllBytes();
    }
  }
}
