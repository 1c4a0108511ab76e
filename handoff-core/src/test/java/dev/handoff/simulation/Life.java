package dev.handoff.simulation;

import java.util.ArrayList;
import java.util.List;

/** What one node does between a start and its death. Its threads may be held, as by SIGSTOP, and go on later. */
final class Life {
    final int node;
    final List<Scheduler.Task> held = new ArrayList<>();
    boolean over;
    boolean paused;

    Life(int node) {
        this.node = node;
    }

    @Override
    public String toString() {
        return "node " + node;
    }
}
