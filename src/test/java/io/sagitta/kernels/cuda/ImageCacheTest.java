package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCacheTest {
  private static final byte[] IMAGE = {1, 2, 3};
  private static final String KEY = ImageCache.key(List.of("a"));

  @TempDir Path folder;

  private final AtomicInteger compilations = new AtomicInteger();
  private final Supplier<byte[]> compiler =
      () -> {
        compilations.incrementAndGet();
        return IMAGE.clone();
      };

  @Test
  void compilesOnceAndLeavesOnlyTheEntry() throws IOException {
    Path cache = folder.resolve("not/yet/there");
    assertThat(new ImageCache(cache).get(KEY, compiler)).isEqualTo(IMAGE);
    assertThat(new ImageCache(cache).get(KEY, compiler)).isEqualTo(IMAGE);
    assertThat(compilations).hasValue(1);
    try (Stream<Path> files = Files.list(cache)) {
      assertThat(files).containsExactly(cache.resolve(KEY));
    }
  }

  @Test
  void damagedEntriesAreMadeAnew() throws IOException {
    ImageCache cache = new ImageCache(folder);
    cache.get(KEY, compiler);
    Path entry = folder.resolve(KEY);
    byte[] whole = Files.readAllBytes(entry);
    byte[] flipped = whole.clone();
    flipped[whole.length - 1] ^= 1;
    List<byte[]> damaged = List.of(flipped, new byte[0], new byte[32], "short".getBytes());
    for (byte[] bytes : damaged) {
      Files.write(entry, bytes);
      assertThat(cache.get(KEY, compiler)).isEqualTo(IMAGE);
      assertThat(Files.readAllBytes(entry)).isEqualTo(whole);
    }
    assertThat(compilations).hasValue(1 + damaged.size());
  }

  @Test
  void keysTellPartsApart() {
    assertThat(ImageCache.key(List.of("a", "b")))
        .isNotEqualTo(ImageCache.key(List.of("ab")))
        .isNotEqualTo(ImageCache.key(List.of("ab", "")))
        .isNotEqualTo(ImageCache.key(List.of("b", "a")))
        .isEqualTo(ImageCache.key(List.of("a", "b")));
  }

  @Test
  void aFolderThatTakesNothingCostsOnlyTheCompilation() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    ImageCache cache = new ImageCache(file.resolve("below"));
    assertThat(cache.get(KEY, compiler)).isEqualTo(IMAGE);
    assertThat(cache.get(KEY, compiler)).isEqualTo(IMAGE);
    assertThat(compilations).hasValue(2);
  }
}
