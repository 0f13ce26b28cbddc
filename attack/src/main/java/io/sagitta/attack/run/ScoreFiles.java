package io.sagitta.attack.run;

import io.sagitta.attack.score.RunScores;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The files a {@link ScoreSet} is read from: {@code masks.safetensors} with {@code members} U8
 * {@code [models, samples]} of 0 and 1 and {@code labels} I64 {@code [samples]}, and a folder of
 * {@code NNNN.safetensors}, one a model, with a tensor F32 or F64 {@code [views, samples]} for
 * each {@link Signal} it has and, in the metadata, {@code views} such as {@code identity,flip}. A
 * model without a file is a model without scores. Where the metadata's {@code samples} are fewer than
 * the masks', files and set are of the first ones. Files that name the data or the run they come
 * from must name the same, and a run's files name the model that they are of. One model's file is in
 * memory at a time.
 */
public final class ScoreFiles {
  /** The metadata key that names the views. */
  public static final String VIEWS_KEY = "views";

  /** What files of one run agree in, where they say it. */
  private static final List<String> ORIGIN_KEYS = List.of("dataset_hash", "configuration_hash");

  /** The metadata key under which a run's files say whose scores they hold. */
  private static final String MODEL_KEY = "model";

  private static final Pattern NAME = Pattern.compile("(\\d{4,9})\\.safetensors");

  private final Path masks;
  private final ScoreSet scores;
  private final Path first;

  private ScoreFiles(Path masks, ScoreSet scores, Path first) {
    this.masks = masks;
    this.scores = scores;
    this.first = first;
  }

  /** The file of a model's scores in a folder. */
  public static Path file(Path folder, int model) {
    return folder.resolve(String.format(Locale.ROOT, "%04d.safetensors", model));
  }

  /**
   * Reads them.
   *
   * @param masks the file of memberships
   * @param folder where the score files are
   * @param signals which tensors to read from the files that have them; others are passed over
   * @throws BadFileException naming the file, what was expected and what was found; when a file has
   *     none of the signals, too
   */
  public static ScoreSet read(Path masks, Path folder, Set<Signal> signals) {
    Safetensors.File file = Safetensors.read(masks);
    boolean[][] members = members(masks, file.entry("members"));
    long[] labels = labels(masks, file.entry("labels"), members[0].length);
    return read(masks, file.metadata(), members, labels, folder, signals);
  }

  /**
   * The same with memberships that are at hand.
   *
   * @param masks where they come from, for errors
   * @param members [models, samples]
   * @param labels [samples]
   */
  public static ScoreSet read(
      Path masks, boolean[][] members, long[] labels, Path folder, Set<Signal> signals) {
    return read(masks, Map.of(), members, labels, folder, signals);
  }

  private static ScoreSet read(
      Path masks, Map<String, String> origin, boolean[][] members, long[] labels, Path folder,
      Set<Signal> signals) {
    checkNoStrangers(masks, folder, members.length);
    ScoreFiles files = null;
    Map<String, Map.Entry<String, Path>> origins = new HashMap<>();
    checkOrigin(origins, masks, origin);
    for (int model = 0; model < members.length; model++) {
      Path path = file(folder, model);
      if (!Files.exists(path)) {
        continue;
      }
      Safetensors.File content = Safetensors.read(path);
      checkOrigin(origins, path, content.metadata());
      checkModel(path, content.metadata(), model);
      List<Signal> present = present(path, content, signals);
      List<String> views = views(path, content, present);
      if (files == null) {
        int samples = samples(content.metadata(), labels.length);
        ScoreSet scores = new ScoreSet(first(members, samples), first(labels, samples), views);
        files = new ScoreFiles(masks, scores, path);
      }
      files.add(model, path, content, views, present);
    }
    if (files == null) {
      throw new BadFileException(
          folder, "expected score files such as " + file(folder, 0).getFileName() + ", found none");
    }
    return files.scores;
  }

  /** Data and configuration as the first file that names them does. */
  private static void checkOrigin(
      Map<String, Map.Entry<String, Path>> origins, Path path, Map<String, String> metadata) {
    for (String key : ORIGIN_KEYS) {
      String own = metadata.get(key);
      if (own == null) {
        continue;
      }
      Map.Entry<String, Path> known = origins.putIfAbsent(key, Map.entry(own, path));
      if (known != null && !known.getKey().equals(own)) {
        throw new BadFileException(
            path, "metadata " + key + ": expected " + known.getKey() + " as in " + known.getValue()
                + ", found " + own + "; it belongs to other data or another run");
      }
    }
  }

  /** Under another model's number, scores would be held against that one's memberships. */
  private static void checkModel(Path path, Map<String, String> metadata, int model) {
    String own = metadata.get(MODEL_KEY);
    boolean ofRun = metadata.containsKey(Run.HASH_KEY);
    if (ofRun && own != null && !own.equals(Integer.toString(model))) {
      throw new BadFileException(
          path, "metadata " + MODEL_KEY + ": expected " + model + ", found " + own
              + "; the file is another model's, copied or renamed");
    }
  }

  /** As many as a file says that it is of; all, where it does not say fewer. */
  private static int samples(Map<String, String> metadata, int all) {
    String said = metadata.getOrDefault(RunScores.SAMPLES_KEY, "");
    return said.matches("[1-9][0-9]{0,8}") ? Math.min(Integer.parseInt(said), all) : all;
  }

  private static boolean[][] first(boolean[][] members, int samples) {
    return Arrays.stream(members)
        .map(row -> Arrays.copyOf(row, samples))
        .toArray(boolean[][]::new);
  }

  private static long[] first(long[] labels, int samples) {
    return Arrays.copyOf(labels, samples);
  }

  private static List<Signal> present(
      Path path, Safetensors.File content, Set<Signal> signals) {
    List<Signal> present =
        signals.stream().filter(s -> content.entries().containsKey(s.tensorName())).toList();
    if (present.isEmpty()) {
      throw new BadFileException(
          path, "expected tensors such as "
              + signals.stream().map(Signal::tensorName).sorted().toList() + ", found "
              + content.entries().keySet());
    }
    return present;
  }

  private void add(
      int model, Path path, Safetensors.File content, List<String> views, List<Signal> signals) {
    if (!views.equals(scores.views())) {
      throw new BadFileException(
          path, "expected the views " + scores.views() + " of " + first + ", found " + views);
    }
    long[] expected = {views.size(), scores.samples()};
    for (Signal signal : signals) {
      Entry entry = content.entry(signal.tensorName());
      if (!Arrays.equals(entry.shape(), expected)) {
        throw new BadFileException(
            path, "tensor " + entry.name() + ": expected shape " + Arrays.toString(expected)
                + " (views, and samples in " + masks + " or as many as " + first + " is of), found "
                + Arrays.toString(entry.shape()));
      }
      if (entry.type() == Safetensors.Type.F32) {
        scores.put(signal, model, entry.floats());
      } else if (entry.type() == Safetensors.Type.F64) {
        scores.put(signal, model, entry.doubles());
      } else {
        throw new BadFileException(
            path, "tensor " + entry.name() + ": expected type F32 or F64, found " + entry.type());
      }
    }
  }

  private static boolean[][] members(Path path, Entry entry) {
    long[] shape = entry.shape();
    if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
      throw new BadFileException(
          path, "tensor members: expected a shape [models, samples], found "
              + Arrays.toString(shape));
    }
    byte[] bytes = entry.bytes();
    int samples = (int) shape[1];
    boolean[][] members = new boolean[(int) shape[0]][samples];
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != 0 && bytes[i] != 1) {
        throw new BadFileException(
            path, "tensor members: expected 0 or 1, found " + (bytes[i] & 0xFF) + " for model "
                + i / samples + ", sample " + i % samples);
      }
      members[i / samples][i % samples] = bytes[i] == 1;
    }
    return members;
  }

  private static long[] labels(Path path, Entry entry, int samples) {
    if (!Arrays.equals(entry.shape(), new long[] {samples})) {
      throw new BadFileException(
          path, "tensor labels: expected shape [" + samples + "] as in members, found "
              + Arrays.toString(entry.shape()));
    }
    return entry.longs();
  }

  /** A score file beyond the models of the masks belongs to other masks. */
  private static void checkNoStrangers(Path masks, Path folder, int models) {
    if (!Files.isDirectory(folder)) {
      throw new BadFileException(folder, "expected a folder of score files, found none");
    }
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.sorted().toList()) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (name.matches() && Integer.parseInt(name.group(1)) >= models) {
          throw new BadFileException(
              path, "expected scores of models 0.." + (models - 1) + ", those of " + masks
                  + ", found a file of model " + Integer.parseInt(name.group(1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be listed: " + e, e);
    }
  }

  /** As the metadata names them; a file without names has the image first and its flip second. */
  private static List<String> views(
      Path path, Safetensors.File content, List<Signal> present) {
    String names = content.metadata().get(VIEWS_KEY);
    if (names != null) {
      List<String> views = Arrays.stream(names.split(",", -1)).map(String::strip).toList();
      if (views.contains("") || Set.copyOf(views).size() != views.size()) {
        throw new BadFileException(
            path, "metadata " + VIEWS_KEY + ": expected distinct names, found \"" + names + "\"");
      }
      return views;
    }
    Signal any = present.get(0);
    long[] shape = content.entry(any.tensorName()).shape();
    if (shape.length != 2 || shape[0] < 1 || shape[0] > 256) {
      throw new BadFileException(
          path, "tensor " + any.tensorName() + ": expected a shape [views, samples], found "
              + Arrays.toString(shape));
    }
    return IntStream.range(0, (int) shape[0])
        .mapToObj(
            v -> v == 0 ? ScoreSet.IDENTITY : v == 1 ? ScoreSet.FLIP : "view" + v)
        .toList();
  }
}
