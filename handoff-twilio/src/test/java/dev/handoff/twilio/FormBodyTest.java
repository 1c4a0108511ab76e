package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.twilio.FormBody.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormBodyTest {

    @ParameterizedTest
    @MethodSource("dev.handoff.twilio.Payloads#all")
    void every_known_body_is_read_as_it_was_meant(Payloads.Payload payload) throws Exception {
        assertThat(parse(payload.rawBody()).byName()).isEqualTo(payload.multi());
    }

    @Test
    void order_repeated_names_and_empty_values_are_kept() throws Exception {
        assertThat(parse("b=2&a=1&b=&b=2&=x&c").parameters())
                .containsExactly(
                        new Parameter("b", "2"),
                        new Parameter("a", "1"),
                        new Parameter("b", ""),
                        new Parameter("b", "2"),
                        new Parameter("", "x"),
                        new Parameter("c", ""));
        assertThat(parse("b=2&a=1&b=").byName()).isEqualTo(Map.of("b", List.of("2", ""), "a", List.of("1")));
        assertThat(parse("b=2&a=1&b=").first("b")).isEqualTo("2");
    }

    @Test
    void plus_is_a_space_and_percent_2B_a_plus() throws Exception {
        assertThat(parse("a+b=+1%2B1%3d2=+").parameters()).containsExactly(new Parameter("a b", " 1+1=2= "));
    }

    @Test
    void empty_pairs_are_nothing() throws Exception {
        assertThat(parse("&&a=1&&").parameters()).containsExactly(new Parameter("a", "1"));
        assertThat(parse("").parameters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%", "a=%4", "a=%4&b=1", "a=%zz", "a=%+1", "%=1", "a=%-1", "a=%4%31"})
    void a_broken_percent_escape_is_refused(String body) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(FormBody.Malformed.class)
                .hasMessageContaining("hexadecimal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%FF", "a=%C3", "a=%C3&b=%A9", "a=%ED%A0%80", "a=%C0%80", "a=%F5%80%80%80"})
    void what_is_no_UTF_8_is_refused(String body) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(FormBody.Malformed.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void as_many_parameters_are_read_as_a_body_holds() throws Exception {
        assertThat(parse("a=1&".repeat(16_384)).parameters()).hasSize(16_384);
    }

    @Test
    void random_bytes_are_read_or_refused_and_nothing_else() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] alphabet = "ab=&%+4fé\0".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] body = new byte[random.nextInt(24)];
            for (int j = 0; j < body.length; j++) {
                body[j] = random.nextInt(8) == 0 ? (byte) random.nextInt() : alphabet[random.nextInt(alphabet.length)];
            }
            try {
                FormBody.parse(body);
            } catch (FormBody.Malformed expected) {
                assertThat(expected).as("seed %s", seed).hasMessageMatching("(?s).+");
            }
        }
    }

    private static FormBody parse(String body) throws FormBody.Malformed {
        return FormBody.parse(body.getBytes(StandardCharsets.UTF_8));
    }
}
