package dev.handoff.twilio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An {@code application/x-www-form-urlencoded} body in UTF-8, as it was sent: the order of its parameters, repeated
 * names and empty values are kept. Strict, because what is guessed here would be signed by nobody.
 */
record FormBody(List<Parameter> parameters) {

    record Parameter(String name, String value) {}

    /** The bytes are no such body; the message says where and why. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    FormBody {
        parameters = List.copyOf(parameters);
    }

    static FormBody parse(byte[] body) throws Malformed {
        List<Parameter> parameters = new ArrayList<>();
        int start = 0;
        while (start < body.length) {
            int end = indexOf(body, '&', start, body.length);
            if (end > start) {
                int equals = indexOf(body, '=', start, end);
                String name = decode(body, start, equals);
                String value = equals == end ? "" : decode(body, equals + 1, end);
                parameters.add(new Parameter(name, value));
            }
            start = end + 1;
        }
        return new FormBody(parameters);
    }

    /** The first value of that name, null if there is none. */
    @Nullable
    String first(String name) {
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(name)) {
                return parameter.value();
            }
        }
        return null;
    }

    /** All values by name, in the order in which they came. */
    Map<String, List<String>> byName() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            values.computeIfAbsent(parameter.name(), name -> new ArrayList<>()).add(parameter.value());
        }
        return values;
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return to;
    }

    private static String decode(byte[] body, int from, int to) throws Malformed {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            byte b = body[i];
            if (b == '+') {
                decoded.write(' ');
            } else if (b != '%') {
                decoded.write(b);
            } else {
                int high = i + 2 < to ? hexDigit(body[i + 1]) : -1;
                int low = i + 2 < to ? hexDigit(body[i + 2]) : -1;
                if (high < 0 || low < 0) {
                    throw new Malformed("a % without two hexadecimal digits at byte " + i);
                }
                decoded.write(high << 4 | low);
                i += 2;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("no UTF-8 between bytes " + from + " and " + to);
        }
    }

    /** Not {@link Character#digit(char, int)}: that one also takes the digits of other scripts. */
    private static int hexDigit(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        if (b >= 'a' && b <= 'f') {
            return b - 'a' + 10;
        }
        return b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
    }
}
