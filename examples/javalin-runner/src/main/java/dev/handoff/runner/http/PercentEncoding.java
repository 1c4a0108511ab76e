package dev.handoff.runner.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Tells whether the escapes in a URL say anything, as Jetty will want it when it decodes them. */
final class PercentEncoding {
    private PercentEncoding() {}

    /** Whether every escape is two hex digits, and all of them, among what is not escaped, are UTF-8. */
    static boolean isReadable(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        int at = 0;
        while (at < encoded.length()) {
            int escape = encoded.indexOf('%', at);
            int end = escape < 0 ? encoded.length() : escape;
            bytes.writeBytes(encoded.substring(at, end).getBytes(StandardCharsets.UTF_8));
            at = end;
            if (escape >= 0) {
                if (!isEscape(encoded, escape)) {
                    return false;
                }
                bytes.write(HexFormat.fromHexDigits(encoded, escape + 1, escape + 3));
                at = escape + 3;
            }
        }
        return isUtf8(bytes.toByteArray());
    }

    private static boolean isEscape(String encoded, int at) {
        return at + 2 < encoded.length()
                && HexFormat.isHexDigit(encoded.charAt(at + 1))
                && HexFormat.isHexDigit(encoded.charAt(at + 2));
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }
}
