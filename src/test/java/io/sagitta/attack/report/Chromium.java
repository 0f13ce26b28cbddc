package io.sagitta.attack.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A headless Chromium, driven over its DevTools protocol: one page at a time, everything that it
 * logs, throws or asks the network for kept.
 */
final class Chromium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> NAMES = List.of("chromium", "chromium-browser");
  private static final List<String> FLAGS =
      List.of(
          "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0");
  private static final String LISTENING = "DevTools listening on ";
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
  private String session;

  private Chromium(Process process, String address) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Listener())
            .join();
    String target = send("Target.createTarget", Map.of("url", "about:blank")).get("targetId")
        .asText();
    session =
        send("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      send(domain + ".enable", Map.of());
    }
  }

  /** The program on the path, if there is one. */
  static Optional<Path> find() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .filter(folder -> !folder.isEmpty())
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it.
   *
   * @param profile an empty folder of its own
   */
  static Chromium start(Path program, Path profile) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(FLAGS);
    command.addAll(List.of("--user-data-dir=" + profile, "about:blank"));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said = process.errorReader(StandardCharsets.UTF_8);
    StringBuilder all = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith(LISTENING)) {
        drain(said);
        return new Chromium(process, line.substring(LISTENING.length()));
      }
      all.append(line).append('\n');
    }
    throw new IOException(program + ": expected an address of its DevTools, got\n" + all);
  }

  /** So that it never waits for a reader of its messages. */
  private static void drain(BufferedReader said) {
    Thread reader = new Thread(() -> said.lines().forEach(line -> {}), "chromium-messages");
    reader.setDaemon(true);
    reader.start();
  }

  /** Opens a page anew and waits until all of it is there. */
  void open(Path page, int width, int height, boolean dark) {
    send(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    send(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    events.clear();
    loaded = new CompletableFuture<>();
    send("Page.navigate", Map.of("url", page.toUri().toString()));
    await(loaded, page.toString());
  }

  /** The value of an expression, as JSON. */
  JsonNode evaluate(String expression) {
    JsonNode answer =
        send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.get("result").path("value");
  }

  /** What happened of a kind, such as {@code Network.requestWillBeSent}, since the page opened. */
  List<JsonNode> events(String... methods) {
    return events.stream()
        .filter(event -> List.of(methods).contains(event.get("method").asText()))
        .map(event -> event.get("params"))
        .toList();
  }

  /** A picture of a part of the page, as PNG. */
  byte[] screenshot(int x, int y, int width, int height) {
    Map<String, Object> clip =
        Map.of("x", x, "y", y, "width", width, "height", height, "scale", 1);
    JsonNode answer =
        send("Page.captureScreenshot", Map.of("clip", clip, "captureBeyondViewport", true));
    return Base64.getDecoder().decode(answer.get("data").asText());
  }

  private JsonNode send(String method, Map<String, ?> parameters) {
    int id = ids.incrementAndGet();
    ObjectNode message = JSON.createObjectNode();
    message.put("id", id).put("method", method).set("params", JSON.valueToTree(parameters));
    if (session != null) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    JsonNode got = await(answer, method);
    if (got.has("error")) {
      throw new IllegalStateException(method + ": " + got.get("error"));
    }
    return got.get("result");
  }

  private <T> T await(CompletableFuture<T> future, String what) {
    try {
      CompletableFuture.anyOf(future, ended).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!future.isDone()) {
        throw new IllegalStateException("Chromium closed the connection during " + what);
      }
      return future.get();
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException("Chromium did not answer to " + what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Asks it to end; returns when all of its processes are gone, and their hold on the profile. */
  @Override
  public void close() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    session = null;
    send("Browser.close", Map.of());
    process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(handle -> handle.onExit().join());
  }

  /** Puts messages together and hands them out. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        try {
          take(JSON.readTree(message.toString()));
        } catch (IOException e) {
          ended.completeExceptionally(e);
        }
        message.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void take(JsonNode node) {
      if (node.has("id")) {
        answers.remove(node.get("id").asInt()).complete(node);
      } else {
        events.add(node);
        if (node.get("method").asText().equals("Page.loadEventFired")) {
          loaded.complete(null);
        }
      }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      ended.complete(null);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      ended.completeExceptionally(error);
    }
  }
}
