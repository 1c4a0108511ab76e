package dev.handoff.customer;

import dev.handoff.twilio.testing.FakeMessage;
import java.util.ArrayList;
import java.util.List;

/** A message of the host's, as its recipient sees it. */
final class HeardMessage {

    private HeardMessage() {}

    static String of(FakeMessage message, Customer customer) {
        List<String> lines = new ArrayList<>();
        if (!message.body().isEmpty()) {
            message.body().lines().map(OneLine::visible).forEach(lines::add);
        }
        for (String url : message.mediaUrls()) {
            lines.add("[file " + OneLine.visible(url) + "]");
        }
        for (String template : message.parameters().getOrDefault("ContentSid", List.of())) {
            String variables = String.join("", message.parameters().getOrDefault("ContentVariables", List.of()));
            lines.add("[template " + OneLine.visible(template + " " + variables).strip() + "]");
        }
        String to = message.to().equals(customer.from()) ? "" : "(to " + OneLine.visible(message.to()) + ") ";
        return "◀ " + to + String.join(System.lineSeparator() + "  ", lines);
    }
}
