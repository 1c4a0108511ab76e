package dev.handoff.jdbi;

/** The parts of a store, working in transactions of its own or inside the host's. */
record Rooms(
        Transactions transactions,
        Sql sql,
        SnapshotReader snapshots,
        GroupCommit commits,
        DeadlineSweep sweep,
        BotTurns botTurns,
        OnceRows onceRows,
        Dispatch dispatch,
        DeliveryReports deliveryReports,
        DeadLetters deadLetters,
        SilentMessages silentMessages,
        FeedSequencer feed,
        HistoryReader history,
        RosterTable roster) {

    static Rooms in(Transactions transactions, Sql sql) {
        GroupCommit commits = new GroupCommit(transactions, sql);
        return new Rooms(
                transactions,
                sql,
                new SnapshotReader(sql),
                commits,
                new DeadlineSweep(transactions, sql, commits),
                new BotTurns(transactions, sql),
                new OnceRows(sql),
                Dispatch.on(transactions, sql),
                new DeliveryReports(transactions, sql),
                new DeadLetters(transactions, sql),
                new SilentMessages(transactions, sql),
                new FeedSequencer(transactions, sql),
                new HistoryReader(sql),
                new RosterTable(transactions, sql));
    }
}
