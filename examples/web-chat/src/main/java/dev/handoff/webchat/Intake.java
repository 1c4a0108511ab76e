package dev.handoff.webchat;

import dev.handoff.Handoff;
import dev.handoff.ReceiveResult;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.jdbi.JdbiConversationStore;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** What comes from visitors, on its way into the library. Thread-safe. */
final class Intake {
    private static final int PAGE = 100;

    private final Jdbi jdbi;
    private final JdbiConversationStore store;
    private final Handoff handoff;
    private final Mailbox mailbox;
    private final String inbox;

    Intake(Jdbi jdbi, JdbiConversationStore store, Handoff handoff, Mailbox mailbox, String inbox) {
        this.jdbi = jdbi;
        this.store = store;
        this.handoff = handoff;
        this.mailbox = mailbox;
        this.inbox = inbox;
    }

    /**
     * Keeps what a visitor wrote: once, however often it is sent, since the widget's id is part of its name, and the
     * visitor's address, too, so that nobody can use up another's ids. The library's commit is the mailbox's: what is in
     * one is in the other, and no answer comes before its question.
     */
    void say(Visitor visitor, Frame.Say say) {
        InboundMessage message = new InboundMessage(
                new ConversationAddress(visitor.tenant(), WebChatChannel.NAME, inbox, visitor.address()),
                visitor.address() + "/" + say.id(),
                Content.text(say.text()),
                null,
                Map.of("id", say.id()));
        jdbi.useTransaction(handle -> {
            ReceiveResult result = handoff.within(store.join(handle)).receive(message);
            if (result instanceof ReceiveResult.Stored stored) {
                mailbox.put(
                        handle,
                        visitor,
                        new Said(
                                stored.message().text(),
                                null,
                                say.id(),
                                MessageOwner.CUSTOMER,
                                String.valueOf(message.content().text()),
                                Objects.requireNonNull(
                                        stored.conversation().lastInboundAt(), "the customer has just written")));
            }
        });
    }

    /**
     * Reports what the widget has received, or the visitor seen. It is remembered only once it is reported, and reports may
     * be repeated: one that gets lost is made by the next.
     */
    void shown(Visitor visitor, Frame.Shown shown) {
        Mailbox.Standing standing = mailbox.standing(visitor);
        long after = shown.seen() ? standing.seen() : Math.max(standing.delivered(), standing.seen());
        while (after < shown.place()) {
            List<Said.Placed> page = mailbox.after(visitor, after, PAGE);
            for (Said.Placed placed : page) {
                if (placed.place() <= shown.place()) {
                    report(visitor, placed.said(), shown.seen());
                }
            }
            after = page.isEmpty() ? shown.place() : page.get(page.size() - 1).place();
        }
        mailbox.shown(visitor, shown.place(), shown.seen());
    }

    /** By the attempt, too: the widget may answer before the library has heard that the message was sent. */
    private void report(Visitor visitor, Said said, boolean seen) {
        if (said.attempt() != null) {
            handoff.reportDelivery(new DeliveryUpdate(
                    visitor.tenant(),
                    WebChatChannel.NAME,
                    MessageId.parse(visitor.tenant(), said.message()).orElse(null),
                    UUID.fromString(said.attempt()),
                    said.message(),
                    seen ? DeliveryStatus.READ : DeliveryStatus.DELIVERED,
                    null));
        }
    }
}
