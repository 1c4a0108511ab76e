package dev.handoff.customer;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "status",
        description = {
            "Reports how far a message of the host's has come.",
            "The host writes ids of its own into the query of its callback URL, as StatusCallback of a send shows; give "
                    + "them here, or the query as a whole."
        },
        footer = {
            "%nExamples:",
            "  handoff-customer status SM2ee0b79727d98d992081735d3f17bd7f delivered",
            "  handoff-customer status SM2ee0b79727d98d992081735d3f17bd7f queued sent delivered read --shuffle --repeat 2",
            "  handoff-customer status SM2ee0b79727d98d992081735d3f17bd7f failed --error-code 63016 "
                    + "--query 'message=…&attempt=…'"
        })
final class StatusCommand extends SendingCommand {

    @Parameters(index = "0", paramLabel = "SID", description = "The message: SM… or MM…")
    private String sid = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "STATUS",
            description = "accepted, scheduled, queued, sending, sent, delivered, read, failed, undelivered, canceled, "
                    + "or any other word; several are sent in the order given")
    private List<String> statuses = List.of();

    @Option(names = "--shuffle", description = "In an order left to chance")
    private boolean shuffle;

    @Option(names = "--seed", paramLabel = "N", description = "Of the shuffling, to have an order again")
    private @Nullable Long seed;

    @Option(names = "--repeat", paramLabel = "N", description = "Each of them so often (default: 1)")
    private int repeat = 1;

    @Option(names = "--error-code", paramLabel = "CODE", description = "Twilio's, such as 63016")
    private @Nullable Integer errorCode;

    @Option(names = "--tenant", paramLabel = "ID", description = "The host's tenant, for the query")
    private @Nullable String tenant;

    @Option(names = "--message", paramLabel = "ID", description = "The host's id of the message, for the query")
    private @Nullable String message;

    @Option(names = "--attempt", paramLabel = "ID", description = "The host's id of the send, for the query")
    private @Nullable String attempt;

    @Option(names = "--query", paramLabel = "QUERY", description = "The whole query instead, as it is to be signed")
    private @Nullable String query;

    private final Terminal terminal;

    StatusCommand(Terminal terminal) {
        super(terminal);
        this.terminal = terminal;
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        if (repeat < 1) {
            throw target().usage("--repeat must be 1 or more, not " + repeat);
        }
        List<Planned> planned = new ArrayList<>();
        for (String word : words()) {
            // The host wrote the message, so it is the sender here.
            StatusReport report =
                    new StatusReport(customer.account(), sid, word, customer.to(), customer.from(), errorCode);
            Delivery delivery = host.status("status " + sid + " " + word, report.form(), wholeQuery());
            planned.add(new Planned(delivery, Expectation.REPORTED));
        }
        return planned;
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        for (String status : statuses) {
            words.addAll(Collections.nCopies(repeat, status));
        }
        if (shuffle) {
            long used = seed == null ? new Random().nextLong() : seed;
            terminal.out().println("shuffled with --seed " + used);
            Collections.shuffle(words, new Random(used));
        }
        return words;
    }

    private String wholeQuery() {
        if (query != null) {
            if (tenant != null || message != null || attempt != null) {
                throw target().usage("--query is the whole query: leave out --tenant, --message and --attempt");
            }
            String whole = query.replaceFirst("^\\?", "");
            if (!isQuery(whole)) {
                throw target().usage("--query is no query of a URL: " + query);
            }
            return whole;
        }
        StringJoiner joined = new StringJoiner("&");
        add(joined, "tenant", tenant);
        add(joined, "message", message);
        add(joined, "attempt", attempt);
        return joined.toString();
    }

    private static boolean isQuery(String text) {
        try {
            return text.equals(new URI("?" + text).getRawQuery());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static void add(StringJoiner joined, String name, @Nullable String value) {
        if (value != null) {
            joined.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }
}
