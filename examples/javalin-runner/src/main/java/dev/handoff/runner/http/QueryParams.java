package dev.handoff.runner.http;

import io.javalin.http.Context;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads query parameters. An empty one counts as missing; one that cannot be read is a 400. */
public final class QueryParams {

    private QueryParams() {}

    public static @Nullable String text(Context ctx, String name) {
        String query = ctx.queryString();
        if (query != null && !PercentEncoding.isReadable(query)) {
            throw Problem.unreadable("the query has escapes that are not UTF-8 in hex");
        }
        String value = ctx.queryParam(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** How many items at most: 1 or more; what is over {@code most} is taken as {@code most}, so pages may be shorter. */
    public static int limit(Context ctx, int otherwise, int most) {
        Long limit = number(ctx, "limit", 1);
        return limit == null ? otherwise : (int) Math.min(limit, most);
    }

    /** A place in a sequence: 0 or more, 0 when missing. */
    public static long after(Context ctx) {
        Long after = number(ctx, "after", 0);
        return after == null ? 0 : after;
    }

    public static <E extends Enum<E>> @Nullable E constant(Context ctx, String name, Class<E> type) {
        String value = text(ctx, name);
        if (value == null) {
            return null;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        throw Problem.unreadable("'" + name + "' must be one of " + Arrays.toString(type.getEnumConstants()));
    }

    private static @Nullable Long number(Context ctx, String name, long least) {
        String value = text(ctx, name);
        if (value == null) {
            return null;
        }
        try {
            if (value.matches("[0-9]+") && Long.parseLong(value) >= least) {
                return Long.parseLong(value);
            }
        } catch (NumberFormatException e) {
            // told below, together with a number that is too small
        }
        throw Problem.unreadable("'" + name + "' must be a whole number from " + least);
    }
}
