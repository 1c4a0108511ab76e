package dev.handoff.twilio;

import dev.handoff.model.HandoffException;
import dev.handoff.model.Tenant;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Twilio account, and how it reaches us. Immutable; made by {@link #builder()}.
 *
 * @param tenant whose account it is
 * @param accountSid the account ({@code AC…})
 * @param authTokens the auth token, and the secondary one while the account's token is being rotated: requests are made with
 *     the first, webhooks are verified with either
 * @param publicUrl the base URL under which Twilio reaches this host, as the operator writes it into Twilio's console
 * @param statusPath where below {@code publicUrl} status callbacks are taken
 * @param apiBaseUrl where the API is: Twilio's own, a proxy or a fake
 * @param defaultFrom the sender of conversations that have no inbox of their own: an address, or a Messaging Service
 *     ({@code MG…})
 * @param connectTimeout how long to wait for a connection
 * @param readTimeout how long to wait for the whole answer; the outcome of a send is unknown afterwards
 * @param validityPeriod how long Twilio may keep a message queued before it gives up, 1 s to 10 h; an agent's answer is of no
 *     use hours later
 */
public record TwilioSettings(
        String tenant,
        String accountSid,
        List<String> authTokens,
        URI publicUrl,
        String statusPath,
        URI apiBaseUrl,
        @Nullable String defaultFrom,
        Duration connectTimeout,
        Duration readTimeout,
        Duration validityPeriod) {

    private static final Pattern RAW_PATH = Pattern.compile("/([A-Za-z0-9/._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*");

    /** A send must have ended before the outbound worker's lease on the message, 15 s, runs out. */
    private static final Duration LONGEST_SEND = Duration.ofSeconds(12);

    /**
     * @throws HandoffException naming everything that is wrong
     */
    public TwilioSettings {
        authTokens = List.copyOf(authTokens);
        List<String> problems = new ArrayList<>();
        if (tenant.isBlank()) {
            problems.add("the tenant is blank");
        }
        if (!accountSid.matches("AC[0-9A-Za-z]+")) {
            problems.add(
                    "the account SID must start with AC and have only letters and digits, not \"" + accountSid + "\"");
        }
        if (authTokens.isEmpty() || authTokens.size() > 2 || authTokens.stream().anyMatch(String::isBlank)) {
            problems.add("one auth token is needed, or two during rotation, and none may be blank");
        }
        requireBase("public URL", publicUrl, publicUrl.getRawAuthority(), problems);
        // The JDK's client calls no host that is no host name, such as one with an underscore.
        requireBase("API base URL", apiBaseUrl, apiBaseUrl.getHost(), problems);
        if (!RAW_PATH.matcher(statusPath).matches()) {
            problems.add(
                    "the status path must start with / and be written as in a URL, without query and fragment, not \""
                            + statusPath + "\"");
        }
        if (defaultFrom != null && defaultFrom.isBlank()) {
            problems.add("the default sender is blank: leave it out or name one");
        }
        if (connectTimeout.toMillis() < 1 || readTimeout.toMillis() < 1) {
            problems.add("time-outs must be positive");
        } else if (connectTimeout.plus(readTimeout).compareTo(LONGEST_SEND) > 0) {
            problems.add("connect and read time-out together may be " + LONGEST_SEND.toSeconds()
                    + " s at most, below the lease of an outbound message");
        }
        if (validityPeriod.toSeconds() < 1 || validityPeriod.toSeconds() > 36_000) {
            problems.add("the validity period must be between 1 s and 10 h, not " + validityPeriod);
        }
        if (!problems.isEmpty()) {
            throw new HandoffException("Twilio cannot be used with these settings: " + String.join("; ", problems));
        }
    }

    /** With the defaults that are named at each setting; account, token and public URL are needed. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * What Twilio calls, and signs, to reach this path here.
     *
     * @param rawPathAndQuery as it stands in the request line, undecoded
     */
    public String publicUrlOf(String rawPathAndQuery) {
        return withoutTrailingSlash(publicUrl) + rawPathAndQuery;
    }

    /** Without the tokens, so that a log can hold it. */
    @Override
    public String toString() {
        return "TwilioSettings[tenant=" + tenant + ", accountSid=" + accountSid + ", publicUrl=" + publicUrl
                + ", apiBaseUrl=" + apiBaseUrl + ", defaultFrom=" + defaultFrom + "]";
    }

    static String withoutTrailingSlash(URI base) {
        return base.toString().replaceFirst("/+$", "");
    }

    private static void requireBase(String what, URI url, @Nullable String host, List<String> problems) {
        boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        if (!web || host == null || url.getRawQuery() != null || url.getRawFragment() != null) {
            problems.add("the " + what
                    + " must be http:// or https:// with a host and without query and fragment, not \"" + url + "\"");
        }
    }

    /** Collects settings; {@link #build()} names every problem at once. Not thread-safe. */
    public static final class Builder {
        private static final URI MISSING = URI.create("");

        private final List<String> unreadable = new ArrayList<>();
        private String tenant = Tenant.DEFAULT;
        private String accountSid = "";
        private List<String> authTokens = List.of();
        private URI publicUrl = MISSING;
        private String statusPath = "/webhooks/twilio/status";
        private URI apiBaseUrl = URI.create("https://api.twilio.com");
        private @Nullable String defaultFrom;
        private Duration connectTimeout = Duration.ofSeconds(3);
        private Duration readTimeout = Duration.ofSeconds(8);
        private Duration validityPeriod = Duration.ofHours(1);

        private Builder() {}

        /** By default {@link Tenant#DEFAULT}. */
        public Builder tenant(String tenant) {
            this.tenant = tenant;
            return this;
        }

        /** Needed. */
        public Builder accountSid(String accountSid) {
            this.accountSid = accountSid;
            return this;
        }

        /** Needed: one, or during rotation two, the one for requests first. */
        public Builder authTokens(String... authTokens) {
            this.authTokens = List.of(authTokens);
            return this;
        }

        /** Needed, for example {@code https://bot.example.com}. */
        public Builder publicUrl(String publicUrl) {
            this.publicUrl = uri("public URL", publicUrl);
            return this;
        }

        /** By default {@code /webhooks/twilio/status}. */
        public Builder statusPath(String statusPath) {
            this.statusPath = statusPath;
            return this;
        }

        /** By default Twilio's own. */
        public Builder apiBaseUrl(String apiBaseUrl) {
            this.apiBaseUrl = uri("API base URL", apiBaseUrl);
            return this;
        }

        /** By default none. */
        public Builder defaultFrom(@Nullable String defaultFrom) {
            this.defaultFrom = defaultFrom;
            return this;
        }

        /** By default 3 s. */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = connectTimeout;
            return this;
        }

        /** By default 8 s. */
        public Builder readTimeout(Duration readTimeout) {
            this.readTimeout = readTimeout;
            return this;
        }

        /** By default an hour. */
        public Builder validityPeriod(Duration validityPeriod) {
            this.validityPeriod = validityPeriod;
            return this;
        }

        /**
         * @throws HandoffException naming everything that is wrong
         */
        public TwilioSettings build() {
            try {
                return new TwilioSettings(
                        tenant,
                        accountSid,
                        authTokens,
                        publicUrl,
                        statusPath,
                        apiBaseUrl,
                        defaultFrom,
                        connectTimeout,
                        readTimeout,
                        validityPeriod);
            } catch (HandoffException e) {
                throw unreadable.isEmpty()
                        ? e
                        : new HandoffException(e.getMessage() + "; " + String.join("; ", unreadable));
            }
        }

        private URI uri(String what, String text) {
            try {
                return new URI(text);
            } catch (URISyntaxException e) {
                unreadable.add("the " + what + " cannot be read: " + e.getMessage());
                return MISSING;
            }
        }
    }
}
