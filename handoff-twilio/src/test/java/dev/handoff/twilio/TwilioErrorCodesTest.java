package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.twilio.TwilioErrorCodes.Reaction;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TwilioErrorCodesTest {

    private final TwilioErrorCodes codes = TwilioErrorCodes.load();

    @Test
    void every_line_of_the_table_in_the_jar_is_read() throws IOException {
        try (InputStream table = TwilioErrorCodes.class.getResourceAsStream("error-codes.tsv")) {
            List<String> lines = new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();

            assertThat(lines).hasSize(78).allSatisfy(line -> {
                TwilioErrorCodes.Entry entry = codes.find(Integer.parseInt(line.split("\t")[0]));
                assertThat(entry.code() + "\t" + entry.reaction() + "\t" + entry.message())
                        .isEqualTo(line);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "429, 20429, RETRY, true, false",
        "429, 63018, WAIT, true, false",
        "400, 21611, WAIT, true, false",
        "400, 63016, NEEDS_TEMPLATE, false, false",
        "400, 21211, PERMANENT, false, false",
        "401, 20003, PERMANENT, false, true",
        "400, 30002, PERMANENT, false, true",
        "500, 20500, AMBIGUOUS, false, false",
        "503, 21211, AMBIGUOUS, false, false",
    })
    void a_known_code_says_what_to_do(
            int status, int code, Reaction reaction, boolean slowsSender, boolean ofWholeSender) {
        assertThat(codes.judge(status, code))
                .isEqualTo(new TwilioErrorCodes.Judgement(reaction, slowsSender, ofWholeSender));
    }

    @ParameterizedTest
    @CsvSource({
        "400,, PERMANENT, false, false",
        "400, 99999, PERMANENT, false, false",
        "401,, PERMANENT, false, true",
        "403,, PERMANENT, false, false",
        "302,, PERMANENT, false, false",
        "408,, RETRY, false, false",
        "425,, RETRY, false, false",
        "429,, RETRY, true, false",
        "429, 99999, RETRY, true, false",
        "500,, AMBIGUOUS, false, false",
        "502,, AMBIGUOUS, false, false",
        "599, 99999, AMBIGUOUS, false, false",
    })
    void an_unknown_code_is_judged_by_its_status(
            int status, @Nullable Integer code, Reaction reaction, boolean slowsSender, boolean ofWholeSender) {
        assertThat(codes.judge(status, code))
                .isEqualTo(new TwilioErrorCodes.Judgement(reaction, slowsSender, ofWholeSender));
    }
}
