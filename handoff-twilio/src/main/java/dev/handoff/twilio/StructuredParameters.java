package dev.handoff.twilio;

import dev.handoff.model.Structured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Twilio's names for what is more than text and files. Whatever the parameters hold, reading them never fails. */
final class StructuredParameters {

    private StructuredParameters() {}

    static List<Structured> in(Map<String, String> parameters) {
        List<Structured> found = new ArrayList<>();
        String repliedTo = filled(parameters, "OriginalRepliedMessageSid");
        Structured choice = choice(parameters, repliedTo);
        if (choice != null) {
            found.add(choice);
        }
        Structured location = Structured.Location.parse(
                parameters.get("Latitude"),
                parameters.get("Longitude"),
                filled(parameters, "Label"),
                filled(parameters, "Address"));
        if (location != null) {
            found.add(location);
        }
        String form = filled(parameters, "InteractiveData");
        if (form != null) {
            found.add(new Structured.Form(form));
        }
        if (choice == null && repliedTo != null) {
            found.add(new Structured.Reply(repliedTo));
        }
        String ad = filled(parameters, "ReferralSourceId");
        String url = filled(parameters, "ReferralSourceUrl");
        if (ad != null || url != null) {
            found.add(new Structured.Referral(
                    ad, url, filled(parameters, "ReferralHeadline"), filled(parameters, "ReferralBody")));
        }
        return found;
    }

    private static @Nullable Structured choice(Map<String, String> parameters, @Nullable String repliedTo) {
        String button = filled(parameters, "ButtonText");
        if (button != null) {
            return new Structured.Choice(filled(parameters, "ButtonPayload"), button, repliedTo);
        }
        String row = filled(parameters, "ListTitle");
        return row == null ? null : new Structured.Choice(filled(parameters, "ListId"), row, repliedTo);
    }

    private static @Nullable String filled(Map<String, String> parameters, String name) {
        String value = parameters.get(name);
        return value == null || value.isBlank() ? null : value;
    }
}
