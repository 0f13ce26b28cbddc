package io.sagitta.engine;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the ops by looking through the engine's compiled classes. */
public final class OpClasses {
  private static final String PACKAGE = "io/sagitta/engine/ops";

  private OpClasses() {}

  /** The concrete subclasses of {@code base}. */
  public static List<Class<?>> concrete(Class<? extends Op> base) throws IOException {
    Path location = location();
    if (Files.isDirectory(location)) {
      return scan(location.resolve(PACKAGE), base);
    }
    URI jar = URI.create("jar:" + location.toUri());
    try (FileSystem files = FileSystems.newFileSystem(jar, Map.of())) {
      return scan(files.getPath(PACKAGE), base);
    }
  }

  private static Path location() throws IOException {
    try {
      return Path.of(Op.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private static List<Class<?>> scan(Path folder, Class<?> base) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".class") && !file.startsWith("package-info"))
          .<Class<?>>map(file -> load(file.substring(0, file.length() - ".class".length())))
          .filter(type -> base.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers()))
          .toList();
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(PACKAGE.replace('/', '.') + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
