package dev.handoff.model;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A message that the channel's provider has approved in advance.
 *
 * @param id the provider's name for it (Twilio: the ContentSid)
 * @param variables its placeholders' values, in the order of their names: the same template reads the same in every
 *     process, which is how a repeated command is known
 */
public record Template(String id, Map<String, String> variables) {
    public Template {
        variables = Collections.unmodifiableMap(new TreeMap<>(variables));
    }
}
