package dev.handoff.twilio;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What Twilio's error codes ask of a sender. The table is {@code error-codes.tsv} beside this class; a code that it does not
 * know is judged by the HTTP status alone ({@link #ofStatus}). Immutable.
 */
final class TwilioErrorCodes {

    enum Reaction {
        /** Not processed; the same request may be sent again. */
        RETRY,
        /** Too much for this sender or account; later, and slower. */
        WAIT,
        /** May or may not have been accepted. */
        AMBIGUOUS,
        /** The 24-hour window is closed; only a template gets through. */
        NEEDS_TEMPLATE,
        /** Sending the same again cannot work. */
        PERMANENT
    }

    /**
     * @param slowsSender whether the sender as a whole is too fast, not this message unlucky
     * @param ofWholeSender whether whatever the sender sends is refused, not this message alone
     */
    record Judgement(Reaction reaction, boolean slowsSender, boolean ofWholeSender) {}

    /** 10001, 20005, 30002: the account is not active; 20003: it could not be authenticated; 63007: nobody has this inbox. */
    private static final Set<Integer> OF_THE_SENDER = Set.of(10001, 20003, 20005, 30002, 63007);

    /** @param message Twilio's own words for it */
    record Entry(int code, Reaction reaction, String message) {}

    private final Map<Integer, Entry> entries;

    private TwilioErrorCodes(Map<Integer, Entry> entries) {
        this.entries = Map.copyOf(entries);
    }

    static TwilioErrorCodes load() {
        Map<Integer, Entry> entries = new HashMap<>();
        try (InputStream table = Objects.requireNonNull(
                        TwilioErrorCodes.class.getResourceAsStream("error-codes.tsv"),
                        "error-codes.tsv is not in the jar");
                BufferedReader lines = new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    String[] columns = line.split("\t", 3);
                    int code = Integer.parseInt(columns[0]);
                    Reaction reaction = Reaction.valueOf(columns[1]);
                    entries.put(code, new Entry(code, reaction, columns[2]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("error-codes.tsv cannot be read", e);
        }
        return new TwilioErrorCodes(entries);
    }

    @Nullable
    Entry find(int code) {
        return entries.get(code);
    }

    /**
     * A reported error: the code, what the table has on it, and what the channel said, which is all there is on many codes.
     *
     * @return null for no error
     */
    @Nullable
    String inWords(@Nullable String code, @Nullable String said) {
        if (code == null || code.equals("0")) {
            return null;
        }
        Entry known = code.matches("[0-9]{1,9}") ? find(Integer.parseInt(code)) : null;
        StringJoiner error = new StringJoiner(": ");
        error.add("Twilio " + code);
        if (known != null) {
            error.add(known.message());
        }
        if (said != null && (known == null || !said.equals(known.message()))) {
            error.add(said);
        }
        return error.toString();
    }

    /**
     * What an answer that is no success means: its code if the table has it, else its HTTP status. A 5xx is AMBIGUOUS
     * whatever its body says, since the body may come from something in front of Twilio.
     */
    Judgement judge(int httpStatus, @Nullable Integer code) {
        Entry entry = code == null ? null : entries.get(code);
        Reaction reaction = entry == null || httpStatus >= 500 ? ofStatus(httpStatus) : entry.reaction();
        boolean ofTheSender = httpStatus == 401 || code != null && OF_THE_SENDER.contains(code);
        return new Judgement(
                reaction,
                reaction == Reaction.WAIT || httpStatus == 429,
                reaction == Reaction.PERMANENT && ofTheSender);
    }

    /**
     * The default for unknown codes: a 4xx was refused, for good unless it is 408, 425 or 429; a redirect is not followed;
     * anything else may have been accepted.
     */
    private static Reaction ofStatus(int httpStatus) {
        return switch (httpStatus) {
            case 408, 425, 429 -> Reaction.RETRY;
            default -> httpStatus >= 300 && httpStatus < 500 ? Reaction.PERMANENT : Reaction.AMBIGUOUS;
        };
    }
}
