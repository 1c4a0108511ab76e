package dev.handoff.jdbi;

import dev.handoff.channel.SilentMessage;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.Snapshot;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The store inside the host's transaction. Workers have no business here: a permit that is not committed is none, and a
 * claim would be held for as long as the host pleases.
 */
final class JoinedStore extends RoomsStore {
    private final Rooms rooms;

    JoinedStore(Rooms rooms) {
        this.rooms = rooms;
    }

    @Override
    Rooms rooms() {
        return rooms;
    }

    @Override
    public void verify() {
        throw notHere("verify");
    }

    @Override
    public List<ChangeSet> sweep(int limit, Function<Snapshot, Optional<ChangeSet>> decide) {
        throw notHere("sweep");
    }

    @Override
    public List<BotWork> claimBotTurns(int limit, Duration lease) {
        throw notHere("claimBotTurns");
    }

    @Override
    public void renewBotTurns(Collection<BotWork> turns, Duration lease) {
        throw notHere("renewBotTurns");
    }

    @Override
    public List<OutboundPermit> claimPermits(PermitRequest request) {
        throw notHere("claimPermits");
    }

    @Override
    public void recordContacts(List<SenderContact> contacts) {
        throw notHere("recordContacts");
    }

    @Override
    public void recordResults(List<AttemptResult> results) {
        throw notHere("recordResults");
    }

    @Override
    public List<SilentMessage> claimSilent(int limit, Duration silence) {
        throw notHere("claimSilent");
    }

    @Override
    public int expireLeases(int limit) {
        throw notHere("expireLeases");
    }

    @Override
    public List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease) {
        throw notHere("claimUnresolved");
    }

    @Override
    public int sequenceFeed(int limit) {
        throw notHere("sequenceFeed");
    }

    private static UnsupportedOperationException notHere(String work) {
        return new UnsupportedOperationException(
                work + " is a worker's step and commits by itself; it cannot run in a transaction of the host's");
    }
}
