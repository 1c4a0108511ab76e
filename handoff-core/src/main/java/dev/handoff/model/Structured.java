package dev.handoff.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a customer sent besides words and files: a button that was pressed, a place, a form. Channels translate what their
 * provider calls it, so that a bot needs to know no provider's names. It is kept among the message's fields, under names
 * that begin with {@link #PREFIX}, beside whatever else the channel delivered.
 */
public sealed interface Structured {

    /** With this every field's name begins that holds something structured. */
    String PREFIX = "structured.";

    /** The fields that hold it; {@link #in} reads them back. */
    Map<String, String> fields();

    /** What a person or a language model reads where the message has no text; empty if that needs no words. */
    String words();

    /**
     * A button or a list's row that was chosen. Its title is the message's text too.
     *
     * @param id what the host called it when it was offered; null where the channel does not say
     * @param title what the customer saw
     * @param repliedTo the provider's id of the message that offered it; null where the channel does not say
     */
    record Choice(
            @Nullable String id, String title, @Nullable String repliedTo) implements Structured {
        @Override
        public Map<String, String> fields() {
            return StructuredFields.of("choice")
                    .put("title", title)
                    .put("id", id)
                    .put("repliedTo", repliedTo)
                    .map();
        }

        @Override
        public String words() {
            return title;
        }
    }

    /**
     * A place.
     *
     * @param latitude in degrees, from -90 to 90
     * @param longitude in degrees, from -180 to 180
     * @param name what it is called; null when it has no name
     * @param address where that is in words; null when not known
     */
    record Location(
            double latitude,
            double longitude,
            @Nullable String name,
            @Nullable String address) implements Structured {
        public Location {
            if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) {
                throw new IllegalArgumentException("there is no place at " + latitude + " " + longitude);
            }
        }

        /**
         * Reads a place from what strangers sent.
         *
         * @return null unless both are decimal numbers and such a place is on earth
         */
        public static @Nullable Location parse(
                @Nullable String latitude,
                @Nullable String longitude,
                @Nullable String name,
                @Nullable String address) {
            Double north = StructuredFields.degrees(latitude, 90);
            Double east = StructuredFields.degrees(longitude, 180);
            return north == null || east == null ? null : new Location(north, east, name, address);
        }

        @Override
        public Map<String, String> fields() {
            return StructuredFields.of("location")
                    .put("latitude", StructuredFields.decimal(latitude))
                    .put("longitude", StructuredFields.decimal(longitude))
                    .put("name", name)
                    .put("address", address)
                    .map();
        }

        /** Such as {@code MASP, Av. Paulista, 1578 (-23.561399, -46.656178)}. */
        @Override
        public String words() {
            String where = "(" + StructuredFields.decimal(latitude) + ", " + StructuredFields.decimal(longitude) + ")";
            StringJoiner called = new StringJoiner(", ", "", " ").setEmptyValue("");
            if (name != null && !name.isBlank()) {
                called.add(name);
            }
            if (address != null && !address.isBlank()) {
                called.add(address);
            }
            return called + where;
        }
    }

    /**
     * A form that was filled in.
     *
     * @param data the answers as the channel delivered them, usually JSON; unchecked
     */
    record Form(String data) implements Structured {
        @Override
        public Map<String, String> fields() {
            return StructuredFields.of("form").put("data", data).map();
        }

        @Override
        public String words() {
            return data;
        }
    }

    /**
     * The message answers an earlier one, as people do who quote.
     *
     * @param repliedTo the provider's id of the earlier message
     */
    record Reply(String repliedTo) implements Structured {
        @Override
        public Map<String, String> fields() {
            return StructuredFields.of("reply").put("repliedTo", repliedTo).map();
        }

        @Override
        public String words() {
            return "";
        }
    }

    /**
     * An advertisement or a link brought the customer here.
     *
     * @param id the provider's name for it
     * @param url where it stands
     * @param headline its headline
     * @param text its text
     */
    record Referral(
            @Nullable String id,
            @Nullable String url,
            @Nullable String headline,
            @Nullable String text) implements Structured {
        @Override
        public Map<String, String> fields() {
            return StructuredFields.of("referral")
                    .put("id", id)
                    .put("url", url)
                    .put("headline", headline)
                    .put("text", text)
                    .map();
        }

        @Override
        public String words() {
            return "";
        }
    }

    /** Everything structured in a message's fields. Whatever they hold, this never fails: what cannot be read is left out. */
    static List<Structured> in(Map<String, String> fields) {
        List<Structured> found = new ArrayList<>();
        String title = fields.get(PREFIX + "choice.title");
        if (title != null) {
            found.add(new Choice(fields.get(PREFIX + "choice.id"), title, fields.get(PREFIX + "choice.repliedTo")));
        }
        Location location = Location.parse(
                fields.get(PREFIX + "location.latitude"),
                fields.get(PREFIX + "location.longitude"),
                fields.get(PREFIX + "location.name"),
                fields.get(PREFIX + "location.address"));
        if (location != null) {
            found.add(location);
        }
        String data = fields.get(PREFIX + "form.data");
        if (data != null) {
            found.add(new Form(data));
        }
        String repliedTo = fields.get(PREFIX + "reply.repliedTo");
        if (repliedTo != null) {
            found.add(new Reply(repliedTo));
        }
        Referral referral = new Referral(
                fields.get(PREFIX + "referral.id"),
                fields.get(PREFIX + "referral.url"),
                fields.get(PREFIX + "referral.headline"),
                fields.get(PREFIX + "referral.text"));
        if (!referral.fields().isEmpty()) {
            found.add(referral);
        }
        return List.copyOf(found);
    }

    /** These fields, and after them those that hold what is structured. */
    static Map<String, String> joined(Map<String, String> fields, List<Structured> structured) {
        Map<String, String> joined = new LinkedHashMap<>(fields);
        structured.forEach(one -> joined.putAll(one.fields()));
        return joined;
    }

    /** Of these fields those that the channel itself has named, without what {@link #joined} has added. */
    static Map<String, String> without(Map<String, String> fields) {
        Map<String, String> own = new LinkedHashMap<>(fields);
        own.keySet().removeIf(name -> name.startsWith(PREFIX));
        return own;
    }
}
