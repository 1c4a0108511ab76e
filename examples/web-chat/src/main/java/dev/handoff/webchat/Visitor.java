package dev.handoff.webchat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who chats. Their address is a digest of a secret that only their browser keeps: whoever has the secret has the address,
 * and from the address, which agents, logs and the database see, nobody gets back to the secret. So nothing has to be
 * looked up or signed to know a visitor, on whatever node.
 *
 * @param tenant whose visitor
 * @param address the customer's address in the library: {@code web:} and 128 bits in base64url
 */
record Visitor(String tenant, String address) {
    private static final int DIGEST_BYTES = 16;
    private static final String SCHEME = "web:";
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Pattern ADDRESS = Pattern.compile(SCHEME + "[A-Za-z0-9_-]{22}");

    /** The visitor whose secret this is; empty when no widget would make it: 256 random bits in base64url. */
    static Optional<Visitor> withSecret(String tenant, String secret) {
        if (!SECRET.matcher(secret).matches()) {
            return Optional.empty();
        }
        byte[] digest = sha256(secret.getBytes(StandardCharsets.US_ASCII));
        return Optional.of(new Visitor(tenant, SCHEME + base64(Arrays.copyOf(digest, DIGEST_BYTES))));
    }

    /** Whether a customer's address can be a visitor's. */
    static boolean isAddress(String customer) {
        return ADDRESS.matcher(customer).matches();
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
