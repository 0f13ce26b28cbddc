package io.sagitta.attack.target;

import io.sagitta.nn.data.ImageDataset;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A model behind an endpoint that speaks the Open Inference Protocol, version 2, in JSON. It is
 * asked about each image once: answers are kept in a file, also for later processes.
 */
final class HttpTarget implements Target {
  private static final Pattern PATH = Pattern.compile("/(.*/)?v2/models/[^/]+(/versions/[^/]+)?");
  private static final int METADATA_BYTES = 1 << 20;

  /** Characters of a number in JSON, with room for spaces. */
  private static final int NUMBER_BYTES = 40;

  private final URI address;
  private final ImageDataset images;
  private final TargetSettings settings;
  private final Courier courier;
  private final InferenceProtocol protocol;
  private final AnswerFile kept;

  /**
   * Asks for the model's metadata.
   *
   * @param url {@code http(s)://HOST/v2/models/NAME}
   * @throws IllegalArgumentException if it is no such address, or would show a secret
   * @throws TargetException if the endpoint does not answer, or does not fit the images
   */
  HttpTarget(String url, ImageDataset images, TargetSettings settings) {
    if (settings.answers() == null) {
      throw new IllegalArgumentException("target: expected a file for the answers of " + url);
    }
    this.address = address(url, settings.token());
    this.images = images;
    this.settings = settings;
    this.courier = new Courier(settings);
    this.protocol =
        new InferenceProtocol(
            address, courier.get(address, METADATA_BYTES), settings.output(), images, courier);
    this.kept =
        AnswerFile.open(
            settings.answers(), signature().identity(), images.imageElements(),
            signature().classes());
  }

  private static URI address(String url, Token token) {
    URI address;
    try {
      address = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("target: expected an address, got '" + url + "'");
    }
    if (address.getRawUserInfo() != null || address.getRawQuery() != null
        || address.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "target: expected an address without user, query and fragment, which would stand in files"
              + " and logs; a token comes from the environment");
    }
    if (address.getHost() == null || !PATH.matcher(address.getRawPath()).matches()) {
      throw new IllegalArgumentException(
          "target: expected http(s)://HOST/v2/models/NAME, got '" + url + "'");
    }
    boolean local = address.getHost().matches("localhost|127\\..*|\\[::1]");
    if (token.isPresent() && !local && !address.getScheme().equals("https")) {
      throw new IllegalArgumentException(
          "target: expected https for a token, got '" + url + "', which would show it");
    }
    return address;
  }

  @Override
  public Signature signature() {
    return protocol.signature();
  }

  @Override
  public boolean keepsAnswers() {
    return true;
  }

  @Override
  public float[] answer(float[] asked, int count) {
    int elements = images.imageElements();
    int classes = signature().classes();
    float[] answers = new float[count * classes];
    // Images by their hashes: those that nobody has asked about, each once.
    Map<AnswerFile.Key, Integer> unknown = new LinkedHashMap<>();
    AnswerFile.Key[] keys = new AnswerFile.Key[count];
    for (int i = 0; i < count; i++) {
      keys[i] = AnswerFile.Key.of(asked, i * elements, elements);
      if (!kept.read(keys[i], answers, i * classes)) {
        unknown.putIfAbsent(keys[i], i);
      }
    }
    ask(asked, unknown.values().stream().mapToInt(i -> i).toArray(), keys);
    for (int i = 0; i < count; i++) {
      if (unknown.containsKey(keys[i])) {
        kept.read(keys[i], answers, i * classes);
      }
    }
    return answers;
  }

  private void ask(float[] asked, int[] which, AnswerFile.Key[] keys) {
    int elements = images.imageElements();
    int fixed = signature().batch();
    int most = fixed > 0 ? fixed : settings.batch();
    for (int from = 0; from < which.length; from += most) {
      int[] these = Arrays.copyOfRange(which, from, Math.min(from + most, which.length));
      int rows = fixed > 0 ? fixed : these.length;
      float[] gathered = new float[these.length * elements];
      for (int i = 0; i < these.length; i++) {
        System.arraycopy(asked, these[i] * elements, gathered, i * elements, elements);
      }
      float[] arranged =
          signature().layout().arrange(
              gathered, 0, these.length, rows, images.height() * images.width(),
              images.channels());
      float[] answers = post(arranged, rows);
      AnswerFile.Key[] theirs =
          Arrays.stream(these).mapToObj(i -> keys[i]).toArray(AnswerFile.Key[]::new);
      kept.append(theirs, answers);
    }
  }

  private float[] post(float[] arranged, int rows) {
    int limit =
        (int) Math.min(
            Integer.MAX_VALUE / 2,
            METADATA_BYTES + (long) NUMBER_BYTES * rows * signature().classes());
    byte[] body =
        courier.post(
            URI.create(address + "/infer"), protocol.request(arranged, rows), limit, rows,
            () -> spend(rows));
    return protocol.answers(body, rows);
  }

  /** Counted before it is sent, since an endpoint may count what fails as well. */
  private void spend(int rows) {
    long budget = settings.budget();
    if (budget > 0 && kept.sent() + rows > budget) {
      throw courier.problem(
          address, "the query budget of " + budget + " images is spent: " + kept.sent()
              + " were sent, and " + rows + " more are wanted; the answers are kept in "
              + settings.answers() + ", and the same command with a higher budget goes on");
    }
    kept.countSent(rows);
  }

  @Override
  public void close() {
    kept.close();
  }
}
