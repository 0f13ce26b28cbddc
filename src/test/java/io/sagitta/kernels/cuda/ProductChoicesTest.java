package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductChoicesTest {
  private static final ProductChoice CUDNN = ProductChoice.cudnn(1);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("kept/products.tsv");
  }

  @Test
  void aChoiceIsThereForTheNextProcess() throws IOException {
    assertThat(new ProductChoices(file).get("matmul")).isNull();
    new ProductChoices(file).keep("matmul", CUDNN, "own 2 ms, cudnn/1 1 ms");
    assertThat(new ProductChoices(file).get("matmul")).isEqualTo(CUDNN);
    assertThat(Files.readAllLines(file))
        .containsExactly("matmul\tcudnn/1\town 2 ms, cudnn/1 1 ms");
    try (var files = Files.list(file.getParent())) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("products.tsv", "products.tsv.lock");
    }
  }

  @Test
  void theFirstChoiceStays() {
    ProductChoices late = new ProductChoices(file);
    new ProductChoices(file).keep("matmul", ProductChoice.CUBLAS, "");
    assertThat(late.keep("matmul", ProductChoice.OWN, "")).isEqualTo(ProductChoice.CUBLAS);
    assertThat(late.get("matmul")).isEqualTo(ProductChoice.CUBLAS);
  }

  @Test
  void manyAtOnceLoseNothing() {
    IntStream.range(0, 40)
        .parallel()
        .forEach(i -> new ProductChoices(file).keep("shape " + i, ProductChoice.cudnn(i), ""));
    ProductChoices all = new ProductChoices(file);
    for (int i = 0; i < 40; i++) {
      assertThat(all.get("shape " + i)).isEqualTo(ProductChoice.cudnn(i));
    }
  }

  @Test
  void linesThatAreNoneAreDropped() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, List.of("", "half\tcud", "x\tmagic\t", "good\town\tbecause", "a\tb\tc\td"));
    ProductChoices choices = new ProductChoices(file);
    assertThat(choices.get("x")).isNull();
    assertThat(choices.get("good")).isEqualTo(ProductChoice.OWN);
    choices.keep("x", CUDNN, "");
    assertThat(Files.readAllLines(file)).containsExactly("good\town\tbecause", "x\tcudnn/1\t");
  }

  @Test
  void aFolderThatTakesNoFilesCostsOnlyTheMemory() throws IOException {
    Files.createFile(folder.resolve("kept"));
    ProductChoices choices = new ProductChoices(file);
    assertThat(choices.keep("matmul", CUDNN, "")).isEqualTo(CUDNN);
    assertThat(choices.get("matmul")).isEqualTo(CUDNN);
  }
}
