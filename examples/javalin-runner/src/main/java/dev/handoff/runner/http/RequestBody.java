package dev.handoff.runner.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON body as it came. What has the wrong type is unreadable (400); what is missing or empty is for the caller of
 * this class to judge. A null counts as missing, and so does a body that is not there.
 */
public final class RequestBody {
    private static final int MAX_BYTES = 256 * 1024;

    private final ObjectNode body;

    private RequestBody(ObjectNode body) {
        this.body = body;
    }

    public static RequestBody of(Context ctx) {
        byte[] bytes = BoundedBody.read(ctx, MAX_BYTES);
        if (bytes.length > MAX_BYTES) {
            throw Problem.tooLarge(MAX_BYTES);
        }
        if (isBlank(bytes)) {
            return new RequestBody(Json.object());
        }
        try {
            if (Json.read(bytes) instanceof ObjectNode object) {
                return new RequestBody(object);
            }
        } catch (IOException e) {
            throw Problem.unreadable("the body is not JSON in UTF-8");
        }
        throw Problem.unreadable("the body must be a JSON object");
    }

    public @Nullable String text(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw wrongType(name, "text");
        }
        return value.textValue();
    }

    /** The text, or a 400 when it is missing. */
    public String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw Problem.unreadable("'" + name + "' is required");
        }
        return text;
    }

    public @Nullable Long integer(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrongType(name, "a whole number");
        }
        return value.longValue();
    }

    public List<String> texts(String name) {
        JsonNode value = value(name);
        List<String> texts = new ArrayList<>();
        if (value == null) {
            return texts;
        }
        if (!value.isArray()) {
            throw wrongType(name, "a list of texts");
        }
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw wrongType(name, "a list of texts");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    /** An object within the body; null when it is missing. */
    public @Nullable RequestBody object(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (value instanceof ObjectNode object) {
            return new RequestBody(object);
        }
        throw wrongType(name, "an object");
    }

    /** An object of names and plain values within the body; numbers and booleans are taken as their text. */
    public Map<String, String> plainValues(String name) {
        Map<String, String> values = new LinkedHashMap<>();
        RequestBody object = object(name);
        if (object != null) {
            object.body.properties().forEach(entry -> {
                if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
                    throw wrongType(name, "an object of texts");
                }
                values.put(entry.getKey(), entry.getValue().asText());
            });
        }
        return values;
    }

    private @Nullable JsonNode value(String name) {
        JsonNode value = body.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private static Problem wrongType(String name, String wanted) {
        return Problem.unreadable("'" + name + "' must be " + wanted);
    }

    private static boolean isBlank(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }
}
