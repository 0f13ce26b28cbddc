package io.sagitta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.attack.cli.Main;
import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.Terminal;
import io.sagitta.examples.CurvatureExample;
import io.sagitta.nn.io.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Runs what the README shows, with less work where a run would take long. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadmeTest {
  private static final String DATA = "../shared/data/cifar-100-mini";

  /** Smaller values for options that only make a run longer. */
  private static final Map<String, String> SMALLER =
      Map.of(
          "--train-samples", "120", "--epochs", "1", "--shadows", "4", "--width", "4",
          "--first", "20", "--targets", "1", "--samples", "20");

  @TempDir static Path folder;

  @Test
  @Order(1)
  void theTestCommandIsWhatCiRuns() {
    String shown =
        Readme.commands().stream()
            .filter(words -> words.get(0).equals("mvn"))
            .map(words -> String.join(" ", words))
            .findFirst()
            .orElseThrow();
    assertThat(Readme.text(".ci/run")).contains("test_command=(" + shown + ")");
  }

  @Test
  @Order(2)
  void theDemoRuns() throws Exception {
    List<List<String>> demos =
        Readme.commands().stream().filter(words -> words.contains("demo")).toList();
    assertThat(demos).hasSize(1);
    List<String> demo = new ArrayList<>(demos.get(0));
    if (Runtime.version().feature() == 17) {
      // A newer JDK runs it as it is shown, and CI has both.
      demo.addAll(List.of("--train-samples", "120", "--epochs", "2"));
    }
    run(demo);
    assertThat(folder.resolve("demo-run/report.html")).isNotEmptyFile();
  }

  @Test
  @Order(3)
  void theAuditOfRealImagesAndItsStepsRun() throws Exception {
    assumeTrue(
        Files.isDirectory(Readme.root().resolve(DATA)),
        "no CIFAR-100 at " + DATA + " beside the checkout");
    List<List<String>> commands =
        Readme.commands().stream()
            .filter(words -> words.get(0).equals("./sagitta") && !words.contains("demo"))
            .toList();
    assertThat(commands).hasSize(8);
    for (List<String> command : commands) {
      run(command);
      Path model = folder.resolve("cifar-run/models/0000.safetensors");
      Path weights = folder.resolve("W.safetensors");
      if (Files.exists(model) && !Files.exists(weights)) {
        Files.copy(model, weights);
      }
    }
    assertThat(folder.resolve("cifar-run/report.html")).isNotEmptyFile();
    assertThat(folder.resolve("S.safetensors")).isNotEmptyFile();
    assertThat(folder.resolve("precision-study/precision.html")).isNotEmptyFile();
    assertThat(folder.resolve("attacked/attack.json")).isNotEmptyFile();
  }

  @Test
  void theJavaSnippetIsTheCompiledExampleAndRuns() {
    String source = Readme.text("src/test/java/io/sagitta/examples/CurvatureExample.java");
    String region =
        source.substring(source.indexOf("begin\n") + 6, source.indexOf("    // README: end"));
    assertThat(Readme.blocks("java")).containsExactly(region.stripTrailing().stripIndent() + "\n");
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      CurvatureExample.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .matches("gradient norm [-+.e0-9]+, curvature along v [-+.e0-9]+\\R");
  }

  @Test
  void thePythonSnippetWritesWeightsThatAreRead() throws Exception {
    String python = pythonWithTorch();
    assumeTrue(python != null, "no python3 with torch on this machine");
    String script =
        Readme.blocks("python").get(0)
            + """
            from collections import OrderedDict
            save_safetensors(
                OrderedDict(a=torch.arange(6.0).reshape(2, 3), steps=torch.tensor(7)),
                "written.safetensors")
            """;
    Process process =
        new ProcessBuilder(python, "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    Safetensors.File file = Safetensors.read(folder.resolve("written.safetensors"));
    assertThat(file.entry("a").shape()).containsExactly(2, 3);
    assertThat(file.entry("a").floats()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(file.entry("steps").longs()).containsExactly(7);
  }

  private static void run(List<String> command) {
    List<String> words = new ArrayList<>(command.subList(1, command.size()));
    for (int i = 0; i < words.size(); i++) {
      String smaller = i == 0 ? null : SMALLER.get(words.get(i - 1));
      boolean target = i > 0 && words.get(i - 1).equals("--targets") && words.contains("--masks");
      if (target) {
        words.set(i, "4");
      } else if (smaller != null) {
        words.set(i, smaller);
      } else if (words.get(i).startsWith("../shared")) {
        words.set(i, Readme.root().resolve(words.get(i)).normalize().toString());
      } else if (words.get(i).matches("(demo-run|cifar-run|attacked|precision-study|[SW]\\.safetensors)(/.*)?")) {
        words.set(i, folder.resolve(words.get(i)).toString());
      }
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, () -> {});
    int status = Commands.run(Main.class, terminal, words.toArray(new String[0]));
    assertThat(status).as("%s%n%s%n%s", words, out, err).isZero();
  }

  private static String pythonWithTorch() {
    return Stream.of("python3", "/usr/bin/python3")
        .filter(ReadmeTest::hasTorch)
        .findFirst()
        .orElse(null);
  }

  private static boolean hasTorch(String python) {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import torch, numpy")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }
}
