package dev.handoff.policy;

import org.jspecify.annotations.Nullable;

/**
 * What the customer is told when control changes hands: one SYSTEM message for each such event, in the same commit,
 * never suppressed. A null text is not said.
 *
 * @param waiting when the conversation goes to a human and nobody holds it yet
 * @param backWithBot when an agent gives it back to the bot
 * @param releasedAfterTimeout when nobody took or answered it in time: an apology
 */
public record Notices(
        @Nullable String waiting,
        @Nullable String backWithBot,
        @Nullable String releasedAfterTimeout) {

    /** Brazilian Portuguese: the default. */
    public static Notices portuguese() {
        return new Notices(
                "Vou chamar uma pessoa.",
                "Você voltou ao assistente.",
                "Desculpe, ninguém pôde atender agora. Você voltou ao assistente.");
    }

    /** English. */
    public static Notices english() {
        return new Notices(
                "I am calling a person.",
                "You are back with the assistant.",
                "Sorry, nobody could take this now. You are back with the assistant.");
    }

    /** Spanish. */
    public static Notices spanish() {
        return new Notices(
                "Voy a llamar a una persona.",
                "Has vuelto con el asistente.",
                "Lo sentimos, nadie pudo atenderte ahora. Has vuelto con el asistente.");
    }

    /** Nothing is said. */
    public static Notices off() {
        return new Notices(null, null, null);
    }
}
