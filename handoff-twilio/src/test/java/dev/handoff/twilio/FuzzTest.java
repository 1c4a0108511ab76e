package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.StorableText;
import dev.handoff.model.Structured;
import dev.handoff.testkit.Fuzz;
import dev.handoff.twilio.TwilioWebhook.Refusal;
import dev.handoff.twilio.TwilioWebhook.Refused;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What strangers send, and what Twilio might: never thrown at the host, and what verifies is read to the last byte. */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class FuzzTest {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String URL = "https://bot.example.com/webhooks/twilio";
    private static final String[] TYPES = {
        FORM,
        FORM,
        FORM,
        FORM,
        FORM + "; charset=UTF-8",
        FORM + ";charset=\"utf-8\"",
        null,
        "",
        "application/json",
        ";",
        "a;charset",
        FORM + ";charset=",
        FORM + ";charset=latin1",
        "multipart/form-data"
    };
    private static final String IDS = "AccountSid=" + Payloads.ACCOUNT + "&MessageSid=SM1&From=a&To=b";

    private static final String[] NASTY_FORMS = {
        "",
        "=",
        "&",
        "a",
        "a&b=",
        "a=%zz",
        "a=%",
        "a=%C0%80",
        IDS + "&Body=%20%0A+ol%C3%A1+%C2%A0",
        IDS + "&Body=%00&x%00=1&x%EF%BF%BD=2",
        IDS + "&Extra=1&Extra=2&Extra%232=3",
        IDS + "&Extra=1&Extra=1",
        IDS + "&NumMedia=-1&MediaUrl0=u&MediaUrl9999=v&MediaContentType0=t",
        IDS + "&SmsStatus=received&Body=%F0%9F%98%80",
        IDS + "&MessageStatus=DELIVERED&ErrorCode=999999999&ErrorMessage=%00",
        IDS + "&MessageStatus=failed&ErrorCode=9999999999&ChannelStatusMessage=x",
        "a=1&".repeat(1_001),
        IDS + "&Body=" + "x".repeat(65_536),
        IDS + "&Body=" + "x".repeat(65_536 - IDS.length() - 6),
    };

    private static final String[] WORDS = {
        "&Body=",
        "&From=",
        "&To=",
        "&MessageSid=",
        "&SmsStatus=",
        "&MessageStatus=",
        "&ErrorCode=",
        "&MediaUrl1=",
        "&MediaContentType1=",
        "&AccountSid=" + Payloads.ACCOUNT,
        "received",
        "delivered",
        "#2"
    };

    private final TwilioWebhooks webhooks = TwilioWebhooks.of(TwilioSettings.builder()
            .accountSid(Payloads.ACCOUNT)
            .authTokens("the-next-token", Payloads.TOKEN)
            .publicUrl("https://bot.example.com")
            .build());

    @Test
    void bodies() {
        Fuzz.inThisThread("webhook bodies")
                .corpus(Payloads.all().map(payload -> utf8(payload.rawBody())).toList())
                .corpus(NASTY_FORMS)
                .words(WORDS)
                .longest(70_000)
                .inputs(5_000)
                .run((body, choices) -> {
                    refusesWhatIsNotSigned(URL, body, choices);
                    Map<String, List<String>> parameters = decoded(body);
                    if (parameters == null) {
                        assertRefused(new TwilioRequest(URL, body, FORM, "x"), tooLargeOr(body, Refusal.MALFORMED));
                        return;
                    }
                    TwilioRequest signed = new TwilioRequest(URL, body, FORM, signature(URL, parameters));
                    readsEveryParameter(webhooks.verifyAndParse(signed), body, parameters);
                    believesNoOtherByte(signed, choices);
                });
    }

    @Test
    void signatures_and_urls() {
        Fuzz.inThisThread("signatures and URLs")
                .corpus(Payloads.all()
                        .map(payload -> utf8(payload.url() + "\n" + payload.signature()))
                        .toList())
                .corpus(
                        "\n",
                        "https://bot.example.com:443/a?b=%2B#rc=5&rp=all\nx",
                        "http://u:p@h:80?x=/\n=",
                        "https://[::1]:8443/\n ",
                        "https://[::1]\n",
                        "https://\nJS3O5oaeOJUcI6DAQWYJzulxWko=",
                        "://:\nJS3O5oaeOJUcI6DAQWYJzulxWko",
                        "https://h/a:1?b:2@c\n",
                        "https://h?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\nx",
                        "?bodySHA256=&bodySHA256=\nx",
                        "#?\nx",
                        "https://h/\ud83d\ude00?a=\u0130\nx")
                .words("://", ":443", ":80", "@", "[::1]", "bodySHA256=", "#", "=")
                .inputs(5_000)
                .run((input, choices) -> {
                    String[] lines = text(input).split("\n", 2);
                    String url = lines[0];
                    byte[] body = utf8(IDS);
                    Map<String, List<String>> parameters = decoded(body);

                    assertRefused(
                            new TwilioRequest(url, body, FORM, lines.length < 2 ? null : lines[1]), Refusal.FORBIDDEN);
                    assertRefused(
                            new TwilioRequest(url, body, "application/json", lines.length < 2 ? null : lines[1]),
                            Refusal.FORBIDDEN);
                    assertThat(TwilioSignature.urlCandidates(url)).hasSizeLessThanOrEqualTo(2);
                    TwilioRequest signed =
                            new TwilioRequest(url, body, FORM, signature(withoutFragment(url), parameters));
                    assertThat(webhooks.verifyAndParse(signed)).isInstanceOf(TwilioWebhook.Inbound.class);
                    for (String candidate : TwilioSignature.urlCandidates(url)) {
                        differsInThePortAlone(withoutFragment(url), candidate);
                        TwilioRequest other = new TwilioRequest(url, body, FORM, signature(candidate, parameters));
                        assertThat(webhooks.verifyAndParse(other)).isInstanceOf(TwilioWebhook.Inbound.class);
                    }
                    believesNoOtherByte(signed, choices);
                    believesNoOtherUrl(signed, choices);
                });
    }

    @Test
    void status_callbacks() {
        String attempt = "6f1c2f0e-3b0a-4d8e-9a55-0d6f3f3f8f11";
        String message = attempt + ".7";
        Fuzz.inThisThread("status callbacks")
                .corpus(Payloads.all()
                        .filter(payload -> !payload.kind().equals("inbound"))
                        .map(payload -> utf8("?message=" + message + "&attempt=" + attempt + "\n" + payload.rawBody()))
                        .toList())
                .corpus(
                        "\n" + IDS + "&MessageStatus=sent",
                        "?\n" + IDS + "&SmsStatus=read",
                        "?tenant=acme+%26+co&message=" + message + "\n" + IDS + "&MessageStatus=x",
                        "?message=" + attempt + ".9223372036854775807\n" + IDS + "&MessageStatus=sent",
                        "?message=" + attempt + ".0&attempt=1-1-1-1-1\n" + IDS + "&MessageStatus=sent",
                        "?message=%zz&tenant=\n" + IDS + "&MessageStatus=sent&ErrorCode=63016",
                        "?tenant=%00&message=" + message + "\n" + IDS + "&MessageStatus=failed&ErrorCode=%D9%A1",
                        "#?message=" + message + "\n" + IDS + "&MessageStatus=sent")
                .words(WORDS)
                .words("&message=", "&attempt=", "&tenant=", message, attempt, "?", "\n", "undelivered", "queued")
                .longest(2_000)
                .inputs(5_000)
                .run((input, choices) -> {
                    int end = indexOf(input, '\n');
                    String query = text(Arrays.copyOf(input, end));
                    String url = URL + "/status" + query;
                    byte[] body = Arrays.copyOfRange(input, Math.min(input.length, end + 1), input.length);
                    refusesWhatIsNotSigned(url, body, choices);
                    Map<String, List<String>> parameters = decoded(body);
                    if (parameters == null) {
                        return;
                    }
                    TwilioRequest signed =
                            new TwilioRequest(url, body, FORM, signature(withoutFragment(url), parameters));
                    TwilioWebhook webhook = webhooks.verifyAndParse(signed);
                    if (webhook instanceof TwilioWebhook.Status status) {
                        reportsWhatWasSent(status.update(), withoutFragment(url), parameters);
                    } else {
                        readsEveryParameter(webhook, body, parameters);
                    }
                    believesNoOtherByte(signed, choices);
                    believesNoOtherUrl(signed, choices);
                });
    }

    // What must hold.

    private void refusesWhatIsNotSigned(String url, byte[] body, RandomGenerator choices) {
        String type = TYPES[choices.nextInt(TYPES.length)];
        assertRefused(new TwilioRequest(url, body, type, null), tooLargeOr(body, Refusal.FORBIDDEN));
        TwilioWebhook webhook = webhooks.verifyAndParse(new TwilioRequest(url, body, type, signature("", Map.of())));
        assertThat(webhook).isInstanceOf(Refused.class);
        assertThat(((Refused) webhook).detail()).isNotBlank();
        assertThat(((Refused) webhook).kind() == Refusal.TOO_LARGE)
                .isEqualTo(body.length > TwilioWebhooks.MAX_BODY_BYTES);
    }

    private void readsEveryParameter(TwilioWebhook webhook, byte[] body, Map<String, List<String>> parameters) {
        if (body.length > TwilioWebhooks.MAX_BODY_BYTES) {
            assertThat(((Refused) webhook).kind()).isEqualTo(Refusal.TOO_LARGE);
        } else if (!Payloads.ACCOUNT.equals(first(parameters, "AccountSid"))) {
            assertThat(((Refused) webhook).kind()).isEqualTo(Refusal.FORBIDDEN);
            assertThat(((Refused) webhook).detail()).contains("account");
        } else if (webhook instanceof Refused refused) {
            assertThat(refused.kind()).isEqualTo(Refusal.MALFORMED);
            assertThat(refused.detail()).contains("MessageSid");
            assertThat(Stream.of("MessageSid", "From", "To").map(name -> first(parameters, name)))
                    .anyMatch(value -> value == null || value.isBlank());
        } else if (webhook instanceof TwilioWebhook.Inbound inbound) {
            keepsEveryParameter(inbound.message(), parameters);
        }
    }

    private static void keepsEveryParameter(InboundMessage message, Map<String, List<String>> parameters) {
        String text = first(parameters, "Body");
        assertThat(message.content().text()).isEqualTo(text == null ? null : StorableText.of(text));
        assertThat(message.address().customer()).isEqualTo(StorableText.of(first(parameters, "From")));
        assertThat(message.address().inbox()).isEqualTo(StorableText.of(first(parameters, "To")));
        assertThat(message.providerMessageId()).isEqualTo(StorableText.of(first(parameters, "MessageSid")));
        // Sorted and compared: an assertion that ignores the order itself takes seconds for ten thousand of them.
        assertThat(Structured.without(message.fields()).values().stream()
                        .sorted()
                        .toList())
                .isEqualTo(parameters.values().stream()
                        .flatMap(Collection::stream)
                        .map(StorableText::of)
                        .sorted()
                        .toList());
        parameters.keySet().forEach(name -> assertThat(message.fields()).containsKey(StorableText.of(name)));
    }

    private static void reportsWhatWasSent(DeliveryUpdate update, String url, Map<String, List<String>> parameters) {
        assertThat(update.providerMessageId()).isEqualTo(first(parameters, "MessageSid"));
        String code = first(parameters, "ErrorCode");
        boolean failed = code != null && !code.isBlank() && !code.equals("0");
        assertThat(update.error()).isEqualTo(failed ? update.error() : null);
        assertThat(failed ? update.error() : code + "").contains(code + "");
        Map<String, List<String>> query =
                decoded(utf8(url.indexOf('?') < 0 ? "" : url.substring(url.indexOf('?') + 1)));
        String message = query == null ? null : first(query, "message");
        String attempt = query == null ? null : first(query, "attempt");
        if (update.message() != null) {
            assertThat(update.message().text()).isEqualTo(message);
            assertThat(update.message().conversation().tenant()).isEqualTo(update.tenant());
        }
        if (update.attemptToken() != null) {
            assertThat(update.attemptToken()).hasToString(attempt);
        }
    }

    /** One byte of the body, or one character of the signature. */
    private void believesNoOtherByte(TwilioRequest right, RandomGenerator choices) {
        byte[] body = right.body().clone();
        if (body.length > 0) {
            int at = choices.nextInt(body.length);
            body[at] ^= (byte) (1 + choices.nextInt(255));
            // Another way to write the same (%2b for %2B) is signed as well.
            Map<String, List<String>> other = decoded(body);
            if (other == null || !canonical(other).equals(canonical(decoded(right.body())))) {
                refused(new TwilioRequest(right.url(), body, right.contentType(), right.signature()));
            }
        }
        StringBuilder signature = new StringBuilder(right.signature());
        int at = choices.nextInt(signature.length());
        signature.setCharAt(at, (char) (signature.charAt(at) ^ (1 + choices.nextInt(127))));
        refused(new TwilioRequest(right.url(), right.body(), right.contentType(), signature.toString()));
    }

    private void believesNoOtherUrl(TwilioRequest right, RandomGenerator choices) {
        StringBuilder other = new StringBuilder(withoutFragment(right.url()));
        if (other.isEmpty()) {
            return;
        }
        int at = choices.nextInt(other.length());
        other.setCharAt(at, (char) (other.charAt(at) ^ (1 + choices.nextInt(127))));
        String signedUrl = text(utf8(withoutFragment(right.url())));
        boolean same = TwilioSignature.urlCandidates(other.toString()).stream()
                .anyMatch(candidate -> text(utf8(candidate)).equals(signedUrl));
        if (!same) {
            refused(new TwilioRequest(other.toString(), right.body(), right.contentType(), right.signature()));
        }
    }

    private static void differsInThePortAlone(String url, String candidate) {
        String longer = url.length() > candidate.length() ? url : candidate;
        String shorter = url.length() > candidate.length() ? candidate : url;
        if (longer.equals(shorter)) {
            return;
        }
        int length = longer.length() - shorter.length();
        boolean found = false;
        for (int i = 0; i <= shorter.length() && !found; i++) {
            found = longer.startsWith(shorter.substring(0, i))
                    && longer.endsWith(shorter.substring(i))
                    && longer.substring(i, i + length).matches("(?s):[^/?]*")
                    && shorter.substring(0, i).matches("(?s)[^#]*?://[^/?]*");
        }
        assertThat(found).as("%s and %s", url, candidate).isTrue();
    }

    private void assertRefused(TwilioRequest request, Refusal kind) {
        Refused refused = refused(request);
        assertThat(refused.kind()).as(refused.detail()).isEqualTo(kind);
    }

    private Refused refused(TwilioRequest request) {
        TwilioWebhook webhook = webhooks.verifyAndParse(request);
        assertThat(webhook).isInstanceOf(Refused.class);
        assertThat(((Refused) webhook).detail()).isNotBlank();
        return (Refused) webhook;
    }

    private static Refusal tooLargeOr(byte[] body, Refusal otherwise) {
        return body.length > TwilioWebhooks.MAX_BODY_BYTES ? Refusal.TOO_LARGE : otherwise;
    }

    // The same rules, written down a second time and otherwise.

    private static List<String> pairs(byte[] body) {
        return Stream.of(new String(body, StandardCharsets.ISO_8859_1).split("&"))
                .filter(pair -> !pair.isEmpty())
                .toList();
    }

    /** Null when it is no form in UTF-8. */
    private static @Nullable Map<String, List<String>> decoded(byte @Nullable [] body) {
        Map<String, List<String>> parameters = new TreeMap<>(FuzzTest::byCodePoint);
        for (String pair : pairs(body)) {
            String[] parts = pair.split("=", 2);
            String name = unescaped(parts[0]);
            String value = unescaped(parts.length == 1 ? "" : parts[1]);
            if (name == null || value == null) {
                return null;
            }
            parameters.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
        }
        return parameters;
    }

    private static @Nullable String unescaped(String bytes) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            if (c == '%') {
                String digits = bytes.substring(i + 1, Math.min(bytes.length(), i + 3));
                if (!digits.matches("[0-9a-fA-F]{2}")) {
                    return null;
                }
                decoded.write(Integer.parseInt(digits, 16));
                i += 2;
            } else {
                decoded.write(c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String canonical(@Nullable Map<String, List<String>> parameters) {
        StringBuilder text = new StringBuilder();
        parameters.forEach((name, values) -> {
            TreeSet<String> distinct = new TreeSet<>(FuzzTest::byCodePoint);
            distinct.addAll(values);
            distinct.forEach(value -> text.append(name).append(value));
        });
        return text.toString();
    }

    private static int byCodePoint(String a, String b) {
        return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    }

    private static String signature(String url, Map<String, List<String>> parameters) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(utf8(Payloads.TOKEN), "HmacSHA1"));
            return Base64.getEncoder().encodeToString(mac.doFinal(utf8(url + canonical(parameters))));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable String first(Map<String, List<String>> parameters, String name) {
        List<String> values = parameters.get(name);
        return values == null ? null : values.get(0);
    }

    private static String withoutFragment(String url) {
        return url.split("#", 2)[0];
    }

    private static int indexOf(byte[] input, char wanted) {
        int at = 0;
        while (at < input.length && input[at] != wanted) {
            at++;
        }
        return at;
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
