package io.sagitta.attack.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** As much of JSON Schema as this project's schemas use; another keyword is refused. */
final class JsonSchema {
  private static final Set<String> WORDS = Set.of("$schema", "$defs", "title", "description");

  private final JsonNode root;
  private final List<String> errors = new ArrayList<>();

  JsonSchema(JsonNode root) {
    this.root = root;
  }

  /** What a document has otherwise, a line each. */
  List<String> errors(JsonNode document) {
    errors.clear();
    check(root, document, "$");
    return List.copyOf(errors);
  }

  private void check(JsonNode schema, JsonNode value, String at) {
    for (Map.Entry<String, JsonNode> rule : schema.properties()) {
      if (!WORDS.contains(rule.getKey()) && !holds(rule.getKey(), rule.getValue(), schema, value, at)) {
        errors.add(at + ": expected " + rule + ", got " + value);
      }
    }
  }

  private boolean holds(
      String keyword, JsonNode rule, JsonNode schema, JsonNode value, String at) {
    switch (keyword) {
      case "$ref":
        check(root.at(rule.asText().substring(1)), value, at);
        return true;
      case "properties":
        rule.properties().stream()
            .filter(property -> value.has(property.getKey()))
            .forEach(
                property ->
                    check(
                        property.getValue(), value.get(property.getKey()),
                        at + "." + property.getKey()));
        return true;
      case "additionalProperties":
        return additional(rule, schema, value, at);
      case "items":
        for (int i = 0; i < value.size(); i++) {
          check(rule, value.get(i), at + "[" + i + "]");
        }
        return true;
      case "required":
        return all(rule).stream().allMatch(name -> value.has(name.asText()));
      case "type":
        return rule.isArray()
            ? all(rule).stream().anyMatch(type -> isA(type.asText(), value))
            : isA(rule.asText(), value);
      case "enum":
        return all(rule).contains(value);
      case "const":
        return rule.equals(value);
      case "pattern":
        return value.asText().matches(rule.asText());
      case "minimum":
        return value.isNull() || value.asDouble() >= rule.asDouble();
      case "maximum":
        return value.isNull() || value.asDouble() <= rule.asDouble();
      case "minItems":
        return value.size() >= rule.asInt();
      case "maxItems":
        return value.size() <= rule.asInt();
      default:
        throw new IllegalArgumentException("schema: expected a known keyword, got " + keyword);
    }
  }

  private boolean additional(JsonNode rule, JsonNode schema, JsonNode value, String at) {
    boolean allowed = true;
    for (Map.Entry<String, JsonNode> property : value.properties()) {
      if (!schema.path("properties").has(property.getKey())) {
        if (rule.isObject()) {
          check(rule, property.getValue(), at + "." + property.getKey());
        } else {
          allowed &= rule.asBoolean();
        }
      }
    }
    return allowed;
  }

  private static boolean isA(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new IllegalArgumentException("schema: expected a type, got " + type);
    };
  }

  private static List<JsonNode> all(JsonNode array) {
    List<JsonNode> all = new ArrayList<>();
    array.forEach(all::add);
    return all;
  }
}
