package dev.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.model.Content;
import dev.handoff.model.Delivery;
import dev.handoff.model.EventType;
import dev.handoff.model.Message;
import dev.handoff.model.MessageOwner;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.testing.FakeAgent;
import dev.handoff.testing.FakeCustomer;
import dev.handoff.testing.HandoffTestKit;
import dev.handoff.testing.ScriptedBot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The customer writes while a human holds the conversation: told step by step, and drawn from the steps that were told. */
class HumanHoldsDiagramTest {
    private final ScriptedBot bot = new ScriptedBot().otherwise(turn -> BotReply.text("echo: " + turn.text()));
    private final HandoffTestKit kit = HandoffTestKit.with(bot, HandoffPolicies.never());
    private final FakeCustomer maria = kit.customer("whatsapp:+5511987654321");
    private final FakeAgent ana = kit.agent("ana");
    private final List<String> drawn = new ArrayList<>();

    @AfterEach
    void close() {
        kit.close();
    }

    @Test
    void the_customer_writes_while_a_human_holds_the_conversation() throws Exception {
        maria.says("oi");
        ana.takesOver(maria);
        long epoch = maria.conversation().epoch();
        long screen = kit.handoff().feedEnd("default");
        int turns = bot.turns().size();

        arrow("Customer", "Channel", "“Alguém aí?”");
        maria.writes("Alguém aí?");
        arrow("Channel", "Handoff", "receive(message)");
        arrow("Handoff", "Store", "one commit: message and event");
        assertThat(maria.history()).last().satisfies(message -> {
            assertThat(message.content().text()).isEqualTo("Alguém aí?");
            assertThat(message.owner()).isEqualTo(MessageOwner.CUSTOMER);
        });
        note("Store", "epoch unchanged, Ana holds it");
        assertThat(maria.conversation().epoch()).isEqualTo(epoch);
        assertThat(maria.conversation().isHeldBy("ana")).isTrue();

        answer("Handoff", "Channel", "Stored: the webhook answers 2xx");
        note("Bot", "not called");
        kit.settle();
        assertThat(bot.turns()).hasSize(turns);
        assertThat(maria.hears()).containsExactly("echo: oi");

        arrow("Handoff", "Agent", "feed: new_message");
        List<FeedEntry> seen = kit.handoff().feed("default", screen, 10);
        assertThat(seen).singleElement().satisfies(entry -> {
            assertThat(entry.event().type()).isEqualTo(EventType.NEW_MESSAGE);
            assertThat(entry.event().data()).containsEntry("owner", "CUSTOMER");
        });

        arrow("Agent", "Handoff", "reply(“Sou a Ana.”)");
        arrow("Handoff", "Store", "one commit: message, event, outbox row");
        ana.desk().reply(maria.conversation().id(), Content.text("Sou a Ana.")).orThrow();
        assertThat(lastMessage().delivery()).isEqualTo(Delivery.QUEUED);
        assertThat(lastMessage().agentId()).isEqualTo("ana");

        arrow("Handoff", "Store", "permit: QUEUED → DISPATCHING");
        arrow("Handoff", "Channel", "send(message)");
        kit.settle();
        arrow("Channel", "Customer", "“Sou a Ana.”");
        assertThat(maria.hears()).containsExactly("echo: oi", "Sou a Ana.");
        arrow("Handoff", "Agent", "feed: delivery_updated SENT");
        assertThat(lastMessage().delivery()).isEqualTo(Delivery.SENT);
        assertThat(bot.turns()).hasSize(turns);

        ReadmeBlock.holds("sequence-diagram", diagram());
    }

    private Message lastMessage() {
        List<Message> history = maria.history();
        return history.get(history.size() - 1);
    }

    private void arrow(String from, String to, String what) {
        drawn.add("    " + from + "->>" + to + ": " + what);
    }

    private void answer(String from, String to, String what) {
        drawn.add("    " + from + "-->>" + to + ": " + what);
    }

    private void note(String over, String what) {
        drawn.add("    Note over " + over + ": " + what);
    }

    private String diagram() {
        return """
                sequenceDiagram
                    actor Customer
                    participant Channel
                    participant Handoff
                    participant Store
                    participant Bot
                    actor Agent as Agent (Ana)
                """ + String.join("\n", drawn);
    }
}
