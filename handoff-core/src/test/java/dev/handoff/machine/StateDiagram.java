package dev.handoff.machine;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The table of legality as a Mermaid diagram. To stay readable it draws one arrow between two states, draws an arrow that
 * both phases of HUMAN_HANDOFF have from the whole of it, takes ends that are reached alike for one, and leaves loops out
 * unless the holder or the queue may change on them.
 */
final class StateDiagram {
    private static final String HUMAN_HANDOFF = "HUMAN_HANDOFF";
    private static final Set<State> PHASES = EnumSet.of(State.WAITING_AGENT, State.ASSIGNED);
    private static final Set<Class<? extends Command>> LOOPS_OF_INTEREST =
            Set.of(Command.TakeOver.class, Command.TransferToAgent.class, Command.TransferToQueue.class);

    private record Ends(String from, String to) {}

    private final Map<Ends, Set<String>> arrows = new LinkedHashMap<>();
    private final Map<State, String> names = new LinkedHashMap<>();

    private StateDiagram(List<Legality.Row> rows) {
        nameStates(rows);
        for (Legality.Row row : rows) {
            for (State to : row.to()) {
                boolean loop = row.from() == to;
                if (!loop || LOOPS_OF_INTEREST.contains(row.command())) {
                    String from = leavesFromBothPhases(row, to, rows)
                            ? HUMAN_HANDOFF
                            : row.from().name();
                    arrows.computeIfAbsent(new Ends(from, names.get(to)), ends -> new LinkedHashSet<>())
                            .add(Command.labelOf(row.command()));
                }
            }
        }
    }

    static String of(List<Legality.Row> rows) {
        return new StateDiagram(rows).mermaid();
    }

    /** Ends that the same commands reach from the same states share a name. */
    private void nameStates(List<Legality.Row> rows) {
        Map<Set<String>, List<State>> alike = new LinkedHashMap<>();
        for (State state : State.values()) {
            Set<String> ways = state.isEnd()
                    ? rows.stream()
                            .filter(row -> row.to().contains(state))
                            .map(row -> row.from() + " " + row.command())
                            .collect(Collectors.toSet())
                    : Set.of(state.name());
            alike.computeIfAbsent(ways, way -> new ArrayList<>()).add(state);
        }
        alike.values()
                .forEach(group -> group.forEach(state ->
                        names.put(state, group.stream().map(State::name).collect(Collectors.joining("_or_")))));
    }

    private static boolean leavesFromBothPhases(Legality.Row row, State to, List<Legality.Row> rows) {
        return PHASES.contains(row.from())
                && !PHASES.contains(to)
                && PHASES.stream()
                        .allMatch(phase -> rows.stream()
                                .anyMatch(other -> other.from() == phase
                                        && other.command() == row.command()
                                        && other.to().contains(to)));
    }

    private String mermaid() {
        List<String> lines = new ArrayList<>();
        lines.add("stateDiagram-v2");
        lines.add("    [*] --> PENDING : open");
        lines.add("    [*] --> PROGRESS : receive");
        lines.add("    state " + HUMAN_HANDOFF + " {");
        arrows.forEach((ends, labels) -> {
            if (isPhase(ends.from()) && isPhase(ends.to())) {
                lines.add("    " + arrow(ends, labels));
            }
        });
        lines.add("    }");
        arrows.forEach((ends, labels) -> {
            if (!(isPhase(ends.from()) && isPhase(ends.to()))) {
                lines.add(arrow(ends, labels));
            }
        });
        names.forEach((state, name) -> {
            String toNowhere = "    " + name + " --> [*]";
            if (state.isEnd() && !lines.contains(toNowhere)) {
                lines.add(toNowhere);
            }
        });
        return String.join("\n", lines);
    }

    private static boolean isPhase(String name) {
        return PHASES.stream().anyMatch(phase -> phase.name().equals(name));
    }

    private static String arrow(Ends ends, Set<String> labels) {
        return "    " + ends.from() + " --> " + ends.to() + " : " + String.join(", ", labels);
    }
}
