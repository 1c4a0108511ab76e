package dev.handoff.machine;

import org.jspecify.annotations.Nullable;

/**
 * What keeps a command from having a wrong or a second effect (I11).
 *
 * @param epoch the control epoch on the caller's screen; the command is refused when control has changed since. Null
 *     not to check
 * @param commandId the same id has one effect: for 24 hours its repetition is told the first result. Null for none
 */
public record Guard(@Nullable Long epoch, @Nullable String commandId) {
    /** No guard. */
    public static final Guard NONE = new Guard(null, null);

    /** Refuses the command when control has changed since this epoch. */
    public static Guard epoch(long onScreen) {
        return new Guard(onScreen, null);
    }

    /** Gives the command a name by which its repetition is known. */
    public Guard commandId(String id) {
        return new Guard(epoch, id);
    }
}
