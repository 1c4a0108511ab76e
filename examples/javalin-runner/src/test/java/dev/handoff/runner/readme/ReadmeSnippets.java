package dev.handoff.runner.readme;

import static dev.handoff.model.Agent.agent;
import static dev.handoff.policy.Deadlines.thenRelease;
import static dev.handoff.policy.Deadlines.thenRequeue;
import static dev.handoff.policy.HandoffPolicies.botFailed;
import static dev.handoff.policy.HandoffPolicies.customerAsksForHuman;
import static dev.handoff.policy.HandoffPolicies.firstOf;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.bot.Bot;
import dev.handoff.bot.BotReply;
import dev.handoff.jdbi.JdbiConversationStore;
import dev.handoff.jdbi.JdbiSchema;
import dev.handoff.machine.CommandResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.testing.HandoffTestKit;
import dev.handoff.twilio.TwilioChannel;
import dev.handoff.twilio.TwilioRequest;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.TwilioWebhook;
import dev.handoff.twilio.TwilioWebhooks;
import org.jdbi.v3.core.Jdbi;

/** The code that the README shows, compiled. {@link ReadmeTest} holds both to each other. */
final class ReadmeSnippets {
    private ReadmeSnippets() {}

    interface Assistant {
        String answer(String text);
    }

    static Handoff host(Jdbi jdbi, TwilioSettings twilio, Assistant assistant) {
        // snippet: host
        Handoff handoff = Handoff.builder()
                .store(JdbiConversationStore.on(jdbi))
                .channel(TwilioChannel.of(twilio))
                .bot(turn -> BotReply.text(assistant.answer(turn.text())))
                .policy(firstOf(customerAsksForHuman(), botFailed(2)))
                .deadlines(Deadlines.defaults()
                        .waiting(ofMinutes(5), thenRelease())
                        .agentSilent(ofMinutes(10), thenRequeue()))
                .build();
        handoff.start();
        // end
        return handoff;
    }

    static CommandResult calls(
            Handoff handoff, TwilioWebhooks webhooks, TwilioRequest request, ConversationId conversationId) {
        // snippet: calls
        TwilioWebhook webhook = webhooks.verifyAndParse(request);
        if (webhook instanceof TwilioWebhook.Inbound inbound) {
            handoff.receive(inbound.message()); // stored when this returns: answer 200
        }

        CommandResult taken = handoff.as(agent("ana")).takeOver(conversationId);
        handoff.as(agent("ana")).reply(conversationId, Content.text("Oi, Maria!"));
        handoff.as(agent("ana")).releaseToBot(conversationId, "resolved", "Order 1234 was refunded.");
        // end
        return taken;
    }

    static void test(Bot bot, HandoffPolicy policy) {
        // snippet: test
        var kit = HandoffTestKit.with(bot, policy);
        var maria = kit.customer("whatsapp:+5511987654321");
        maria.says("quero falar com um atendente");
        kit.agent("ana").takes(maria).says("Oi, Maria!").releases();
        assertThat(maria.hears()).containsExactly("Vou chamar uma pessoa.", "Oi, Maria!", "Você voltou ao assistente.");
        // end
    }

    static void migrate(Jdbi jdbi) {
        // snippet: migrate
        JdbiSchema.of(jdbi).migrate();
        // end
    }

    static void join(
            Jdbi jdbi, Handoff handoff, JdbiConversationStore store, ConversationId conversationId, long orderId) {
        // snippet: join
        jdbi.useTransaction(handle -> {
            handle.execute("UPDATE orders SET state = 'refunded' WHERE id = ?", orderId);
            handoff.within(store.join(handle)).as(agent("ana")).releaseToBot(conversationId, "refunded", null);
        });
        // end
    }
}
