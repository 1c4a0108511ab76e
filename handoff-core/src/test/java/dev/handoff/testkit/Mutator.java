package dev.handoff.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes inputs that are almost right: each is one of a corpus with a few small changes. Immutable. */
final class Mutator {
    private static final int MOST_CHANGES = 8;
    private static final int MOST_REPEATS = 4_000;

    /** What parsers stumble over: escapes, separators, ends of ranges, text that is none. */
    private static final List<byte[]> NASTIES = bytes(
            List.of("%", "%0", "%zz", "%00", "%0D%0A", "%C0%80", "%ED%A0%80", "%F0%9F%98%80", "%25", "%2F", "%2B", "+"),
            List.of("&", "=", "&&", "==", "#", "?", ";", "/", "..", "\\", "\"", "'", "\0", "\n", "\r\n", "\t", " "),
            List.of("\u00e9", "\u00a0", "\ufeff", "\ufffd", "\u202e", "\ud83d\ude00", "e\u0301", "\u0661", "${x}"),
            List.of("\\u0000", "\\ud800", "\\udc00\\ud800", "{", "}", "[", "]", "[[[[[[[[", "{\"a\":", ",", ":"),
            List.of("null", "true", "0", "-1", "-0", "1e999", "1.5", "NaN", "2147483648", "9223372036854775807"),
            List.of("9223372036854775808", "0000000000000000000001", "1-1-1-1-1"));

    private final List<byte[]> corpus;
    private final List<byte[]> tokens;
    private final int longest;

    /**
     * @param words what the format is made of, besides what every parser stumbles over
     * @param longest in bytes; what grows beyond is cut
     */
    Mutator(List<byte[]> corpus, List<String> words, int longest) {
        this.corpus = List.copyOf(corpus);
        this.tokens = new ArrayList<>(NASTIES);
        this.tokens.addAll(bytes(words));
        this.tokens.add(new byte[] {(byte) 0xff});
        this.tokens.add(new byte[] {(byte) 0xc3});
        this.longest = longest;
    }

    byte[] next(RandomGenerator random) {
        byte[] input = one(corpus, random);
        int changes = 1;
        while (changes < MOST_CHANGES && random.nextBoolean()) {
            changes++;
        }
        for (int i = 0; i < changes; i++) {
            input = changed(input, random);
        }
        return input;
    }

    private byte[] changed(byte[] input, RandomGenerator random) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + (random.nextInt(4) == 0 ? random.nextInt(1_000) : random.nextInt(9)));
        byte[] range = Arrays.copyOfRange(input, from, to);
        return switch (random.nextInt(10)) {
            case 0 -> replaced(input, from, Math.min(input.length, from + 1), flipped(input, from, random));
            case 1 -> replaced(input, from, to, new byte[0]);
            case 2 -> replaced(input, from, from, one(tokens, random));
            case 3 -> replaced(input, from, to, one(tokens, random));
            case 4 -> replaced(input, from, to, random(random, range.length));
            case 5 -> replaced(input, from, from, random(random, random.nextInt(4)));
            case 6 -> replaced(input, from, from, other(random));
            case 7 -> replaced(input, from, input.length, other(random));
            case 8 -> replaced(input, from, to, escaped(range));
            default -> replaced(input, from, to, repeated(range, random));
        };
    }

    /** Part of another input: what is right somewhere else. */
    private byte[] other(RandomGenerator random) {
        byte[] other = one(corpus, random);
        int from = random.nextInt(other.length + 1);
        int length = random.nextBoolean() ? other.length : random.nextInt(40);
        return Arrays.copyOfRange(other, from, Math.min(other.length, from + length));
    }

    /** Now and then so often that the whole is too large for anybody. */
    private byte[] repeated(byte[] range, RandomGenerator random) {
        int times = random.nextInt(10) == 0 ? random.nextInt(MOST_REPEATS) : random.nextInt(4);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i <= times && all.size() <= longest; i++) {
            all.writeBytes(range);
        }
        return all.toByteArray();
    }

    private byte[] replaced(byte[] input, int from, int to, byte[] by) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(input.length + by.length);
        all.write(input, 0, from);
        all.writeBytes(by);
        all.write(input, to, input.length - to);
        byte[] whole = all.toByteArray();
        return whole.length > longest ? Arrays.copyOf(whole, longest) : whole;
    }

    private static byte[] flipped(byte[] input, int at, RandomGenerator random) {
        return at == input.length ? new byte[0] : new byte[] {(byte) (input[at] ^ 1 << random.nextInt(8))};
    }

    private static byte[] escaped(byte[] range) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : range) {
            escaped.append(String.format("%%%02X", b));
        }
        return escaped.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] random(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] one(List<byte[]> some, RandomGenerator random) {
        return some.get(random.nextInt(some.size()));
    }

    @SafeVarargs
    private static List<byte[]> bytes(List<String>... words) {
        return Arrays.stream(words)
                .flatMap(List::stream)
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
    }
}
