package dev.handoff.webchat;

import dev.handoff.model.Tenant;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whose chat it is and which pages may have it.
 *
 * @param tenant whose
 * @param inbox our own address in it, for example the site's name
 * @param origins of the pages that may embed it, such as {@code https://shop.example.com}, beside those of this host itself
 */
public record WebChatSettings(String tenant, String inbox, Set<String> origins) {
    private static final Pattern ORIGIN =
            Pattern.compile("https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:]+](:[0-9]{1,5})?");

    public WebChatSettings {
        origins =
                origins.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        for (String origin : origins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException("'" + origin
                        + "' is no origin: scheme, host and perhaps a port, such as https://shop.example.com");
            }
        }
    }

    /** The default tenant's only chat. */
    public static WebChatSettings of(Set<String> origins) {
        return new WebChatSettings(Tenant.DEFAULT, "web:site", origins);
    }

    /**
     * Whether a page of this origin may open a socket here. Browsers always name it; what is no browser can name what it
     * likes, so this keeps other sites from using the chat as theirs, and nothing else: visitors are known by their secret.
     *
     * @param host the request's own host, whose pages always may
     */
    boolean admits(String origin, String host) {
        String asked = origin.toLowerCase(Locale.ROOT);
        return origins.contains(asked) || asked.replaceFirst("^https?://", "").equals(host.toLowerCase(Locale.ROOT));
    }
}
