package dev.handoff.customer;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The credentials under the names that hosts know them by, so that one environment serves both. */
record EnvironmentDefaults(Map<String, String> environment) implements IDefaultValueProvider {

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        return switch (option.longestName()) {
            case "--token" -> environment.get("TWILIO_AUTH_TOKEN");
            case "--account" -> environment.get("TWILIO_ACCOUNT_SID");
            default -> null;
        };
    }
}
