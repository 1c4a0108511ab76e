package dev.handoff.model;

import org.jspecify.annotations.Nullable;

/**
 * One attached file.
 *
 * @param url where it can be fetched
 * @param contentType its MIME type, where known
 */
public record Media(String url, @Nullable String contentType) {}
