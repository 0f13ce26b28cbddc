package io.sagitta.attack.report;

import com.samskivert.mustache.Mustache;
import io.sagitta.nn.io.Hashes;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Fills the templates of pages, which share one style. */
final class Page {
  /** Sorts tables; nothing else on a page needs it. */
  private static final String SCRIPT = text("sort.js");

  private Page() {}

  /** A page of its template and what stands in it; the colours are added. */
  static String of(String template, Map<String, Object> content) {
    Map<String, Object> all = new LinkedHashMap<>(content);
    all.put("light", Palette.declarations(false));
    all.put("dark", Palette.declarations(true));
    all.put("script", SCRIPT);
    all.put("scriptHash", hash(SCRIPT));
    try (Reader reader = resource(template)) {
      return Mustache.compiler()
          .defaultValue("")
          .emptyStringIsFalse(true)
          .withLoader(Page::resource)
          .compile(reader)
          .execute(all);
    } catch (IOException e) {
      throw new UncheckedIOException("the template " + template + " cannot be read: " + e, e);
    }
  }

  private static String text(String name) {
    try (Reader reader = resource(name)) {
      StringWriter text = new StringWriter();
      reader.transferTo(text);
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("the resource " + name + " cannot be read: " + e, e);
    }
  }

  /** What a page's security policy lets run, and no other script. */
  private static String hash(String script) {
    byte[] digest = Hashes.newSha256().digest(script.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }

  private static Reader resource(String name) {
    return new InputStreamReader(
        Objects.requireNonNull(Page.class.getResourceAsStream(name), "resource " + name),
        StandardCharsets.UTF_8);
  }

  /** A picture as it stands in a page. */
  static Map<String, String> plot(Plot plot) {
    return Map.of("title", plot.title(), "caption", plot.caption(), "svg", plot.inlineSvg());
  }

  /** Names and values, in order. */
  static List<Map<String, String>> pairs(Map<String, String> map) {
    return map.entrySet().stream()
        .map(entry -> Map.of("name", entry.getKey(), "value", entry.getValue()))
        .toList();
  }
}
