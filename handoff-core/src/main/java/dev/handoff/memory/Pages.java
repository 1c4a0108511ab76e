package dev.handoff.memory;

import dev.handoff.model.Conversation;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.HumanHandoff;
import dev.handoff.store.History.BadCursorException;
import dev.handoff.store.History.Page;
import dev.handoff.store.History.Query;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lists of conversations. They are sorted when asked for: this store is not for desks with a million conversations. */
final class Pages {

    /** A conversation's place in the list: what a cursor carries. */
    private record Place(Instant updatedAt, String id) {
        /** Databases have no years beyond; no store has given any. */
        private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

        private static final Comparator<Place> LATEST_FIRST =
                Comparator.comparing(Place::updatedAt).thenComparing(Place::id).reversed();

        static Place of(Conversation conversation) {
            return new Place(conversation.updatedAt(), conversation.id().text());
        }

        static Place parse(String cursor) {
            try {
                String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
                int space = text.indexOf(' ');
                if (space < 0) {
                    throw new BadCursorException(cursor);
                }
                Instant updatedAt = Instant.parse(text.substring(0, space));
                if (updatedAt.isBefore(Instant.EPOCH) || updatedAt.isAfter(LATEST)) {
                    throw new BadCursorException(cursor);
                }
                String id = text.substring(space + 1);
                return new Place(updatedAt, UUID.fromString(id).toString());
            } catch (IllegalArgumentException | DateTimeException notOurs) {
                throw new BadCursorException(cursor);
            }
        }

        String cursor() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((updatedAt + " " + id).getBytes(StandardCharsets.UTF_8));
        }
    }

    private Pages() {}

    static Page page(Stream<Conversation> conversations, Query query) {
        @Nullable Place after = query.cursor() == null ? null : Place.parse(query.cursor());
        List<Conversation> found = conversations
                .filter(conversation -> matches(conversation, query))
                .filter(conversation -> after == null || Place.LATEST_FIRST.compare(Place.of(conversation), after) > 0)
                .sorted(Comparator.comparing(Place::of, Place.LATEST_FIRST))
                .limit(query.limit() + 1L)
                .toList();
        if (found.size() <= query.limit()) {
            return new Page(found, null);
        }
        List<Conversation> items = found.subList(0, query.limit());
        return new Page(items, Place.of(items.get(items.size() - 1)).cursor());
    }

    static List<Conversation> waiting(
            Stream<Conversation> conversations, String tenant, @Nullable String queue, int limit) {
        return conversations
                .filter(conversation -> conversation.id().tenant().equals(tenant)
                        && conversation.phase() == HandoffPhase.WAITING_AGENT
                        && (queue == null || queue.equals(handoff(conversation).queue())))
                .sorted(Comparator.<Conversation>comparingInt(
                                conversation -> -handoff(conversation).priority())
                        .thenComparing(conversation -> handoff(conversation).at())
                        .thenComparing(conversation -> conversation.id().text()))
                .limit(Math.max(0, limit))
                .toList();
    }

    private static boolean matches(Conversation conversation, Query query) {
        return conversation.id().tenant().equals(query.tenant())
                && (query.status() == null || query.status() == conversation.status())
                && (query.phase() == null || query.phase() == conversation.phase())
                && (query.agentId() == null || query.agentId().equals(conversation.agentId()))
                && (query.customer() == null
                        || query.customer().equals(conversation.address().customer()));
    }

    private static HumanHandoff handoff(Conversation conversation) {
        return Objects.requireNonNull(conversation.handoff());
    }
}
