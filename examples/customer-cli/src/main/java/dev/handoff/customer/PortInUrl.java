package dev.handoff.customer;

/** Twilio signs a URL with its port or without it, depending on scheme and product; a host has to believe both. */
final class PortInUrl {

    private PortInUrl() {}

    /** Without the port that the URL has, or with the scheme's default one. */
    static String toggled(String url) {
        int host = url.indexOf("://") + 3;
        int end = url.indexOf('/', host) < 0 ? url.length() : url.indexOf('/', host);
        String authority = url.substring(host, end);
        String changed = authority.matches(".*:[0-9]+")
                ? authority.substring(0, authority.lastIndexOf(':'))
                : authority + (url.startsWith("http:") ? ":80" : ":443");
        return url.substring(0, host) + changed + url.substring(end);
    }
}
