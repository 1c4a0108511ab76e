package dev.handoff.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShrinkerTest {

    @Test
    void what_does_not_matter_goes_and_what_matters_stays() {
        int[] choices = new int[200];
        Arrays.setAll(choices, i -> 1 + i % 5);

        int[] shrunk = new Shrinker(
                        10_000,
                        tried -> Arrays.stream(tried).filter(i -> i == 5).count() >= 2)
                .shrink(choices);

        assertThat(shrunk).containsExactly(5, 5);
    }

    @Test
    void it_ends_after_as_many_runs_as_it_was_given() {
        int[] runs = {0};

        new Shrinker(20, tried -> ++runs[0] % 2 == 0).shrink(new int[1000]);

        assertThat(runs[0]).isEqualTo(20);
    }
}
