package io.sagitta.kernels.cuda;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.libraryPropertyType;
import jcuda.nvrtc.JNvrtc;

/**
 * NVIDIA's libraries in this process: cuBLAS and NVRTC of CUDA 12 or 13, cuDNN 9. A library is
 * brought in once, by its full path, after what it opens by name from its own folder; the loader
 * then takes it for JCuda's native that needs it. JCuda's natives of CUDA 12 serve CUDA 13 by
 * {@link NativeRelinker}. Nothing is loaded before it is asked for.
 */
final class CudaLibraries {
  private static final Map<Kind, Library> LOADED = new EnumMap<>(Kind.class);

  /** A library, the natives of JCuda that call it, and the versions they can be made to call. */
  enum Kind {
    CUBLAS(
        "cuBLAS", "JCublas2", List.of("libcublas.so.12", "libcublas.so.13"), "libcublasLt.so.*"),
    NVRTC("NVRTC", "JNvrtc", List.of("libnvrtc.so.12", "libnvrtc.so.13"), "libnvrtc-builtins.so.*"),
    CUDNN("cuDNN", "JCudnn", List.of("libcudnn.so.9"), null);

    private final String title;
    private final String natives;
    private final List<String> names;
    private final String first;

    Kind(String title, String natives, List<String> names, String first) {
      this.title = title;
      this.natives = natives;
      this.names = names;
      this.first = first;
    }

    /** NVIDIA's name for it. */
    String title() {
      return title;
    }

    /** What the library says it is, such as 12.6. */
    private String version() {
      int[] major = new int[1];
      int[] minor = new int[1];
      switch (this) {
        case CUBLAS -> {
          JCublas2.cublasGetProperty(libraryPropertyType.MAJOR_VERSION, major);
          JCublas2.cublasGetProperty(libraryPropertyType.MINOR_VERSION, minor);
        }
        case NVRTC -> JNvrtc.nvrtcVersion(major, minor);
        case CUDNN -> {
          long number = JCudnn.cudnnGetVersion();
          major[0] = (int) (number / 10_000);
          minor[0] = (int) (number % 10_000 / 100);
        }
        default -> throw new AssertionError(this);
      }
      return major[0] + "." + minor[0];
    }

    private void initialise() {
      switch (this) {
        case CUBLAS -> JCublas2.setExceptionsEnabled(false);
        case NVRTC -> JNvrtc.setExceptionsEnabled(false);
        case CUDNN -> JCudnn.setExceptionsEnabled(false);
        default -> throw new AssertionError(this);
      }
    }
  }

  /**
   * What became of a library.
   *
   * @param file where it lies; null if it cannot be used
   * @param version what it says it is; null if it cannot be used
   * @param relinked whether JCuda's native was made to call another version than its own
   * @param reason why it cannot be used; null if it can
   */
  record Library(Kind kind, Path file, String version, boolean relinked, String reason) {
    boolean isUsable() {
      return reason == null;
    }

    @Override
    public String toString() {
      return kind.title + ": "
          + (isUsable()
              ? version + ", " + file + (relinked ? ", by relinked natives" : "")
              : "not used: " + reason);
    }
  }

  private CudaLibraries() {}

  /** The library, loaded if it is there. A library that was not there may be there later. */
  static synchronized Library get(Kind kind) {
    Library known = LOADED.get(kind);
    if (known != null) {
      return known;
    }
    if (kind == Kind.CUDNN) {
      get(Kind.CUBLAS);
      get(Kind.NVRTC);
    }
    return load(kind, LibrarySearch.ofThisProcess());
  }

  /** A line for each library: where it is, or why it cannot be used. */
  static List<String> report() {
    List<String> lines = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      lines.add(get(kind).toString());
    }
    return lines;
  }

  private static Library load(Kind kind, LibrarySearch search) {
    List<Path> files = search.find(kind.names);
    List<String> failures = new ArrayList<>();
    for (Path file : files) {
      String failure = bring(kind, file);
      if (failure == null) {
        return bind(kind, file);
      }
      failures.add(failure);
    }
    String looked =
        search.folders().stream().map(Path::toString).collect(Collectors.joining(", "));
    String reason =
        failures.isEmpty()
            ? "there is no " + String.join(" or ", kind.names) + " in "
                + (looked.isEmpty() ? "any folder that exists" : looked)
            : String.join("; ", failures);
    return new Library(kind, null, null, false, reason);
  }

  /** Loads NVIDIA's library; null, or why it does not load. */
  private static String bring(Kind kind, Path file) {
    try {
      if (kind.first != null) {
        for (Path sibling : LibrarySearch.inside(file.toAbsolutePath().getParent(), kind.first)) {
          if (version(sibling).equals(version(file))) {
            System.load(sibling.toAbsolutePath().toString());
          }
        }
      }
      System.load(file.toAbsolutePath().toString());
      return null;
    } catch (UnsatisfiedLinkError e) {
      return e.getMessage();
    }
  }

  /** The major version in a library's name. */
  private static String version(Path file) {
    return file.getFileName().toString().split("\\.so\\.")[1].split("\\.")[0];
  }

  /** Loads JCuda's native; a failure is final, since its class cannot initialise twice. */
  private static Library bind(Kind kind, Path file) {
    String wanted = kind.names.get(0);
    String found = file.getFileName().toString();
    Library library;
    try {
      JCudaNatives.load(kind.natives, wanted, found, kind::initialise);
      library = new Library(kind, file, kind.version(), !found.equals(wanted), null);
    } catch (UnsatisfiedLinkError e) {
      String cause = e.getMessage().lines().filter(l -> l.contains(".so")).findFirst().orElse("");
      library = new Library(kind, null, null, false, "JCuda's native does not load: " + cause.strip());
    }
    LOADED.put(kind, library);
    return library;
  }
}
