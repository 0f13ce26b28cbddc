package io.sagitta.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** An engine's process: a {@link Worker}, or a program that answers like one. */
final class EngineProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  /**
   * Starts it.
   *
   * @param command what a shell starts
   */
  EngineProcess(String name, String command) throws IOException {
    this.name = name;
    this.process =
        new ProcessBuilder("bash", "-c", "exec " + command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    this.commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  String name() {
    return name;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Sends a command and waits for its answer.
   *
   * @throws IOException if the engine ended, or answers that it failed
   */
  JsonNode ask(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    String line = answers.readLine();
    if (line == null) {
      throw new IOException(name + " ended at '" + command + "'; its message is above");
    }
    JsonNode answer = JSON.readTree(line);
    if (answer.has("error")) {
      throw new IOException(name + ": " + answer.get("error").asText());
    }
    return answer;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
