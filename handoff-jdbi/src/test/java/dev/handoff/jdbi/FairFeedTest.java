package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.testkit.Draft;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FairFeedTest {

    @ParameterizedTest
    @EnumSource
    void a_tenant_with_much_to_tell_does_not_keep_the_others_waiting(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            JdbiConversationStore store = database.store();
            for (int i = 0; i < 40; i++) {
                open(store, "busy", "c" + i);
            }
            open(store, "quiet", "c");

            int moved = store.sequenceFeed(10);

            assertThat(moved).isEqualTo(10);
            assertThat(store.feed("quiet", 0, 10)).hasSize(2);
            assertThat(store.feed("busy", 0, 100)).hasSize(8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void when_there_are_more_tenants_than_places_those_who_waited_longest_come_first(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            JdbiConversationStore store = database.store();
            for (String tenant : List.of("zeta", "alpha", "mid")) {
                open(store, tenant, "c");
            }

            assertThat(store.sequenceFeed(2)).isEqualTo(2);

            assertThat(store.feedEnd("zeta")).isEqualTo(1);
            assertThat(store.feedEnd("alpha")).isEqualTo(1);
            assertThat(store.feedEnd("mid")).isZero();
        }
    }

    private static void open(JdbiConversationStore store, String tenant, String customer) {
        store.commit(List.of(Draft.opening(Samples.address(tenant, customer), store.now())
                .hears("hello")
                .done()));
    }
}
