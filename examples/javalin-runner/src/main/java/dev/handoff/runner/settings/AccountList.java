package dev.handoff.runner.settings;

import dev.handoff.model.AgentRole;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads {@code id:role:token,…}, and makes agents up for a first look. */
final class AccountList {
    private static final String NAME = "HANDOFF_AGENTS";
    private static final int SHORTEST_TOKEN = 16;
    private static final int DEMO_TOKEN_BYTES = 24;

    private AccountList() {}

    /**
     * The accounts in a list; what is wrong with it goes to {@code problems}. Nothing of an entry is repeated there: where
     * its parts are in the wrong order, any of them may be the token.
     */
    static List<AgentAccount> parse(String list, List<String> problems) {
        List<AgentAccount> accounts = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Set<String> tokens = new HashSet<>();
        String[] entries = list.split(",", -1);
        for (int i = 0; i < entries.length; i++) {
            String which = NAME + ": entry " + (i + 1);
            String[] parts = entries[i].strip().split(":", 3);
            if (parts.length < 3) {
                problems.add(which + " is not id:role:token");
                continue;
            }
            String id = parts[0].strip();
            String token = parts[2].strip();
            Optional<AgentRole> role = role(parts[1].strip());
            if (!id.matches("[A-Za-z0-9._@+-]{1,64}")) {
                problems.add(which + ": the id must be 1 to 64 letters, digits or . _ @ + -");
            } else if (!ids.add(id)) {
                problems.add(which + ": the id is an earlier entry's too");
            }
            if (role.isEmpty()) {
                problems.add(which + ": the role must be agent, supervisor or admin");
            }
            if (token.length() < SHORTEST_TOKEN) {
                problems.add(which + ": the token has fewer than " + SHORTEST_TOKEN + " characters");
            } else if (!token.matches("[\\x21-\\x7e]+")) {
                problems.add(which + ": the token has characters that an HTTP header cannot carry");
            } else if (!tokens.add(token)) {
                problems.add(which + ": the token is an earlier entry's too");
            }
            role.ifPresent(known -> accounts.add(new AgentAccount(id, known, token)));
        }
        return accounts;
    }

    /** Two agents, a supervisor and an admin, with fresh random tokens. */
    static List<AgentAccount> demo() {
        SecureRandom random = new SecureRandom();
        return List.of(
                demo("ana", AgentRole.AGENT, random),
                demo("bia", AgentRole.AGENT, random),
                demo("sam", AgentRole.SUPERVISOR, random),
                demo("eva", AgentRole.ADMIN, random));
    }

    private static AgentAccount demo(String id, AgentRole role, SecureRandom random) {
        byte[] secret = new byte[DEMO_TOKEN_BYTES];
        random.nextBytes(secret);
        return new AgentAccount(
                id, role, Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    private static Optional<AgentRole> role(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "agent" -> Optional.of(AgentRole.AGENT);
            case "supervisor" -> Optional.of(AgentRole.SUPERVISOR);
            case "admin" -> Optional.of(AgentRole.ADMIN);
            default -> Optional.empty();
        };
    }
}
