package io.sagitta.kernels.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compiles the emulated driver and, each to a library of its own, the kernel files. A library is
 * made anew only when its sources, its headers or the command have changed since.
 */
final class EmulatedBuild {
  /**
   * Products and sums are contracted, also across a choice that a loop makes the same way each time:
   * nvcc does that.
   */
  private static final List<String> FLAGS =
      List.of(
          "-std=c++17", "-O2", "-march=native", "-ffp-contract=fast", "-funswitch-loops",
          "--param=max-unswitch-insns=200", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall",
          "-Wno-unknown-pragmas");
  private static final List<String> KERNEL_HEADERS =
      List.of("emulation.h", "intrinsics.h", "warp.h", "tensor_core.h");
  private static final String SONAME = "libcuda.so.1";

  private final String compiler;
  private final Path root =
      Path.of(System.getProperty("sagitta.root")).toAbsolutePath().normalize();
  private final Path driverSources = root.resolve("src/test/cpp");
  private final Path kernelSources = root.resolve("kernels/src/main/cuda");
  private final Path output = root.resolve("src/test/target/emulated");

  EmulatedBuild(String compiler) {
    this.compiler = compiler;
  }

  /** The first of {@code $CXX}, g++, clang++ and c++ that is on the path, or null. */
  static String compiler() {
    return Stream.of(System.getenv("CXX"), "g++", "clang++", "c++")
        .filter(name -> name != null && !name.isBlank() && isOnPath(name))
        .findFirst()
        .orElse(null);
  }

  /** Whether there are a compiler and sources. */
  static boolean isPossible() {
    String root = System.getProperty("sagitta.root");
    return compiler() != null && root != null && Files.isDirectory(Path.of(root, "src/test/cpp"));
  }

  private static boolean isOnPath(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(name)));
  }

  /** The driver, with the project's kernels beside it, where it looks for them. */
  Path project() throws IOException {
    return locked(
        () -> {
          Path driver = driver();
          build(kernelSources, output);
          return driver;
        });
  }

  /** The kernels of a folder of {@code src/test/cpp}, a library for each file. */
  List<Path> kernels(String folder) throws IOException {
    return locked(
        () -> {
          driver();
          return build(driverSources.resolve(folder), output.resolve(folder));
        });
  }

  /** The folder with the stand-in for NVRTC. */
  Path nvrtc() throws IOException {
    Path source = driverSources.resolve("nvrtc/nvrtc.cpp");
    Path folder = output.resolve("nvrtc");
    String soname = "libnvrtc.so.12";
    List<String> arguments =
        List.of("-Wl,-soname," + soname, "-fvisibility=default", source.toString());
    return locked(
        () -> {
          Files.createDirectories(folder);
          return compile(arguments, List.of(source), folder.resolve(soname)).getParent();
        });
  }

  /** Where the images are kept that the stand-in for NVRTC makes. */
  Path images() {
    return output.resolve("images");
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** Other processes that build here wait. */
  private <T> T locked(Work<T> work) throws IOException {
    Files.createDirectories(output);
    try (FileChannel channel =
        FileChannel.open(
            output.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      return work.run();
    }
  }

  private List<Path> build(Path sources, Path to) throws IOException {
    Files.createDirectories(to);
    List<Callable<Path>> work = new ArrayList<>();
    for (Path source : files(sources, ".cu")) {
      work.add(() -> kernel(source, to));
    }
    List<Path> made = together(work);
    for (Path old : files(to, ".kernels.so")) {
      if (!made.contains(old)) {
        Files.delete(old);
      }
    }
    return made;
  }

  private Path driver() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-Wl,-soname," + SONAME, "-ldl", "-lpthread"));
    files(driverSources, ".cpp").forEach(source -> arguments.add(source.toString()));
    List<Path> inputs = files(driverSources, ".cpp");
    inputs.addAll(files(driverSources, ".h"));
    return compile(arguments, inputs, output.resolve(SONAME));
  }

  private Path kernel(Path source, Path to) throws IOException {
    List<String> arguments =
        List.of(
            "-fsanitize=alignment", "-fsanitize-undefined-trap-on-error", "-DSAGITTA_EMULATED",
            "-I" + driverSources, "-I" + kernelSources, "-x", "c++",
            source.toString(), "-x", "none", output.resolve(SONAME).toString());
    List<Path> inputs = files(kernelSources, ".cuh");
    KERNEL_HEADERS.forEach(name -> inputs.add(driverSources.resolve(name)));
    inputs.add(source);
    String name = source.getFileName().toString().replace(".cu", ".kernels.so");
    return compile(arguments, inputs, to.resolve(name));
  }

  private Path compile(List<String> arguments, List<Path> inputs, Path target) throws IOException {
    List<String> command = new ArrayList<>(List.of(compiler));
    command.addAll(FLAGS);
    command.addAll(arguments);
    String state = state(command, inputs);
    Path stamp = target.resolveSibling(target.getFileName() + ".stamp");
    if (Files.exists(target) && Files.exists(stamp) && Files.readString(stamp).equals(state)) {
      return target;
    }
    Path fresh = target.resolveSibling(target.getFileName() + ".new");
    command.addAll(List.of("-o", fresh.toString()));
    run(command);
    Files.move(fresh, target, StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(stamp, state);
    return target;
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed:\n" + said);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + String.join(" ", command), e);
    }
  }

  private static String state(List<String> command, List<Path> inputs) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", command).getBytes());
      for (Path input : inputs) {
        digest.update(input.getFileName().toString().getBytes());
        digest.update(Files.readAllBytes(input));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(f -> f.getFileName().toString().endsWith(ending))
          .sorted()
          .collect(Collectors.toCollection(ArrayList::new));
    }
  }

  private static List<Path> together(List<Callable<Path>> work) throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Path> done = new ArrayList<>();
      for (Future<Path> future : threads.invokeAll(work)) {
        done.add(future.get());
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      threads.shutdown();
    }
  }
}
