package dev.handoff;

import static dev.handoff.policy.HandoffPolicies.customerAsksForHuman;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.CommandResult.Done;
import dev.handoff.machine.CommandResult.NotFound;
import dev.handoff.machine.CommandResult.Refused;
import dev.handoff.machine.Guard;
import dev.handoff.machine.OpenResult;
import dev.handoff.machine.OpenResult.Opened;
import dev.handoff.machine.Rejection;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.MessageId;
import dev.handoff.model.Template;
import dev.handoff.testing.FakeChannel;
import dev.handoff.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The desks: one effect for one command, no stale screens, no full hands, and no look into another tenant. */
class CommandsTest {
    private static final Agent ANA = new Agent("acme", "ana", AgentRole.AGENT, 2);
    private static final Agent BIA = new Agent("acme", "bia", AgentRole.AGENT, 2);
    private static final Agent SUE = new Agent("acme", "sue", AgentRole.SUPERVISOR, null);
    private static final Agent EVE = new Agent("globex", "eve", AgentRole.ADMIN, null);

    private final ManualTime time = new ManualTime();
    private final InMemoryConversationStore store = new InMemoryConversationStore(time);
    private final FakeChannel channel = new FakeChannel("fake");
    private final Handoff handoff = Handoff.builder()
            .store(store)
            .channel(channel)
            .bot(turn -> BotReply.silence())
            .policy(customerAsksForHuman())
            .build();
    private int provided;

    @AfterEach
    void close() {
        handoff.close();
    }

    @Test
    void I11_the_same_command_id_twice_has_one_effect_and_one_result() {
        ConversationId id = held("maria");
        Guard once = Guard.NONE.commandId("c-1");
        Done first = handoff.as(ANA).with(once).reply(id, Content.text("oi")).orThrow();
        handoff.as(ANA).reply(id, Content.text("tudo bem?")).orThrow();
        Done again = handoff.as(ANA).with(once).reply(id, Content.text("oi")).orThrow();

        assertThat(again).isEqualTo(first);
        assertThat(store.messages(id, 0, 10)).hasSize(4);
    }

    @Test
    void I11_a_repeated_takeover_is_told_what_was_in_flight_then_even_after_a_release() {
        ConversationId id = hears("maria", "oi");
        AgentDesk desk = handoff.as(ANA).with(Guard.epoch(1).commandId("c-1"));
        Done first = desk.takeOver(id).orThrow();
        handoff.as(ANA).releaseToBot(id, null, null).orThrow();

        assertThat(desk.takeOver(id)).isEqualTo(first);
        assertThat(store.conversation(id).orElseThrow().status()).isEqualTo(ConversationStatus.PROGRESS);
    }

    @Test
    void I11_a_command_id_with_another_body_another_command_or_another_agent_is_refused() {
        ConversationId id = held("maria");
        Guard once = Guard.NONE.commandId("c-1");
        handoff.as(ANA).with(once).reply(id, Content.text("oi")).orThrow();

        for (CommandResult other : List.of(
                handoff.as(ANA).with(once).reply(id, Content.text("oi!")),
                handoff.as(ANA).with(once).note(id, "oi"),
                handoff.as(ANA).with(Guard.epoch(2).commandId("c-1")).reply(id, Content.text("oi")),
                handoff.as(SUE).with(once).close(id, null))) {
            assertThat(reason(other)).isEqualTo(new Rejection.CommandIdReused("c-1"));
        }
        assertThat(store.messages(id, 0, 10)).hasSize(3);
    }

    @Test
    void I11_a_command_id_belongs_to_its_conversation_and_is_forgotten_after_its_time() {
        ConversationId maria = held("maria");
        ConversationId joao = held("joão");
        Guard once = Guard.NONE.commandId("c-1");
        handoff.as(ANA).with(once).note(maria, "one").orThrow();
        assertThat(handoff.as(ANA).with(once).note(joao, "two")).isInstanceOf(Done.class);

        time.advance(Duration.ofHours(25));
        store.forgetCommandsOlderThan(Duration.ofHours(24));
        assertThat(handoff.as(ANA).with(once).note(maria, "three")).isInstanceOf(Done.class);
    }

    @Test
    void I11_a_repeated_command_is_known_though_the_agent_it_names_has_another_capacity_by_now() {
        ConversationId id = held("maria");
        handoff.roster().register(BIA);
        AgentDesk desk = handoff.as(ANA).with(Guard.NONE.commandId("c-1"));
        Done first = desk.transferToAgent(id, "bia", "please").orThrow();
        handoff.roster().register(new Agent("acme", "bia", AgentRole.SUPERVISOR, null));

        assertThat(desk.transferToAgent(id, "bia", "please")).isEqualTo(first);
    }

    @Test
    void I11_a_repeated_template_is_known_whatever_the_order_of_its_variables() {
        ConversationId id = held("maria");
        AgentDesk desk = handoff.as(ANA).with(Guard.NONE.commandId("c-1"));
        Done first =
                desk.reply(id, template(Map.of("1", "a", "2", "b", "3", "c"))).orThrow();
        Map<String, String> otherOrder = new java.util.LinkedHashMap<>();
        List.of("3", "1", "2")
                .forEach(key ->
                        otherOrder.put(key, Map.of("1", "a", "2", "b", "3", "c").get(key)));

        assertThat(desk.reply(id, template(otherOrder))).isEqualTo(first);
    }

    @Test
    void a_refused_command_leaves_its_id_free() {
        ConversationId id = hears("maria", "oi");
        AgentDesk desk = handoff.as(ANA).with(Guard.NONE.commandId("c-1"));
        assertThat(desk.close(id, null)).isInstanceOf(Refused.class);
        handoff.as(ANA).takeOver(id).orThrow();

        assertThat(desk.close(id, null)).isInstanceOf(Done.class);
    }

    @Test
    void I11_a_stale_epoch_is_refused_with_the_conversation_as_it_stands() {
        ConversationId id = hears("maria", "oi");
        handoff.as(BIA).takeOver(id).orThrow();
        CommandResult late = handoff.as(ANA).with(Guard.epoch(1)).takeOver(id);

        assertThat(reason(late)).isEqualTo(new Rejection.StaleEpoch(1, 2));
        assertThat(((Refused) late).conversation().agentId()).isEqualTo("bia");
    }

    @Test
    void I9_capacity_bounds_takeover_assign_and_transfer_and_is_given_back() {
        ConversationId first = held("one");
        held("two");
        ConversationId third = hears("three", "humano");
        handoff.roster().register(ANA);

        Rejection full = new Rejection.CapacityReached("ana", 2);
        assertThat(reason(handoff.as(ANA).assign(third))).isEqualTo(full);
        assertThat(reason(handoff.as(ANA).takeOver(hears("four", "oi")))).isEqualTo(full);
        assertThat(reason(handoff.as(SUE).assign(third, "ana"))).isEqualTo(full);
        assertThat(reason(handoff.as(SUE).transferToAgent(third, "ana", null))).isEqualTo(full);
        assertThat(store.agent("acme", "ana").orElseThrow().load()).isEqualTo(2);

        handoff.as(ANA).close(first, null).orThrow();
        assertThat(handoff.as(ANA).assign(third)).isInstanceOf(Done.class);
    }

    @Test
    void I9_every_way_out_of_an_agents_hands_gives_capacity_back() {
        handoff.roster().register(BIA);
        ConversationId released = held("a");
        handoff.as(ANA).releaseToBot(released, null, null).orThrow();
        ConversationId queued = held("b");
        handoff.as(ANA).transferToQueue(queued, "sales", null).orThrow();
        ConversationId given = held("c");
        handoff.as(ANA).transferToAgent(given, "bia", null).orThrow();
        ConversationId seized = held("d");
        handoff.as(SUE).takeOver(seized).orThrow();
        ConversationId ended = held("e");
        handoff.host().endByUser(ended, "bye").orThrow();
        held("f");
        time.advance(Duration.ofMinutes(10));
        handoff.sweepDeadlinesOnce();

        assertThat(store.agent("acme", "ana").orElseThrow().load()).isZero();
        assertThat(store.agent("acme", "bia").orElseThrow().load())
                .as("silent too long as well")
                .isZero();
    }

    @Test
    void supervisors_have_no_capacity() {
        for (int i = 0; i < 20; i++) {
            handoff.as(SUE).takeOver(hears("customer-" + i, "oi")).orThrow();
        }
        assertThat(store.agent("acme", "sue").orElseThrow().load()).isEqualTo(20);
    }

    @Test
    void I2_I9_of_many_claims_at_once_each_conversation_has_one_winner_and_nobody_more_than_they_may()
            throws Exception {
        List<ConversationId> waiting = IntStream.range(0, 10)
                .mapToObj(i -> hears("customer-" + i, "humano"))
                .toList();
        List<Agent> agents = IntStream.range(0, 4)
                .mapToObj(i -> new Agent("acme", "agent-" + i, AgentRole.AGENT, 2))
                .toList();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        CyclicBarrier together = new CyclicBarrier(8);
        List<Future<List<CommandResult>>> claims = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Agent agent = agents.get(t % 4);
            claims.add(pool.submit(() -> {
                together.await();
                return waiting.stream().map(id -> handoff.as(agent).assign(id)).toList();
            }));
        }
        for (Future<List<CommandResult>> claim : claims) {
            assertThat(claim.get(30, TimeUnit.SECONDS)).allSatisfy(result -> {
                if (result instanceof Refused refused) {
                    assertThat(refused.reason())
                            .isInstanceOfAny(Rejection.HeldByAnother.class, Rejection.CapacityReached.class);
                }
            });
        }
        pool.shutdown();

        assertThat(waiting.stream()
                        .filter(id -> store.conversation(id).orElseThrow().agentId() != null))
                .hasSize(8);
        assertThat(agents)
                .allSatisfy(agent -> assertThat(
                                store.agent("acme", agent.id()).orElseThrow().load())
                        .isEqualTo(2));
    }

    @Test
    void I12_an_agent_of_another_tenant_finds_nothing_whatever_they_ask() {
        ConversationId id = held("maria");
        handoff.roster().register(ANA);
        AgentDesk desk = handoff.as(EVE);

        assertThat(List.of(
                        desk.takeOver(id),
                        desk.assign(id),
                        desk.assign(id, "ana"),
                        desk.transferToAgent(id, "ana", null),
                        desk.transferToAgent(id, "nobody", null),
                        desk.transferToQueue(id, "sales", null),
                        desk.requestHandoff(id, HandoffRequest.because("curious")),
                        desk.releaseToBot(id, null, null),
                        desk.close(id, null),
                        desk.reply(id, Content.text("oi")),
                        desk.note(id, "seen")))
                .allMatch(new NotFound(id)::equals);
        assertThat(store.conversation(new ConversationId("globex", id.value()))).isEmpty();
        assertThat(store.messages(new ConversationId("globex", id.value()), 0, 10))
                .isEmpty();
    }

    @Test
    void I12_the_same_provider_id_and_addresses_in_two_tenants_are_two_messages() {
        InboundMessage here = inbound("acme", "maria", "oi", "SM1");
        InboundMessage there = inbound("globex", "maria", "oi", "SM1");

        assertThat(handoff.receive(here)).isInstanceOf(ReceiveResult.Stored.class);
        assertThat(handoff.receive(there)).isInstanceOf(ReceiveResult.Stored.class);
        handoff.sequenceFeedOnce();
        assertThat(handoff.feed("acme", 0, 10))
                .hasSize(2)
                .allMatch(entry -> entry.event().tenant().equals("acme"));
    }

    @Test
    void I3_a_redelivery_is_a_duplicate_of_the_same_message_and_changes_nothing() {
        ReceiveResult.Stored stored = (ReceiveResult.Stored) handoff.receive(inbound("acme", "maria", "oi", "SM1"));
        handoff.as(ANA).takeOver(stored.conversation().id()).orThrow();
        handoff.as(ANA).close(stored.conversation().id(), null).orThrow();

        assertThat(handoff.receive(inbound("acme", "maria", "outra coisa", "SM1")))
                .isEqualTo(new ReceiveResult.Duplicate(stored.conversation().id(), stored.message()));
        assertThat(store.messages(stored.conversation().id(), 0, 10)).hasSize(1);
    }

    @Test
    void a_colleague_nobody_knows_and_a_conversation_that_is_not_there_are_named() {
        ConversationId id = held("maria");
        ConversationId nowhere = new ConversationId("acme", new UUID(1, 1));

        assertThat(reason(handoff.as(ANA).transferToAgent(id, "zoe", null)))
                .isEqualTo(new Rejection.UnknownAgent("zoe"));
        assertThat(handoff.as(ANA).transferToAgent(nowhere, "zoe", null)).isEqualTo(new NotFound(nowhere));
        assertThatThrownBy(() -> handoff.as(ANA).takeOver(nowhere).orThrow())
                .isInstanceOf(CommandResult.RefusedException.class);
    }

    @Test
    void an_answer_that_the_channel_cannot_send_is_refused_before_it_is_queued() {
        ConversationId id = held("maria");
        channel.refuseAll("outside the session window: use a template");

        assertThat(reason(handoff.as(ANA).reply(id, Content.text("oi"))))
                .isEqualTo(new Rejection.BadContent("outside the session window: use a template"));
        assertThat(handoff.as(ANA).note(id, "a note is never sent")).isInstanceOf(Done.class);
    }

    @Test
    void a_channel_that_was_not_given_is_refused_at_every_door() {
        ConversationAddress fax = new ConversationAddress("acme", "fax", "inbox", "maria");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> handoff.receive(new InboundMessage(fax, "F1", Content.text("oi"), null, Map.of())))
                .withMessageContaining("'fax'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> handoff.host().open(fax, null))
                .withMessageContaining("'fax'");
    }

    @Test
    void I10_the_host_opens_one_conversation_at_an_address_and_gets_it_again() {
        ConversationAddress maria = new ConversationAddress("acme", "fake", "inbox", "maria");
        Opened opened = (Opened) handoff.host().open(maria, Content.text("Sua encomenda chegou."));
        Conversation first = opened.conversation();

        assertThat(first.status()).isEqualTo(ConversationStatus.PENDING);
        assertThat(opened.message()).isEqualTo(new MessageId(first.id(), 1));
        assertThat(handoff.host().open(maria, Content.text("Sua encomenda chegou.")))
                .isEqualTo(new OpenResult.AlreadyOpen(first));
        assertThat(store.messages(first.id(), 0, 10)).hasSize(1);
        assertThat(hears("maria", "obrigada")).isEqualTo(first.id());
    }

    @Test
    void what_the_channel_cannot_send_opens_nothing() {
        ConversationAddress maria = new ConversationAddress("acme", "fake", "inbox", "maria");
        channel.refuseAll("outside the session window: use a template");

        assertThat(handoff.host().open(maria, Content.text("Sua encomenda chegou.")))
                .isEqualTo(
                        new OpenResult.Refused(new Rejection.BadContent("outside the session window: use a template")));
        assertThat(handoff.host().open(maria, null)).isInstanceOf(Opened.class);
    }

    @Test
    void an_opening_that_says_nothing_is_refused_whatever_the_channel_thinks_of_it() {
        ConversationAddress maria = new ConversationAddress("acme", "fake", "inbox", "maria");

        assertThat(handoff.host().open(maria, Content.text(" "))).isInstanceOf(OpenResult.Refused.class);
    }

    @Test
    void the_session_window_counts_from_what_the_customer_wrote_in_the_conversation_before() {
        ConversationId before = hears("maria", "oi");
        handoff.host().endByUser(before, "bye").orThrow();
        ConversationAddress maria = store.conversation(before).orElseThrow().address();
        channel.refuseBeforeTheCustomerHasWritten("WhatsApp takes only a template now");

        assertThat(handoff.host().open(new ConversationAddress("acme", "fake", "inbox", "joão"), Content.text("Olá!")))
                .isInstanceOf(OpenResult.Refused.class);
        assertThat(handoff.host().open(maria, Content.text("Sua encomenda chegou.")))
                .isInstanceOf(Opened.class);
    }

    @Test
    void I1_a_takeover_suppresses_what_waits_and_returns_what_is_under_way() throws Exception {
        ConversationId id = hears("maria", "oi");
        try (Handoff talkative = Handoff.builder()
                .store(store)
                .channel(channel)
                .bot(turn -> new BotReply.Say(List.of(Content.text("um"), Content.text("dois")), 1))
                .build()) {
            talkative.runBotTurnsOnce();
        }
        Thread worker = new Thread(handoff::dispatchOutboundOnce);
        try (var gate = channel.holdSends()) {
            worker.start();
            gate.awaitHeld();
            Done takeover = handoff.as(ANA).takeOver(id).orThrow();
            assertThat(takeover.inFlight()).containsExactly(new MessageId(id, 2));
            assertThat(handoff.awaitSettled(takeover.inFlight(), Duration.ZERO)).isFalse();
            gate.open();
            assertThat(handoff.awaitSettled(takeover.inFlight(), Duration.ofSeconds(10)))
                    .isTrue();
        }
        worker.join();
        handoff.dispatchOutboundOnce();

        assertThat(channel.heardBy("maria")).containsExactly("um");
    }

    /** A conversation that Ana holds, with two messages of its customer. */
    private ConversationId held(String customer) {
        ConversationId id = hears(customer, "oi");
        handoff.as(ANA).takeOver(id).orThrow();
        hears(customer, "alguém?");
        return id;
    }

    private ConversationId hears(String customer, String text) {
        provided++;
        return ((ReceiveResult.Stored) handoff.receive(inbound("acme", customer, text, "in-" + provided)))
                .conversation()
                .id();
    }

    private static InboundMessage inbound(String tenant, String customer, String text, String providerId) {
        return new InboundMessage(
                new ConversationAddress(tenant, "fake", "inbox", customer),
                providerId,
                Content.text(text),
                null,
                Map.of());
    }

    private static Content template(Map<String, String> variables) {
        return new Content(null, List.of(), new Template("HX1", variables));
    }

    private static Rejection reason(CommandResult result) {
        assertThat(result).isInstanceOf(Refused.class);
        return ((Refused) result).reason();
    }
}
