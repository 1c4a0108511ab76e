package dev.handoff.jdbi;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.handoff.model.Conversation;
import dev.handoff.model.Media;
import dev.handoff.model.Template;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The columns that hold JSON. It is kept as text: jsonb would forget the order of an inbound message's fields, and refuse
 * NUL, which JSON text escapes. Empty lists and maps are kept as null.
 */
final class Json {
    private static final TypeReference<List<Media>> MEDIA = new TypeReference<>() {};
    private static final TypeReference<LinkedHashMap<String, String>> TEXTS = new TypeReference<>() {};

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            // A conversation written by a newer version may say more than this one knows.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, new JsonSerializer<>() {
                        @Override
                        public void serialize(Instant value, JsonGenerator to, SerializerProvider provider)
                                throws IOException {
                            to.writeString(value.toString());
                        }
                    })
                    .addDeserializer(Instant.class, new JsonDeserializer<>() {
                        @Override
                        public Instant deserialize(JsonParser from, DeserializationContext context) throws IOException {
                            return Instant.parse(from.getText());
                        }
                    }))
            .build();

    private Json() {}

    static @Nullable String media(List<Media> media) {
        return media.isEmpty() ? null : write(media);
    }

    static List<Media> media(@Nullable String json) {
        return json == null ? List.of() : read(json, MEDIA);
    }

    static @Nullable String template(@Nullable Template template) {
        return template == null ? null : write(template);
    }

    static @Nullable Template template(@Nullable String json) {
        return json == null ? null : read(json, new TypeReference<Template>() {});
    }

    static @Nullable String texts(Map<String, String> texts) {
        return texts.isEmpty() ? null : write(texts);
    }

    static Map<String, String> texts(@Nullable String json) {
        return json == null ? Map.of() : Collections.unmodifiableMap(read(json, TEXTS));
    }

    static String conversation(Conversation conversation) {
        return write(conversation);
    }

    static Conversation conversation(String json) {
        return read(json, new TypeReference<Conversation>() {});
    }

    private static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException failure) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value, failure);
        }
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException failure) {
            throw new IllegalStateException(
                    "a stored column holds JSON that cannot be read as " + type.getType(), failure);
        }
    }
}
