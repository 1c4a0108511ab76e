package dev.handoff.twilio.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.Message;
import com.twilio.type.PhoneNumber;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.twilio.TwilioChannel;
import dev.handoff.twilio.TwilioRequest;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.TwilioWebhook;
import dev.handoff.twilio.TwilioWebhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FakeTwilioTest {

    private static final String PUBLIC = "https://bot.example.com";

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioSettings settings = twilio.settings(PUBLIC).build();
    private final TwilioChannel channel = TwilioChannel.of(settings);
    private final TwilioWebhooks webhooks = TwilioWebhooks.of(settings);
    private final List<TwilioWebhook> arrived = new CopyOnWriteArrayList<>();
    private LoopbackServer host;

    @BeforeEach
    void startHost() throws IOException {
        host = new LoopbackServer(0, request -> {
            TwilioWebhook webhook = webhooks.verifyAndParse(new TwilioRequest(
                    settings.publicUrlOf(request.target()),
                    request.body(),
                    request.header("content-type"),
                    request.header("x-twilio-signature")));
            arrived.add(webhook);
            if (webhook instanceof TwilioWebhook.Refused refused) {
                return new LoopbackServer.Reply(refused.kind().httpStatus(), Map.of(), new byte[0]);
            }
            return new LoopbackServer.Reply(
                    200,
                    Map.of("Content-Type", TwilioWebhooks.TWIML_CONTENT_TYPE),
                    TwilioWebhooks.EMPTY_TWIML.getBytes(StandardCharsets.UTF_8));
        });
        twilio.reaches(PUBLIC, "http://localhost:" + host.port());
    }

    @AfterEach
    void stop() throws IOException {
        twilio.close();
        host.close();
    }

    @Test
    void what_a_customer_writes_reaches_the_host_signed() throws Exception {
        FakeTwilio.HostAnswer answer = twilio.customerWrites(
                PUBLIC + "/webhooks/twilio#rc=5&rp=all", "whatsapp:+55", "whatsapp:+1", " olá 👍🏽 ");

        assertThat(answer).isEqualTo(new FakeTwilio.HostAnswer(200, "text/xml", "<Response/>"));
        assertThat(arrived).singleElement().isInstanceOfSatisfying(TwilioWebhook.Inbound.class, inbound -> {
            assertThat(inbound.message().content().text()).isEqualTo(" olá 👍🏽 ");
            assertThat(inbound.message().address().inbox()).isEqualTo("whatsapp:+1");
        });
    }

    @Test
    void a_forged_webhook_is_refused() throws Exception {
        Map<String, String> parameters = twilio.inboundParameters("whatsapp:+55", "whatsapp:+1", "olá");

        assertThat(twilio.post(PUBLIC + "/webhooks/twilio", parameters, "forged")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void a_delivery_reaches_the_host_with_the_ids_of_the_send() throws Exception {
        OutboundMessage message = send("oi");
        String sid = twilio.messages().get(0).sid();

        twilio.deliver(sid, "delivered");
        twilio.deliver(sid, "failed", 63016);

        assertThat(arrived).hasSize(2);
        assertThat(arrived.get(0)).isInstanceOfSatisfying(TwilioWebhook.Status.class, status -> {
            assertThat(status.update().status()).isEqualTo(DeliveryStatus.DELIVERED);
            assertThat(status.update().message()).isEqualTo(message.id());
            assertThat(status.update().attemptToken()).isEqualTo(message.attemptToken());
            assertThat(status.update().providerMessageId()).isEqualTo(sid);
        });
        assertThat(arrived.get(1)).isInstanceOfSatisfying(TwilioWebhook.Status.class, status -> {
            assertThat(status.update().status()).isEqualTo(DeliveryStatus.FAILED);
            assertThat(status.update().error()).contains("63016");
        });
    }

    @Test
    void the_sdk_reads_its_messages_and_lists() {
        for (int i = 0; i < 5; i++) {
            send("message " + i);
        }
        twilio.becomes(twilio.messages().get(1).sid(), "sent", null);
        TwilioRestClient sdk = sdk();

        Message fetched = Message.fetcher(twilio.messages().get(0).sid()).fetch(sdk);
        List<String> listed = new CopyOnWriteArrayList<>();
        Message.reader()
                .setTo(new PhoneNumber("whatsapp:+55"))
                .setPageSize(2L)
                .read(sdk)
                .forEach(message -> listed.add(message.getBody()));
        List<String> dated = new CopyOnWriteArrayList<>();
        Message.reader()
                .setDateSentAfter(fetched.getDateCreated().minusMinutes(1))
                .read(sdk)
                .forEach(message -> dated.add(message.getBody()));

        assertThat(fetched.getStatus()).isEqualTo(Message.Status.QUEUED);
        assertThat(fetched.getDateSent()).isNull();
        assertThat(listed).containsExactly("message 4", "message 3", "message 2", "message 1", "message 0");
        assertThat(dated).containsExactly("message 1");
    }

    @Test
    void answers_are_given_in_order_first_those_for_the_recipient() {
        twilio.answers(Answer.status(500), Answer.status(400));
        twilio.answersTo("whatsapp:+55", Answer.status(429));
        for (int i = 0; i < 4; i++) {
            send("oi");
        }

        assertThat(twilio.sendRequests()).hasSize(4);
        assertThat(twilio.messages()).hasSize(1);
    }

    @Test
    void messages_that_are_still_under_way_are_awaited_but_not_for_ever() throws Exception {
        var sender = Executors.newSingleThreadExecutor();
        try {
            sender.execute(() -> send("oi"));
            assertThat(twilio.awaitMessages(1, Duration.ofSeconds(10))).hasSize(1);
        } finally {
            sender.shutdownNow();
        }
        assertThatThrownBy(() -> twilio.awaitMessages(2, Duration.ofMillis(20)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 of 2");
    }

    @Test
    void requests_are_recorded_as_they_came_whatever_became_of_them() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(twilio.baseUrl() + "/2010-04-01/Accounts/"
                                        + FakeTwilio.ACCOUNT_SID + "/Messages.json"))
                                .POST(HttpRequest.BodyPublishers.ofString("To=%2B1&MediaUrl=a&MediaUrl=b"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(twilio.requests()).singleElement().satisfies(recorded -> {
            assertThat(recorded.parameter("To")).isEqualTo("+1");
            assertThat(recorded.form()).containsEntry("MediaUrl", List.of("a", "b"));
        });
    }

    @Test
    void it_may_be_given_the_port_that_a_host_was_configured_with() {
        int port = URI.create(twilio.baseUrl()).getPort();

        assertThatThrownBy(() -> FakeTwilio.start(port, "AC1", "token"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("port " + port);
        twilio.close();
        try (FakeTwilio again = FakeTwilio.start(port, "AC1", "token")) {
            assertThat(again.baseUrl()).isEqualTo(twilio.baseUrl());
        }
    }

    @Test
    void closing_leaves_no_thread_and_no_connection_though_an_answer_is_under_way() throws Exception {
        int port = URI.create(twilio.baseUrl()).getPort();
        twilio.answersAlways(Answer.accepted().after(Duration.ofMinutes(10)));
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread sender = new Thread(() -> send("oi"));
            sender.start();
            twilio.awaitMessages(1, Duration.ofSeconds(10));

            twilio.close();

            for (Thread leaving : threadsNamed("fake-twilio-" + port)) {
                leaving.join(10_000);
            }
            assertThat(threadsNamed("fake-twilio-" + port)).isEmpty();
            silent.setSoTimeout(10_000);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            sender.join(10_000);
            assertThat(sender.isAlive()).isFalse();
        }
    }

    @Test
    void many_fakes_that_call_webhooks_need_no_more_threads_than_one() throws Exception {
        Map<String, String> parameters = twilio.inboundParameters("whatsapp:+55", "whatsapp:+1", "oi");
        twilio.post(PUBLIC + "/webhooks/twilio", parameters);
        int before = threadsNamed("HttpClient-").size();

        List<FakeTwilio> held = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            FakeTwilio another = FakeTwilio.start();
            held.add(another);
            another.post("http://localhost:" + host.port(), parameters);
            another.close();
        }

        assertThat(threadsNamed("HttpClient-")).hasSizeLessThan(before + held.size());
    }

    @ParameterizedTest
    @CsvSource({"GET, ?Page=x, ''", "GET, ?DateSent=yesterday, ''", "GET, ?To=%zz, ''", "POST, '', To=%zz"})
    void what_it_cannot_read_is_refused_and_not_cut_off(String method, String query, String form) throws Exception {
        assertThat(call(method, query, form)).startsWith("HTTP/1.1 400").contains("cannot be read");
        assertThat(twilio.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/status", "ftp://bot.example.com/status", "https://a b/status", "https:///status"})
    void a_callback_that_nobody_could_call_is_refused_as_twilio_refuses_it(String callback) throws Exception {
        String form = "To=%2B55&From=%2B1&Body=oi&StatusCallback=";

        assertThat(call("POST", "", form + URLEncoder.encode(callback, StandardCharsets.UTF_8)))
                .startsWith("HTTP/1.1 400")
                .contains("21609");
        assertThat(twilio.messages()).isEmpty();
    }

    /** On a bare socket, since clients refuse to send what cannot be read. */
    private String call(String method, String query, String form) throws IOException {
        String credentials = FakeTwilio.ACCOUNT_SID + ":" + FakeTwilio.AUTH_TOKEN;
        String request = String.join(
                "\r\n",
                method + " /2010-04-01/Accounts/" + FakeTwilio.ACCOUNT_SID + "/Messages.json" + query + " HTTP/1.1",
                "Authorization: Basic "
                        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)),
                "Content-Length: " + form.length(),
                "Connection: close",
                "",
                form);
        int port = URI.create(twilio.baseUrl()).getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<Thread> threadsNamed(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .toList();
    }

    private OutboundMessage send(String text) {
        OutboundMessage message = new OutboundMessage(
                new MessageId(new ConversationId("default", UUID.randomUUID()), 1),
                UUID.randomUUID(),
                1,
                new ConversationAddress("default", "twilio", "whatsapp:+1", "whatsapp:+55"),
                MessageOwner.BOT,
                Content.text(text),
                Instant.now());
        channel.send(message);
        return message;
    }

    /** The SDK with its own HTTP client, as hosts have it, sent to the fake by the one hook that it offers. */
    private TwilioRestClient sdk() {
        return new TwilioRestClient.Builder(twilio.accountSid(), twilio.authToken())
                .httpClient(new com.twilio.http.NetworkHttpClient() {
                    @Override
                    public com.twilio.http.@Nullable Response makeRequest(com.twilio.http.Request request) {
                        String url =
                                request.constructURL().toString().replace("https://api.twilio.com", twilio.baseUrl());
                        HttpRequest get = HttpRequest.newBuilder(URI.create(url))
                                .header("Authorization", request.getAuthString())
                                .build();
                        try {
                            HttpResponse<String> answer =
                                    HttpClient.newHttpClient().send(get, HttpResponse.BodyHandlers.ofString());
                            return new com.twilio.http.Response(
                                    answer.body(), answer.statusCode(), new org.apache.hc.core5.http.Header[0]);
                        } catch (IOException | InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                })
                .build();
    }
}
