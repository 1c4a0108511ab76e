package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.handoff.model.Conversation;
import dev.handoff.model.Message;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult.AlreadyDone;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.testkit.Draft;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.statement.HashPrefixSqlParser;
import org.jdbi.v3.core.statement.MessageFormatTemplateEngine;
import org.jdbi.v3.core.statement.SqlStatements;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hosts that configure their Jdbi their own way, and content that a database would rather not have. */
class UnusualHostsTest {

    @ParameterizedTest
    @EnumSource
    void the_hosts_own_parser_template_engine_and_arguments_do_not_matter(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect)) {
            Jdbi jdbi = database.jdbi();
            jdbi.getConfig(SqlStatements.class)
                    .setTemplateEngine(new MessageFormatTemplateEngine())
                    .setSqlParser(new HashPrefixSqlParser());
            jdbi.registerArgument(new InstantAsNumber());
            JdbiConversationStore store = database.migrated().store();

            Conversation opened = Samples.opened(store, "c1");

            assertThat(store.conversation(opened.id())).contains(opened);
            assertThat(store.messages(opened.id(), 0, 10)).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_pool_of_one_that_leaves_autocommit_off_loses_nothing_and_is_enough(Dialect dialect) {
        String url = dialect == Dialect.H2 ? "jdbc:h2:mem:autocommit" : PostgresServers.jdbcUrl(PostgresServers.NEWEST);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setAutoCommit(false);
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(5_000);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            JdbiConversationStore store = JdbiConversationStore.on(Jdbi.create(pool));
            store.schema().migrate();
            Draft draft = Draft.opening(Samples.address("c1"), store.now()).says(MessageOwner.BOT, "hi");
            ChangeSet change = draft.done();
            store.commit(List.of(change));

            assertThat(store.claimPermits(PermitRequest.upTo(1, Duration.ofMinutes(1))))
                    .hasSize(1);

            assertThat(store.claimPermits(PermitRequest.upTo(1, Duration.ofMinutes(1))))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_processs_time_zone_does_not_matter(Dialect dialect) {
        TimeZone before = TimeZone.getDefault();
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            TimeZone.setDefault(TimeZone.getTimeZone("America/Sao_Paulo"));
            Conversation opened = Samples.opened(database.store(), "c1");
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));

            assertThat(database.store().conversation(opened.id())).contains(opened);
        } finally {
            TimeZone.setDefault(before);
        }
    }

    /** Rounded up, it would be later than a moment that a host has read after it. */
    @ParameterizedTest
    @EnumSource
    void a_moment_between_two_microseconds_is_kept_as_the_one_before(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            JdbiConversationStore store = database.store();
            Instant moment = Instant.parse("2031-03-04T05:06:07.123456Z");
            ChangeSet opening = Draft.opening(Samples.address("c1"), moment.plusNanos(999))
                    .hears("hello")
                    .done();
            store.commit(List.of(opening));
            store.commit(List.of(Draft.of(opening.next(), moment.plusNanos(1999))
                    .hears("again")
                    .done()));

            Conversation kept = store.conversation(opening.next().id()).orElseThrow();
            assertThat(kept.createdAt()).isEqualTo(moment);
            assertThat(kept.updatedAt()).isEqualTo(moment.plusNanos(1000));
            assertThat(store.messages(kept.id(), 0, 10))
                    .extracting(Message::createdAt)
                    .containsExactly(moment, moment.plusNanos(1000));
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_cannot_be_stored_of_what_a_provider_says_does_not_cost_the_result(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            JdbiConversationStore store = database.store();
            ChangeSet change = Draft.opening(Samples.address("c1"), store.now())
                    .says(MessageOwner.BOT, "hi")
                    .done();
            store.commit(List.of(change));
            var permit = store.claimPermits(PermitRequest.upTo(1, Duration.ofMinutes(1)))
                    .get(0)
                    .message();

            store.recordResults(List.of(new AttemptResult(
                    permit.id(), permit.attemptToken(), new AttemptResult.Verdict.Dead("bad\0answer\uD800"))));

            assertThat(store.message(permit.id()).orElseThrow().error()).isEqualTo("bad\uFFFDanswer\uFFFD");
        }
    }

    @ParameterizedTest
    @EnumSource
    void names_that_no_index_could_hold_are_names_all_the_same(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            JdbiConversationStore store = database.store();
            String endless = UUID.randomUUID().toString().repeat(400);
            ChangeSet opening = Draft.opening(Samples.address(endless), store.now())
                    .hears("hello")
                    .once(Samples.inbound(endless))
                    .done();

            assertThat(store.commit(List.of(opening)).get(0)).isInstanceOf(Committed.class);
            assertThat(store.commit(List.of(opening)).get(0)).isInstanceOf(AlreadyDone.class);
            assertThat(store.conversation(opening.next().id())).contains(opening.next());
        }
    }

    @Test
    void a_database_that_is_not_there_is_told_as_a_store_that_is_not_available() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://localhost:1/nowhere");
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(250);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            JdbiConversationStore store = JdbiConversationStore.on(Jdbi.create(pool));

            assertThatThrownBy(store::now)
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("did not answer");
        }
    }

    @Test
    void building_a_store_touches_nothing() {
        Jdbi unusable = Jdbi.create(() -> {
            throw new AssertionError("a connection was asked for");
        });

        assertThat(JdbiConversationStore.on(unusable)).isNotNull();
        assertThat(JdbiSchema.of(unusable).scripts(Dialect.H2)).isNotEmpty();
    }

    private static final class InstantAsNumber extends AbstractArgumentFactory<Instant> {
        InstantAsNumber() {
            super(Types.BIGINT);
        }

        @Override
        protected Argument build(Instant value, ConfigRegistry config) {
            return (position, statement, context) -> statement.setLong(position, value.toEpochMilli());
        }
    }
}
