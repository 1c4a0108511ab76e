package dev.handoff.webchat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What widget and server say to each other: one JSON object a frame, its {@code type} first. */
sealed interface Frame {

    /**
     * The first frame of every socket.
     *
     * @param secret who the visitor is
     * @param after the last place that this tab has; null when it has nothing yet
     */
    record Hello(String secret, @Nullable Long after) implements Frame {}

    /**
     * The visitor writes.
     *
     * @param id the widget's name for it; the same when it is sent again
     */
    record Say(String id, String text) implements Frame {}

    /**
     * The widget has everything up to a place.
     *
     * @param seen whether the visitor has it before their eyes
     */
    record Shown(long place, boolean seen) implements Frame {}

    /** Is anybody there? */
    record Ping() implements Frame {}

    /** Reads what a widget sent; empty when no widget of ours would send it. */
    static Optional<Frame> read(String json) {
        try {
            JsonNode node = Wire.MAPPER.readTree(json);
            return switch (node.path("type").asText()) {
                case "hello" -> hello(node);
                case "say" -> say(node);
                case "shown" -> shown(node);
                case "ping" -> Optional.of(new Ping());
                default -> Optional.empty();
            };
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }

    private static Optional<Frame> hello(JsonNode node) {
        String secret = node.path("secret").textValue();
        JsonNode after = node.path("after");
        return secret != null && (after.isMissingNode() || isPlace(after))
                ? Optional.of(new Hello(secret, after.isMissingNode() ? null : after.longValue()))
                : Optional.empty();
    }

    private static Optional<Frame> say(JsonNode node) {
        String id = node.path("id").textValue();
        String text = node.path("text").textValue();
        return id != null && text != null && Wire.CLIENT_ID.matcher(id).matches()
                ? Optional.of(new Say(id, text))
                : Optional.empty();
    }

    private static Optional<Frame> shown(JsonNode node) {
        JsonNode place = node.path("place");
        return isPlace(place) && node.path("seen").isBoolean()
                ? Optional.of(new Shown(place.longValue(), node.path("seen").booleanValue()))
                : Optional.empty();
    }

    private static boolean isPlace(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
    }

    /**
     * The answer to a hello.
     *
     * @param from after which place the messages follow: where it is not what the widget asked for, it begins anew
     * @param standing where the mailbox stands
     */
    static String welcome(long from, Mailbox.Standing standing) {
        return Wire.write(Wire.frame("welcome")
                .put("from", from)
                .put("last", standing.last())
                .put("seen", standing.seen()));
    }

    /** Messages of the mailbox, oldest first. */
    static String messages(List<Said.Placed> page) {
        ObjectNode frame = Wire.frame("messages");
        ArrayNode items = frame.putArray("items");
        for (Said.Placed placed : page) {
            Said said = placed.said();
            ObjectNode item = items.addObject()
                    .put("place", placed.place())
                    .put("from", said.author().name().toLowerCase(Locale.ROOT))
                    .put("text", said.text())
                    .put("at", said.at().toString());
            if (said.clientId() != null) {
                item.put("id", said.clientId());
            }
        }
        return Wire.write(frame);
    }

    /** What the visitor wrote is kept, now or from before. */
    static String stored(String id) {
        return Wire.write(Wire.frame("stored").put("id", id));
    }

    /** What the visitor wrote is not taken, and never will be. */
    static String refused(String id, String reason) {
        return Wire.write(Wire.frame("refused").put("id", id).put("reason", reason));
    }

    /** Nobody can say that what the visitor wrote is kept: it is to be sent again, after a while. */
    static String again(String id, long millis) {
        return Wire.write(Wire.frame("again").put("id", id).put("millis", millis));
    }

    static String pong() {
        return Wire.write(Wire.frame("pong"));
    }

    /** How frames are written. */
    final class Wire {
        private static final Pattern CLIENT_ID = Pattern.compile("[A-Za-z0-9_-]{8,64}");
        private static final ObjectMapper MAPPER = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .build();

        private Wire() {}

        private static ObjectNode frame(String type) {
            return JsonNodeFactory.instance.objectNode().put("type", type);
        }

        private static String write(JsonNode node) {
            try {
                return MAPPER.writeValueAsString(node);
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException("a tree of JSON nodes can always be written", e);
            }
        }
    }
}
