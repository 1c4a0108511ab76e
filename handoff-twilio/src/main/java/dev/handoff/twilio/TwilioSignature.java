package dev.handoff.twilio;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The {@code X-Twilio-Signature} of a webhook: Base64 of HMAC-SHA1, keyed with the account's auth token, over the URL
 * and every parameter (<a href="https://www.twilio.com/docs/usage/security">Twilio, Security</a>). Immutable.
 *
 * <p>The SDK's own validator is not used: it takes one value a name, and it decodes and re-encodes the query when it
 * tries a URL with another port, so that {@code %2B} fails.
 */
public final class TwilioSignature {

    private static final String BODY_HASH = "bodySHA256";

    /** By code point, which UTF-8 keeps and UTF-16, Java's own order, does not. */
    private static final Comparator<String> BY_CODE_POINT = (a, b) -> Arrays.compareUnsigned(utf8(a), utf8(b));

    private final List<SecretKeySpec> keys;

    /** Verifies with any of these tokens; two of them while the account's token is being rotated. */
    TwilioSignature(List<String> authTokens) {
        if (authTokens.isEmpty() || authTokens.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("at least one auth token is needed, and none may be blank");
        }
        this.keys = authTokens.stream().map(TwilioSignature::key).toList();
    }

    /**
     * What Twilio would send as {@code X-Twilio-Signature} for a form with these parameters.
     *
     * @param url what is called, with its raw query; a fragment is not signed
     * @param parameters decoded and untrimmed; their order does not matter
     */
    public static String sign(String authToken, String url, Map<String, List<String>> parameters) {
        return hmac(key(authToken), withoutFragment(url) + canonical(parameters));
    }

    /** Whether the signature is right for a form; {@code parameters} are all of them, decoded and untrimmed. */
    boolean matchesForm(String signature, String url, Map<String, List<String>> parameters) {
        return matches(signature, url, canonical(parameters));
    }

    /**
     * Whether the signature is right for a body that is no form: the signed URL then carries the body's SHA-256 as
     * {@code bodySHA256}. Without that parameter nothing would protect the body, so the answer is no.
     */
    boolean matchesBody(String signature, String url, byte[] body) {
        String claimed = queryParameter(withoutFragment(url), BODY_HASH);
        if (claimed == null) {
            return false;
        }
        boolean sameBody = MessageDigest.isEqual(utf8(sha256(body)), utf8(claimed.toLowerCase(Locale.ROOT)));
        return matches(signature, url, "") & sameBody;
    }

    /** Always computes every candidate, so that the time taken says nothing about which of them came close. */
    private boolean matches(String signature, String url, String parameters) {
        byte[] given = utf8(signature);
        boolean matched = false;
        for (String candidate : urlCandidates(url)) {
            for (SecretKeySpec key : keys) {
                matched |= MessageDigest.isEqual(utf8(hmac(key, candidate + parameters)), given);
            }
        }
        return matched;
    }

    /**
     * The URL as it is, and the same one with the port taken away or the scheme's default one put in: Twilio signs with or
     * without it depending on product and scheme. Only the authority is cut; the rest stays as it was written.
     */
    static Set<String> urlCandidates(String configured) {
        String url = withoutFragment(configured);
        Set<String> candidates = new LinkedHashSet<>();
        candidates.add(url);
        int scheme = url.indexOf("://");
        if (scheme < 0) {
            return candidates;
        }
        int hostStart = scheme + 3;
        int authorityEnd = hostStart;
        while (authorityEnd < url.length() && "/?".indexOf(url.charAt(authorityEnd)) < 0) {
            authorityEnd++;
        }
        String authority = url.substring(hostStart, authorityEnd);
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf('@') && colon > authority.lastIndexOf(']');
        String before = url.substring(0, hostStart);
        String after = url.substring(authorityEnd);
        if (hasPort) {
            candidates.add(before + authority.substring(0, colon) + after);
        } else {
            String port = url.regionMatches(true, 0, "http:", 0, 5) ? ":80" : ":443";
            candidates.add(before + authority + port + after);
        }
        return candidates;
    }

    private static String withoutFragment(String url) {
        int hash = url.indexOf('#');
        return hash < 0 ? url : url.substring(0, hash);
    }

    private static String canonical(Map<String, List<String>> parameters) {
        Map<String, List<String>> sorted = new TreeMap<>(BY_CODE_POINT);
        sorted.putAll(parameters);
        StringBuilder text = new StringBuilder();
        sorted.forEach((name, values) -> {
            Set<String> distinct = new TreeSet<>(BY_CODE_POINT);
            distinct.addAll(values);
            distinct.forEach(value -> text.append(name).append(value));
        });
        return text.toString();
    }

    private static @Nullable String queryParameter(String url, String name) {
        int query = url.indexOf('?');
        if (query < 0) {
            return null;
        }
        List<String> found = new ArrayList<>();
        for (String pair : url.substring(query + 1).split("&")) {
            if (pair.startsWith(name + "=")) {
                found.add(pair.substring(name.length() + 1));
            }
        }
        return found.size() == 1 ? found.get(0) : null;
    }

    private static SecretKeySpec key(String authToken) {
        return new SecretKeySpec(utf8(authToken), "HmacSHA1");
    }

    private static String hmac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(key);
            return Base64.getEncoder().encodeToString(mac.doFinal(utf8(text)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA1", e);
        }
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
