package dev.handoff.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.ReadmeBlock;
import org.junit.jupiter.api.Test;

class StateDiagramTest {

    @Test
    void the_README_shows_the_table_of_legality() throws Exception {
        ReadmeBlock.holds("state-diagram", StateDiagram.of(Legality.rows()));
    }

    @Test
    void the_diagram_shows_every_row_that_leaves_its_state() {
        String drawn = StateDiagram.of(Legality.rows());

        assertThat(Legality.rows())
                .filteredOn(row -> row.to().stream().anyMatch(to -> to != row.from()))
                .allSatisfy(row -> assertThat(drawn.lines())
                        .as(row.toString())
                        .anyMatch(line -> (line.contains(row.from() + " -->") || line.contains("HUMAN_HANDOFF -->"))
                                && line.contains(Command.labelOf(row.command()))));
    }

    @Test
    void the_diagram_can_be_taken_in_at_a_glance() {
        assertThat(StateDiagram.of(Legality.rows()).lines().filter(line -> line.contains("-->")))
                .hasSizeLessThanOrEqualTo(22);
    }
}
