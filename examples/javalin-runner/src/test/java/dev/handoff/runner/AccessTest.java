package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.runner.Service.Answer;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    private static final String UNKNOWN = "00000000-0000-7000-8000-000000000000";

    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/conversations",
        "GET, /api/queue",
        "GET, /api/conversations/" + UNKNOWN,
        "GET, /api/conversations/" + UNKNOWN + "/messages",
        "POST, /api/conversations/" + UNKNOWN + "/messages",
        "POST, /api/conversations/" + UNKNOWN + "/handoff",
        "POST, /api/conversations/" + UNKNOWN + "/assign",
        "POST, /api/conversations/" + UNKNOWN + "/takeover",
        "POST, /api/conversations/" + UNKNOWN + "/transfer",
        "POST, /api/conversations/" + UNKNOWN + "/release",
        "POST, /api/conversations/" + UNKNOWN + "/close",
        "POST, /api/conversations/" + UNKNOWN + "/notes",
        "GET, /api/agents/me",
        "PUT, /api/agents/me",
        "GET, /api/outbound/dead",
        "POST, /api/outbound/" + UNKNOWN + ".1/retry",
        "POST, /api/outbound/" + UNKNOWN + ".1/drop",
        "GET, /api/events",
        "POST, /api/ws-ticket",
        "GET, /simulator/messages?from=x",
        "POST, /simulator/messages",
        "GET, /metrics",
        "GET, /metrics/"
    })
    void a_stranger_gets_in_nowhere(String method, String path) {
        for (String token : new String[] {null, "", "wrong-token-0123456789", ANA + "x", ANA.toUpperCase()}) {
            Answer answer =
                    Service.send(service.request(token, path).method(method, HttpRequest.BodyPublishers.noBody()));

            assertThat(answer.status()).as(token).isEqualTo(401);
            assertThat(answer.contentType()).startsWith("application/problem+json");
            assertThat(answer.header("WWW-Authenticate")).contains("Bearer");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/customer", "/assets/console.js", "/healthz", "/readyz", "/openapi.yaml"})
    void anybody_may_see_pages_health_and_the_contract(String path) {
        assertThat(service.get(null, path).status()).isEqualTo(200);
    }

    @Test
    void a_token_in_another_scheme_is_no_token() {
        Answer answer = Service.send(service.request(null, "/api/agents/me").header("Authorization", "Basic " + ANA));

        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void the_scheme_may_be_written_in_any_case() {
        Answer answer = Service.send(service.request(null, "/api/agents/me").header("Authorization", "bearer " + ANA));

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void every_answer_carries_the_security_headers() {
        for (String path : new String[] {"/", "/api/agents/me", "/nothing-here", "/assets/console.js", "/%00"}) {
            Answer answer = service.getRaw(ANA, path);

            assertThat(answer.header("Content-Security-Policy"))
                    .hasValueSatisfying(policy -> assertThat(policy)
                            .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                            .doesNotContain("unsafe"));
            assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.header("Referrer-Policy")).contains("no-referrer");
            assertThat(answer.header("Server")).isEmpty();
        }
    }

    @Test
    void the_pages_have_nothing_inline_that_the_policy_would_stop() {
        for (String path : new String[] {"/", "/customer"}) {
            Answer page = service.get(null, path);

            assertThat(page.contentType()).startsWith("text/html");
            assertThat(page.text())
                    .doesNotContainPattern("<script(?![^>]*\\bsrc=)")
                    .doesNotContain("style=", "onclick=");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nothing", "/assets/nothing.js", "/assets/..%2Findex.html", "/api/nothing", "/webhooks/twilio"})
    void what_is_not_there_is_a_404(String path) {
        Answer answer = service.get(ANA, path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.contentType()).startsWith("application/problem+json");
        assertThat(answer.json().get("status").asInt()).isEqualTo(404);
        assertThat(answer.json().has("type")).isTrue();
        assertThat(answer.json().has("title")).isTrue();
        assertThat(answer.json().has("detail")).isTrue();
    }

    @Test
    void a_method_that_is_not_there_is_a_405_with_those_that_are() {
        Answer answer = Service.send(service.request(ANA, "/api/agents/me").DELETE());

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.contentType()).startsWith("application/problem+json");
        assertThat(answer.header("Allow"))
                .hasValueSatisfying(allowed -> assertThat(allowed).contains("GET", "PUT"));
    }

    @Test
    void the_contract_is_served_as_it_was_agreed() {
        Answer answer = service.get(null, "/openapi.yaml");

        assertThat(answer.text()).startsWith("openapi: 3.1.0").contains("/api/conversations/{id}/takeover");
    }
}
