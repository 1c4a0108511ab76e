package dev.handoff.customer;

import java.net.URLConnection;

/** What a file is, as far as the ending of its URL tells. */
record MediaKind(String contentType, String messageType) {

    static MediaKind of(String url) {
        String path = url.split("[?#]", 2)[0];
        String type = URLConnection.guessContentTypeFromName(path);
        if (type == null) {
            // The platform's table knows neither voice notes nor stickers.
            type = path.endsWith(".ogg") ? "audio/ogg" : path.endsWith(".webp") ? "image/webp" : "image/jpeg";
        }
        String family = type.substring(0, type.indexOf('/'));
        boolean played = family.equals("image") || family.equals("audio") || family.equals("video");
        return new MediaKind(type, played ? family : "document");
    }
}
