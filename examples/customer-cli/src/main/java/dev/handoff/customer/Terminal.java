package dev.handoff.customer;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where the tool is run. UTF-8 throughout, whatever the locale says: customers write in every script, and containers often
 * have no locale.
 *
 * @param out prints whole lines; safe for several threads
 */
record Terminal(BufferedReader in, PrintWriter out, PrintWriter err, Map<String, String> environment) {

    static Terminal ofProcess() {
        return new Terminal(
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                System.getenv());
    }
}
