package dev.handoff.jdbi;

import dev.handoff.model.ConversationAddress;
import dev.handoff.model.StorableText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Keys of any length as keys that fit an index: PostgreSQL refuses a row whose indexed value passes some 2,700 bytes. */
final class BoundedKey {
    private static final int LONGEST = 300;

    private BoundedKey() {}

    static String of(ConversationAddress address) {
        return hash(address.channel() + '\0' + address.inbox() + '\0' + address.customer());
    }

    /** The key itself, unless it is too long. */
    static String of(String key) {
        return key.length() <= LONGEST ? StorableText.of(key) : "sha256:" + hash(key);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
