package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  @TempDir Path root;

  @Test
  void goesFromTheEnvironmentOverToolkitsAndTheSystemToPythonWheels() throws IOException {
    Path path = put("path/libcublas.so.12");
    Path home = put("home/lib64/libcublas.so.12");
    Path newer = put("usr/local/cuda-13.0/lib64/libcublas.so.12");
    Path older = put("usr/local/cuda-12.6/lib64/libcublas.so.12");
    Path system = put("usr/lib/x86_64-linux-gnu/libcublas.so.12");
    Path given = put("given/nvidia/cublas/lib/libcublas.so.12");
    Path venv = put("venv/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12");
    Path debian = put("usr/lib/python3.11/dist-packages/nvidia/cu13/lib/libcublas.so.12");
    Map<String, String> environment =
        Map.of(
            "LD_LIBRARY_PATH", root.resolve("absent") + "::" + root.resolve("path"),
            "CUDA_HOME", root.resolve("home").toString(),
            "VIRTUAL_ENV", root.resolve("venv").toString());
    LibrarySearch search =
        LibrarySearch.of(environment, root, null, root.resolve("given").toString());
    assertThat(search.find(List.of("libcublas.so.12")))
        .containsExactly(path, home, newer, older, system, given, venv, debian);
  }

  @Test
  void prefersTheFirstNameWhereverItLies() throws IOException {
    Path newer = put("usr/local/cuda-13.0/lib64/libcublas.so.13");
    Path older = put("usr/lib/x86_64-linux-gnu/libcublas.so.12");
    assertThat(
            LibrarySearch.of(Map.of(), root, null, null)
                .find(List.of("libcublas.so.12", "libcublas.so.13")))
        .containsExactly(older, newer);
  }

  @Test
  void goesNowhereElseIfFoldersAreNamed() throws IOException {
    Path named = put("named/libcudnn.so.9");
    put("usr/lib/x86_64-linux-gnu/libcudnn.so.9");
    LibrarySearch search =
        LibrarySearch.of(Map.of(), root, root.resolve("named").toString(), null);
    assertThat(search.find(List.of("libcudnn.so.9"))).containsExactly(named);
  }

  private Path put(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }
}
