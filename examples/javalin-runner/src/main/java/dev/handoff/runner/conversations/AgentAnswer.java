package dev.handoff.runner.conversations;

import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.Media;
import dev.handoff.model.Template;
import dev.handoff.runner.http.RequestBody;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what an agent wants to say. */
final class AgentAnswer {
    private static final int MOST_MEDIA = 10;

    private AgentAnswer() {}

    static Content read(RequestBody body, Conversation conversation) {
        List<String> urls = body.texts("mediaUrls");
        if (urls.size() > MOST_MEDIA) {
            throw Answers.badContent("a message takes " + MOST_MEDIA + " files at most", conversation);
        }
        for (String url : urls) {
            if (!isWebAddress(url)) {
                throw Answers.badContent("'mediaUrls' must be http:// or https:// URLs", conversation);
            }
        }
        List<Media> media = urls.stream().map(url -> new Media(url, null)).toList();
        return new Content(body.text("text"), media, template(body.object("template"), conversation));
    }

    private static @Nullable Template template(@Nullable RequestBody template, Conversation conversation) {
        if (template == null) {
            return null;
        }
        String contentSid = template.text("contentSid");
        if (contentSid == null || contentSid.isBlank()) {
            throw Answers.badContent("'template' needs its contentSid", conversation);
        }
        return new Template(contentSid, template.plainValues("variables"));
    }

    private static boolean isWebAddress(String url) {
        try {
            URI uri = new URI(url);
            return uri.getHost() != null
                    && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
