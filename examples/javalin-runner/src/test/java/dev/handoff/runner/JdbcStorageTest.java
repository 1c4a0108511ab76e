package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.settings.RunnerSettings.DatabaseAddress;
import dev.handoff.runner.storage.JdbcStorage;
import dev.handoff.runner.storage.Storage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JdbcStorageTest {

    @Test
    void what_was_said_is_still_there_after_a_restart(@TempDir Path folder) {
        DatabaseAddress file = h2(folder, "");
        String customer = Service.newCustomer();
        String id;
        try (Service service = Service.listening(new JdbcStorage(file))) {
            service.serve();
            id = service.says(customer, "humano");
            service.command(ANA, id, "assign", "");
            service.command(ANA, id, "messages", "{\"text\":\"Oi!\"}");
            await(() -> service.seenBy(customer), items -> items.size() == 3);
        }

        try (Service again = Service.listening(new JdbcStorage(file))) {
            again.serve();

            assertThat(again.conversation(id).get("agentId").asText()).isEqualTo("ana");
            JsonNode seen = again.seenBy(customer);
            assertThat(seen.findValuesAsText("owner")).containsExactly("CUSTOMER", "SYSTEM", "AGENT");
            assertThat(again.get(ANA, "/api/agents/me").json().get("load").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void a_server_that_nobody_has_started_may_come_yet_and_is_told_within_seconds() throws IOException {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        DatabaseAddress address = new DatabaseAddress("jdbc:postgresql://127.0.0.1:" + nobody + "/handoff", "x", "y");
        try (Storage storage = new JdbcStorage(address)) {
            long begun = System.nanoTime();

            assertThatThrownBy(storage::prepare).isInstanceOf(Storage.NotYetException.class);
            assertThat(storage.answers()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void a_wrong_password_does_not_heal(@TempDir Path folder) {
        try (Storage storage = new JdbcStorage(h2(folder, "right"))) {
            prepared(storage);
        }
        try (Storage storage = new JdbcStorage(h2(folder, "wrong"))) {
            assertThatThrownBy(() -> prepared(storage))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot be used")
                    .hasMessageNotContaining("wrong");
        }
    }

    /** A database that is slow to open is waited for, as the process does. */
    private static void prepared(Storage storage) {
        for (int attempt = 1; ; attempt++) {
            try {
                storage.prepare();
                return;
            } catch (Storage.NotYetException notYet) {
                if (attempt == 10) {
                    throw notYet;
                }
            }
        }
    }

    private static DatabaseAddress h2(Path folder, String password) {
        return new DatabaseAddress("jdbc:h2:file:" + folder.resolve("handoff"), "sa", password);
    }
}
