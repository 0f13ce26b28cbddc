package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice by measurement, between stand-ins whose times do not matter. */
class ProductMakersTest {
  private record Shape(int rows) {}

  @TempDir Path folder;
  private final List<ProductChoice> run = new ArrayList<>();
  private CudaSession session;
  private String cache;

  @BeforeEach
  void open() {
    String absent = StandInLibraries.whyAbsent();
    assumeTrue(absent == null, "no stand-ins: " + absent);
    StandInLibraries.open().close();
    cache = System.getProperty(ImageCache.PROPERTY);
    System.setProperty(ImageCache.PROPERTY, folder.toString());
    session = new CudaSession(0);
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
      if (cache == null) {
        System.clearProperty(ImageCache.PROPERTY);
      } else {
        System.setProperty(ImageCache.PROPERTY, cache);
      }
    }
  }

  @Test
  void aShapeIsMeasuredOnceForAllProcesses() throws IOException {
    ProductChoice first = measure(new Shape(64));
    assertThat(run).contains(ProductChoice.OWN, ProductChoice.CUBLAS);
    List<String> lines = Files.readAllLines(folder.resolve("products.tsv"));
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains(session.device().model(), "cuBLAS 120600", "cuDNN 90600", "Shape[rows=64]");

    run.clear();
    assertThat(measure(new Shape(64))).isEqualTo(first);
    assertThat(run).as("measured again").isEmpty();

    measure(new Shape(65));
    assertThat(run).as("another shape").isNotEmpty();
  }

  @Test
  void withoutTimesEverythingIsOurOwn() {
    try (ProductMakers makers = new ProductMakers(session, "auto", false)) {
      assertThat(makers.cublas()).isNull();
      assertThat(makers.cudnn()).isNull();
    }
  }

  private ProductChoice measure(Shape shape) {
    try (ProductMakers makers = new ProductMakers(session, "auto", true)) {
      return makers.measured("matmul", shape, List.of(ProductChoice.CUBLAS), run::add);
    }
  }
}
