package io.sagitta.attack.target;

import io.sagitta.nn.io.Names;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Carries requests to one endpoint: at a bounded rate, each for a bounded time, again after errors
 * that may pass (429, 5xx, a timeout, a broken connection), waiting twice as long each time or as
 * long as {@code Retry-After} says. Redirects are not followed: token and images are for the host
 * that was named. What it throws names the endpoint and holds no token.
 */
final class Courier {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  private final TargetSettings settings;
  private final HttpClient client;
  private long nextNanos = System.nanoTime();

  /** Hears of each attempt before it is made, and may throw. */
  @FunctionalInterface
  interface Attempts {
    /** Nothing to do. */
    Attempts FREE = () -> {};

    /** An attempt is about to be made. */
    void begin();
  }

  /** What an attempt came to: a body, or a problem after which another may fare better. */
  private record Outcome(byte[] body, String problem, Duration pause) {}

  Courier(TargetSettings settings) {
    this.settings = settings;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeout())
            .build();
  }

  /**
   * Gets a resource.
   *
   * @param limit bytes of the response, at most
   */
  byte[] get(URI address, int limit) {
    return send(request(address).GET().build(), limit, 0, Attempts.FREE);
  }

  /**
   * Posts JSON.
   *
   * @param images that are in it, for the rate
   */
  byte[] post(URI address, byte[] json, int limit, int images, Attempts attempts) {
    HttpRequest request =
        request(address)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json))
            .build();
    return send(request, limit, images, attempts);
  }

  private HttpRequest.Builder request(URI address) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address).header("Accept", "application/json");
    return settings.token().isPresent()
        ? request.header("Authorization", settings.token().header())
        : request;
  }

  private byte[] send(HttpRequest request, int limit, int images, Attempts attempts) {
    Duration backoff = settings.backoff();
    for (int attempt = 0; ; attempt++) {
      awaitTurn(images);
      attempts.begin();
      Outcome outcome = attempt(request, limit);
      if (outcome.body != null) {
        return outcome.body;
      }
      if (attempt == settings.retries()) {
        throw problem(
            request.uri(),
            "expected an answer, got " + outcome.problem + ", " + (attempt + 1)
                + (attempt == 0 ? " time" : " times in a row"));
      }
      Duration pause = outcome.pause == null ? backoff : outcome.pause;
      sleep(Math.min(pause.toNanos(), LONGEST_WAIT.toNanos()), request.uri());
      backoff = backoff.compareTo(LONGEST_WAIT) < 0 ? backoff.multipliedBy(2) : LONGEST_WAIT;
    }
  }

  private Outcome attempt(HttpRequest request, int limit) {
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request, LimitedBody.of(limit));
    try {
      // The client's own timeout ends with the headers; this one is for the body as well.
      return judge(request.uri(), sent.get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      sent.cancel(true);
      return new Outcome(null, "none within " + seconds(settings.timeout()) + " s", null);
    } catch (ExecutionException e) {
      for (Throwable t = e; t != null; t = t.getCause()) {
        if (t instanceof LimitedBody.TooLong) {
          throw problem(request.uri(), "expected at most " + limit + " bytes, got more");
        }
      }
      return new Outcome(null, "a broken connection (" + e.getCause() + ")", null);
    } catch (InterruptedException e) {
      sent.cancel(true);
      Thread.currentThread().interrupt();
      throw problem(request.uri(), "interrupted");
    }
  }

  private Outcome judge(URI address, HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status == 200) {
      return new Outcome(response.body(), null, null);
    }
    String text = new String(response.body(), StandardCharsets.UTF_8);
    String said = "status " + status + (text.isBlank() ? "" : " and " + shown(text));
    if (status == TOO_MANY_REQUESTS || status >= 500) {
      return new Outcome(null, said, retryAfter(response));
    }
    if (status >= 300 && status < 400) {
      throw problem(
          address, "expected an answer, got a redirect (" + status + ") to "
              + shown(response.headers().firstValue("Location").orElse("nowhere"))
              + ", which is not followed; name the address itself");
    }
    throw problem(address, "expected status 200, got " + said);
  }

  private static Duration retryAfter(HttpResponse<byte[]> response) {
    try {
      OptionalLong seconds = response.headers().firstValueAsLong("Retry-After");
      return seconds.isPresent() && seconds.getAsLong() >= 0
          ? Duration.ofSeconds(Math.min(seconds.getAsLong(), LONGEST_WAIT.toSeconds()))
          : null;
    } catch (NumberFormatException e) {
      // A date, which asks for two clocks that agree: the usual wait will do.
      return null;
    }
  }

  /** Text of the endpoint's: without the token, which it may repeat, short and printable. */
  String shown(String text) {
    return Names.quote(settings.token().hide(text));
  }

  /** An error of this endpoint. */
  TargetException problem(URI address, String what) {
    return new TargetException(settings.token().hide(address + ": " + what));
  }

  private void awaitTurn(int images) {
    if (settings.rate() > 0) {
      long now = System.nanoTime();
      long turn = Math.max(now, nextNanos);
      nextNanos = turn + (long) (images / settings.rate() * 1e9);
      sleep(turn - now, null);
    }
  }

  private void sleep(long nanos, URI address) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TargetException((address == null ? "target" : address) + ": interrupted");
    }
  }

  private static String seconds(Duration duration) {
    return String.valueOf(duration.toMillis() / 1000.0);
  }
}
