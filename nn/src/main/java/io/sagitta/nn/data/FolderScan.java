package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at every picture of a folder once. */
final class FolderScan {
  private static final Logger LOG = LoggerFactory.getLogger(FolderScan.class);

  /** So many files that are not as expected are named; the rest is counted. */
  private static final int NAMED = 10;

  private final Path root;
  private final FolderOptions options;
  private final long mostKeptBytes;
  private final MessageDigest digest = Hashes.newSha256();
  private final List<Path> sound = new ArrayList<>();
  private final List<Integer> soundLabels = new ArrayList<>();
  private final List<BadFileException> broken = new ArrayList<>();
  private final List<String> otherSizes = new ArrayList<>();
  private List<byte[]> kept = new ArrayList<>();
  private int height;
  private int width;

  /** What became of a file. */
  private record Look(ImageDecoder.Picture picture, BadFileException failure) {}

  FolderScan(Path root, FolderOptions options, long mostKeptBytes) {
    this.root = root;
    this.options = options;
    this.mostKeptBytes = mostKeptBytes;
    this.height = options.crop();
    this.width = options.crop();
  }

  ImageDataset read(List<String> classes, List<Path> files, List<Integer> labels) {
    Decoders.inOrder(
        files.size(), i -> look(files.get(i)),
        (i, look) -> {
          if (look.failure() != null) {
            broken.add(look.failure());
          } else {
            take(files.get(i), labels.get(i), look.picture());
          }
        });
    refuseBroken(files.size());
    refuseOtherSizes();
    int[] own = soundLabels.stream().mapToInt(Integer::intValue).toArray();
    List<Path> pictures = List.copyOf(sound);
    PixelSource pixels =
        kept == null ? new MadeAnew(pictures, options) : PixelSource.of(List.copyOf(kept));
    return new ImageDataset(
        name(), classes, height, width, 3, pixels, own, Normalization.IMAGENET,
        ImageDataset.hash(digest, own));
  }

  private Look look(Path file) {
    try {
      return new Look(picture(file, options), null);
    } catch (BadFileException e) {
      return new Look(null, e);
    }
  }

  /**
   * A file's picture, scaled and cut as asked.
   *
   * @throws BadFileException if it is missing, damaged, too large or of another format
   */
  static ImageDecoder.Picture picture(Path file, FolderOptions options) {
    ImageDecoder.Picture picture = ImageDecoder.decode(file);
    return options.scales() ? Resize.squareOf(picture, options.resize(), options.crop()) : picture;
  }

  private void take(Path file, int label, ImageDecoder.Picture picture) {
    if (height == 0) {
      height = picture.height();
      width = picture.width();
    }
    if (picture.height() != height || picture.width() != width) {
      otherSizes.add(file + " has " + picture.height() + "x" + picture.width());
      return;
    }
    sound.add(file);
    soundLabels.add(label);
    digest.update(picture.rgb());
    if (kept != null && (long) sound.size() * picture.rgb().length > mostKeptBytes) {
      kept = null;
    }
    if (kept != null) {
      kept.add(picture.rgb());
    }
  }

  private void refuseBroken(int files) {
    if (broken.isEmpty()) {
      return;
    }
    if (!options.skipBroken() || sound.isEmpty()) {
      throw new BadFileException(
          root,
          "expected " + files + " sound pictures, found " + broken.size() + " broken ("
              + "--skip-broken leaves such out):\n"
              + firstOf(brokenLines()),
          broken.get(0));
    }
    LOG.warn("{}: {} broken files are left out:\n{}", root, broken.size(), firstOf(brokenLines()));
  }

  private List<String> brokenLines() {
    return broken.stream().map(BadFileException::getMessage).toList();
  }

  private void refuseOtherSizes() {
    if (!otherSizes.isEmpty()) {
      throw new BadFileException(
          root,
          "expected " + height + "x" + width + " pixels as in the first picture, found "
              + otherSizes.size() + " pictures of other sizes (--resize and --crop scale all):\n"
              + firstOf(otherSizes));
    }
  }

  private static String firstOf(List<String> lines) {
    String named = lines.stream().limit(NAMED).collect(Collectors.joining("\n"));
    int rest = lines.size() - NAMED;
    return rest > 0 ? named + "\nand " + rest + " more" : named;
  }

  private String name() {
    String name = "folder/" + root.toAbsolutePath().normalize().getFileName();
    return broken.isEmpty()
        ? name
        : name + " without " + broken.size() + " broken files: "
            + broken.stream()
                .limit(NAMED)
                .map(failure -> root.relativize(failure.path()).toString())
                .collect(Collectors.joining(", "))
            + (broken.size() > NAMED ? ", …" : "");
  }

  /** Pictures that are decoded whenever they are asked for. */
  private record MadeAnew(List<Path> files, FolderOptions options) implements PixelSource {
    @Override
    public byte[] array(int index) {
      return picture(files.get(index), options).rgb();
    }

    @Override
    public int offset(int index) {
      return 0;
    }

    @Override
    public boolean isMade() {
      return true;
    }
  }
}
