package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.runner.Service.Answer;
import dev.handoff.runner.storage.Storage;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.twilio.testing.FakeTwilio;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReadinessTest {

    /** A database that can be switched off, before the start or later; its store then says that it does not answer. */
    private static final class FlakyStorage implements Storage {
        private final Storage memory = new MemoryStorage();
        private final AtomicBoolean there = new AtomicBoolean();
        private final AtomicBoolean goesAwayOncePrepared = new AtomicBoolean();

        private final ConversationStore store = (ConversationStore) Proxy.newProxyInstance(
                ConversationStore.class.getClassLoader(),
                new Class<?>[] {ConversationStore.class},
                (proxy, method, arguments) -> {
                    if (!there.get()) {
                        throw new StoreUnavailableException("switched off", new IllegalStateException());
                    }
                    try {
                        return method.invoke(memory.store(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });

        @Override
        public ConversationStore store() {
            return store;
        }

        @Override
        public void prepare() {
            if (!there.get()) {
                throw new NotYetException("nobody listens", new IllegalStateException());
            }
            if (goesAwayOncePrepared.getAndSet(false)) {
                there.set(false);
            }
        }

        @Override
        public boolean answers() {
            return there.get();
        }

        @Override
        public void close() {}
    }

    @Test
    void before_the_database_is_there_it_lives_but_is_not_ready() {
        FlakyStorage storage = new FlakyStorage();
        try (Service service = Service.listening(storage)) {
            assertThatThrownBy(service::serve).isInstanceOf(Storage.NotYetException.class);

            assertThat(service.get(null, "/healthz").status()).isEqualTo(200);
            assertThat(service.get(null, "/readyz").status()).isEqualTo(503);
            assertThat(service.get(null, "/").status()).isEqualTo(200);
            assertThat(service.get(ANA, "/metrics").text()).contains("handoff_store_up 0");
            Answer refused = service.get(ANA, "/api/conversations");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.contentType()).startsWith("application/problem+json");
            assertThat(refused.header("Retry-After")).isPresent();

            storage.there.set(true);
            service.serve();
            assertThat(service.get(null, "/readyz").status()).isEqualTo(200);
            assertThat(service.get(ANA, "/api/conversations").status()).isEqualTo(200);
        }
    }

    @Test
    void a_database_that_goes_away_during_the_start_is_waited_for_like_one_that_is_not_there_yet() {
        FlakyStorage storage = new FlakyStorage();
        storage.there.set(true);
        storage.goesAwayOncePrepared.set(true);
        try (Service service = Service.listening(storage)) {
            assertThatThrownBy(service::serve).isInstanceOf(Storage.NotYetException.class);
            assertThat(service.get(null, "/readyz").status()).isEqualTo(503);

            storage.there.set(true);
            service.serve();
            assertThat(service.get(null, "/readyz").status()).isEqualTo(200);
        }
    }

    @Test
    void when_the_database_goes_away_it_is_not_ready_until_it_comes_back() {
        FlakyStorage storage = new FlakyStorage();
        storage.there.set(true);
        try (Service service = Service.listening(storage)) {
            service.serve();

            storage.there.set(false);
            assertThat(service.get(null, "/readyz").status()).isEqualTo(503);
            storage.there.set(true);
            assertThat(service.get(null, "/readyz").status()).isEqualTo(200);
        }
    }

    @Test
    void while_the_store_does_not_answer_everything_is_a_503_and_afterwards_all_goes_on() throws Exception {
        FlakyStorage storage = new FlakyStorage();
        storage.there.set(true);
        try (Service service = Service.listening(storage)) {
            service.serve();
            String customer = Service.newCustomer();
            String id = service.says(customer, "oi");
            // A turn that the outage cuts in the middle waits for its lease to run out, which is not what is shown
            // here.
            Service.await(() -> service.seenBy(customer), items -> items.size() == 2);

            storage.there.set(false);
            for (Answer answer : new Answer[] {
                service.get(ANA, "/api/conversations"),
                service.get(ANA, "/api/events"),
                service.get(ANA, "/api/agents/me"),
                service.command(ANA, id, "takeover", ""),
                service.post(ANA, "/simulator/messages", "{\"from\":\"x\",\"text\":\"y\"}")
            }) {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.contentType()).startsWith("application/problem+json");
            }
            assertThat(service.get(ANA, "/metrics").text()).contains("handoff_store_up 0");

            storage.there.set(true);
            service.says(customer, "de novo");
            Service.await(() -> service.seenBy(customer), items -> items.size() == 4);
        }
    }

    @Test
    void I3_a_webhook_that_was_not_stored_is_a_503_and_its_repetition_is_stored_once() throws Exception {
        FlakyStorage storage = new FlakyStorage();
        storage.there.set(true);
        try (FakeTwilio twilio = FakeTwilio.start();
                Service service = Service.listening(
                        storage,
                        "TWILIO_ACCOUNT_SID",
                        FakeTwilio.ACCOUNT_SID,
                        "TWILIO_AUTH_TOKEN",
                        FakeTwilio.AUTH_TOKEN,
                        "TWILIO_API_BASE_URL",
                        twilio.baseUrl())) {
            service.serve();
            var message = twilio.inboundParameters(Service.newCustomer(), "whatsapp:+1", "humano");
            String url = service.url() + "/webhooks/twilio";

            storage.there.set(false);
            assertThat(twilio.post(url, message).status()).isEqualTo(503);
            storage.there.set(true);
            assertThat(twilio.post(url, message).status()).isEqualTo(200);
            assertThat(twilio.post(url, message).status()).isEqualTo(200);

            assertThat(service.get(ANA, "/api/conversations").items()).hasSize(1);
        }
    }
}
