package dev.handoff.runner.webhooks;

import dev.handoff.Handoff;
import dev.handoff.ReceiveResult;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.runner.http.BoundedBody;
import dev.handoff.runner.http.Gate;
import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.Routes;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.twilio.TwilioRequest;
import dev.handoff.twilio.TwilioWebhook;
import dev.handoff.twilio.TwilioWebhooks;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Twilio's two webhooks. What is asked of a request, and in which order, is {@link TwilioWebhooks}' business; here a
 * message is answered 2xx only once it is stored (I3). Both addresses take both kinds, since the signature says that it
 * is Twilio and the form says what it is.
 */
public final class TwilioRoutes implements Routes {
    private static final Logger log = LoggerFactory.getLogger(TwilioRoutes.class);
    private static final String STATUS_PATH = "/webhooks/twilio/status";

    private final Handoff handoff;
    private final TwilioWebhooks webhooks;
    private final @Nullable String publicUrl;
    private final Gate gate;

    /**
     * @param publicUrl the base URL that Twilio signs; null to take the Host header for it, which is for trying things
     *     out without a proxy in between
     */
    public TwilioRoutes(Handoff handoff, TwilioWebhooks webhooks, @Nullable String publicUrl, Gate gate) {
        this.handoff = handoff;
        this.webhooks = webhooks;
        this.publicUrl = publicUrl;
        this.gate = gate;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post("/webhooks/twilio", this::take);
        routes.post(STATUS_PATH, this::take);
    }

    private void take(Context ctx) {
        byte[] body = BoundedBody.read(ctx, TwilioWebhooks.MAX_BODY_BYTES);
        TwilioWebhook webhook = webhooks.verifyAndParse(
                new TwilioRequest(signedUrl(ctx), body, ctx.header("Content-Type"), ctx.header("X-Twilio-Signature")));
        if (webhook instanceof TwilioWebhook.Refused refused) {
            log.warn("{} refused: {}", ctx.path(), oneLine(refused.detail()));
            throw refusal(refused);
        }
        if (webhook instanceof TwilioWebhook.Inbound inbound) {
            if (ctx.path().endsWith(STATUS_PATH)) {
                // A report without its status names our own number as the sender: stored, it would be a customer.
                throw Problem.unreadable("this is not a status callback: it names no status");
            }
            store(inbound.message());
            ctx.status(200).contentType(TwilioWebhooks.TWIML_CONTENT_TYPE).result(TwilioWebhooks.EMPTY_TWIML);
        } else if (webhook instanceof TwilioWebhook.Status status) {
            report(status.update());
            ctx.status(204);
        }
    }

    private void store(InboundMessage message) {
        String name = oneLine(message.providerMessageId());
        orAgainLater("The message " + name, () -> {
            ReceiveResult result = handoff.receive(message);
            if (result instanceof ReceiveResult.Stored stored) {
                log.debug("{} is stored as {}", name, stored.message());
            } else {
                log.info("{} was stored before", name);
            }
        });
    }

    private void report(DeliveryUpdate update) {
        String name = oneLine(update.providerMessageId());
        orAgainLater("The report on " + name, () -> {
            if (!handoff.reportDelivery(update)) {
                log.info("{} is reported {}, but is none of ours", name, update.status());
            }
        });
    }

    /** Whatever goes wrong here, nothing is known to be stored: then Twilio must come again. */
    private void orAgainLater(String what, Runnable storing) {
        gate.requireOpen();
        try {
            storing.run();
        } catch (StoreUnavailableException e) {
            log.warn("{} could not be stored: {}", what, e.getMessage());
            throw Problem.unavailable("this could not be stored; send it again");
        } catch (RuntimeException e) {
            log.error("{} could not be stored", what, e);
            throw Problem.unavailable("this could not be stored; send it again");
        }
    }

    private static Problem refusal(TwilioWebhook.Refused refused) {
        return switch (refused.kind()) {
            case TOO_LARGE -> Problem.tooLarge(TwilioWebhooks.MAX_BODY_BYTES);
            case FORBIDDEN -> new Problem(403, "not-twilio", "this request is not signed by our Twilio account", null);
            case MALFORMED -> Problem.unreadable("this is neither a message nor a status callback");
        };
    }

    private String signedUrl(Context ctx) {
        String query = ctx.req().getQueryString();
        String target = ctx.req().getRequestURI() + (query == null ? "" : "?" + query);
        return (publicUrl != null ? publicUrl : "http://" + ctx.header("Host")) + target;
    }

    /** What strangers sent must not write lines into the log. */
    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
