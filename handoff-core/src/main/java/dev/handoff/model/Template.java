package dev.handoff.model;

import java.util.Map;

/**
 * A message that the channel's provider has approved in advance.
 *
 * @param id the provider's name for it (Twilio: the ContentSid)
 * @param variables its placeholders' values
 */
public record Template(String id, Map<String, String> variables) {
    public Template {
        variables = Map.copyOf(variables);
    }
}
