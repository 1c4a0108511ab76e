package dev.handoff.simulation;

import dev.handoff.machine.CommandResult;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.store.ChangeSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A history as a person reads it, with a cross where an invariant broke. Ids are named in the order of their mention. */
final class Story {
    private final Names names = new Names();

    private Story() {}

    static String of(Simulation.Run run) {
        Story story = new Story();
        StringBuilder text = new StringBuilder();
        List<History.Entry> entries = run.history().entries();
        for (int i = 0; i < entries.size(); i++) {
            History.Entry entry = entries.get(i);
            text.append(String.format(
                    "%9.3f s  %s%n",
                    entry.nanos() / (double) TimeUnit.SECONDS.toNanos(1),
                    story.line(entry.fact()).replace("\n", "\n             ")));
            int place = i;
            run.breaches().stream()
                    .filter(breach -> breach.entry() == place)
                    .forEach(breach ->
                            text.append("         ✗   ").append(breach).append('\n'));
        }
        run.breaches().stream()
                .filter(breach -> breach.entry() >= entries.size())
                .forEach(breach -> text.append("         ✗   ").append(breach).append('\n'));
        if (run.failure() != null) {
            text.append("         ✗   ").append(run.failure()).append('\n');
        }
        return text.toString();
    }

    private String line(Fact fact) {
        if (fact instanceof Fact.Committed committed) {
            return "node " + committed.node() + "  commits " + change(committed.change())
                    + (committed.inFlight().isEmpty()
                            ? ""
                            : ", in flight "
                                    + committed.inFlight().stream()
                                            .map(names::of)
                                            .collect(Collectors.joining(" ")));
        } else if (fact instanceof Fact.Submitted submitted) {
            return "node " + submitted.node() + "  asks to commit "
                    + submitted.changes().size() + " together";
        } else if (fact instanceof Fact.TurnedDown refused) {
            return "node " + refused.node() + "  is told that "
                    + names.of(refused.change().next().id()) + " does not become v"
                    + refused.change().next().version();
        } else if (fact instanceof Fact.Permitted permitted) {
            return "node " + permitted.node() + "  may send "
                    + names.of(permitted.message().id()) + " ("
                    + names.ofAttempt(permitted.message().attemptToken()) + ")";
        } else if (fact instanceof Fact.Requested requested) {
            return "node " + requested.node() + "  sends "
                    + names.of(requested.message().id()) + " ("
                    + names.ofAttempt(requested.message().attemptToken()) + ")" + (requested.late() ? ", late" : "");
        } else if (fact instanceof Fact.Accepted accepted) {
            return "provider takes " + names.of(accepted.message().id()) + " as " + accepted.providerId()
                    + (accepted.late() ? ", late" : "");
        } else if (fact instanceof Fact.Refused refused) {
            return "provider refuses " + names.of(refused.message().id()) + " for good: " + refused.reason();
        } else if (fact instanceof Fact.Recorded recorded) {
            return "node " + recorded.node() + "  records of "
                    + names.of(recorded.result().id()) + " ("
                    + names.ofAttempt(recorded.result().token()) + "): "
                    + recorded.result().verdict();
        } else if (fact instanceof Fact.Reported reported) {
            return "node " + reported.node() + "  hears that "
                    + reported.update().providerMessageId() + " is "
                    + reported.update().status();
        } else if (fact instanceof Fact.Acknowledged webhook) {
            return "node " + webhook.node() + "  acknowledges " + webhook.providerMessageId();
        } else if (fact instanceof Fact.Answered answered) {
            return "node " + answered.node() + "  answers " + answered.command().actor() + "'s "
                    + answered.command().label() + " of " + names.of(answered.id())
                    + (answered.guard().epoch() == null
                            ? ""
                            : " on epoch " + answered.guard().epoch())
                    + (answered.guard().commandId() == null
                            ? ""
                            : " as " + answered.guard().commandId())
                    + ": " + result(answered.result());
        } else if (fact instanceof Fact.Retried retried) {
            return "node " + retried.node() + "  is asked to send " + names.of(retried.id()) + " again: "
                    + retried.decision();
        } else if (fact instanceof Fact.FeedRead page) {
            return "reader " + page.reader() + " of " + page.tenant() + " hears of "
                    + page.entries().stream()
                            .map(next -> next.cursor() + " " + event(next.event()))
                            .collect(Collectors.joining("; "));
        } else if (fact instanceof Fact.Ended ended) {
            return ended(ended);
        }
        return ((Fact.Happened) fact).what();
    }

    private String change(ChangeSet change) {
        return brief(change.next()) + ": "
                + change.events().stream().map(this::event).collect(Collectors.joining("; "))
                + change.messages().stream()
                        .map(message -> "\n" + message(message))
                        .collect(Collectors.joining());
    }

    private String brief(Conversation conversation) {
        return names.of(conversation.id()) + " v" + conversation.version() + " epoch " + conversation.epoch() + " "
                + conversation.status() + " with " + conversation.holder();
    }

    private String event(Event event) {
        Map<String, String> data = new TreeMap<>(event.data());
        data.remove("messageId");
        return event.type().name().toLowerCase(Locale.ROOT) + data;
    }

    private String message(Message message) {
        Content content = message.content();
        return names.of(message.id()) + " " + message.owner() + " " + message.direction() + " “" + content.text() + "”"
                + (message.delivery() == null ? "" : " " + message.delivery())
                + (message.error() == null ? "" : " (" + message.error() + ")");
    }

    private String result(CommandResult result) {
        if (result instanceof CommandResult.Done done) {
            return "done, " + brief(done.conversation());
        } else if (result instanceof CommandResult.Refused refused) {
            return "refused, " + refused.reason().detail();
        }
        return "no such conversation";
    }

    private String ended(Fact.Ended ended) {
        return "in the end, " + brief(ended.conversation())
                + ended.messages().stream()
                        .map(message -> "\n" + message(message))
                        .collect(Collectors.joining());
    }
}
