package dev.handoff.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.Structured.Choice;
import dev.handoff.model.Structured.Form;
import dev.handoff.model.Structured.Location;
import dev.handoff.model.Structured.Referral;
import dev.handoff.model.Structured.Reply;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StructuredTest {

    static Stream<Structured> all() {
        return Stream.of(
                new Choice("yes", "Sim", "MM1"),
                new Choice(null, "", null),
                new Location(-23.561399, -46.656178, "MASP", "Av. Paulista"),
                new Location(0.00001, 180, null, null),
                new Form("{\"a\":1}"),
                new Reply("MM1"),
                new Referral("1", "https://a.example", "Hi", "there"),
                new Referral(null, null, "Hi", null));
    }

    @ParameterizedTest
    @MethodSource("all")
    void what_is_written_into_fields_is_read_back(Structured structured) {
        Map<String, String> joined = Structured.joined(Map.of("Body", "oi"), List.of(structured));

        assertThat(Structured.in(joined)).containsExactly(structured);
        assertThat(Structured.without(joined)).isEqualTo(Map.of("Body", "oi"));
    }

    @Test
    void several_in_one_message_are_all_found() {
        List<Structured> several = List.of(new Choice("a", "A", null), new Referral("1", null, null, null));

        assertThat(Structured.in(Structured.joined(Map.of(), several))).isEqualTo(several);
    }

    @Test
    void fields_that_make_no_sense_are_nothing() {
        assertThat(Structured.in(Map.of(
                        "structured.location.latitude", "north",
                        "structured.location.longitude", "1",
                        "structured.choice.id", "without a title",
                        "structured.unheard", "of")))
                .isEmpty();
    }

    @Test
    void a_place_is_on_earth() {
        assertThatThrownBy(() -> new Location(90.1, 0, null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Location(0, Double.NaN, null, null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_place_without_a_name_is_told_by_its_coordinates() {
        assertThat(new Location(0.00001, -46.5, " ", null).words()).isEqualTo("(0.000010, -46.5)");
    }
}
