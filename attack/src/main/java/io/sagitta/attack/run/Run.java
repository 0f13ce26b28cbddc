package io.sagitta.attack.run;

import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Normalization;
import io.sagitta.nn.io.AtomicFiles;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.privacy.Privacy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A run folder that is open: nobody else works on it until it is closed.
 *
 * <pre>
 * run.json                 configuration, data, versions, device, hashes
 * pool.safetensors         records I64 [samples]: which records form the pool; absent for the first
 * masks.safetensors        members U8 [models, samples], labels I64 [samples]
 * models/0007.safetensors  weights; 0007.diverged.json in their place where training diverged
 * scores/0007.safetensors  scores [views, samples]; 0007.safetensors.partial while they are made
 * targets/                 targets that the run did not train: their members, and answers kept
 * progress.jsonl           what happened when
 * </pre>
 *
 * <p>Files are written whole or not at all and carry {@code configuration_hash}; one that carries
 * another is refused, never used and never overwritten; but for partial scores, which are replaced.
 * Names with a dot in front are locks and temporary files.
 */
public final class Run implements AutoCloseable {
  /** The metadata key under which every file names its run. */
  public static final String HASH_KEY = "configuration_hash";

  private static final String LOCK = ".lock";
  private static final int ANSWERS_DIGITS = 16;

  private final Path folder;
  private final RunLock lock;
  private RunRecord record;
  private final Path data;
  private ImageDataset pool;
  private Membership membership;
  private List<ExternalTarget> externals;

  private Run(Path folder, RunLock lock, RunRecord record, Path data, ImageDataset pool) {
    this.folder = folder;
    this.lock = lock;
    this.record = record;
    this.data = data;
    this.pool = pool;
  }

  /**
   * Continues the run in a folder, or begins one.
   *
   * @param asked the configuration wanted, given that of the folder or null if there is none
   * @param data where the data are; null for procedural data or the folder's own record of it
   * @param device says what the run is begun on; called only to begin one
   * @param shared whether other processes may work on the folder at the same time, each on models
   *     of its own (see {@link #lockModel})
   * @throws RunConflictException if the folder has another configuration or data, is no run folder,
   *     or is in use; nothing is changed then
   * @throws BadFileException if the data or a file of the run are missing or damaged
   */
  public static Run open(
      Path folder, UnaryOperator<RunConfig> asked, Path data, Supplier<String> device,
      boolean shared) {
    return open(folder, asked, data, null, device, shared);
  }

  /**
   * The same with a pool of chosen records.
   *
   * @param records of the training split, as many as the configuration has samples; null for the
   *     folder's own choice, or for the first ones
   */
  public static Run open(
      Path folder, UnaryOperator<RunConfig> asked, Path data, int[] records,
      Supplier<String> device, boolean shared) {
    RunRecord found = RunFolder.recordIn(folder);
    RunConfig wanted =
        RunInputs.withOwnWidth(asked.apply(found == null ? null : found.configuration()));
    if (found != null) {
      // Before the data are read, which "all samples" waits for.
      int samples = wanted.trainSamples() == 0 ? found.pool().samples() : wanted.trainSamples();
      RunFolder.requireSame(folder, found, wanted.toBuilder().trainSamples(samples).build());
    }
    Path source = data != null || found == null ? data : path(found);
    int[] chosen = records == null ? PoolRecords.read(folder) : records;
    ImageDataset pool = RunInputs.pool(wanted, source, chosen);
    RunInputs.network(wanted, pool.classes(), pool.height(), pool.width());
    RunInputs.promise(wanted, pool.size());
    RunInputs.requireMembers(wanted, pool.size());
    RunInputs.requireScorable(wanted, pool.size());
    RunConfig config = wanted.toBuilder().trainSamples(pool.size()).build();
    return lockAndWrite(folder, config, source, pool, records, device, shared);
  }

  /**
   * Opens a run that exists.
   *
   * @param data where the data are now; null for where they were
   * @throws RunConflictException if the folder is no run folder or is in use
   * @throws IllegalArgumentException if its data are made, and yet a place is named
   */
  public static Run existing(Path folder, Path data) {
    RunRecord found = RunFolder.recordIn(folder);
    if (found == null) {
      throw new RunConflictException(
          folder + ": expected a run folder, found no " + RunFolder.RECORD
              + "; 'sagitta audit' and 'sagitta shadows' begin one");
    }
    if (data != null && !found.configuration().dataset().needsPath()) {
      throw new IllegalArgumentException(
          "data: expected none for " + folder + ", whose images are made, got " + data);
    }
    RunLock lock = RunLock.take(folder.resolve(LOCK), folder.toString(), false);
    Run run = new Run(folder, lock, found, data == null ? path(found) : data, null);
    return run.prepared(false);
  }

  /**
   * Opens a run that another process has open and hands models of to this one, on the same machine
   * or another. It takes no locks: locks of shared storage are not to be relied on, and a lost
   * machine that still works must not keep others from its models. Should two work on one model,
   * they write the same bits, each file whole.
   *
   * @param hash of the configuration that the other process works on
   * @throws BadFileException if this machine does not see that run
   */
  public static Run joined(Path folder, String hash, Path data) {
    Path file = RunFolder.record(folder);
    if (!Files.exists(file)) {
      throw new BadFileException(
          file, "expected the run's record, found none; is the folder on storage that all machines"
              + " share?");
    }
    RunRecord found = RunRecord.read(file);
    if (!found.configurationHash().equals(hash)) {
      throw new BadFileException(
          file, "expected a run with " + HASH_KEY + " " + hash + ", found "
              + found.configurationHash() + "; is the folder on storage that all machines share?");
    }
    return new Run(folder, RunLock.none(), found, data, null);
  }

  private static Run lockAndWrite(
      Path folder, RunConfig config, Path data, ImageDataset pool, int[] records,
      Supplier<String> device, boolean shared) {
    RunFolder.createFolder(folder);
    RunLock lock = RunLock.take(folder.resolve(LOCK), folder.toString(), shared);
    try {
      // Read again: another process may have begun a run between the first look and the lock.
      RunRecord found = RunFolder.recordIn(folder);
      if (found == null) {
        found =
            new RunRecord(
                Version.sagitta(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                config,
                config.hash(pool.hash()),
                RunRecord.Pool.of(data == null ? null : data.toAbsolutePath().normalize(), pool),
                device.get(),
                Version.java(),
                Version.system());
        found.write(RunFolder.record(folder));
      }
      RunFolder.requireSame(folder, found, config);
      RunFolder.requireSamePool(folder, found, pool);
      Run run = new Run(folder, lock, found, data, pool);
      if (records != null) {
        PoolRecords.write(folder, records, run.metadata());
      }
      run.prepared(shared).scoreAs(config);
      return run;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Makes what is missing, and clears what killed processes left. */
  private Run prepared(boolean shared) {
    try {
      Files.createDirectories(folder.resolve("models"));
      Files.createDirectories(folder.resolve("scores"));
      if (!shared) {
        for (Path at : List.of(folder, folder.resolve("models"), folder.resolve("scores"))) {
          AtomicFiles.deleteLeftovers(at);
        }
      }
      if (Files.exists(masks())) {
        requireOwn(masks(), Safetensors.read(masks()).metadata());
      }
      if (!Files.exists(masks()) || !membership().isIn(masks(), config().models())) {
        membership().write(masks(), pool().labels(), metadata());
      }
      return this;
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(folder + ": cannot be prepared: " + e, e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Path path(RunRecord found) {
    return found.pool().path() == null ? null : Path.of(found.pool().path());
  }

  public Path folder() {
    return folder;
  }

  /** Where the data are, absolute; null for procedural data. */
  public Path data() {
    return data == null ? null : data.toAbsolutePath();
  }

  /**
   * Has score files hold scores by the estimators and of the samples that another configuration
   * names, from now on; those there are stay.
   *
   * @throws IllegalArgumentException if it names more samples than there are
   */
  public void scoreAs(RunConfig asked) {
    RunInputs.requireScorable(asked, record.pool().samples());
    RunRecord changed = record.with(asked.estimators(), asked.scoreSamples());
    if (!changed.equals(record)) {
      record = changed;
      record.write(RunFolder.record(folder));
    }
  }

  public RunRecord record() {
    return record;
  }

  public RunConfig config() {
    return record.configuration();
  }

  /** The samples that members are drawn from; read from the data when first asked for. */
  public synchronized ImageDataset pool() {
    if (pool == null) {
      pool = RunInputs.pool(config(), data, PoolRecords.read(folder));
      RunFolder.requireSamePool(folder, record, pool);
    }
    return pool;
  }

  /** The first samples of the pool, which are scored and attacked; often all of them. */
  public ImageDataset scored() {
    return pool().first(scoredSamples());
  }

  /** How many these are. */
  public int scoredSamples() {
    return config().scoreSamples() == 0 ? record.pool().samples() : config().scoreSamples();
  }

  /** The network that every model of the run is. */
  public ModelSpec modelSpec() {
    RunRecord.Pool pooled = record.pool();
    return RunInputs.network(config(), pooled.classes(), pooled.height(), pooled.width());
  }

  /** About what the private training of its models keeps; null where there is none. */
  public Privacy.Promise promise() {
    return RunInputs.promise(config(), record.pool().samples());
  }

  /** What images are normalised by. */
  public Normalization normalization() {
    return new Normalization(record.pool().mean(), record.pool().std());
  }

  /** Which model is trained on which sample of the pool, external targets included. */
  public synchronized Membership membership() {
    if (membership == null) {
      membership =
          Membership.generate(config().seed(), config().models(), record.pool().samples())
              .and(externals());
    }
    return membership;
  }

  /** The targets that the run did not train, numbered after its own models. */
  public synchronized List<ExternalTarget> externals() {
    if (externals == null) {
      externals = ExternalTarget.all(this);
    }
    return externals;
  }

  /**
   * Adds a target that the run did not train, unless it is there.
   *
   * @param name what it is called from now on
   * @param members [samples]
   * @throws RunConflictException if it is there with other members
   */
  public synchronized ExternalTarget external(String name, boolean[] members) {
    for (ExternalTarget known : externals()) {
      if (known.is(name, members)) {
        return known;
      }
      if (known.name().equals(name)) {
        throw new RunConflictException(
            folder + ", target " + name + ": known with other members; it is model "
                + known.model());
      }
    }
    ExternalTarget added =
        new ExternalTarget(config().models() + externals.size(), name, members);
    RunFolder.createFolder(ExternalTarget.folder(folder));
    added.write(this);
    externals = null;
    membership = null;
    membership().write(masks(), pool().labels(), metadata());
    return added;
  }

  /** Where the answers of an external target are kept; made if it is not there. */
  public Path answers(String target) {
    Path targets = ExternalTarget.folder(folder);
    RunFolder.createFolder(targets);
    String hash = Hashes.sha256(target.getBytes(StandardCharsets.UTF_8));
    return targets.resolve(hash.substring(0, ANSWERS_DIGITS) + ".answers");
  }

  /** {@code masks.safetensors}. */
  public Path masks() {
    return folder.resolve("masks.safetensors");
  }

  /** Whether a model's training is done and did not diverge. */
  public boolean hasWeights(int model) {
    return Files.exists(weights(model));
  }

  /** A model's weights. */
  public Path weights(int model) {
    return folder.resolve("models").resolve(String.format("%04d.safetensors", model));
  }

  /** Where a model's training can go on; there only while it is not done. */
  public Path checkpoint(int model) {
    return folder.resolve("models").resolve(String.format("%04d.checkpoint", model));
  }

  /** Stands in place of the weights where training diverged. */
  public Path diverged(int model) {
    return folder.resolve("models").resolve(String.format("%04d.diverged.json", model));
  }

  /** A model's scores. */
  public Path scores(int model) {
    return folder.resolve("scores").resolve(String.format("%04d.safetensors", model));
  }

  /** {@code progress.jsonl}. */
  public Path progress() {
    return folder.resolve("progress.jsonl");
  }

  /** Keeps a model from being trained by two processes that share the folder by themselves. */
  public RunLock lockModel(int model) {
    return lock.isNone() ? RunLock.none() : RunLock.take(
        folder.resolve("models").resolve(String.format(".%04d.lock", model)),
        folder + ", model " + model,
        false);
  }

  /** What every file of this run carries. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(HASH_KEY, record.configurationHash());
    metadata.put("sagitta", record.sagitta());
    metadata.put("dataset", record.pool().name());
    metadata.put("dataset_hash", record.pool().hash());
    metadata.put("seed", Long.toString(config().seed()));
    return metadata;
  }

  /**
   * Refuses a file of another run.
   *
   * @param metadata the file's
   * @throws RunConflictException if it carries another hash than this run's, or none
   */
  public void requireOwn(Path file, Map<String, String> metadata) {
    String found = metadata.get(HASH_KEY);
    if (!record.configurationHash().equals(found)) {
      throw new RunConflictException(
          file + ": a stale file: expected " + HASH_KEY + " " + record.configurationHash()
              + " as in run.json, found " + (found == null ? "none" : found)
              + "; move it away to have it made again");
    }
  }

  /** The hash of a model's weights file, which its scores carry. */
  public String weightsHash(int model) {
    return Hashes.sha256(weights(model));
  }

  @Override
  public void close() {
    lock.close();
  }
}
