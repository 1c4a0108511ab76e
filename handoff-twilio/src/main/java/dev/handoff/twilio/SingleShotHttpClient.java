package dev.handoff.twilio;

import com.twilio.exception.ApiException;
import com.twilio.http.HttpClient;
import com.twilio.http.Request;
import com.twilio.http.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client given to the SDK for one call, which makes it one request: the SDK's own sends a message up to six times
 * when Twilio answers 503. Keeps what happened on the wire, since the SDK's {@code ApiException} says neither whether the
 * request left nor which headers came back. Made anew for each call, used by one thread.
 */
final class SingleShotHttpClient extends HttpClient {

    /** Not null: the SDK walks over the headers when its logger is at DEBUG. */
    private static final Header[] NO_HEADERS = new Header[0];

    private final TwilioHttp http;
    private final Map<String, String> leftOut;
    private final Duration within;
    private @Nullable Exchange last;

    /**
     * @param leftOut form parameters that the SDK would not send and that are added to its own
     * @param within when to give up on an answer
     */
    SingleShotHttpClient(TwilioHttp http, Map<String, String> leftOut, Duration within) {
        this.http = http;
        this.leftOut = leftOut;
        this.within = within;
    }

    /** What the latest request came to; null if the SDK gave up before it made one. */
    @Nullable
    Exchange last() {
        return last;
    }

    @Override
    public Response reliableRequest(Request request) {
        return makeRequest(request);
    }

    @Override
    public Response reliableRequest(Request request, int[] retryCodes, int retries, long delayMillis) {
        return makeRequest(request);
    }

    @Override
    public Response makeRequest(Request request) {
        leftOut.forEach((name, value) -> request.getPostParams().put(name, List.of(value)));
        Exchange exchange = http.execute(request, within);
        last = exchange;
        if (exchange instanceof Exchange.Answered answered) {
            return new Response(answered.body(), answered.status(), NO_HEADERS);
        }
        Exception cause =
                exchange instanceof Exchange.NotSent notSent ? notSent.cause() : ((Exchange.Lost) exchange).cause();
        throw new ApiException(cause.toString(), cause);
    }
}
