package io.sagitta.attack.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.nn.data.FolderOptions;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.AtomicFiles;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.privacy.Privacy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code run.json}: what a run folder was made with.
 *
 * @param sagitta the version that made it
 * @param created when, in UTC
 * @param configuration what decides the results
 * @param configurationHash over the configuration and the pool's content; every file of the run
 *     carries it
 * @param pool the data
 * @param device what the run was begun on
 * @param java the virtual machine
 * @param system operating system, architecture and processors
 */
public record RunRecord(
    String sagitta,
    String created,
    RunConfig configuration,
    @JsonProperty("configuration_hash") String configurationHash,
    Pool pool,
    String device,
    String java,
    String system) {

  /**
   * The samples that members are drawn from.
   *
   * @param path where they were read, or null for procedural data
   * @param hash SHA-256 of pixels and labels
   * @param mean what each channel is normalised by, with {@code std}
   */
  public record Pool(
      String path,
      String name,
      String hash,
      int samples,
      int classes,
      int height,
      int width,
      int channels,
      float[] mean,
      float[] std) {
    static Pool of(Path path, ImageDataset pool) {
      return new Pool(
          path == null ? null : path.toString(),
          pool.name(),
          pool.hash(),
          pool.size(),
          pool.classes(),
          pool.height(),
          pool.width(),
          pool.channels(),
          pool.normalization().mean(),
          pool.normalization().std());
    }
  }

  /** Names in files where they differ from those in the code. */
  private interface PrivacyNames {
    @JsonProperty("virtual_batch")
    int virtualBatch();
  }

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
          .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addMixIn(Privacy.class, PrivacyNames.class)
          .build();

  /**
   * Reads a record.
   *
   * @throws BadFileException if the file is absent or damaged
   */
  static RunRecord read(Path file) {
    RunRecord run;
    try {
      run = JSON.treeToValue(complete(JSON.readTree(Files.readAllBytes(file))), RunRecord.class);
    } catch (JsonProcessingException e) {
      throw new BadFileException(
          file, "expected a run's record, found something else: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new BadFileException(file, "expected a readable file, found " + e, e);
    }
    String hash = run == null ? null : run.configuration.hash(run.pool.hash);
    if (hash == null || !hash.equals(run.configurationHash)) {
      throw new BadFileException(
          file,
          "expected the configuration's hash " + hash + ", found "
              + (run == null ? "nothing" : run.configurationHash)
              + "; the file was changed by hand, or made by another version");
    }
    return run;
  }

  /** Runs that were begun before there was a choice of these do not name theirs. */
  private static JsonNode complete(JsonNode record) {
    if (record.get("configuration") instanceof ObjectNode configuration) {
      if (!configuration.has("score_precision")) {
        configuration.put("score_precision", ScorePrecision.PLAIN_FP32.text());
      }
      if (!configuration.has("pictures")) {
        configuration.set("pictures", JSON.valueToTree(FolderOptions.AS_THEY_ARE));
      }
      if (!configuration.has("estimators")) {
        configuration.putArray("estimators").add(Estimator.ZO.text());
      }
      if (!configuration.has("score_samples")) {
        configuration.put("score_samples", 0);
      }
      if (!configuration.has("optimizer")) {
        configuration.put("optimizer", OptimizerKind.SGD.toString()).putNull("privacy");
      }
    }
    return record;
  }

  /** The same run with scores by other estimators, or of other samples. */
  RunRecord with(List<Estimator> estimators, int scoreSamples) {
    RunConfig changed =
        configuration.toBuilder().estimators(estimators).scoreSamples(scoreSamples).build();
    return new RunRecord(
        sagitta, created, changed, configurationHash, pool, device, java, system);
  }

  /** Writes the record, whole or not at all. */
  void write(Path file) {
    try {
      AtomicFiles.writeText(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and text has a JSON form", e);
    }
  }
}
