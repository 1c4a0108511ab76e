package dev.handoff.runner.e2e;

import java.util.List;

/** What the runners of a cluster keep everything in. Closing it ends its servers and removes their data. */
interface ClusterDatabase extends AutoCloseable {
    /** Where its servers listen: one, or several of which one is the primary. */
    List<Integer> ports();

    /** Makes a database of this name. */
    void create(String database);

    @Override
    void close();
}
