package io.sagitta.attack.target;

/**
 * A secret that opens an endpoint. It comes from the environment, goes into one header, and shows
 * nowhere else: {@link #hide} takes it out of whatever an endpoint sent back.
 */
public final class Token {
  /** No token. */
  public static final Token NONE = new Token(null);

  private static final String HIDDEN = "***";

  private final String secret;

  private Token(String secret) {
    this.secret = secret;
  }

  /**
   * The token in a variable's value.
   *
   * @param variable its name, for the error
   * @param value null or empty for none
   * @throws IllegalArgumentException if it cannot stand in a header; the message does not tell it
   */
  public static Token of(String variable, String value) {
    if (value == null || value.isEmpty()) {
      return NONE;
    }
    if (!value.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException(
          variable + ": expected a token of visible ASCII characters, got others among its "
              + value.length());
    }
    return new Token(value);
  }

  /** Whether there is one. */
  public boolean isPresent() {
    return secret != null;
  }

  /** The value of the header {@code Authorization}. */
  String header() {
    return "Bearer " + secret;
  }

  /** A text without the token. */
  String hide(String text) {
    return secret == null ? text : text.replace(secret, HIDDEN);
  }

  @Override
  public String toString() {
    return secret == null ? "none" : HIDDEN;
  }
}
