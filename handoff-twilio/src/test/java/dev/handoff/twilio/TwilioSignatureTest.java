package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TwilioSignatureTest {

    /** The example that Twilio's own SDKs test with. */
    private static final String SDK_URL = "https://mycompany.com/myapp.php?foo=1&bar=2";

    private static final Map<String, List<String>> SDK_PARAMETERS = Map.of(
            "CallSid", List.of("CA1234567890ABCDE"),
            "Caller", List.of("+14158675309"),
            "Digits", List.of("1234"),
            "From", List.of("+14158675309"),
            "To", List.of("+18005551212"));

    private final TwilioSignature signature = new TwilioSignature(List.of(Payloads.TOKEN));
    private final TwilioSignature ofSdkExamples = new TwilioSignature(List.of("12345"));

    @ParameterizedTest
    @MethodSource("dev.handoff.twilio.Payloads#all")
    void every_known_payload_is_verified(Payloads.Payload payload) {
        assertThat(signature.matchesForm(payload.signature(), payload.url(), payload.multi()))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.handoff.twilio.Payloads#all")
    void one_changed_character_in_a_value_the_url_or_the_signature_is_noticed(Payloads.Payload payload) {
        Map<String, List<String>> changed = new LinkedHashMap<>(payload.multi());
        changed.put("MessageSid", List.of(payload.params().get("MessageSid") + "0"));

        assertThat(signature.matchesForm(payload.signature(), payload.url(), changed))
                .isFalse();
        assertThat(signature.matchesForm(payload.signature(), payload.url() + "x", payload.multi()))
                .isFalse();
        assertThat(signature.matchesForm("A" + payload.signature(), payload.url(), payload.multi()))
                .isFalse();
        assertThat(signature.matchesForm("", payload.url(), payload.multi())).isFalse();
    }

    @Test
    void the_example_of_the_official_SDKs_is_verified() {
        assertThat(TwilioSignature.sign("12345", SDK_URL, SDK_PARAMETERS)).isEqualTo("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    @Test
    void repeated_values_are_made_distinct_sorted_and_each_led_by_its_key() {
        Map<String, List<String>> repeated = Map.of(
                "Sid", List.of("CA123"), "SidAccount", List.of("AC123"), "Digits", List.of("5678", "1234", "1234"));

        assertThat(TwilioSignature.sign("12345", SDK_URL, repeated)).isEqualTo("IK+Dwps556ElfBT0I3Rgjkr1wJU=");
    }

    @Test
    void a_body_that_is_no_form_is_verified_by_its_hash_in_the_signed_url() {
        byte[] body = "{\"property\": \"value\", \"boolean\": true}".getBytes(StandardCharsets.UTF_8);
        String url = SDK_URL + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        String signed = "a9nBmqA0ju/hNViExpshrM61xv4=";

        assertThat(ofSdkExamples.matchesBody(signed, url, body)).isTrue();
        body[3] ^= 1;
        assertThat(ofSdkExamples.matchesBody(signed, url, body)).isFalse();
    }

    @Test
    void a_body_that_is_no_form_needs_exactly_one_hash() {
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        String right = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        String none = "https://a.example/x";
        String two = none + "?bodySHA256=" + right + "&bodySHA256=" + right;

        assertThat(ofSdkExamples.matchesBody(TwilioSignature.sign("12345", none, Map.of()), none, body))
                .isFalse();
        assertThat(ofSdkExamples.matchesBody(TwilioSignature.sign("12345", two, Map.of()), two, body))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example/x?y=%2B%20+z, https://a.example:443/x?y=%2B%20+z",
        "http://a.example/x?y=%2B, http://a.example:80/x?y=%2B",
        "https://a.example:8443/x?y=%2B, https://a.example/x?y=%2B",
        "https://a.example?y=1:2@3, https://a.example:443?y=1:2@3",
        "https://[2001:db8::1]/x, https://[2001:db8::1]:443/x",
        "https://[2001:db8::1]:443/x, https://[2001:db8::1]/x",
        "https://user:pass@a.example/x, https://user:pass@a.example:443/x",
        "https://a.example/x, https://a.example/x#rc=5&rp=all",
        "https://a.example/x#rc=5&rp=all, https://a.example/x",
    })
    void a_port_or_fragment_more_or_less_is_forgiven_without_touching_the_rest(
            String configured, String signedByTwilio) {
        String signed = TwilioSignature.sign("12345", signedByTwilio, SDK_PARAMETERS);

        assertThat(ofSdkExamples.matchesForm(signed, configured, SDK_PARAMETERS))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example/x, https://a.example:8443/x",
        "https://a.example/x?y=%2B, https://a.example/x?y=+",
        "https://a.example/x, http://a.example/x",
        "https://a.example/x, https://b.example/x",
        "https://a.example/x, https://a.example/x/",
    })
    void any_other_difference_in_the_url_is_not(String configured, String signedByTwilio) {
        String signed = TwilioSignature.sign("12345", signedByTwilio, SDK_PARAMETERS);

        assertThat(ofSdkExamples.matchesForm(signed, configured, SDK_PARAMETERS))
                .isFalse();
    }

    @Test
    void keys_and_values_are_sorted_by_code_point_not_by_UTF_16_unit() {
        // U+1F600 is above U+FF5E, but its first UTF-16 unit, D83D, is below.
        String astral = "\uD83D\uDE00";
        String halfwidth = "\uFF5E";
        Map<String, List<String>> parameters = Map.of(astral, List.of("1"), halfwidth, List.of(astral, halfwidth));
        Map<String, List<String>> asOneKey =
                Map.of(halfwidth + halfwidth + halfwidth + astral + astral + "1", List.of(""));

        assertThat(TwilioSignature.sign("12345", SDK_URL, parameters))
                .isEqualTo(TwilioSignature.sign("12345", SDK_URL, asOneKey));
    }

    @Test
    void empty_values_and_surrounding_spaces_are_signed_as_they_are() {
        String signed =
                TwilioSignature.sign("12345", SDK_URL, Map.of("Body", List.of("  olá \n"), "Empty", List.of("")));

        assertThat(ofSdkExamples.matchesForm(
                        signed, SDK_URL, Map.of("Body", List.of("  olá \n"), "Empty", List.of(""))))
                .isTrue();
        assertThat(ofSdkExamples.matchesForm(signed, SDK_URL, Map.of("Body", List.of("olá"), "Empty", List.of(""))))
                .isFalse();
        assertThat(ofSdkExamples.matchesForm(signed, SDK_URL, Map.of("Body", List.of("  olá \n"))))
                .isFalse();
    }

    @Test
    void while_a_token_is_rotated_both_are_good_and_no_other() {
        TwilioSignature rotating = new TwilioSignature(List.of("new-token", "old-token"));

        assertThat(List.of("new-token", "old-token", "stranger"))
                .map(token -> rotating.matchesForm(
                        TwilioSignature.sign(token, SDK_URL, SDK_PARAMETERS), SDK_URL, SDK_PARAMETERS))
                .containsExactly(true, true, false);
    }

    @Test
    void without_a_token_nothing_can_be_verified() {
        assertThatThrownBy(() -> new TwilioSignature(List.of())).hasMessageContaining("auth token");
        assertThatThrownBy(() -> new TwilioSignature(List.of(" "))).hasMessageContaining("auth token");
    }
}
