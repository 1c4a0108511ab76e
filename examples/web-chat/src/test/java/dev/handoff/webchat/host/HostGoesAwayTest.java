package dev.handoff.webchat.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host goes away in the middle of everything and comes back on the same database. */
class HostGoesAwayTest {
    private static final int TIMES = 4;

    @TempDir
    private Path folder;

    private int port;
    private Map<String, String> settings;

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        settings = Map.of(
                "HANDOFF_PORT",
                String.valueOf(port),
                "HANDOFF_JDBC_URL",
                "jdbc:h2:file:" + folder.resolve("webchat"),
                "WEBCHAT_AGENT_TOKEN",
                Desk.TOKEN);
    }

    @Test
    void nothing_is_lost_and_nothing_comes_twice_while_it_is_closed_and_built_again() throws Exception {
        WebChatHost[] host = {started()};
        try (Talk talk = new Talk(port)) {
            for (int i = 0; i < TIMES; i++) {
                talk.awaitMore(3);
                host[0].close();
                host[0] = started();
            }
            talk.endAndJudge();
        } finally {
            host[0].close();
        }
    }

    @Test
    void nothing_is_lost_and_nothing_comes_twice_while_its_process_is_killed() throws Exception {
        try (HostProcess host = new HostProcess(settings, folder.resolve("host.log"))) {
            host.start();
            try (Talk talk = new Talk(port)) {
                for (int i = 0; i < TIMES; i++) {
                    talk.awaitMore(3);
                    host.kill();
                    host.start();
                }
                talk.endAndJudge();
            }
        }
    }

    private WebChatHost started() {
        WebChatHost host = new WebChatHost(HostSettings.from(settings));
        host.start();
        return host;
    }

    /** A visitor who writes one message after the other, and each again until it is acknowledged. */
    private static final class Talk implements AutoCloseable {
        private final Widget visitor;
        private final List<String> acknowledged = new ArrayList<>();
        private final AtomicBoolean ending = new AtomicBoolean();
        private final Thread thread = new Thread(this::talk, "talk");

        Talk(int port) {
            visitor = Widget.newVisitor(port);
            thread.start();
        }

        private void talk() {
            for (int i = 0; !ending.get(); i++) {
                String id = UUID.randomUUID().toString();
                String text = "pergunta " + i;
                Await.until("'" + text + "' is acknowledged", () -> {
                    sendUntilAnswered(id, text);
                    return visitor.isStored(id);
                });
                synchronized (acknowledged) {
                    acknowledged.add(text);
                }
            }
        }

        /** As the widget does: on a new socket where the old one is gone, under the same id. */
        private void sendUntilAnswered(String id, String text) throws InterruptedException {
            if (visitor.isGone()) {
                visitor.connect();
            }
            int before = visitor.answers().size();
            visitor.says(id, text);
            long end = System.nanoTime() + 2_000_000_000L;
            while (!visitor.isStored(id) && !visitor.isGone() && System.nanoTime() < end) {
                Thread.sleep(visitor.answers().size() == before ? 5 : 500);
                before = visitor.answers().size();
            }
        }

        void awaitMore(int messages) {
            int enough = count() + messages;
            Await.until(messages + " more messages", () -> count() >= enough);
        }

        private int count() {
            synchronized (acknowledged) {
                return acknowledged.size();
            }
        }

        void endAndJudge() throws InterruptedException {
            ending.set(true);
            thread.join();
            List<String> asked = acknowledged;
            Await.until("all are answered", () -> {
                if (visitor.isGone()) {
                    visitor.connect();
                }
                return lines("bot: echo: ").size() >= asked.size();
            });
            assertThat(lines("customer: ")).isEqualTo(asked);
            assertThat(lines("bot: echo: ")).containsExactlyElementsOf(asked);
            assertThat(visitor.places())
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, visitor.places().size())
                                    .boxed()
                                    .toList());
            assertThat(asked)
                    .isEqualTo(IntStream.range(0, asked.size())
                            .mapToObj(i -> "pergunta " + i)
                            .toList());
        }

        /** What was said so; the bot answers several messages in several lines of one. */
        private List<String> lines(String beginning) {
            return visitor.shown().stream()
                    .filter(line -> line.startsWith(beginning))
                    .flatMap(
                            line -> Stream.of(line.substring(beginning.length()).split("\n")))
                    .toList();
        }

        @Override
        public void close() {
            ending.set(true);
            visitor.close();
        }
    }
}
