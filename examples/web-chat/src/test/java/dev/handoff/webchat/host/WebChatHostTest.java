package dev.handoff.webchat.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.jdbi.JdbiConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.model.Tenant;
import dev.handoff.webchat.WebChat;
import dev.handoff.webchat.WebChatSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Visitors over real sockets, an agent over HTTP, and a database that other nodes share. */
class WebChatHostTest {
    private Map<String, String> database;
    private WebChatHost host;
    private Desk ana;

    @BeforeEach
    void start() {
        database = freshDatabase();
        host = newNode();
        ana = new Desk(host.port());
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void two_visitors_chat_side_by_side_while_an_agent_takes_one_over_answers_and_gives_it_back() {
        try (Widget maria = Widget.newVisitor(host.port());
                Widget joao = Widget.newVisitor(host.port())) {
            maria.says("oi");
            joao.says("hello");
            maria.hears("bot: echo: oi");
            joao.hears("bot: echo: hello");
            maria.says("quero falar com uma pessoa");
            maria.hears("system: Vou chamar uma pessoa.");

            String conversation = ana.conversationOf(maria.address());
            ana.takesOver(conversation);
            ana.replies(conversation, "Oi, Maria!");
            maria.hears("agent: Oi, Maria!");
            String thanks = maria.says("obrigada");
            Await.until("it is stored", () -> maria.isStored(thanks));
            joao.says("still there?");
            joao.hears("bot: echo: still there?");
            ana.releases(conversation);
            maria.hears("system: Você voltou ao assistente.");
            maria.says("tchau");
            maria.hears("bot: echo: tchau");

            assertThat(maria.shown())
                    .containsExactly(
                            "customer: oi",
                            "bot: echo: oi",
                            "customer: quero falar com uma pessoa",
                            "system: Vou chamar uma pessoa.",
                            "agent: Oi, Maria!",
                            "customer: obrigada",
                            "system: Você voltou ao assistente.",
                            "customer: tchau",
                            "bot: echo: tchau");
            assertThat(joao.shown())
                    .containsExactly(
                            "customer: hello", "bot: echo: hello", "customer: still there?", "bot: echo: still there?");
        }
    }

    @Test
    void I3_a_message_that_is_sent_again_on_a_new_socket_is_stored_once() {
        try (Widget maria = Widget.newVisitor(host.port())) {
            String id = maria.says("só uma vez");
            maria.drop();
            Await.until(
                    "it is stored, though nobody was told",
                    () -> texts(maria).equals(List.of("só uma vez", "echo: só uma vez")));

            maria.connect();
            maria.says(id, "só uma vez");
            Await.until("the second is acknowledged", () -> maria.isStored(id));
            maria.says(id, "só uma vez");
            maria.says("e mais uma");
            maria.hears("bot: echo: e mais uma");

            assertThat(maria.shown())
                    .containsExactly(
                            "customer: só uma vez",
                            "bot: echo: só uma vez",
                            "customer: e mais uma",
                            "bot: echo: e mais uma");
            assertThat(texts(maria))
                    .containsExactly("só uma vez", "echo: só uma vez", "e mais uma", "echo: e mais uma");
        }
    }

    @Test
    void two_visitors_may_use_the_same_id_and_neither_loses_a_message() {
        try (Widget maria = Widget.newVisitor(host.port());
                Widget joao = Widget.newVisitor(host.port())) {
            maria.says("the-same-id", "de Maria");
            joao.says("the-same-id", "de João");

            maria.hears("bot: echo: de Maria");
            joao.hears("bot: echo: de João");
        }
    }

    @Test
    void a_tab_that_was_away_gets_what_it_missed_in_order_and_nothing_twice() {
        try (Widget maria = heldByAna()) {
            String conversation = ana.conversationOf(maria.address());
            List<String> before = maria.shown();
            for (int round = 0; round < 5; round++) {
                maria.drop();
                ana.replies(conversation, "resposta " + round);
                maria.connect();
                maria.hears("agent: resposta " + round);
            }

            assertThat(maria.shown().subList(before.size(), maria.shown().size()))
                    .containsExactly(
                            "agent: resposta 0",
                            "agent: resposta 1",
                            "agent: resposta 2",
                            "agent: resposta 3",
                            "agent: resposta 4");
            assertThat(maria.places())
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, maria.places().size())
                                    .boxed()
                                    .toList());
        }
    }

    @Test
    void all_tabs_of_a_visitor_show_the_same_and_a_new_one_begins_with_the_history() {
        try (Widget first = Widget.newVisitor(host.port())) {
            first.says("oi");
            first.hears("bot: echo: oi");
            try (Widget second = Widget.withSecret(host.port(), first.secret())) {
                second.hears("bot: echo: oi");
                second.says("da outra aba");
                first.hears("bot: echo: da outra aba");
                second.hears("bot: echo: da outra aba");

                assertThat(second.shown()).isEqualTo(first.shown());
            }
        }
    }

    @Test
    void a_page_that_has_nothing_yet_begins_with_the_latest_messages_only() {
        try (Widget maria = heldByAna()) {
            String conversation = ana.conversationOf(maria.address());
            IntStream.range(0, 220).forEach(i -> ana.replies(conversation, "resposta " + i));
            maria.hears("agent: resposta 219");

            try (Widget anew = Widget.withSecret(host.port(), maria.secret())) {
                anew.hears("agent: resposta 219");

                assertThat(anew.shown())
                        .hasSize(200)
                        .isEqualTo(maria.shown()
                                .subList(
                                        maria.shown().size() - 200,
                                        maria.shown().size()));
            }
        }
    }

    @Test
    void nobody_sees_a_conversation_without_its_secret() {
        try (Widget maria = heldByAna();
                Widget byAddress = Widget.silent(host.port())) {
            byAddress.sends("{\"type\":\"hello\",\"secret\":\"" + maria.address() + "\"}");
            assertThat(byAddress.closeCode()).isEqualTo(1007);

            char last = maria.secret().charAt(42);
            String near = maria.secret().substring(0, 42) + (last == 'A' ? 'B' : 'A');
            try (Widget neighbour = Widget.withSecret(host.port(), near)) {
                neighbour.says("o que disseram?");
                neighbour.hears("bot: echo: o que disseram?");

                assertThat(neighbour.shown())
                        .containsExactly("customer: o que disseram?", "bot: echo: o que disseram?");
                assertThat(neighbour.address()).isNotEqualTo(maria.address());
            }
        }
    }

    @Test
    void an_agents_notes_are_not_in_the_history_of_the_visitor() {
        try (Widget maria = heldByAna()) {
            handoff()
                    .as(Agent.supervisor("sam"))
                    .note(conversation(maria), "cliente difícil")
                    .orThrow();
            ana.replies(ana.conversationOf(maria.address()), "Oi!");
            maria.hears("agent: Oi!");

            assertThat(texts(maria)).contains("cliente difícil");
            try (Widget anew = Widget.withSecret(host.port(), maria.secret())) {
                anew.hears("agent: Oi!");
                assertThat(anew.shown()).isEqualTo(maria.shown()).noneMatch(line -> line.contains("difícil"));
            }
        }
    }

    @Test
    void what_the_visitor_received_and_saw_is_reported_to_the_agent() {
        try (Widget maria = heldByAna()) {
            ana.replies(ana.conversationOf(maria.address()), "Oi, Maria!");
            maria.hears("agent: Oi, Maria!");
            long place = maria.places().get(maria.places().size() - 1);
            Await.until("it is sent", () -> deliveryOf(maria, "Oi, Maria!") == Delivery.SENT);

            maria.shows(place, false);
            Await.until("it is delivered", () -> deliveryOf(maria, "Oi, Maria!") == Delivery.DELIVERED);
            maria.shows(place, true);
            Await.until("it is read", () -> deliveryOf(maria, "Oi, Maria!") == Delivery.READ);
            maria.shows(place, false);
            maria.says("tchau");
            Await.until("both frames are taken", () -> texts(maria).contains("tchau"));

            assertThat(deliveryOf(maria, "Oi, Maria!")).isEqualTo(Delivery.READ);
            assertThat(deliveryOf(maria, "Vou chamar uma pessoa.")).isEqualTo(Delivery.READ);
        }
    }

    @Test
    void an_answer_is_kept_for_a_visitor_who_is_not_there() {
        Widget maria = heldByAna();
        String conversation = ana.conversationOf(maria.address());
        maria.close();
        ana.replies(conversation, "até amanhã");
        Await.until("it is sent", () -> deliveryOf(maria, "até amanhã") == Delivery.SENT);

        try (Widget tomorrow = Widget.withSecret(host.port(), maria.secret())) {
            tomorrow.hears("agent: até amanhã");
        }
    }

    @Test
    void a_visitor_hears_whatever_node_sends_and_writes_to_whatever_node_is_there() {
        try (WebChatHost other = newNode();
                Widget here = heldByAna();
                Widget there = Widget.withSecret(other.port(), here.secret())) {
            Desk anaThere = new Desk(other.port());
            String conversation = ana.conversationOf(here.address());
            for (int i = 0; i < 10; i++) {
                (i % 2 == 0 ? ana : anaThere).replies(conversation, "resposta " + i);
                (i % 2 == 0 ? there : here).says("pergunta " + i);
            }
            here.hears("agent: resposta 9").hears("customer: pergunta 9");
            there.hears("agent: resposta 9").hears("customer: pergunta 9");

            Await.until(
                    "both show all",
                    () -> here.shown().size() == 22 && there.shown().size() == 22);
            assertThat(here.shown()).isEqualTo(there.shown()).doesNotHaveDuplicates();
            assertThat(here.shown().stream().filter(line -> line.startsWith("agent:")))
                    .hasSize(10);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "null",
                "[]",
                "{}",
                "{\"type\":\"hello\"",
                "{\"type\":\"hello\",\"type\":\"hello\"}",
                "{\"type\":\"hello\",\"secret\":7}",
                "{\"type\":\"hello\",\"secret\":\"short\"}",
                "{\"type\":\"hello\"}",
                "{\"type\":\"hello\",\"secret\":\"%s\",\"after\":-1}",
                "{\"type\":\"hello\",\"secret\":\"%s\",\"after\":9e99}",
                "{\"type\":\"say\",\"id\":\"before-hello\",\"text\":\"oi\"}",
                "{\"type\":\"sudo\"}"
            })
    void a_socket_that_begins_otherwise_than_a_widgets_is_closed(String frame) {
        try (Widget stranger = Widget.silent(host.port());
                Widget maria = Widget.newVisitor(host.port())) {
            stranger.sends(frame.replace("%s", stranger.secret()));

            assertThat(stranger.closeCode()).isEqualTo(1007);
            maria.says("oi");
            maria.hears("bot: echo: oi");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"say\",\"id\":\"no-text-in-it\"}",
                "{\"type\":\"say\",\"id\":\"short\",\"text\":\"oi\"}",
                "{\"type\":\"say\",\"id\":\"../../../etc/passwd\",\"text\":\"oi\"}",
                "{\"type\":\"say\",\"id\":12345678,\"text\":\"oi\"}",
                "{\"type\":\"shown\",\"place\":1000,\"seen\":true}",
                "{\"type\":\"shown\",\"place\":0}",
                "{\"type\":\"hello\",\"secret\":\"%s\"}",
                "\u0000"
            })
    void a_frame_that_no_widget_would_send_ends_the_socket_and_nothing_else(String frame) {
        try (Widget stranger = Widget.newVisitor(host.port());
                Widget maria = Widget.newVisitor(host.port())) {
            stranger.sends(frame.replace("%s", stranger.secret()));

            assertThat(stranger.closeCode()).isEqualTo(1007);
            maria.says("oi");
            maria.hears("bot: echo: oi");
        }
    }

    @Test
    void a_socket_that_says_nothing_is_closed_and_one_that_has_said_hello_stays() {
        try (Widget maria = Widget.newVisitor(host.port());
                Widget silent = Widget.silent(host.port())) {
            Await.until("the silent one is closed", silent::isGone);

            maria.says("oi");
            maria.hears("bot: echo: oi");
        }
    }

    @Test
    void a_frame_of_bytes_or_of_enormous_size_ends_the_socket_and_nothing_else() {
        try (Widget bytes = Widget.newVisitor(host.port());
                Widget huge = Widget.newVisitor(host.port());
                Widget maria = Widget.newVisitor(host.port())) {
            bytes.sendsBytes();
            huge.saysInVain("x".repeat(16_000));

            assertThat(bytes.closeCode()).isEqualTo(1003);
            assertThat(huge.closeCode()).isEqualTo(1009);
            maria.says("oi");
            maria.hears("bot: echo: oi");
        }
    }

    @Test
    void a_text_that_is_too_long_or_empty_is_refused_and_the_longest_is_taken() {
        try (Widget maria = heldByAna()) {
            maria.says("a-very-long-one", "x".repeat(2_001));
            maria.says("an-empty-one", " \n ");
            String longest = "😀".repeat(2_000);
            maria.says(longest);
            maria.hears("customer: " + longest);

            assertThat(maria.answers())
                    .extracting(answer -> answer.path("id").asText() + " "
                            + answer.path("type").asText() + " "
                            + answer.path("reason").asText())
                    .containsExactly("a-very-long-one refused too-long", "an-empty-one refused empty");
        }
    }

    @Test
    void what_cannot_be_stored_is_replaced_and_shown_alike_on_both_sides() {
        try (Widget maria = heldByAna()) {
            maria.sends("{\"type\":\"say\",\"id\":\"strange-text\",\"text\":\"a\\u0000b \\ud800 <b>c</b>\"}");

            maria.hears("customer: a\uFFFDb \uFFFD <b>c</b>");
            assertThat(texts(maria)).contains("a\uFFFDb \uFFFD <b>c</b>");
        }
    }

    @Test
    void who_writes_too_fast_is_asked_to_send_again_and_nothing_of_it_is_stored_until_then() {
        try (Widget maria = heldByAna()) {
            int before = texts(maria).size();
            List<String> ids = IntStream.range(0, 40)
                    .mapToObj(i -> maria.says("depressa " + i))
                    .toList();
            Await.until(
                    "all are answered",
                    () -> maria.answers().size()
                                    + ids.stream().filter(maria::isStored).count()
                            == 40);

            assertThat(maria.answers())
                    .isNotEmpty()
                    .allMatch(answer -> answer.path("type").asText().equals("again"));
            assertThat(texts(maria)).hasSize(before + 40 - maria.answers().size());
        }
    }

    @Test
    void pages_of_other_origins_do_not_get_a_socket() {
        try (Widget visitor = Widget.silent(host.port())) {
            visitor.open("https://shop.example.com");

            assertThatThrownBy(() -> visitor.open("https://evil.example")).hasMessageContaining("Handshake");
            assertThatThrownBy(() -> visitor.open(null)).hasMessageContaining("Handshake");
        }
    }

    @Test
    void a_visitor_who_writes_after_the_end_begins_a_new_conversation_below_the_old_one() {
        try (Widget maria = heldByAna()) {
            String first = ana.conversationOf(maria.address());
            ana.closes(first);
            maria.says("mais uma coisa");
            maria.hears("bot: echo: mais uma coisa");

            assertThat(ana.conversationOf(maria.address())).isNotEqualTo(first);
            assertThat(maria.shown())
                    .startsWith("customer: quero falar com uma pessoa")
                    .endsWith("customer: mais uma coisa", "bot: echo: mais uma coisa");
        }
    }

    @Test
    void the_agents_desk_wants_the_agents_token_and_passes_refusals_on() {
        try (Widget maria = Widget.newVisitor(host.port())) {
            maria.says("oi");
            maria.hears("bot: echo: oi");

            assertThat(ana.get("/agent/conversations", "another-token").statusCode())
                    .isEqualTo(401);
            assertThat(ana.replyStatus(ana.conversationOf(maria.address()), "Oi!"))
                    .as("nobody has taken it")
                    .isEqualTo(409);
            assertThat(ana.replyStatus(UUID.randomUUID().toString(), "Oi!")).isEqualTo(404);
        }
    }

    /** The settings for a database that nobody has used. */
    Map<String, String> freshDatabase() {
        return Map.of(
                "HANDOFF_JDBC_URL",
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
                "HANDOFF_DB_USER",
                "sa",
                "HANDOFF_DB_PASSWORD",
                "");
    }

    private WebChatHost newNode() {
        Map<String, String> settings = new HashMap<>(database);
        settings.put("HANDOFF_PORT", "0");
        settings.put("WEBCHAT_ORIGINS", "https://shop.example.com");
        settings.put("WEBCHAT_AGENT_TOKEN", Desk.TOKEN);
        WebChatHost node = new WebChatHost(HostSettings.from(settings));
        node.start();
        return node;
    }

    private Widget heldByAna() {
        Widget maria = Widget.newVisitor(host.port());
        maria.says("quero falar com uma pessoa");
        maria.hears("system: Vou chamar uma pessoa.");
        ana.takesOver(ana.conversationOf(maria.address()));
        return maria;
    }

    private Delivery deliveryOf(Widget visitor, String text) {
        return messages(visitor).stream()
                .filter(message -> text.equals(message.content().text()))
                .map(Message::delivery)
                .findFirst()
                .orElse(null);
    }

    private List<String> texts(Widget visitor) {
        return messages(visitor).stream()
                .map(message -> message.content().text())
                .toList();
    }

    private List<Message> messages(Widget visitor) {
        return handoff().history().messages(conversation(visitor), 0, 1_000);
    }

    private ConversationId conversation(Widget visitor) {
        return ConversationId.parse(Tenant.DEFAULT, ana.conversationOf(visitor.address()))
                .orElseThrow();
    }

    /** The library on the same database, without workers: for what the agent's desk does not show. */
    private Handoff handoff() {
        Jdbi jdbi = Jdbi.create(
                database.get("HANDOFF_JDBC_URL"), database.get("HANDOFF_DB_USER"), database.get("HANDOFF_DB_PASSWORD"));
        JdbiConversationStore store = JdbiConversationStore.on(jdbi);
        return Handoff.builder()
                .store(store)
                .channel(WebChat.on(jdbi, store, WebChatSettings.of(Set.of())).channel())
                .bot(turn -> BotReply.silence())
                .build();
    }
}
