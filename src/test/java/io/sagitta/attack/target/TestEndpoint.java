package io.sagitta.attack.target;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sagitta.nn.data.ImageDataset;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A server on the loopback that speaks the Open Inference Protocol, misbehaves to order, and counts
 * how often it answered a question about each image.
 */
public final class TestEndpoint implements AutoCloseable {
  /** What may go wrong with a question. */
  public enum Fault {
    NONE, BUSY, BROKEN, HANG, HANG_IN_BODY, DROPPED, NO_JSON, NAN, OTHER_SHAPE, TOO_FEW, TOO_MANY,
    HUGE, REDIRECT, REFUSED
  }

  /** The model behind it. */
  @FunctionalInterface
  public interface Answering {
    /** Answers images [count, H, W, C] with [count, classes]. */
    double[] answer(float[] images, int count);
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ImageDataset images;
  private final Answering model;
  private final Queue<Fault> faults = new ArrayDeque<>();
  private final Map<Integer, Integer> answered = new HashMap<>();
  private final List<String> authorizations = new ArrayList<>();
  private UnaryOperator<ObjectNode> metadata = UnaryOperator.identity();
  private int requests;
  private final CompletableFuture<Boolean> hungUp = new CompletableFuture<>();

  /**
   * Starts.
   *
   * @param model answers
   */
  public TestEndpoint(ImageDataset images, Answering model) {
    this.images = images;
    this.model = model;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** The model's address. */
  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v2/models/net";
  }

  /** The next questions meet these. */
  public synchronized void next(Fault... some) {
    faults.addAll(List.of(some));
  }

  /** From now on nothing goes wrong. */
  public synchronized void behave() {
    faults.clear();
  }

  /** Metadata are changed so before they are sent. */
  public void metadata(UnaryOperator<ObjectNode> change) {
    metadata = change;
  }

  /** How many requests for answers came. */
  public synchronized int requests() {
    return requests;
  }

  /** About how many images it answered. */
  public synchronized int distinct() {
    return answered.size();
  }

  /** About how many it answered more than once. */
  public synchronized long repeated() {
    return answered.values().stream().filter(count -> count > 1).count();
  }

  /** Once a response that is too long has ended: whether the client ended it. */
  public CompletableFuture<Boolean> hungUp() {
    return hungUp;
  }

  /** The header of each request. */
  public synchronized List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Fault fault;
      boolean question = exchange.getRequestURI().getPath().endsWith("/infer");
      synchronized (this) {
        authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
        requests += question ? 1 : 0;
        fault = question && !faults.isEmpty() ? faults.remove() : Fault.NONE;
      }
      if (question) {
        answer(exchange, body, fault);
      } else {
        send(exchange, 200, metadata.apply(describe()).toString());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ObjectNode describe() {
    ObjectNode json = JSON.createObjectNode().put("name", "net").put("platform", "test");
    json.putArray("versions").add("1");
    ObjectNode input = json.putArray("inputs").addObject();
    input.put("name", "x").put("datatype", "FP32");
    input.putArray("shape").add(-1).add(3).add(images.height()).add(images.width());
    ObjectNode output = json.putArray("outputs").addObject();
    output.put("name", "y").put("datatype", "FP32");
    output.putArray("shape").add(-1).add(images.classes());
    return json;
  }

  private void answer(HttpExchange exchange, byte[] body, Fault fault)
      throws IOException, InterruptedException {
    String echoed = "sent with " + exchange.getRequestHeaders().getFirst("Authorization");
    switch (fault) {
      case BUSY -> {
        exchange.getResponseHeaders().add("Retry-After", "0");
        send(exchange, 429, echoed);
      }
      case BROKEN -> send(exchange, 503, echoed);
      case REFUSED -> send(exchange, 403, echoed);
      case HANG -> closing.await(5, TimeUnit.SECONDS);
      case HANG_IN_BODY -> {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
        closing.await(5, TimeUnit.SECONDS);
      }
      case DROPPED -> exchange.close();
      case NO_JSON -> send(exchange, 200, exchange.getRequestHeaders().getFirst("Authorization"));
      case REDIRECT -> {
        exchange.getResponseHeaders().add("Location", "http://elsewhere.example/" + echoed);
        send(exchange, 307, "");
      }
      case HUGE -> sendHuge(exchange);
      default -> send(exchange, 200, answers(JSON.readTree(body), fault).toString());
    }
  }

  private ObjectNode answers(JsonNode question, Fault fault) {
    JsonNode input = question.path("inputs").path(0);
    int rows = input.path("shape").path(0).asInt();
    int pixels = images.height() * images.width();
    ObjectNode json = JSON.createObjectNode().put("model_name", "net");
    ObjectNode output = json.putArray("outputs").addObject();
    output.put("name", "y").put("datatype", "FP32");
    int claimed = fault == Fault.OTHER_SHAPE ? rows + 1 : rows;
    output.putArray("shape").add(claimed).add(images.classes());
    ArrayNode data = output.putArray("data");
    int elements = 3 * pixels;
    float[] all = new float[rows * elements];
    for (int i = 0; i < all.length; i++) {
      // The question has channels first, the model wants them last.
      int within = i % elements;
      all[i - within + within % pixels * 3 + within / pixels] =
          input.path("data").path(i).floatValue();
    }
    double[] answers = model.answer(all, rows);
    for (int row = 0; row < rows; row++) {
      float[] image = Arrays.copyOfRange(all, row * elements, (row + 1) * elements);
      if (fault == Fault.NONE) {
        synchronized (this) {
          answered.merge(Arrays.hashCode(image), 1, Integer::sum);
        }
      }
      // Nested, as some servers have it; the protocol allows both.
      ArrayNode ofImage = rows % 2 == 0 ? data.addArray() : data;
      for (int k = 0; k < images.classes(); k++) {
        ofImage.add(answers[row * images.classes() + k]);
      }
    }
    switch (fault) {
      case NAN -> data.removeAll().add(Double.NaN);
      case TOO_FEW -> data.remove(data.size() - 1);
      case TOO_MANY -> data.add(1.0);
      default -> { }
    }
    return json;
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void sendHuge(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    byte[] spaces = new byte[1 << 16];
    Arrays.fill(spaces, (byte) ' ');
    try (OutputStream out = exchange.getResponseBody()) {
      for (int i = 0; i < 10_000; i++) {
        out.write(spaces);
      }
      hungUp.complete(false);
    } catch (IOException e) {
      hungUp.complete(true);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
