package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.runner.Service.Answer;
import dev.handoff.runner.storage.Storage;
import dev.handoff.store.ConversationStore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReadinessTest {

    /** A database that can be switched off, before the start or later. */
    private static final class FlakyStorage implements Storage {
        private final Storage memory = new MemoryStorage();
        private final AtomicBoolean there = new AtomicBoolean();

        @Override
        public ConversationStore store() {
            return memory.store();
        }

        @Override
        public void prepare() {
            if (!there.get()) {
                throw new NotYetException("nobody listens", new IllegalStateException());
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
            assertThat(refused.response().headers().firstValue("Retry-After")).isPresent();

            storage.there.set(true);
            service.serve();
            assertThat(service.get(null, "/readyz").status()).isEqualTo(200);
            assertThat(service.get(ANA, "/api/conversations").status()).isEqualTo(200);
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
}
