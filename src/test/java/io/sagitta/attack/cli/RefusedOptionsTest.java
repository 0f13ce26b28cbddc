package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.console.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options out of range, and options that would decide nothing, are refused by their names. */
class RefusedOptionsTest {
  private static final String SCORE =
      "score --weights none --arch resnet8 --classes 10 --dataset synthetic --out x ";
  private static final String ENDPOINT = "target --target http://x --dataset synthetic --out x ";

  @TempDir Path folder;

  /** A command, the option that is refused and its value, what is expected. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "audit --out x --dataset synthetic | --width 0 | at least 1",
        "audit --out x --dataset synthetic | --train-samples 0 | at least 1",
        "audit --out x --dataset synthetic | --epochs 0 | at least 1",
        "audit --out x --dataset synthetic | --batch 1 | at least 2",
        "audit --out x --dataset synthetic | --lr NaN | above 0",
        "audit --out x --dataset synthetic | --lr Infinity | a finite number",
        "audit --out x --dataset synthetic | --shadows 2147483647 | at most 100000",
        "audit --out x --dataset synthetic | --targets 2147483647 | at most 100000",
        "audit --out x --dataset synthetic | --views 3 | at most 2",
        "audit --out x --dataset synthetic | --score-samples 1 | at least 2",
        "audit --out x --dataset synthetic | --n 9000000 | at most 8388608",
        "audit --out x --dataset synthetic | --h 1.0E308 | at most 1000000",
        "audit --out x --dataset synthetic --dp-noise 1 | --virtual-batch 0 | at least 1",
        "audit --out x --dataset synthetic --dp-noise 1 | --dp-delta 1.0 | below 1",
        "audit --out x --dataset synthetic --dp-noise 1 | --dp-clip 0.0 | above 0",
        "audit --out x --dataset synthetic | --dp-noise -1.0 | at least 0",
        "audit --out x --dataset folder --data y | --crop 0 | at least 1",
        "train --out x --dataset synthetic | --width 0 | at least 1",
        "demo --out x | --train-samples 1 | at least 2",
        "demo --out x | --epochs 0 | at least 1",
        SCORE + "| --first 0 | at least 1",
        SCORE + "| --width 0 | at least 1",
        "score --weights x --arch resnet8 --dataset synthetic --out x | --classes 1 | at least 2",
        SCORE + "| --relative-error -1.0 | at least 0",
        SCORE + "| --negligible NaN | at least 0",
        "attack x | --resamples 2147483647 | at most 1000000",
        "attack x | --shadows-used -1 | at least 0",
        "attack x | --delta 1.0 | below 1",
        "attack x | --confidence NaN | above 0",
        "export --weights x --onnx y | --size 2147483647 | at most 65536",
        ENDPOINT + "| --ask 0 | at least 1",
        ENDPOINT + "| --rate NaN | at least 0",
        ENDPOINT + "| --budget -1 | at least 0",
        ENDPOINT + "| --retries -1 | at least 0",
        ENDPOINT + "| --timeout 0.0 | above 0",
        "experiment cost --out x | --widths 8,0 | at least 1",
        "experiment cost --out x | --n 8,3 | at least 4",
        "experiment estimator --out x | --width 0 | at least 1",
        "experiment estimators --out x | --train-samples 0 | at least 1",
        "experiment precision --out x | --samples 0 | at least 1",
        "experiment perturbation x | --n 0 | at least 1",
        "experiment shadows x | --subsets 0 | at least 1",
        "experiment size --out x --dataset synthetic | --scale 2.0 | at most 1",
        "experiment epsilon --out x | --m 0.0 | at least 1",
        "experiment epsilon --out x | --sigma Infinity | a finite number",
      })
  void outOfRange(String given) {
    String[] parts = given.split(" *\\| *");
    String[] option = parts[1].split(" ");
    String[] values = option[1].split(",");
    refused(
        option[0] + ": expected " + parts[2] + ", got " + values[values.length - 1],
        parts[0] + " " + parts[1]);
  }

  @Test
  void ofNoUse() {
    refused("--data: expected none for synthetic", "audit --out x --dataset synthetic --data y");
    refused("--data: expected none for synthetic", "experiment cost --out x --data y");
    refused("--crop, --skip-broken: expected data set folder with them, got synthetic",
        "train --out x --dataset synthetic --crop 8");
    refused("--crop, --skip-broken: expected data set folder with them, got cifar10",
        "experiment cost --out x --dataset cifar10 --data y --skip-broken");
    refused("--scale: expected none with --sizes",
        "experiment size --out x --dataset synthetic --sizes 20 --scale 0.1");
    refused("--train-samples, --epochs: expected none with --weights",
        "experiment precision --out x --weights y --epochs 3");
    refused("--epsilons: expected --dataset with it", "experiment epsilon --out x --epsilons 3");
    refused("--shadows: expected --dataset with it", "experiment epsilon --out x --shadows 3");
    refused("--variance, --views: expected --mode corrected or both",
        "attack x --mode paper --variance global");
    refused("score: expected --score-samples and --trained-only with RUN alone",
        SCORE + "--score-samples 5");
    refused("--h: expected none for hutchinson", SCORE + "--estimator hutchinson --h 0.1");
    refused("--n, --seed: expected none for exact", SCORE + "--estimator exact --n 4");
    refused("--rate: expected an endpoint as target",
        "target --target onnx:x --dataset synthetic --out x --rate 5");
    refused("--ask: expected a black box as target",
        "target x --target y.safetensors --members z --ask 5");
    refused("--width: expected weights as target", ENDPOINT + "--width 8");
    refused("--rescore-shadows: expected RUN", ENDPOINT + "--rescore-shadows");
    refused("--token-env: expected the name of a variable that is set, got NOT_SET_ANYWHERE",
        ENDPOINT + "--token-env NOT_SET_ANYWHERE");
  }

  @Test
  void tooWideANetworkIsRefusedBeforeAnythingIsMade() {
    Cli cli =
        Cli.run(
            "audit", "--out", folder.resolve("x").toString(), "--dataset", "synthetic", "--width",
            "500000");
    assertThat(cli.status()).as(cli.text()).isEqualTo(ExitCode.USAGE.status());
    assertThat(cli.err()).contains("resnet8, width 500000", "choose a smaller width");
    assertThat(folder).isEmptyDirectory();
  }

  /** A relative path in a command lies in the folder. */
  private void refused(String message, String command) {
    String[] words = command.strip().split(" +");
    for (int i = 1; i < words.length; i++) {
      words[i] = words[i].matches("[xyz]") ? folder.resolve(words[i]).toString() : words[i];
    }
    Cli cli = Cli.run(words);
    assertThat(cli.status()).as(cli.text()).isEqualTo(ExitCode.USAGE.status());
    assertThat(cli.err()).contains("sagitta: ", message).doesNotContain("\tat ");
    assertThat(folder).isEmptyDirectory();
  }
}
