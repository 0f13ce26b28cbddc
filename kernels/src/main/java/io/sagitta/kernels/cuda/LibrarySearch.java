package io.sagitta.kernels.cuda;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where NVIDIA's libraries may lie: the folders of the system property {@code
 * sagitta.cuda.libraries} and nowhere else if that is set, otherwise in this order:
 *
 * <ol>
 *   <li>{@code LD_LIBRARY_PATH};
 *   <li>{@code lib64} and {@code lib} of {@code CUDA_HOME} and {@code CUDA_PATH};
 *   <li>{@code lib64} of {@code /usr/local/cuda*}, the highest name first;
 *   <li>the system's library folders;
 *   <li>Python wheels, {@code nvidia/*}{@code /lib} below the folders of the system property {@code
 *       sagitta.cuda.python} (each a {@code site-packages}) and below the packages of {@code
 *       VIRTUAL_ENV}, {@code CONDA_PREFIX}, {@code ~/.local}, {@code /usr/local} and {@code /usr}.
 * </ol>
 */
final class LibrarySearch {
  static final String PROPERTY = "sagitta.cuda.libraries";
  static final String PYTHON_PROPERTY = "sagitta.cuda.python";

  private final List<Path> folders;

  private LibrarySearch(Set<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /** The folders of this process that exist. */
  static LibrarySearch ofThisProcess() {
    return of(
        System.getenv(), Path.of("/"), System.getProperty(PROPERTY),
        System.getProperty(PYTHON_PROPERTY));
  }

  /**
   * @param environment the environment variables
   * @param root what stands for {@code /}
   * @param named the value of {@value #PROPERTY}, or null
   * @param python the value of {@value #PYTHON_PROPERTY}, or null
   */
  static LibrarySearch of(
      Map<String, String> environment, Path root, String named, String python) {
    List<Path> places = list(named);
    if (named == null) {
      addUsual(places, environment, root, python);
    }
    places.removeIf(place -> !Files.isDirectory(place));
    return new LibrarySearch(new LinkedHashSet<>(places));
  }

  private static void addUsual(
      List<Path> places, Map<String, String> environment, Path root, String python) {
    places.addAll(list(environment.get("LD_LIBRARY_PATH")));
    for (String home : new String[] {"CUDA_HOME", "CUDA_PATH"}) {
      for (Path toolkit : list(environment.get(home))) {
        places.add(toolkit.resolve("lib64"));
        places.add(toolkit.resolve("lib"));
      }
    }
    for (Path toolkit : inside(root.resolve("usr/local"), "cuda*")) {
      places.add(toolkit.resolve("lib64"));
    }
    for (String folder : new String[] {"usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib"}) {
      places.add(root.resolve(folder));
    }
    for (Path packages : pythonPackages(environment, root, python)) {
      for (Path wheel : inside(packages.resolve("nvidia"), "*")) {
        places.add(wheel.resolve("lib"));
      }
    }
  }

  private static List<Path> pythonPackages(
      Map<String, String> environment, Path root, String python) {
    List<Path> packages = new ArrayList<>(list(python));
    List<Path> prefixes = new ArrayList<>(list(environment.get("VIRTUAL_ENV")));
    prefixes.addAll(list(environment.get("CONDA_PREFIX")));
    String home = environment.get("HOME");
    if (home != null && !home.isEmpty()) {
      prefixes.add(Path.of(home, ".local"));
    }
    prefixes.add(root.resolve("usr/local"));
    prefixes.add(root.resolve("usr"));
    for (Path prefix : prefixes) {
      for (Path version : inside(prefix.resolve("lib"), "python3*")) {
        packages.add(version.resolve("site-packages"));
        packages.add(version.resolve("dist-packages"));
      }
    }
    return packages;
  }

  /** Every file of these names, those of the first name first. */
  List<Path> find(List<String> names) {
    List<Path> found = new ArrayList<>();
    for (String name : names) {
      for (Path folder : folders) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  /** The folders that are searched, first first. */
  List<Path> folders() {
    return folders;
  }

  /** The files of a folder that match a pattern, the last name first. */
  static List<Path> inside(Path folder, String glob) {
    if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
      stream.forEach(found::add);
    } catch (IOException e) {
      throw new UncheckedIOException("CUDA libraries: cannot list " + folder, e);
    }
    found.sort(Collections.reverseOrder());
    return found;
  }

  private static List<Path> list(String folders) {
    List<Path> paths = new ArrayList<>();
    if (folders != null) {
      for (String folder : folders.split(File.pathSeparator)) {
        if (!folder.isEmpty()) {
          paths.add(Path.of(folder));
        }
      }
    }
    return paths;
  }
}
